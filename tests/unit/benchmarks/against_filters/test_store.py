from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np

from benchmarks.against_filters.judging import Judge
from benchmarks.against_filters.media import read
from benchmarks.against_filters.methods import Method, near_the_face, ours
from benchmarks.against_filters.scenes import Scene, Truth
from benchmarks.against_filters.store import Store, fingerprint
from vidrestore.config import Config
from vidrestore.picture.template import template

SCENE = Scene("rigid", "somebody", Path("somebody.png"), 11)


class Maker:
    """Counts how often it makes a truth."""

    def __init__(self, *, face: bool = True) -> None:
        self.calls, self._face = 0, face

    def __call__(self, _: Scene, frames: int) -> Truth | None:
        self.calls += 1
        if not self._face:
            return None
        pictures = np.random.default_rng(0).integers(60, 190, (frames, 96, 96, 3), dtype=np.uint8)
        landmarks = np.repeat(template("gpen", 96)[None], frames, axis=0)
        return Truth(pictures, landmarks, Fraction(25))


def test_clips_and_figures_are_kept_until_what_they_depend_on_changes(tmp_path):
    maker = Maker()
    clip = Store(tmp_path, maker, 3).clip("mild", SCENE)
    again = Store(tmp_path, maker, 3).clip("mild", SCENE)
    assert maker.calls == 1
    assert clip.name == "mild/rigid/somebody"
    assert np.array_equal(clip.truth, again.truth)
    assert len(read(clip.file)) == 3
    assert clip.figures("ours", "1", lambda: {"psnr": 1.0}) == {"psnr": 1.0}
    assert again.figures("ours", "1", lambda: {"psnr": 2.0}) == {"psnr": 1.0}
    assert again.figures("ours", "2", lambda: {"psnr": 2.0}) == {"psnr": 2.0}


def test_a_clip_of_another_seed_is_made_anew_with_its_figures(tmp_path):
    maker = Maker()
    first = Store(tmp_path, maker, 3).clip("mild", SCENE)
    first.figures("ours", "1", lambda: {"psnr": 1.0})
    before = read(first.file)
    other = Store(tmp_path, maker, 3).clip("mild", replace(SCENE, seed=12))
    assert not np.array_equal(read(other.file), before)
    assert other.figures("ours", "1", lambda: {"psnr": 2.0}) == {"psnr": 2.0}


def test_a_method_knows_what_its_weights_hold(tmp_path):
    weights = tmp_path / "weights.onnx"
    config = Config().with_options({"restore.model": str(weights)})
    weights.write_bytes(b"1")
    first = ours("ours", config).made_by
    assert ours("ours", config).made_by == first
    weights.write_bytes(b"2")
    assert ours("ours", config).made_by != first


def test_a_clip_without_a_face_is_asked_for_once(tmp_path):
    maker = Maker(face=False)
    for _ in range(2):
        assert Store(tmp_path, maker, 3).clip("mild", SCENE) is None
    assert maker.calls == 1


def test_a_fingerprint_knows_names_contents_and_values(tmp_path):
    (tmp_path / "a.py").write_text("1")
    first = fingerprint([tmp_path], 1)
    assert fingerprint([tmp_path], 1) == first != fingerprint([tmp_path], 2)
    (tmp_path / "a.py").write_text("2")
    assert fingerprint([tmp_path], 1) != first


def test_filters_see_the_face_and_leave_the_rest(tmp_path):
    clip = Store(tmp_path, Maker(), 3).clip("mild", SCENE)
    source = read(clip.file)
    changed = near_the_face(clip, lambda pictures: 255 - pictures)
    assert not np.array_equal(changed[:, 40:60, 40:60], source[:, 40:60, 40:60])


def test_pictures_are_written_when_asked_for_and_figures_once(tmp_path):
    clip = Store(tmp_path, Maker(), 14).clip("mild", SCENE)
    runs = []
    method = Method("input", lambda c: runs.append(1) or read(c.file), "1")
    Judge([method], [], tmp_path / "sheets", None).judge(clip)
    Judge([method], [], tmp_path / "sheets", None).judge(clip)
    assert len(runs) == 1
    figures = Judge([method], [0, 99], tmp_path / "sheets", None).judge(clip)
    assert len(runs) == 2
    assert figures["input"]["psnr"] < 60
    assert [file.name for file in (tmp_path / "sheets").iterdir()] == [
        "mild-rigid-somebody_000.png"
    ]
