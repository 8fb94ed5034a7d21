"""GFPGAN, CodeFormer and RestoreFormer, whose networks the package spandrel brings.

Only its networks are used. The weights were read by our own reader before, and never by spandrel.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

from vidrestore.errors import ModelError
from vidrestore.runtime.torchvision_import import import_with_torchvision

SIZE = 512
"""The side of the crops that all of them take, in pixels."""

# CodeFormer's network is under a licence of its own and so in a package of its own.
_REGISTRIES = {
    "GFPGAN": ("spandrel", "MAIN_REGISTRY"),
    "RestoreFormer": ("spandrel", "MAIN_REGISTRY"),
    "CodeFormer": ("spandrel_extra_arches", "EXTRA_REGISTRY"),
}


class FaceNetwork(nn.Module):
    """One of the three behind one face: (N, 3, S, S) RGB in [-1, 1] to the same, unclamped.

    Args:
        network: spandrel's.
        architecture: which of the three.
        fidelity: CodeFormer's weight, from 0, the most restoration, to 1, the most likeness.
    """

    def __init__(self, network: nn.Module, architecture: str, fidelity: float) -> None:
        super().__init__()
        self.network = network
        self._options: dict[str, Any] = {}
        if architecture == "CodeFormer":
            self._options = {"weight": fidelity}
        elif architecture == "GFPGAN":
            # The noise that the checkpoint holds: the same face always gives the same result.
            self._options = {"randomize_noise": False}

    def forward(self, picture: Tensor) -> Tensor:
        """(N, 3, S, S) RGB in [-1, 1] to the restored picture."""
        # GFPGAN flattens maps by view(), which wants them in planes, not channels last.
        result: Tensor = self.network(picture.contiguous(), **self._options)[0]
        return result


def spandrel_network(
    architecture: str, state: Mapping[str, Tensor], fidelity: float
) -> FaceNetwork:
    """The network with these weights, in float32 on the CPU.

    It is laid out without memory first, so that odd sizes in a file ask for none.

    Raises:
        ModelError: spandrel is not installed, or the weights are not whole.
    """
    package, registry = _REGISTRIES[architecture]
    if importlib.util.find_spec(package) is None:
        raise ModelError(
            f"{architecture} files need the package {package}: pip install '.[spandrel]' in "
            "vidrestore's checkout"
        )
    known = getattr(import_with_torchvision(package), registry)
    try:
        with torch.device("meta"):
            network = known[architecture].architecture.load(_as_meta(state)).model
        network.load_state_dict({name: value.float() for name, value in state.items()}, assign=True)
    except (RuntimeError, LookupError, ValueError, TypeError, AssertionError) as error:
        reason = " ".join(str(error).split())[:160]
        raise ModelError(f"it is no whole {architecture}: {reason}") from error
    return FaceNetwork(network.eval().requires_grad_(False), architecture, fidelity)


def _as_meta(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The shapes alone."""
    return {name: torch.empty_like(value, device="meta") for name, value in state.items()}
