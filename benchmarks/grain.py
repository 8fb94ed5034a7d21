"""Whether faces have the grain that is around them, and what that costs.

    python -m benchmarks.grain [--portraits FOLDER] [--clips FOLDER] [--worn FILE...]
        [--only KIND[/GROUP[/CLIP]]...] [--out FOLDER]

The clips are those of ``benchmarks.against_filters`` (film, VHS and mild wear of one still and two
moving people unless ``--only`` names others); of the files that ``--worn`` names no truth is known.
By clip and method: grain in the face and around it, levels, the one over the other, and PSNR of the
face against the truth. Methods are the input, the motion-compensated filter (which is given all
that is judged), and ours without grain and with ``paste.grain auto``; the last columns are what
pasting takes of a face and frame without grain and with it, ms.

Grain is the rms of what is finer than 2 px, in windows of 9 px, a third of which show less: mean
over the frames. This shares no code with what the program measures.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.against_filters import media
from benchmarks.against_filters.crops import crops_of
from benchmarks.against_filters.measures import fidelity
from benchmarks.against_filters.media import Floats, Pictures
from benchmarks.against_filters.methods import baselines
from benchmarks.against_filters.scenes import (
    FRAMES,
    Maker,
    expression_scenes,
    moving_scenes,
    rigid_scenes,
)
from benchmarks.against_filters.selection import chosen
from benchmarks.against_filters.store import Store, WornClip
from benchmarks.degraded import read_manifest
from benchmarks.stability.real import main_face
from benchmarks.stability.stages import as_frames, find
from training.samples.portraits import load_meshes
from vidrestore import Config, VidrestoreError, restore_video
from vidrestore.build import build_detector
from vidrestore.picture.outline import dilated, face_outline

CLIPS = (
    "film/rigid/p502",
    "film/moving/s18",
    "film/expressions/p503",
    "vhs/rigid/p505",
    "vhs/moving/s20",
    "vhs/expressions/p503",
    "mild/moving/s32",
)
_FINE = 2.0  # sigma below which structure is grain, px
_WINDOW = 9  # side in which it is measured, px
_QUIET = 33  # percentile of windows
# Growth of the face's outline: up to the first all is face, from the second to the third around it.
_FACE, _FROM, _TO = -0.05, 0.3, 0.75


@dataclass(frozen=True)
class Grain:
    """Levels, mean over the frames.

    Attributes:
        inside: in the face.
        around: beside it.
    """

    inside: float
    around: float


def grain_of(pictures: Pictures, landmarks: Floats) -> Grain:
    """In and around a face.

    Args:
        pictures: (T, H, W, 3).
        landmarks: (T, 5, 2) xy px.
    """
    inside, around = [], []
    for picture, points in zip(pictures, landmarks, strict=True):
        luma = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY).astype(np.float32)
        fine = luma - np.asarray(cv2.GaussianBlur(luma, (0, 0), _FINE))
        power = cv2.boxFilter(fine * fine, -1, (_WINDOW, _WINDOW))
        face, near, far = (_within(points, growth, luma.shape) for growth in (_FACE, _FROM, _TO))
        inside.append(_quiet(power, face))
        around.append(_quiet(power, far & ~near))
    return Grain(float(np.nanmean(inside)), float(np.nanmean(around)))


def _quiet(power: NDArray[np.float32], where: NDArray[np.bool_]) -> float:
    """Rms of the quieter windows that lie wholly there; NaN where none does."""
    whole = cv2.erode(where.astype(np.uint8), np.ones((_WINDOW, _WINDOW), np.uint8)) > 0
    found = power[whole]
    return float(np.sqrt(np.percentile(found, _QUIET))) if len(found) else float("nan")


def _within(points: Floats, growth: float, shape: tuple[int, ...]) -> NDArray[np.bool_]:
    area = np.zeros(shape, np.uint8)
    outline = dilated(face_outline(points), growth)
    cv2.fillConvexPoly(area, np.round(outline).astype(np.int32), 1)
    return area > 0


@dataclass(frozen=True)
class Restored:
    """What one setting made of a file.

    Attributes:
        pictures: (T, H, W, 3).
        pasting: ms of a face and frame.
    """

    pictures: Pictures
    pasting: float


def restored(file: Path, grain: str) -> Restored:
    """With the default options but for ``paste.grain``, written without loss."""
    config = Config().with_options({"encoder.codec": "ffv1", "paste.grain": grain})
    with tempfile.TemporaryDirectory() as folder:
        result = Path(folder) / "result.mkv"
        report = restore_video(file, result, config)
        faces = sum(track.faces_restored for track in report.tracks)
        return Restored(media.read(result), 1000 * report.timing["paste"] / max(faces, 1))


def row(name: str, pictures: Pictures, landmarks: Floats, truth: Pictures | None) -> str:
    """One method's figures."""
    grain = grain_of(pictures, landmarks)
    text = f"  {name:10} {grain.inside:7.2f} {grain.around:7.2f} {grain.inside / grain.around:6.2f}"
    if truth is not None:
        text += f" {fidelity(crops_of(pictures, landmarks), truth)['psnr']:8.2f}"
    return text


