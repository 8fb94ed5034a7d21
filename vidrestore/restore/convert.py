"""From a weight file of any kind to safetensors, which can hold nothing but tensors."""

from __future__ import annotations

from pathlib import Path

import torch

from vidrestore.errors import ModelError, OutputError
from vidrestore.restore.gpen.checkpoint import read_state, write_state
from vidrestore.restore.gpen.validation import gpen_shape
from vidrestore.restore.recognise import described, recognise
from vidrestore.weights.reading.weight_file import open_weights


def convert(source: Path, output: Path, *, half: bool = False, overwrite: bool = False) -> int:
    """Write the network of a weight file as safetensors.

    The names stay the published ones; the source's name and SHA-256 go into the metadata.

    Args:
        source: a file that holds a state dict, bare or in a training checkpoint.
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
        raise OutputError(f"{output} exists already; add --overwrite to replace it")
    if output.exists() and source.exists() and output.samefile(source):
        raise OutputError(f"{output} is the source itself; name another file")
    with open_weights(source) as file:
        found = recognise(file.contents)
        if found.architecture is None:
            raise ModelError(f"{source} cannot be converted: it is {described(file.contents)}")
        if found.architecture == "GPEN":
            try:
                gpen_shape(found.tensors)
            except ValueError as error:
                raise ModelError(f"{source} cannot be converted: {error}") from error
        state = read_state(file, found.tensors)
        metadata = {
            "format": "pt",
            "architecture": found.architecture,
            "source": source.name,
            "source_sha256": file.sha256,
        }
    try:
        write_state(state, output, torch.float16 if half else None, metadata)
    except OSError as error:
        raise OutputError(f"cannot write {output}: {error.strerror or error}") from error
    return len(state)
