"""GPEN-Inpainting-1024, which paints damage of faces, read when there is some."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Final

from vidrestore.config import RestoreConfig
from vidrestore.datatypes import Image
from vidrestore.errors import ModelError
from vidrestore.restore.gpen.checkpoint import gpen_in
from vidrestore.restore.loading import UNKNOWN_LICENCE, LoadedModel, load_model
from vidrestore.weights.catalogue import CATALOGUE, Model, find_model, known_by_hash
from vidrestore.weights.reading.onnx_file import Graph
from vidrestore.weights.reading.weight_file import WeightFile, open_weights

ENTRY: Final = CATALOGUE["gpen-inpainting-1024"]
"""What the catalogue says of it."""


class InpaintingModel:
    """A ``Restorer`` for any number of threads that paints what is white in faces.

    Weights are read and computed with from the first call on: few pictures have damage, and then
    in few places.

    Args:
        name: as the report calls it.
        file: where its weights are.
        sha256: of that file, which must not change.
        licence: of the weights.
        options: the device and the precision to compute on.

    Attributes:
        name: as given.
        file: as given.
        sha256: as given.
        licence: as given.
    """

    size: Final = ENTRY.size

    def __init__(
        self, name: str, file: Path, sha256: str, licence: str, options: RestoreConfig
    ) -> None:
        self.name, self.file, self.sha256, self.licence = name, file, sha256, licence
        self._options = options.model_copy(update={"model": str(file), "batch": 1})
        self._lock = threading.Lock()
        self._loaded: LoadedModel | None = None

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the user should know of how it went."""
        return () if self._loaded is None else self._loaded.warnings

    def restore(self, crops: Image, /) -> Image:
        """Paint what is white.

        Args:
            crops: (N, S, S, 3) RGB of faces in FFHQ's alignment, uint8 or uint16.

        Returns:
            The same shape and type, newly allocated.

        Raises:
            ModelError: the file is not what it was any more.
            DeviceError: the device is missing, has too little memory, or fails.
        """
        with self._lock:
            if self._loaded is None:
                self._loaded = self._load()
            return self._loaded.restorer.restore(crops)

    def _load(self) -> LoadedModel:
        loaded = load_model(self._options)
        if loaded.sha256 != self.sha256:
            raise ModelError(f"{self.file} has changed since the job began; run it again")
        return loaded


def inpainting_model(named: str, config: RestoreConfig) -> InpaintingModel:
    """The model of a name; its file is looked into, and its numbers are not read yet.

    Args:
        named: a name of the catalogue, a path, or a hash.
        config: the device and the precision to compute on.

    Raises:
        ModelError: there is no such file, or it holds no such model; the line says what it holds.
    """
    if named in CATALOGUE:
        _refuse_others(f"restore.inpainting {named}", CATALOGUE[named])
    file, model = find_model(named)
    with open_weights(file, model.sha256 if model else None) as opened:
        known = model or (ENTRY if file == ENTRY.place else known_by_hash(opened.sha256))
        if known is not None:
            _refuse_others(f"{file} is {known.name}", known)
        _check(opened)
        name = known.name if known else file.name
        licence = known.licence if known else UNKNOWN_LICENCE
        return InpaintingModel(name, file, opened.sha256, licence, config)


def _refuse_others(what: str, model: Model) -> None:
    """Refuse models of the catalogue that are for something else."""
    if model.name != ENTRY.name:
        raise ModelError(f"{what}, which {model.purpose}; damage is painted by {ENTRY.name}")


def _check(opened: WeightFile) -> None:
    """Refuse what is no such network."""
    file = opened.path
    if isinstance(opened.contents.value, Graph):
        raise ModelError(
            f"{file} is an ONNX graph, which does not paint damage; "
            f"`vidrestore models convert` makes a .safetensors file of a GPEN, which can"
        )
    shape, _ = gpen_in(opened)
    if shape.size != ENTRY.size:
        raise ModelError(
            f"{file} is a GPEN of {shape.size} px; {ENTRY.name}, which paints damage, has "
            f"{ENTRY.size}"
        )
