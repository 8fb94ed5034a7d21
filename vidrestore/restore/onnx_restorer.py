"""Running face restoration networks that are published as ONNX graphs."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from vidrestore.datatypes import Image
from vidrestore.errors import DeviceError, ModelError

_TYPES = {"tensor(float)": np.float32, "tensor(float16)": np.float16, "tensor(double)": np.float64}
_FIDELITY = "w"


class OnnxRestorer:
    """Restores face crops with an ONNX graph; each result depends on its own crop alone.

    The graph takes (N, 3, S, S) RGB in [-1, 1] and gives the same, as the files of the catalogue
    do; a second input ``w``, which CodeFormer's have, is its fidelity weight. The graph is handed
    over as bytes and so has no folder in which other files could be looked for.

    Args:
        graph: the bytes of the file, looked through by ``onnx_file`` before.
        device: a CPU or a CUDA device.
        batch: crops that go through the network together, where the graph leaves that open.
        threads: CPU threads; 0 leaves the choice to onnxruntime.
        fidelity: CodeFormer's weight, from 0, the most restoration, to 1, the most likeness.

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
    ) -> None:
        runtime = _runtime()
        self._errors = _errors(runtime)
        self._device = device
        options = runtime.SessionOptions()
        options.intra_op_num_threads = threads
        options.log_severity_level = 4
        try:
            self._session = runtime.InferenceSession(
                graph, options, providers=_providers(runtime, device)
            )
        except self._errors as error:
            raise ModelError(f"onnxruntime cannot use the ONNX graph ({_line(error)})") from error
        picture, others = _inputs(self._session)
        self._input, self._dtype = picture.name, _TYPES[picture.type]
        self._others = {
            other.name: np.full(_sizes(other), fidelity, _TYPES[other.type]) for other in others
        }
        first, self._size = picture.shape[0], int(picture.shape[2])
        self._fixed = isinstance(first, int)
        self._batch = int(first) if self._fixed else batch
        self._output = _output(self._session, self._size)

    @property
    def size(self) -> int:
        """Side of the crops it takes, in pixels."""
        return self._size

    @property
    def batch(self) -> int:
        """Crops that go through the network together."""
        return self._batch

    @property
    def device_name(self) -> str:
        """Where it computes: "cpu", "cuda:0"."""
        return str(self._device)

    @property
    def precision(self) -> str:
        """What the graph takes: "float32", "float16"."""
        return np.dtype(self._dtype).name

    def restore(self, crops: Image, /) -> Image:
        """Restore upright crops.

        Args:
            crops: (N, S, S, 3) RGB, uint8 or uint16 over the type's whole range; N may be 0.

        Returns:
            The same shape and type, newly allocated.

        Raises:
            DeviceError: onnxruntime fails, as it does when memory runs out.
            ValueError: if the crops have another shape or type.
        """
        side = self._size
        if crops.ndim != 4 or crops.shape[1:] != (side, side, 3):
            raise ValueError(f"crops are {crops.shape}, expected (N, {side}, {side}, 3)")
        if crops.dtype not in (np.uint8, np.uint16):
            raise ValueError(f"crops are {crops.dtype}, expected uint8 or uint16")
        restored = np.empty_like(crops, order="C")
        for first in range(0, len(crops), self._batch):
            part = slice(first, first + self._batch)
            restored[part] = self._restore_batch(crops[part])
        return restored

    def _restore_batch(self, crops: Image) -> Image:
        half = np.iinfo(crops.dtype).max / 2
        picture = np.zeros((len(crops), 3, self._size, self._size), np.float32)
        picture += crops.transpose(0, 3, 1, 2)
        picture /= half
        picture -= 1.0
        if self._fixed and len(picture) < self._batch:
            padding = [(0, self._batch - len(picture)), (0, 0), (0, 0), (0, 0)]
            picture = np.pad(picture, padding)
        given = {self._input: picture.astype(self._dtype, copy=False), **self._others}
        try:
            (result,) = self._session.run([self._output], given)
        except self._errors as error:
            raise DeviceError(
                f"onnxruntime failed on {self._device} ({_line(error)}); lower --restore.batch or "
                "use --restore.device cpu"
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


def _providers(runtime: Any, device: torch.device) -> list[Any]:
    if not computes_on(device):
        raise DeviceError(
            f"onnxruntime {runtime.__version__} cannot compute on {device}; install "
            "onnxruntime-gpu in its place, or use --restore.device cpu"
        )
    if device.type == "cpu":
        return [_PROVIDERS["cpu"]]
    # What CUDA lacks runs on the CPU.
    return [(_PROVIDERS["cuda"], {"device_id": device.index or 0}), _PROVIDERS["cpu"]]


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
