"""Colour tags that mean something: decoders hand on whatever number a damaged file holds."""

from __future__ import annotations

import av

from vidrestore.video.facts.tags import UNSPECIFIED

# ITU-T H.273's numbers, the reserved ones among them, and FFmpeg's own behind its matrices.
_PRIMARIES = frozenset({*range(13), 22})
_TRANSFERS = range(19)
_MATRICES = range(18)
_RANGES = range(3)


def tidy(picture: av.VideoFrame) -> av.VideoFrame:
    """The same picture; tags that no table knows are unspecified now, for filters refuse them."""
    if int(picture.color_primaries) not in _PRIMARIES:
        picture.color_primaries = UNSPECIFIED
    if int(picture.color_trc) not in _TRANSFERS:
        picture.color_trc = UNSPECIFIED
    if int(picture.colorspace) not in _MATRICES:
        picture.colorspace = UNSPECIFIED
    if int(picture.color_range) not in _RANGES:
        picture.color_range = 0
    return picture
