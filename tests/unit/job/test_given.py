"""The ways in which a program gives options, times, files and networks."""

from __future__ import annotations

import errno
import io
import json
from datetime import timedelta
from fractions import Fraction

import pytest

from tests import witness
from tests.made_files.synthetic import Clip, make
from tests.stand_ins.fakes import FakeDetector, FakeRestorer
from tests.stand_ins.plain import PLAIN
from vidrestore import Config, ConfigError, InputError, ModelUsed, OutputError, Session
from vidrestore.text.wording import as_seconds


@pytest.fixture
def session():
    with Session(PLAIN, restorer=FakeRestorer(), detector=FakeDetector()) as opened:
        yield opened


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    return make(tmp_path_factory.mktemp("given"), Clip(count=8, width=96, height=96))


@pytest.mark.parametrize(
    ("given", "equal"),
    [
        (None, Config()),
        ("cctv", Config.preset("cctv")),
        ({"encoder": {"crf": 20.0}}, Config().with_options({"encoder.crf": 20})),
        ({"encoder.crf": "20"}, Config().with_options({"encoder.crf": 20})),
        (PLAIN, PLAIN),
    ],
)
def test_options_are_given_in_any_of_these_ways(given, equal):
    assert Session(given).config == equal


@pytest.mark.parametrize("given", ["cctvv", 5, {"encoder": 3}, {"encoder.crff": 3}, ["cctv"]])
def test_what_holds_no_options_is_told(given):
    with pytest.raises(ConfigError):
        Session(given)


@pytest.mark.parametrize(
    ("given", "seconds"),
    [("1:30.5", "90.5"), (2, "2"), (0.5, "0.5"), (timedelta(milliseconds=1), "0.001")],
)
def test_times_are_given_in_any_of_these_ways(given, seconds):
    assert as_seconds(given, "start") == Fraction(seconds)


@pytest.mark.parametrize(
    "given", ["soon", -1, float("nan"), True, None.__class__, timedelta(seconds=-1)]
)
def test_what_is_no_time_is_told_by_the_arguments_name(given):
    with pytest.raises(ConfigError, match=r"^start "):
        as_seconds(given, "start")


def test_a_buffer_gives_and_takes_what_files_do(clip, tmp_path):
    before, after = io.BytesIO(clip.read_bytes()), io.BytesIO()
    # On a busy machine x264's threads do not encode the same frames alike every time.
    lossless = PLAIN.with_options({"encoder.codec": "ffv1"})
    with Session(lossless, restorer=FakeRestorer(), detector=FakeDetector()) as session:
        report = session.restore(before, after, start="0.04", end=timedelta(seconds=0.2))
        session.restore(clip, tmp_path / "out.mkv", start="0.04", end=timedelta(seconds=0.2))
    (tmp_path / "buffer.mkv").write_bytes(after.getvalue())
    one, other = (witness.frames(tmp_path / name) for name in ("buffer.mkv", "out.mkv"))
    assert [frame.digest for frame in one] == [frame.digest for frame in other]
    assert len(one) == report.frames == 4
    assert (report.input, report.output) == ("<BytesIO>", "<BytesIO>")
    assert not before.closed
    assert not after.closed


def test_an_open_file_with_the_name_of_a_container_gets_that(session, clip, tmp_path):
    with clip.open("rb") as source, (tmp_path / "out.mp4").open("wb") as output:
        session.restore(source, output)
    assert (tmp_path / "out.mp4").read_bytes()[4:8] == b"ftyp"


@pytest.mark.parametrize(
    ("source", "output", "kind", "said"),
    [
        (io.BytesIO(), "out.mkv", InputError, "<BytesIO> is empty"),
        (io.BytesIO(b"no video"), "out.mkv", InputError, "<BytesIO> is not a video"),
        (io.StringIO("text"), "out.mkv", ConfigError, "open as text; open it .* mode 'rb'"),
        ("", "out.mkv", ConfigError, "source is an empty name"),
        ("in.mkv", "", ConfigError, "output is an empty name"),
        (5, "out.mkv", ConfigError, "source is 5"),
        ("in.mkv", None, ConfigError, "output is None"),
        ("https://host/in.mkv", "out.mkv", InputError, "is an address"),
    ],
)
def test_what_is_no_file_is_told(session, source, output, kind, said):
    with pytest.raises(kind, match=said):
        session.restore(source, output)


