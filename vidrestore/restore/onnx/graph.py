"""A face restoration network that is published as an ONNX graph, computed by onnxruntime."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from vidrestore.datatypes import Image
from vidrestore.errors import DeviceError, ModelError

_TYPES = {"tensor(float)": np.float32, "tensor(float16)": np.float16, "tensor(double)": np.float64}
_FIDELITY = "w"


class FaceGraph:
    """A graph that takes (N, 3, S, S) RGB in [-1, 1] and gives the same.

    A second input ``w``, which CodeFormer's have, is its fidelity weight. The graph is handed over
    as bytes and so has no folder in which other files could be looked for.

    Args:
        graph: the bytes of the file, looked through by ``weights.onnx_file`` before.
        providers: what computes, as onnxruntime takes them.
        threads: CPU threads; 0 leaves the choice to onnxruntime.
        fidelity: CodeFormer's weight, from 0, the most restoration, to 1, the most likeness.

    Attributes:
        size: side S of the crops, px.
        precision: "float32", "float16" or "float64".
        fixed: crops that the graph takes at a time; None where it leaves that open.

    Raises:
        ModelError: onnxruntime cannot use the graph, or it is no such network.
    """

    def __init__(
        self, graph: bytes, providers: Sequence[Any], *, threads: int, fidelity: float
    ) -> None:
        loaded = runtime()
        self._errors = _errors(loaded)
        options = loaded.SessionOptions()
        options.intra_op_num_threads = threads
        options.log_severity_level = 4
        try:
            self._session = loaded.InferenceSession(graph, options, providers=list(providers))
        except self._errors as error:
            raise ModelError(f"onnxruntime cannot use the ONNX graph ({_line(error)})") from error
        picture, others = _inputs(self._session)
        self._input, self._dtype = picture.name, _TYPES[picture.type]
        self._others = {
            other.name: np.full(_sizes(other), fidelity, _TYPES[other.type]) for other in others
        }
        first = picture.shape[0]
        self.size = int(picture.shape[2])
        self.fixed = first if isinstance(first, int) else None
        self.precision = np.dtype(self._dtype).name
        self._output = _output(self._session, self.size)

    def restore(self, crops: Image) -> Image:
        """Restore (N, S, S, 3) RGB, uint8 or uint16; N at most ``fixed``.

        Raises:
            DeviceError: onnxruntime fails.
            ModelError: the graph gives something else than pictures.
        """
        half = np.iinfo(crops.dtype).max / 2
        picture = np.zeros((len(crops), 3, self.size, self.size), np.float32)
        picture += crops.transpose(0, 3, 1, 2)
        picture /= half
        picture -= 1.0
        if self.fixed is not None and len(picture) < self.fixed:
            padding = [(0, self.fixed - len(picture)), (0, 0), (0, 0), (0, 0)]
            picture = np.pad(picture, padding)
        given = {self._input: picture.astype(self._dtype, copy=False), **self._others}
        try:
            (result,) = self._session.run([self._output], given)
        except self._errors as error:
            raise DeviceError(f"onnxruntime failed ({_line(error)})") from error
        return _samples(result[: len(crops)], crops)


def runtime() -> Any:
    """The module onnxruntime.

    Raises:
        ModelError: it is not installed.
    """
    try:
        import onnxruntime  # noqa: PLC0415 - an extra, needed for ONNX files alone
    except ImportError as error:
        raise ModelError(
            "ONNX files need onnxruntime: pip install '.[onnx]' in vidrestore's checkout, or "
            "name a GPEN .safetensors or .pth file"
        ) from error
    return onnxruntime


def _samples(result: npt.NDArray[Any], crops: Image) -> Image:
    """(N, 3, S, S) in [-1, 1] to rounded samples of the crops' shape and type."""
    if result.shape != (len(crops), 3, *crops.shape[1:3]):
        raise ModelError(f"the ONNX graph gives {result.shape} for crops of {crops.shape}")
    most = np.iinfo(crops.dtype).max
    scaled = (result.astype(np.float32) + 1.0) * (most / 2)
    samples: Image = np.rint(scaled).clip(0, most).astype(crops.dtype).transpose(0, 2, 3, 1)
    return samples


def _errors(runtime: Any) -> tuple[type[Exception], ...]:
    """Onnxruntime's errors, which have no base class of their own."""
    native = vars(runtime.capi.onnxruntime_pybind11_state).values()
    found = (kind for kind in native if isinstance(kind, type) and issubclass(kind, Exception))
    return (*found, RuntimeError)


def _line(error: BaseException) -> str:
    return " ".join(str(error).split())[:160]


def _inputs(session: Any) -> tuple[Any, list[Any]]:
    """The picture's input, and that of the fidelity weight if there is one."""
    inputs = session.get_inputs()
    pictures = [given for given in inputs if len(given.shape) == 4]
    others = [given for given in inputs if len(given.shape) != 4]
    described = ", ".join(f"{given.name} {given.type} {given.shape}" for given in inputs)
    if len(pictures) != 1 or any(other.name != _FIDELITY for other in others):
        raise ModelError(f"the ONNX graph is no face restorer: its inputs are {described}")
    if any(given.type not in _TYPES for given in inputs):
        raise ModelError(f"the ONNX graph is no face restorer: its inputs are {described}")
    first, channels, height, width = pictures[0].shape
    square = isinstance(height, int) and height == width and height > 0
    if channels != 3 or not square or (isinstance(first, int) and first < 1):
        raise ModelError(
            f"the ONNX graph is no face restorer: it takes {pictures[0].shape}, expected "
            "(N, 3, S, S) of a fixed S"
        )
    return pictures[0], others


def _sizes(given: Any) -> tuple[int, ...]:
    """Its shape, sizes that are left open being 1."""
    return tuple(size if isinstance(size, int) else 1 for size in given.shape)


def _output(session: Any, size: int) -> str:
    """The first output that is a picture of this size, or might be one."""
    for given in session.get_outputs():
        wanted = (None, 3, size, size)
        if len(given.shape) == 4 and all(
            want is None or not isinstance(is_, int) or is_ == want
            for is_, want in zip(given.shape, wanted, strict=True)
        ):
            return str(given.name)
    raise ModelError("the ONNX graph is no face restorer: none of its outputs is a picture")
