"""Small networks that lie beside a GPEN in its weight file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Self

from torch import Tensor, nn

from vidrestore.errors import ModelError


class Beside(nn.Module):
    """One of them.

    Attributes:
        prefix: of the names of its tensors in the file.
        divisor: of the side of the GPEN's crops, which it needs.
    """

    prefix: ClassVar[str]
    divisor: ClassVar[int]

    @classmethod
    def found(cls, tensors: Mapping[str, Tensor], size: int) -> Self | None:
        """The one in a file, in float32 on the CPU, ready to be asked; None if there is none.

        Args:
            tensors: of the file, by name; those of other networks do not count.
            size: side of the GPEN's crops, px.

        Raises:
            ModelError: it is not whole, or the crops do not suit it.
        """
        state = {
            name.removeprefix(cls.prefix): value.float()
            for name, value in tensors.items()
            if name.startswith(cls.prefix)
        }
        if not state:
            return None
        what = f"its {cls.prefix.rstrip('.')}"
        if size % cls.divisor:
            raise ModelError(f"{what} takes crops whose side {cls.divisor} divides, not {size}")
        network = cls()
        wanted, there = (
            {(name, tuple(value.shape)) for name, value in each.items()}
            for each in (network.state_dict(), state)
        )
        if wanted != there:
            name, _ = min(wanted ^ there)
            raise ModelError(f"{what} is not whole: {cls.prefix}{name} is missing or odd")
        network.load_state_dict(state)
        return network.eval().requires_grad_(requires_grad=False)

    def named(self) -> dict[str, Tensor]:
        """Its tensors under their names in the file."""
        return {self.prefix + name: value for name, value in self.state_dict().items()}
