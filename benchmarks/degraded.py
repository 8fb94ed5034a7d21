"""Make clips whose truth is known: a portrait moved along a smooth path, then degraded.

    python -m benchmarks.degraded PORTRAITS OUTPUT [--clips N] [--seed N] [--standing]

PORTRAITS is a folder with pictures and a manifest.json (a list of, or an object whose "portraits"
lists, {"file", "landmarks"}). For every clip three files: NAME.mkv (what the restorer gets),
NAME.truth.mkv (both lossless) and NAME.json (seed, degradation, landmarks and motion by frame).

The degradation follows VFHQ's as KEEP (Feng et al., ECCV 2024) uses it: blur, noise, downscaling by
four, noise, H.264; the decoded frames are then enlarged to the truth's size. It shares neither code
nor seeds with training's degradations.
"""

from __future__ import annotations

import argparse
import io
import json
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]

SIZE = 512  # side of the clips' frames, px
RATE = 25
FRAMES = 50
FACTOR = 4
KERNEL = 21
# Frame px per portrait px at rest: the face keeps room to move.
REST_SCALE = 0.75


@dataclass(frozen=True)
class Path2d:
    """A smooth way through shift, turn, scale and perspective: two sines for each.

    Attributes:
        amplitudes: (5, 2) of x and y (frame px), turn (rad), log of scale, perspective (per px).
        frequencies: (5, 2), Hz.
        phases: (5, 2), radians.
    """

    amplitudes: NDArray[np.float64]
    frequencies: NDArray[np.float64]
    phases: NDArray[np.float64]

    @classmethod
    def drawn(cls, random: np.random.Generator, *, standing: bool = False) -> Path2d:
        """A path at random; ``standing`` for one that never moves."""
        reach = np.array([26.0, 18.0, 0.12, 0.10, 4e-5])[:, None] * np.array([1.0, 0.35])
        amplitudes = reach * random.uniform(0.4, 1.0, (5, 2)) * (0.0 if standing else 1.0)
        frequencies = random.uniform((0.15, 0.5), (0.45, 1.1), (5, 2))
        return cls(amplitudes, frequencies, random.uniform(0, 2 * math.pi, (5, 2)))

    def frame_from_portrait(self, index: int, centre: NDArray[np.float64]) -> NDArray[np.float64]:
        """(3, 3) perspective map of xy; the portrait's ``centre`` rests in the frame's middle."""
        angle = 2 * math.pi * self.frequencies * (index / RATE) + self.phases
        x, y, turn, growth, tilt = (self.amplitudes * np.sin(angle)).sum(axis=1)
        scale = REST_SCALE * math.exp(growth)
        cos, sin = scale * math.cos(turn), scale * math.sin(turn)
        middle = (SIZE - 1) / 2
        there = np.array([[1, 0, -centre[0]], [0, 1, -centre[1]], [0, 0, 1]], np.float64)
        moved = np.array([[cos, -sin, x], [sin, cos, y], [tilt, 0.5 * tilt, 1]], np.float64)
        back = np.array([[1, 0, middle], [0, 1, middle], [0, 0, 1]], np.float64)
        return np.asarray(back @ moved @ there, np.float64)


@dataclass(frozen=True)
class Degradation:
    """What a clip suffers, the same in all its frames but for the noise.

    Attributes:
        sigmas: of the blur along and across ``angle``, truth px.
        angle: of the blur, radians.
        noise: standard deviation before downscaling, levels.
        late_noise: the same after it.
        gray_noise: whether the noise is the same in all channels.
        crf: of the H.264 encoder.
    """

    sigmas: tuple[float, float]
    angle: float
    noise: float
    late_noise: float
    gray_noise: bool
    crf: int

    @classmethod
    def drawn(cls, random: np.random.Generator) -> Degradation:
        """One at random in KEEP's ranges."""
        along, across = random.uniform(0.1, 10.0, 2)
        isotropic = bool(random.random() < 0.5)
        return cls(
            sigmas=(float(along), float(along if isotropic else across)),
            angle=float(random.uniform(0, math.pi)),
            noise=float(random.uniform(0, 10)),
            late_noise=float(random.uniform(0, 10)),
            gray_noise=bool(random.random() < 0.5),
            crf=int(random.integers(18, 26)),
        )

    def kernel(self) -> NDArray[np.float64]:
        """(21, 21) Gaussian, sum 1."""
        cos, sin = math.cos(self.angle), math.sin(self.angle)
        half = KERNEL // 2
        y, x = np.mgrid[-half : half + 1, -half : half + 1]
        along, across = cos * x + sin * y, cos * y - sin * x
        weights = np.exp(-0.5 * ((along / self.sigmas[0]) ** 2 + (across / self.sigmas[1]) ** 2))
        return np.asarray(weights / weights.sum(), np.float64)


