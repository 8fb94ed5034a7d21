"""EXIF is changed in place, and only where a turned picture makes it untrue."""

from __future__ import annotations

import random
import struct

from PIL import Image

from tests.made_pictures.photos import XMP, exif
from vidrestore.stills.exif import PREFIX, settled, upright_xmp


def told(data: bytes) -> Image.Exif:
    read = Image.Exif()
    read.load(PREFIX + data)
    return read


def test_only_what_is_untrue_changes():
    before = exif(6).tobytes().removeprefix(PREFIX)
    after = settled(before, 600, 800)
    assert len(after) == len(before)
    read = told(after)
    assert read[0x0112] == 1
    assert read[0x010F] == "A maker"
    below = read.get_ifd(0x8769)
    assert (below[0xA002], below[0xA003]) == (600, 800)
    assert float(below[0x829A]) == 1 / 250


def test_the_small_picture_of_the_old_state_is_no_longer_named():
    before = bytearray(exif(6).tobytes().removeprefix(PREFIX))
    order = ">" if before.startswith(b"MM") else "<"
    (entries,) = struct.unpack_from(f"{order}H", before, 8)
    next_directory = 10 + 12 * entries
    struct.pack_into(f"{order}I", before, next_directory, len(before))
    before += struct.pack(f"{order}HHHIII", 1, 0x0100, 4, 1, 160, 0)
    after = settled(bytes(before), 80, 60)
    assert after[next_directory : next_directory + 4] == b"\0\0\0\0"


def test_what_is_no_exif_stays_as_it_is():
    rng = random.Random(3)
    good = exif(6).tobytes().removeprefix(PREFIX)
    for data in (b"", b"II", b"II*\0", b"nothing of the kind", good[:40]):
        assert settled(data, 80, 60) == data
    for _ in range(300):  # nothing that a stranger writes may do harm
        broken = bytearray(good)
        broken[rng.randrange(len(broken))] = rng.randrange(256)
        assert len(settled(bytes(broken), 80, 60)) == len(broken)


def test_xmp_says_upright_too():
    assert b'tiff:Orientation="1"' in upright_xmp(XMP)
    assert upright_xmp(b"<tiff:Orientation>8</tiff:Orientation>") == (
        b"<tiff:Orientation>1</tiff:Orientation>"
    )
