"""Results that go into what cannot be sought in, as they are made."""

from __future__ import annotations

import io
import tempfile
from fractions import Fraction
from pathlib import Path

import av
import pytest

from tests import witness
from tests.made_files.synthetic import Clip, ClipMaker
from tests.stand_ins.fakes import FakeDetector, FakeRestorer
from tests.stand_ins.plain import PLAIN
from vidrestore import OutputError, Session
from vidrestore.job import restoring

FILMS = {
    "sound": Clip("sound.mkv", count=40, width=96, height=96, audio=("flac",), font=True),
    "stretched": Clip("wide.mkv", count=8, width=96, height=96, sample_aspect=Fraction(12, 11)),
}


class Pipe:
    """Takes a little at a time, and notes how much has come."""

    def __init__(self, most: int = 1 << 30) -> None:
        self.data, self.most = bytearray(), most

    def write(self, data: bytes) -> int:
        if len(self.data) >= self.most:
            raise BrokenPipeError(32, "Broken pipe")
        self.data += data[:1000]
        return min(len(data), 1000)


def restored(source: Path, output: object, **options: object):
    config = PLAIN.with_options({"encoder.codec": "ffv1", **options})
    with Session(config, restorer=FakeRestorer(), detector=FakeDetector()) as session:
        return session.restore(source, output)


@pytest.mark.parametrize("name", FILMS)
def test_a_pipe_gets_what_a_file_does(clip: ClipMaker, tmp_path: Path, name: str) -> None:
    source, pipe = clip(FILMS[name]), Pipe()
    restored(source, pipe)
    restored(source, tmp_path / "file.mkv")
    streamed = tmp_path / "pipe.mkv"
    streamed.write_bytes(pipe.data)
    for kind in ("v:0", *("a:0",) * (name == "sound")):
        one, other = (
            witness.packets(path, f"0:{kind}") for path in (streamed, tmp_path / "file.mkv")
        )
        assert [(packet.pts, packet.digest) for packet in one] == [
            (packet.pts, packet.digest) for packet in other
        ]
    with av.open(str(streamed)) as one, av.open(str(tmp_path / "file.mkv")) as other:
        assert one.metadata == other.metadata
        assert len(one.streams) == len(other.streams)
        aspects = [file.streams.video[0].sample_aspect_ratio for file in (one, other)]
    assert aspects[0] == aspects[1]


def test_what_takes_a_little_at_a_time_gets_all_of_a_container_that_is_sent_at_the_end(
    clip: ClipMaker, tmp_path: Path
) -> None:
    source, pipe = clip(FILMS["stretched"]), Pipe()
    pipe.name = "result.mp4"
    restored(source, pipe, **{"encoder.codec": "libx264"})
    streamed = tmp_path / "pipe.mp4"
    streamed.write_bytes(pipe.data)
    assert len(witness.packets(streamed, "0:v:0")) == 8


def test_parts_go_out_before_the_last_frame_has_come(clip: ClipMaker, monkeypatch) -> None:
    source, pipe, sizes = clip(FILMS["sound"]), Pipe(), []
    config = PLAIN.with_options({"encoder.codec": "ffv1"})
    with Session(config, restorer=FakeRestorer(), detector=FakeDetector()) as session:
        session.restore(source, pipe, progress=lambda now: sizes.append(len(pipe.data)))
    assert 0 < sizes[-2] < len(pipe.data)


def test_a_reader_that_goes_away_ends_the_job_in_a_line(clip: ClipMaker) -> None:
    with pytest.raises(OutputError, match=r"cannot write .*broken pipe"):
        restored(clip(FILMS["sound"]), Pipe(most=20_000))


def test_a_report_cannot_stay_with_a_stream(clip: ClipMaker) -> None:
    report = restored(clip(FILMS["stretched"]), Pipe(), **{"output.report": "attached"})
    assert any("known when all else was sent" in warning for warning in report.warnings)


def test_nothing_is_left_in_the_temporary_folder(
    clip: ClipMaker, tmp_path: Path, monkeypatch
) -> None:
    source = clip(FILMS["stretched"])
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    restored(source, Pipe())
    with pytest.raises(OutputError):
        restored(source, Pipe(most=0))
    assert list(tmp_path.iterdir()) == []


def test_room_is_asked_for_where_results_lie(
    clip: ClipMaker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What goes out as it is made takes none."""
    asked: list[Path] = []
    monkeypatch.setattr(restoring, "check_room", lambda folder, *_: asked.append(folder))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    source = clip(FILMS["stretched"])
    restored(source, Pipe())
    assert asked == []
    restored(source, io.BytesIO())
    assert asked == [tmp_path]
