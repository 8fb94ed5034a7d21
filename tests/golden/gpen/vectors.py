"""The reference implementation's behaviour, as read from the files beside this one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple

from safetensors import safe_open
from torch import Tensor

FOLDER = Path(__file__).parent
SIZES = (64, 128, 256)


class Vectors(NamedTuple):
    """A random state dict under the published names, an input, and what comes out."""

    state: dict[str, Tensor]
    input: Tensor
    output: Tensor
    arguments: dict[str, str]


def read_vectors(size: int) -> Vectors:
    with safe_open(FOLDER / f"gpen_{size}.safetensors", "pt") as file:
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        arguments = file.metadata()
    state = {k.removeprefix("state."): v for k, v in tensors.items() if k.startswith("state.")}
    return Vectors(state, tensors["input"], tensors["output"], arguments)


def published_shapes() -> dict[str, dict[str, Any]]:
    return json.loads((FOLDER / "gpen_state_shapes.json").read_text())
