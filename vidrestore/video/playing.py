"""What a result is kept in although many players cannot play it: told, not changed."""

from __future__ import annotations

from vidrestore.datatypes import FrameFormat

# The containers that phones, browsers and TVs are given.
_FOR_PLAYERS = frozenset({"mp4", "mov"})
_CHROMA = {(0, 0): "4:4:4", (1, 0): "4:2:2", (0, 1): "4:4:0", (2, 0): "4:1:1"}


def unplayable(container: str, codec: str, written: FrameFormat) -> list[str]:
    """What most phones, browsers and TVs will not play of a picture, in a line.

    Args:
        container: FFmpeg's name of the format.
        codec: of the picture, as the options name it.
        written: the samples that are encoded.
    """
    if container not in _FOR_PLAYERS or codec not in {"libx264", "libx264rgb", "h264"}:
        return []
    kinds = []
    if written.layout == "rgb":
        kinds.append("RGB")
    elif written.layout == "yuv" and written.chroma_shift in _CHROMA:
        kinds.append(_CHROMA[written.chroma_shift])
    if written.bits > 8:
        kinds.append(f"{written.bits} bits")
    if not kinds:
        return []
    return [
        f"H.264 with {' and '.join(kinds)}, kept as the source is, does not play in browsers or on "
        "most phones and TVs"
    ]
