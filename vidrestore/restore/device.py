"""Choosing the device and the arithmetic of the network."""

from __future__ import annotations

import torch

from vidrestore.errors import DeviceError

_PRECISIONS = {
    "float32": torch.float32,
    "bfloat16": torch.bfloat16,
    "float16": torch.float16,
}


def pick_device(name: str) -> torch.device:
    """The device that ``auto``, ``cpu``, ``cuda`` or ``cuda:N`` stands for.

    Raises:
        DeviceError: if that device is not in this machine, or the name is not one of these.
    """
    if name == "auto":
        return torch.device("cuda:0" if torch.cuda.is_available() else "cpu")
    if name == "cpu":
        return torch.device("cpu")
    kind, _, number = name.partition(":")
    if kind != "cuda" or not (number.isdecimal() or name == "cuda"):
        raise DeviceError(f"unknown device {name!r}; name auto, cpu, cuda or cuda:N")
    if not torch.cuda.is_available():
        raise DeviceError(
            f"device {name} is not available: this torch ({torch.__version__}) sees no CUDA GPU; "
            "use --restore.device cpu or install a CUDA build of torch"
        )
    index, count = int(number or 0), torch.cuda.device_count()
    if index >= count:
        raise DeviceError(f"device {name} does not exist: there are {count} CUDA GPUs, from 0")
    return torch.device("cuda", index)


def pick_precision(name: str, device: torch.device) -> torch.dtype:
    """The type to compute in: ``auto`` is the fastest that is accurate on that device.

    On a GPU that is float16, whose steps are finer than an 8-bit sample's over the whole range;
    on a CPU bfloat16 where the processor multiplies matrices in it, else float32.

    Raises:
        DeviceError: if the name is unknown, or the device cannot compute in it.
    """
    if name == "auto":
        if device.type == "cuda":
            return torch.float16
        return torch.bfloat16 if _cpu_multiplies_bfloat16() else torch.float32
    if name not in _PRECISIONS:
        raise DeviceError(f"unknown precision {name!r}; name auto, {', '.join(_PRECISIONS)}")
    if name == "float16" and device.type == "cpu":
        raise DeviceError("float16 is for GPUs; on a CPU use precision auto, float32 or bfloat16")
    return _PRECISIONS[name]


def _cpu_multiplies_bfloat16() -> bool:
    """Whether the processor has AMX or AVX-512 instructions for bfloat16."""
    capabilities = torch.cpu.get_capabilities()
    return any(capabilities.get(name, False) for name in ("amx_bf16", "avx512_bf16"))
