"""From what the options name as the model to something that restores faces."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import NamedTuple

import torch

from vidrestore.config import RestoreConfig
from vidrestore.errors import DeviceError, ModelError
from vidrestore.restore.architectures.spandrel import SIZE, spandrel_network
from vidrestore.restore.detail import FineDetail
from vidrestore.restore.gpen.checkpoint import Checkpoint, read_checkpoint, read_state
from vidrestore.restore.gpen.restorer import gpen_restorer
from vidrestore.restore.gpen.shape import GpenShape
from vidrestore.restore.graphs.gpen_graph import gpen_state
from vidrestore.restore.graphs.operators import NotUnderstood
from vidrestore.restore.onnx.restorer import OnnxRestorer, computes_on
from vidrestore.restore.recognise import recognise
from vidrestore.restore.running.allocator import keep_freed_memory
from vidrestore.restore.running.device import Precision, pick_device, pick_precision
from vidrestore.restore.running.engine import torch_restorer
from vidrestore.restore.running.gate import agreeing
from vidrestore.restore.running.restorer import FaceRestorer, as_device_full
from vidrestore.restore.running.threads import use_threads
from vidrestore.restore.running.torch_restorer import InPrecision
from vidrestore.weights.catalogue import Model, find_model, known_by_hash
from vidrestore.weights.reading.onnx_file import Graph
from vidrestore.weights.reading.weight_file import contents_of, open_weights

_CPU = torch.device("cpu")
_CPU_BATCH = 4
_CUDA_BATCH = 16
_SPANDREL = ("GFPGAN", "CodeFormer", "RestoreFormer")
UNKNOWN_LICENCE = "as its author states"


class LoadedModel(NamedTuple):
    """A restorer with what a report says of its model.

    Attributes:
        restorer: what restores.
        name: the catalogue's name, or the file's.
        file: where the weights were read.
        sha256: of that file.
        licence: of the weights.
        template: the alignment it expects: "gpen" or "ffhq".
        loading: what the user should know of how it was loaded.
        detail: knows of the finest detail of results; None where nothing does.
    """

    restorer: FaceRestorer
    name: str
    file: Path
    sha256: str
    licence: str
    template: str
    loading: tuple[str, ...] = ()
    detail: FineDetail | None = None

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the user should know, of loading and of what happened since."""
        return self.loading + self.restorer.warnings


class _Restorer(NamedTuple):
    """What a file of one kind gives; ``template`` is that of its kind."""

    restorer: FaceRestorer
    sha256: str
    template: str
    loading: tuple[str, ...]
    detail: FineDetail | None = None


def load_model(config: RestoreConfig) -> LoadedModel:
    """Load the model that the options name, of whatever format, onto the device that they name.

    A precision other than float32 is used only if it restores as float32 does (``gate``).

    Raises:
        ModelError: there is no such model, its file is refused, or an extra package is missing.
        DeviceError: the device is missing, too small, or cannot compute in the precision.
    """
    file, model = find_model(config.model)
    device = pick_device(config.device)
    if device.type == "cpu":
        keep_freed_memory()
    use_threads(config.threads if device.type == "cpu" else 0)
    # What the catalogue knows is compared with its hash before anybody looks into it.
    expected = model.sha256 if model else None
    kind = _kind(file, model)
    if kind == "onnx":
        loaded = _load_onnx(file, expected, device, config)
    elif kind == "spandrel":
        loaded = _load_spandrel(file, device, config)
    else:
        loaded = _load_gpen(read_checkpoint(file, expected), device, config)
    known = model or known_by_hash(loaded.sha256)
    template = known.template if known else loaded.template
    return LoadedModel(
        restorer=loaded.restorer,
        name=known.name if known else file.name,
        file=file,
        sha256=loaded.sha256,
        licence=known.licence if known else UNKNOWN_LICENCE,
        template=template if config.template == "auto" else config.template,
        loading=loaded.loading,
        detail=loaded.detail,
    )


