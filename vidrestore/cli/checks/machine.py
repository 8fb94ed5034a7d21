"""What ``vidrestore doctor`` looks at; each check states a fact or a problem, and none fails."""

from __future__ import annotations

import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from vidrestore import __version__
from vidrestore.cli.checks.finding import Finding, imported
from vidrestore.cli.checks.packages import extras, packages
from vidrestore.cli.checks.weights import bundled_weights, fetched_weights
from vidrestore.config import PYAV_CODECS, EncoderConfig
from vidrestore.config.presets import preset_names
from vidrestore.datatypes import FrameFormat
from vidrestore.errors import VidrestoreError
from vidrestore.runtime import machine
from vidrestore.text.wording import counted, size


def findings() -> Iterator[Finding]:
    """Everything a bug report needs, problems among it."""
    checks = (_program, _system, packages, extras, _torch, _opencv, _codecs, _ffmpeg)
    for check in (*checks, bundled_weights, fetched_weights):
        yield from check()


def _program() -> Iterator[Finding]:
    """The version, and where it and its presets are."""
    yield Finding("vidrestore", f"{__version__} in {Path(__file__).resolve().parents[2]}")
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
    name, flags = machine.processor()
    cores = counted(machine.cores(), "core")
    yield Finding("cpu", f"{name or 'unknown'}, {cores}, {flags}")
    if (memory := machine.memory()) is not None:
        yield Finding("memory", size(memory))
    for subject, folder in (("disk", "."), ("temporary files", tempfile.gettempdir())):
        try:
            free = shutil.disk_usage(folder).free
        except OSError:
            continue
        yield Finding(subject, f"{size(free)} free in {Path(folder).resolve()}")


def _torch() -> Iterator[Finding]:
    """The devices that the network can run on."""
    torch = imported("torch", "install torch again, for this Python and this system")
    if isinstance(torch, Finding):
        yield torch
        return
    threads = counted(torch.get_num_threads(), "thread")
    yield Finding("device cpu", f"{threads}, torch {torch.__version__}")
    if not torch.cuda.is_available():
        cuda = torch.version.cuda
        built = f"torch is built for CUDA {cuda}" if cuda else "torch is built for the CPU"
        # As docs/performance.md has it.
        pace = "on a CPU expect a few frames a second with one face in them"
        yield Finding("device cuda", f"no NVIDIA GPU ({built}); {pace}")
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
    opencv = imported("cv2", remedy)
    if isinstance(opencv, Finding):
        yield opencv
    else:
        yield Finding("opencv", f"{opencv.__version__}, loads (libGL and glib are there)")


def _codecs() -> Iterator[Finding]:
    """The encoders that PyAV brings."""
    encoding = imported("vidrestore.video.encode.encoding", "install av again")
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
    """The user's own FFmpeg, which only --encoder.backend ffmpeg needs."""
    found = shutil.which("ffmpeg")
    if found is None:
        yield Finding("ffmpeg", "none on the path; needed only for --encoder.backend ffmpeg")
        return
    try:
        done = subprocess.run(  # noqa: S603 - the user's own binary, found on their path
            [found, "-version"], capture_output=True, text=True, timeout=20, check=False
        )
        version = done.stdout.partition("\n")[0]
    except (OSError, subprocess.TimeoutExpired) as error:
        version = f"does not run ({error})"
    yield Finding("ffmpeg", f"{found}: {version}")
