"""Single kinds of wear that film, tape, cameras and codecs leave on a picture.

Each takes a (H, W, 3) float32 RGB picture, 0 to 1, and a generator, and returns a new picture of
the same shape. Lengths are in pixels of the picture given. Results may leave 0..1; callers clip.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from fractions import Fraction

import av
import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from training.samples.augment import Picture


def soften(picture: Picture, sigma: float, rng: Generator) -> Picture:
    """Gaussian of ``sigma``, one in three of them stretched and turned."""
    if sigma < 0.15:
        return picture
    if rng.random() < 0.67:
        return cv2.GaussianBlur(picture, (0, 0), sigma, borderType=cv2.BORDER_REFLECT)
    reach = int(np.ceil(3 * sigma))
    axis = np.arange(-reach, reach + 1, dtype=np.float64)
    angle, narrow = rng.uniform(0, np.pi), rng.uniform(0.25, 0.9)
    along = (np.cos(angle) * axis[None] + np.sin(angle) * axis[:, None]) / sigma
    across = (-np.sin(angle) * axis[None] + np.cos(angle) * axis[:, None]) / (sigma * narrow)
    kernel = np.exp(-0.5 * (along**2 + across**2))
    return cv2.filter2D(picture, -1, kernel / kernel.sum(), borderType=cv2.BORDER_REFLECT)


def defocus(picture: Picture, radius: float) -> Picture:
    """A disc, as an open lens gives it."""
    if radius < 0.5:
        return picture
    reach = int(np.ceil(radius))
    axis = np.arange(-reach, reach + 1)
    kernel = np.clip(radius + 0.5 - np.hypot(axis[None], axis[:, None]), 0.0, 1.0)
    return cv2.filter2D(picture, -1, kernel / kernel.sum(), borderType=cv2.BORDER_REFLECT)


def smear(picture: Picture, length: float, rng: Generator) -> Picture:
    """Motion in a straight line during the exposure; gate weave when nearly vertical."""
    if length < 1.0:
        return picture
    side = int(np.ceil(length)) | 1
    kernel = np.zeros((side, side), np.float32)
    angle, middle = rng.uniform(0, np.pi), (side - 1) / 2
    reach = length / 2 * np.array([np.cos(angle), np.sin(angle)])
    start, end = middle - reach, middle + reach
    shift = 4
    points = [tuple(np.round(p * 2**shift).astype(int).tolist()) for p in (start, end)]
    cv2.line(kernel, points[0], points[1], 1.0, 1, cv2.LINE_AA, shift)
    kernel = np.maximum(kernel, 0)
    return cv2.filter2D(picture, -1, kernel / kernel.sum(), borderType=cv2.BORDER_REFLECT)


@dataclass(frozen=True, slots=True)
class NoiseKind:
    """What noise is like, whatever its strength.

    Attributes:
        channels: 1 is gray, 3 is coloured.
        grain: sigma of its blur, px; 0 is white noise.
        photon: whether it grows with brightness as photon noise does.
    """

    channels: int
    grain: float
    photon: bool

    @classmethod
    def draw(cls, rng: Generator) -> NoiseKind:
        """Half of it gray, two fifths coarse, half growing with brightness."""
        channels = 1 if rng.random() < 0.5 else 3
        grain = float(rng.uniform(0.4, 1.4)) if rng.random() < 0.4 else 0.0
        return cls(channels, grain, bool(rng.random() < 0.5))


def noise(picture: Picture, level: float, kind: NoiseKind, rng: Generator) -> Picture:
    """Gaussian noise of standard deviation ``level`` (0..1)."""
    height, width = picture.shape[:2]
    field = rng.standard_normal((height, width, kind.channels), dtype=np.float32)
    if kind.grain:
        field = cv2.GaussianBlur(field, (0, 0), kind.grain)
        field = field.reshape(height, width, kind.channels)
        field = field / np.float32(field.std() + 1e-6)
    if kind.photon:
        field = field * np.sqrt(np.clip(picture, 0.02, 1.0)) * np.float32(1.4)
    return picture + np.float32(level) * field


def scratch(picture: Picture, amount: float, rng: Generator) -> Picture:
    """Vertical scratches, dust and hairs of a worn print, light or dark."""
    height, width = picture.shape[:2]
    layer = np.zeros((height, width), np.float32)
    for _ in range(rng.poisson(1.5 * amount)):
        x, drift = rng.uniform(0, width), rng.normal(0, 0.02 * width)
        top, bottom = sorted(rng.uniform(-0.5, 1.5, 2) * height)
        ends = ((int(x), int(top)), (int(x + drift), int(bottom)))
        cv2.line(layer, *ends, float(rng.uniform(-0.8, 0.8)), 1, cv2.LINE_AA)
    for _ in range(rng.poisson(8 * amount)):
        centre = (int(rng.uniform(0, width)), int(rng.uniform(0, height)))
        axes = tuple(int(v) for v in rng.uniform(0.5, max(1.0, width / 120), 2))
        turn = float(rng.uniform(0, 180))
        cv2.ellipse(layer, centre, axes, turn, 0, 360, float(rng.uniform(-1, 1)), -1, cv2.LINE_AA)
    layer = cv2.GaussianBlur(layer, (0, 0), rng.uniform(0.3, 0.8))
    return picture + layer[..., None]


def fade(picture: Picture, amount: float, rng: Generator) -> Picture:
    """A slight fading of dyes: lifted blacks and a shift of each channel's gain."""
    gains = 1 + amount * rng.normal(0, 0.05, 3)
    lift = amount * rng.uniform(0, 0.06, 3)
    return (lift + (gains - lift) * picture).astype(np.float32)


