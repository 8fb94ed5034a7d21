"""What a bundle tells of the names of people, and what it must keep to be of use."""

from __future__ import annotations

import json

import pytest

from vidrestore.cli.checks.bundle import without_names
from vidrestore.config import PHOTOS, PICTURES, VIDEOS
from vidrestore.runtime import machine

NAMES = {
    "/home/u/Aunt Mary Smith wedding 1974.mp4: 5 frames, 2 faces": "PATH: 5 frames, 2 faces",
    "Aunt Mary Smith wedding 1974.MP4: 5 frames": "FILE: 5 frames",
    "Mary (1974), Anna.webp: cut off": "FILE: cut off",
    "12:00:00,123 INFO vidrestore.job: anna's wedding.mkv: 15.7 frames/s, 30000/1001": (
        "12:00:00,123 INFO vidrestore.job: FILE: 15.7 frames/s, 30000/1001"
    ),
    "'Wedding: Mary.mp4' is no folder; name one": "'FILE' is no folder; name one",
    "cannot write /home/u/Aunt Mary: no space left": "cannot write PATH: no space left",
    "INFO C:\\Users\\Aunt Mary done": "INFO PATH",
    "Aunt Mary/her films/x.mp4: 3 cuts": "FILE: 3 cuts",
    "her films/Aunt Mary": "PATH Mary",
    "/a/Mary.mp4 is below /home/Anna Smith": "PATH is below PATH",
    '  File "/home/u/My Files/a.py", line 3, in f': '  File "PATH", line 3, in f',
    "--mask=/home/Anna B.png is missing": "--mask=PATH is missing",
    "~/Anna B/x.mov": "PATH",
}


@pytest.mark.parametrize("line", NAMES)
def test_names_are_left_out_with_the_spaces_in_them(line):
    assert without_names(line) == NAMES[line]


@pytest.mark.parametrize("ending", sorted(VIDEOS | PICTURES | PHOTOS.keys()))
def test_every_ending_of_videos_and_pictures_is_known(ending):
    assert without_names(f"Anna Smith{ending}") == "FILE"


@pytest.mark.parametrize(
    "line",
    [
        "encoder.crf is 3; torch 2.13.0+cpu",
        "let it end in .mkv, .mp4",
        "10 frames, 15.7 frames/s (frames/s)",
        "there is no option --paste.strenght (did you mean --paste.strength?)",
    ],
)
def test_what_is_no_name_stays(line):
    assert without_names(line) == line


def test_versions_stay_whole():
    versions = json.dumps(machine.versions(), indent=2)
    assert json.loads(without_names(versions)).keys() == machine.versions().keys()
