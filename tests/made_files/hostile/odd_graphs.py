"""ONNX graphs with fields that no library writes."""

from __future__ import annotations

from tests.made_files.hostile.onnx_graphs import onnx_model


def wired(number: int, value: int | bytes) -> bytes:
    """A field of a protocol buffer: a whole number, or bytes with their length."""
    if isinstance(value, int):
        return _varint(number << 3) + _varint(value)
    return _varint(number << 3 | 2) + _varint(len(value)) + value


def _varint(value: int) -> bytes:
    if value < 0x80:
        return bytes([value])
    return bytes([value & 0x7F | 0x80]) + _varint(value >> 7)


def odd_graph(*, tensor: bytes = b"", attribute: bytes = b"") -> bytes:
    """The small graph with a weight, or an attribute, of these fields, as no library writes it."""
    more = wired(5, tensor + wired(8, b"odd")) if tensor else b""
    more += wired(1, wired(4, b"Odd") + wired(5, attribute)) if attribute else b""
    model = onnx_model()
    graph = model.graph.SerializeToString() + more
    model.ClearField("graph")
    return model.SerializeToString() + wired(7, graph)
