"""What ``vidrestore doctor`` looks at among installed packages: needed ones, and extras."""

from __future__ import annotations

import importlib.metadata
import importlib.util
from collections.abc import Iterator
from typing import NamedTuple

from packaging.requirements import Requirement
from packaging.version import InvalidVersion, Version

from vidrestore.cli.checks.finding import Finding, imported
from vidrestore.errors import VidrestoreError
from vidrestore.runtime.torchvision_import import import_with_torchvision

# What an extra is for. Development has its own extras, which no user's report is about.
_EXTRAS = {"onnx": "ONNX files", "spandrel": "GFPGAN, CodeFormer and RestoreFormer files"}


_OTHERS = "others"


class _Wanted(NamedTuple):
    """A package that vidrestore asks for: its least version, and the extra that it belongs to."""

    name: str
    least: str
    extra: str


def packages() -> Iterator[Finding]:
    """The versions of what vidrestore stands on, against what it asks for."""
    wanted = _wanted()
    if not wanted:
        # Run from a checkout; what cannot be loaded is reported by the checks that load it.
        yield Finding("packages", "vidrestore is not installed; pip install would check versions")
    for package in wanted:
        if package.extra:
            continue
        version = _installed(package.name)
        if version is None:
            yield Finding(package.name, f"missing; run pip install {package.name}", True)
        else:
            old = _is_old(version, package.least)
            text = f"{version}; {package.least} or newer is needed" if old else version
            yield Finding(package.name, text, old)


def extras() -> Iterator[Finding]:
    """What other kinds of models need: installed or not, which versions, on which devices.

    An extra that is not there is no problem; one that is there but old or broken is.
    """
    wanted = _wanted()
    for extra, purpose in _EXTRAS.items():
        subject, remedy = f"extra {extra}", f"pip install '.[{extra}]' in the checkout"
        least = {package.name: package.least for package in wanted if package.extra == extra}
        if extra == "onnx":
            yield _onnx(subject, f"not installed; {purpose} need it: {remedy}", least)
        else:
            yield _spandrel(subject, f"not installed; {purpose} need it: {remedy}", least)


def _onnx(subject: str, absent: str, least: dict[str, str]) -> Finding:
    """onnxruntime, by its module: the package that brings it for GPUs has another name."""
    if importlib.util.find_spec("onnxruntime") is None:
        return Finding(subject, absent)
    runtime = imported("onnxruntime", "install onnxruntime again")
    if isinstance(runtime, Finding):
        return runtime._replace(subject=subject)
    version, needed = str(runtime.__version__), least.get("onnxruntime", "")
    if _is_old(version, needed):
        return Finding(subject, f"onnxruntime {version}; {needed} or newer is needed", True)
    return Finding(
        subject, f"onnxruntime {version} with {', '.join(runtime.get_available_providers())}"
    )


def _spandrel(subject: str, absent: str, least: dict[str, str]) -> Finding:
    """spandrel, and beside it what holds CodeFormer; both are useless if they cannot be loaded."""
    parts, problem = [], False
    for name in ("spandrel", "spandrel-extra-arches"):
        version, needed = _installed(name), least.get(name, "")
        if version is None:
            if name == "spandrel":
                return Finding(subject, absent)
            parts.append(f"without {name}, which CodeFormer files need")
            continue
        if _is_old(version, needed):
            parts.append(f"{name} {version}; {needed} or newer is needed")
            problem = True
            continue
        try:
            import_with_torchvision(name.replace("-", "_"))
            parts.append(f"{name} {version}")
        except VidrestoreError as error:
            parts.append(f"{name} {version}: {error}")
            problem = True
    return Finding(subject, ", ".join(parts), problem)


def _wanted() -> list[_Wanted]:
    """What the installed vidrestore asks for; nothing if it is run from a checkout."""
    try:
        listed = importlib.metadata.requires("vidrestore") or []
    except importlib.metadata.PackageNotFoundError:
        return []
    return [_wanted_by(Requirement(line)) for line in listed]


def _wanted_by(requirement: Requirement) -> _Wanted:
    """What one line of the package's requirements asks for."""
    least = next((each.version for each in requirement.specifier if each.operator == ">="), "")
    marker = requirement.marker
    extras = ("", *_EXTRAS) if marker is not None else ("",)
    extra = next((e for e in extras if marker is None or marker.evaluate({"extra": e})), _OTHERS)
    return _Wanted(requirement.name, least, extra)


def _installed(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def _is_old(version: str, least: str) -> bool:
    try:
        return bool(least) and Version(version) < Version(least)
    except InvalidVersion:  # of a build of somebody's own
        return False
