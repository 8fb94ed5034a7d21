"""The sample restored with the embedded model, judged by an independent reader and the report."""

from __future__ import annotations

import hashlib
import subprocess
from collections import defaultdict
from pathlib import Path

import imageio_ffmpeg
import numpy as np
import pytest

from tests import witness
from tests.functional.conftest import Job
from vidrestore.weights.catalogue import CATALOGUE

WIDTH, HEIGHT = 384, 288


def luma_and_chroma(path: Path) -> list[np.ndarray]:
    """The decoded 4:2:0 planes of all frames, (frames, rows, columns) each, by the witness."""
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-i", str(path), "-map", "0:v:0"]
    command += ["-fps_mode", "passthrough", "-f", "rawvideo", "-pix_fmt", "yuv420p", "-"]
    raw = subprocess.run(command, capture_output=True, check=True).stdout
    frames = np.frombuffer(raw, np.uint8).reshape(-1, WIDTH * HEIGHT * 3 // 2)
    luma, chroma = WIDTH * HEIGHT, WIDTH * HEIGHT // 4
    return [
        frames[:, :luma].reshape(-1, HEIGHT, WIDTH),
        frames[:, luma : luma + chroma].reshape(-1, HEIGHT // 2, WIDTH // 2),
        frames[:, luma + chroma :].reshape(-1, HEIGHT // 2, WIDTH // 2),
    ]


@pytest.fixture(scope="module")
def changed(job: Job) -> list[np.ndarray]:
    """Which samples of each plane differ from the source."""
    before, after = luma_and_chroma(job.source), luma_and_chroma(job.output)
    return [b != a for b, a in zip(before, after, strict=True)]


def regions_by_frame(job: Job) -> dict[int, list[tuple[int, int, int, int]]]:
    found = defaultdict(list)
    for track in job.report["tracks"]:
        for frame, *box in track["regions"]:
            found[frame].append(tuple(box))
    return found


def test_the_time_of_every_frame_is_kept(job):
    before, after = witness.frames(job.source), witness.frames(job.output)
    assert [f.pts for f in after] == [f.pts for f in before]
    assert len(after) == job.report["frames_in"] == job.report["frames_out"]


@pytest.mark.parametrize("stream", ["0:a:0", "0:s:0"])
def test_other_streams_are_copied_packet_by_packet(job, stream):
    before, after = witness.packets(job.source, stream), witness.packets(job.output, stream)
    assert before
    assert after == before


def test_nothing_changed_outside_the_reported_regions(job, changed):
    regions = regions_by_frame(job)
    for step, plane in zip((1, 2, 2), changed, strict=True):
        for index, differs in enumerate(plane):
            outside = differs.copy()
            for x0, y0, x1, y1 in regions[index]:
                outside[y0 // step : -(-y1 // step), x0 // step : -(-x1 // step)] = False
            assert not outside.any(), f"frame {index} changed outside {regions[index]}"


def test_the_reported_regions_did_change(job, changed):
    for index, boxes in regions_by_frame(job).items():
        for x0, y0, x1, y1 in boxes:
            assert changed[0][index, y0:y1, x0:x1].mean() > 0.05


def test_both_shots_are_restored_in_every_frame_with_one_identity_each(job):
    cut = job.report["cuts"][0]["frame"]
    first, second = job.report["tracks"]
    last = job.report["frames_out"] - 1
    assert (first["track_id"], first["first_frame"], first["last_frame"]) == (1, 0, cut - 1)
    assert (second["track_id"], second["first_frame"], second["last_frame"]) == (2, cut, last)
    assert first["faces_restored"] + second["faces_restored"] >= 0.99 * (last + 1)
    assert len(job.report["cuts"]) == 1


def test_the_counts_of_the_report_follow_from_the_pictures(job, changed):
    restored = {index for index, differs in enumerate(changed[0]) if differs.any()}
    assert restored == set(regions_by_frame(job))
    assert job.report["faces"] == sum(len(track["regions"]) for track in job.report["tracks"])


def test_the_report_tells_what_became_of_every_stream(job):
    fates = [(stream["kind"], stream["fate"]) for stream in job.report["streams"]]
    assert fates.count(("video", "restored")) == 1
    assert all(fate in {"restored", "copied"} for _, fate in fates)


def test_the_report_names_the_model_and_the_settings(job):
    model = job.report["model"]
    assert model["name"] == "default"
    assert model["sha256"] == CATALOGUE["default"].sha256
    assert hashlib.sha256(Path(model["file"]).read_bytes()).hexdigest() == model["sha256"]
    assert job.report["settings"]["encoder"]["codec"] == "ffv1"
    stages = {
        "preview",
        "cuts",
        "film",
        "colourless",
        "scratches",
        "detect",
        "track",
        "lookback",
        "locate",
        "smooth",
        "align",
        "deflicker",
        "denoise",
        "restore",
        "blend",
        "refine",
        "paste",
    }
    assert set(job.report["timing"]) == stages | {"load", "decode", "encode", "hash"}
