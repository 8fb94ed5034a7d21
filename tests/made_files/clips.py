"""A clip for each way in which time, picture and streams differ; they feed parametrised tests."""

from __future__ import annotations

from fractions import Fraction

from tests.made_files.synthetic import NTSC, Clip

B_FRAMES = {"preset": "veryfast", "crf": "18", "bf": "3", "g": "8", "x264-params": "b-adapt=0"}

TIMINGS = {
    "cfr": Clip("cfr.mp4"),
    "ntsc": Clip("ntsc.mp4", rate=NTSC),
    "b-frames": Clip("b.mp4", count=20, options=B_FRAMES),
    "vfr": Clip(
        "vfr.mp4",
        time_base=Fraction(1, 90_000),
        ticks=(0, 3000, 3750, 9000, 12_001, 18_000, 18_900, 30_000, 30_090, 45_000, 48_000, 50_003),
        options=B_FRAMES,
    ),
    "gaps": Clip(
        "gaps.mkv",
        time_base=Fraction(1, 1000),
        ticks=(0, 40, 80, 5000, 5040, 5080, 5120, 20_000, 20_040, 20_080, 20_120, 20_160),
    ),
    "late start": Clip(
        "late.mp4", time_base=Fraction(1, 12_800), ticks=[7777 + 512 * i for i in range(12)]
    ),
    "transport stream": Clip("clip.ts", count=20, options=B_FRAMES, audio=("mp2",), seconds=0.8),
    "intra avi": Clip(
        "clip.avi", codec="mjpeg", pix_fmt="yuvj420p", options={}, audio=("pcm_s16le",)
    ),
    "millisecond mkv": Clip("ms.mkv", rate=NTSC, options=B_FRAMES, count=20),
}

PICTURES = {
    "odd size": Clip("odd.mkv", width=63, height=47, codec="ffv1", options={}),
    "odd 4:4:4": Clip("odd444.mkv", width=67, height=53, pix_fmt="yuv444p"),
    "4:2:2": Clip("422.mkv", width=62, pix_fmt="yuv422p"),
    "4:1:1": Clip("411.mkv", width=64, pix_fmt="yuv411p", codec="ffv1", options={}),
    "10 bit": Clip("ten.mkv", pix_fmt="yuv420p10le"),
    "10 bit 4:2:2": Clip("ten422.mov", pix_fmt="yuv422p10le", codec="prores_ks", options={}),
    "12 bit": Clip("twelve.mkv", pix_fmt="yuv444p12le", codec="ffv1", options={}),
    "16 bit": Clip("sixteen.mkv", pix_fmt="yuv420p16le", codec="ffv1", options={}),
    "gray": Clip("gray.mkv", pix_fmt="gray", codec="ffv1", options={}),
    "gray 12 bit": Clip("gray12.mkv", pix_fmt="gray12le", codec="ffv1", options={}),
    "rgb": Clip("rgb.mkv", pix_fmt="bgr0", codec="ffv1", options={}),
    "rgb 10 bit": Clip("rgb10.mkv", pix_fmt="gbrp10le", codec="ffv1", options={}),
    "alpha": Clip("alpha.mkv", pix_fmt="yuva420p", codec="ffv1", options={}),
    "rotated": Clip("phone.mp4", rotation=90),
    "wide pixels": Clip("dv.mkv", sample_aspect=Fraction(64, 45)),
    "bt709 limited": Clip("709.mp4", colour=(1, 1, 1, 1)),
    "full range": Clip("full.mp4", colour=(1, 1, 1, 2)),
}

STREAMS = {
    "mp4 with sound": Clip(
        "sound.mp4", audio=("aac",), metadata={"title": "A film", "comment": "x"}
    ),
    "mkv with all": Clip(
        "all.mkv",
        audio=("aac", "flac"),
        subtitle="subrip",
        chapters=((0.0, 0.2, "One"), (0.2, 0.48, "Two")),
        metadata={"title": "All of it", "WEATHER": "fine"},
        cover=True,
        font=True,
    ),
    "mp4 with all": Clip(
        "all.mp4",
        audio=("aac", "ac3"),
        subtitle="mov_text",
        chapters=((0.0, 0.2, "One"), (0.2, 0.48, "Two")),
        metadata={"title": "All of it", "creation_time": "2001-02-03T04:05:06.000000Z"},
        cover=True,
    ),
    "mov with pcm": Clip("pcm.mov", audio=("pcm_s16le",), metadata={"title": "Tape"}),
}

EVERY = {**TIMINGS, **PICTURES, **STREAMS}
