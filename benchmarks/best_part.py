"""How much of the change of faces would have been best, were the truth known.

    python -m benchmarks.against_filters ... --out OUT --variant half:paste.strength=0.5
    python -m benchmarks.best_part OUT/figures.json [--variant half] [--part 0.5] [--figure psnr]

A result is the source and a part of a change, so its squared error is a parabola of that part; the
source, the result and one with a known part of the change tell it. Printed are, for each clip, the
part that is best for it and what that would gain over the result; and for each kind of wear what
that gains on average, and what the best one part for all of its clips does.
"""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

_PARTS = np.linspace(0, 3, 301)
_LEAST = 1e-3  # of the source's squared error, below which no part takes it


@dataclass(frozen=True, slots=True)
class Parabola:
    """Squared error of a clip, the source's being 1: 1 - 2 b p + c p^2 for a part p of the change.

    Attributes:
        b: the slope at none, halved and negative.
        c: the curvature, halved.
    """

    b: float
    c: float

    @classmethod
    def through(cls, source: float, some: float, whole: float, part: float) -> Parabola:
        """From three PSNRs, dB.

        Args:
            source: of the source.
            some: with ``part`` of the change.
            whole: with all of it.
            part: above 0 and below 1.
        """
        at_part, at_whole = (10 ** ((source - each) / 10) for each in (some, whole))
        c = (part * (1 - at_whole) - (1 - at_part)) / (part**2 - part)
        return cls((1 - at_whole + c) / 2, c)

    def gain(self, part: float) -> float:
        """Decibels over the whole change."""
        error, whole = (max(1 - 2 * self.b * p + self.c * p**2, _LEAST) for p in (part, 1.0))
        return float(10 * np.log10(whole / error))

    @property
    def best(self) -> float:
        """The part of the change with the least error, between 0 and three times all of it."""
        return float(max(_PARTS, key=self.gain))


def parabolas(
    clips: Mapping[str, Mapping[str, Mapping[str, float]]], variant: str, part: float, figure: str
) -> dict[str, Parabola]:
    """Of each clip that has the variant.

    Args:
        clips: figures by clip and method, as ``against_filters`` writes them.
        variant: name of the one with a part of the change.
        part: that part.
        figure: "psnr", or one of a place, as "psnr mouth".
    """
    return {
        name: Parabola.through(
            *(methods[each][figure] for each in ("input", variant, "ours")), part
        )
        for name, methods in clips.items()
        if variant in methods
    }


def summary(found: Sequence[Parabola]) -> str:
    """What clips of a kind would gain, a line."""
    each = np.mean([one.gain(one.best) for one in found])
    means = [np.mean([one.gain(part) for one in found]) for part in _PARTS]
    place = int(np.argmax(means))
    return (
        f"the best part of each +{each:.2f} dB; the best for all, {_PARTS[place]:.2f}, "
        f"+{means[place]:.2f} dB"
    )


def main(argv: list[str] | None = None) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("figures", type=Path, help="figures.json of benchmarks.against_filters")
    parser.add_argument("--variant", default="half", help="with a part of the change")
    parser.add_argument("--part", type=float, default=0.5, help="that part, 0..1")
    parser.add_argument("--figure", default="psnr")
    args = parser.parse_args(argv)
    if not 0 < args.part < 1:
        parser.error(f"--part {args.part} must be above 0 and below 1")
    clips = json.loads(args.figures.read_text())["clips"]
    kinds = defaultdict(list)
    for name, one in parabolas(clips, args.variant, args.part, args.figure).items():
        print(f"{name:32} {one.best:5.2f}  {one.gain(one.best):+.2f} dB")
        kinds[name.partition("/")[0]].append(one)
    if not kinds:
        parser.error(f"no clip has a variant {args.variant!r}")
    for kind, found in kinds.items():
        print(f"{kind}: {summary(found)}")


if __name__ == "__main__":
    main()
