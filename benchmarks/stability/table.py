"""Per-frame against default: ratios over all clips, as a table and as JSON."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from rich.table import Table

Floats = NDArray[np.float64]

# Clip to variant to measure to value; NaN where a clip says nothing about a measure.
Results = Mapping[str, Mapping[str, Mapping[str, float]]]

BASE = "per-frame"

# What sets the measures of one variant against the base's: over clips, ratio of the means or mean
# of the differences; "own" is the mean of the variant's own values, "worst" their worst.
SUMMARY: tuple[tuple[str, str, str], ...] = (
    ("jitter", "ratio", "<= 0.15"),
    ("lag", "own", "<= 0.25 px"),
    ("error", "ratio", "<= 0.85"),
    ("error at ends", "ratio", "<= 1.1"),
    ("boil", "ratio", "<= 0.30"),
    ("warp error", "ratio", "<= 0.60"),
    ("PSNR", "difference", ">= 0 dB"),
    ("sharpness", "ratio", ">= 0.95"),
    ("mouth PSNR", "difference", ">= 0 dB"),
    ("settled", "worst", ">= -0.3 dB"),
    ("tracks", "own", "1"),
)


def summary(results: Results, variant: str) -> dict[str, float]:
    """What ``SUMMARY`` lists, for a variant; measures that no clip has are left out."""
    told = {}
    for measure, kind, _ in SUMMARY:
        pairs = [
            (by_variant[BASE][measure], by_variant[variant][measure])
            for by_variant in results.values()
            if measure in by_variant[variant] and measure in by_variant[BASE]
        ]
        known = np.array([pair for pair in pairs if np.isfinite(pair).all()]).reshape(-1, 2)
        if len(known):
            told[measure] = _COMBINED[kind](known)
    return told


def per_clip(results: Results, variant: str) -> Table:
    """Rows of clips: per-frame's value, then the variant's."""
    shown = Table(title=f"{BASE} / {variant}")
    shown.add_column("clip")
    measures = [name for name, _, _ in SUMMARY]
    for name in measures:
        shown.add_column(name, justify="right")
    for clip, by_variant in results.items():
        cells = []
        for name in measures:
            base, mine = (by_variant[v].get(name, float("nan")) for v in (BASE, variant))
            cells.append(_pair(name, base, mine))
        shown.add_row(clip, *cells)
    return shown


def summaries(results: Results, variants: Sequence[str]) -> Table:
    """Rows of measures, a column for each variant."""
    shown = Table(title=f"against {BASE}, over {len(results)} clips")
    for name in ("measure", "how", "wanted"):
        shown.add_column(name)
    told = {variant: summary(results, variant) for variant in variants}
    for variant in variants:
        shown.add_column(variant, justify="right")
    for measure, kind, wanted in SUMMARY:
        values = [told[variant].get(measure, float("nan")) for variant in variants]
        if np.isfinite(values).any():
            shown.add_row(measure, kind, wanted, *(f"{value:.3f}" for value in values))
    return shown


def _pair(name: str, base: float, mine: float) -> str:
    if np.isnan(mine):
        return ""
    if name in {"lag", "settled", "tracks"}:
        return f"{mine:.2f}"
    return f"{base:.2f} {mine:.2f}"


def _ratio(pairs: Floats) -> float:
    return float(pairs[:, 1].mean() / pairs[:, 0].mean())


def _difference(pairs: Floats) -> float:
    return float((pairs[:, 1] - pairs[:, 0]).mean())


def _own(pairs: Floats) -> float:
    return float(pairs[:, 1].mean())


def _worst(pairs: Floats) -> float:
    return float(pairs[:, 1].min())


_COMBINED: dict[str, Callable[[Floats], float]] = {
    "ratio": _ratio,
    "difference": _difference,
    "own": _own,
    "worst": _worst,
}
