"""Whether a model serves all people alike: its gain by group.

    python -m training.groups --portraits PORTRAITS --model default

A person's gain is the PSNR of the face region over the worn picture's, averaged over the levels of
wear that ``training.evaluate`` has. Labels of the validation people stand in ``people.json``; the
tone of skin is the individual typology angle (Chardon et al., 1991) as the picture shows it, light
included, in thirds. Groups of fewer than eight are too small to tell and are left out.
"""

from __future__ import annotations

import argparse
import json
import math
from pathlib import Path
from typing import NamedTuple

import numpy as np

from training.evaluate import Method, Product, truth_of
from training.judging.kinds import LEVELS, SIZE, worn
from training.samples.portraits import Portrait, load_portraits
from vidrestore import measure
from vidrestore.config import RestoreConfig
from vidrestore.restore.loading import load_model

_LEAST = 8
_LABELS = Path(__file__).parent / "judging" / "people.json"
_TONES = ("darkest third", "middle third", "lightest third")


class Group(NamedTuple):
    """What a group gained.

    Attributes:
        name: of the group.
        people: in it.
        gain: mean, dB.
        error: half the width of the mean's 95 % interval, dB (Student's t is near 2 from eight on;
            2.1 is taken).
    """

    name: str
    people: int
    gain: float
    error: float


def members(portraits: list[Portrait]) -> dict[str, set[str]]:
    """Names of portraits by group; everybody who is not in a labelled group is in its opposite."""
    everybody = {portrait.name for portrait in portraits}
    labels = json.loads(_LABELS.read_text())
    del labels["what"]
    groups = {}
    for label, numbers in labels.items():
        own = {f"p{number}" for number in numbers} & everybody
        groups[label], groups[f"not {label}"] = own, everybody - own
    region = measure.skin_region(SIZE)
    tones = sorted((measure.skin_tone_angle(truth_of(p), region), p.name) for p in portraits)
    for place, tone in enumerate(_TONES):
        part = slice(place * len(tones) // len(_TONES), (place + 1) * len(tones) // len(_TONES))
        groups[f"skin tone, {tone}"] = {name for _, name in tones[part]}
    return groups


def table(gained: dict[str, float], groups: dict[str, set[str]]) -> list[Group]:
    """Every group that is large enough, the one that gained least first.

    Args:
        gained: dB by person.
        groups: people by group.
    """
    rows = []
    for name, people in groups.items():
        own = np.array([gained[person] for person in sorted(people) if person in gained])
        if len(own) >= _LEAST:
            error = 2.1 * float(own.std(ddof=1)) / math.sqrt(len(own))
            rows.append(Group(name, len(own), float(own.mean()), error))
    return sorted(rows, key=lambda row: row.gain)


def gains(portraits: list[Portrait], model: Method) -> dict[str, float]:
    """Gain over the worn picture, dB, by person, averaged over the levels of wear."""
    face, found = measure.face_region(SIZE), {}
    for number, portrait in enumerate(portraits):
        truth, own = truth_of(portrait), []
        for level in LEVELS:
            source = worn(truth, level, number)
            before, after = (measure.psnr(x, truth, face) for x in (source, model(source)))
            own.append(after - before)
        found[portrait.name] = float(np.mean(own))
    return found


def main(argv: list[str] | None = None) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--portraits", type=Path, required=True, help="folder with manifest.json")
    parser.add_argument("--model", default="default", help="catalogue name or weight file")
    args = parser.parse_args(argv)
    portraits = load_portraits(args.portraits, "validation")
    config = RestoreConfig(model=args.model)
    model = Product.of(load_model(config), config)
    rows = table(gains(portraits, model), members(portraits))
    if not rows:
        raise SystemExit(f"no group has {_LEAST} people; name a folder of more portraits")
    print(f"{'group':<28} people   gain, dB")
    for row in rows:
        print(f"{row.name:<28} {row.people:>6}   {row.gain:.2f} +- {row.error:.2f}")
    print(f"least over most: {rows[0].gain / rows[-1].gain:.2f}")


if __name__ == "__main__":
    main()
