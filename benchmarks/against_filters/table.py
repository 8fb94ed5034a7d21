"""Figures of many clips as tables: means by kind and group, one row a method."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from rich.table import Table

from benchmarks.against_filters.store import Figures

Results = Mapping[str, Mapping[str, Figures]]
"""Figures by clip (KIND/GROUP/CLIP) and method."""

_DECIMALS = {"psnr": 2, "psnr eyes": 2, "psnr mouth": 2}


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


def rows(results: Results) -> list[Row]:
    """By kind and group in the order of the clips; only clips that have all methods count."""
    methods = list(dict.fromkeys(name for figures in results.values() for name in figures))
    whole = {clip: f for clip, f in results.items() if all(m in f for m in methods)}
    sections: dict[tuple[str, str], list[str]] = {}
    for clip in whole:
        kind, group, _ = clip.split("/", 2)
        sections.setdefault((kind, group), []).append(clip)
    return [
        Row(
            kind,
            group,
            method,
            len(clips),
            means([whole[clip][method] for clip in clips]),
            sum(whole[clip][method]["psnr"] < whole[clip]["input"]["psnr"] for clip in clips),
        )
        for (kind, group), clips in sections.items()
        for method in methods
    ]


def means(several: Sequence[Figures]) -> Figures:
    """Mean of each measure, over those that have it."""
    names = dict.fromkeys(name for figures in several for name in figures)
    return {name: float(np.mean([f[name] for f in several if name in f])) for name in names}


def shown(found: Sequence[Row]) -> Table:
    """For a terminal."""
    measures = list(dict.fromkeys(name for row in found for name in row.means))
    table = Table()
    for name in ("wear", "clips", "method"):
        table.add_column(name)
    for name in (*measures, "below input"):
        table.add_column(name, justify="right")
    before = None
    for row in found:
        here = (row.kind, row.group)
        if before is not None and before != here:
            table.add_section()
        label = ("", "") if before == here else (row.kind, f"{row.clips} {row.group}")
        table.add_row(*label, row.method, *_cells(row, measures), f"{row.below}/{row.clips}")
        before = here
    return table


def _cells(row: Row, measures: Sequence[str]) -> list[str]:
    return [
        f"{row.means[name]:.{_DECIMALS.get(name, 3)}f}" if name in row.means else ""
        for name in measures
    ]
