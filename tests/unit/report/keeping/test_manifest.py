"""Manifests, bags, PREMIS and hashes of frames, judged by the programs that they are for."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from dataclasses import replace
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path

import bagit
import pytest
from lxml import etree

from tests import witness
from tests.made_files.synthetic import Clip, make
from vidrestore.config import InputConfig
from vidrestore.errors import OutputError
from vidrestore.report import Facts, Fixity, Hashed, ModelUsed
from vidrestore.report.keeping import premis
from vidrestore.report.keeping.bag import write_bag
from vidrestore.report.keeping.manifest import line, write_manifest
from vidrestore.video.frame_hashes import hash_of_frames, write_frame_hashes

REPORT = replace(
    Facts().finish(
        source="in/a film.mkv",
        output="out/a film.mkv",
        frames_in=0,
        model=ModelUsed("default", "x", "ab" * 32, "Apache-2.0"),
        settings={},
        timing={},
        version="1.0",
        device="cpu",
        precision="float32",
        started=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
        seconds=60.0,
    ),
    fixity=Fixity("sha256", Hashed(1, "01" * 32), Hashed(2, "02" * 32)),
)


@pytest.mark.parametrize("algorithm", ["sha256", "sha512", "md5"])
def test_a_manifest_is_what_the_systems_own_program_checks(tmp_path, algorithm):
    program = shutil.which(f"{algorithm}sum")
    if program is None:
        pytest.skip(f"no {algorithm}sum here")
    names = [Path("a.mkv"), Path("ä/b c.mkv"), Path("line\nbreak \\ and back.mkv")]
    digests = {}
    for number, name in enumerate(names):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(bytes([number]))
        digests[name] = hashlib.new(algorithm, bytes([number])).hexdigest()
    target = tmp_path / f"manifest-{algorithm}.txt"
    write_manifest(target, digests)
    done = subprocess.run([program, "-c", target.name], cwd=tmp_path, check=False)
    assert done.returncode == 0
    (tmp_path / "a.mkv").write_bytes(b"other")
    done = subprocess.run([program, "-c", "--status", target.name], cwd=tmp_path, check=False)
    assert done.returncode == 1
    write_manifest(target, {})
    assert not target.exists()


def test_names_that_are_no_text_stay_what_they_are():
    assert line("00", os.fsdecode(b"\xff.mkv")) == b"00  \xff.mkv\n"


def test_a_bag_is_one_and_holds_each_file_only_once(tmp_path):
    folder, bag = tmp_path / "out", tmp_path / "out.bag"
    (folder / "sub").mkdir(parents=True)
    (folder / "a.mkv").write_bytes(b"a")
    (folder / "sub" / "b.mkv").write_bytes(b"b")
    for files in ([Path("a.mkv")], [Path("a.mkv"), Path("sub/b.mkv")]):
        write_bag(bag, folder, files, "sha512", {"Source-Organization": "nobody"})
    bagit.Bag(str(bag)).validate()
    assert (bag / "data" / "sub" / "b.mkv").samefile(folder / "sub" / "b.mkv")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out", "out.bag"]
    (bag / "bagit.txt").unlink()
    with pytest.raises(OutputError, match="is no bag"):
        write_bag(bag, folder, [Path("a.mkv")], "sha512", {})


def test_a_job_is_told_in_the_words_of_premis(tmp_path):
    target = tmp_path / "a.xml"
    report = replace(REPORT, warnings=("cut off \x07",), input=os.fsdecode(b"in/\xff.mkv"))
    premis.write_premis(report, target)
    root = etree.parse(str(target)).getroot()
    space = {"p": "http://www.loc.gov/premis/v3"}
    assert root.findtext("p:event/p:eventType", namespaces=space) == "derivation"
    assert root.xpath("//p:messageDigest/text()", namespaces=space) == ["01" * 32, "02" * 32]
    assert root.xpath("string(//p:agentNote)", namespaces=space) == "licence: Apache-2.0"


def test_what_painted_damage_is_an_agent_too():
    painter = ModelUsed("gpen-inpainting-1024", "y", "cd" * 32, "non-commercial")
    root = etree.fromstring(premis.premis(replace(REPORT, inpainting=painter)))
    space = {"p": "http://www.loc.gov/premis/v3"}
    named = f"model gpen-inpainting-1024 (SHA-256 {'cd' * 32})"
    assert named in root.xpath("//p:agentName/text()", namespaces=space)
    assert named in root.xpath("//p:linkingAgentIdentifierValue/text()", namespaces=space)
    detail = root.findtext(".//p:eventDetail", namespaces=space)
    assert "by model default and gpen-inpainting-1024 on cpu; the report has every option" in detail


def test_a_document_that_lacks_something_is_none():
    document = premis.premis(REPORT).replace(b"eventType>", b"eventKind>")
    with pytest.raises(ValueError, match=r"eventType|eventKind"):
        premis.valid(document)


def test_hashes_of_frames_are_those_that_ffmpeg_makes(tmp_path):
    ticks = (0, 4, 8, 9, 10, 11, 12, 16, 20)  # FFmpeg would leave some out by itself
    clip = make(
        tmp_path, Clip(count=9, width=62, pix_fmt="yuv422p", rate=Fraction(100), ticks=ticks)
    )
    assert write_frame_hashes(clip, 0, tmp_path / "a.framemd5", InputConfig()) == 9
    own = tmp_path / "own.framemd5"
    every = ("-map", "0:v:0", "-fps_mode", "passthrough")
    witness.run("-i", clip, *every, "-f", "framemd5", own)
    rows = [
        [row.split(",")[-1].strip() for row in file.read_text().splitlines() if row[0] != "#"]
        for file in (tmp_path / "a.framemd5", own)
    ]
    assert rows[0] == rows[1]
    assert len(rows[0]) == 9
    told = witness.run("-i", clip, *every, "-f", "hash", "-hash", "md5", "-")
    assert told.stdout.strip() == f"MD5={hash_of_frames(clip, 0, 'md5', InputConfig())}"
