"""Whether irises, teeth and corners of mouths keep the colours and the brightness of the truth.

    python -m benchmarks.colours --portraits FOLDER [--people N] [--model NAME]

Crops of portraits (their meshes lie above the folder) are worn as stills: enlarged from a half, a
quarter and an eighth, with noise and JPEG in between. By wear, mean over the people, for the worn
crop, the network's result with the light and colour of its source on a large scale alone ("large
scale"), and what is pasted ("pasted"): distance of the irises' a* and b* from the truth's, their b*
less the truth's, L* of teeth and of the corners of the mouth less the truth's (of the brightest 5 %
of teeth and the darkest 5 % of corners), and PSNR of face, eyes and mouth. Seeds are the people's
numbers.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from skimage.color import rgb2lab

from benchmarks.degraded import read_manifest
from benchmarks.stability.variants import read_picture
from training.samples.portraits import Mesh, load_meshes
from vidrestore import Config, VidrestoreError
from vidrestore.build import build_engine
from vidrestore.measure import eye_region, face_region, mouth_region, psnr
from vidrestore.paste.consistent import contradicted
from vidrestore.paste.match import matched_difference

Picture = NDArray[np.uint8]
Mask = NDArray[np.bool_]

SIDE = 256
_EDGE, _CROP = 128, 512  # of GPEN's crop in a portrait
# (reduced by, sigma of noise, quality of JPEG) at the small size
WEAR = {"half": (2, 1.5, 85), "quarter": (4, 3.0, 75), "eighth": (8, 3.0, 75)}
COLUMNS = ("iris ab", "iris b", "teeth", "corners", "psnr", "eyes", "mouth")


@dataclass(frozen=True, eq=False)
class Features:
    """(S, S) masks of a crop: irises without pupils, teeth that are seen, corners of the mouth."""

    irises: Mask
    teeth: Mask
    corners: Mask


def features(mesh: Mesh, truth: Picture) -> Features:
    """Where they are in GPEN's crop of a portrait."""
    points = (mesh.points - _EDGE + 0.5) * (SIDE / _CROP) - 0.5
    y, x = np.mgrid[:SIDE, :SIDE]

    def area(*names: str) -> Mask:
        first, second = (points[mesh.groups[name]] for name in names)
        found = np.zeros((SIDE, SIDE), np.uint8)
        outline = np.round(np.concatenate([first, second[::-1]]) * 8).astype(np.int32)
        cv2.fillPoly(found, [outline], 1, shift=3)
        return found > 0

    irises = np.zeros((SIDE, SIDE), bool)
    for eye in "rl":
        centre, *rim = points[mesh.groups[f"iris_{eye}"]]
        radius = np.linalg.norm(np.array(rim) - centre, axis=1).mean()
        away = np.hypot(x - centre[0], y - centre[1]) / radius
        irises |= area(f"upper_lid_{eye}", f"lower_lid_{eye}") & (away < 0.85) & (away > 0.4)
    lab = rgb2lab(truth)
    teeth = area("lips_in_upper", "lips_in_lower") & (lab[..., 0] > 50) & (lab[..., 1] < 16)
    ends = points[mesh.groups["lips_in_upper"]][[0, -1]]
    width = np.linalg.norm(ends[1] - ends[0])
    corners = np.any([np.hypot(x - px, y - py) < 0.09 * width for px, py in ends], axis=0)
    return Features(irises, teeth, corners)


def worn(truth: Picture, kind: str, random: np.random.Generator) -> Picture:
    """A crop as a small, noisy, coded picture shows it when it is enlarged."""
    factor, noise, quality = WEAR[kind]
    side = SIDE // factor
    soft = cv2.GaussianBlur(truth, (0, 0), 0.4 * factor)
    small = cv2.resize(soft, (side, side), interpolation=cv2.INTER_AREA)
    noisy = (small + random.normal(0, noise, small.shape)).round().clip(0, 255).astype(np.uint8)
    _, coded = cv2.imencode(".jpg", noisy[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])
    decoded = np.asarray(cv2.imdecode(coded, cv2.IMREAD_COLOR))[..., ::-1]
    large = cv2.resize(decoded, (SIDE, SIDE), interpolation=cv2.INTER_CUBIC)
    return np.asarray(large, np.uint8)


def figures(picture: Picture, truth: Picture, seen: Features) -> list[float]:
    """In the order of ``COLUMNS``; NaN where a feature is not seen."""
    mine, true = rgb2lab(picture), rgb2lab(truth)
    apart = (mine - true)[seen.irises].mean(axis=0) if seen.irises.any() else np.full(3, np.nan)
    teeth = corners = float("nan")
    if seen.teeth.sum() > 12:
        teeth = np.subtract(*(np.percentile(lab[..., 0][seen.teeth], 95) for lab in (mine, true)))
    if seen.corners.any():
        corners = np.subtract(
            *(np.percentile(lab[..., 0][seen.corners], 5) for lab in (mine, true))
        )
    regions = face_region(SIDE), eye_region(SIDE), mouth_region(SIDE)
    quality = [psnr(picture, truth, region) for region in regions]
    return [float(np.hypot(*apart[1:])), float(apart[2]), float(teeth), float(corners), *quality]


def main(argv: Sequence[str] | None = None) -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--portraits", type=Path, required=True)
    parser.add_argument("--people", type=int, help="at most; all without it")
    parser.add_argument("--model", default=Config().restore.model)
    arguments = parser.parse_args(argv)
    try:
        config = Config().with_options({"restore.model": arguments.model})
        restorer = build_engine(config.restore).restorer
    except VidrestoreError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    meshes = load_meshes(arguments.portraits.parent)
    people = [file for file, _ in read_manifest(arguments.portraits) if file.stem in meshes]
    inside = np.s_[_EDGE : _EDGE + _CROP, _EDGE : _EDGE + _CROP]
    mask = cv2.resize(face_region(SIDE).astype(np.float32), (128, 128))
    print(f"{'':22}" + "".join(f"{name:>9}" for name in COLUMNS))
    for kind in WEAR:
        found: dict[str, list[list[float]]] = {"worn": [], "large scale": [], "pasted": []}
        for number, file in enumerate(people[: arguments.people]):
            whole = read_picture(file)[inside]
            truth = cv2.resize(whole, (SIDE, SIDE), interpolation=cv2.INTER_AREA)
            source = worn(truth, kind, np.random.default_rng(number))
            shown = cv2.resize(source, (restorer.size,) * 2, interpolation=cv2.INTER_AREA)
            drawn = cv2.resize(
                restorer.restore(shown[None])[0], (SIDE, SIDE), interpolation=cv2.INTER_AREA
            )
            matched = matched_difference(source, drawn, mask)
            results = {
                "worn": np.zeros_like(matched),
                "large scale": matched,
                "pasted": matched + contradicted(source, matched, mask),
            }
            seen = features(meshes[file.stem], truth)
            for name, change in results.items():
                picture = (source + change).round().clip(0, 255).astype(np.uint8)
                found[name].append(figures(picture, truth, seen))
        for name, rows in found.items():
            means = np.nanmean(np.array(rows), axis=0)
            print(f"{kind:9} {name:12}" + "".join(f"{value:9.2f}" for value in means), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
