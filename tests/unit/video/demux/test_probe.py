"""What is said about a file, and what is refused."""

from __future__ import annotations

import json
import os
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from tests.made_files import clips, odd_files, synthetic
from vidrestore.errors import InputError
from vidrestore.video.demux.probe import probe
from vidrestore.video.facts.media import Picture


def test_everything_about_a_file(clip: synthetic.ClipMaker) -> None:
    info = probe(clip(clips.STREAMS["mkv with all"]))
    assert info.restored == 0
    assert info.stream.codec == "h264"
    assert info.stream.language == "eng"
    assert info.stream.title == "the picture"
    kinds = [(s.kind, s.codec, s.language) for s in info.streams]
    assert kinds == [
        ("video", "h264", "eng"),
        ("audio", "aac", "deu"),
        ("audio", "flac", "fra"),
        ("subtitle", "subrip", "nld"),
        ("attachment", "", None),
        ("video", "mjpeg", None),
    ]
    assert info.streams[5].disposition == ("attached_pic",)
    assert info.streams[3].disposition == ("forced",)
    sound = info.streams[2].sound
    assert sound is not None
    assert (sound.sample_rate, sound.channels, sound.layout) == (44_100, 1, "mono")
    assert [(c.start, c.end) for c in info.chapters] == [
        (0, Fraction(1, 5)),
        (Fraction(1, 5), Fraction(12, 25)),
    ]
    assert info.metadata["title"] == "All of it"
    assert info.size > 0
    assert info.duration is not None
    assert abs(info.duration - Fraction(1, 2)) < Fraction(1, 10)


def test_the_picture(clip: synthetic.ClipMaker) -> None:
    phone = probe(clip(clips.PICTURES["rotated"])).picture
    assert (phone.width, phone.height, phone.rotation) == (64, 48, 90)
    assert phone.display_matrix is not None
    wide = probe(clip(clips.PICTURES["wide pixels"])).picture
    assert wide.sample_aspect == Fraction(64, 45)
    assert wide.display_aspect == Fraction(64, 48) * Fraction(64, 45)
    tagged = probe(clip(clips.PICTURES["bt709 limited"])).picture.colour
    assert (tagged.primaries, tagged.transfer, tagged.matrix, tagged.range) == (1, 1, 1, 1)
    ntsc = probe(clip(clips.TIMINGS["ntsc"])).picture
    assert ntsc.rate == synthetic.NTSC
    assert ntsc.frames == 12


@pytest.mark.parametrize("name", clips.STREAMS)
def test_json_holds_it(clip: synthetic.ClipMaker, name: str) -> None:
    info = probe(clip(clips.STREAMS[name]))
    told = json.loads(json.dumps(info.as_dict()))
    assert told["restored_stream"] == 0
    assert len(told["streams"]) == len(info.streams)
    assert told["streams"][0]["rate"] == "25"


def test_a_colon_in_the_name_is_no_protocol(clip: synthetic.ClipMaker, tmp_path: Path) -> None:
    strange = tmp_path / "http:not%03d a'protocol.mp4"
    strange.write_bytes(clip(clips.TIMINGS["cfr"]).read_bytes())
    assert probe(strange).picture.width == 64


def _refused(path: Path | str) -> str:
    with pytest.raises(InputError) as caught:
        probe(path)
    text = str(caught.value)
    assert "\n" not in text
    assert Path(path).name in text
    return text


def test_missing_file(tmp_path: Path) -> None:
    assert "does not exist" in _refused(tmp_path / "no.mp4")


def test_directory(tmp_path: Path) -> None:
    assert "directory" in _refused(tmp_path)


def test_empty_file(tmp_path: Path) -> None:
    path = tmp_path / "empty.mp4"
    path.touch()
    assert "is empty" in _refused(path)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_unreadable_file(tmp_path: Path) -> None:
    path = tmp_path / "locked.mp4"
    path.write_bytes(b"x")
    path.chmod(0)
    assert "permission" in _refused(path)


@pytest.mark.parametrize("name", ["notes.txt", "notes.mp4", "notes"])
def test_text_file(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text("A film in words.\n" * 300)
    assert "not a video" in _refused(path)


def test_subtitle_file(tmp_path: Path) -> None:
    path = tmp_path / "lines.srt"
    path.write_text("1\n00:00:01,000 --> 00:00:02,000\nHello\n\n")
    assert "no video" in _refused(path)


def test_random_bytes(tmp_path: Path) -> None:
    path = tmp_path / "noise.mkv"
    # Always the same ones: now and then noise passes for MPEG audio.
    path.write_bytes(np.random.default_rng(5).bytes(5000))
    assert "not a video" in _refused(path)


def test_audio_only(tmp_path: Path) -> None:
    assert "audio only" in _refused(synthetic.make_audio_only(tmp_path))


def test_cover_art_is_no_video(tmp_path: Path) -> None:
    assert "cover art" in _refused(synthetic.make_audio_only(tmp_path, cover=True))


def test_header_alone(clip: synthetic.ClipMaker, tmp_path: Path) -> None:
    data = clip(clips.TIMINGS["millisecond mkv"]).read_bytes()
    path = tmp_path / "none.mkv"
    # The first cluster's identifier: nothing of the picture comes before it.
    path.write_bytes(data[: data.index(b"\x1f\x43\xb6\x75")])
    assert "damaged or incomplete" in _refused(path)


def test_not_one_frame(clip: synthetic.ClipMaker, tmp_path: Path) -> None:
    data = clip(clips.TIMINGS["cfr"]).read_bytes()
    begin, end = data.index(b"mdat") + 4, data.index(b"moov") - 4
    path = tmp_path / "blank.mp4"
    path.write_bytes(data[:begin] + bytes(end - begin) + data[end:])
    assert "no frame" in _refused(path)


def test_index_cut_off(clip: synthetic.ClipMaker, tmp_path: Path) -> None:
    path = tmp_path / "half.mp4"
    path.write_bytes(odd_files.truncated(clip(clips.TIMINGS["cfr"]), 0.5).read_bytes())
    assert "damaged or incomplete" in _refused(path)


def test_the_default_stream_is_chosen(tmp_path: Path) -> None:
    path = odd_files.make_two_videos(tmp_path, default=0)
    info = probe(path)
    assert (info.restored, info.picture.width) == (0, 32)
    assert "default" in info.reason


def test_else_the_largest_stream(tmp_path: Path) -> None:
    info = probe(odd_files.make_two_videos(tmp_path, default=None))
    assert (info.restored, info.picture.width) == (1, 64)
    assert "largest" in info.reason


S = 1 << 16  # one, in 16.16


@pytest.mark.parametrize(
    ("a", "b", "c", "d", "upright"),
    [
        (S, 0, 0, S, 0),
        (0, -S, S, 0, 90),
        (-S, 0, 0, -S, 180),
        (0, S, -S, 0, 270),
        (-S, 0, 0, S, 0),
        (S, 0, 0, -S, 180),
        (0, S, S, 0, 270),
        (0, -S, -S, 0, 90),
    ],
)
def test_what_brings_faces_upright(a: int, b: int, c: int, d: int, upright: int) -> None:
    """The four turns, and each of them mirrored."""
    matrix = (a, b, 0, c, d, 0, 0, 0, 1 << 30)
    assert Picture(64, 48, "yuv420p", display_matrix=matrix).upright == upright
    assert Picture(64, 48, "yuv420p").upright == 0
