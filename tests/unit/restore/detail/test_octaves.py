from __future__ import annotations

import numpy as np

from vidrestore.restore.detail import FEATURES, features_of, octaves


def test_an_octave_is_what_halving_takes_away() -> None:
    fine = np.zeros((64, 64), np.float32)
    fine[:, ::2] = 8.0  # the finest there is
    first, second = octaves(fine, 2)
    assert first.shape == (64, 64)
    assert second.shape == (32, 32)
    np.testing.assert_allclose(np.abs(first[:, 2:-2]), 4.0)
    assert np.abs(second).max() < 1e-6
    flat = np.full((64, 64), 90.0, np.float32)
    assert all(not band.any() for band in octaves(flat, 2))


def test_features_are_finite_where_nothing_is_to_be_seen() -> None:
    flat = np.zeros((128, 128), np.float32)
    features = features_of(flat, flat)
    assert features.shape == (FEATURES, 8, 8)
    assert features.dtype == np.float32
    assert np.isfinite(features).all()


def test_features_tell_where_what_is_strong() -> None:
    base = np.full((128, 128), 128.0, np.float32)
    result = base.copy()
    result[:, 64::2] += 10.0
    features = features_of(base, result)
    apart = features - features_of(base, base)
    assert np.abs(apart[1:, :, :3]).max() < 1e-5
    assert (apart[2, :, 5:] > 4).all(), "the result's finest octave"
    assert (apart[1, :, 5:] == 0).all(), "the crop's"
