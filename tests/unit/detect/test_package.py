from __future__ import annotations

import subprocess
import sys


def test_importing_the_package_is_light():
    code = (
        "import sys, vidrestore.detect\n"
        "print(sorted({'torch', 'cv2', 'torchvision', 'facexlib'} & set(sys.modules)))"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert result.stdout.strip() == "[]"
