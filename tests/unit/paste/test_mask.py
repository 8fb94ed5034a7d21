from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.made_pictures.faces import landmarks
from vidrestore.paste import face_mask
from vidrestore.picture.outline import dilated, face_outline


def signed(points, polygon):
    """Least distance to the lines of a convex polygon's sides; negative outside. By hand."""
    ahead = np.roll(polygon, -1, axis=0) - polygon
    normals = np.stack([-ahead[:, 1], ahead[:, 0]], 1) / np.linalg.norm(ahead, axis=1)[:, None]
    offset = points[..., None, :] - polygon
    distances = np.einsum("...kc,kc->...k", offset, normals)
    if np.einsum("kc,kc->k", polygon.mean(0) - polygon, normals).sum() < 0:
        distances = -distances
    return distances.min(axis=-1)


def area(polygon):
    x, y = polygon.T
    return abs(np.dot(x, np.roll(y, 1)) - np.dot(y, np.roll(x, 1))) / 2


@given(
    st.floats(20, 800),
    st.floats(-180, 180),
    st.lists(st.floats(-0.08, 0.08), min_size=10, max_size=10),
)
def test_the_outline_is_convex_and_holds_the_landmarks(height, angle, noise):
    points = landmarks(50, -30, height, angle) + np.reshape(noise, (5, 2)) * height
    outline = face_outline(points)
    assert signed(points, outline).min() > -1e-3 * height
    ahead = np.roll(outline, -1, axis=0) - outline
    after = np.roll(ahead, -1, axis=0)
    turns = ahead[:, 0] * after[:, 1] - ahead[:, 1] * after[:, 0]
    assert (turns >= -1e-4 * height**2).all() or (turns <= 1e-4 * height**2).all()


@given(st.floats(-180, 180), st.floats(0.1, 8), st.floats(-500, 500))
def test_the_outline_moves_with_the_face(angle, scale, shift):
    still = face_outline(landmarks(0, 0, 100))
    moved = face_outline(landmarks(shift, 3, 100 * scale, angle))
    turn = np.radians(angle)
    rotation = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    expected = scale * still @ rotation.T + (shift, 3)
    # The hull may begin at another corner.
    distance = np.linalg.norm(expected[:, None] - moved[None], axis=-1).min(axis=1)
    assert distance.max() < 1e-3 * scale * 100 + 1e-3


def test_the_outline_spans_brows_to_chin_and_cheek_to_cheek():
    outline = face_outline(landmarks(0, 0, 100))  # eyes at -40, chin at 60
    left, top = outline.min(axis=0)
    right, bottom = outline.max(axis=0)
    assert -80 < top < -60
    assert 55 < bottom < 65
    assert 55 < right < 70
    assert left == pytest.approx(-right)


def test_a_turned_head_shows_more_of_the_near_cheek():
    points = landmarks(0, 0, 100)
    points[:, 0] *= 0.75
    points[2, 0] += 12
    outline = face_outline(points)
    assert -outline[:, 0].min() > 1.5 * outline[:, 0].max()


@given(st.floats(0, 1))
def test_dilating_scales_about_the_middle(growth):
    outline = face_outline(landmarks(10, 20, 100, 30))
    grown = dilated(outline, growth)
    assert area(grown) == pytest.approx(area(outline) * (1 + growth) ** 2)
    assert np.allclose(
        grown.max(axis=0) + grown.min(axis=0), outline.max(axis=0) + outline.min(axis=0)
    )


@given(st.floats(40, 110), st.floats(-180, 180), st.sampled_from([32, 64, 128]))
@settings(max_examples=25, deadline=None)
def test_no_weight_outside_the_outline_and_full_weight_deep_inside(height, angle, cells):
    size, feather = 256, 15.0
    outline = dilated(face_outline(landmarks(128, 132, height, angle)), 0.25)
    mask = face_mask(outline, size, cells, feather)
    centres = (np.arange(cells) + 0.5) * size / cells - 0.5
    depth = signed(np.stack(np.meshgrid(centres, centres), -1), outline)
    assert mask.dtype == np.float32
    assert mask.min() >= 0
    assert mask.max() <= 1
    assert not mask[depth < 1.4 * size / cells].any()
    border = np.minimum(centres, size - 1 - centres)
    clear = np.minimum(border[:, None], border[None, :]) > 0.05 * size + size / cells
    assert (mask[clear & (depth > feather + 2 * size / cells)] > 0.999).all()


def test_the_edge_is_soft_and_rises_only():
    outline = dilated(face_outline(landmarks(128, 132, 100)), 0.25)
    mask = face_mask(outline, 256, 128, 20.0)
    row = mask[66, :64]
    assert (np.diff(row) >= 0).all()
    assert np.diff(row).max() < 0.2


def test_weights_vanish_at_the_border_of_the_crop():
    outline = dilated(face_outline(landmarks(128, 132, 400)), 0.25)
    mask = face_mask(outline, 256, 128, 20.0)
    assert not mask[[0, -1]].any()
    assert not mask[:, [0, -1]].any()
    assert mask[64, 64] == 1


def test_a_tiny_shift_moves_the_mask_a_little():
    masks = [
        face_mask(dilated(face_outline(landmarks(128 + x, 132, 100)), 0.25), 256, 128, 20.0)
        for x in (0, 0.1)
    ]
    assert 0 < np.abs(masks[1] - masks[0]).max() < 0.02
