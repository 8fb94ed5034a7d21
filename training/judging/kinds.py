"""The fixed degradations that models are judged on, apart from those they are trained on.

The order and kinds are those used for VFHQ by KEEP (ECCV 2024): blur, noise, reduction, noise,
H.264. Each portrait at each level has one fixed draw.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import av
import cv2
import numpy as np
from numpy.typing import NDArray

SIZE = 512
_SEED = 733_100_211


@dataclass(frozen=True, slots=True)
class Level:
    """Bounds of a level's draws.

    Attributes:
        reduction: how many pixels of the 512 crop become one.
        blur: sigma before the reduction, in reduced pixels.
        noise: standard deviation, 8-bit levels.
        crf: of the H.264 encoder.
    """

    reduction: tuple[float, float]
    blur: tuple[float, float]
    noise: tuple[float, float]
    crf: tuple[int, int]


LEVELS = {
    "mild": Level((1.0, 3.0), (0.1, 0.5), (0.0, 3.0), (18, 21)),
    "medium": Level((3.0, 5.0), (0.1, 0.7), (0.0, 6.0), (18, 23)),
    "heavy": Level((5.0, 8.0), (0.1, 0.9), (0.0, 10.0), (18, 25)),
}


def worn(truth: NDArray[np.uint8], level: str, portrait: int, redraw: int = 0) -> NDArray[np.uint8]:
    """A (512, 512, 3) RGB truth after the wear of a level.

    Args:
        truth: the picture.
        level: a key of ``LEVELS``.
        portrait: its number; with the level it decides the draw.
        redraw: another number gives other noise of the same strength.
    """
    bounds, place = LEVELS[level], list(LEVELS).index(level)
    draw = np.random.Generator(np.random.Philox(key=_SEED + 1000 * place + portrait))
    reduction = draw.uniform(*bounds.reduction)
    sigmas = reduction * draw.uniform(*bounds.blur) * np.array([1.0, draw.uniform(0.5, 1.0)])
    angle = draw.uniform(0.0, 180.0)
    before, after = draw.uniform(*bounds.noise, 2)
    gray, crf = draw.random() < 0.4, int(draw.integers(*bounds.crf, endpoint=True))
    grain = np.random.Generator(np.random.Philox(key=[_SEED + 1000 * place + portrait, redraw + 1]))

    picture = _blurred(truth.astype(np.float32), sigmas, angle)
    picture = _grained(picture, before, gray, grain)
    side = 2 * round(SIZE / reduction / 2)
    picture = cv2.resize(picture, (side, side), interpolation=cv2.INTER_AREA)
    picture = _grained(picture, after, gray, grain)
    coded = _through_h264(np.clip(np.rint(picture), 0, 255).astype(np.uint8), crf)
    return cv2.resize(coded, (SIZE, SIZE), interpolation=cv2.INTER_CUBIC).astype(np.uint8)


def _blurred(picture: NDArray[Any], sigmas: NDArray[Any], angle: float) -> NDArray[Any]:
    """Through a 21 px Gaussian kernel of two sigmas, turned by an angle in degrees."""
    grid = np.arange(-10, 11)
    x, y = np.meshgrid(grid, grid)
    c, s = np.cos(np.radians(angle)), np.sin(np.radians(angle))
    u, v = (c * x + s * y) / sigmas[0], (c * y - s * x) / sigmas[1]
    kernel = np.exp(-(u * u + v * v) / 2)
    return cv2.filter2D(picture, cv2.CV_32F, kernel / kernel.sum())


def _grained(picture: NDArray[Any], sigma: float, gray: bool, draw: Any) -> NDArray[Any]:
    height, width = picture.shape[:2]
    return picture + sigma * draw.standard_normal((height, width, 1 if gray else 3))


def _through_h264(picture: NDArray[np.uint8], crf: int) -> NDArray[np.uint8]:
    """The second of two equal frames, as libx264 leaves it."""
    file = io.BytesIO()
    height, width = picture.shape[:2]
    with av.open(file, "w", format="mp4") as writer:
        stream = writer.add_stream("libx264", rate=30)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.options = {"crf": str(crf), "preset": "medium", "threads": "1"}
        for index in range(2):
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame.pts, frame.time_base = index, Fraction(1, 30)
            writer.mux(stream.encode(frame))
        writer.mux(stream.encode(None))
    file.seek(0)
    with av.open(file) as reader:
        return [f.to_ndarray(format="rgb24") for f in reader.decode(video=0)][-1]
