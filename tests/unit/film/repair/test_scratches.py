"""Scratches are found by staying in place through most of the height, and painted over in faces."""

from __future__ import annotations

import numpy as np
import pytest

from tests.made_pictures.faces import landmarks, tracked
from vidrestore.align.crop import crop_face
from vidrestore.datatypes import AlignedFrame, CropBatch, Frame, FrameFormat
from vidrestore.film import FacePainter, MendScratches
from vidrestore.film.repair.mend import of_film
from vidrestore.film.repair.scratches import frame_scratches, scratches

HEIGHT, WIDTH = 192, 240
Y, X = np.mgrid[:HEIGHT, :WIDTH].astype(np.float32)


def picture(index, *, noise=5.0):
    """A luma with contours of its own that moves, and grain."""
    x = X - 3 * index
    light = 120 + 40 * np.sin(x / 13 + np.cos(Y / 17)) + 25 * np.sign(np.sin(Y / 21 + x / 40))
    light += 40 * np.exp(-((x - 60) ** 2) / 2) * (np.abs(Y - 60) < 30)  # a short line of its own
    return light + np.random.default_rng(index).normal(0, noise, X.shape)


def scratched(index, at=120.0, depth=45.0):
    line = at + 0.3 * index + 0.6 * np.sin(Y / 41 + index)
    worn = 0.55 + 0.45 * np.sin(Y / 23 + 2 * index)
    return picture(index) + depth * np.exp(-((X - line) ** 2) / 0.8) * worn


@pytest.mark.parametrize("depth", [45.0, -40.0])
def test_lines_are_found_and_contours_are_not(depth):
    for index in range(6):
        assert scratches(picture(index).astype(np.float32)) == []
        (line,) = scratches(scratched(index, depth=depth).astype(np.float32))
        assert line.sign == np.sign(depth)
        assert np.abs(line.places - (120 + 0.3 * index)).max() < 2.5
        covered = line.painted((HEIGHT, WIDTH))
        assert 5 <= (covered > 0).sum(axis=1).min() <= (covered > 0).sum(axis=1).max() <= 8


def test_each_line_of_a_fence_is_compared_with_its_neighbours_alone(monkeypatch):
    """A wide picture has hundreds, and all pairs of them would take minutes."""
    fence = np.tile(np.where(np.arange(960) % 10 < 2, 200, 90).astype(np.float32), (60, 1))
    compared, median = [], np.median

    def counted(values, *rest, **options):
        compared.append(values)
        return median(values, *rest, **options)

    monkeypatch.setattr(np, "median", counted)
    lines = scratches(fence)
    assert len(lines) > 90
    assert len(compared) < 20 * len(lines)
    before = len(compared)
    of_film(lines, lines, [])
    assert len(compared) - before < 20 * len(lines)


def test_lines_of_a_very_small_frame_are_the_scenes():
    """A chin and a nose run through nine bands as a scratch does."""
    picture = scratched(0)
    assert scratches(picture[:120])
    assert frame_scratches(picture)
    assert not frame_scratches(picture[:120])


@pytest.mark.parametrize("shape", [(30, 240), (192, 12), (1, 1)])
def test_small_pictures_have_none(shape):
    assert scratches(np.zeros(shape, np.float32)) == []


def aligned(index, luma, bits):
    unit = 1 << (bits - 8)
    dtype = np.uint8 if bits == 8 else np.uint16
    plane = np.clip(np.rint(luma * unit), 0, 256 * unit - 1).astype(dtype)
    plane.flags.writeable = False
    fmt = FrameFormat(
        WIDTH, HEIGHT, "gray", layout="gray", bits=bits, chroma_shift=(0, 0), full_range=True
    )
    frame = Frame(index, index * 40, 40, 1, (plane,), fmt)
    face = tracked(landmarks(120, 96, 60), 1)
    matrix = np.array([[[1.0, 0, -56], [0, 1, -32]]])
    crop = crop_face(frame, matrix[0], 128)
    return AlignedFrame(frame, index == 0, (face,), CropBatch([crop], matrix, ((index, 1),)))


@pytest.mark.parametrize("bits", [8, 10])
def test_faces_are_mended_where_a_line_lasts(bits):
    stage = MendScratches(FacePainter(None))
    items = [aligned(n, scratched(n) if n < 4 else picture(n), bits) for n in range(6)]
    results = [out for item in items for out in stage.push(item)] + list(stage.flush())
    assert [result.frame.index for result in results] == list(range(6))
    scale = 1 if bits == 8 else 257
    for index, (item, result) in enumerate(zip(items, results, strict=True)):
        before, after = (each.crops.pixels[0][..., 0] / scale for each in (item, result))
        truth = picture(index)[32:160, 56:184]
        if index < 4:
            assert result.original is not None
            column = np.s_[30:90, 62:68]  # where the line crosses the face
            left, was = (np.abs((each - truth)[column].mean(axis=0)) for each in (after, before))
            assert left.max() < 0.7 * was.max()
            assert np.array_equal(after[:, :50], before[:, :50])
        else:
            assert result is item


def test_a_line_of_one_frame_alone_is_none():
    stage = MendScratches(FacePainter(None))
    items = [aligned(n, scratched(n) if n == 2 else picture(n), 8) for n in range(5)]
    results = [out for item in items for out in stage.push(item)] + list(stage.flush())
    assert all(result is item for result, item in zip(results, items, strict=True))
