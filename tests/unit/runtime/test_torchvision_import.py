from __future__ import annotations

import subprocess
import sys

import pytest

from vidrestore.errors import ModelError
from vidrestore.runtime.torchvision_import import import_with_torchvision

NAME = "facexlib.detection.retinaface"


def test_facexlib_is_importable_beside_any_torch():
    module = import_with_torchvision(NAME)
    assert module.__name__ == NAME
    assert import_with_torchvision(NAME) is module


def test_facexlib_is_importable_where_another_library_failed_on_torchvision():
    """In a process of its own: an import cannot be undone."""
    code = (
        "try:\n"
        "    import torchvision\n"
        "except RuntimeError:\n"
        "    pass\n"
        "from vidrestore.runtime import torchvision_import as cure\n"
        f"module = cure.import_with_torchvision({NAME!r})\n"
        "import torchvision\n"
        "print(module.__name__, torchvision.models.resnet50.__name__)\n"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr
    assert result.stdout.split() == [NAME, "resnet50"]


def test_a_module_that_is_not_there_is_told_in_one_line():
    with pytest.raises(ModelError, match="facexlib_is_not_here") as caught:
        import_with_torchvision("facexlib_is_not_here.detection")
    assert "\n" not in str(caught.value)
