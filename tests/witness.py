"""An independent reader: the FFmpeg binary of imageio-ffmpeg, which shares no library with PyAV."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import imageio_ffmpeg


@dataclass(frozen=True)
class Seen:
    """One frame or packet as the witness read it; times in seconds."""

    pts: Fraction
    dts: Fraction
    duration: Fraction
    size: int
    digest: str


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run the binary; its errors fail the test."""
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-nostdin", "-v", "error", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)


def frames(path: Path, stream: str = "0:V:0", pix_fmt: str | None = None) -> list[Seen]:
    """Decoded pictures, as stored (not rotated), with their own times."""
    convert = ("-pix_fmt", pix_fmt) if pix_fmt else ()
    done = run(
        *("-copyts", "-noautorotate", "-i", path, "-map", stream),
        *("-fps_mode", "passthrough", "-enc_time_base", "demux", *convert),
        *("-f", "framehash", "-hash", "md5", "-"),
    )
    return _parse(done.stdout)


def packets(path: Path, stream: str) -> list[Seen]:
    """Packets of a stream, untouched."""
    done = run(
        *("-copyts", "-i", path, "-map", stream, "-c", "copy"),
        *("-f", "framehash", "-hash", "md5", "-"),
    )
    return _parse(done.stdout)


def _parse(text: str) -> list[Seen]:
    base = Fraction(1)
    seen = []
    for line in text.splitlines():
        if line.startswith("#tb"):
            base = Fraction(line.split(":")[1].strip())
        elif line and not line.startswith("#"):
            parts = [part.strip() for part in line.split(",")]
            dts, pts, duration, size, digest = parts[1:6]
            seen.append(
                Seen(int(pts) * base, int(dts) * base, int(duration) * base, int(size), digest)
            )
    return seen


def describe(path: Path, detail: str = "info") -> str:
    """What the binary says about a file (its "-i" listing), at a level of its log."""
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-nostdin", "-hide_banner", "-v", detail]
    command += ["-i", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    return re.sub(r"0x[0-9a-f]+", "", done.stderr)
