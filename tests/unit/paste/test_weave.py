from __future__ import annotations

from dataclasses import replace

import pytest

from tests.made_pictures.faces import frame_format, paint, skin
from vidrestore.datatypes import LeftAlone, PastedFrame, Reason, Region
from vidrestore.paste import Weave

SHARP, SMALL = LeftAlone(1, Reason.SHARP), LeftAlone(1, Reason.SMALL)
HIGH, LOW = Region(1, 0, 0, 8, 8, 0.5), Region(1, 2, 2, 10, 12, 0.25)


@pytest.mark.parametrize(
    ("first", "second", "regions", "left"),
    [
        ((HIGH, None), (LOW, None), (Region(1, 0, 0, 10, 12, 0.5),), ()),
        ((HIGH, None), (None, SHARP), (HIGH,), ()),
        ((None, SHARP), (LOW, None), (LOW,), ()),
        ((None, SHARP), (None, SMALL), (), (SHARP,)),
        ((None, None), (None, SMALL), (), (SMALL,)),
    ],
)
def test_a_woven_frame_tells_of_a_face_once(first, second, regions, left):
    weave, frame = Weave(), paint(skin, frame_format("yuv420p"))
    items = [
        PastedFrame(
            replace(frame, index=index, field=field),
            index == 0,
            () if region is None else (region,),
            () if reason is None else (reason,),
        )
        for index, (field, (region, reason)) in enumerate(
            zip(("top", "bottom"), (first, second), strict=True)
        )
    ]
    (woven,) = [out for item in items for out in weave.push(item)]
    assert woven.regions == regions
    assert woven.left == left
