"""A face whose source is grainy and whose restored skin boils, and what blending makes of it.

A picture is (128, 128, 3) float RGB in levels of 0..255.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from tests.made_pictures.faces import landmarks, paint, skin, tracked
from vidrestore.config import Config
from vidrestore.datatypes import (
    AlignedFrame,
    BlendedFrame,
    CropBatch,
    FrameFormat,
    Image,
    RestoredFrame,
)
from vidrestore.temporal import Blend, Denoise

SIZE = 128
EVERYWHERE = 1e3  # growth of an outline that no crop is larger than
Y, X = np.mgrid[:SIZE, :SIZE]
FACE = np.stack(
    [
        130 + 45 * np.sin(X / 9 + np.cos(Y / 14)),
        110 + 35 * np.cos(Y / 11 + np.sin(X / 17)),
        100 + 25 * np.sin((X + Y) / 15),
    ],
    axis=-1,
)
EYES = np.exp(-((X - 64) ** 2 / 200 + (Y - 50) ** 2 / 30))[..., None]
INNER = np.s_[20:-20, 20:-20]
# A frame pixel fills as much of the crop as on a face of the size that the network is for.
CROP_FROM_FRAME = np.array([[0.4, 0, 0], [0, 0.4, 0]])
_FORMAT = FrameFormat(8, 8, "gray", "gray", chroma_shift=(0, 0))


def levels(values: np.ndarray, dtype: type = np.uint8) -> Image:
    """A picture as a crop."""
    scale = 1 if dtype == np.uint8 else 257
    return np.clip(np.rint(values * scale), 0, 255 * scale).astype(dtype)


def aligned(
    *crops: Image, index: int = 0, ids: Sequence[int] = (1,), shot_start: bool | None = None
):
    """A frame that does not matter, with these crops of faces."""
    frame = paint(skin, _FORMAT, index)
    faces = tuple(tracked(landmarks(4, 4, 6), track_id) for track_id in ids[: len(crops)])
    matrices = np.repeat(CROP_FROM_FRAME[None], len(crops), axis=0)
    batch = CropBatch(crops, matrices, tuple((index, face.track_id) for face in faces))
    return AlignedFrame(frame, index == 0 if shot_start is None else shot_start, faces, batch)


def clip(
    count: int,
    *,
    seed: int = 0,
    grain: float = 3.0,
    dtype: type = np.uint8,
    scene: Callable[[int], np.ndarray] = lambda _: FACE,
    track_id: int = 1,
) -> Iterator[AlignedFrame]:
    """Source crops with grain."""
    rng = np.random.default_rng(seed)
    for index in range(count):
        face = scene(index)
        source = levels(face + rng.normal(0, grain, (SIZE, SIZE, 1)), dtype)
        yield aligned(source, index=index, ids=(track_id,))


def denoise(**options: float) -> Denoise:
    """As the product has it, but for some options."""
    config = Config().temporal.model_copy(update=options)
    return Denoise(config.denoise, config.reach, config.rest, config.tolerance, EVERYWHERE)


def blend(share: float | None = 1.0, **options: float) -> Blend:
    """As the product has it, but for some options."""
    config = Config().temporal.model_copy(update=options)
    return Blend(config.blend, config.reach, share, EVERYWHERE)


def denoised(items: Sequence[AlignedFrame], stage: Denoise | None = None) -> list[AlignedFrame]:
    """The frames after ``Denoise``."""
    stage = stage or denoise()
    frames = [frame for item in items for frame in stage.push(item)]
    return frames + list(stage.flush())


def restored(
    frames: Sequence[AlignedFrame], *, boil: float = 8.0, seed: int = 1
) -> list[RestoredFrame]:
    """What a restorer makes of them that paints other skin on each frame."""
    rng = np.random.default_rng(seed)
    results = []
    for frame in frames:
        made = []
        for shown in frame.base:
            unit = 1 if shown.dtype == np.uint8 else 257
            skin_of_frame = boil * unit * rng.normal(0, 1, (*shown.shape[:2], 1))
            top = np.iinfo(shown.dtype).max
            made.append(np.clip(np.rint(shown + skin_of_frame), 0, top).astype(shown.dtype))
        results.append(RestoredFrame(frame, frame.base, made))
    return results


def blended(items: Sequence[RestoredFrame], stage: Blend | None = None) -> list[BlendedFrame]:
    """The results after ``Blend``."""
    stage = stage or blend()
    frames = [frame for item in items for frame in stage.push(item)]
    return frames + list(stage.flush())


def first(frames: Sequence[AlignedFrame | BlendedFrame]) -> list[Image]:
    """The first face of each, as it is after the stage."""
    return [f.base[0] if isinstance(f, AlignedFrame) else f.pixels[0] for f in frames]


def error(crop: Image, truth: np.ndarray = FACE, where: tuple[slice, slice] = INNER) -> float:
    """Root mean square of what a crop is off the truth, levels."""
    scale = 1 if crop.dtype == np.uint8 else 257
    return float(np.sqrt(np.mean(((crop / scale - truth)[where]) ** 2)))