def test_an_output_that_takes_no_bytes_is_told_before_the_work(session, clip):
    frames = []
    with clip.open("rb") as source:
        pass
    with clip.open("rb") as unwritable:
        for output, said in (
            (io.StringIO(), "output <StringIO> is open as text; open it as binary, with mode 'wb'"),
            (unwritable, "was not opened to write; open it with mode 'wb'"),
            (source, "is closed; open it with mode 'wb'"),
        ):
            with pytest.raises(ConfigError, match=said):
                session.restore(clip, output, progress=frames.append)
    assert not frames


def test_an_output_that_fails_is_told(session, clip):
    class Full:
        def write(self, data):
            raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(OutputError, match="cannot write the result to <Full>: no space left"):
        session.restore(clip, Full())


def test_a_source_that_fails_is_told_as_that_and_not_as_a_lack_of_room(session):
    class Broken:
        def read(self, size):
            raise OSError(errno.EIO, "Input/output error")

    with pytest.raises(InputError, match=r"<Broken> cannot be read: input/output error$"):
        session.restore(Broken(), "out.mkv")


@pytest.mark.parametrize("jobs", [-1, 257, "2", 1.5, True, None])
def test_what_is_no_number_of_processes_is_told(session, clip, jobs):
    with pytest.raises(ConfigError, match=r"jobs is .*, but must be a number from 1 to"):
        session.restore(clip, "out.mkv", jobs=jobs)


def test_copies_that_are_no_mapping_are_told(session, clip):
    with pytest.raises(ConfigError, match="copies is a list; give a mapping"):
        session.restore(clip, "out.mkv", copies=["copy.mp4"])


def test_the_callers_networks_tell_their_template_and_origin(clip, tmp_path):
    restorer, detector = FakeRestorer(), FakeDetector()
    restorer.template = "ffhq"
    restorer.provenance = ModelUsed("mine", "mine.pth", "ab" * 32, "MIT")
    with Session(PLAIN, restorer=restorer, detector=detector) as session:
        report = session.restore(clip, tmp_path / "out.mkv")
    assert report.model == restorer.provenance
    told = json.loads(report.to_json())
    assert told["model"]["sha256"] == "ab" * 32
    assert told["frames_per_second"] > 0
    restorer.template = "mine"
    with pytest.raises(ConfigError, match="gpen or ffhq"):
        Session(restorer=restorer)
    with pytest.raises(ConfigError, match="a method restore"):
        Session(restorer=5)
    with pytest.raises(ConfigError, match="a method detect"):
        Session(detector=5)


def test_phases_are_told_in_order(session, clip, tmp_path):
    phases = []
    session.restore(clip, tmp_path / "out.mkv", progress=lambda now: phases.append(now.phase))
    assert list(dict.fromkeys(phases)) == ["opening", "loading", "working", "writing"]


def test_the_results_time_is_kept_or_not(clip, tmp_path):
    for times in ("keep", "now"):
        config = PLAIN.with_options({"output.times": times})
        with Session(config, restorer=FakeRestorer(), detector=FakeDetector()) as session:
            session.restore(clip, tmp_path / f"{times}.mkv")
    source, kept, now = (
        path.stat().st_mtime_ns for path in (clip, *map(tmp_path.joinpath, ("keep.mkv", "now.mkv")))
    )
    assert kept == source
    assert now > source


def test_an_encoder_that_refuses_its_options_is_told_as_they_are_typed(clip, tmp_path):
    config = PLAIN.with_options({"encoder.options": {"crf": ""}})
    said = r"encoder.speed medium, encoder.crf 16 and encoder.options crf=: .*; change one of them$"
    with (
        Session(config, restorer=FakeRestorer(), detector=FakeDetector()) as session,
        pytest.raises(ConfigError, match=said),
    ):
        session.restore(clip, tmp_path / "out.mkv")
