"""What ``vidrestore doctor`` looks at; each check tells a fact or a problem, and none fails."""

from __future__ import annotations

import importlib
import importlib.metadata
import os
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

from vidrestore import __version__
from vidrestore.cli.wording import size
from vidrestore.config import PYAV_CODECS, EncoderConfig
from vidrestore.datatypes import FrameFormat
from vidrestore.detect.bundled import BundledFile
from vidrestore.errors import VidrestoreError
from vidrestore.presets import preset_names

_CPU_FLAGS = ("avx", "avx2", "fma", "avx512f", "avx512_vnni", "avx512_bf16", "amx_bf16", "asimd")
_REQUIREMENT = re.compile(r"([A-Za-z0-9._-]+)\s*(?:>=\s*([0-9.]+))?")


class Finding(NamedTuple):
    """One line of the doctor's.

    Attributes:
        subject: what was looked at.
        text: what was found, and for a problem what to do.
        problem: whether it keeps videos from being restored.
    """

    subject: str
    text: str
    problem: bool = False


def findings() -> Iterator[Finding]:
    """Everything a bug report needs, problems among it."""
    for check in (_program, _system, _packages, _torch, _opencv, _codecs, _ffmpeg, _weights):
        yield from check()


def _program() -> Iterator[Finding]:
    """The version, and where it and its presets are."""
    yield Finding("vidrestore", f"{__version__} in {Path(__file__).resolve().parents[1]}")
    names = preset_names()
    found = ", ".join(names) if names else "none found; install vidrestore again"
    yield Finding("presets", found, not names)


def _system() -> Iterator[Finding]:
    """Python, operating system, processor, memory."""
    old = sys.version_info < (3, 11)
    yield Finding(
        "python",
        f"{platform.python_version()} in {sys.prefix}" + ("; 3.11 or newer is needed" * old),
        old,
    )
    yield Finding("system", f"{platform.platform()}, {platform.machine()}")
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    model, flags = _processor(Path("/proc/cpuinfo"))
    yield Finding("cpu", f"{model or platform.processor() or 'unknown'}, {cores} cores, {flags}")
    if hasattr(os, "sysconf") and "SC_PHYS_PAGES" in os.sysconf_names:
        memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
        yield Finding("memory", size(memory))


def _processor(cpuinfo: Path) -> tuple[str, str]:
    """Name and the instruction sets that matter, where Linux tells."""
    try:
        text = cpuinfo.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return "", "instruction sets unknown"
    name = re.search(r"^model name\s*:\s*(.+)$", text, re.MULTILINE)
    listed = re.search(r"^(?:flags|Features)\s*:\s*(.+)$", text, re.MULTILINE)
    present = set(listed[1].split()) if listed else set()
    flags = " ".join(flag for flag in _CPU_FLAGS if flag in present)
    return name[1] if name else "", flags or "no vector instructions"


def _packages() -> Iterator[Finding]:
    """The versions of what vidrestore stands on, against what it asks for."""
    try:
        wanted = importlib.metadata.requires("vidrestore") or []
    except importlib.metadata.PackageNotFoundError:
        # Run from a checkout; what cannot be loaded is told by the checks that load it.
        yield Finding("packages", "vidrestore is not installed; pip install would check versions")
        return
    for requirement in wanted:
        match = _REQUIREMENT.match(requirement)
        if match is None or ";" in requirement:
            continue
        name, least = match.groups()
        try:
            version = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            yield Finding(name, f"missing; run pip install {name}", True)
            continue
        old = least is not None and _numbers(version) < _numbers(least)
        yield Finding(name, f"{version}; {least} or newer is needed" if old else version, old)


def _numbers(version: str) -> tuple[int, ...]:
    """The release numbers of a version: (2, 13, 0) of "2.13.0+cpu"."""
    release = re.match(r"[0-9]+(?:\.[0-9]+)*", version)
    return tuple(int(part) for part in release[0].split(".")) if release else ()


