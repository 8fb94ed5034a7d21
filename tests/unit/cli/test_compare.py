"""``vidrestore compare``: what is asked of the library, and what is told."""

from __future__ import annotations

import json
import math

import pytest

from vidrestore.cli import main
from vidrestore.report import Comparison, WorstFrame


def found(**facts):
    worst = WorstFrame(7, 0.28, 31.5, 0.912)
    usual = {"psnr": 38.214, "ssim": 0.98123, "worst": worst, "changed": 0.1234}
    usual |= {"flicker": (1.231, 0.98), "video": None, "warnings": ("b: damaged",)}
    usual |= {"width": 64, "height": 48, "frames": 12, "duration": 0.44, "equal_frames": 2}
    return Comparison("a", "b", **usual | facts, seconds=1.0)


@pytest.fixture
def calls(api):
    calls = []

    def compare_videos(reference, output, config, **asked):
        calls.append((reference, output, config, asked))
        return found(video=asked["video"])

    api.compare_videos = compare_videos
    return calls


def test_a_comparison_in_lines(calls, capsys):
    assert main(["compare", "a", "b", "--video", "v.mp4", "--input.rate", "18"]) == 0
    ((reference, output, config, asked),) = calls
    assert (reference, output, config.input.rate) == ("a", "b", 18)
    assert (asked["video"], asked["layout"], asked["overwrite"]) == ("v.mp4", "side", False)
    out = capsys.readouterr().out
    assert out.splitlines()[0] == "b against a"
    for said in (
        "12 of 64x48, 2 without a difference",
        "38.21 dB",
        "0.9812",
        "31.50 dB and 0.9120 in frame 7 at 0:00:00.280",
        "12.34 % of the pixels",
        "0.98 levels against 1.23 from frame to frame, where they differ",
        "v.mp4",
        "b: damaged",
    ):
        assert said in out


def test_equal_videos(api, capsys):
    api.compare_videos = lambda *_, **__: found(
        psnr=math.inf, worst=WorstFrame(0, 0.0, math.inf, 1.0), flicker=None, equal_frames=12
    )
    assert main(["compare", "a", "a"]) == 0
    out = capsys.readouterr().out
    assert "12 without a difference" in out
    assert "PSNR" not in out
    assert main(["compare", "a", "a", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["psnr"] is None


@pytest.mark.parametrize("words", [["--layout", "side"], ["--layout", "split"], ["-y"]])
def test_what_is_for_a_video_is_refused_without_one(calls, words, capsys):
    assert main(["compare", "a", "b", *words]) == 2
    error = capsys.readouterr().err
    assert "is for --video, which is missing" in error
    assert len(error.splitlines()) == 1
    assert not calls
    assert main(["compare", "a", "b", "--video", "v.mp4", *words]) == 0
