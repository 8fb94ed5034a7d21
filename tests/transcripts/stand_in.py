"""A library that works on nothing and reports what a job might, by the names of its sources."""

from __future__ import annotations

import errno
import os
from datetime import UTC, datetime
from typing import Any, Self

import numpy as np

from vidrestore.config import Config
from vidrestore.datatypes import Reason
from vidrestore.errors import InputError, Interrupted, OutputError
from vidrestore.report import (
    CopyMade,
    Cut,
    Estimate,
    FaceTrack,
    Inspection,
    ModelUsed,
    Progress,
    Report,
    TrackReport,
    Untouched,
)

_MEDIA = {
    "container": "matroska,webm",
    "size": 388_000,
    "duration": 4.0,
    "start": 0.0,
    "restored_stream": 0,
    "chapters": [],
    "streams": [
        {"index": 0, "kind": "video", "codec": "h264", "width": 384, "height": 288}
        | {"pix_fmt": "yuv420p", "rate": "25", "sample_aspect": "1", "rotation": 0, "hidden": {}}
        | {"colour": {"dynamic": [], "profile": False}, "interlaced": True, "language": None}
        | {"title": None, "disposition": ["default"]},
        {"index": 1, "kind": "audio", "codec": "pcm_s16le", "sample_rate": 48000, "layout": "mono"}
        | {"language": "eng", "title": None, "disposition": []},
    ],
}


class StandIn:
    """What ``vidrestore.api`` is to the command line."""

    Interrupted = Interrupted

    def Session(self, config: Config) -> Self:  # noqa: N802 - as the real one is called
        self.config = config
        return self

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing was opened."""

    def restore(
        self, source: str, output: str, *, progress: Any, copies: dict[str, Config], **_: Any
    ) -> Report:
        """Tell of progress, and of a job that did a little of everything."""
        progress(Progress(0, None, 0, 0.0, phase="opening"))
        _fail(source)
        progress(Progress(0, None, 0, 0.0, phase="loading"))
        progress(Progress(25, 100, 20, 5.0, 50))
        if source.startswith("stopped"):
            raise Interrupted("stopped")
        progress(Progress(100, None, 0, 0.0, phase="writing"))
        regions = np.array([[frame, 1, 2, 30, 40] for frame in range(60)], np.int32)
        left = (Untouched(60, 69, Reason.SHARP), Untouched(70, 75, Reason.UNSEEN))
        track = TrackReport(1, 0, 75, 0.0, 3.0, 60, regions, np.ones(60), left)
        return Report(
            input=source,
            output=output,
            frames_in=100,
            frames_out=100,
            duration=4.0,
            faces=60,
            frames_restored=60,
            frames_without_faces=24,
            left_alone={Reason.SHARP: 10, Reason.SMALL: 3},
            tracks=(track,),
            cuts=(Cut(76, 3.04),),
            model=ModelUsed("default", "default.safetensors", "0" * 64),
            settings={},
            timing={},
            warnings=("in.mkv: 1 damaged packet at 0:00:02.000, left out",),
            version="0.0.0",
            device="cpu",
            precision="float32",
            started=datetime(2026, 1, 1, tzinfo=UTC),
            seconds=20.0,
            picture={"deinterlaced": 100},
            streams=({"index": 1, "kind": "audio", "codec": "pcm_s16le", "fate": "converted"},),
            copies=tuple(CopyMade(name, {}, ()) for name in copies),
        )

    def estimate(self, source: str, output: str, **_: Any) -> Estimate:
        """Tell what it would take."""
        _fail(source)
        basis = "the first 12 frames, restored in 3.1 s"
        return Estimate(
            source, output, 100, 4.0, 20.0, 500_000, 8_000_000_000, "default", "cpu", basis
        )

    def inspect_video(self, source: str, config: Config, **_: Any) -> Inspection:
        """Tell what is in it."""
        del config
        _fail(source)
        return Inspection(
            input=source,
            media=_MEDIA,
            frames=100,
            duration=4.0,
            frame_interval=(0.04, 0.04),
            faces=70,
            tracks=(FaceTrack(1, 0, 75, 0.0, 3.0, 70, 54.0, 0.9),),
            cuts=(Cut(76, 3.04),),
        )


def _fail(source: str) -> None:
    if source.startswith("damaged"):
        raise InputError(
            f"{source} is not a video that FFmpeg can read (invalid data found when processing "
            "input); if it should be one, it is damaged or incomplete"
        )
    if source.startswith("full"):
        raise OutputError("cannot write out.mkv: no space left on device") from OSError(
            errno.ENOSPC, os.strerror(errno.ENOSPC)
        )
