"""Whether lids and mouths stay in the state that they are in: shut eyes shut, closed lips closed.

    python -m training.states --portraits PORTRAITS --model default --out training/runs/states

Validation portraits are drawn with eyes shut, half shut and open, and with mouth closed, open, and
showing both rows of teeth, worn at three levels, and restored. The state of a result is that of the
nearest of the truths of the same person. A pupil counts as painted on a lid where the place of the
open eye's iris is darker than both the lid and what was worn.
"""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from training.evaluate import Method, Product
from training.judging.kinds import LEVELS, SIZE, worn
from training.samples.expressions import Motion, Puppet
from training.samples.portraits import MARGIN, Portrait, load_portraits
from vidrestore.config import RestoreConfig
from vidrestore.picture.luma import LUMA
from vidrestore.restore.loading import load_model

Crop = NDArray[np.uint8]
_VIEW = (MARGIN, MARGIN, MARGIN + SIZE, MARGIN + SIZE)
_LIDS = {"open": 0.0, "half": 0.55, "shut": 1.0}
_MOUTHS = {"closed": (-1.0, 0.0), "opened": (0.4, 0.0), "both rows": (0.25, 1.0)}
"""How far mouths are opened, and how much lower teeth show."""
_DARKER = 12.0
"""Levels by which a pupil is darker than the lid around it, at least."""
_SMOOTH = 1.5


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """A person in every state of a feature.

    Attributes:
        truths: (512, 512, 3) crops by state.
        place: rows and columns of the feature.
        irises: (512, 512) bool, where the irises of open eyes are; only of lids.
    """

    truths: dict[str, Crop]
    place: tuple[slice, slice]
    irises: NDArray[np.bool_] | None = None


def lids_of(portrait: Portrait, puppet: Puppet) -> Drawn:
    """A person's eyes in every state."""
    assert portrait.mesh is not None
    still = _still()
    truths = {
        state: puppet.frame(replace(still, lids=np.full((1, 2), lid)), 0, _VIEW).image
        for state, lid in _LIDS.items()
    }
    points, groups = portrait.mesh.points - MARGIN, portrait.mesh.groups
    eyes = [i for side in "rl" for lid in ("upper", "lower") for i in groups[f"{lid}_lid_{side}"]]
    y, x = np.mgrid[:SIZE, :SIZE]
    irises = np.zeros((SIZE, SIZE), bool)
    for side in "rl":
        middle, *rim = points[groups[f"iris_{side}"]]
        radius = 0.7 * np.linalg.norm(np.array(rim) - middle, axis=1).mean()
        irises |= np.hypot(x - middle[0], y - middle[1]) < radius
    return Drawn(truths, _box(points[eyes], 12), irises)


def mouths_of(portrait: Portrait, puppet: Puppet) -> Drawn:
    """A person's mouth in every state."""
    assert portrait.mesh is not None
    truths = {
        state: puppet.frame(
            replace(_still(), mouth=np.array([mouth]), lower_teeth=lower), 0, _VIEW
        ).image
        for state, (mouth, lower) in _MOUTHS.items()
    }
    points, groups = portrait.mesh.points - MARGIN, portrait.mesh.groups
    lips = [i for part in ("upper", "lower") for i in groups[f"lips_out_{part}"]]
    return Drawn(truths, _box(points[lips], 16))


def _still() -> Motion:
    pairs, nothing = np.zeros((1, 2)), np.zeros(1)
    return Motion(pairs, pairs, nothing, nothing, nothing, np.eye(3)[None])


def _box(points: NDArray[np.float64], room: int) -> tuple[slice, slice]:
    (x0, y0), (x1, y1) = points.min(0) - room, points.max(0) + room
    return slice(max(0, int(y0)), int(y1) + 1), slice(max(0, int(x0)), int(x1) + 1)


def smooth(crop: Crop) -> NDArray[np.float32]:
    """(512, 512) luma without its grain."""
    return cv2.GaussianBlur(crop.astype(np.float32) @ LUMA, (0, 0), _SMOOTH)


