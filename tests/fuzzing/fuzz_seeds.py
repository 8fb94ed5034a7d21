"""A small valid file of every container, to be broken."""

from __future__ import annotations

from fractions import Fraction

from tests.made_files.synthetic import Clip

_B_FRAMES = {"preset": "veryfast", "crf": "28", "bf": "2", "g": "6", "x264-params": "b-adapt=0"}
_MPEG2 = {"g": "6", "b": "400000", "bf": "2"}
_INTRA = {"b": "600000"}

SEEDS = {
    "mp4": Clip(
        "seed.mp4", options=_B_FRAMES, audio=("aac",), subtitle="mov_text", metadata={"title": "x"}
    ),
    "mov": Clip("seed.mov", codec="prores_ks", pix_fmt="yuv422p10le", options={}, rotation=90),
    "mkv": Clip(
        "seed.mkv",
        options=_B_FRAMES,
        audio=("aac",),
        subtitle="subrip",
        chapters=((0.0, 0.2, "One"), (0.2, 0.48, "Two")),
        font=True,
    ),
    "hevc mkv": Clip(
        "hevc.mkv",
        codec="libx265",
        pix_fmt="yuv420p10le",
        options={"preset": "ultrafast", "x265-params": "log-level=none:keyint=6"},
    ),
    "ffv1 mkv": Clip("ffv1.mkv", codec="ffv1", options={"level": "3", "slicecrc": "1", "g": "1"}),
    "webm": Clip("seed.webm", codec="libvpx", options={"deadline": "realtime"}, audio=("libopus",)),
    "avi": Clip("seed.avi", codec="mpeg4", options=_INTRA, audio=("pcm_s16le",)),
    "mjpeg avi": Clip(
        "mjpeg.avi", codec="mjpeg", pix_fmt="yuvj420p", options={}, audio=("pcm_s16le",)
    ),
    "ts": Clip("seed.ts", options=_B_FRAMES, audio=("mp2",)),
    "mpg": Clip("seed.mpg", codec="mpeg2video", options=_MPEG2, audio=("mp2",)),
    "flv": Clip("seed.flv", codec="flv", options=_INTRA, audio=("aac",)),
    "mxf": Clip("seed.mxf", codec="mpeg2video", options=_MPEG2, audio=("pcm_s16le",)),
    "wmv": Clip("seed.wmv", codec="wmv2", options=_INTRA),
    "y4m": Clip("seed.y4m", codec="rawvideo", options={}, count=5),
    "gif": Clip("seed.gif", codec="gif", pix_fmt="gray", options={}, rate=Fraction(10), count=6),
}