def _imported(name: str, remedy: str) -> ModuleType | Finding:
    """A module, or why it cannot be loaded."""
    try:
        return importlib.import_module(name)
    except (ImportError, OSError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        return Finding(name, f"cannot be loaded ({reason}); {remedy}", True)


def _torch() -> Iterator[Finding]:
    """The devices that the network can run on."""
    torch = _imported("torch", "install torch again, for this Python and this system")
    if isinstance(torch, Finding):
        yield torch
        return
    yield Finding("device cpu", f"{torch.get_num_threads()} threads, torch {torch.__version__}")
    if not torch.cuda.is_available():
        built = (
            f"built for CUDA {torch.version.cuda}" if torch.version.cuda else "built for the CPU"
        )
        yield Finding("device cuda", f"none; torch is {built}")
    for index in range(torch.cuda.device_count() if torch.cuda.is_available() else 0):
        device = torch.cuda.get_device_properties(index)
        yield Finding(
            f"device cuda:{index}",
            f"{device.name}, {size(device.total_memory)}, compute {device.major}.{device.minor}, "
            f"CUDA {torch.version.cuda}",
        )


def _opencv() -> Iterator[Finding]:
    """OpenCV, which on Linux needs libraries that small systems lack."""
    remedy = "on Debian and Ubuntu: apt install libgl1 libglib2.0-0"
    opencv = _imported("cv2", remedy)
    if isinstance(opencv, Finding):
        yield opencv
    else:
        yield Finding("opencv", f"{opencv.__version__}, loads (libGL and glib are there)")


def _codecs() -> Iterator[Finding]:
    """The encoders that PyAV brings."""
    encoding = _imported("vidrestore.video.encoding", "install av again")
    if isinstance(encoding, Finding):
        yield encoding
        return
    small = FrameFormat(256, 144, "yuv420p")
    for codec in PYAV_CODECS:
        try:
            plan = encoding.plan(EncoderConfig(codec=codec), small, encoding.Colour())
            yield Finding(f"encoder {codec}", f"there, writes {plan.pix_fmt} for yuv420p")
        except VidrestoreError as error:
            yield Finding(f"encoder {codec}", f"{error}; install av from its wheel", True)


def _ffmpeg() -> Iterator[Finding]:
    """The user's own FFmpeg, which only encoder.backend = "ffmpeg" needs."""
    found = shutil.which("ffmpeg")
    if found is None:
        yield Finding("ffmpeg", "none on the path; needed only for encoder.backend ffmpeg")
        return
    try:
        done = subprocess.run(  # noqa: S603 - the user's own binary, found on their path
            [found, "-version"], capture_output=True, text=True, timeout=20, check=False
        )
        version = done.stdout.partition("\n")[0]
    except (OSError, subprocess.TimeoutExpired) as error:
        version = f"does not run ({error})"
    yield Finding("ffmpeg", f"{found}: {version}")


def _weights() -> Iterator[Finding]:
    """The weights that come with the install, proven by their SHA-256."""
    for name, role in (("centerface", "finds faces"), ("onet", "places landmarks")):
        module = _imported(f"vidrestore.detect.{name}", "install vidrestore again")
        if isinstance(module, Finding):
            yield module
            continue
        weights: BundledFile = module.WEIGHTS
        try:
            weights.read()
            yield Finding(f"weights {name}", f"{role}; {weights.located()}, SHA-256 as expected")
        except VidrestoreError as error:
            yield Finding(f"weights {name}", str(error), True)
    catalogue = _imported("vidrestore.restore.catalogue", "install torch again")
    checkpoint = _imported("vidrestore.restore.checkpoint", "install torch again")
    if isinstance(catalogue, Finding) or isinstance(checkpoint, Finding):
        yield from (module for module in (catalogue, checkpoint) if isinstance(module, Finding))
        return
    try:
        file, model = catalogue.find_model("default")
        shape = checkpoint.read_checkpoint(file, model.sha256).shape
        fact = f"restores faces at {shape.size} px; {file}, SHA-256 as expected"
        yield Finding("weights default", fact)
    except VidrestoreError as error:
        yield Finding("weights default", str(error), True)