@dataclass(frozen=True, eq=False)
class Clip:
    """A clip with its truth.

    Attributes:
        degraded: T frames, (H, W, 3) uint8 RGB.
        truth: T frames.
        landmarks: (T, 5, 2) xy px in the frames.
        frame_from_portrait: (T, 3, 3).
        degradation: what it suffered.
        seed: it was drawn from.
    """

    degraded: list[Picture]
    truth: list[Picture]
    landmarks: NDArray[np.float64]
    frame_from_portrait: NDArray[np.float64]
    degradation: Degradation
    seed: int


def make_clip(
    portrait: Picture,
    landmarks: NDArray[np.float64],
    seed: int,
    *,
    frames: int = FRAMES,
    standing: bool = False,
) -> Clip:
    """Move a portrait and degrade it.

    Args:
        portrait: (H, W, 3) uint8 RGB.
        landmarks: (5, 2) xy px in it.
        seed: of path, degradation and noise.
        frames: how many.
        standing: whether the truth stands still.
    """
    random = np.random.default_rng(seed)
    path = Path2d.drawn(random, standing=standing)
    degradation = Degradation.drawn(random)
    centre = landmarks.mean(axis=0)
    matrices = np.stack([path.frame_from_portrait(i, centre) for i in range(frames)])
    truth = [moved(portrait, matrix) for matrix in matrices]
    places = np.concatenate([landmarks, np.ones((5, 1))], axis=1) @ matrices.transpose(0, 2, 1)
    return Clip(
        degraded=degrade(truth, degradation, random),
        truth=truth,
        landmarks=places[..., :2] / places[..., 2:],
        frame_from_portrait=matrices,
        degradation=degradation,
        seed=seed,
    )


def moved(portrait: Picture, frame_from_portrait: NDArray[np.float64]) -> Picture:
    """The portrait under a perspective map, averaged from twice as fine a grid."""
    finer = np.array([[2, 0, 0.5], [0, 2, 0.5], [0, 0, 1]], np.float64)
    fine = cv2.warpPerspective(
        portrait,
        finer @ frame_from_portrait,
        (2 * SIZE, 2 * SIZE),
        flags=cv2.INTER_CUBIC,
        borderMode=cv2.BORDER_REFLECT_101,
    )
    return np.asarray(cv2.resize(fine, (SIZE, SIZE), interpolation=cv2.INTER_AREA), np.uint8)


def degrade(
    truth: Sequence[Picture], degradation: Degradation, random: np.random.Generator
) -> list[Picture]:
    """Blur, noise, a quarter of the size, noise, H.264, and the truth's size again."""
    kernel = degradation.kernel()
    small = SIZE // FACTOR
    frames = []
    for picture in truth:
        soft = cv2.filter2D(picture.astype(np.float32), -1, kernel, borderType=cv2.BORDER_REFLECT)
        soft += _noise(soft.shape, degradation.noise, degradation.gray_noise, random)
        low = cv2.resize(soft, (small, small), interpolation=cv2.INTER_AREA)
        low += _noise(low.shape, degradation.late_noise, degradation.gray_noise, random)
        frames.append(np.clip(low.round(), 0, 255).astype(np.uint8))
    return [
        np.asarray(cv2.resize(frame, (SIZE, SIZE), interpolation=cv2.INTER_CUBIC), np.uint8)
        for frame in through_h264(frames, degradation.crf)
    ]


