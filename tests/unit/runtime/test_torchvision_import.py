from __future__ import annotations

import subprocess
import sys

import pytest

from vidrestore.errors import ModelError
from vidrestore.runtime.torchvision_import import import_with_torchvision


@pytest.mark.parametrize("operators", ["as they are", "declared already"])
def test_facexlib_is_importable_beside_any_torch(operators):
    """In a process of its own: an import cannot be undone."""
    code = (
        "from vidrestore.runtime import torchvision_import as cure\n"
        "name = 'facexlib.detection.retinaface'\n"
        "module = cure.import_with_torchvision(name)\n"
        "assert cure.import_with_torchvision(name) is module\n"
        "import torchvision\n"
        "print(module.__name__, torchvision.models.resnet50.__name__)\n"
    )
    if operators == "declared already":
        # As if another library had failed on torchvision before.
        code = f"try:\n    import torchvision\nexcept RuntimeError:\n    pass\n{code}"
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr
    assert result.stdout.split() == ["facexlib.detection.retinaface", "resnet50"]


def test_a_module_that_is_not_there_is_told_in_one_line():
    with pytest.raises(ModelError, match="facexlib_is_not_here") as caught:
        import_with_torchvision("facexlib_is_not_here.detection")
    assert "\n" not in str(caught.value)
