"""What restores faces, ready for work: a model that is loaded, or what a program brings along."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from vidrestore.config import NO_MODEL, RestoreConfig
from vidrestore.errors import ConfigError
from vidrestore.report import ModelUsed
from vidrestore.restore.architectures.unchanged import Unchanged
from vidrestore.stages import Detector, Restorer
from vidrestore.text.escaping import quoted, shown
from vidrestore.weights.catalogue import CATALOGUE

if TYPE_CHECKING:
    from vidrestore.restore.detail import FineDetail

_TEMPLATES = ("gpen", "ffhq")
_BATCH = 4  # crops that a restorer without a preference of its own gets at once


_COLOURS, _PAINTS = "gpen-colorization-1024", "gpen-inpainting-1024"  # of the catalogue


class Inpainting(NamedTuple):
    """What paints damage of faces and what the report says of it; ``asked`` gives its warnings."""

    network: Restorer
    model: ModelUsed
    asked: Callable[[], tuple[str, ...]] = tuple


class Engine(NamedTuple):
    """A restorer and what the report says of it; ``asked`` gives the warnings so far.

    ``inpainting`` paints damage of faces before they are restored; None is no network. ``detail``
    knows of the finest detail of its results; None where nothing does.
    """

    restorer: Restorer
    template: str
    batch: int
    model: ModelUsed
    device: str
    precision: str
    asked: Callable[[], tuple[str, ...]] = tuple
    inpainting: Inpainting | None = None
    detail: FineDetail | None = None

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the user should know of the work so far, one line each."""
        return (*self.asked(), *(self.inpainting.asked() if self.inpainting else ()))

    @property
    def painted_with(self) -> ModelUsed | None:
        """The weights that paint damage of faces."""
        return self.inpainting.model if self.inpainting else None

    @property
    def hashes(self) -> tuple[str, ...]:
        """SHA-256 of all weights."""
        models = (self.model, self.painted_with)
        return tuple(model.sha256 for model in models if model is not None)


def build_engine(config: RestoreConfig) -> Engine:
    """Load the model that the options name onto the device that they name; "none" is no model.

    Raises:
        ModelError: the weights are missing or refused.
        DeviceError: the device is missing.
    """
    if config.model == NO_MODEL:
        used = ModelUsed(NO_MODEL, "no file", "")
        return Engine(Unchanged(), "gpen", config.batch or _BATCH, used, "cpu", "exact")
    if config.task == "colorize" and config.model == "default":
        config = config.model_copy(update={"model": _COLOURS})
    # It brings torch, which a job without a model of ours does not wait for.
    from vidrestore.restore.loading import load_model  # noqa: PLC0415

    loaded = load_model(config)
    restorer = loaded.restorer
    used = ModelUsed(loaded.name, str(loaded.file), loaded.sha256, loaded.licence)
    return Engine(
        restorer,
        loaded.template,
        restorer.batch,
        used,
        restorer.device_name,
        restorer.precision,
        lambda: (*_of_task(config), *_of_texture(config, loaded.detail), *loaded.warnings),
        detail=loaded.detail,
    )


def given_engine(restorer: Restorer, config: RestoreConfig) -> Engine:
    """A restorer that the caller brought, on the template that the options or itself name.

    Raises:
        ConfigError: it is no restorer.
    """
    template, used = _template_of(restorer, config.template), provenance_of(restorer)
    batch = config.batch or _BATCH

    def warnings() -> tuple[str, ...]:
        return (*_of_task(config), *_of_texture(config, None))

    return Engine(restorer, template, batch, used, "the caller's", "the caller's", warnings)


def build_inpainting(config: RestoreConfig) -> Inpainting | None:
    """What paints damage of faces, as the options name it; None is no network.

    Raises:
        ModelError: its file is missing, or refused.
    """
    named = config.inpainting
    if named == "auto":
        named = _PAINTS if CATALOGUE[_PAINTS].place.is_file() else NO_MODEL
    if named == NO_MODEL:
        return None
    # It loads torch, which who paints without a network can do without.
    from vidrestore.restore.inpainting import inpainting_model  # noqa: PLC0415

    found = inpainting_model(named, config)
    used = ModelUsed(found.name, str(found.file), found.sha256, found.licence)
    return Inpainting(found, used, lambda: found.warnings)


def _of_task(config: RestoreConfig) -> tuple[str, ...]:
    """What the user should know of what was asked for."""
    if config.task == "restore":
        return ()
    return ("only faces are given colour; everything else stays black and white, as it was",)


def _of_texture(config: RestoreConfig, detail: FineDetail | None) -> tuple[str, ...]:
    if not config.texture or (detail is not None and detail.missing_network is not None):
        return ()
    return ("no texture is drawn: the model does not tell how much detail its results lack",)


def _template_of(restorer: Restorer, asked: str) -> str:
    """How crops for a restorer of the caller's are aligned.

    Args:
        restorer: which may have a ``template`` of its own.
        asked: by the options; "auto" takes the restorer's own, and GPEN's where it has none.

    Raises:
        ConfigError: it is no restorer, or there is no such template.
    """
    if not callable(getattr(restorer, "restore", None)) or not hasattr(restorer, "size"):
        raise ConfigError(f"restorer is {shown(restorer)}; it needs a size and a method restore")
    own, name = getattr(restorer, "template", "gpen"), type(restorer).__name__
    if not isinstance(restorer.size, int) or restorer.size < 1:
        raise ConfigError(f"{name}.size is {quoted(restorer.size)}, but must be a number of pixels")
    if own not in _TEMPLATES:
        raise ConfigError(f"{name}.template is {shown(own)}, but must be gpen or ffhq")
    return str(own) if asked == "auto" else asked


def check_detector(detector: Detector) -> None:
    """Refuse what is no detector.

    Raises:
        ConfigError: it is none.
    """
    if not callable(getattr(detector, "detect", None)):
        raise ConfigError(f"detector is {shown(detector)}; it needs a method detect")


def provenance_of(given: object) -> ModelUsed:
    """What a report says of a restorer of the caller's.

    Raises:
        ConfigError: it has a ``provenance`` that is none.
    """
    name, stated = type(given).__name__, getattr(given, "provenance", None)
    if stated is None:
        return ModelUsed(name, "given by the caller", "")
    if not isinstance(stated, ModelUsed):
        raise ConfigError(f"{name}.provenance is {shown(stated)}, but must be a ModelUsed")
    return stated