def judge(file: Path, landmarks: Floats, clip: WornClip | None) -> None:
    """Print a clip's rows."""
    truth = None if clip is None else clip.truth
    filters = baselines() if clip is not None else []
    count = len(landmarks)
    print(row("input", media.read(file)[:count], landmarks, truth))
    for method in filters[1:]:
        assert clip is not None
        print(row(method.name, method.run(clip), landmarks, truth))
    none, auto = restored(file, "0"), restored(file, "auto")
    print(row("grain 0", none.pictures[:count], landmarks, truth))
    found = row("grain auto", auto.pictures[:count], landmarks, truth)
    print(f"{found}   {none.pasting:5.1f} {auto.pasting:5.1f}", flush=True)


def seen(file: Path) -> Floats:
    """(T, 5, 2) landmarks of a file's main face, of the frames up to the first without it."""
    config = Config()
    detector = build_detector(config.detect, config.track.continue_score)
    found = main_face(find(config, as_frames(media.read(file)), detector))
    count = next((t for t in range(len(found)) if t not in found), len(found))
    if not count:
        raise ValueError(f"{file}: no face is seen from the first frame on")
    return np.stack([found[t] for t in range(count)])


def main(argv: Sequence[str] | None = None) -> int:
    """Judge the clips of the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--portraits", type=Path, help="folder with pictures; meshes above it")
    parser.add_argument("--clips", type=Path, help="folder with clips of faces, and moving/ in it")
    parser.add_argument("--worn", type=Path, nargs="+", default=[], help="files without a truth")
    parser.add_argument("--only", nargs="+", metavar="KIND[/GROUP[/CLIP]]")
    parser.add_argument("--out", type=Path, default=Path("out/against_filters"))
    arguments = parser.parse_args(argv)
    meshes, scenes = {}, []
    if arguments.portraits:
        portraits = read_manifest(arguments.portraits)
        meshes = load_meshes(arguments.portraits.parent)
        scenes += rigid_scenes(portraits) + expression_scenes(portraits, meshes)
    if arguments.clips:
        scenes += moving_scenes(arguments.clips)
    groups = {scene.group for scene in scenes}
    only = arguments.only or [name for name in CLIPS if name.split("/")[1] in groups]
    store = Store(arguments.out, Maker(meshes), FRAMES)
    print(f"{'':12} {'inside':>7} {'around':>7} {'ratio':>6} {'psnr':>8}   paste, ms a face")
    try:
        for kind, scene in chosen(scenes, only) if scenes else []:
            clip = store.clip(kind, scene)
            if clip is not None:
                print(clip.name)
                judge(clip.file, clip.landmarks, clip)
        for file in arguments.worn:
            print(file.name)
            judge(file, seen(file), None)
    except (VidrestoreError, ValueError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
