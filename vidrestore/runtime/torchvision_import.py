"""Making torchvision importable where its compiled part does not fit the installed torch.

Package indexes offer torchvision built for CUDA; beside a CPU-only torch its extension cannot be
loaded, the operators ``torchvision::nms`` and ``torchvision::qnms`` are then unknown, and importing
torchvision fails while it registers their shapes. Declaring the two operators beforehand is enough:
the networks of facexlib and spandrel use nothing compiled.
"""

from __future__ import annotations

import importlib
import sys
from functools import cache
from types import ModuleType
from typing import TYPE_CHECKING

from vidrestore.errors import ModelError

if TYPE_CHECKING:
    from torch.library import Library

MISSING_OPERATOR = "torchvision::nms"


def import_with_torchvision(name: str) -> ModuleType:
    """Import a module that needs torchvision, by its full name.

    Raises:
        ModelError: it cannot be imported, cured or not.
    """
    try:
        return _cured(name)
    except (ImportError, OSError, RuntimeError) as error:
        package = name.partition(".")[0]
        if isinstance(error, ModuleNotFoundError) and error.name == package == "facexlib":
            raise ModelError(
                "RetinaFace and ParseNet need the package facexlib: pip install '.[retinaface]' in "
                "vidrestore's checkout"
            ) from error
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise ModelError(
            f"cannot import {name} ({reason}): reinstall {name.partition('.')[0]} and "
            "the torchvision that belongs to the installed torch"
        ) from error


def _cured(name: str) -> ModuleType:
    try:
        return importlib.import_module(name)
    except RuntimeError as error:
        if MISSING_OPERATOR not in str(error):
            raise
    declared_operators()
    # What the failed import left half done would be taken for complete.
    _forget("torchvision", name.partition(".")[0])
    return importlib.import_module(name)


@cache
def declared_operators() -> Library:
    """The two operators, declared for this process for as long as it runs; without kernels."""
    from torch.library import Library  # noqa: PLC0415 - heavy, and needed in this case alone

    library = Library("torchvision", "FRAGMENT")  # type: ignore[no-untyped-call]
    for operator in ("nms", "qnms"):
        library.define(  # type: ignore[no-untyped-call]
            f"{operator}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor"
        )
    return library


def _forget(*packages: str) -> None:
    for loaded in list(sys.modules):
        if loaded.partition(".")[0] in packages:
            del sys.modules[loaded]
