"""What every container that is written promises, read by an FFmpeg of its own."""

from __future__ import annotations

import re
import struct
import subprocess
from collections.abc import Callable
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import NamedTuple

import imageio_ffmpeg
import pytest

from tests import witness
from tests.made_files import immersive
from tests.made_files.synthetic import Clip, make
from tests.stand_ins.passing import passed_through
from vidrestore.errors import OutputError
from vidrestore.video import probe

# Every container with every codec of which its players could learn a different thing.
WRITTEN = [
    (".mkv", "libx264"),
    (".mkv", "libx265"),
    (".mkv", "libsvtav1"),
    (".mkv", "libvpx-vp9"),
    (".mkv", "ffv1"),
    (".mkv", "prores"),
    (".mp4", "libx264"),
    (".mp4", "libx265"),
    (".mp4", "libsvtav1"),
    (".mp4", "libvpx-vp9"),
    (".m4v", "libx264"),
    (".mov", "libx265"),
    (".mov", "prores"),
    (".mov", "dnxhd"),
    (".webm", "libvpx-vp9"),
    (".webm", "libsvtav1"),
    (".avi", "libx264"),
    (".avi", "ffv1"),
]
ENDINGS = dict(reversed(WRITTEN))
OWN = {"backend": "ffmpeg", "ffmpeg": imageio_ffmpeg.get_ffmpeg_exe()}
WIDE = Fraction(64, 45)


def small(name: str, **more: object) -> Clip:
    """As small as DNxHR takes."""
    return Clip(name, 3, 256, 120, **more)  # type: ignore[arg-type]


def aspect(path: Path, stream: int = 0) -> str | None:
    """The width of pixels as the witness understands a stream."""
    line = next(x for x in witness.describe(path).splitlines() if f"Stream #0:{stream}" in x)
    # Where the container contradicts the codec, both are told, the container's last.
    told = re.findall(r"SAR (\d+:\d+)", line)
    return told[-1] if told else None


@pytest.mark.parametrize(("ending", "codec"), WRITTEN)
def test_pixels_are_as_wide_as_they_were(tmp_path: Path, ending: str, codec: str) -> None:
    source = make(tmp_path, small("in.mp4", sample_aspect=WIDE))
    out = tmp_path / f"out{ending}"
    passed_through(source, out, codec=codec, output={"strict": True})
    assert aspect(source) == aspect(out) == "64:45"
    assert len(witness.frames(out)) == 3


# Where the codec does not tell the width of pixels, and where the container does in its own way.
SQUEEZED = {
    "in.mov": ("-c:v", "prores_ks"),
    "in.avi": ("-c:v", "v210", "-pix_fmt", "yuv422p10le"),
    "in.webm": ("-c:v", "libvpx-vp9", "-deadline", "realtime"),
    "in.mpg": ("-c:v", "mpeg2video", "-aspect", "16:9"),
}


@pytest.mark.parametrize("name", SQUEEZED)
def test_any_sources_width_is_kept(tmp_path: Path, name: str) -> None:
    """Also of a second video, which is copied."""
    source = tmp_path / name
    picture = ("-f", "lavfi", "-i", "testsrc2=s=64x48:r=25:d=0.12,setsar=64/45")
    witness.run(*picture, *SQUEEZED[name], source)
    for ending, codec in ((".mkv", "ffv1"), (".avi", "ffv1"), (".mp4", "libx264")):
        out = tmp_path / f"out{ending}"
        passed_through(source, out, codec=codec)
        assert aspect(out) == aspect(source) not in {None, "1:1"}


@pytest.mark.parametrize("name", ["two.mkv", "two.webm"])
@pytest.mark.parametrize("ending", [".mkv", ".webm", ".mp4"])
def test_a_copied_videos_width_is_kept(tmp_path: Path, ending: str, name: str) -> None:
    source, out = tmp_path / name, tmp_path / f"out{ending}"
    sizes = (("64x48", "64/45"), ("48x32", "8/9"))
    drawn = [f"testsrc2=s={size}:r=25:d=0.12,setsar={wide}" for size, wide in sizes]
    inputs = [word for each in drawn for word in ("-f", "lavfi", "-i", each)]
    coded = ("-c:v", "libvpx-vp9", "-deadline", "realtime")
    witness.run(*inputs, "-map", "0", "-map", "1", *coded, source)
    passed_through(source, out, output={"strict": True})
    for stream in (0, 1):
        assert aspect(out, stream) == aspect(source, stream) not in {None, "1:1"}