def state_of(result: Crop, drawn: Drawn) -> str:
    """Which truth is nearest, brightness and contrast of the place aside."""

    def pattern(crop: Crop) -> NDArray[np.float32]:
        luma = smooth(crop)[drawn.place]
        return np.asarray((luma - luma.mean()) / (luma.std() + 1.0))

    mine = pattern(result)
    apart = {
        state: float(np.square(mine - pattern(truth)).mean())
        for state, truth in drawn.truths.items()
    }
    return min(apart, key=apart.__getitem__)


def paints_pupil(result: Crop, source: Crop, drawn: Drawn) -> bool:
    """Whether shut lids got a dark spot that neither the truth nor what was worn has."""
    assert drawn.irises is not None
    shown, seen, true = (
        smooth(x)[drawn.irises].mean() for x in (result, source, drawn.truths["shut"])
    )
    return bool(shown < min(seen, true) - _DARKER)


def write_rows(rows: list[Crop], path: Path) -> None:
    """Write lines of pictures, one below the other, as a JPEG."""
    widest = max(row.shape[1] for row in rows)
    padded = [np.pad(row, ((0, 0), (0, widest - row.shape[1]), (0, 0))) for row in rows]
    cv2.imwrite(str(path), np.vstack(padded)[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 92])


def judge(
    portraits: list[Portrait], model: Method, sheets: Path | None
) -> dict[str, dict[str, list[bool]]]:
    """By level and kind ("lids shut", "mouth closed", ...): of each person, whether it was right.

    Beside the model's stand the worn picture's own ("... worn") and "pupil on lid".
    """
    table: dict[str, dict[str, list[bool]]] = {level: defaultdict(list) for level in LEVELS}
    for number, portrait in enumerate(portraits):
        if portrait.mesh is None or not portrait.mesh.shuts:
            continue
        puppet = Puppet(portrait.pixels, portrait.mesh.points, portrait.mesh.groups)
        rows = []
        for feature, drawn in (
            ("lids", lids_of(portrait, puppet)),
            ("mouth", mouths_of(portrait, puppet)),
        ):
            for state, truth in drawn.truths.items():
                row = [truth]
                for level in LEVELS:
                    source = worn(truth, level, number)
                    result = model(source)
                    kinds = table[level]
                    kinds[f"{feature} {state}"].append(state_of(result, drawn) == state)
                    kinds[f"{feature} {state} worn"].append(state_of(source, drawn) == state)
                    if state == "shut":
                        kinds["pupil on lid"].append(paints_pupil(result, source, drawn))
                    row += [source, result]
                rows.append(np.hstack([x[drawn.place] for x in row]))
        if sheets is not None:
            write_rows(rows, sheets / f"{portrait.name}.jpg")
        print(f"{number + 1} of {len(portraits)}", flush=True)
    return table


def summary(table: dict[str, dict[str, list[bool]]]) -> dict[str, Any]:
    """Parts that are right, and of all kinds together."""
    result: dict[str, Any] = {}
    for level, kinds in table.items():
        row = {kind: round(float(np.mean(found)), 3) for kind, found in kinds.items()}
        for name, ending in (("all", False), ("all worn", True)):
            own = [
                x
                for kind, found in kinds.items()
                if kind.endswith(" worn") == ending and kind != "pupil on lid"
                for x in found
            ]
            row[name] = round(float(np.mean(own)), 3)
        result[level] = {**row, "people": len(kinds["lids shut"])}
    return result


def main(argv: list[str] | None = None) -> None:
    """Judge from the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--portraits", type=Path, required=True, help="folder with manifest.json")
    parser.add_argument("--model", default="default", help="catalogue name or weight file")
    parser.add_argument("--out", type=Path, required=True, help="folder for figures and sheets")
    parser.add_argument("--limit", type=int, help="only that many portraits")
    args = parser.parse_args(argv)
    args.out.mkdir(parents=True, exist_ok=True)
    cv2.setNumThreads(1)
    config = RestoreConfig(model=args.model)
    model = Product.of(load_model(config), config)
    portraits = load_portraits(args.portraits, "validation", args.limit)
    result = summary(judge(portraits, model, args.out))
    (args.out / "states.json").write_text(json.dumps(result, indent=1) + "\n")
    for level, row in result.items():
        print(level, json.dumps(row), flush=True)


if __name__ == "__main__":
    main()
