from __future__ import annotations

import importlib
import zipfile
from types import SimpleNamespace

import pytest

from vidrestore import __version__
from vidrestore.cli import main
from vidrestore.cli.checks import machine
from vidrestore.cli.checks.finding import Finding
from vidrestore.cli.checks.machine import findings
from vidrestore.errors import ConfigError
from vidrestore.runtime.machine import processor
from vidrestore.video.encode import encoding


def by_subject(found):
    return {finding.subject: finding for finding in found}


def test_a_healthy_installation_is_told_in_full(monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("VIDRESTORE_WEIGHTS", str(tmp_path))
    assert main(["doctor"]) == 0
    out = capsys.readouterr().out
    for word in (
        __version__,
        "python",
        "system",
        "cpu",
        "device cpu",
        "opencv",
        "encoder libx264",
        "weights centerface",
        "weights onet",
        "weights fetched",
        "extra onnx",
        "extra spandrel",
        "home-video",
    ):
        assert word in out
    assert "!!" not in out
    assert out.endswith("everything needed is there\n")


def test_problems_are_marked_and_counted(monkeypatch, capsys):
    monkeypatch.setattr(
        "vidrestore.cli.doctor.findings",
        lambda: [Finding("a", "fine"), Finding("b", "broken; mend it", problem=True)],
    )
    assert main(["doctor"]) == 2
    out = capsys.readouterr().out.splitlines()
    assert out[0].split() == ["a", "fine"]
    assert out[1].split() == ["!!", "b", "broken;", "mend", "it"]
    assert out[2] == "1 problem found"


def test_what_cannot_be_loaded_is_a_problem_not_a_crash(monkeypatch):
    real = importlib.import_module
    real("torch._dynamo")  # what others import of it lazily must not stop half way here

    def refuse(name, package=None):
        if name == "cv2":
            raise ImportError("libGL.so.1: cannot open shared object file\nmore")
        if name == "torch":
            raise OSError("libtorch.so: damaged")
        return real(name, package)

    monkeypatch.setattr(importlib, "import_module", refuse)
    found = by_subject(findings())
    assert found["cv2"].problem
    assert "libGL.so.1" in found["cv2"].text
    assert "apt install libgl1" in found["cv2"].text
    assert "\n" not in found["cv2"].text
    assert found["torch"].problem
    assert "libtorch.so" in found["torch"].text


def test_graphics_cards_are_listed(monkeypatch):
    card = SimpleNamespace(name="Some GPU", total_memory=24_000_000_000, major=9, minor=0)
    cuda = SimpleNamespace(
        is_available=lambda: True, device_count=lambda: 2, get_device_properties=lambda index: card
    )
    torch = SimpleNamespace(
        cuda=cuda, get_num_threads=lambda: 8, version=SimpleNamespace(cuda="12.8"), __version__="2"
    )
    monkeypatch.setattr(importlib, "import_module", lambda name: torch)
    found = by_subject(machine._torch())
    assert found["device cuda:0"].text == "Some GPU, 24.0 GB, compute 9.0, CUDA 12.8"
    assert set(found) == {"device cpu", "device cuda:0", "device cuda:1"}


def test_an_encoder_that_is_missing_is_a_problem(monkeypatch):
    def refuse(config, fmt, colour):
        if config.codec == "libx265":
            raise ConfigError("no encoder 'libx265'")
        return real(config, fmt, colour)

    real = encoding.plan
    monkeypatch.setattr(encoding, "plan", refuse)
    found = by_subject(machine._codecs())
    assert {name for name, finding in found.items() if finding.problem} == {"encoder libx265"}
    assert "no encoder 'libx265'" in found["encoder libx265"].text


def test_the_processor_is_read(tmp_path):
    file = tmp_path / "cpuinfo"
    file.write_text("model name\t: Some CPU\nflags\t\t: sse avx2 fma avx512f\n")
    assert processor(file) == ("Some CPU", "avx2 fma avx512f")
    assert processor(tmp_path / "none")[1] == "instruction sets unknown"


def test_an_ffmpeg_that_does_not_run_is_told(monkeypatch, tmp_path):
    binary = tmp_path / "ffmpeg"
    binary.write_text("no program")
    binary.chmod(0o755)
    monkeypatch.setattr("shutil.which", lambda name: str(binary))
    (finding,) = machine._ffmpeg()
    assert "does not run" in finding.text
    assert not finding.problem
    binary.write_text("#!/bin/sh\necho ffmpeg version 7.1 test\necho more\n")
    (finding,) = machine._ffmpeg()
    assert finding.text.endswith(": ffmpeg version 7.1 test")


def test_a_bundle_tells_no_names_unless_asked(monkeypatch, tmp_path, capsys):
    found = [Finding("a", "fine in /home/someone/films, torch 2.13.0+cpu, see x.json")]
    monkeypatch.setattr("vidrestore.cli.doctor.findings", lambda: found)
    (tmp_path / "log.txt").write_text("INFO anna's wedding.mp4: 5 frames\nINFO C:\\Users\\x done\n")
    words = ["doctor", "--bundle", str(tmp_path / "b.zip"), "--log", str(tmp_path / "log.txt")]
    assert main(words) == 0
    with zipfile.ZipFile(tmp_path / "b.zip") as opened:
        texts = {name: opened.read(name).decode() for name in opened.namelist()}
    assert set(texts) == {"doctor.txt", "versions.json", "log.txt"}
    assert "fine in PATH\n" in texts["doctor.txt"]
    assert not any(word in "".join(texts.values()) for word in ("someone", "wedding.mp4", "Users"))
    assert main(words) == 2
    assert "--overwrite" in capsys.readouterr().err
    assert main([*words, "-y", "--paths"]) == 0
    with zipfile.ZipFile(tmp_path / "b.zip") as opened:
        assert b"wedding.mp4" in opened.read("log.txt")


@pytest.mark.parametrize("words", [["--log", "a.log"], ["--paths"], ["--overwrite"], ["-y"]])
def test_what_is_for_a_bundle_is_refused_without_one(words, capsys):
    assert main(["doctor", *words]) == 2
    out, error = capsys.readouterr()
    assert not out
    assert "is for --bundle, which is missing" in error
    assert len(error.splitlines()) == 1
