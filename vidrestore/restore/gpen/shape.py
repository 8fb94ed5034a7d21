"""What tells one GPEN from another: sizes and widths, given by hand or read off a state dict."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

_BASE_WIDTH = {4: 512, 8: 512, 16: 512, 32: 512, 64: 256, 128: 128, 256: 64, 512: 32}
_BASE_WIDTH |= {1024: 16, 2048: 8}
_MULTIPLIED_FROM = 64


@dataclass(frozen=True, slots=True)
class GpenShape:
    """The free dimensions of a GPEN (Yang et al., CVPR 2021, arXiv 2105.06070).

    Attributes:
        widths: channels of the generator's own features at 4, 8, 16, ... up to the full size.
        style_width: length of the style vector.
        mapping_depth: linear layers between the encoder's vector and the style vector.
    """

    widths: tuple[int, ...]
    style_width: int
    mapping_depth: int

    def __post_init__(self) -> None:
        """Refuse what no network can be built from."""
        if len(self.widths) < 2 or min(self.widths) < 1:
            raise ValueError(f"widths {self.widths}: at least two octaves of at least one channel")
        if self.style_width < 1 or self.mapping_depth < 0:
            raise ValueError(f"style width {self.style_width}, mapping depth {self.mapping_depth}")

    @property
    def size(self) -> int:
        """Side of the pictures it restores, in pixels."""
        return int(4 * 2 ** (len(self.widths) - 1))

    @classmethod
    def published(
        cls, size: int, *, multiplier: int, narrow: float, style_width: int, mapping_depth: int
    ) -> GpenShape:
        """The family that the paper's authors published.

        Args:
            size: side of the pictures, a power of two from 8 to 2048.
            multiplier: factor on the channels from 64 px upwards.
            narrow: factor on all channels.
            style_width: length of the style vector.
            mapping_depth: linear layers of the mapping network.

        Raises:
            ValueError: if ``size`` is not a power of two from 8 to 2048.
        """
        if size not in _BASE_WIDTH or size < 8:
            raise ValueError(f"size {size}; a power of two from 8 to 2048 is needed")
        widths = (
            int(width * (multiplier if side >= _MULTIPLIED_FROM else 1) * narrow)
            for side, width in _BASE_WIDTH.items()
            if side <= size
        )
        return cls(tuple(widths), style_width, mapping_depth)

    @classmethod
    def read(cls, shapes: Mapping[str, tuple[int, ...]]) -> GpenShape:
        """The shape that a state dict under the published key names has.

        Args:
            shapes: key to tensor shape.

        Raises:
            KeyError: if a key is missing that every GPEN has.
            ValueError: if the sizes make no network.
        """
        octaves = 0
        while f"generator.to_rgbs.{octaves}.bias" in shapes:
            octaves += 1
        depth = 0
        while f"generator.style.{depth + 1}.weight" in shapes:
            depth += 1
        widths = [shapes["generator.input.input"][1]]
        widths += [shapes[f"generator.convs.{2 * i}.conv.weight"][1] for i in range(octaves)]
        return cls(tuple(widths), shapes["final_linear.0.weight"][0], depth)
