"""Whether memory stays flat however long a video is.

    python benchmarks/memory.py [--minutes N] [--json FILE]

Makes a clip of three minutes from the sample's frames, restores it with a restorer that returns its
input, and reports the peak of the resident memory within each minute of video. Exits with 1 if the
last minute's peak exceeds the first's by more than 5 % and 16 MiB.
"""

from __future__ import annotations

import argparse
import itertools
import json
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import psutil
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from vidrestore import Progress, restore_video

SAMPLE = Path(__file__).resolve().parents[1] / "samples" / "clip.mkv"
RATE = 25
MIB = 1 << 20
# What an allocator may still gather after a minute without being a leak.
SLACK_SHARE, SLACK_MIB = 0.05, 16.0


class Unchanged:
    """A restorer that gives its input back."""

    size = 256

    def restore(self, crops: NDArray[np.generic], /) -> NDArray[np.generic]:
        """The crops themselves, copied."""
        return crops.copy()


@dataclass
class Watch:
    """Keeps the peak of the resident memory for each minute of video.

    Attributes:
        peaks: MiB, one per minute begun.
    """

    peaks: list[float] = field(default_factory=list)
    process: psutil.Process = field(default_factory=psutil.Process)

    def __call__(self, progress: Progress) -> None:
        """Look at the memory; called after each frame."""
        minute = max(progress.frames_done - 1, 0) // (60 * RATE)
        while len(self.peaks) <= minute:
            self.peaks.append(0.0)
        self.peaks[minute] = max(self.peaks[minute], self.process.memory_info().rss / MIB)


def write_long_clip(path: Path, minutes: float, sample: Path = SAMPLE) -> int:
    """The sample's frames over and over; returns how many there are."""
    with av.open(str(sample)) as container:
        frames = list(container.decode(video=0))
    total = round(minutes * 60 * RATE)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=RATE)
        stream.width, stream.height = frames[0].width, frames[0].height
        stream.pix_fmt, stream.options = "yuv420p", {"preset": "ultrafast", "crf": "23"}
        for index, frame in enumerate(itertools.islice(itertools.cycle(frames), total)):
            frame.pts, frame.time_base = index, Fraction(1, RATE)
            frame.pict_type = av.video.frame.PictureType.NONE
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return total


def is_flat(peaks: Sequence[float]) -> bool:
    """Whether the last minute needs no more than the first, but for the allowance."""
    growth = peaks[-1] - peaks[0]
    return growth <= max(SLACK_MIB, SLACK_SHARE * peaks[0])


def main() -> None:
    """Measure, print, write; exit with 1 if memory grew."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--minutes", type=float, default=3.0)
    parser.add_argument("--json", type=Path, default=Path("out/bench/memory.json"))
    arguments = parser.parse_args()
    watch = Watch()
    with tempfile.TemporaryDirectory(prefix="vidrestore-bench-") as folder:
        long = Path(folder) / "long.mkv"
        write_long_clip(long, arguments.minutes)
        report = restore_video(long, Path(folder) / "out.mkv", restorer=Unchanged(), progress=watch)
    flat = is_flat(watch.peaks)
    shown = Table(title=f"{report.frames} frames, {report.faces} faces, {report.seconds:.0f} s")
    shown.add_column("minute of video", justify="right")
    shown.add_column("peak resident memory, MiB", justify="right")
    for minute, peak in enumerate(watch.peaks, start=1):
        shown.add_row(str(minute), f"{peak:.1f}")
    Console().print(shown)
    content = {"frames": report.frames, "peaks_mib": watch.peaks, "flat": flat}
    arguments.json.parent.mkdir(parents=True, exist_ok=True)
    arguments.json.write_text(json.dumps(content, indent=2) + "\n")
    print(f"{'flat' if flat else 'GROWING'}; written: {arguments.json}")
    sys.exit(0 if flat else 1)


if __name__ == "__main__":
    main()