@pytest.mark.parametrize(("ending", "codec"), [(".mkv", "ffv1"), (".webm", "libvpx-vp9")])
@pytest.mark.parametrize("wide", [Fraction(8, 9), Fraction(12, 11), Fraction(1001, 1000)])
def test_any_width_is_told_by_your_own_ffmpeg_too(
    tmp_path: Path, ending: str, codec: str, wide: Fraction
) -> None:
    source = make(tmp_path, small("in.mkv", sample_aspect=wide))
    out = tmp_path / f"out{ending}"
    passed_through(source, out, codec=codec, **OWN)
    assert aspect(out) == f"{wide.numerator}:{wide.denominator}"


@pytest.mark.parametrize("ending", ENDINGS)
def test_titles_are_what_they_were_where_more_is_told(tmp_path: Path, ending: str) -> None:
    """The room for it is a longer title."""
    source = make(tmp_path, small("in.mkv", sample_aspect=WIDE, audio=("mp3",)))
    out = tmp_path / f"out{ending}"
    passed_through(source, out, codec=ENDINGS[ending], output={"audio": "convert"})
    told = [stream.title for stream in probe(out).streams]
    assert told in (["the picture", "sound 0"], [None, None], [None, "sound 0"])
    assert told[0] == "the picture" or ending in {".avi", ".mp4", ".m4v", ".mov"}


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("name", ["in.mkv", "in.mp4"])
def test_a_sphere_in_3d_stays_one(tmp_path: Path, ending: str, name: str) -> None:
    source = immersive.marked(make(tmp_path, small("plain.mp4")), f"marked-{name}")
    out = tmp_path / f"out{ending}"
    if ending == ".avi":
        with pytest.raises(OutputError, match=r"3D and 360 .* name the output \*\.mkv"):
            passed_through(source, out, output={"strict": True})
        assert len(passed_through(source, out)) == 1
        return
    passed_through(source, out, codec=ENDINGS[ending], output={"strict": True})
    for path in (source, out):
        told = witness.describe(path)
        assert "Stereo 3D: side by side" in told
        assert "Spherical Mapping: equirectangular" in told
    assert aspect(out) in {"1:1", None}


@pytest.mark.parametrize("ending", [e for e in ENDINGS if e != ".avi"])
@pytest.mark.parametrize(
    ("name", "scales"), [("in.mov", False), ("in.mov", True), ("in.mp4", True), ("in.mkv", False)]
)
def test_a_turned_picture_stays_turned(
    tmp_path: Path, ending: str, name: str, *, scales: bool
) -> None:
    """Also where the display matrix widens pixels, as old MOV files do."""
    source = make(tmp_path, small(name, rotation=90))
    if scales:
        data = bytearray(source.read_bytes())
        at = data.find(b"tkhd") + 4 + 40
        matrix = struct.unpack_from(">9i", data, at)
        struct.pack_into(">2i", data, at, matrix[0] * 2, matrix[1] * 2)
        source.write_bytes(data)
    out = tmp_path / f"out{ending}"
    passed_through(source, out, codec=ENDINGS[ending], output={"strict": True})
    for path in (source, out):
        assert "rotation of 90.00 degrees" in witness.describe(path)
        assert aspect(path) in ({"1:2"} if scales else {"1:1", None})


@pytest.mark.parametrize("own", [False, True])
@pytest.mark.parametrize("ending", [".mp4", ".m4v", ".mov"])
def test_hevc_is_called_what_apple_plays(tmp_path: Path, ending: str, *, own: bool) -> None:
    source = make(tmp_path, small("in.mp4"))
    out = tmp_path / f"out{ending}"
    passed_through(source, out, codec="libx265", **(OWN if own else {}))
    assert "hvc1" in witness.describe(out)
    # A second one that is only copied is called so, too.
    if not own:
        two = tmp_path / "two.mkv"
        witness.run("-i", source, "-i", out, "-map", "0", "-map", "1", "-c", "copy", two)
        passed_through(two, tmp_path / f"both{ending}")
        assert witness.describe(tmp_path / f"both{ending}").count("hvc1") == 1


