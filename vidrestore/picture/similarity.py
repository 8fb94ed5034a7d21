"""The similarity between two sets of points, by least squares.

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


def robust_similarity(source: Points, target: Points, rounds: int = 6) -> Matrix:
    """The (2, 3) similarity that maps source to target, points that move otherwise weighted down.

    Iteratively reweighted least squares with Cauchy weights, their scale from the median residual.

    Args:
        source: (N, 2), N at least 2, not all equal.
        target: (N, 2).
        rounds: of reweighting.
    """
    weights = np.ones(len(source))
    matrix: Matrix = np.eye(2, 3)
    for _ in range(rounds):
        share = (weights / weights.sum())[:, None]
        from_mean, to_mean = (share * source).sum(axis=0), (share * target).sum(axis=0)
        x, y = source - from_mean, target - to_mean
        spread = max(float((share * x * x).sum()), 1e-12)
        cosine = float((share * x * y).sum()) / spread
        sine = float((share[:, 0] * (x[:, 0] * y[:, 1] - x[:, 1] * y[:, 0])).sum()) / spread
        turn = np.array([[cosine, -sine], [sine, cosine]])
        matrix = np.column_stack([turn, to_mean - turn @ from_mean])
        residual = np.linalg.norm(y - x @ turn.T, axis=1)
        scale = max(1.5 * float(np.median(residual)), 0.05)
        weights = 1 / (1 + (residual / scale) ** 2)
    return matrix
