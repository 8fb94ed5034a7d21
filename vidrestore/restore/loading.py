"""From what the options name as the model to something that restores faces."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple, Protocol

import torch

from vidrestore.config import RestoreConfig
from vidrestore.datatypes import Image
from vidrestore.errors import DeviceError, ModelError
from vidrestore.restore.catalogue import Model, find_model, known_by_hash
from vidrestore.restore.checkpoint import read_state
from vidrestore.restore.device import pick_device
from vidrestore.restore.engine import load_restorer
from vidrestore.restore.onnx_file import Graph
from vidrestore.restore.onnx_restorer import OnnxRestorer, computes_on
from vidrestore.restore.recognise import recognise
from vidrestore.restore.spandrel_networks import SIZE, spandrel_network
from vidrestore.restore.torch_restorer import TorchRestorer
from vidrestore.restore.weight_file import contents_of, open_weights

_CPU_BATCH = 4
_CUDA_BATCH = 16
_SPANDREL = ("GFPGAN", "CodeFormer", "RestoreFormer")
_UNKNOWN_LICENCE = "as its author states"


class ToldRestorer(Protocol):
    """A restorer that a report can describe."""

    @property
    def size(self) -> int:
        """Side of the crops it takes, in pixels."""
        ...

    @property
    def batch(self) -> int:
        """Crops that go through the network together."""
        ...

    @property
    def device_name(self) -> str:
        """Where it computes: "cpu", "cuda:0"."""
        ...

    @property
    def precision(self) -> str:
        """What it computes in: "float32", "bfloat16", "float16"."""
        ...

    def restore(self, crops: Image, /) -> Image:
        """(N, S, S, 3) RGB uint8 or uint16 in; the same shape and type out."""
        ...


class LoadedModel(NamedTuple):
    """A restorer with what a report says of its model.

    Attributes:
        restorer: what restores.
        name: the catalogue's name, or the file's.
        file: where the weights were read.
        sha256: of that file.
        licence: of the weights.
        template: the alignment it expects: "gpen" or "ffhq".
        warnings: tells what the user should know, of loading and of what happened since.
    """

    restorer: ToldRestorer
    name: str
    file: Path
    sha256: str
    licence: str
    template: str
    warnings: Callable[[], tuple[str, ...]] = tuple


def load_model(config: RestoreConfig) -> LoadedModel:
    """Load the model that the options name, of whatever format, onto the device that they name.

    Raises:
        ModelError: there is no such model, its file is refused, or an extra package is missing.
        DeviceError: the device is missing, too small, or cannot compute in the precision.
    """
    file, model = find_model(config.model)
    if model is not None:
        # What the catalogue knows is compared with its hash before anybody looks into it.
        if model.file.endswith(".onnx"):
            return _load_onnx(file, model, config)
    else:
        contents = contents_of(file)
        if isinstance(contents.value, Graph):
            return _load_onnx(file, None, config)
        if recognise(contents).architecture in _SPANDREL:
            return _load_spandrel(file, config)
    loaded = load_restorer(config)
    template = loaded.template if config.template == "auto" else config.template
    told = (loaded.name, file, loaded.sha256, loaded.licence, template, lambda: loaded.warnings)
    return LoadedModel(loaded, *told)


def _load_onnx(file: Path, model: Model | None, config: RestoreConfig) -> LoadedModel:
    device = pick_device(config.device)
    if config.device == "auto" and not computes_on(device):
        device = torch.device("cpu")
    with open_weights(file, model.sha256 if model else None) as opened:
        restorer = OnnxRestorer(
            opened.bytes(),
            device,
            config.batch or _batch(device),
            threads=config.threads,
            fidelity=config.fidelity,
        )
        sha256 = opened.sha256
    if config.precision not in ("auto", restorer.precision):
        raise DeviceError(
            f"{file} computes in {restorer.precision}, as every ONNX file in its own precision; "
            "use --restore.precision auto"
        )
    known = model or known_by_hash(sha256)
    template = known.template if known else "gpen"
    if config.template != "auto":
        template = config.template
    return _loaded(restorer, file, known, sha256, template)


def _load_spandrel(file: Path, config: RestoreConfig) -> LoadedModel:
    device = pick_device(config.device)
    if config.precision == "float16":
        raise DeviceError(f"{file} cannot be run in float16; use --restore.precision auto")
    precision = torch.bfloat16 if config.precision == "bfloat16" else torch.float32
    with open_weights(file) as opened:
        found = recognise(opened.contents)
        state = read_state(opened, found.tensors)
        sha256 = opened.sha256
    try:
        network = spandrel_network(str(found.architecture), state, config.fidelity)
    except ModelError as error:
        raise ModelError(f"{file} cannot be used: {error}") from error
    batch = config.batch or _batch(device)
    restorer = TorchRestorer(network, SIZE, device, precision, batch=batch, threads=config.threads)
    template = "ffhq" if config.template == "auto" else config.template
    return _loaded(restorer, file, None, sha256, template)


def _batch(device: torch.device) -> int:
    return _CPU_BATCH if device.type == "cpu" else _CUDA_BATCH


def _loaded(
    restorer: ToldRestorer, file: Path, known: Model | None, sha256: str, template: str
) -> LoadedModel:
    return LoadedModel(
        restorer,
        known.name if known else file.name,
        file,
        sha256,
        known.licence if known else _UNKNOWN_LICENCE,
        template,
    )
