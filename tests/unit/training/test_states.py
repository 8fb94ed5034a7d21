from __future__ import annotations

import cv2
import numpy as np
import pytest

from tests.unit.training.samples.expressions import drawn_face
from training import states
from training.judging.kinds import LEVELS
from training.samples.expressions import Puppet
from training.samples.portraits import Mesh, Portrait

NAMES = drawn_face.groups()


@pytest.fixture(scope="module")
def person() -> Portrait:
    image = cv2.resize(drawn_face.picture(NAMES), (768, 768), interpolation=cv2.INTER_CUBIC)
    points = drawn_face.points(NAMES) * 2
    return Portrait("p", image, np.zeros((5, 2)), Mesh(points, NAMES, shuts=True))


@pytest.fixture(scope="module")
def puppet(person: Portrait) -> Puppet:
    assert person.mesh is not None
    return Puppet(person.pixels, person.mesh.points, person.mesh.groups)


def test_a_state_is_that_of_the_nearest_truth(person: Portrait, puppet: Puppet) -> None:
    for drawn in (states.lids_of(person, puppet), states.mouths_of(person, puppet)):
        for state, truth in drawn.truths.items():
            assert states.state_of(truth, drawn) == state
            darker = (cv2.GaussianBlur(truth, (0, 0), 3.0) * 0.7).astype(np.uint8)
            assert states.state_of(darker, drawn) == state


def test_a_pupil_on_a_lid_is_seen(person: Portrait, puppet: Puppet) -> None:
    drawn = states.lids_of(person, puppet)
    shut = drawn.truths["shut"]
    assert not states.paints_pupil(shut, shut, drawn)
    assert drawn.irises is not None
    painted = shut.copy()
    painted[drawn.irises] = 20
    assert states.paints_pupil(painted, shut, drawn)
    assert not states.paints_pupil(painted, painted, drawn), "it was there before"


def test_every_level_and_state_is_judged(person: Portrait) -> None:
    table = states.judge([person], lambda crop: crop, None)
    assert list(table) == list(LEVELS)
    result = states.summary(table)
    for row in result.values():
        assert row["people"] == 1
        assert row["pupil on lid"] == 0
        assert row["all"] == row["all worn"], "what changes nothing is as right as what it saw"
    assert result["mild"]["all"] == 1.0
