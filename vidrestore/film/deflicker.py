"""Takes out of crops, or out of whole frames, the flicker that was measured."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from vidrestore.datatypes import AlignedFrame, Frame, FrameFormat, Image, Look, Tone


class DeflickerFaces:
    """Takes flicker out of the crops of faces, before anything else happens to them.

    A ``Stage[AlignedFrame, AlignedFrame]``, one out for each in. A frame
    without flicker passes as the same object.
    """

    latency: Final = 0
    memory: Final = 0

    def push(self, item: AlignedFrame, /) -> Iterable[AlignedFrame]:
        """The frame with crops in the light of the frames around."""
        tone = item.frame.flicker
        if tone is None or not item.faces:
            yield item
            return
        crops = item.crops
        dtype = crops.pixels[0].dtype
        table = _table(dtype.type, tone, 1.0 if dtype == np.uint8 else 257.0)
        steady = [_mapped(crop, table) for crop in crops.pixels]
        original = crops.pixels if item.original is None else item.original
        yield replace(item, crops=replace(crops, pixels=steady), original=original)

    def flush(self) -> Iterable[AlignedFrame]:
        """Nothing is ever held."""
        return ()


class DeflickerFrames:
    """Takes flicker out of whole frames.

    A ``Stage[Look, Look]``, one out for each in. A frame without flicker
    passes as the same object.
    """

    latency: Final = 0
    memory: Final = 0

    def push(self, item: Look, /) -> Iterable[Look]:
        """The frame, and its reduced picture, in the light of the frames around."""
        tone = item.frame.flicker
        if tone is None:
            yield item
            return
        picture = _mapped(item.picture, _table(np.uint8, tone, 1.0))
        yield replace(item, frame=steady_frame(item.frame, tone), picture=picture)

    def flush(self) -> Iterable[Look]:
        """Nothing is ever held."""
        return ()


def steady_frame(frame: Frame, tone: Tone) -> Frame:
    """A frame whose light is changed; opacity stays, and so do samples outside the legal range.

    Args:
        frame: any planar format.
        tone: the change.
    """
    planes = []
    for index, plane in enumerate(frame.planes):
        opacity = frame.format.alpha and index == len(frame.planes) - 1
        planes.append(
            plane if opacity else _mapped(plane, _sample_table(frame.format, index, tone))
        )
    return replace(frame.pasted(tuple(planes)), flicker=None, deflickered=True)


def _sample_table(fmt: FrameFormat, index: int, tone: Tone) -> Image:
    """What becomes of each code value of a plane."""
    chroma = fmt.layout == "yuv" and index > 0
    highest = (1 << fmt.bits) - 1
    step = 1 << (fmt.bits - 8)
    black, white = (0, highest) if fmt.full_range else (16 * step, 235 * step)
    if chroma:
        middle = 128 * step
        tone = Tone(tone.gain, (1 - tone.gain) * middle)
        white = highest if fmt.full_range else 240 * step
    else:
        unit = (white - black) / 255
        tone = Tone(tone.gain, black + tone.offset * unit - tone.gain * black)
    # A sample that the source has outside the legal range may stay there, but goes no further.
    codes = np.arange(np.iinfo(fmt.dtype).max + 1, dtype=np.float64)
    changed = tone.gain * codes + tone.offset
    changed = np.clip(changed, np.minimum(codes, black), np.maximum(codes, white))
    return np.rint(changed).astype(fmt.dtype)


def _table(dtype: type[np.unsignedinteger], tone: Tone, unit: float) -> NDArray[np.unsignedinteger]:
    """What becomes of each value of R, G or B, ``unit`` of them to a level."""
    top = np.iinfo(dtype).max
    values = tone.gain * np.arange(top + 1, dtype=np.float64) + tone.offset * unit
    return np.clip(np.rint(values), 0, top).astype(dtype)


def _mapped(samples: Image, table: Image) -> Image:
    """Every sample looked up; a new array."""
    if samples.dtype == np.uint8:
        return np.asarray(cv2.LUT(np.ascontiguousarray(samples), table)).reshape(samples.shape)
    return np.asarray(table[samples])
