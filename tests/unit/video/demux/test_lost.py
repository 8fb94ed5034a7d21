"""What a container loses on the way is counted and told, and what is left keeps its time."""

from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from tests import witness
from tests.fuzzing.fuzz_seeds import SEEDS
from tests.made_files import odd_files, synthetic
from tests.unit.video.conftest import passed_through
from vidrestore.errors import InputError
from vidrestore.video import VideoSource

# How much of the file is blank: a frame or two of each.
BLANK = {"mkv": 3000, "webm": 3000, "avi": 9000, "flv": 6000, "ts": 6000}
LOSSY = [*BLANK, "mpg"]


def _whole(clip: synthetic.ClipMaker, name: str) -> Path:
    # VP8 keeps a cluster for five seconds, and only the next one can be found again.
    return clip(replace(SEEDS[name], count=150 if name == "webm" else 60, seconds=2.4))


@pytest.mark.parametrize("name", LOSSY)
def test_lost_frames_are_told_and_the_others_stay(
    clip: synthetic.ClipMaker, tmp_path: Path, name: str
) -> None:
    whole = _whole(clip, name)
    here = tmp_path / whole.name
    here.write_bytes(whole.read_bytes())
    blank = odd_files.blanked(here, here.stat().st_size // 2, BLANK.get(name, 6000))
    truth = {seen.pts for seen in witness.frames(whole)}
    known = {frame.pts * frame.time_base: frame.planes[0] for frame in VideoSource(whole)}
    source = VideoSource(blank)
    frames = {frame.pts * frame.time_base: frame.planes[0] for frame in source}
    assert set(frames) < truth
    told = [e for e in source.damage if e["kind"] == "missing" and e["stream"] == _video(source)]
    assert sum(int(str(entry["count"])) for entry in told) == len(truth) - len(frames)

    lost = sorted(truth - set(frames))
    if name != "mpg":
        assert (told[0]["from"], told[-1]["to"]) == (float(lost[0]), float(lost[-1]))
    # Before the damage and behind the next keyframe, each picture is the one of its time.
    far = [time for time in frames if time < lost[0] - 1 or time > lost[-1] + Fraction(1, 2)]
    assert far
    for time in far:
        assert (frames[time] == known[time]).all()


def _video(source: VideoSource) -> int:
    return source.info.restored


def test_whole_files_are_told_whole(clip: synthetic.ClipMaker) -> None:
    for name, seed in SEEDS.items():
        source = VideoSource(clip(seed))
        list(source)
        kinds = {entry["kind"] for entry in source.damage}
        assert kinds <= ({"untimed"} if name in {"gif", "y4m"} else set()), name


def test_a_picture_that_stands_still_is_no_loss(clip: synthetic.ClipMaker) -> None:
    """A screen recording with alpha, which Matroska keeps between the packets."""
    ticks = [*range(12), *range(60, 72), *range(100, 112)]
    options = {"deadline": "realtime", "auto-alt-ref": "0"}
    alpha = replace(SEEDS["webm"], name="alpha.webm", pix_fmt="yuva420p", options=options)
    seed = replace(alpha, audio=(), count=36)
    source = VideoSource(clip(replace(seed, ticks=ticks)))
    frames = list(source)
    assert len(frames) == 36
    assert source.damage == []


def test_avi_stays_in_step(clip: synthetic.ClipMaker, tmp_path: Path) -> None:
    """FFmpeg counts the chunks that it finds; the index knows better."""
    whole = _whole(clip, "avi")
    here = tmp_path / whole.name
    here.write_bytes(whole.read_bytes())
    blank = odd_files.blanked(here, here.stat().st_size // 2, 9000)
    out = tmp_path / "out.mkv"
    passed_through(blank, out)
    for stream in ("0:V:0", "0:a:0"):
        read = witness.frames if stream == "0:V:0" else witness.packets
        times = [seen.pts for seen in read(whole, stream)]
        kept = [seen.pts for seen in read(out, stream)]
        assert len(times) - 6 < len(kept) < len(times)
        assert abs(kept[-1] - times[-1]) <= Fraction(1, 500)
        assert all(min(abs(time - each) for each in times) <= Fraction(1, 500) for time in kept)


@pytest.mark.parametrize("name", ["mp4", "mkv", "webm", "avi", "ts", "mpg", "flv"])
def test_a_cut_off_file_is_told_by_its_own_length(
    clip: synthetic.ClipMaker, tmp_path: Path, name: str
) -> None:
    whole = clip(SEEDS[name])
    path = tmp_path / whole.name
    # MP4's table of contents lies behind the pictures: without it nothing can be read.
    moved = ("-movflags", "+faststart") if name == "mp4" else ()
    witness.run("-i", whole, "-map", "0", "-c", "copy", *moved, path)
    data = path.read_bytes()
    for less in (0, 1, 40):
        path.write_bytes(data[: len(data) - less])
        short = VideoSource(path).decoded.damage.short
        assert short == (0 if name in {"ts", "mpg", "flv"} else less), less


def test_a_cut_off_wmv_is_told_by_its_data(clip: synthetic.ClipMaker, tmp_path: Path) -> None:
    """Behind the data lies an index, which may be missing."""
    whole = clip(SEEDS["wmv"])
    assert VideoSource(whole).decoded.damage.short == 0
    data = whole.read_bytes()
    index = len(data) - data.rindex(bytes.fromhex("90080033b1e5cf1189f400a0c90349cb"))
    path = tmp_path / whole.name
    for less, short in ((index, 0), (index + 1, 1), (index + 3000, 3000)):
        path.write_bytes(data[: len(data) - less])
        assert VideoSource(path).decoded.damage.short == short


def test_damage_as_data(clip: synthetic.ClipMaker, tmp_path: Path) -> None:
    whole = clip(SEEDS["mkv"])
    path = odd_files.truncated(_copied(whole, tmp_path), 0.5)
    source = VideoSource(path)
    list(source)
    entries = source.damage
    assert json.loads(json.dumps(entries)) == entries
    assert {tuple(entry) for entry in entries} == {
        ("kind", "stream", "count", "from", "to", "done")
    }
    (short,) = [entry for entry in entries if entry["kind"] == "short"]
    assert short["count"] == whole.stat().st_size - path.stat().st_size
    assert len(source.decoded.damage.warnings) == len(entries)


def _copied(path: Path, folder: Path) -> Path:
    copy = folder / path.name
    copy.write_bytes(path.read_bytes())
    return copy


def test_a_decoder_that_fails_in_its_own_words(clip: synthetic.ClipMaker, tmp_path: Path) -> None:
    """ProRes answers noise with "operation not permitted"; the other frames are still good."""
    whole = clip(SEEDS["mov"])
    here = _copied(whole, tmp_path)
    blank = odd_files.blanked(here, here.stat().st_size // 2, 12_000)
    source = VideoSource(blank)
    times = [frame.pts for frame in source]
    assert times == [frame.pts for frame in VideoSource(whole)]
    assert source.decoded.damage.count("undecodable")
    assert 0 < source.decoded.damage.count("repeated") < len(times) - 2


def test_nothing_but_noise_is_refused(clip: synthetic.ClipMaker, tmp_path: Path) -> None:
    here = _copied(clip(SEEDS["mov"]), tmp_path)
    table = here.read_bytes().index(b"moov") - 4
    with pytest.raises(InputError, match="no frame that can be decoded"):
        VideoSource(odd_files.blanked(here, 48, table - 48))
