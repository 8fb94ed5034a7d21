"""Copied sound begins and ends where it did, to the sample where a container can say so."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import pytest

from tests import witness
from tests.made_files import synthetic
from tests.made_files.synthetic import (
    Clip,
    add_audio,
    add_video,
    audio_packets,
    video_packets,
    when,
)
from vidrestore.video.sound.times import SoundTimes, samples

Pass = Callable[..., list[str]]
MILLISECOND = Fraction(1, 1000)
# No whole number of any codec's packets.
SECONDS = "0.377"


@pytest.fixture(scope="module")
def spoken(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, str], Path]:
    """Clips with one sound of 44.1 kHz (Opus: 48), made by the witness."""
    folder, made = tmp_path_factory.mktemp("spoken"), {}

    def make(codec: str, ending: str) -> Path:
        path = folder / f"{codec}{ending}"
        if path not in made:
            rate = 48_000 if codec == "libopus" else 44_100
            witness.run(
                *("-f", "lavfi", "-i", "testsrc=d=0.4:s=64x48:r=10"),
                *("-f", "lavfi", "-i", f"sine=d={SECONDS}:r={rate}"),
                *("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p"),
                *("-c:a", codec, path),
            )
            made[path] = True
        return path

    return make


def _heard(path: Path) -> Fraction:
    """When the last sample is over, as the witness decodes it."""
    shown = witness.run(
        *("-copyts", "-i", path, "-map", "0:a:0", "-f", "framehash", "-hash", "md5", "-")
    )
    last = witness._parse(shown.stdout)[-1]
    return last.pts + last.duration


@pytest.mark.parametrize("codec", ["aac", "ac3", "libmp3lame", "flac", "libopus"])
@pytest.mark.parametrize(
    "pair",
    [(".mkv", ".mkv"), (".mkv", ".mp4"), (".mp4", ".mkv"), (".mp4", ".mp4"), (".mkv", ".mov")],
)
def test_it_ends_where_it_did(
    spoken: Callable[[str, str], Path],
    tmp_path: Path,
    passed_through: Pass,
    codec: str,
    pair: tuple[str, str],
) -> None:
    was, becomes = pair
    if becomes == ".mov" and codec in {"flac", "libopus"}:
        pytest.skip("MOV does not hold it")
    source, out = spoken(codec, was), tmp_path / f"out{becomes}"
    told = passed_through(source, out)
    assert told == []
    before, after = witness.packets(source, "0:a:0"), witness.packets(out, "0:a:0")
    assert [s.digest for s in after] == [s.digest for s in before]
    for a, b in zip(before, after, strict=True):
        assert abs(a.pts - b.pts) <= MILLISECOND
    expected = Fraction(SECONDS)
    if codec == "libopus" and becomes == ".mp4":
        # FFmpeg plays all of an Opus packet in MP4, but tells its length.
        assert abs(after[-1].pts + after[-1].duration - expected) <= MILLISECOND
    elif not (codec == "aac" and was == becomes == ".mkv"):
        # A short last packet of AAC in Matroska is told in a way that FFmpeg's decoder ignores.
        assert abs(_heard(out) - expected) <= MILLISECOND


@pytest.mark.parametrize(("codec", "held"), [("aac", 1024), ("libmp3lame", 1152), ("ac3", 1536)])
def test_milliseconds_become_samples(
    spoken: Callable[[str, str], Path],
    tmp_path: Path,
    passed_through: Pass,
    codec: str,
    held: int,
) -> None:
    """Matroska's rounded times would make packets of uneven length in MP4."""
    out = tmp_path / "out.mp4"
    passed_through(spoken(codec, ".mkv"), out)
    times = [seen.pts for seen in witness.packets(out, "0:a:0")]
    steps = {b - a for a, b in itertools.pairwise(times)}
    assert steps == {Fraction(held, 44_100)}