def through_h264(frames: Sequence[Picture], crf: int) -> list[Picture]:
    """The frames as they come out of libx264's default preset."""
    memory = io.BytesIO()
    height, width = frames[0].shape[:2]
    with av.open(memory, "w", format="matroska") as container:
        stream = container.add_stream("libx264", rate=RATE)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.options = {"crf": str(crf), "threads": "1"}
        for frame in frames:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(frame, format="rgb24")))
        container.mux(stream.encode(None))
    memory.seek(0)
    with av.open(memory) as container:
        return [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]


def write_clip(clip: Clip, folder: Path, name: str) -> None:
    """The three files of a clip."""
    _write_lossless(clip.degraded, folder / f"{name}.mkv")
    _write_lossless(clip.truth, folder / f"{name}.truth.mkv")
    facts = {
        "seed": clip.seed,
        "degradation": asdict(clip.degradation),
        "landmarks": clip.landmarks.round(4).tolist(),
        "frame_from_portrait": clip.frame_from_portrait.tolist(),
    }
    (folder / f"{name}.json").write_text(json.dumps(facts) + "\n")


def read_manifest(portraits: Path) -> list[tuple[Path, NDArray[np.float64]]]:
    """Pictures of the folder with their landmarks, in the manifest's order.

    The manifest may lie in the folder or above it; of one above, the folder's pictures count.
    """
    here, above = portraits / "manifest.json", portraits.parent / "manifest.json"
    manifest = here if here.is_file() else above
    content: Any = json.loads(manifest.read_text())
    entries = content["portraits"] if isinstance(content, dict) else content
    found = []
    for entry in entries:
        file = manifest.parent / entry["file"]
        if portraits in file.parents and file.is_file():
            found.append((file, np.array(entry["landmarks"], np.float64)))
    if not found:
        raise SystemExit(f"{manifest} names no picture in {portraits}")
    return found


def _noise(
    shape: tuple[int, ...], sigma: float, gray: bool, random: np.random.Generator
) -> NDArray[np.float32]:
    drawn = random.standard_normal((*shape[:2], 1 if gray else 3), np.float32)
    return np.asarray(sigma * drawn, np.float32)


def _write_lossless(frames: Sequence[Picture], path: Path) -> None:
    with av.open(str(path), "w") as container:
        stream = container.add_stream("ffv1", rate=RATE)
        stream.width, stream.height, stream.pix_fmt = SIZE, SIZE, "bgr0"
        for frame in frames:
            picture = av.VideoFrame.from_ndarray(np.ascontiguousarray(frame), format="rgb24")
            container.mux(stream.encode(picture.reformat(format="bgr0")))
        container.mux(stream.encode(None))


def main() -> None:
    """Write clips and say what each suffered."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("portraits", type=Path)
    parser.add_argument("output", type=Path)
    parser.add_argument("--clips", type=int, default=12)
    parser.add_argument("--seed", type=int, default=20240)
    parser.add_argument("--frames", type=int, default=FRAMES)
    parser.add_argument("--standing", action="store_true", help="the truth stands still")
    arguments = parser.parse_args()
    portraits = read_manifest(arguments.portraits)
    arguments.output.mkdir(parents=True, exist_ok=True)
    for number in range(arguments.clips):
        file, landmarks = portraits[number % len(portraits)]
        seed = arguments.seed + number
        bgr = cv2.imdecode(np.frombuffer(file.read_bytes(), np.uint8), cv2.IMREAD_COLOR)
        if bgr is None:
            raise SystemExit(f"{file} is not a picture")
        portrait = np.ascontiguousarray(bgr[..., ::-1]).astype(np.uint8)
        clip = make_clip(
            portrait, landmarks, seed, frames=arguments.frames, standing=arguments.standing
        )
        write_clip(clip, arguments.output, f"clip{number:02d}")
        print(f"clip{number:02d}  {file.name}  seed {seed}  {clip.degradation}")


if __name__ == "__main__":
    main()
