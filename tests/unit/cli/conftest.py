from __future__ import annotations

from datetime import UTC, datetime
from fractions import Fraction
from types import SimpleNamespace

import numpy as np
import pytest

import vidrestore
from vidrestore.report import (
    CopyEstimate,
    CopyMade,
    Cut,
    Estimate,
    FaceTrack,
    Inspection,
    ModelUsed,
    Progress,
    Report,
    TrackReport,
)
from vidrestore.video.facts.media import Chapter, MediaInfo, Picture, Sound, StreamInfo

MEDIA = MediaInfo(
    path="clip.mkv",
    container="matroska",
    size=1_200_000,
    start=Fraction(1, 2),
    duration=Fraction(6),
    streams=(
        StreamInfo(
            0,
            "video",
            "h264",
            picture=Picture(
                64, 48, "yuv420p", Fraction(30000, 1001), None, Fraction(8, 9), 90, interlaced=True
            ),
        ),
        StreamInfo(1, "audio", "aac", "eng", "Comment", sound=Sound(48000, 2, "stereo")),
        StreamInfo(2, "subtitle", "subrip", disposition=("default", "forced")),
        StreamInfo(3, "data", ""),
    ),
    restored=0,
    reason="the only video stream",
    chapters=(Chapter(1, Fraction(0), Fraction(3), {"title": "First"}),),
)


class Interrupted(Exception):  # noqa: N818
    pass


class FakeApi:
    """Records calls; does what the test hooks in."""

    Interrupted = Interrupted

    def __init__(self):
        self.calls, self.sessions = [], []
        self.hook = lambda call: None
        self.warnings = ()
        self.faces = 1
        self.left_alone = {}
        self.model = ModelUsed("default", "default.safetensors", "0" * 64)

    def Session(self, config):  # noqa: N802 - as the real one is called
        self.sessions.append(FakeSession(self, config))
        return self.sessions[-1]

    def restore_video(
        self,
        source,
        output,
        config,
        *,
        start=None,
        end=None,
        overwrite=False,
        jobs=1,
        restart=False,
        keep_parts=False,
        copies=None,
        progress=None,
        stop=None,
    ):
        call = SimpleNamespace(**{key: value for key, value in locals().items() if key != "self"})
        self.calls.append(call)
        for done in (0, 1, 2):
            progress(Progress(done, 2, done, done * 0.5))
        self.hook(call)
        regions = np.array([[0, 1, 2, 30, 40]] * self.faces, dtype=np.int32).reshape(-1, 5)
        tracks = (TrackReport(1, 0, 0, 0.0, 0.0, 1, regions, np.ones(1)),) if self.faces else ()
        return Report(
            input=str(source),
            output=str(output),
            frames_in=2,
            frames_out=2,
            duration=0.08,
            faces=self.faces,
            frames_restored=self.faces,
            frames_without_faces=2 - self.faces,
            left_alone=self.left_alone,
            tracks=tracks,
            cuts=(),
            model=self.model,
            settings=config.model_dump(),
            timing={},
            warnings=self.warnings,
            version="0.1.0",
            device="cpu",
            precision="float32",
            started=datetime(2026, 1, 1, tzinfo=UTC),
            seconds=1.0,
            copies=tuple(CopyMade(str(name), {}, ("careful",)) for name in copies),
        )

    def inspect_video(self, source, config, *, progress=None, stop=None):
        call = SimpleNamespace(source=source, config=config, stop=stop)
        self.calls.append(call)
        progress(Progress(1, None, 0, 0.5))
        self.hook(call)
        return Inspection(
            input=str(source),
            media=MEDIA.as_dict(),
            frames=3,
            duration=0.12,
            frame_interval=(0.04, 0.041),
            faces=3,
            tracks=(FaceTrack(1, 0, 2, 0.0, 0.08, 3, 21.0, 0.97),),
            cuts=(Cut(1, 0.04),),
        )

    def estimate(
        self,
        source,
        output,
        config,
        *,
        start=None,
        end=None,
        overwrite=False,
        copies=None,
        stop=None,
    ):
        call = SimpleNamespace(**{key: value for key, value in locals().items() if key != "self"})
        self.calls.append(call)
        self.hook(call)
        return Estimate(
            input=str(source),
            output=str(output),
            frames=100,
            duration=0.0 if str(source).endswith(".jpg") else 4.0,
            seconds=75.0,
            output_bytes=2_000_000,
            free_bytes=1_000_000,
            model="default",
            device="cpu",
            basis="8 frames tried",
            copies=tuple(CopyEstimate(str(name), 1_000, 2_000_000_000) for name in copies),
        )


class FakeSession:
    """A session of the fake's: what it is asked for is a call of the fake's own."""

    def __init__(self, fake, config):
        self._fake, self._config = fake, config

    def __enter__(self):
        return self

    def __exit__(self, *_):
        return None

    def restore(self, source, output, **options):
        return self._fake.restore_video(source, output, self._config, **options)

    def estimate(self, source, output, **options):
        return self._fake.estimate(source, output, self._config, **options)


@pytest.fixture
def api(monkeypatch):
    fake = FakeApi()
    monkeypatch.setattr(vidrestore, "api", fake, raising=False)
    return fake


@pytest.fixture
def fake_type():
    return FakeApi
