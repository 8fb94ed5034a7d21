from __future__ import annotations

import os

import pytest

from vidrestore.cli.targets import check_report, sources_of
from vidrestore.config import Config
from vidrestore.errors import OutputError


@pytest.fixture
def job(tmp_path):
    """A call whose files exist, by role."""
    names = {
        "the video": "in.mkv",
        "the preset": "my.toml",
        "the model": "my.safetensors",
        "the detector's weights": "detector.pth",
        "the parser's weights": "parser.pth",
        "the FFmpeg binary": "ffmpeg",
        "the result": "out.mkv",
    }
    files = {what: tmp_path / name for what, name in names.items()}
    for what, file in files.items():
        if what != "the result":
            file.write_bytes(b"dear")
    return files


def check(job, report, *, overwrite=True):
    config = Config().with_options(
        {
            "restore.model": str(job["the model"]),
            "detect.weights": str(job["the detector's weights"]),
            "paste.parsing": str(job["the parser's weights"]),
            "encoder.ffmpeg": str(job["the FFmpeg binary"]),
        }
    )
    sources = sources_of(str(job["the video"]), str(job["the preset"]), config)
    check_report(str(report), [str(job["the result"])], sources, overwrite=overwrite)


def test_a_report_replaces_nothing_that_the_job_reads_or_writes(job, tmp_path):
    (tmp_path / "folder").mkdir()
    for number, (what, file) in enumerate(job.items()):
        ways = [file, tmp_path / "folder" / ".." / file.name]
        if what != "the result":
            link, hard = tmp_path / f"link{number}.json", tmp_path / f"hard{number}.json"
            link.symlink_to(file)
            hard.hardlink_to(file)
            ways += [link, hard]
        for way in ways:
            with pytest.raises(OutputError, match=f"is {what} itself"):
                check(job, way)
    check(job, tmp_path / "report.json")


def test_a_report_replaces_no_picture_of_a_sequence(job, tmp_path):
    folder = tmp_path / "scan"
    folder.mkdir()
    for number in range(3):
        (folder / f"f_{number}.png").write_bytes(b"x")
    for source in (folder, folder / "f_%d.png"):
        with pytest.raises(OutputError, match="is a picture of the video"):
            check(job | {"the video": source}, folder / "f_1.png")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("b" * 300 + ".json", "too long"),
        ("nowhere/r.json", "does not exist"),
        ("folder", "is a folder"),
        ("pipe", "no regular file"),
        ("old.json", "add --overwrite"),
        ("a\0.json", "null"),
    ],
)
def test_a_report_that_cannot_be_written_is_refused(job, tmp_path, name, said):
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "old.json").touch()
    with pytest.raises(OutputError, match=said):
        check(job, f"{tmp_path}/{name}", overwrite=False)


def test_an_empty_name_is_no_folder(job):
    with pytest.raises(OutputError, match="--report is an empty name; name a file"):
        check(job, "")
