"""Networks that enlarge or clean any picture, of the architectures that spandrel brings."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray

from vidrestore.errors import DeviceFullError, ModelError
from vidrestore.restore.gpen.checkpoint import read_state
from vidrestore.restore.recognise import described, recognise
from vidrestore.restore.running.device import pick_device
from vidrestore.runtime.torchvision_import import import_with_torchvision
from vidrestore.weights.reading.weight_file import open_weights

Float32 = NDArray[np.float32]

_MOST_SCALE: Final = 8


class Upscaler:
    """A network that takes pictures and gives them ``scale`` times as large.

    Args:
        found: spandrel's description of it.
        device: where it computes.
    """

    def __init__(self, found: Any, device: torch.device) -> None:
        self._network = found.model.to(device).eval().requires_grad_(False)
        self._call, self._device = found, device
        self.scale = int(found.scale)
        needs = found.size_requirements
        self.multiple = max(int(needs.multiple_of), 1)
        self.least = max(int(needs.minimum), self.multiple)

    def enlarge(self, tiles: Sequence[Float32]) -> list[Float32]:
        """Enlarge tiles of one size.

        Args:
            tiles: (h, w, 3) RGB in levels of 0..255, sides that ``multiple`` divides.

        Returns:
            (scale h, scale w, 3) each, not clipped.

        Raises:
            DeviceFullError: the device has too little memory for them.
        """
        batch = torch.from_numpy(np.stack(tiles).transpose(0, 3, 1, 2) / np.float32(255))
        try:
            with torch.inference_mode():
                result = self._network(batch.to(self._device).contiguous())
        except torch.OutOfMemoryError as error:
            raise DeviceFullError(
                f"{self._device} has too little memory to redraw what is not face; use "
                "restore.device cpu, or leave out output.background"
            ) from error
        values = result.float().cpu().numpy().transpose(0, 2, 3, 1) * np.float32(255)
        return [np.ascontiguousarray(value, np.float32) for value in values]


def load_upscaler(path: str, device: str) -> Upscaler:
    """Load a weight file by our own reader; no code in it is ever run.

    Args:
        path: of a .pth or .safetensors file.
        device: as ``restore.device`` names it.

    Raises:
        ModelError: spandrel is missing, or the file is refused or no such network.
        DeviceError: the device is missing.
    """
    if importlib.util.find_spec("spandrel") is None:
        raise ModelError(
            "output.background needs the package spandrel: pip install '.[spandrel]' in "
            "vidrestore's checkout"
        )
    with open_weights(Path(path).expanduser()) as file:
        found = recognise(file.contents)
        if not found.tensors:
            raise ModelError(f"{path} is no upscaler: it is {described(file.contents)}")
        state = read_state(file, found.tensors)
    registry = import_with_torchvision("spandrel").MAIN_REGISTRY
    try:
        network = registry.load({name: value.float() for name, value in state.items()})
    except Exception as error:  # each architecture fails in ways of its own
        reason = " ".join(str(error).split())[:120] or type(error).__name__
        raise ModelError(f"{path} is no upscaler that spandrel knows ({reason})") from error
    colours = getattr(network, "input_channels", 0), getattr(network, "output_channels", 0)
    if colours != (3, 3) or getattr(network, "purpose", "") not in {"SR", "Restoration"}:
        raise ModelError(f"{path} is no network from RGB pictures to RGB pictures")
    if not 1 <= network.scale <= _MOST_SCALE:
        raise ModelError(f"{path} would change sizes by {network.scale}; 1 to {_MOST_SCALE} work")
    return Upscaler(network, pick_device(device))
