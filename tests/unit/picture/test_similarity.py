from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vidrestore.picture.similarity import robust_similarity, similarity
from vidrestore.picture.template import template

ANGLES = st.floats(-np.pi, np.pi)
SCALES = st.floats(0.01, 50)
SHIFTS = st.floats(-3000, 3000)


def moved(points, angle, scale, x, y):
    rotation = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return scale * points @ rotation.T + (x, y)


def apply(matrix, points):
    return points @ matrix[:, :2].T + matrix[:, 2]


@given(ANGLES, SCALES, SHIFTS, SHIFTS)
def test_finds_the_very_map_that_was_applied(angle, scale, x, y):
    points = template("gpen", 256)
    source = moved(points, angle, scale, x, y)
    assert np.allclose(apply(similarity(source, points), source), points, atol=1e-6)


@given(st.integers(0, 10_000), ANGLES, SCALES)
def test_no_other_similarity_comes_closer(seed, angle, scale):
    rng = np.random.default_rng(seed)
    target = template("gpen", 256)
    source = moved(target, angle, scale, 5, 9) + rng.normal(0, 4 * scale, (5, 2))
    matrix = similarity(source, target)
    best = np.sum((apply(matrix, source) - target) ** 2)
    for _ in range(20):
        a, b = matrix[0, 0] + rng.normal() * 1e-3, matrix[1, 0] + rng.normal() * 1e-3
        shift = matrix[:, 2] + rng.normal(0, 1e-2, 2)
        other = np.array([[a, -b, shift[0]], [b, a, shift[1]]])
        assert np.sum((apply(other, source) - target) ** 2) >= best - 1e-9


def test_a_mirrored_face_is_turned_but_never_reflected():
    points = template("gpen", 256)
    matrix = similarity(points * (-1, 1), points)
    assert np.linalg.det(matrix[:, :2]) > 0


def test_a_batch_equals_its_members():
    rng = np.random.default_rng(3)
    target = template("ffhq", 512)
    sources = rng.normal(0, 100, (7, 5, 2))
    batch = similarity(sources, target)
    assert batch.shape == (7, 2, 3)
    for matrix, source in zip(batch, sources, strict=True):
        assert np.allclose(matrix, similarity(source, target), atol=1e-12)


def test_points_that_coincide_are_refused():
    with pytest.raises(ValueError, match="coincide"):
        similarity(np.ones((5, 2)), template("gpen", 256))
    with pytest.raises(ValueError, match="not finite"):
        similarity(np.full((5, 2), np.nan), template("gpen", 256))


@given(
    st.floats(0.8, 1.2),
    st.floats(-0.5, 0.5),
    st.tuples(st.floats(-20, 20), st.floats(-20, 20)),
    st.integers(0, 1000),
)
@settings(deadline=None)
def test_a_similarity_is_found_among_strays(growth, angle, shift, seed):
    generator = np.random.default_rng(seed)
    points = generator.uniform(-30, 30, (60, 2))
    cosine, sine = growth * np.cos(angle), growth * np.sin(angle)
    expected = np.array([[cosine, -sine, shift[0]], [sine, cosine, shift[1]]])
    target = points @ expected[:, :2].T + expected[:, 2]
    target[:12] += generator.uniform(-10, 10, (12, 2))
    np.testing.assert_allclose(robust_similarity(points, target), expected, atol=0.05)