def test_a_gap_stays_a_gap(tmp_path: Path, passed_through: Pass) -> None:
    source, out = tmp_path / "gap.mkv", tmp_path / "out.mp4"
    with av.open(str(source), "w") as output:
        clip = Clip(count=25)
        video, sound = add_video(output, clip), add_audio(output, "aac", 0)
        voice = audio_packets(sound, 1.0)
        for packet in sorted([*video_packets(video, clip), *voice[:10], *voice[20:]], key=when):
            output.mux(packet)
    passed_through(source, out)
    before, after = witness.packets(source, "0:a:0"), witness.packets(out, "0:a:0")
    assert [s.digest for s in after] == [s.digest for s in before]
    assert max(abs(a.pts - b.pts) for a, b in zip(before, after, strict=True)) <= MILLISECOND
    steps = [b.pts - a.pts for a, b in itertools.pairwise(after)]
    assert sum(step != Fraction(1024, 48_000) for step in steps) == 1


def _packets(sizes: list[int], start: Fraction, rate: int) -> list[Any]:
    """Packets of so many samples with times and durations in whole milliseconds."""
    made, at = [], start
    for size in sizes:
        packet = av.Packet(b"x" * 8)
        packet.time_base = MILLISECOND
        packet.pts = packet.dts = round(at / MILLISECOND)
        packet.duration = int(Fraction(size, rate) / MILLISECOND)
        at += Fraction(size, rate)
        made.append(packet)
    return made


def test_errors_never_add_up(spoken: Callable[[str, str], Path]) -> None:
    """Two minutes at the hundredth hour; then as many that run a little slow."""
    start = Fraction(360_000) + Fraction(1, 3000)
    with av.open(str(spoken("aac", ".mkv"))) as container:
        stream = container.streams.audio[0]
        for pace, jumps in ((44_100, 0), (44_090, 12)):
            times = SoundTimes(stream, coarse=False)
            packets = _packets([1024] * 5000, start, pace)
            own = [packet.pts * MILLISECOND for packet in packets]
            for packet in packets:
                times.place(packet)
            placed = [packet.pts * packet.time_base for packet in packets]
            stray = [abs(a - b) for a, b in zip(own, placed, strict=True)]
            assert max(stray) <= (1 if pace == 44_100 else 4) * MILLISECOND
            steps = [b - a for a, b in itertools.pairwise(placed)]
            assert sum(step != Fraction(1024, 44_100) for step in steps) <= jumps


def test_times_of_broken_files_are_left_alone(spoken: Callable[[str, str], Path]) -> None:
    with av.open(str(spoken("aac", ".mkv"))) as container:
        times = SoundTimes(container.streams.audio[0], coarse=False)
        (packet,) = _packets([1024], Fraction(0), 44_100)
        packet.pts = packet.dts = 1 << 61
        times.place(packet)
        assert (packet.pts, packet.time_base) == (1 << 61, MILLISECOND)


def test_durations_that_do_not_agree_prove_nothing(
    spoken: Callable[[str, str], Path],
) -> None:
    with av.open(str(spoken("aac", ".mkv"))) as container:
        times = SoundTimes(container.streams.audio[0], coarse=False)
        packets = _packets([2048] * 50, Fraction(0), 44_100)
        own = [packet.pts * MILLISECOND for packet in packets]
        for packet in packets:
            times.place(packet)
        placed = [packet.pts * packet.time_base for packet in packets]
    assert all(abs(a - b) <= Fraction(1, 88_200) for a, b in zip(own, placed, strict=True))


@pytest.mark.parametrize(
    ("first", "count"),
    [
        (bytes([0 << 3]), 480),  # SILK, 10 ms
        (bytes([3 << 3 | 1]), 5760),  # two of SILK's 60 ms
        (bytes([13 << 3]), 960),  # hybrid, 20 ms
        (bytes([16 << 3]), 120),  # CELT, 2.5 ms
        (bytes([31 << 3 | 3, 6]), 5760),  # six of CELT's 20 ms
        (bytes([31 << 3 | 3]), None),  # says that it tells a number, and ends
    ],
)
def test_opus_tells_its_length(clip: synthetic.ClipMaker, first: bytes, count: int | None) -> None:
    with av.open(str(clip(Clip("opus.mkv", audio=("libopus",))))) as container:
        context = container.streams.audio[0].codec_context
        assert samples(av.Packet(first), context) == count