@pytest.mark.parametrize("name", ["in.mkv", "in.mp4"])
@pytest.mark.parametrize("ending", [".mp4", ".m4v", ".mov"])
def test_tags_lie_where_players_look(tmp_path: Path, ending: str, name: str) -> None:
    """Those of iTunes beside others; the time of making once."""
    tags = {
        "title": "A film",
        "comment": "Noted",
        "creation_time": "2020-01-02T03:04:05.000000Z",
        "com.apple.quicktime.make": "Apple",
        "WEATHER": "fine, näher",
    }
    if name == "in.mp4":
        # FFmpeg's muxer has no place for the others.
        tags = {key: tags[key] for key in ("title", "comment", "creation_time")}
    source = make(tmp_path, small(name, metadata=tags))
    out = tmp_path / f"out{ending}"
    passed_through(source, out)
    told = dict(re.findall(r"^    (\S+) *: (.*)$", witness.describe(out), re.MULTILINE))
    # Matroska has its names in capitals.
    told = {name.lower(): value for name, value in told.items()}
    assert {name: told.get(name.lower()) for name in tags} == tags
    # What iTunes knows stands in its own place ("©nam"), and only the rest beside it.
    data = out.read_bytes()
    assert b"\xa9nam" in data
    assert b"mdtatitle" not in data
    # Passed on once more, nothing is doubled.
    again = tmp_path / f"again{ending}"
    passed_through(out, again)
    assert witness.describe(again).count("WEATHER") == ("WEATHER" in tags)
    assert "2020-01-02T03:04:05.000000Z;" not in witness.describe(again)


# Sound of a depth, as a container that cannot hold it brings it, and what each container makes of
# it: its samples bit for bit, at their rate, or another codec's.
DEPTHS = {
    "pcm_bluray 24": ("in.m2ts", ("-c:a", "pcm_bluray", "-sample_fmt", "s32"), "s32", 24),
    "pcm_dvd 24": ("in.vob", ("-c:a", "pcm_dvd", "-sample_fmt", "s32"), "s32", 24),
    "pcm_f32be": ("in.mov", ("-c:a", "pcm_f32be"), "f32", 32),
    "pcm_f64be": ("in.mov", ("-c:a", "pcm_f64be"), "f64", 64),
    "pcm_s24be": ("in.mov", ("-c:a", "pcm_s24be"), "s32", 24),
    "pcm_s32be": ("in.mov", ("-c:a", "pcm_s32be"), "s32", 32),
    "pcm_s8": ("in.mov", ("-c:a", "pcm_s8"), "s16", 16),
    "flac 24": ("in.mkv", ("-c:a", "flac", "-sample_fmt", "s32"), "s32", 24),
    "alac 24": ("in.m4v", ("-f", "mp4", "-c:a", "alac", "-sample_fmt", "s32p"), "s32", 24),
}


class Heard(NamedTuple):
    """A source of DEPTHS: its samples per second, and all of them in a format."""

    path: Path
    rate: int
    kind: str
    samples: bytes


BITS_KEPT = {
    ".mkv": set(DEPTHS),
    ".mov": {"pcm_f32be", "pcm_f64be", "pcm_s24be", "pcm_s32be", "pcm_s8", "alac 24"},
    ".avi": {"pcm_bluray 24", "pcm_dvd 24", "pcm_s24be", "pcm_s8", "flac 24", "alac 24"},
}


@pytest.fixture(scope="module")
def heard(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Heard]:
    """Makes a source with sound of a depth, once for each."""

    @cache
    def make_heard(name: str) -> Heard:
        file, encode, kind, _ = DEPTHS[name]
        source = tmp_path_factory.mktemp("heard") / file
        # Dvd's PCM knows multiples of 48 kHz alone.
        rate = 96_000 if name.startswith("pcm") else 44_100
        tone = f"aevalsrc=sin(440*2*PI*t)/7|sin(550*2*PI*t)/7:s={rate}:d=0.2"
        witness.run(
            *("-f", "lavfi", "-i", "testsrc2=s=64x48:r=25:d=0.2", "-f", "lavfi", "-i", tone),
            *("-c:v", "mpeg4", *encode, source),
        )
        return Heard(source, rate, kind, _samples(source, kind))

    return make_heard


def _samples(path: Path, kind: str) -> bytes:
    raw = path.with_suffix(".raw")
    witness.run("-i", path, "-map", "0:a", "-f", f"{kind}le", raw)
    return raw.read_bytes()