def _kind(file: Path, model: Model | None) -> str:
    """Which of the three ways of loading a file is for."""
    if model is not None:
        return "onnx" if model.file.endswith(".onnx") else "gpen"
    contents = contents_of(file)
    if isinstance(contents.value, Graph):
        return "onnx"
    return "spandrel" if recognise(contents).architecture in _SPANDREL else "gpen"


def _batch(config: RestoreConfig, device: torch.device) -> int:
    return config.batch or (_CPU_BATCH if device.type == "cpu" else _CUDA_BATCH)


def _load_gpen(checkpoint: Checkpoint, device: torch.device, config: RestoreConfig) -> _Restorer:
    precision = pick_precision(config.precision, device)
    network, batch = checkpoint.build(), _batch(config, device)
    confidence = checkpoint.build_confidence()

    def made(precision: Precision) -> FaceRestorer:
        return gpen_restorer(network, device, precision, batch, confidence)

    restorer, loading = agreeing(made(precision), lambda: made(Precision.FLOAT32))
    return _Restorer(restorer, checkpoint.sha256, "gpen", loading, checkpoint.build_detail())


def _load_onnx(
    file: Path, expected: str | None, device: torch.device, config: RestoreConfig
) -> _Restorer:
    with open_weights(file, expected) as opened:
        graph, sha256 = opened.bytes(), opened.sha256
    try:
        state = gpen_state(graph)
    except NotUnderstood as error:
        warning = f"{file} is not understood as a GPEN ({error}); onnxruntime computes it"
        loaded = _load_graph(file, graph, sha256, device, config)
        return loaded._replace(loading=(warning, *loaded.loading))
    shape = GpenShape.read({name: tuple(value.shape) for name, value in state.items()})
    return _load_gpen(Checkpoint(file, sha256, shape, state, {}), device, config)


def _load_graph(
    file: Path, graph: bytes, sha256: str, device: torch.device, config: RestoreConfig
) -> _Restorer:
    """A graph that onnxruntime computes."""
    if config.device == "auto" and not computes_on(device):
        device = _CPU

    def made(device: torch.device, *, tf32: bool) -> OnnxRestorer:
        batch = _batch(config, device)
        threads, fidelity = config.threads, config.fidelity
        return OnnxRestorer(graph, device, batch, threads=threads, fidelity=fidelity, tf32=tf32)

    restorer = made(device, tf32=device.type == "cuda" and config.precision == "tf32")
    if config.precision not in ("auto", restorer.precision):
        raise DeviceError(
            f"{file} computes in {restorer.precision}, as every ONNX file in its own precision; "
            "use restore.precision auto"
        )
    loading: tuple[str, ...] = ()
    if device.type == "cuda":
        # A graph of float16 is computed in float32 by onnxruntime's CPU provider alone.
        exact = device if restorer.precision == "tf32" else _CPU
        restorer, loading = agreeing(restorer, lambda: made(exact, tf32=False))
    return _Restorer(restorer, sha256, "gpen", loading)


def _load_spandrel(file: Path, device: torch.device, config: RestoreConfig) -> _Restorer:
    if config.precision == "float16":
        raise DeviceError(f"{file} cannot be run in float16; use restore.precision auto")
    # Nobody has tried whether these networks bear anything else: auto is float32.
    name = "float32" if config.precision == "auto" else config.precision
    precision = pick_precision(name, device)
    with open_weights(file) as opened:
        found = recognise(opened.contents)
        state, sha256 = read_state(opened, found.tensors), opened.sha256
    try:
        network = spandrel_network(str(found.architecture), state, config.fidelity)
    except ModelError as error:
        raise ModelError(f"{file} cannot be used: {error}") from error
    batch = _batch(config, device)

    def made(precision: Precision) -> FaceRestorer:
        stays = precision.dtype == torch.float32
        with as_device_full(device, batch):
            own = network if stays else copy.deepcopy(network)
            form = InPrecision(own, device, precision.dtype)
        return torch_restorer(form, SIZE, device, precision, batch)

    restorer, loading = agreeing(made(precision), lambda: made(Precision.FLOAT32))
    return _Restorer(restorer, sha256, "ffhq", loading)
