"""The face restoration models that vidrestore knows by name.

No published hash of the original .pth files can be trusted. Such a file is used when the user has
it and names it, or puts it where ``vidrestore models list`` says, and its hash is recorded in the
report.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Literal

from vidrestore.config.origin import is_weights_hash
from vidrestore.errors import ModelError
from vidrestore.text.escaping import quoted
from vidrestore.weights.folder import find_weights, weights_folder

RELEASE = "https://github.com/visomaster/visomaster-assets/releases/download/v1.0.0/"
"""Where the files of the catalogue that do not come with vidrestore are published."""

_NONCOMMERCIAL = "non-commercial research only"


@dataclass(frozen=True, slots=True)
class Model:
    """What the catalogue says of a model.

    Attributes:
        name: what the user types.
        file: file name of the weights.
        sha256: of that file, lower-case hexadecimal; None where no published one can be trusted, so
            that it is never fetched.
        size: side of its crops in pixels.
        template: alignment it was trained on: "gpen" or "ffhq".
        licence: what its weights may be used for.
        bundled: whether the weights come with vidrestore.
        megabytes: about the length of the file; twice as much is never downloaded.
        training: what it was trained on.
        purpose: what it is for, in a few words.
    """

    name: str
    file: str
    sha256: str | None
    size: int
    template: Literal["gpen", "ffhq"]
    licence: str
    bundled: bool = False
    megabytes: int = 500
    training: str = "FFHQ: 70,000 portraits from Flickr"
    purpose: str = "restores faces"

    @property
    def noncommercial(self) -> bool:
        """Whether its licence forbids commercial use, and so has to be accepted."""
        return self.licence.startswith("non-commercial")

    @property
    def place(self) -> Path:
        """Where its file is, or would be once fetched."""
        return bundled_file(self) if self.bundled else weights_folder() / self.file


_ENTRIES = (
    Model(
        "default",
        "vidrestore-gpen-256.safetensors",
        "219088cdc6b67423d716264dc2df56aa7c52d7bfe0cd4dc0bdf05926b0a7f9bb",
        256,
        "gpen",
        "Apache-2.0",
        bundled=True,
        megabytes=9,
        training="452 portraits of members of the US Congress, worn by code",
    ),
    Model(
        "gpen-bfr-256",
        "GPEN-BFR-256.onnx",
        "aa5bd3ab238640a378c59e4a560f7a7150627944cf2129e6311ae4720e833271",
        256,
        "gpen",
        _NONCOMMERCIAL,
        megabytes=76,
    ),
    Model(
        "gpen-bfr-512",
        "GPEN-BFR-512.onnx",
        "0960f836488735444d508b588e44fb5dfd19c68fde9163ad7878aa24d1d5115e",
        512,
        "gpen",
        _NONCOMMERCIAL,
        megabytes=284,
    ),
    Model(
        "gpen-bfr-1024",
        "GPEN-BFR-1024.onnx",
        "cec8892093d7b99828acde97bf231fb0964d3fb11b43f3b0951e36ef1e192a3e",
        1024,
        "gpen",
        _NONCOMMERCIAL,
        megabytes=285,
    ),
    Model(
        "gpen-bfr-2048",
        "GPEN-BFR-2048.onnx",
        "d0229ff43f979c360bd19daa9cd0ce893722d59f41a41822b9223ebbe4f89b3e",
        2048,
        "gpen",
        _NONCOMMERCIAL,
        megabytes=286,
    ),
    Model(
        "gpen-colorization-1024",
        "GPEN-Colorization-1024.pth",
        None,
        1024,
        "ffhq",
        _NONCOMMERCIAL,
        megabytes=290,
        purpose="colours faces (--task colorize)",
    ),
    Model(
        "gpen-inpainting-1024",
        "GPEN-Inpainting-1024.pth",
        None,
        1024,
        "ffhq",
        _NONCOMMERCIAL,
        megabytes=290,
        purpose="paints damage of faces (--inpainting)",
    ),
    Model(
        "gfpgan-1.4",
        "GFPGANv1.4.onnx",
        "6548e54cbcf248af385248f0c1193b359c37a0f98b836282b09cf48af4fd2b73",
        512,
        "ffhq",
        "Apache-2.0",
        megabytes=340,
    ),
)

CATALOGUE: dict[str, Model] = {model.name: model for model in _ENTRIES}
"""Every known model by name."""


def known_by_hash(sha256: str) -> Model | None:
    """The entry whose file has this hash, whatever that file is called."""
    return next((model for model in CATALOGUE.values() if model.sha256 == sha256), None)


def bundled_file(model: Model) -> Path:
    """Where the weights of a model that comes with vidrestore lie."""
    return Path(str(files("vidrestore") / "weights" / model.file))


def by_hand(model: Model) -> str:
    """How to get a model that is not fetched."""
    return (
        f"no published hash of it can be trusted, so it is not fetched: download {model.file} from "
        f"the page of GPEN's authors and put it into {model.place.parent}"
    )


def find_model(named: str) -> tuple[Path, Model | None]:
    """The weight file that a name of the catalogue or a path stands for.

    Returns:
        The file, and its catalogue entry; None for a file that the user named.

    Raises:
        ModelError: if the name is neither, or the model is not on this machine.
    """
    model = CATALOGUE.get(named)
    if model is not None and (model.bundled or model.place.is_file()):
        return model.place, model
    if is_weights_hash(named):
        return find_weights(named), known_by_hash(named.partition(":")[2])
    path = Path(named).expanduser()
    if os.path.exists(path):  # noqa: PTH110 - pathlib's raises for names that are too long
        return path, None
    if model is not None and model.sha256 is None:
        raise ModelError(f"model {named} is not on this machine; {by_hand(model)}")
    if model is not None:
        raise ModelError(
            f"model {named} is not on this machine; `vidrestore models fetch {named}` downloads it "
            f"to {model.place.parent}"
        )
    known = ", ".join(CATALOGUE)
    raise ModelError(
        f"no model {quoted(named)}: there is no such file, and the models known by name are: "
        f"{known}"
    )
