"""From a weight file of any kind to safetensors, which can hold nothing but tensors."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor

from vidrestore.errors import ModelError, OutputError
from vidrestore.restore.gpen.checkpoint import read_state, write_state
from vidrestore.restore.gpen.validation import gpen_shape
from vidrestore.restore.graphs.gpen_graph import gpen_state
from vidrestore.restore.graphs.operators import NotUnderstood
from vidrestore.restore.recognise import described, recognise
from vidrestore.weights.reading.onnx_file import Graph
from vidrestore.weights.reading.weight_file import WeightFile, open_weights


def convert(source: Path, output: Path, *, half: bool = False, overwrite: bool = False) -> int:
    """Write the network of a weight file as safetensors.

    The names stay the published ones; the source's name and SHA-256 go into the metadata.

    Args:
        source: a file that holds a state dict, bare or in a training checkpoint, or a GPEN's ONNX
            graph.
        output: ends in .safetensors; appears only when whole.
        half: store float16, which halves the file.
        overwrite: replace an existing output.

    Returns:
        How many tensors were written.

    Raises:
        ModelError: the source is refused, or holds no network that is known.
        OutputError: the output exists, or cannot be written.
    """
    if output.suffix != ".safetensors":
        raise OutputError(f"{output} does not end in .safetensors; name a file that does")
    if output.exists() and not overwrite:
        raise OutputError(f"{output} exists already; add overwrite=True to replace it")
    if output.exists() and source.exists() and output.samefile(source):
        raise OutputError(f"{output} is the source itself; name another file")
    with open_weights(source) as file:
        architecture, state = _network(file)
        metadata = {
            "format": "pt",
            "architecture": architecture,
            "source": source.name,
            "source_sha256": file.sha256,
        }
    try:
        write_state(state, output, torch.float16 if half else None, metadata)
    except OSError as error:
        raise OutputError(f"cannot write {output}: {error.strerror or error}") from error
    return len(state)


def _network(file: WeightFile) -> tuple[str, Mapping[str, Tensor]]:
    """The network in a file: its architecture, and its state dict.

    Raises:
        ModelError: it is none that is known.
    """
    where = f"{file.path} cannot be converted"
    if isinstance(file.contents.value, Graph):
        try:
            return "GPEN", gpen_state(file.bytes())
        except NotUnderstood as error:
            raise ModelError(f"{where}: it is an ONNX graph, and {error}") from error
    found = recognise(file.contents)
    if found.architecture is None:
        raise ModelError(f"{where}: it is {described(file.contents)}")
    if found.architecture == "GPEN":
        try:
            gpen_shape(found.tensors)
        except ValueError as error:
            raise ModelError(f"{where}: {error}") from error
    return found.architecture, read_state(file, found.tensors)
