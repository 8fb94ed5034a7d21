from __future__ import annotations

import contextlib
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vidrestore.errors import ModelError
from vidrestore.measure.dlib_file import read_layers
from vidrestore.measure.dlib_network import DlibNetwork


def integer(value: int) -> bytes:
    size = max(1, (abs(value).bit_length() + 7) // 8)
    return bytes([size | (0x80 if value < 0 else 0)]) + abs(value).to_bytes(size, "little")


def tensor(values: list[float], sizes: tuple[int, ...] | None = None, version: int = 2) -> bytes:
    sizes = sizes or (len(values), 1, 1, 1)
    return (
        integer(version) + b"".join(map(integer, sizes)) + struct.pack(f"<{len(values)}f", *values)
    )


def con(values: list[float]) -> bytes:
    return b"\x01\x05con_4" + tensor(values) + integer(3) + integer(1)


def affine(values: list[float]) -> bytes:
    return b"\x01\x07affine_" + tensor(values)


def fc(values: list[float], outputs: int, inputs: int) -> bytes:
    sizes = (inputs, outputs, 1, 1)
    return b"\x01\x04fc_2" + integer(outputs) + integer(inputs) + tensor(values, sizes)


numbers = st.lists(st.floats(-1e6, 1e6, width=32), min_size=1, max_size=300)


@given(numbers, numbers)
def test_layers_come_in_order_with_their_numbers(first, second):
    content = b"header" + con(first) + b"\x01\x05relu_" + affine(second) + fc([1, 2, 3, 4], 2, 2)
    layers = read_layers(content)
    assert [layer.kind for layer in layers] == ["con", "affine", "fc"]
    assert np.array_equal(layers[0].values, np.array(first, np.float32))
    assert np.array_equal(layers[1].values, np.array(second, np.float32))
    assert layers[2].values.tolist() == [1, 2, 3, 4]


def test_a_name_among_the_samples_is_no_layer():
    hidden = struct.unpack("<2f", b"\x01\x05con_4\x00")
    layers = read_layers(con([1.0, *hidden, 2.0]))
    assert len(layers) == 1
    assert layers[0].values.size == 4


@given(st.integers(20, 820))
def test_a_file_that_ends_within_a_layer_is_refused(length):
    content = con([1.0] * 200)
    with pytest.raises(ModelError, match="damaged"):
        read_layers(content[: min(length, content.rindex(tensor([1.0] * 200)[-4:]))])


@given(st.binary(max_size=400))
def test_whatever_follows_a_name_only_a_model_error_comes(noise):
    with contextlib.suppress(ModelError):
        assert all(layer.values.size for layer in read_layers(b"\x01\x05con_4" + noise))


@pytest.mark.parametrize(
    "body",
    [
        tensor([1.0], version=1),
        tensor([1.0], sizes=(-1, 1, 1, 1)),
        tensor([1.0], sizes=(0, 1, 1, 1)),
        tensor([1.0], sizes=(2**60, 2**60, 2**60, 1)),
        tensor([float("nan")]),
        b"\x0f" + b"\xff" * 40,
    ],
    ids=["version", "negative", "empty", "enormous", "nan", "wide integer"],
)
def test_damaged_tensors_are_refused(body):
    with pytest.raises(ModelError, match="damaged"):
        read_layers(b"\x01\x05con_4" + body)


def test_another_network_is_refused():
    with pytest.raises(ModelError, match="no con layer"):
        DlibNetwork([])
    with pytest.raises(ModelError, match="another network"):
        DlibNetwork(read_layers(con([1.0] * 10)))
