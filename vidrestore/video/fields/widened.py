"""Deinterlacing formats that FFmpeg's bwdif does not take, as wider ones of the same layout."""

from __future__ import annotations

import av
import numpy as np
from numpy.typing import NDArray

from vidrestore.video.pixels.graph import FilterChain

# Words of 16 bits hold samples of fewer: only what is above their white must be cut off again.
_WIDER = {
    f"{kind}{bits}le": f"{kind}16le"
    for kind in ("yuva422p", "yuva444p", "gbrap", "gray")
    for bits in (10, 12, 14)
    if (kind, bits) not in {("yuva422p", 10), ("yuva444p", 10)}
}


def filterable(picture: av.VideoFrame) -> av.VideoFrame:
    """The same samples in a format that bwdif takes, if there is one."""
    wider = _WIDER.get(picture.format.name, picture.format.name)
    if wider == picture.format.name:
        return picture
    wide = av.VideoFrame(picture.width, picture.height, wider)
    wide.colorspace, wide.color_range = picture.colorspace, picture.color_range
    for index in range(len(picture.planes)):
        _samples(wide, index)[...] = _samples(picture, index)
    wide.pts, wide.time_base = picture.pts, picture.time_base
    return wide


def narrowed(picture: av.VideoFrame, like: av.VideoFrame) -> av.VideoFrame:
    """A filtered picture in the format, and with the side data, of the one it was made from."""
    if picture.format.name != _WIDER.get(like.format.name, like.format.name):
        return picture
    if picture.format.name == like.format.name:
        return picture
    (narrow,) = FilterChain(like, [("setfield", "prog")]).push(like)
    narrow.make_writable()
    white = (1 << like.format.components[0].bits) - 1
    for index in range(len(narrow.planes)):
        np.minimum(_samples(picture, index), white, out=_samples(narrow, index))
    return narrow


def _samples(picture: av.VideoFrame, index: int) -> NDArray[np.uint16]:
    """A plane without the padding at the end of its rows."""
    plane = picture.planes[index]
    rows = np.frombuffer(memoryview(plane), np.uint16).reshape(-1, plane.line_size // 2)
    return rows[: plane.height, : plane.width]
