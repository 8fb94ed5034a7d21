"""The least-squares similarity between two sets of points.

Convention: points are (..., K, 2) float64 xy, matrices (..., 2, 3) named ``dst_from_src`` and
applied as ``M @ (x, y, 1)``.
"""

from __future__ import annotations

import numpy as np

from vidrestore.datatypes import Matrix, Points


def similarity(source: Points, target: Points) -> Matrix:
    """Turn, scale and shift that bring source points closest to target points.

    Written in complex numbers the model is ``t = a * s + b``; its least-squares solution is the
    closed form of Umeyama (PAMI 1991) for the plane, and as ``a`` is one complex number a
    reflection cannot come out, even for a face seen in a mirror.

    Args:
        source: (..., K, 2), K of at least 2.
        target: (K, 2) or (..., K, 2).

    Returns:
        (..., 2, 3) target_from_source.

    Raises:
        ValueError: if source points coincide, so that no scale is defined.
    """
    s = source[..., 0] + 1j * source[..., 1]
    t = target[..., 0] + 1j * target[..., 1]
    s_mean, t_mean = s.mean(axis=-1, keepdims=True), t.mean(axis=-1, keepdims=True)
    s_centred = s - s_mean
    spread = (np.abs(s_centred) ** 2).sum(axis=-1)
    if not np.all(spread > 1e-12):
        raise ValueError("the points coincide or are not finite: no similarity is defined")
    a = (np.conj(s_centred) * (t - t_mean)).sum(axis=-1) / spread
    b = t_mean[..., 0] - a * s_mean[..., 0]
    matrix: Matrix = np.empty((*np.shape(a), 2, 3), np.float64)
    matrix[..., 0, 0] = matrix[..., 1, 1] = a.real
    matrix[..., 1, 0] = a.imag
    matrix[..., 0, 1] = -a.imag
    matrix[..., 0, 2] = b.real
    matrix[..., 1, 2] = b.imag
    return matrix
