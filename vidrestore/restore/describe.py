"""What ``vidrestore models inspect`` tells of a weight file, line by line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

from vidrestore.restore.gpen.validation import gpen_shape
from vidrestore.restore.recognise import described, recognise
from vidrestore.text.escaping import shown
from vidrestore.text.wording import counted, size
from vidrestore.weights.catalogue import known_by_hash
from vidrestore.weights.reading.onnx_file import Graph
from vidrestore.weights.reading.stored import Contents, StoredTensor
from vidrestore.weights.reading.weight_file import open_weights

_LISTED, _KINDS = 50, 10


def facts(path: Path) -> Iterator[tuple[str, str]]:
    """Names and values, in the order of interest.

    Raises:
        ModelError: the file cannot be opened, or is damaged, or of no known format.
    """
    with open_weights(path) as file:
        known = known_by_hash(file.sha256)
        yield "file", f"{path}, {size(file.size)}"
        yield "sha256", file.sha256
        yield "catalogue", f"{known.name}, {known.licence}" if known else "not listed"
        yield "format", file.contents.form
        value = file.contents.value
        yield from _graph(value) if isinstance(value, Graph) else _network(file.contents)
        texts = sorted(file.contents.metadata.items())
        for name, text in texts[:_LISTED]:
            yield "metadata", f"{shown(name, 60)} = {shown(text, 100)}"
        if len(texts) > _LISTED:
            yield "metadata", f"and {len(texts) - _LISTED} more"
        if "pickle" in file.contents.form or "PyTorch" in file.contents.form:
            imports = file.contents.globals
            yield "imports", "none" if not imports else "none were made; it asks for:"
            yield from (("", name) for name in imports[:_LISTED])
            if len(imports) > _LISTED:
                yield "", f"and {len(imports) - _LISTED} more"


def _network(contents: Contents) -> Iterator[tuple[str, str]]:
    """The recognised network, or what stands in the way."""
    found = recognise(contents)
    if found.architecture == "GPEN":
        try:
            shape = gpen_shape(found.tensors)
        except ValueError as error:
            yield "network", f"not usable: {error}"
        else:
            yield "network", f"GPEN, {shape.size} x {shape.size} pixels"
            widths = " ".join(str(width) for width in shape.widths)
            yield "widths", f"{widths} channels from 4 px up"
            yield "style", f"{shape.style_width} wide, mapped by {shape.mapping_depth} layers"
    elif found.architecture is not None:
        yield "network", f"{found.architecture}, 512 x 512 pixels, through vidrestore[spandrel]"
    else:
        yield "network", f"not recognised: {described(contents)}"
    yield from _tensors(found.tensors)


def _graph(graph: Graph) -> Iterator[tuple[str, str]]:
    """What an ONNX graph takes, gives and computes."""
    names = [", ".join(shown(name, 60) for name in some[:3]) for some in graph[1:3]]
    yield "network", f"{names[0]} to {names[1]}"
    yield "producer", shown(graph.producer, 60) or "not stated"
    common = Counter(graph.operators).most_common(6)
    kinds = ", ".join(f"{count} {shown(kind, 60)}" for kind, count in common)
    yield "operators", f"{sum(graph.operators.values())}: {kinds}"
    yield from _tensors(graph.weights)


def _tensors(tensors: Mapping[str, StoredTensor]) -> Iterator[tuple[str, str]]:
    kinds = sorted({shown(tensor.dtype, 20) for tensor in tensors.values()})[:_KINDS]
    numbers = sum(tensor.count for tensor in tensors.values())
    yield "tensors", counted(len(tensors), "tensor") + ", " + (" and ".join(kinds) or "no numbers")
    yield "parameters", f"{numbers / 1e6:.2f} million"
