from __future__ import annotations

import json

import cv2
import numpy as np
import pytest

from benchmarks import degraded
from benchmarks.degraded import SIZE, Degradation, Path2d, make_clip, read_manifest
from vidrestore.measure import affine_field, boil, psnr, sharpness, warp_difference

LANDMARKS = np.array([(330, 370), (437, 370), (384, 440), (335, 495), (430, 495)], float)


@pytest.fixture(scope="module")
def portrait() -> np.ndarray:
    random = np.random.default_rng(1)
    texture = sum(
        sigma * cv2.GaussianBlur(random.standard_normal((768, 768, 3)), (0, 0), sigma)
        for sigma in (1.0, 3.0, 9.0)
    )
    picture = np.clip(128 + 40 * texture, 0, 255).astype(np.uint8)
    for x, y in LANDMARKS.astype(int):
        cv2.circle(picture, (int(x), int(y)), 9, (255, 0, 0), cv2.FILLED)
    return picture


@pytest.fixture(scope="module")
def clip(portrait) -> degraded.Clip:
    return make_clip(portrait, LANDMARKS, seed=11, frames=4)


def test_the_seed_decides_everything(portrait, clip):
    again = make_clip(portrait, LANDMARKS, seed=11, frames=4)
    assert all(map(np.array_equal, clip.degraded, again.degraded))
    assert all(map(np.array_equal, clip.truth, again.truth))
    other = make_clip(portrait, LANDMARKS, seed=12, frames=4)
    assert not np.array_equal(clip.truth[0], other.truth[0])
    assert clip.degradation != other.degradation


def test_landmarks_lie_where_the_picture_shows_them(clip):
    for frame, points in zip(clip.truth, clip.landmarks, strict=True):
        red = (frame[..., 0] > 200) & (frame[..., 1] < 60)
        _, labels, _, centres = cv2.connectedComponentsWithStats(red.astype(np.uint8))
        assert labels is not None
        for point in points:
            assert np.linalg.norm(centres[1:] - point, axis=1).min() < 0.6


def test_the_motion_leads_from_frame_to_frame(clip):
    before_from_now = clip.frame_from_portrait[0] @ np.linalg.inv(clip.frame_from_portrait[1])
    field, valid = affine_field(before_from_now, (SIZE, SIZE))
    face = np.zeros((SIZE, SIZE), bool)
    face[150:360, 150:360] = True
    true = warp_difference(clip.truth[1], clip.truth[0], field, face & valid)
    still, _ = affine_field(np.eye(3), (SIZE, SIZE))
    assert true < 0.25 * warp_difference(clip.truth[1], clip.truth[0], still, face)


def test_degraded_frames_lost_detail(clip):
    for worse, true in zip(clip.degraded, clip.truth, strict=True):
        assert worse.shape == true.shape == (SIZE, SIZE, 3)
        assert sharpness(worse, true) < 0.1
        assert 15 < psnr(worse, true) < 45


def test_a_standing_clip_stands(portrait):
    clip = make_clip(portrait, LANDMARKS, seed=5, frames=3, standing=True)
    assert boil(np.stack(clip.truth)) == 0.0
    assert boil(np.stack(clip.degraded)) > 0.0
    assert np.ptp(clip.landmarks, axis=0).max() == 0.0


def test_degradations_stay_in_their_ranges():
    drawn = [Degradation.drawn(np.random.default_rng(seed)) for seed in range(200)]
    assert all(0.1 <= sigma <= 10 for d in drawn for sigma in d.sigmas)
    assert all(18 <= d.crf <= 25 and 0 <= d.noise <= 10 for d in drawn)
    assert {d.crf for d in drawn} == set(range(18, 26))
    assert 0.3 < np.mean([d.sigmas[0] == d.sigmas[1] for d in drawn]) < 0.7
    for d in drawn[:20]:
        kernel = d.kernel()
        assert kernel.sum() == pytest.approx(1.0)
        assert kernel == pytest.approx(kernel[::-1, ::-1])


def test_paths_are_smooth():
    centre = np.array([384.0, 400.0])
    for seed in range(20):
        path = Path2d.drawn(np.random.default_rng(seed))
        maps = np.stack([path.frame_from_portrait(i, centre) for i in range(100)])
        rest = maps @ np.array([*centre, 1.0])
        way = rest[:, :2] / rest[:, 2:]
        assert np.abs(way - (SIZE - 1) / 2).max() < 60
        assert np.linalg.norm(np.diff(way, 2, axis=0), axis=1).max() < 3.0


def test_the_command_writes_clips(portrait, tmp_path, monkeypatch, capsys):
    folder = tmp_path / "portraits" / "validation"
    folder.mkdir(parents=True)
    cv2.imwrite(str(folder / "p1.png"), portrait[..., ::-1])
    entries = [
        {"file": "validation/p1.png", "landmarks": LANDMARKS.tolist()},
        {"file": "train/p0.png", "landmarks": LANDMARKS.tolist()},
    ]
    (tmp_path / "portraits" / "manifest.json").write_text(json.dumps(entries))
    assert [file.name for file, _ in read_manifest(folder)] == ["p1.png"]
    out = tmp_path / "clips"
    arguments = ["degraded", str(folder), str(out), "--clips", "1", "--frames", "2"]
    monkeypatch.setattr("sys.argv", arguments)
    degraded.main()
    assert "seed" in capsys.readouterr().out
    names = sorted(path.name for path in out.iterdir())
    assert names == ["clip00.json", "clip00.mkv", "clip00.truth.mkv"]
    facts = json.loads((out / "clip00.json").read_text())
    assert np.array(facts["landmarks"]).shape == (2, 5, 2)
    with pytest.raises(SystemExit, match="names no picture"):
        read_manifest(tmp_path / "portraits" / "train")
