"""VMAF, and VMAF NEG, which enhancement does not raise, of faces, by FFmpeg's libvmaf."""

from __future__ import annotations

import json
import subprocess
import tempfile
from fractions import Fraction
from pathlib import Path

import imageio_ffmpeg
import numpy as np

from benchmarks.against_filters import media
from benchmarks.against_filters.measures.reference import Reference
from benchmarks.against_filters.media import Pictures

_ENCODING = media.Encoding(pix_fmt="yuv420p")
# Name of the measure, of the model within a run, and of the model.
_MODELS = (("vmaf", "plain", "vmaf_v0.6.1"), ("vmaf neg", "neg", "vmaf_v0.6.1neg"))


def vmaf(crops: Pictures, reference: Reference) -> dict[str, float]:
    """Both scores, 0..100, means over the frames; what lies around the face is the truth's."""
    face = reference.face
    mine, true = (face.of_picture(pictures) for pictures in (crops, reference.truth))
    mine = np.where(face.mask[..., None], mine, true)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        for name, pictures in (("mine", mine), ("truth", true)):
            media.write(pictures, folder / f"{name}.mkv", Fraction(25), _ENCODING)
        models = "|".join(rf"version={version}\:name={name}" for _, name, version in _MODELS)
        graph = f"libvmaf=model='{models}':log_fmt=json:log_path=scores.json:n_threads=1"
        command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error"]
        command += ["-i", "mine.mkv", "-i", "truth.mkv", "-lavfi", graph, "-f", "null", "-"]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"FFmpeg's libvmaf failed: {done.stderr.strip()}")
        pooled = json.loads((folder / "scores.json").read_text())["pooled_metrics"]
    return {measure: float(pooled[name]["mean"]) for measure, name, _ in _MODELS}
