from __future__ import annotations

import subprocess
import sys

import pytest

import vidrestore

HEAVY = ("torch", "cv2", "av", "scipy", "filterpy", "facexlib")


def loaded_after(code: str) -> set[str]:
    """Modules in a fresh interpreter after running ``code``."""
    run = subprocess.run(
        [sys.executable, "-c", f"{code}\nimport sys; print('\\n'.join(sys.modules))"],
        capture_output=True,
        text=True,
        check=True,
    )
    return set(run.stdout.split())


def test_importing_the_package_is_light():
    assert not loaded_after("import vidrestore").intersection((*HEAVY, "numpy", "pydantic"))


def test_options_and_errors_are_light():
    assert not loaded_after("from vidrestore import Config, InputError").intersection(HEAVY)


def test_a_session_waits_for_no_network_until_it_needs_one():
    light = loaded_after("from vidrestore import Session; Session().close()")
    assert not light.intersection(("torch", "scipy.stats", "filterpy", "facexlib"))


def test_the_model_is_loaded_without_torchs_compiler():
    code = "from vidrestore.engines import build_engine; from vidrestore import Config"
    loaded = loaded_after(f"{code}; build_engine(Config().restore)")
    assert "torch" in loaded
    assert not loaded.intersection(("sympy", "torch._dynamo"))


@pytest.mark.parametrize("name", vidrestore.__all__)
def test_every_public_name_exists(name):
    assert getattr(vidrestore, name) is not None
    assert name in dir(vidrestore)


def test_the_public_names_are_pinned():
    assert set(vidrestore.__all__) == {
        "__version__",
        *("Session", "RestoredImage", "Detector", "Restorer", "Face", "ModelUsed"),
        *("restore_video", "inspect_video", "estimate", "compare_videos", "Interrupted"),
        *("Frame", "frame_from_rgb", "to_rgb"),
        *("Config", "preset_names"),
        *("Report", "read_report", "Inspection", "Estimate", "Progress", "Preview", "Comparison"),
        *("VidrestoreError", "InputError", "OutputError", "ConfigError", "ModelError"),
        "DeviceError",
    }


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'restore_vidoe'"):
        _ = vidrestore.restore_vidoe
