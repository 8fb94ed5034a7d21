from __future__ import annotations

import pytest
import torch

from vidrestore.errors import DeviceError
from vidrestore.restore.running.device import Precision, pick_device, pick_precision

CPU = torch.device("cpu")


def test_auto_takes_what_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert pick_device("auto") == CPU
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert pick_device("auto") == torch.device("cuda:0")


def test_a_gpu_that_is_not_there_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(DeviceError, match="no CUDA GPU"):
        pick_device("cuda")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    assert pick_device("cuda:1") == torch.device("cuda:1")
    with pytest.raises(DeviceError, match="there are 2"):
        pick_device("cuda:2")


@pytest.mark.parametrize("name", ["", "gpu", "cuda:", "cuda:x", "cpu:0", "cudaa"])
def test_unknown_names_are_errors(name: str) -> None:
    with pytest.raises(DeviceError, match="unknown device"):
        pick_device(name)


def test_precision_on_a_cpu_follows_the_processor(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cpu, "get_capabilities", dict)
    assert pick_precision("auto", CPU) == Precision.FLOAT32
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {"amx_bf16": True})
    assert pick_precision("auto", CPU) == Precision.BFLOAT16
    assert pick_precision("float32", CPU) == Precision.FLOAT32
    for name in ("float16", "tf32"):
        with pytest.raises(DeviceError, match=f"{name} is for GPUs"):
            pick_precision(name, CPU)
    with pytest.raises(DeviceError, match="unknown precision"):
        pick_precision("int8", CPU)


@pytest.mark.parametrize(
    ("capabilities", "possible"),
    [
        ({"avx2": True, "architecture": "x86_64"}, False),
        ({"avx512_bw": True, "avx512_vl": True, "avx512_dq": True}, True),
        ({"avx_ne_convert": True}, True),
        ({"architecture": "aarch64"}, True),
    ],
)
def test_bfloat16_on_a_cpu_takes_its_instructions(
    capabilities: dict[str, object], possible: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: capabilities)
    if possible:
        assert pick_precision("bfloat16", CPU) == Precision.BFLOAT16
    else:
        with pytest.raises(DeviceError, match="cannot compute in bfloat16"):
            pick_precision("bfloat16", CPU)


def test_precision_on_a_gpu_is_half() -> None:
    assert pick_precision("auto", torch.device("cuda:0")) == Precision.FLOAT16


def test_numbers_of_tf32_are_stored_in_float32() -> None:
    assert pick_precision("tf32", torch.device("cuda:0")) is Precision.TF32
    stored = [torch.float32, torch.float32, torch.bfloat16, torch.float16]
    assert [precision.dtype for precision in Precision] == stored
