"""This machine and this installation, as a report or a doctor tells them; nothing is imported."""

from __future__ import annotations

import os
import platform
import re
import subprocess
import sys
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

_FLAGS = ("avx", "avx2", "fma", "avx512f", "avx512_vnni", "avx512_bf16", "amx_bf16", "asimd")
_NAMED: Final = ("torch", "av", "opencv-python", "numpy", "scipy", "onnxruntime", "spandrel")
_GIT_SECONDS = 5


def cores() -> int:
    """Processor cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def processor(cpuinfo: Path = Path("/proc/cpuinfo")) -> tuple[str, str]:
    """The processor's name, and the instruction sets that matter, where Linux names them."""
    try:
        text = cpuinfo.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return platform.processor(), "instruction sets unknown"
    name = re.search(r"^model name\s*:\s*(.+)$", text, re.MULTILINE)
    listed = re.search(r"^(?:flags|Features)\s*:\s*(.+)$", text, re.MULTILINE)
    present = set(listed[1].split()) if listed else set()
    flags = " ".join(flag for flag in _FLAGS if flag in present)
    return name[1] if name else platform.processor(), flags or "no vector instructions"


def memory() -> int | None:
    """Bytes that this machine has; None where it does not say."""
    if hasattr(os, "sysconf") and "SC_PHYS_PAGES" in os.sysconf_names:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return None


def versions() -> dict[str, str]:
    """Of Python and of the packages that results depend on, those that are installed."""
    found = {"python": platform.python_version(), **_installed()}
    # PyAV brings its own FFmpeg, which it names once it is loaded.
    ffmpeg = getattr(sys.modules.get("av"), "ffmpeg_version_info", None)
    return found | ({"ffmpeg": str(ffmpeg)} if ffmpeg else {})


@cache
def _installed() -> dict[str, str]:
    """Their metadata is parsed once: that takes as long as a few small pictures."""
    found = {}
    for name in _NAMED:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


@cache
def commit() -> str | None:
    """The commit that this runs from, "+" where files differ from it; None outside a checkout."""
    root = Path(__file__).resolve().parents[2]
    if not (root / ".git").exists():
        return None
    git = ["git", "-C", str(root)]
    try:
        head, changed = (
            subprocess.run(  # noqa: S603 - fixed words
                [*git, *words], capture_output=True, text=True, check=True, timeout=_GIT_SECONDS
            ).stdout.strip()
            for words in (("rev-parse", "HEAD"), ("status", "--porcelain", "-uno"))
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return head + "+" * bool(changed)
