"""A photo that nobody changes comes back whole: its samples, and all that belongs to them."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import cv2
import numpy as np
import pytest
import tifffile
from PIL import Image, ImageOps

from tests.made_pictures.photos import IPTC, PROFILE, XMP, exif, jpeg, pixels
from vidrestore.config import InputConfig, OutputConfig
from vidrestore.errors import OutputError
from vidrestore.stills import StillSink, StillSource
from vidrestore.stills.exif import PREFIX


def through(source, output, **options):
    """Read and write all pages; gives warnings of both sides."""
    with closing(StillSource(source, InputConfig())) as read:
        sink = StillSink(read, output, OutputConfig(**options), overwrite=True)
        try:
            for number in range(read.pages):
                page = read.page(number)
                sink.push(page.frame, page)
            sink.finish()
        finally:
            sink.abort()
        return [*read.warnings, *sink.warnings]


def save(path, picture, **more):
    Image.fromarray(picture).save(path, **more)
    return path


EXACT = {
    "RGB": pixels(),
    "L": pixels(channels=1)[..., 0],
    "RGBA": pixels(channels=4),
    "LA": pixels(channels=2),
}


@pytest.mark.parametrize("mode", EXACT)
@pytest.mark.parametrize("ending", ["png", "tif", "webp"])
def test_samples_of_8_bits_are_kept(tmp_path, mode, ending):
    source, output = tmp_path / f"in.{ending}", tmp_path / f"out.{ending}"
    lossless = {"lossless": True, "exact": True} if ending == "webp" else {}
    Image.fromarray(EXACT[mode], mode).save(source, **lossless)
    assert through(source, output) == []
    with Image.open(source) as before, Image.open(output) as after:
        same = after.convert(before.mode)
        assert np.array_equal(np.asarray(same), np.asarray(before))


@pytest.mark.parametrize("channels", [1, 3, 4])
@pytest.mark.parametrize(("source", "output"), [("a.png", "b.tif"), ("a.tif", "b.png")])
def test_samples_of_16_bits_are_kept(tmp_path, channels, source, output):
    wanted = pixels(channels=channels, top=65535)
    wanted = wanted[..., 0] if channels == 1 else wanted
    if source.endswith("tif"):
        photometric = "minisblack" if channels == 1 else "rgb"
        tifffile.imwrite(tmp_path / source, wanted, photometric=photometric)
    else:
        ours = wanted if channels == 1 else wanted[..., [2, 1, 0, 3][:channels]]
        cv2.imwrite(tmp_path / source, ours)
    assert through(tmp_path / source, tmp_path / output) == []
    if output.endswith("tif"):
        # Another reader than ours; it undoes the differences too.
        found = cv2.imread(tmp_path / output, cv2.IMREAD_UNCHANGED)
        with tifffile.TiffFile(tmp_path / output) as file:
            assert file.pages[0].dtype == np.uint16
    else:
        found = cv2.imread(tmp_path / output, cv2.IMREAD_UNCHANGED)
    found = found if channels == 1 else found[..., [2, 1, 0, 3][:channels]]
    assert np.array_equal(found, wanted)


@pytest.mark.parametrize("bits", [8, 16])
def test_colours_that_were_multiplied_by_opacity_are_no_darker(tmp_path, bits):
    most = (1 << bits) - 1
    picture = pixels(channels=4, top=most).astype(np.uint64)
    picture[..., 3] = picture[..., 3] // 2 + most // 2
    picture[:2, :, 3] = 0
    multiplied = picture.copy()
    multiplied[..., :3] = (picture[..., :3] * picture[..., 3:] + most // 2) // most
    stored = multiplied.astype(f"u{bits // 8}")
    tifffile.imwrite(tmp_path / "a.tif", stored, photometric="rgb", extrasamples=[1])
    assert through(tmp_path / "a.tif", tmp_path / "b.tif") == []
    with tifffile.TiffFile(tmp_path / "b.tif") as file:
        assert file.pages[0].extrasamples == (2,)
        found = file.asarray().astype(np.int64)
    assert np.array_equal(found[..., 3], picture[..., 3])
    there = picture[..., 3] > 0
    apart = np.abs(found[there] - picture[there].astype(np.int64))
    assert apart.max() <= (1 if bits == 16 else 3)  # of a quarter or more, and rounded twice
    assert not found[~there][..., :3].any() or bits == 8


def test_more_than_opacity_allows_is_cut_off(tmp_path):
    stored = np.full((8, 8, 4), 40000, np.uint16)
    stored[..., 3] = 20000
    tifffile.imwrite(tmp_path / "a.tif", stored, photometric="rgb", extrasamples=[1])
    through(tmp_path / "a.tif", tmp_path / "b.tif")
    found = tifffile.imread(tmp_path / "b.tif")
    assert (found[..., :3] == 65535).all()
    assert (found[..., 3] == 20000).all()


@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_way_of_lying_comes_upright(tmp_path, orientation):
    source, output = tmp_path / "a.png", tmp_path / "b.png"
    save(source, pixels(), exif=exif(orientation))
    through(source, output)
    with Image.open(source) as before, Image.open(output) as after:
        wanted = ImageOps.exif_transpose(before)
        assert np.array_equal(np.asarray(after), np.asarray(wanted))
        assert after.getexif()[0x0112] == 1


@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
def test_16_bits_of_a_tiff_come_upright(tmp_path, orientation):
    wanted = pixels(top=65535)
    tag = (274, "H", 1, orientation, True)
    tifffile.imwrite(tmp_path / "a.tif", wanted, photometric="rgb", extratags=[tag])
    through(tmp_path / "a.tif", tmp_path / "b.png")
    found = cv2.imread(tmp_path / "b.png", cv2.IMREAD_UNCHANGED)[..., ::-1]
    turns = {1: 0, 3: 2, 6: 3, 8: 1}[orientation]
    assert np.array_equal(found, np.rot90(wanted, turns))


def test_pages_of_16_bits_come_in_any_order_from_a_file_that_is_read_once(tmp_path, monkeypatch):
    turns, wanted = {1: 0, 6: 3, 3: 2, 8: 1}, pixels(top=65535)
    with tifffile.TiffWriter(tmp_path / "a.tif") as file:
        for number, orientation in enumerate(turns):
            tag = (274, "H", 1, orientation, True)
            page = wanted // (number + 1)
            file.write(page, photometric="rgb", extratags=[tag], metadata=None)
    read, files = Path.read_bytes, []
    monkeypatch.setattr(Path, "read_bytes", lambda path: files.append(path) or read(path))
    with closing(StillSource(tmp_path / "a.tif", InputConfig())) as source:
        for number in (2, 0, 3, 1, 1):
            green, blue, red = source.page(number).frame.planes
            turned = np.rot90(wanted // (number + 1), list(turns.values())[number])
            assert np.array_equal(np.stack([red, green, blue], axis=-1), turned)
    assert files == [tmp_path / "a.tif"]


def test_a_profile_of_gray_is_not_kept_by_a_png_whose_opacity_makes_it_rgb(tmp_path):
    gray = PROFILE[:16] + b"GRAY" + PROFILE[20:]
    save(tmp_path / "a.png", EXACT["LA"], icc_profile=gray)
    (lost,) = through(tmp_path / "a.png", tmp_path / "b.png")
    assert "not one for the result's channels" in lost
    with Image.open(tmp_path / "b.png") as after:
        assert after.mode == "RGBA"
        assert "icc_profile" not in after.info


def test_a_jpeg_keeps_all_that_belongs_to_it_and_its_quality(tmp_path):
    source, output = tmp_path / "in.jpg", tmp_path / "out.jpg"
    source.write_bytes(jpeg(pixels(240, 320), quality=71, subsampling=2, progressive=True))
    assert through(source, output) == []
    with Image.open(source) as before, Image.open(output) as after:
        assert after.quantization == before.quantization
        assert after.info["progressive"]
        assert after.info["icc_profile"] == PROFILE
        assert after.info["dpi"] == (300, 150)
        assert after.info["comment"] == b"a comment"
        assert after.info["xmp"] == XMP.replace(b'"6"', b'"1"')
        assert after.getexif()[0x010F] == "A maker"
        assert IPTC in dict(after.applist)["APP13"]
        changed = np.abs(np.asarray(after).astype(int) - np.asarray(before))
    assert changed.mean() < 1
    assert output.stat().st_mtime_ns == source.stat().st_mtime_ns


def test_a_jpeg_that_lay_on_its_side(tmp_path):
    source, output = tmp_path / "in.jpg", tmp_path / "out.jpg"
    source.write_bytes(jpeg(pixels(240, 320), orientation=6))
    through(source, output)
    with Image.open(source) as before, Image.open(output) as after:
        assert after.size == (240, 320)
        table = np.array(before.quantization[0]).reshape(8, 8)
        assert np.array_equal(np.array(after.quantization[0]).reshape(8, 8), table.T)
        assert after.getexif()[0x0112] == 1
        assert after.getexif().get_ifd(0x8769)[0xA002] == 240
        assert after.info["dpi"] == (150, 300)
        wanted = np.asarray(ImageOps.exif_transpose(before)).astype(int)
        assert np.abs(np.asarray(after) - wanted).mean() < 1


@pytest.mark.parametrize("ending", ["png", "tif", "webp", "avif"])
def test_what_a_jpeg_tells_moves_into_other_kinds(tmp_path, ending):
    source, output = tmp_path / "in.jpg", tmp_path / f"out.{ending}"
    source.write_bytes(jpeg(pixels()))
    told = through(source, output)
    with Image.open(output) as after:
        after.load()
        assert after.info["icc_profile"] == PROFILE
        assert after.getexif()[0x010F] == "A maker"
        assert float(after.getexif().get_ifd(0x8769)[0x829A]) == pytest.approx(1 / 250)
        assert b"adobe:ns:meta" in bytes(after.info["xmp"])
        if ending in {"png", "tif"}:
            assert after.info["dpi"] == pytest.approx((300, 150), abs=0.02)
    assert any("iptc" in line.lower() for line in told) == (ending != "tif")


def test_jpeg_and_tiff_hold_iptc_for_each_other(tmp_path):
    (tmp_path / "in.jpg").write_bytes(jpeg(pixels()))
    through(tmp_path / "in.jpg", tmp_path / "a.tif")
    through(tmp_path / "a.tif", tmp_path / "b.jpg")
    with Image.open(tmp_path / "b.jpg") as after:
        assert IPTC in dict(after.applist)["APP13"]
        assert after.getexif()[0x010F] == "A maker"


def test_pages_of_a_tiff_are_kept_each_with_its_size(tmp_path):
    pages = [Image.fromarray(pixels(40 + 10 * n, 50)) for n in range(3)]
    save_all = {"save_all": True, "append_images": pages[1:]}
    pages[0].save(tmp_path / "in.tif", compression="tiff_lzw", exif=exif(), **save_all)
    through(tmp_path / "in.tif", tmp_path / "out.tif")
    with Image.open(tmp_path / "out.tif") as after:
        assert after.n_frames == 3
        for number, page in enumerate(pages):
            after.seek(number)
            assert np.array_equal(np.asarray(after), np.asarray(page))
    with pytest.raises(OutputError, match=r"name the result \*.tif"):
        through(tmp_path / "in.tif", tmp_path / "out.png")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.tif", "out.tif"]


def test_what_a_kind_cannot_hold_is_told_or_refused(tmp_path):
    wanted = pixels(channels=4, top=65535)
    cv2.imwrite(tmp_path / "in.png", wanted)
    told = through(tmp_path / "in.png", tmp_path / "out.jpg")
    assert told == [
        "transparency is left out: JPEG holds none",
        "samples of 16 bits become 8: JPEG holds no more",
    ]
    with pytest.raises(OutputError, match=r"transparency.*output.strict forbids"):
        through(tmp_path / "in.png", tmp_path / "strict.jpg", strict=True)
    assert not (tmp_path / "strict.jpg").exists()


def test_quality_can_be_asked_for(tmp_path):
    source = tmp_path / "in.jpg"
    source.write_bytes(jpeg(pixels(240, 320), quality=95))
    lengths = []
    for quality in (30, 90):
        for ending in ("jpg", "webp", "avif"):
            through(source, tmp_path / f"out.{ending}", quality=quality)
        lengths.append(sum((tmp_path / f"out.{e}").stat().st_size for e in ("jpg", "webp", "avif")))
    assert lengths[0] < lengths[1]


def test_colours_for_printing_become_srgb(tmp_path):
    Image.fromarray(pixels(channels=4), "CMYK").save(tmp_path / "in.jpg")
    (told,) = through(tmp_path / "in.jpg", tmp_path / "out.png")
    assert "sRGB" in told
    with Image.open(tmp_path / "out.png") as after:
        assert after.mode == "RGB"


def test_texts_and_colours_of_a_png_stay(tmp_path):
    from PIL.PngImagePlugin import PngInfo  # noqa: PLC0415

    info = PngInfo()
    info.add_text("Title", "Grandmother")
    info.add(b"gAMA", (45455).to_bytes(4, "big"))
    save(tmp_path / "in.png", pixels(), pnginfo=info)
    through(tmp_path / "in.png", tmp_path / "out.png")
    with Image.open(tmp_path / "out.png") as after:
        assert after.info["Title"] == "Grandmother"
        assert after.info["gamma"] == pytest.approx(0.45455)


def test_xmp_that_points_behind_the_photo_is_left_out(tmp_path):
    packet = XMP.replace(b"tiff:Orientation", b'GCamera:MotionPhoto="1" tiff:Orientation')
    save(tmp_path / "in.jpg", pixels(), xmp=packet)
    (told,) = through(tmp_path / "in.jpg", tmp_path / "out.jpg")
    assert "behind the photo" in told
    with Image.open(tmp_path / "out.jpg") as after:
        assert "xmp" not in after.info


def test_heic_by_its_own_package(tmp_path):
    heif = pytest.importorskip("pillow_heif")
    heif.register_heif_opener()
    save(tmp_path / "in.heic", pixels(), quality=90, exif=PREFIX + exif().tobytes()[6:])
    assert through(tmp_path / "in.heic", tmp_path / "out.heic") == []
    with Image.open(tmp_path / "out.heic") as after:
        assert after.size == (80, 60)
        assert after.getexif()[0x010F] == "A maker"
