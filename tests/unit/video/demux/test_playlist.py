"""The one file that was named is read, and no other."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests import witness
from tests.made_files import synthetic
from vidrestore.config import InputConfig
from vidrestore.errors import InputError
from vidrestore.video import VideoSource, probe
from vidrestore.video.demux.accepted import DEMUXERS
from vidrestore.video.demux.playlist import playlist_kind

BELOW = InputConfig(playlist="below")
HLS = "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:0.4,\n{}\n#EXT-X-ENDLIST\n"
CONCAT = "ffconcat version 1.0\nfile {}\n"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with films in it and beside it."""
    folder = tmp_path_factory.mktemp("films")
    clip = synthetic.make(folder, synthetic.Clip("in.mkv", 10, 64, 48))
    inside, outside = folder / "inside", folder / "outside"
    for room in (inside / "deep", outside):
        room.mkdir(parents=True)
        witness.run("-i", clip, "-c", "copy", "-f", "mpegts", room / "film.ts")
        witness.run("-i", clip, "-c", "copy", room / "film.mp4")
    (inside / "link.ts").symlink_to(outside / "film.ts")
    return inside


def write(folder: Path, name: str, text: str) -> Path:
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return file


def refusal(file: Path, config: InputConfig | None = None) -> str:
    with pytest.raises(InputError) as caught:
        probe(file, config)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("name", ["a.m3u8", "a.mp4", "a.mkv", "a.ffconcat", "a"])
@pytest.mark.parametrize("text", [HLS.format("deep/film.ts"), CONCAT.format("deep/film.mp4")])
def test_a_playlist_of_any_name_is_refused(made: Path, name: str, text: str) -> None:
    said = refusal(write(made, name, text))
    assert "names others" in said
    assert "input.playlist below" in said


@pytest.mark.parametrize(
    "text", ["<MPD><Period/></MPD>", "v=0\no=- 0 0 IN IP4 127.0.0.1\n", "[playlist]\n"]
)
def test_playlists_of_other_kinds_are_refused_always(made: Path, text: str) -> None:
    assert "names others" in refusal(write(made, "a.mp4", text), BELOW)


def test_what_lies_below_is_read_where_that_was_asked_for(made: Path) -> None:
    for name, text in (
        ("a.m3u8", HLS.format("deep/film.ts")),
        ("a.ffconcat", CONCAT.format("deep/film.mp4")),
        ("b.ffconcat", CONCAT.format("'deep/film.mp4'") + "duration 0.4\n# end\n"),
    ):
        file = write(made, name, text)
        assert len(list(VideoSource(file, config=BELOW))) == 10
    inner = write(made / "deep", "inner.m3u8", HLS.format("film.ts"))
    master = "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=100000\n{}\n"
    file = write(made, "master.m3u8", master.format("deep/" + inner.name))
    assert len(list(VideoSource(file, config=BELOW))) == 10


@pytest.mark.parametrize(
    "entry",
    [
        "../outside/film.ts",
        "deep/../../outside/film.ts",
        "link.ts",
        "/etc/passwd",
        "file:///etc/passwd",
        "http://127.0.0.1:9/a.ts",
        "data:text/plain,a",
        "~/film.ts",
        "deep/film.ts?x",
        "deep\\film.ts",
        "missing.ts",
        "deep",
    ],
)
def test_what_lies_elsewhere_or_nowhere_is_refused_also_then(made: Path, entry: str) -> None:
    key = '#EXTM3U\n#EXT-X-KEY:METHOD=AES-128,URI="{}"\n#EXTINF:1,\ndeep/film.ts\n#EXT-X-ENDLIST\n'
    for text in (HLS.format(entry), key.format(entry), CONCAT.format(f"'{entry}'")):
        file = write(made, "a.m3u8", text)
        said = refusal(file, BELOW)
        assert f"{file} names" in said or "is not read" in said
        refusal(write(made, "outer.m3u8", HLS.format("a.m3u8")), BELOW)


@pytest.mark.parametrize(
    "line", ["option protocol_whitelist all", "include /etc/passwd", "file a b"]
)
def test_other_lines_of_ffconcat_are_refused(made: Path, line: str) -> None:
    text = "ffconcat version 1.0\n" + line + "\n"
    assert "is not read" in refusal(write(made, "a.ffconcat", text), BELOW)


def test_a_playlist_without_an_end_is_not_waited_for(made: Path) -> None:
    text = HLS.format("deep/film.ts").replace("#EXT-X-ENDLIST\n", "")
    assert "without an end" in refusal(write(made, "a.m3u8", text), BELOW)


def test_playlists_that_name_themselves_or_thousands_are_refused(made: Path) -> None:
    assert "and so on" in refusal(write(made, "a.m3u8", HLS.format("a.m3u8")), BELOW)
    many = "\n".join(f"x{n}.ts" for n in range(30_000))
    for n in range(2):
        write(made, "x0.ts", "x")
        assert refusal(write(made, f"m{n}.m3u8", HLS.format(many)), BELOW)
    assert "more than" in refusal(write(made, "a.m3u8", "#EXTM3U\n" + "#" * 5_000_000), BELOW)


@pytest.mark.parametrize("name", ["picture%*.png", "picture?0[1-3].png", "picture%05x.png"])
def test_a_picture_that_is_called_like_a_pattern_is_that_picture(tmp_path: Path, name: str) -> None:
    clip = synthetic.make(tmp_path, synthetic.Clip("in.mkv", 3, 64, 48))
    witness.run("-i", clip, tmp_path / "picture%03d.png")
    shutil.copy(tmp_path / "picture002.png", tmp_path / name)
    frames = list(VideoSource(tmp_path / name))
    (truth,) = list(VideoSource(tmp_path / "picture002.png"))
    assert len(frames) == 1
    assert all((a == b).all() for a, b in zip(frames[0].planes, truth.planes, strict=True))
    (tmp_path / "picture%03d.png").write_bytes((tmp_path / name).read_bytes())
    assert "rename the file" in refusal(tmp_path / "picture%03d.png")


def test_no_demuxer_that_opens_others_is_listed() -> None:
    listed = set(DEMUXERS.split(","))
    others = "hls concat dash sdp rtsp rtp sap vobsub imf lavfi svg_pipe mlv webm_dash_manifest"
    assert not listed & set(others.split())
    assert {"mov", "matroska", "mpegts", "png_pipe", "avi"} <= listed


def test_kinds_are_told_by_content() -> None:
    assert playlist_kind(b"\xef\xbb\xbf#EXTM3U\n") == "HLS"
    assert playlist_kind(b"ffconcat version 1.0") == "ffconcat"
    assert playlist_kind(b"\x1aE\xdf\xa3") is None
