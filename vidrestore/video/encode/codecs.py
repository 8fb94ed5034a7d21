"""Which codec a container gets when nobody says, and how quality and speed are passed to each."""

from __future__ import annotations

import cv2
from av.video.stream import VideoStream

from vidrestore.config import EncoderConfig
from vidrestore.datatypes import FrameFormat
from vidrestore.errors import ConfigError
from vidrestore.video.facts.containers import is_isobmff

AUTO = "auto"

# x264's presets, which encoder.speed names, in the terms of the encoders that count.
_SPEEDS = (
    "ultrafast",
    "superfast",
    "veryfast",
    "faster",
    "fast",
    "medium",
    "slow",
    "slower",
    "veryslow",
    "placebo",
)
_X264 = ("libx264", "libx264rgb")
_SVT_PRESETS = (12, 11, 10, 9, 8, 6, 4, 3, 2, 1)
_VP9_SPEEDS = (8, 7, 5, 4, 3, 2, 1, 1, 0, 0)
_VP9_REALTIME = 7

_DNXHR_LEAST = (256, 120)
# The x265 in PyAV 18 writes beyond its own memory at 48 columns or fewer; from 52 on it is sound.
_X265_LEAST = 56

# OpenCV's number of AVX-512, which its Python module has no name for.
_AVX_512F = 13

# crf runs to 51 in x264 and x265, and to 63 in VP9 and AV1.
_SCALE_X264, _SCALE_VP9 = 51, 63


def resolved(config: EncoderConfig, container: str, fmt: FrameFormat) -> EncoderConfig:
    """The options with ``encoder.codec = "auto"`` replaced by what container and source ask for.

    H.264 plays everywhere, but hardly any device plays it with more than 8 bits: those sources get
    HEVC, unless they are too narrow for x265. WebM takes VP9 or, as this build's VP9 has 8 bits
    only, AV1. AVI takes H.264, without the reordered pictures that it has no times for.
    """
    if config.codec != AUTO:
        return _in_order(config) if container == "avi" else config
    deep = fmt.bits > 8
    if container == "avi":
        return _in_order(config.model_copy(update={"codec": "libx264"}))
    if container == "webm":
        codec = "libsvtav1" if deep else "libvpx-vp9"
    else:
        codec = "libx265" if deep and fmt.width >= _X265_LEAST else "libx264"
    return config.model_copy(update={"codec": codec})


def _in_order(config: EncoderConfig) -> EncoderConfig:
    """The options with pictures that are written as they are shown."""
    if encoder_name(config.codec) == "ffv1":
        return config
    return config.model_copy(update={"options": {"bf": "0", **config.options}})


def encoder_name(codec: str) -> str:
    """FFmpeg's encoder for a codec as the options name it."""
    return {"prores": "prores_ks"}.get(codec, codec)


def rate_options(config: EncoderConfig, encoder: str) -> dict[str, str]:
    """Quality and speed in an encoder's own terms; empty for encoders that know neither.

    Raises:
        ConfigError: if encoder.speed is no preset where it must be translated.
    """
    if encoder in {*_X264, "libx265"}:
        return {"crf": f"{config.crf:g}", "preset": config.speed}
    if encoder == "libsvtav1":
        return {"crf": _wide(config.crf), "preset": str(_SVT_PRESETS[_place(config.speed)])}
    if encoder == "libvpx-vp9":
        speed = _VP9_SPEEDS[_place(config.speed)]
        deadline = "realtime" if speed >= _VP9_REALTIME else "good"
        # Constant quality needs an unlimited rate.
        options = {"crf": _wide(config.crf), "b:v": "0", "row-mt": "1"}
        options |= {"deadline": deadline, "cpu-used": str(speed)}
        return options | ({"lossless": "1"} if config.crf == 0 else {})
    if encoder == "libaom-av1":
        return {"crf": _wide(config.crf), "b:v": "0"}
    return {}


def repeatable_options(encoder: str) -> dict[str, str]:
    """What makes an encoder write the same file for the same pictures; empty where all do.

    The x264 in PyAV 18 reads beyond its rows of macroblocks with AVX-512 while it spreads their
    costs over time (mbtree): where 128 does not divide the width, what it writes then depends on
    what happens to lie in memory. With AVX2 it reads none, and takes as long.
    """
    if encoder in _X264 and cv2.checkHardwareSupport(_AVX_512F):
        return {"x264-params": "asm=avx2"}
    return {}


def _wide(crf: float) -> str:
    return str(min(_SCALE_VP9, round(crf * _SCALE_VP9 / _SCALE_X264)))


def _place(speed: str) -> int:
    if speed not in _SPEEDS:
        raise ConfigError(f"encoder.speed {speed!r} is none of {', '.join(_SPEEDS)}")
    return _SPEEDS.index(speed)


def profile_options(encoder: str, fmt: FrameFormat) -> dict[str, str]:
    """An encoder's profile for what it is given; empty for those that choose it themselves.

    Raises:
        ConfigError: if the picture is smaller than the encoder can do.
    """
    if encoder == "libx265":
        _check_x265(fmt)
    elif encoder == "dnxhd":
        return {"profile": _dnxhr_profile(fmt)}
    elif encoder == "prores_ks":
        return {"profile": "4444" if fmt.chroma_shift == (0, 0) else "hq"}
    return {}


def _check_x265(fmt: FrameFormat) -> None:
    """Refuse pictures that would make x265 corrupt the memory of this process."""
    if fmt.width < _X265_LEAST:
        raise ConfigError(
            f"libx265 takes pictures from {_X265_LEAST} columns on, not {fmt.width}; choose "
            "another encoder.codec, such as libx264 or ffv1"
        )


def _dnxhr_profile(fmt: FrameFormat) -> str:
    """DNxHR's profile for what it is given."""
    if fmt.width < _DNXHR_LEAST[0] or fmt.height < _DNXHR_LEAST[1]:
        raise ConfigError(
            f"dnxhd takes pictures from {_DNXHR_LEAST[0]}x{_DNXHR_LEAST[1]} on, not "
            f"{fmt.width}x{fmt.height}; choose another encoder.codec, such as prores"
        )
    profiles = {"yuv422p": "dnxhr_hq", "yuv422p10le": "dnxhr_hqx"}
    return profiles.get(fmt.pix_fmt, "dnxhr_444")


def tag(container: str, stream: VideoStream) -> None:
    """Name HEVC as Apple's players and browsers want it, which know no "hev1".

    The difference is whether parameters may come in the pictures too; here the header has them all.
    """
    codec = stream.codec_context.codec.canonical_name
    if is_isobmff(container) and codec == "hevc":
        stream.codec_context.codec_tag = "hvc1"
