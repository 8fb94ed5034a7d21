"""Pixel formats: no code value is lost, and the samples are understood."""

from __future__ import annotations

import av
import numpy as np
import pytest

from vidrestore.errors import InputError
from vidrestore.video.pixels import formats, planes

# Formats whose planes swscale can write, so that a known picture can be packed and unpacked.
EXACT = [
    "nv12", "nv21", "nv16", "nv24", "nv42", "yuyv422", "uyvy422", "yvyu422", "vuya", "vuyx",
    "ayuv", "uyva", "vyu444", "p010le", "p012le", "p016le", "p210le", "p212le", "p216le",
    "p410le", "p412le", "p416le", "nv20le", "y210le", "y212le", "xv30le", "xv36le", "xv48le",
    "v30xle", "ayuv64le", "rgb24", "bgr24", "0rgb", "rgb0", "0bgr", "bgr0", "argb", "rgba",
    "abgr", "bgra", "rgb48le", "bgr48le", "rgba64le", "bgra64le", "x2rgb10le", "x2bgr10le",
    "gray16be", "gray10be", "yuv420p10be", "yuv422p16be", "yuv444p12be", "gbrp10be",
    "gbrap12be", "yuva420p10be", "rgb48be", "p010be", "yuvj420p", "yuvj422p", "yuvj444p",
]  # fmt: skip


def _known(name: str, width: int, height: int) -> av.VideoFrame:
    """A planar picture of random samples over the whole code range."""
    frame = av.VideoFrame(width, height, name)
    fmt = formats.describe(name, width, height, 2, 0)
    noise = np.random.default_rng(7)
    for index, (rows, columns) in enumerate(fmt.plane_shapes()):
        samples = noise.integers(0, 1 << fmt.bits, (rows, columns)).astype(fmt.dtype)
        plane = frame.planes[index]
        grid = np.frombuffer(memoryview(plane), np.uint8).view(fmt.dtype)
        grid.reshape(-1, plane.line_size // samples.itemsize)[:rows, :columns] = samples
    return frame


@pytest.mark.parametrize("name", EXACT)
def test_packed_formats_come_back_exactly(name: str) -> None:
    """Planar to packed to planar gives every code value back, in the packed format's own range."""
    planar = formats.planar_of(name)
    truth = _known(planar, 62, 38)
    packed = truth.reformat(
        format=name, src_color_range=2, dst_color_range=2, interpolation="POINT"
    )
    packed.color_range = formats.FULL
    back = planes.to_planar(packed)
    assert back.format.name == planar
    fmt = formats.describe(planar, 62, 38, 2, 0)
    for a, b in zip(planes.views(truth, fmt), planes.views(back, fmt), strict=True):
        np.testing.assert_array_equal(a, b)


def test_nv12_samples_are_those_in_memory() -> None:
    """Against the definition of NV12, not against swscale."""
    frame = av.VideoFrame(6, 4, "nv12")
    luma = np.frombuffer(frame.planes[0], np.uint8).reshape(-1, frame.planes[0].line_size)
    both = np.frombuffer(frame.planes[1], np.uint8).reshape(-1, frame.planes[1].line_size)
    luma[:4, :6] = np.arange(24).reshape(4, 6)
    both[:2, :6] = np.arange(100, 112).reshape(2, 6)
    planar = planes.to_planar(frame)
    y, u, v = planes.views(planar, planes.format_of(planar))
    np.testing.assert_array_equal(y, np.arange(24).reshape(4, 6))
    np.testing.assert_array_equal(u, [[100, 102, 104], [106, 108, 110]])
    np.testing.assert_array_equal(v, [[101, 103, 105], [107, 109, 111]])


def test_palette_pictures_become_rgb() -> None:
    frame = av.VideoFrame(4, 2, "pal8")
    index = np.frombuffer(frame.planes[0], np.uint8).reshape(-1, frame.planes[0].line_size)
    index[:2, :4] = [[0, 1, 2, 3], [3, 2, 1, 0]]
    colours = np.zeros((256, 4), np.uint8)
    colours[:4, :3] = [(255, 0, 0), (0, 255, 0), (0, 0, 255), (9, 8, 7)]  # B, G, R
    colours[:, 3] = 255
    frame.planes[1].update(colours.tobytes())
    planar = planes.to_planar(frame)
    assert planar.format.name == "gbrp"
    g, b, r = planes.views(planar, planes.format_of(planar))
    np.testing.assert_array_equal(b[0], [255, 0, 0, 9])
    np.testing.assert_array_equal(g[0], [0, 255, 0, 8])
    np.testing.assert_array_equal(r[0], [0, 0, 255, 7])


def test_a_transparent_palette_keeps_its_transparency() -> None:
    frame = av.VideoFrame(4, 2, "pal8")
    np.frombuffer(frame.planes[0], np.uint8)[...] = 0
    colours = np.full((256, 4), 255, np.uint8)
    colours[0, 3] = 0
    frame.planes[1].update(colours.tobytes())
    planar = planes.to_planar(frame)
    assert planar.format.name == "gbrap"
    assert (planes.views(planar, planes.format_of(planar))[3] == 0).all()


@pytest.mark.parametrize(
    ("name", "layout", "bits", "shift", "alpha"),
    [
        ("yuv420p", "yuv", 8, (1, 1), False),
        ("yuv422p10le", "yuv", 10, (1, 0), False),
        ("yuv440p12le", "yuv", 12, (0, 1), False),
        ("yuv444p16le", "yuv", 16, (0, 0), False),
        ("yuv411p", "yuv", 8, (2, 0), False),
        ("yuv410p", "yuv", 8, (2, 2), False),
        ("yuva444p12le", "yuv", 12, (0, 0), True),
        ("gray", "gray", 8, (0, 0), False),
        ("gray14le", "gray", 14, (0, 0), False),
        ("gbrp9le", "rgb", 9, (0, 0), False),
        ("gbrap10le", "rgb", 10, (0, 0), True),
    ],
)
def test_formats_are_described(
    name: str, layout: str, bits: int, shift: tuple[int, int], alpha: bool
) -> None:
    fmt = formats.describe(name, 33, 17, 2, 0)
    assert (fmt.layout, fmt.bits, fmt.chroma_shift, fmt.alpha) == (layout, bits, shift, alpha)


def test_the_matrix_of_an_untagged_picture_depends_on_its_size() -> None:
    assert formats.describe("yuv420p", 1280, 534, 2, 0).matrix == "bt709"
    assert formats.describe("yuv420p", 1024, 576, 2, 0).matrix == "bt601"
    assert formats.describe("yuv420p", 720, 576, 2, 0).matrix == "bt601"
    assert formats.describe("yuv420p", 1280, 720, 2, 0).matrix == "bt709"
    assert formats.describe("yuv420p", 720, 576, 1, 0).matrix == "bt709"
    assert formats.describe("yuv420p", 3840, 2160, 9, 0).chroma_location == "topleft"


def test_range_is_what_the_tag_says() -> None:
    assert not formats.describe("yuv420p", 64, 48, 2, 0).full_range
    assert formats.describe("yuv420p", 64, 48, 2, 2).full_range
    assert formats.describe("gbrp", 64, 48, 2, 0).full_range
    assert not formats.describe("gray", 64, 48, 2, 1).full_range


@pytest.mark.parametrize("name", ["gbrpf32le", "bayer_rggb8", "cuda"])
def test_what_cannot_be_kept_is_refused(name: str) -> None:
    with pytest.raises(InputError, match=name):
        formats.planar_of(name)
