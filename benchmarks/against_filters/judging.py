"""Run methods on a clip and measure what they made of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import vidrestore
from benchmarks.against_filters.crops import crops_of
from benchmarks.against_filters.measures import fidelity
from benchmarks.against_filters.media import Pictures
from benchmarks.against_filters.methods import Method
from benchmarks.against_filters.pictures import write_sheets
from benchmarks.against_filters.store import Figures, WornClip, fingerprint

_HERE = Path(__file__).parent
_MEASURES = Path(vidrestore.__file__).parent / "measure"


@dataclass(frozen=True)
class Judge:
    """Measures methods; with frames, writes pictures of these too.

    Attributes:
        methods: from left to right.
        frames: numbers of those that pictures are written of.
        sheets: folder of the pictures.
    """

    methods: Sequence[Method]
    frames: Sequence[int]
    sheets: Path

    def judge(self, clip: WornClip) -> dict[str, Figures]:
        """Figures by method."""
        made: dict[str, Pictures] = {}

        def crops(method: Method) -> Pictures:
            if method.name not in made:
                made[method.name] = crops_of(method.run(clip), clip.landmarks)
            return made[method.name]

        judging = fingerprint([_HERE / "measures", _HERE / "crops.py", _MEASURES])
        results = {
            method.name: clip.figures(
                method.name,
                f"{method.made_by}-{judging}",
                lambda method=method: fidelity(crops(method), clip.truth),
            )
            for method in self.methods
        }
        if self.frames:
            shown = {method.name: crops(method) for method in self.methods}
            write_sheets({**shown, "truth": clip.truth}, self.frames, self.sheets, clip.name)
        return results
