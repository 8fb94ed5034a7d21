"""A GPEN recognised in an ONNX graph by what the graph computes, whatever its parts are called.

The graph is computed once, so that every shape is known and everything that does not hang on the
picture is a number; then its layers are found. Nothing is believed: the network that comes of it
must give what the graph gave.
"""

from __future__ import annotations

from collections import Counter
from typing import Final

import torch
from torch import Tensor

from vidrestore.restore.gpen.network import Gpen
from vidrestore.restore.gpen.published import to_published
from vidrestore.restore.graphs.evaluate import REFUSALS, Evaluated, evaluate
from vidrestore.restore.graphs.layers import LayerReader
from vidrestore.restore.graphs.operators import NotUnderstood
from vidrestore.weights.reading.onnx_program import Program, read_program
from vidrestore.weights.reading.stored import Unreadable

AGREES: Final = 1e-3
"""Largest difference between graph and network on a trial, of what the picture spans."""
_SIZES: Final = frozenset(8 << octave for octave in range(9))
# How often operators stand in the smallest one, looked at before anything is computed.
_LEAST: Final = {"Concat": 3, "LeakyRelu": 5, "Conv": 4, "ConvTranspose": 1}


def gpen_state(data: bytes) -> dict[str, Tensor]:
    """The state dict, under the published names, of the GPEN in an ONNX file's bytes.

    Raises:
        NotUnderstood: it holds none, or one that is exported in a way that is not known.
    """
    try:
        program = read_program(data)
    except Unreadable as error:
        raise NotUnderstood(str(error)) from error
    kinds = Counter(node.kind for node in program.nodes)
    if any(kinds[kind] < least for kind, least in _LEAST.items()):
        raise NotUnderstood("it has not the operators of one")
    _check_names(program)
    picture = _trial(_size(program))
    evaluated = evaluate(program, picture)
    if evaluated.result.shape != picture.shape:
        raise NotUnderstood("it does not give a picture of the size that it takes")
    try:
        network, agrees = _network(evaluated, picture)
    except (*REFUSALS, StopIteration) as error:
        # A part was looked for where a GPEN has it, and something else or nothing is there.
        raise NotUnderstood("its layers are not put together as a GPEN's") from error
    if not agrees:
        raise NotUnderstood("it looks like a GPEN, but computes something else")
    return to_published(network.state_dict(), network.shape)


def _network(evaluated: Evaluated, picture: Tensor) -> tuple[Gpen, bool]:
    """The network found in a graph, and whether it makes of a picture what the graph made."""
    network = LayerReader(evaluated).network()
    with torch.inference_mode():
        difference = network(picture) - evaluated.result
    span = max(1.0, float(evaluated.result.abs().max()))
    return network, float(difference.abs().max()) <= AGREES * span


def _check_names(program: Program) -> None:
    """Refuse values that are made twice: whoever follows them back might go round for ever."""
    made = [name for node in program.nodes for name in node.outputs if name]
    names = Counter([*program.weights, *program.inputs, *made])
    if any(count > 1 for count in names.values()):
        raise NotUnderstood("it makes a value twice")


def _size(program: Program) -> int:
    shapes = list(program.inputs.values())
    if len(shapes) != 1 or len(shapes[0]) != 4 or len(program.outputs) != 1:
        raise NotUnderstood("it does not take one picture and give one")
    count, channels, height, width = shapes[0]
    if count not in {1, -1} or channels != 3 or height != width or height not in _SIZES:
        raise NotUnderstood("it does not take a picture of a size that GPENs have")
    return height


def _trial(size: int) -> Tensor:
    """(1, 3, S, S) a picture of no meaning, coarse and fine."""
    draws = torch.Generator().manual_seed(size)
    coarse = torch.randn(1, 3, 8, 8, generator=draws)
    smooth = torch.nn.functional.interpolate(coarse, size=(size, size), mode="bilinear")
    return (0.5 * smooth + 0.1 * torch.randn(1, 3, size, size, generator=draws)).clamp(-1, 1)
