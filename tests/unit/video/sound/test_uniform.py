"""Sound that changes on the way, and sound whose packets are damaged."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from tests import witness
from tests.stand_ins.passing import passed_through
from vidrestore.video import probe


def _part(path: Path, seconds: float, offset: float, rate: int, *sound: str) -> bytes:
    tone = f"sine=440:r={rate}:d={seconds}"
    witness.run(
        *("-f", "lavfi", "-i", f"testsrc2=s=64x48:r=25:d={seconds}", "-f", "lavfi", "-i", tone),
        *("-c:v", "libx264", "-preset", "ultrafast", *sound, "-ar", str(rate)),
        *("-output_ts_offset", str(offset), path),
    )
    return path.read_bytes()


def _tape(folder: Path, rates: tuple[int, int]) -> Path:
    """DV, whose sound changes its rate."""
    data = b""
    for number, rate in enumerate(rates):
        part = folder / f"{number}.dv"
        witness.run(
            *("-f", "lavfi", "-i", "color=gray:s=720x576:r=25:d=0.12"),
            *("-f", "lavfi", "-i", f"sine=440:r={rate}:d=0.12"),
            *("-c:v", "dvvideo", "-pix_fmt", "yuv420p", "-ac", "2", "-ar", str(rate), part),
        )
        data += part.read_bytes()
    path = folder / "in.dv"
    path.write_bytes(data)
    return path


def _tone(path: Path) -> tuple[np.ndarray, int]:
    """The sound's samples, and its rate."""
    raw = path.with_suffix(".raw")
    witness.run("-i", path, "-map", "0:a", "-ac", "1", "-f", "s16le", raw)
    sound = next(s.sound for s in probe(path).streams if s.sound is not None)
    return np.fromfile(raw, np.int16).astype(float), sound.sample_rate


def _pitch(samples: np.ndarray, rate: int) -> float:
    """The strongest frequency."""
    window = samples * np.hanning(len(samples))
    return float(np.abs(np.fft.rfft(window, 1 << 16)).argmax()) * rate / (1 << 16)


@pytest.mark.parametrize("ending", [".mkv", ".mov"])
@pytest.mark.parametrize("rates", [(48_000, 32_000), (32_000, 48_000)])
def test_a_tape_that_changes_its_rate_keeps_its_pitch(
    tmp_path: Path, ending: str, rates: tuple[int, int]
) -> None:
    out = tmp_path / f"out{ending}"
    warnings = passed_through(_tape(tmp_path, rates), out)
    assert any("3 packets of sound had another rate" in line for line in warnings)
    assert not any("backwards" in line for line in warnings)
    samples, rate = _tone(out)
    assert rate == rates[0]
    assert len(samples) == pytest.approx(0.24 * rate, abs=rate / 500)
    for half in np.array_split(samples, 2):
        assert _pitch(half, rate) == pytest.approx(440, abs=20)


@pytest.mark.parametrize("ending", [".mkv", ".mp4"])
def test_aac_that_changes_its_rate_keeps_its_pitch(tmp_path: Path, ending: str) -> None:
    source, out = tmp_path / "in.ts", tmp_path / f"out{ending}"
    aac = ("-c:a", "aac")
    parts = [
        _part(tmp_path / "a.ts", 0.8, 0, 48_000, *aac),
        _part(tmp_path / "b.ts", 0.8, 0.8, 32_000, *aac),
        _part(tmp_path / "c.ts", 0.8, 1.6, 48_000, *aac),
    ]
    source.write_bytes(b"".join(parts))
    warnings = passed_through(source, out)
    assert sum("packets of sound had another rate" in line for line in warnings) == 1
    samples, rate = _tone(out)
    assert rate == 48_000
    assert len(samples) == pytest.approx(2.4 * rate, abs=rate / 10)
    for part in np.array_split(samples, 3):
        assert _pitch(part[4000:-4000], rate) == pytest.approx(440, abs=8)
    times = [seen.pts for seen in witness.packets(out, "0:a:0")]
    # Where the parts overlap, packets are moved; none comes before another.
    assert all(Fraction(0) <= b - a < Fraction(1, 10) for a, b in pairwise(times))


@pytest.mark.parametrize("ending", [".mkv", ".mp4"])
@pytest.mark.parametrize("first", [False, True])
def test_damaged_packets_of_aac_are_left_out(tmp_path: Path, ending: str, *, first: bool) -> None:
    """Also where they come first; the rest is whole, and in step."""
    whole, source, out = tmp_path / "whole.ts", tmp_path / "in.ts", tmp_path / f"out{ending}"
    data = bytearray(_part(whole, 3, 0, 48_000, "-c:a", "aac"))
    seen = 0
    wanted = (1,) if first else (4, 5)
    for at in range(0, len(data), 188):
        if (data[at + 1] & 31) << 8 | data[at + 2] != 257:
            continue
        seen += bool(data[at + 1] & 64)
        if seen in wanted:
            for k in range(at + 12, at + 187):
                if data[k] == 255 and data[k + 1] & 0xF6 == 0xF0:
                    data[k + 1] = 0x4C
    source.write_bytes(data)
    warnings = passed_through(source, out)
    assert any("could not be copied, of stream 1" in line for line in warnings) or first
    left = witness.packets(out, "0:a:0")
    were = witness.packets(whole, "0:a:0")
    assert len(were) - 40 < len(left) < len(were)
    begun, end = (times[-1].pts - times[0].pts for times in (were, left))
    assert begun - end < Fraction(1)
    assert len(witness.frames(out)) == 75


@pytest.mark.parametrize("ending", [".mkv", ".mp4", ".mov"])
def test_whole_aac_loses_its_headers_alone(tmp_path: Path, ending: str) -> None:
    source, out = tmp_path / "in.ts", tmp_path / f"out{ending}"
    _part(source, 0.8, 0, 48_000, "-c:a", "aac")
    assert passed_through(source, out) == []
    read = ("-map", "0:a", "-f", "hash", "-hash", "md5", "-")
    digests = {witness.run("-i", path, *read).stdout for path in (source, out)}
    assert len(digests) == 1
