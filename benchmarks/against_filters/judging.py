"""Run methods on a clip and measure what they made of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

import vidrestore
from benchmarks.against_filters import media
from benchmarks.against_filters.crops import crops_of
from benchmarks.against_filters.measures import MeshReader, Reference, measured
from benchmarks.against_filters.media import Pictures
from benchmarks.against_filters.methods import Method
from benchmarks.against_filters.pictures import write_sheets
from benchmarks.against_filters.store import Figures, WornClip, fingerprint
from vidrestore.measure import IdentityEmbedder
from vidrestore.picture.similarity import similarity
from vidrestore.picture.template import template

_HERE = Path(__file__).parent
_MEASURES = Path(vidrestore.__file__).parent / "measure"


@dataclass(frozen=True)
class Judge:
    """Measures methods; with frames, writes pictures of these too.

    Attributes:
        methods: from left to right.
        frames: numbers of those that pictures are written of.
        sheets: folder of the pictures.
        reader: of face meshes, if there is one.
    """

    methods: Sequence[Method]
    frames: Sequence[int]
    sheets: Path
    reader: MeshReader | None

    def judge(self, clip: WornClip) -> dict[str, Figures]:
        """Figures by method."""
        made: dict[str, Pictures] = {}

        def crops(method: Method) -> Pictures:
            if method.name not in made:
                made[method.name] = crops_of(method.run(clip), clip.landmarks)
            return made[method.name]

        reference = _Late(clip)
        judging = fingerprint([_HERE / "measures", _HERE / "crops.py", _MEASURES])
        judging += "" if self.reader is None else "-mesh"
        results = {
            method.name: clip.figures(
                method.name,
                f"{method.made_by}-{judging}",
                lambda method=method: measured(crops(method), reference.value, self.reader),
            )
            for method in self.methods
        }
        if self.frames:
            shown = {method.name: crops(method) for method in self.methods}
            write_sheets({**shown, "truth": clip.truth}, self.frames, self.sheets, clip.name)
        return results


class _Late:
    """A clip's reference, made when something is to be measured."""

    def __init__(self, clip: WornClip) -> None:
        self._clip = clip

    @cached_property
    def value(self) -> Reference:
        clip = self._clip
        worn = crops_of(media.read(clip.file), clip.landmarks)
        steps = np.gradient(clip.landmarks.mean(axis=1), axis=0)
        crop_from_frame = similarity(clip.landmarks, template("gpen", clip.truth.shape[1]))
        motion = np.einsum("tij,tj->ti", crop_from_frame[:, :, :2], steps)
        landmarks = np.einsum("tij,tkj->tki", crop_from_frame[:, :, :2], clip.landmarks)
        landmarks += crop_from_frame[:, None, :, 2]
        return Reference(clip.truth, worn, landmarks, motion, IdentityEmbedder())
