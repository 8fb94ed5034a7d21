"""Choosing the device and the arithmetic of the network."""

from __future__ import annotations

from enum import Enum

import torch

from vidrestore.errors import DeviceError


class Precision(Enum):
    """The arithmetic of a network, by the names that options and reports use.

    TF32 is float32 whose products keep ten bits of each factor (NVIDIA Ampere and later): numbers
    are stored in float32, but the results are not float32's.
    """

    FLOAT32 = "float32"
    TF32 = "tf32"
    BFLOAT16 = "bfloat16"
    FLOAT16 = "float16"

    @property
    def dtype(self) -> torch.dtype:
        """What numbers are stored in."""
        stored: torch.dtype = getattr(torch, "float32" if self is Precision.TF32 else self.value)
        return stored


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
            "use restore.device cpu or install a CUDA build of torch"
        )
    index, count = int(number or 0), torch.cuda.device_count()
    if index >= count:
        raise DeviceError(f"device {name} does not exist: there are {count} CUDA GPUs, from 0")
    return torch.device("cuda", index)


def pick_precision(name: str, device: torch.device) -> Precision:
    """The arithmetic to compute in: ``auto`` is the fastest that is accurate on that device.

    On a GPU that is float16, whose steps are finer than an 8-bit sample's over the whole range;
    on a CPU bfloat16 where the processor multiplies matrices in it, else float32.

    Raises:
        DeviceError: if the name is unknown, or the device cannot compute in it.
    """
    if name == "auto":
        if device.type == "cuda":
            return Precision.FLOAT16
        return Precision.BFLOAT16 if _cpu_multiplies_bfloat16() else Precision.FLOAT32
    if name not in (known := [precision.value for precision in Precision]):
        raise DeviceError(f"unknown precision {name!r}; name auto, {', '.join(known)}")
    if device.type == "cpu":
        if name in ("float16", "tf32"):
            raise DeviceError(
                f"{name} is for GPUs; on a CPU use precision auto, float32 or bfloat16"
            )
        if name == "bfloat16" and not cpu_computes_bfloat16():
            raise DeviceError(
                "this processor cannot compute in bfloat16, which takes AVX-512; "
                "use precision auto or float32"
            )
    return Precision(name)


def cpu_computes_bfloat16() -> bool:
    """Whether networks can run in bfloat16 on this processor at all, fast or not.

    oneDNN, which torch computes with, asks for these instructions on x86.
    """
    capabilities = torch.cpu.get_capabilities()
    if capabilities.get("architecture", "x86_64") != "x86_64":
        return True
    needed = ("avx512_bw", "avx512_vl", "avx512_dq")
    return bool(
        all(capabilities.get(name, False) for name in needed)
        or capabilities.get("avx_ne_convert", False)
    )


def _cpu_multiplies_bfloat16() -> bool:
    """Whether the processor has AMX or AVX-512 instructions for bfloat16."""
    capabilities = torch.cpu.get_capabilities()
    return any(capabilities.get(name, False) for name in ("amx_bf16", "avx512_bf16"))
