"""The commands that show, on the sample."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import cv2

from tests import witness
from vidrestore.cli import main

SAMPLE = Path(__file__).parents[2] / "samples" / "clip.mkv"


def test_a_preview_of_the_sample(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    words = ["preview", str(SAMPLE), "--restore.model", "none", "--seconds", "0.4", "--quiet"]
    assert main(words) == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "clip.preview.mp4",
        "clip.preview.png",
    ]
    shown = witness.frames(tmp_path / "clip.preview.mp4")
    assert [frame.pts for frame in shown] == [Fraction(n, 25) for n in range(10)]
    picture = cv2.imread("clip.preview.png")[-288:].astype(float)
    before, after = picture[:, :384], picture[:, 384:]
    difference = abs(before - after).max(axis=-1)
    assert 0.02 < (difference > 8).mean() < 0.5  # a face, and not all of the picture
    assert main(words) == 2
    assert "exists; allow replacing it with --overwrite" in capsys.readouterr().err


def test_two_files_are_compared(tmp_path, capsys):
    small = tmp_path / "small.mkv"
    cut = ("-t", "0.4", "-map", "0:V:0")
    witness.run("-i", SAMPLE, *cut, "-c:v", "ffv1", small)
    worse = tmp_path / "worse.mkv"
    witness.run("-i", small, "-vf", "boxblur=2:1", "-c:v", "ffv1", worse)
    video = tmp_path / "both.mp4"
    words = ["compare", str(small), str(worse), "--json", "--quiet"]
    assert main([*words, "--video", str(video)]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["frames"] == len(witness.frames(video)) == 10
    assert 20 < found["psnr"] < 45
    assert found["flicker"][1] < found["flicker"][0]  # blurred grain is calmer
