"""What networks that find faces see in a picture: the inner layers of O-Net and CenterFace.

Both lie inside installed packages and were trained on hundreds of thousands of faces for finding
them and their eyes, noses and mouths. The one that tells persons apart is left out: it judges.
"""

from __future__ import annotations

import io

import torch
import torch.nn.functional as F  # noqa: N812 - the name every torch user knows
from torch import Tensor, nn

from training.networks.onnx_values import float_tensors
from vidrestore.detect.networks.onet import ONet
from vidrestore.weights.installed import CENTERFACE, ONET


class ONetLayers(nn.Module):
    """The first three layers of MTCNN's O-Net (Zhang et al., arXiv 1604.02878).

    It was made for faces of 48 px, but its convolutions take any size.

    Raises:
        ModelError: the weights are missing or not the expected ones.
    """

    def __init__(self) -> None:
        super().__init__()
        state = torch.load(io.BytesIO(ONET.read()), map_location="cpu", weights_only=True)
        self.network = ONet()
        self.network.load_state_dict(state)

    def forward(self, picture: Tensor, layers: int = 3) -> list[Tensor]:
        """The first maps of (N, 3, H, W) RGB in [-1, 1].

        They have 32, 64, 64 channels and 1, 1/2, 1/4 the size, borders aside.
        """
        o, x = self.network, picture * (127.5 / 128)
        pairs = ((o.conv1, o.prelu1), (o.conv2, o.prelu2), (o.conv3, o.prelu3))
        maps = [pairs[0][1](pairs[0][0](x))]
        for conv, prelu in pairs[1:layers]:
            maps.append(prelu(conv(F.max_pool2d(maps[-1], 3, 2, ceil_mode=True))))
        return maps


class CenterFaceLayers(nn.Module):
    """The first eight blocks of CenterFace (Xu et al., arXiv 1911.03599), a MobileNetV2.

    The file's convolutions hold their normalisation already. A block widens (but for the first),
    filters each channel and narrows again; where size and width stay, its input is added.

    Raises:
        ModelError: the weights are missing or not the expected ones.
    """

    _FIRST, _STEP = 542, 4
    """The convolutions' names in the file are numbers; a bias has its kernel's plus two."""
    _STRIDES = (1, 2, 1, 2, 1, 1, 2, 1)
    _TAPPED = (2, 5, 7)

    def __init__(self) -> None:
        super().__init__()
        self._stored = float_tensors(CENTERFACE.read())
        self._place = self._FIRST
        self.entry = self._conv(2)
        self.blocks = nn.ModuleList(
            self._block(stride, widens=number > 0) for number, stride in enumerate(self._STRIDES)
        )
        del self._stored

    def _conv(self, stride: int = 1) -> nn.Conv2d:
        """The file's next convolution."""
        kernel = self._stored[str(self._place)]
        bias = self._stored[str(self._place + 2)]
        self._place += self._STEP
        outputs, inputs, side, _ = kernel.shape
        groups = outputs if inputs == 1 else 1
        conv = nn.Conv2d(inputs * groups, outputs, side, stride, side // 2, groups=groups)
        conv.load_state_dict({"weight": kernel, "bias": bias})
        return conv

    def _block(self, stride: int, *, widens: bool) -> nn.Sequential:
        widening = [self._conv(), nn.ReLU()] if widens else []
        return nn.Sequential(*widening, self._conv(stride), nn.ReLU(), self._conv())

    def forward(self, picture: Tensor) -> list[Tensor]:
        """Maps of (N, 3, H, W) RGB in [-1, 1]: 24, 32, 64 channels of 1/4, 1/8, 1/16 the size."""
        maps, x = [], F.relu(self.entry((picture + 1) * 127.5))
        for number, block in enumerate(self.blocks):
            y = block(x)
            x = x + y if x.shape == y.shape else y
            if number in self._TAPPED:
                maps.append(x)
        return maps
