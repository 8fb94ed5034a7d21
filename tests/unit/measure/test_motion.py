from __future__ import annotations

import cv2
import numpy as np
import pytest

from vidrestore.measure import affine_field, flow_field, warp_difference, warp_error


@pytest.fixture(scope="module")
def scene() -> np.ndarray:
    random = np.random.default_rng(9)
    texture = cv2.GaussianBlur(random.standard_normal((140, 140, 3)), (0, 0), 2.5)
    return np.clip(128 + 220 * texture, 0, 255)


SHIFT = np.array([[1.0, 0.0, 3.0], [0.0, 1.0, -2.0]])


def seen(scene: np.ndarray, frame: int, step: tuple[int, int] = (3, -2)) -> np.ndarray:
    """A window that slides over the scene; what it shows moves the other way."""
    x, y = 20 + step[0] * frame, 30 + step[1] * frame
    return scene[y : y + 80, x : x + 80]


def test_a_known_shift_is_undone(scene):
    field, valid = affine_field(SHIFT, (80, 80))
    assert np.array_equal(field[10, 20], (23.0, 8.0))
    assert not valid[0].any()
    assert valid[40, 40]
    assert warp_difference(seen(scene, 1), seen(scene, 0), field, valid) < 1e-3
    assert warp_difference(seen(scene, 0), seen(scene, 1), field, valid) > 3


def test_a_perspective_map(scene):
    perspective = np.array([[1.0, 0.02, 1.0], [0.0, 1.0, 2.0], [1e-4, 2e-4, 1.0]])
    field, _ = affine_field(perspective, (80, 80))
    x, y, w = perspective @ (30, 40, 1)
    assert field[40, 30] == pytest.approx((x / w, y / w))
    affine, _ = affine_field(SHIFT, (80, 80))
    same, _ = affine_field(np.vstack([SHIFT, (0, 0, 1)]), (80, 80))
    assert np.array_equal(affine, same)
    with pytest.raises(ValueError, match="expected"):
        affine_field(np.eye(2), (4, 4))


def test_flow_finds_the_shift_and_mistrusts_what_was_covered(scene):
    before, now = seen(scene, 0), seen(scene, 1)
    covered = now.copy()
    covered[50:70, 50:70] = (240, 200, 180)  # a hand, say
    field, valid = flow_field(before, covered)
    true, _ = affine_field(SHIFT, (80, 80))
    # away from the covered patch, whose flow is smoothed into its surroundings
    inner = np.zeros((80, 80), bool)
    inner[12:36, 12:68] = True
    wrong = np.linalg.norm(field - true, axis=-1)
    assert np.median(wrong[inner]) < 0.15
    assert valid[inner].mean() > 0.95
    assert valid[53:67, 53:67].mean() < 0.5


def test_warp_error_is_what_exceeds_the_reference(scene):
    reference = [seen(scene, frame) for frame in range(5)]
    fields, masks = zip(*[affine_field(SHIFT, (80, 80))] * 4, strict=True)
    assert warp_error(reference, reference, fields, masks) == 0.0
    random = np.random.default_rng(2)
    noisy = [frame + random.normal(0, 4, frame.shape) for frame in reference]
    # differences of two noises: mean absolute value of a normal of 4 * sqrt(2)
    found = warp_error(noisy, reference, fields, masks)
    assert found == pytest.approx(4 * np.sqrt(2) * np.sqrt(2 / np.pi), rel=0.03)
    constant = [frame + 25 for frame in reference]
    assert warp_error(constant, reference, fields, masks) == pytest.approx(0.0, abs=1e-4)


def test_frames_without_a_counted_pixel_are_left_out(scene):
    reference = [seen(scene, frame) for frame in range(3)]
    field, valid = affine_field(SHIFT, (80, 80))
    flash = [reference[0], reference[1], reference[2] * 0]
    nothing = np.zeros((80, 80), bool)
    assert warp_error(flash, reference, [field] * 2, [valid, nothing]) == 0.0
    assert warp_error(flash, reference, [field] * 2, [valid, valid]) > 10
    with pytest.raises(ValueError, match="no pixel of any frame"):
        warp_error(flash, reference, [field] * 2, [nothing] * 2)
    with pytest.raises(ValueError, match="do not fit together"):
        warp_error(flash, reference, [field], [valid])
