"""Whole jobs with stand-ins for the networks: ranges, strength, encoders, interruption."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from fractions import Fraction
from types import SimpleNamespace

import numpy as np
import pytest

from tests import witness
from tests.functional.conftest import SAMPLE
from tests.fuzzing.resumed import small_clip
from tests.made_files.synthetic import Clip, make
from tests.stand_ins.fakes import FakeDetector, FakeRestorer
from vidrestore import Config, Interrupted, OutputError, api, inspect_video, pipeline, restore_video
from vidrestore.job import estimating

# Nothing holds the fakes back: an inverted face would be taken for a covered one.
LOSSLESS = Config().with_options(
    {"encoder.codec": "ffv1", "restore.adaptive": False, "paste.occlusion": False}
)
# Blending over time calms the source's own noise too, and the sample is film: its light flickers,
# and it has scratches. With all of that left alone every frame stands for itself.
UNBLENDED = LOSSLESS.with_options(
    {
        "temporal.denoise": 0,
        "temporal.blend": 0,
        "film.deflicker": "off",
        "film.repair": "off",
    }
)


CLOSE = Clip(count=20, width=160, height=120)
"""The face that FakeDetector finds in it is large enough to be restored."""


def invert(crops):
    return np.iinfo(crops.dtype).max - crops


def pictures(path):
    return [(frame.pts, frame.digest) for frame in witness.frames(path, pix_fmt="yuv420p")]


def test_strength_nought_gives_the_source_exactly(tmp_path):
    config = LOSSLESS.with_options({"paste.strength": 0})
    out = tmp_path / "out.mkv"
    end = Fraction(4, 5)
    report = restore_video(SAMPLE, out, config, end=end, restorer=FakeRestorer(invert))
    assert report.frames == 20
    assert pictures(out) == pictures(SAMPLE)[: report.frames]


def test_a_video_without_faces_passes_untouched(tmp_path):
    clip = make(tmp_path, Clip(count=20, width=160, height=120))
    out = tmp_path / "out.mkv"
    report = restore_video(clip, out, LOSSLESS, restorer=FakeRestorer(invert))
    assert (report.frames, report.faces, report.tracks) == (20, 0, ())
    assert pictures(out) == pictures(clip)


def test_results_do_not_depend_on_the_batch(tmp_path):
    """Nor on the queues: only the grouping of crops differs."""
    outs = []
    for batch, queue in ((1, 1), (5, 8)):
        outs.append(tmp_path / f"batch{batch}.mkv")
        config = LOSSLESS.with_options({"restore.batch": batch, "pipeline.queue": queue})
        end = Fraction(16, 25)
        restore_video(SAMPLE, outs[-1], config, end=end, restorer=FakeRestorer(invert))
    assert pictures(outs[0]) == pictures(outs[1])


def test_a_range_begins_at_nought_and_keeps_sound_in_step(tmp_path):
    """And a restorer that changes nothing changes no sample, on both sides of a cut."""
    out, start, end = tmp_path / "piece.mkv", Fraction(8, 5), Fraction(13, 5)
    report = restore_video(SAMPLE, out, UNBLENDED, start=start, end=end, restorer=FakeRestorer())
    assert (len(report.cuts), report.faces) == (1, 25)
    whole = [frame for frame in witness.frames(SAMPLE) if start <= frame.pts < end]
    piece = witness.frames(out)
    assert report.frames == len(piece) == len(whole)
    shift = whole[0].pts
    assert [f.pts for f in piece] == [f.pts - shift for f in whole]
    assert [f.digest for f in piece] == [f.digest for f in whole]
    sound = witness.packets(out, "0:a:0")
    assert 0.9 < float(sound[-1].pts + sound[-1].duration) < 1.2
    kept = {packet.digest for packet in witness.packets(SAMPLE, "0:a:0")}
    assert {packet.digest for packet in sound} <= kept


def test_an_existing_output_is_kept_unless_told(tmp_path):
    out = tmp_path / "out.mkv"
    out.write_text("precious")
    with pytest.raises(OutputError, match="overwrite"):
        restore_video(SAMPLE, out, restorer=FakeRestorer())
    assert out.read_text() == "precious"


class Failing:
    size = 64

    def restore(self, crops):
        raise RuntimeError("out of luck")


def test_an_error_in_the_middle_leaves_nothing(tmp_path):
    clip, out = make(tmp_path, CLOSE), tmp_path / "out.mkv"
    with pytest.raises(RuntimeError, match="out of luck"):
        restore_video(clip, out, restorer=Failing(), detector=FakeDetector())
    assert list(tmp_path.iterdir()) == [clip]


def test_the_stop_event_leaves_nothing(tmp_path):
    stop = threading.Event()

    def progress(now):
        if now.frames_done == 5:
            assert now.frames_taken > 5 + Config().temporal.rest  # as many are held back
            stop.set()

    clip, out = make(tmp_path, Clip(count=100)), tmp_path / "out.mkv"
    fakes = {"restorer": FakeRestorer(), "detector": FakeDetector()}
    with pytest.raises(Interrupted):
        restore_video(clip, out, progress=progress, stop=stop, **fakes)
    assert list(tmp_path.iterdir()) == [clip]


# Other signals, and this one at random moments, are sent by tests.fuzzing.faults.
def test_a_signal_ends_the_command_with_130_and_leaves_nothing(tmp_path):
    words = [sys.executable, "-m", "vidrestore", "restore", str(SAMPLE), str(tmp_path / "out.mkv")]
    # What looks far ahead is long in coming to a first frame.
    words += ["--model", "none", "--film.deflicker", "off", "--film.repair", "off"]
    words += ["--temporal.denoise", "0", "--temporal.blend", "0", "--detect.every", "12"]
    job = subprocess.Popen(words, stderr=subprocess.PIPE, text=True)
    assert job.stderr is not None
    try:
        # The first line of progress says that frames are on their way.
        job.stderr.readline()
        job.send_signal(signal.SIGINT)
        rest = job.stderr.read()
        assert job.wait(120) == 130, rest
    finally:
        job.kill()
        job.stderr.close()
    assert not list(tmp_path.iterdir())


class Hanging:
    """A restorer of the caller's that does not come back before the job is over."""

    size = 64

    def __init__(self):
        self.begun, self.over = threading.Event(), threading.Event()

    def restore(self, crops):
        self.begun.set()
        assert self.over.wait(600)
        return crops


