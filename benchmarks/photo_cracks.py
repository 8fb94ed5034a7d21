"""How well lines across faces are found in photos, and what painting them over gains.

    python -m benchmarks.photo_cracks --portraits DIR [--side PX] [--json FILE]

Each portrait is cut out as for a restorer, as it is ("clean") and aged ("old": gray, soft, grain
of 4 levels, JPEG at 80), and gets a fold (white, 4 px, ragged, with gaps), a wide one (9 px), a
scratch (1.5 px, bright or dark) or nothing, at a drawn angle through the face. By kind: the part of
the faces in which half of the line or more was found (recall), the part of what was painted over
that is the line or within 6 px of it (precision, by pixels), PSNR of the crop against the one
without the line, dB, before and after, and the part of the faces of which something was painted
over ("touched").
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.degraded import read_manifest
from vidrestore.datatypes import Image
from vidrestore.film.painting import painted_over
from vidrestore.film.repair.cracks import cracks
from vidrestore.picture.luma import LUMA
from vidrestore.picture.outline import dilated, face_outline
from vidrestore.picture.similarity import similarity
from vidrestore.picture.template import template

Floats = NDArray[np.float64]
WIDTHS = {"fold": 4, "wide": 9, "scratch": 1}  # px
NEAR = 13  # px, width of the brush of what belongs to a line


def old(picture: Image, random: np.random.Generator) -> Image:
    """As a print that was scanned."""
    gray = cv2.GaussianBlur(picture.astype(np.float32) @ LUMA, (0, 0), 1.0)
    gray = 20 + 0.85 * gray + random.normal(0, 4, gray.shape)
    code = cv2.imencode(
        ".jpg", np.clip(gray, 0, 255).astype(np.uint8), [cv2.IMWRITE_JPEG_QUALITY, 80]
    )
    plain = cv2.imdecode(code[1], cv2.IMREAD_GRAYSCALE)
    return np.repeat(np.asarray(plain)[..., None], 3, axis=2)


def line(side: int, points: Floats, kind: str, random: np.random.Generator) -> NDArray[np.float32]:
    """(S, S) how much of a line covers each pixel, 0..1: upright or level within 30 degrees."""
    outline = face_outline(points)
    through = outline.mean(axis=0) + random.uniform(-0.25, 0.25, 2) * np.ptp(outline, axis=0)
    angle = np.radians(random.choice([0.0, 90.0]) + random.uniform(-30, 30))
    along = np.array([np.cos(angle), np.sin(angle)])
    across = np.array([-along[1], along[0]])
    steps = np.arange(-1.5 * side, 1.5 * side, 4.0)
    # It wanders by a pixel or so, and is worn through in places.
    wander = cv2.GaussianBlur(random.normal(0, 4, (len(steps), 1)), (1, 31), 0, sigmaY=6)[:, 0]
    path = through + steps[:, None] * along + wander[:, None] * across
    cover = np.zeros((side, side), np.float32)
    worn = cv2.GaussianBlur(random.normal(0.8, 1.2, (len(steps), 1)), (1, 31), 0, sigmaY=5)[:, 0]
    for first, second, strength in zip(path[:-1], path[1:], np.clip(worn[1:], 0, 1), strict=True):
        ends = [tuple(int(v * 16) for v in end) for end in (first, second)]
        part = np.zeros_like(cover)
        cv2.line(part, ends[0], ends[1], float(strength), WIDTHS[kind], cv2.LINE_AA, 4)
        cover = np.maximum(cover, part)
    return np.asarray(cv2.GaussianBlur(cover, (0, 0), 0.6), np.float32)


def psnr(one: Image, other: Image) -> float:
    """Of all samples, dB."""
    return float(10 * np.log10(255**2 / max(np.mean((one.astype(float) - other) ** 2), 1e-9)))


def judged(
    sound: Image, points: Floats, kind: str, random: np.random.Generator
) -> dict[str, float]:
    """What was found in one crop."""
    crop, cover = sound, np.zeros(sound.shape[:2], np.float32)
    if kind != "nothing":
        cover = line(len(sound), points, kind, random)
        level = 245.0 if kind != "scratch" or random.random() < 0.5 else 25.0
        mixed = sound + (0.85 * cover)[..., None] * (level - sound.astype(np.float32))
        crop = np.clip(np.rint(mixed), 0, 255).astype(np.uint8)
    found = cracks(crop.astype(np.float32) @ LUMA, points)
    face = np.zeros_like(found)
    cv2.fillConvexPoly(face, np.rint(dilated(face_outline(points), 0.5)).astype(np.int32), 1)
    found *= face
    drawn = (cover > 0.3) & (face > 0)
    near = cv2.dilate(drawn.astype(np.uint8), np.ones((NEAR, NEAR), np.uint8)) > 0
    result = painted_over(crop, found) if found.any() else crop
    return {
        "recall": float((found > 0)[drawn].mean() >= 0.5) if drawn.any() else 0.0,
        "painted": float((found > 0).sum()),
        "right": float(((found > 0) & near).sum()),
        "before": psnr(crop, sound),
        "after": psnr(result, sound),
        "touched": float(found.any()),
    }


def main(argv: list[str] | None = None) -> int:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--portraits", type=Path, required=True)
    parser.add_argument("--side", type=int, default=512)
    parser.add_argument("--json", type=Path, default=Path("out/bench/photo_cracks.json"))
    arguments = parser.parse_args(argv)
    content = {}
    for state in ("clean", "old"):
        for kind in ("nothing", *WIDTHS):
            rows = []
            for number, (file, landmarks) in enumerate(read_manifest(arguments.portraits)):
                random = np.random.default_rng((4100, number))
                picture = np.asarray(cv2.imread(str(file)))[..., ::-1]
                matrix = similarity(landmarks, template("gpen", arguments.side))
                size = (arguments.side, arguments.side)
                crop = cv2.warpAffine(
                    picture, matrix, size, flags=cv2.INTER_AREA, borderMode=cv2.BORDER_REPLICATE
                )
                sound = old(crop, random) if state == "old" else crop
                points = landmarks @ matrix[:, :2].T + matrix[:, 2]
                rows.append(judged(sound, points, kind, random))
            total = {key: float(np.sum([row[key] for row in rows])) for key in rows[0]}
            count = len(rows)
            content[f"{state} {kind}"] = {
                "faces": count,
                "recall": total["recall"] / count,
                "precision": total["right"] / max(total["painted"], 1),
                "before": total["before"] / count,
                "after": total["after"] / count,
                "touched": total["touched"] / count,
            }
            told = content[f"{state} {kind}"].items()
            print(state, kind, *(f"{key} {value:.3g} " for key, value in told), flush=True)
    arguments.json.parent.mkdir(parents=True, exist_ok=True)
    arguments.json.write_text(json.dumps(content, indent=2) + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