def bleed(picture: Picture, amount: float, rng: Generator) -> Picture:
    """Chroma of a tape: low bandwidth along the line, late, and a little weaker."""
    ycc = cv2.cvtColor(np.clip(picture, 0, 1), cv2.COLOR_RGB2YCrCb)
    height, width = picture.shape[:2]
    chroma = np.ascontiguousarray(ycc[..., 1:])
    part = 1 + 3 * amount
    small = (max(4, round(width / part)), max(4, round(height / min(part, 2.0))))
    chroma = cv2.resize(chroma, small, interpolation=cv2.INTER_AREA)
    chroma = cv2.resize(chroma, (width, height), interpolation=cv2.INTER_LINEAR)
    late = np.array([[1, 0, amount * rng.uniform(-1.0, 2.0)], [0, 1, 0]], np.float64)
    chroma = cv2.warpAffine(chroma, late, (width, height), borderMode=cv2.BORDER_REPLICATE)
    return cv2.cvtColor(np.dstack([ycc[..., 0], chroma]), cv2.COLOR_YCrCb2RGB)


def ring(picture: Picture, amount: float, rng: Generator) -> Picture:
    """Overshoot of a sharpening circuit or print, along the line or in both directions."""
    sigma = rng.uniform(0.7, 1.8)
    vertical = 1e-3 if rng.random() < 0.5 else sigma
    low = cv2.GaussianBlur(picture, (0, 0), sigmaX=sigma, sigmaY=vertical)
    return picture + np.float32(amount) * (picture - low)


def comb(picture: Picture, shift: float, rng: Generator) -> Picture:
    """Every second line from another moment, blended as a careless deinterlacer leaves it."""
    height, width = picture.shape[:2]
    move = np.array([[1, 0, shift * rng.choice([-1, 1])], [0, 1, 0]], np.float64)
    other = cv2.warpAffine(picture, move, (width, height), borderMode=cv2.BORDER_REPLICATE)
    y = picture.copy()
    y[1::2] += np.float32(rng.uniform(0.3, 1.0)) * (other[1::2] - y[1::2])
    return y


def jpeg(picture: Picture, quality: int) -> Picture:
    """Through a JPEG of ``quality`` (1..100), 4:2:0."""
    samples = _samples(picture)[..., ::-1]
    _, data = cv2.imencode(".jpg", samples, [cv2.IMWRITE_JPEG_QUALITY, quality])
    decoded = cv2.imdecode(data, cv2.IMREAD_COLOR)
    return decoded[..., ::-1].astype(np.float32) / np.float32(255.0)


def video(clip: list[Picture], codec: str, quantiser: int, rng: Generator) -> list[Picture]:
    """The frames of a clip after a real video codec, each seen from the ones before.

    A single picture is the last of three, slightly moved.

    Args:
        clip: at least 16 px on each side.
        codec: "libx264", "mpeg2video" or "mpeg4".
        quantiser: CRF of x264; the fixed quantiser, 1 to 31, of the others.
        rng: draws the encoder's preset, and the motion before a single picture.
    """
    coded = [_samples(picture) for picture in clip]
    height, width = (side // 2 * 2 for side in coded[0].shape[:2])
    if len(coded) == 1:
        motion = rng.normal(0, 1.0, 2)
        coded = [_moved(coded[0], back * motion) for back in (2, 1, 0)]
    stream = io.BytesIO()
    with av.open(stream, "w", format="matroska") as container:
        if codec == "libx264":
            preset = str(rng.choice(["ultrafast", "veryfast", "medium"]))
            options = {"crf": str(quantiser), "preset": preset, "tune": "zerolatency"}
        else:
            options = {"qmin": str(quantiser), "qmax": str(quantiser)}
        track = container.add_stream(codec, rate=25, options={**options, "threads": "1"})
        track.width, track.height, track.pix_fmt = width, height, "yuv420p"
        track.codec_context.time_base = Fraction(1, 25)
        for samples in coded:
            even = np.ascontiguousarray(samples[:height, :width])
            container.mux(track.encode(av.VideoFrame.from_ndarray(even, format="rgb24")))
        container.mux(track.encode(None))
    stream.seek(0)
    with av.open(stream) as container:
        container.streams.video[0].codec_context.thread_count = 1
        decoded = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
    results = [picture.copy() for picture in clip]
    for result, samples in zip(results, decoded[-len(clip) :], strict=True):
        result[:height, :width] = samples.astype(np.float32) / np.float32(255.0)
    return results


def _moved(samples: NDArray[np.uint8], by: NDArray[np.float64]) -> NDArray[np.uint8]:
    move = np.array([[1, 0, by[0]], [0, 1, by[1]]], np.float64)
    size = samples.shape[1::-1]
    return cv2.warpAffine(samples, move, size, borderMode=cv2.BORDER_REFLECT).astype(np.uint8)


def _samples(picture: Picture) -> NDArray[np.uint8]:
    return np.clip(picture * 255.0 + 0.5, 0, 255).astype(np.uint8)