@pytest.mark.parametrize(
    ("ending", "name"),
    [
        *((ending, name) for ending in BITS_KEPT for name in DEPTHS),
        *((ending, name) for ending in (".mp4", ".webm") for name in ("pcm_bluray 24", "flac 24")),
    ],
)
def test_sound_keeps_depth_and_rate(
    tmp_path: Path, heard: Callable[[str], Heard], ending: str, name: str
) -> None:
    """Converted where it must be; bit for bit wherever the container has a codec that is."""
    source, rate, kind, before = heard(name)
    out = tmp_path / f"out{ending}"
    passed_through(source, out, output={"audio": "convert"})
    sound = next(stream.sound for stream in probe(out).streams if stream.sound is not None)
    assert sound.sample_rate == (48_000 if ending == ".webm" else rate)
    after = _samples(out, kind)
    if name in BITS_KEPT.get(ending, set()):
        length = min(len(before), len(after))
        assert length > 0.15 * rate * 2
        assert after[:length] == before[:length]
    else:
        assert len(after) > 0.15 * 44_100 * 2


ALPHA = {
    "VP9": ("in.webm", ("-c:v", "libvpx-vp9", "-pix_fmt", "yuva420p", "-deadline", "realtime")),
    "VP8": ("in.mkv", ("-c:v", "libvpx", "-pix_fmt", "yuva420p", "-auto-alt-ref", "0")),
    "FFV1": ("in.mkv", ("-c:v", "ffv1", "-pix_fmt", "yuva444p")),
    "ProRes": ("in.mov", ("-c:v", "prores_ks", "-pix_fmt", "yuva444p10le")),
    "PNG": ("in.mov", ("-c:v", "png", "-pix_fmt", "rgba")),
}
SEEING = {
    (".mkv", "ffv1"),
    (".mkv", "prores"),
    (".mkv", "libvpx-vp9"),
    (".mov", "prores"),
    (".webm", "libvpx-vp9"),
    (".avi", "ffv1"),
}


@pytest.fixture(scope="module")
def transparent(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Makes a source that one sees through, once for each codec."""

    @cache
    def make_transparent(name: str) -> Path:
        file, encode = ALPHA[name]
        source = tmp_path_factory.mktemp("transparent") / file
        opaque = "color=black:s=256x120:r=25:d=0.08,format=rgba"
        drawn = f"{opaque},geq=r=128:g=60:b=200:a='if(lt(X,128),40,200)'"
        witness.run("-f", "lavfi", "-i", drawn, *encode, source)
        return source

    return make_transparent


@cache
def _opacity(path: Path) -> tuple[int, int] | None:
    """Of the left and the right half of the first picture; None if it has none."""
    told = witness.describe(path)
    seeing = ("-c:v", "libvpx-vp9") if "Video: vp9" in told else ()
    seeing = ("-c:v", "libvpx") if "Video: vp8" in told else seeing
    raw = path.with_suffix(".alpha")
    try:
        witness.run(
            *(*seeing, "-i", path, "-frames:v", "1", "-f", "rawvideo", "-y"),
            *("-vf", "alphaextract,scale=2:1:flags=area,format=gray", raw),
        )
    except subprocess.CalledProcessError:
        return None
    left, right = raw.read_bytes()
    return left, right


@pytest.mark.parametrize("name", ALPHA)
@pytest.mark.parametrize(("ending", "codec"), WRITTEN)
def test_transparency_is_kept_or_its_loss_told(
    tmp_path: Path, transparent: Callable[[str], Path], ending: str, codec: str, name: str
) -> None:
    if (ending, codec) not in SEEING and name != "VP9":
        pytest.skip("what is lost is lost of one as of the other")
    source, out = transparent(name), tmp_path / f"out{ending}"
    before = _opacity(source)
    assert before is not None
    if (ending, codec) in SEEING:
        passed_through(source, out, codec=codec, crf=4, output={"strict": True})
        after = _opacity(out)
        assert after is not None
        assert after == pytest.approx(before, abs=4)
        return
    with pytest.raises(OutputError, match="transparency is lost"):
        passed_through(source, out, codec=codec, output={"strict": True})
    assert any("transparency is lost" in line for line in passed_through(source, out, codec=codec))
    assert _opacity(out) is None
    assert not re.search(r"alpha_mode\s*: 1", witness.describe(out))
