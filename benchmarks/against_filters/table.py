"""Figures of many clips: means by kind, group and method, for a terminal and as Markdown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from rich.table import Table

from benchmarks.against_filters.store import Figures

Results = Mapping[str, Mapping[str, Figures]]
"""Figures by clip (KIND/GROUP/CLIP) and method."""

BELOW = "below input"

_NEARNESS = (
    *("psnr", "psnr skin", "psnr eyes", "psnr mouth", "ssim", "ssim eyes", "ssim mouth"),
    *("identity", "features", "vmaf neg", "vmaf", BELOW),
)
_DETAIL = (
    *("sharpness", "sharpness eyes", "sharpness mouth"),
    *("energy", "energy eyes", "energy mouth", "swd"),
)
_TIME = (
    *("flicker", "light", "boil", "lag frames", "lag px"),
    *("eye aspect", "mouth aspect", "gaze", "landmark shift"),
)
PARTS = {
    "How near it is to the truth": _NEARNESS,
    "Detail": _DETAIL,
    "Calm, and what people do": _TIME,
}
BRIEF = (
    *("psnr", "psnr skin", "psnr eyes", "psnr mouth", "identity", "features", "vmaf neg"),
    *("flicker", "light", "eye aspect", "mouth aspect", "gaze", BELOW),
)
_DECIMALS = {
    **dict.fromkeys(("psnr", "psnr skin", "psnr eyes", "psnr mouth", "flicker", "light"), 2),
    **dict.fromkeys(("boil", "lag px"), 2),
    **dict.fromkeys(("features", "lag frames", "landmark shift"), 2),
    **dict.fromkeys(("vmaf", "vmaf neg"), 1),
}


@dataclass(frozen=True)
class Row:
    """A method's means over the clips of one kind and group.

    Attributes:
        kind: of wear.
        group: of clips.
        method: name.
        clips: how many.
        means: by measure.
        below: clips whose face PSNR is below the input's.
    """

    kind: str
    group: str
    method: str
    clips: int
    means: Figures
    below: int

    def cell(self, measure: str) -> str:
        """The measure as text; empty where it says nothing."""
        if measure == BELOW:
            return "" if self.method == "input" else f"{self.below}/{self.clips}"
        if measure not in self.means:
            return ""
        return f"{self.means[measure]:.{_DECIMALS.get(measure, 3)}f}"


def rows(results: Results) -> list[Row]:
    """By kind and group in the order of the clips; only clips that have all methods count."""
    methods = list(dict.fromkeys(name for figures in results.values() for name in figures))
    sections: dict[tuple[str, str], list[Mapping[str, Figures]]] = {}
    for clip, figures in results.items():
        kind, group, _ = clip.split("/", 2)
        if all(method in figures for method in methods):
            sections.setdefault((group, kind), []).append(figures)
    return [
        Row(
            kind,
            group,
            method,
            len(several),
            means([figures[method] for figures in several]),
            sum(f[method]["psnr"] < f["input"]["psnr"] for f in several),
        )
        for (group, kind), several in sorted(sections.items(), key=lambda item: item[0][0])
        for method in methods
    ]


def means(several: Sequence[Figures]) -> Figures:
    """Mean of each measure, over those that have it."""
    names = dict.fromkeys(name for figures in several for name in figures)
    return {name: float(np.mean([f[name] for f in several if name in f])) for name in names}


def shown(found: Sequence[Row], measures: Sequence[str] = BRIEF) -> Table:
    """For a terminal."""
    table = Table()
    for name in ("clips", "wear", "method"):
        table.add_column(name)
    for name in measures:
        table.add_column(name, justify="right")
    before = None
    for row in found:
        here = (row.kind, row.group)
        if before not in {None, here}:
            table.add_section()
        label = ("", "") if before == here else (f"{row.clips} {row.group}", row.kind)
        table.add_row(*label, row.method, *(row.cell(name) for name in measures))
        before = here
    return table


def markdown(found: Sequence[Row]) -> str:
    """All measures, in three tables."""
    return "\n".join(_part(title, found, measures) for title, measures in PARTS.items())


def _part(title: str, found: Sequence[Row], measures: Sequence[str]) -> str:
    known = [n for n in measures if n == BELOW or any(n in row.means for row in found)]
    heads = ["clips", "wear", "method", *known]
    lines = [f"## {title}", "", _line(heads), _line(["---"] * 3 + ["---:"] * len(known))]
    before = None
    for row in found:
        here = (row.kind, row.group)
        label = ["", ""] if before == here else [f"{row.clips} {row.group}", row.kind]
        lines.append(_line([*label, row.method, *(row.cell(name) for name in known)]))
        before = here
    return "\n".join([*lines, ""])


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
