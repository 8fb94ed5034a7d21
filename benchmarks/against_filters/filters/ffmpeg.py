"""Chains of FFmpeg's own filters, by imageio-ffmpeg's binary."""

from __future__ import annotations

import subprocess

import imageio_ffmpeg
import numpy as np

from benchmarks.against_filters.media import Pictures

HQDN3D = "hqdn3d=4:3:6:4.5,unsharp=5:5:0.8"
NLMEANS = "nlmeans=s=3:p=7:r=11,atadenoise=s=9"


def through_ffmpeg(pictures: Pictures, chain: str) -> Pictures:
    """The pictures, as 4:4:4 video, through a chain of filters.

    Raises:
        RuntimeError: FFmpeg refuses, or gives another number of frames.
    """
    height, width = pictures.shape[1:3]
    raw = ["-f", "rawvideo", "-pix_fmt", "rgb24"]
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", *raw]
    command += ["-s", f"{width}x{height}", "-i", "-"]
    command += ["-vf", f"format=yuv444p,{chain}", *raw, "-"]
    done = subprocess.run(command, input=pictures.tobytes(), capture_output=True, check=False)
    if done.returncode or len(done.stdout) != pictures.nbytes:
        told = done.stderr.decode(errors="replace").strip()
        raise RuntimeError(f"FFmpeg's {chain!r} failed: {told or 'frames are missing'}")
    return np.frombuffer(done.stdout, np.uint8).reshape(pictures.shape).copy()
