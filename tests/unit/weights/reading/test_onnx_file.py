from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from onnx import TensorProto, helper

from tests.made_files.hostile.onnx_graphs import onnx_graph, onnx_model
from vidrestore.errors import ModelError
from vidrestore.weights.reading.weight_file import contents_of


def written(content: bytes, path: Path) -> Path:
    path.write_bytes(content)
    return path


def test_a_graph_is_described(tmp_path: Path) -> None:
    contents = contents_of(written(onnx_graph(fidelity=True), tmp_path / "a.onnx"))
    graph = contents.value
    assert contents.form == "ONNX graph"
    assert graph.producer == "a test"
    assert graph.inputs == ("input", "w")
    assert graph.outputs == ("output",)
    assert graph.operators == {"Conv": 1, "Cast": 1, "Mul": 1}
    assert graph.weights["kernel"].shape == (3, 3, 3, 3)
    assert graph.weights["kernel"].dtype == "float32"


def external() -> TensorProto:
    tensor = helper.make_tensor("outside", TensorProto.FLOAT, [1], [0.0])
    tensor.ClearField("float_data")
    tensor.data_location = TensorProto.EXTERNAL
    entry = tensor.external_data.add()
    entry.key, entry.value = "location", "../../etc/passwd"
    return tensor


@pytest.mark.parametrize("place", ["weights", "attribute", "inner graph", "location alone"])
def test_data_in_other_files_are_refused_wherever_they_hide(place: str, tmp_path: Path) -> None:
    model = onnx_model()
    tensor = external()
    if place == "weights":
        model.graph.initializer.append(tensor)
    elif place == "location alone":
        tensor.data_location = TensorProto.DEFAULT
        model.graph.initializer.append(tensor)
    elif place == "attribute":
        model.graph.node.append(helper.make_node("Constant", [], ["c"], value=tensor))
    else:
        inner = helper.make_graph([], "inner", [], [], [tensor])
        model.graph.node.append(helper.make_node("If", ["x"], ["y"], then_branch=inner))
    with pytest.raises(ModelError, match="never opened"):
        contents_of(written(model.SerializeToString(), tmp_path / "a.onnx"))


def test_functions_are_refused(tmp_path: Path) -> None:
    model = onnx_model()
    opset = [helper.make_opsetid("", 17)]
    model.functions.append(helper.make_function("own", "f", [], [], [], opset))
    with pytest.raises(ModelError, match="functions"):
        contents_of(written(model.SerializeToString(), tmp_path / "a.onnx"))


@given(keep=st.integers(2, 700), junk=st.binary(max_size=20))
def test_a_cut_or_damaged_graph_never_escapes_the_one_line(
    keep: int, junk: bytes, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.getbasetemp() / "cut.onnx"
    whole = onnx_graph()
    for content in (whole[:keep], whole[:keep] + junk + whole[keep + len(junk) :]):
        try:
            contents_of(written(content, path))
        except ModelError as error:
            assert len(str(error).splitlines()) == 1  # noqa: PT017 - most, not all, are refused
