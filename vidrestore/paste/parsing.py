"""What of a crop is face, by facexlib's ParseNet, for who has its weights.

The network's classes are those of CelebAMask-HQ (Lee et al., CVPR 2020): background, skin, nose,
glasses, eyes, brows, ears, mouth, lips, hair, hat, earring, necklace, neck and cloth.

Convention: masks are (n, n) float32 weights from 0 to 1 over the square of the crop.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from vidrestore.datatypes import BlendedFrame, Image
from vidrestore.errors import ModelError
from vidrestore.picture.per_track import PerTrack
from vidrestore.runtime.torchvision_import import import_with_torchvision
from vidrestore.weights.state import read_state

Float32 = NDArray[np.float32]

SIDE: Final = 512  # of what the network takes
CLASSES: Final = 19
# Skin, nose, glasses, eyes, brows, ears, mouth, lips.
FACE: Final = tuple(range(1, 13))
_CELLS = 128
_SIGMA = 1.5  # softens what the network draws with a hard edge, cells
_FOLLOW = 0.4  # share of a new frame in a track's mask


class ParsedFaces:
    """Masks of faces, calm over their tracks.

    A frame's mask is a running mean with those of the track before, so that its edge does not
    flicker; a shot, and a track that was away, begin anew.

    Args:
        network: ParseNet on ``device``, in evaluation mode: (1, 3, 512, 512) RGB in [-1, 1] to
            scores (1, 19, 512, 512) and a picture that is not used.
        device: where the network is.
    """

    def __init__(self, network: nn.Module, device: str) -> None:
        self._network = network
        self._device = torch.device(device)
        self._masks: PerTrack[Float32] = PerTrack()

    def masks(self, item: BlendedFrame) -> list[Float32 | None]:
        """One for each face; to be called for every frame, in order."""
        self._masks.advance(shot_start=item.aligned.shot_start)
        masks: list[Float32 | None] = []
        for index, face in enumerate(item.aligned.faces):
            mask = self._mask(item.pixels[index])
            earlier = self._masks.get(face.track_id)
            if earlier is not None:
                mask = earlier + np.float32(_FOLLOW) * (mask - earlier)
            self._masks[face.track_id] = mask
            masks.append(mask)
        return masks

    def _mask(self, crop: Image) -> Float32:
        """Of one crop alone."""
        picture = cv2.resize(crop, (SIDE, SIDE), interpolation=cv2.INTER_LINEAR)
        scale = 127.5 if crop.dtype == np.uint8 else 32767.5
        values = torch.from_numpy(picture.astype(np.float32)).to(self._device)
        batch = (values / scale - 1).permute(2, 0, 1).unsqueeze(0)
        with torch.inference_mode():
            scores, _ = self._network(batch)
            likely = torch.softmax(scores[0].float(), dim=0)[list(FACE)].sum(dim=0)
        small = cv2.resize(likely.cpu().numpy(), (_CELLS, _CELLS), interpolation=cv2.INTER_AREA)
        return np.asarray(cv2.GaussianBlur(small, (0, 0), _SIGMA), np.float32)


def parsing_net(weights: str | Path, device: str) -> ParsedFaces:
    """ParseNet from a weight file that the user names.

    Args:
        weights: facexlib's parsing_parsenet.pth, or the same tensors as .safetensors.
        device: as torch names it.

    Raises:
        ModelError: the file is missing, refused or of another network; or facexlib cannot be
            imported.
    """
    state = read_state(Path(weights), "paste.parsing")
    network = build_network().to(device)
    try:
        network.load_state_dict(dict(state))
    except RuntimeError as error:
        reason = str(error).splitlines()[-1].strip()
        raise ModelError(f"{weights} does not fit facexlib's ParseNet: {reason}") from None
    return ParsedFaces(network, device)


def build_network() -> nn.Module:
    """Facexlib's ParseNet with random weights, in evaluation mode.

    Raises:
        ModelError: facexlib or torchvision cannot be imported.
    """
    module = import_with_torchvision("facexlib.parsing.parsenet")
    built: nn.Module = module.ParseNet(in_size=SIDE, out_size=SIDE, parsing_ch=CLASSES)
    return built.eval().requires_grad_(requires_grad=False)
