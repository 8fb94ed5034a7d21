"""What is no photo, or one made to do harm, is refused in one line, and nothing is left behind."""

from __future__ import annotations

import random
import struct
import zlib
from io import BytesIO

import cv2
import numpy as np
import pytest
from PIL import Image

from tests.made_pictures.photos import jpeg, pixels
from vidrestore.config import InputConfig
from vidrestore.errors import InputError
from vidrestore.stills import StillSource, is_still_file, is_still_name


def read(path, **limits):
    source = StillSource(path, InputConfig(**limits))
    try:
        return [source.page(number) for number in range(source.pages)]
    finally:
        source.close()


def packed(kind, **more):
    data = BytesIO()
    Image.fromarray(pixels(240, 320)).save(data, kind, **more)
    return data.getvalue()


FILES = {
    "jpg": packed("JPEG"),
    "png": packed("PNG"),
    "tif": packed("TIFF", compression="tiff_lzw"),
    "webp": packed("WEBP"),
    "bmp": packed("BMP"),
    "avif": packed("AVIF"),
}


@pytest.mark.parametrize("ending", FILES)
def test_a_file_that_breaks_off(tmp_path, ending):
    path = tmp_path / f"a.{ending}"
    for share in (0.1, 0.5, 0.9):
        path.write_bytes(FILES[ending][: int(share * len(FILES[ending]))])
        with pytest.raises(InputError, match=r"a\.\w+ (is|has|holds)") as told:
            read(path)
        assert "\n" not in str(told.value)


def test_16_bits_that_break_off(tmp_path):
    cv2.imwrite(tmp_path / "a.png", pixels(240, 320, top=65535))
    data = (tmp_path / "a.png").read_bytes()
    (tmp_path / "a.png").write_bytes(data[: len(data) // 2])
    with pytest.raises(InputError, match="damaged or incomplete"):
        read(tmp_path / "a.png")


@pytest.mark.parametrize("ending", FILES)
def test_bytes_of_strangers_do_no_harm(tmp_path, ending):
    rng, path = random.Random(5), tmp_path / f"a.{ending}"
    for _ in range(30):
        data = bytearray(FILES[ending])
        for _ in range(rng.choice((1, 5, 40))):
            data[rng.randrange(min(len(data), 400))] = rng.randrange(256)
        path.write_bytes(data)
        if is_still_file(path):
            try:
                read(path)
            except InputError as error:
                assert "\n" not in str(error)  # noqa: PT017


def test_a_picture_larger_than_the_file_could_hold(tmp_path):
    """A PNG of a few bytes that claims a gigapixel."""
    header = struct.pack(">IIBBBBB", 40_000, 30_000, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(b"\0" * 100)), (b"IEND", b"")]
    data = b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        for name, body in chunks
    )
    (tmp_path / "bomb.png").write_bytes(data)
    with pytest.raises(InputError, match="more pixels than can be read"):
        read(tmp_path / "bomb.png")


def test_more_pixels_than_are_allowed(tmp_path):
    (tmp_path / "a.jpg").write_bytes(FILES["jpg"])
    with pytest.raises(InputError, match=r"320x240 pixels, more than input.max_pixels \(5000\)"):
        read(tmp_path / "a.jpg", max_pixels=5000)


def test_a_large_photo_is_read_without_a_word(tmp_path):
    Image.new("L", (12_000, 8000)).save(tmp_path / "a.png")
    (page,) = read(tmp_path / "a.png")
    assert page.frame.format.width == 12_000


def test_what_moves_is_a_video(tmp_path):
    frames = [Image.fromarray(pixels() // (n + 1)) for n in range(3)]
    frames[0].save(tmp_path / "a.webp", save_all=True, append_images=frames[1:])
    with pytest.raises(InputError, match="it holds 3 pictures; name a video as its result"):
        read(tmp_path / "a.webp")


def test_files_of_cameras_that_look_like_tiff(tmp_path):
    (tmp_path / "a.nef").write_bytes(FILES["tif"])
    with pytest.raises(InputError, match="develop it into a TIFF"):
        read(tmp_path / "a.nef")


def test_samples_that_are_no_plain_numbers(tmp_path):
    Image.fromarray(np.ones((20, 30), np.float32)).save(tmp_path / "a.tif")
    with pytest.raises(InputError, match=r"samples of 32 bits .* are not supported"):
        read(tmp_path / "a.tif")


def test_which_files_and_names_are_photos(tmp_path):
    (tmp_path / "a.bin").write_bytes(jpeg(pixels()))
    (tmp_path / "b.jpg").write_bytes(b"text")
    assert is_still_file(tmp_path / "a.bin")
    assert not is_still_file(tmp_path / "b.jpg")
    assert not is_still_file(tmp_path / "missing.jpg")
    assert not is_still_file(tmp_path)
    assert is_still_name("out/a.JPG")
    assert not is_still_name("out/frame_%05d.png")
    assert not is_still_name("out/a.mkv")
