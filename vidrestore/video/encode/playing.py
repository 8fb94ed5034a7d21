"""What plays everywhere, and what a result is kept in although many players cannot play it."""

from __future__ import annotations

from vidrestore.datatypes import FrameFormat
from vidrestore.video.facts.containers import facts_of
from vidrestore.video.facts.media import StreamInfo

_CHROMA = {(0, 0): "4:4:4", (1, 0): "4:2:2", (0, 1): "4:4:0", (2, 0): "4:1:1"}
# The most bits that players know of each codec, by parts of its encoders' names.
_DEEPEST = {"264": ("H.264", 8), "265": ("HEVC", 10), "hevc": ("HEVC", 10)}
_STUDIO = {"prores": "ProRes", "dnxhd": "DNxHR", "ffv1": "FFV1"}
# Sound that MP4 holds and few of its players know.
_UNHEARD = frozenset({"dts", "truehd", "mlp"})


def unplayable(
    container: str, codec: str, written: FrameFormat, *, asked: bool = False
) -> list[str]:
    """What most phones, browsers and TVs will not play of a picture, in a line.

    Args:
        container: FFmpeg's name of the format.
        codec: of the picture, as the options name it.
        written: the samples that are encoded.
        asked: whether the result shall play everywhere.
    """
    if not facts_of(container).players:
        return []
    where = "does not play in browsers or on most phones and TVs"
    for part, name in _STUDIO.items():
        if asked and part in codec:
            return [f"{name} is for editing and archives: it {where}"]
    known = next((known for part, known in _DEEPEST.items() if part in codec), None)
    if known is None:
        return []
    name, most = known
    kinds = []
    if written.layout == "rgb":
        kinds.append("RGB")
    elif written.layout == "gray":
        kinds.append("gray alone (4:0:0)")
    elif written.chroma_shift in _CHROMA:
        kinds.append(_CHROMA[written.chroma_shift])
    if written.bits > most:
        kinds.append(f"{written.bits} bits")
    if not kinds:
        return []
    instead = "" if asked else "; output.compatible true writes what does"
    return [f"{name} with {' and '.join(kinds)}, kept as the source is, {where}{instead}"]


def unheard(container: str, sound: StreamInfo) -> list[str]:
    """What most players of a container will not play of a sound that is copied, in a line."""
    pcm = sound.codec.startswith("pcm_")
    if container != "mp4" or not (pcm or sound.codec in _UNHEARD):
        return []
    instead = "name the output *.mov, or " if pcm else ""
    return [
        f"{sound} is kept, and few players play that in MP4 files; {instead}let "
        "output.compatible true make AAC of it"
    ]


def plays_everywhere(container: str, sound: StreamInfo) -> bool:
    """Whether a sound is what all players of a container know."""
    return container not in {"mp4", "mov", "matroska"} or sound.codec == "aac"
