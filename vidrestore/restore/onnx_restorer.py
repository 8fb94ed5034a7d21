"""Running face restoration networks that are published as ONNX graphs."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from vidrestore.datatypes import Image
from vidrestore.errors import DeviceError, ModelError
from vidrestore.restore.restorer import BatchRestorer

_TYPES = {"tensor(float)": np.float32, "tensor(float16)": np.float16, "tensor(double)": np.float64}
_FIDELITY = "w"


class OnnxRestorer(BatchRestorer):
    """Restores face crops with an ONNX graph.

    The graph takes (N, 3, S, S) RGB in [-1, 1] and gives the same, as the files of the catalogue
    do; a second input ``w``, which CodeFormer's have, is its fidelity weight. The graph is handed
    over as bytes and so has no folder in which other files could be looked for.

    Args:
        graph: the bytes of the file, looked through by ``onnx_file`` before.
        device: a CPU or a CUDA device. A CPU computes graphs of float16 in float32.
        batch: crops that go through the network together, where the graph leaves that open.
        threads: CPU threads; 0 leaves the choice to onnxruntime.
        fidelity: CodeFormer's weight, from 0, the most restoration, to 1, the most likeness.
        tf32: whether a GPU may compute a graph of float32 in TF32.

    Raises:
        ModelError: onnxruntime is not installed or cannot use the graph, or it is no such network.
        DeviceError: this onnxruntime cannot compute on the device.
    """

    def __init__(
        self,
        graph: bytes,
        device: torch.device,
        batch: int,
        *,
        threads: int = 0,
        fidelity: float = 0.5,
        tf32: bool = False,
    ) -> None:
        runtime = _runtime()
        self._errors = _errors(runtime)
        options = runtime.SessionOptions()
        options.intra_op_num_threads = threads
        options.log_severity_level = 4
        providers = _providers(runtime, device, tf32=tf32)
        try:
            self._session = runtime.InferenceSession(graph, options, providers=providers)
        except self._errors as error:
            raise ModelError(f"onnxruntime cannot use the ONNX graph ({_line(error)})") from error
        picture, others = _inputs(self._session)
        self._input, self._dtype = picture.name, _TYPES[picture.type]
        self._others = {
            other.name: np.full(_sizes(other), fidelity, _TYPES[other.type]) for other in others
        }
        first, size = picture.shape[0], int(picture.shape[2])
        self._fixed = isinstance(first, int)
        precision = np.dtype(self._dtype).name
        if tf32 and precision == "float32":
            precision = "tf32"
        super().__init__(size, device, precision, int(first) if self._fixed else batch)
        self._output = _output(self._session, size)

    def _restore_batch(self, crops: Image) -> Image:
        half = np.iinfo(crops.dtype).max / 2
        picture = np.zeros((len(crops), 3, self.size, self.size), np.float32)
        picture += crops.transpose(0, 3, 1, 2)
        picture /= half
        picture -= 1.0
        if self._fixed and len(picture) < self.batch:
            padding = [(0, self.batch - len(picture)), (0, 0), (0, 0), (0, 0)]
            picture = np.pad(picture, padding)
        given = {self._input: picture.astype(self._dtype, copy=False), **self._others}
        try:
            (result,) = self._session.run([self._output], given)
        except self._errors as error:
            raise DeviceError(
                f"onnxruntime failed on {self.device_name} ({_line(error)}); lower "
                "--restore.batch or use --restore.device cpu"
            ) from error
        return _samples(result[: len(crops)], crops)


def _samples(result: npt.NDArray[Any], crops: Image) -> Image:
    """(N, 3, S, S) in [-1, 1] to rounded samples of the crops' shape and type."""
    if result.shape != (len(crops), 3, *crops.shape[1:3]):
        raise ModelError(f"the ONNX graph gives {result.shape} for crops of {crops.shape}")
    most = np.iinfo(crops.dtype).max
    scaled = (result.astype(np.float32) + 1.0) * (most / 2)
    samples: Image = np.rint(scaled).clip(0, most).astype(crops.dtype).transpose(0, 2, 3, 1)
    return samples


def computes_on(device: torch.device) -> bool:
    """Whether the installed onnxruntime has a provider for a device."""
    return _PROVIDERS.get(device.type) in _runtime().get_available_providers()


_PROVIDERS = {"cpu": "CPUExecutionProvider", "cuda": "CUDAExecutionProvider"}


def _providers(runtime: Any, device: torch.device, *, tf32: bool) -> list[Any]:
    if not computes_on(device):
        raise DeviceError(
            f"onnxruntime {runtime.__version__} cannot compute on {device}; install "
            "onnxruntime-gpu in its place, or use --restore.device cpu"
        )
    if device.type == "cpu":
        return [_PROVIDERS["cpu"]]
    # TF32 is on unless told otherwise. What CUDA lacks runs on the CPU.
    chosen = {"device_id": str(device.index or 0), "use_tf32": str(int(tf32))}
    return [(_PROVIDERS["cuda"], chosen), _PROVIDERS["cpu"]]


def _runtime() -> Any:
    try:
        import onnxruntime  # noqa: PLC0415 - an extra, needed for ONNX files alone
    except ImportError as error:
        raise ModelError(
            "ONNX files need onnxruntime: pip install 'vidrestore[onnx]', or name a GPEN "
            ".safetensors or .pth file"
        ) from error
    return onnxruntime


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
    told = ", ".join(f"{given.name} {given.type} {given.shape}" for given in inputs)
    if len(pictures) != 1 or any(other.name != _FIDELITY for other in others):
        raise ModelError(f"the ONNX graph is no face restorer: its inputs are {told}")
    if any(given.type not in _TYPES for given in inputs):
        raise ModelError(f"the ONNX graph is no face restorer: its inputs are {told}")
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
