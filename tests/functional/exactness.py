"""Is every sample outside the reported regions the source's? Judged by an independent reader."""

from __future__ import annotations

import subprocess
from collections import defaultdict
from pathlib import Path

import imageio_ffmpeg
import numpy as np

from vidrestore import Report
from vidrestore.datatypes import FrameFormat


def invert(crops: np.ndarray) -> np.ndarray:
    """A restorer that changes everything."""
    return np.iinfo(crops.dtype).max - crops


def samples(path: Path, fmt: FrameFormat) -> list[np.ndarray]:
    """The decoded planes of all frames, (frames, rows, columns) each, by the witness."""
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-noautorotate", "-i", str(path)]
    command += ["-map", "0:V:0", "-fps_mode", "passthrough", "-f", "rawvideo"]
    command += ["-pix_fmt", fmt.pix_fmt, "-"]
    raw = subprocess.run(command, capture_output=True, check=True, timeout=60).stdout
    shapes = fmt.plane_shapes()
    whole = sum(rows * columns for rows, columns in shapes)
    frames = np.frombuffer(raw, fmt.dtype).reshape(-1, whole)
    planes, begin = [], 0
    for rows, columns in shapes:
        end = begin + rows * columns
        planes.append(frames[:, begin:end].reshape(-1, rows, columns))
        begin = end
    return planes


def check_exactness(source: Path, out: Path, report: Report, fmt: FrameFormat) -> None:
    """Nothing differs outside the regions, and much does within them.

    Args:
        source: the video.
        out: its result, without loss.
        report: of the job.
        fmt: of the frames, planar.
    """
    regions = defaultdict(list)
    for track in report.tracks:
        for frame, *box in track.regions.tolist():
            regions[frame].append(box)
    assert regions
    before, after = samples(source, fmt), samples(out, fmt)
    for number, (old, new) in enumerate(zip(before, after, strict=True)):
        assert old.shape == new.shape
        differs = old != new
        sx, sy = fmt.chroma_shift if number in {1, 2} else (0, 0)
        for index, plane in enumerate(differs):
            outside = plane.copy()
            for x0, y0, x1, y1 in regions[index]:
                inside = (slice(y0 >> sy, -(-y1 >> sy)), slice(x0 >> sx, -(-x1 >> sx)))
                if number == 0:
                    assert plane[inside].mean() > 0.2
                outside[inside] = False
            assert not outside.any(), f"plane {number} of frame {index} changed outside"