def test_a_stop_ends_a_job_whose_restorer_hangs(tmp_path, monkeypatch):
    monkeypatch.setattr(pipeline, "STOP_SECONDS", 0.5)
    stop, restorer = threading.Event(), Hanging()
    threading.Thread(target=lambda: restorer.begun.wait(600) and stop.set(), daemon=True).start()
    clip, out = make(tmp_path, CLOSE), tmp_path / "out.mkv"
    with pytest.raises(Interrupted):
        restore_video(clip, out, stop=stop, restorer=restorer, detector=FakeDetector())
    assert list(tmp_path.iterdir()) == [clip]
    restorer.over.set()  # a thread that is left behind must end in peace, too


class Blind:
    """A detector of the caller's; it counts what it is shown."""

    def __init__(self):
        self.shown = 0

    def detect(self, images):
        self.shown += len(images)
        return [()] * len(images)


def test_a_detector_of_the_callers_is_used(tmp_path):
    blind = Blind()
    end = Fraction(1, 2)
    done = restore_video(
        SAMPLE, tmp_path / "out.mkv", end=end, restorer=FakeRestorer(), detector=blind
    )
    assert (done.faces, blind.shown > 0) == (0, True)


def test_inspection_finds_both_shots_and_writes_nothing(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    clip = small_clip(tmp_path / "in.mkv")
    found = inspect_video(clip)
    assert found.frames == found.faces == 36
    assert len(found.cuts) == 1
    assert [track.track_id for track in found.tracks] == [1, 2]
    assert list(tmp_path.iterdir()) == [clip]


def trial(seconds, load, *lengths):
    """A trial of 50 frames of a sample, whose results have these lengths, bytes."""

    def restored(task, config, networks, *, stop):
        results = (task.output, *(copy.output for copy in task.copies))
        for output, length in zip(results, lengths, strict=True):
            output.write_bytes(b"x" * length)
        return SimpleNamespace(
            frames=50,
            seconds=seconds,
            timing={"load": load},
            model=SimpleNamespace(name="m"),
            device="cpu",
            duration=2.0,
        )

    return restored


def test_an_estimate_counts_loading_once_and_leaves_nothing(tmp_path, monkeypatch):
    """A model that takes long to load does not make a long video look longer still."""
    monkeypatch.setattr(estimating, "restore", trial(15.0, 10.0, 1000))
    found = api.estimate(SAMPLE, tmp_path / "out.mkv")
    assert found.seconds == pytest.approx(10 + 5 * found.frames / 50)
    assert found.output_bytes == pytest.approx(1000 * found.frames / 50, abs=1)
    assert not list(tmp_path.iterdir())


def test_an_estimate_counts_copies_too(tmp_path, monkeypatch):
    monkeypatch.setattr(estimating, "restore", trial(1.0, 0.0, 1000, 300))
    found = api.estimate(SAMPLE, tmp_path / "out.mkv", copies={tmp_path / "small.mp4": None})
    assert (found.output_bytes, found.copies[0].output_bytes) == (2000, 600)
    assert found.copies[0].free_bytes == found.free_bytes - 2000
    assert found.fits
    assert not list(tmp_path.iterdir())


def test_an_estimate_refuses_what_the_job_would_refuse(tmp_path):
    out = tmp_path / "out.mkv"
    out.write_text("precious")
    with pytest.raises(OutputError, match="overwrite"):
        api.estimate(SAMPLE, out)
    assert out.read_text() == "precious"


def test_an_estimate_of_pictures_counts_them_all(tmp_path, monkeypatch):
    """Neither is the folder made that the job would make."""

    def restored(task, config, networks, *, stop):
        for number in (1, 2):
            (task.output.parent / (task.output.name % number)).write_bytes(b"x" * 1000)
        return SimpleNamespace(
            frames=2,
            seconds=1.0,
            timing={"load": 0.0},
            model=SimpleNamespace(name="m"),
            device="cpu",
            duration=0.1,
        )

    monkeypatch.setattr(estimating, "restore", restored)
    found = api.estimate(SAMPLE, tmp_path / "new" / "f_%d.png")
    assert found.output_bytes == 1000 * found.frames
    assert found.free_bytes > 0
    assert not list(tmp_path.iterdir())
