"""``vidrestore models list`` and ``vidrestore models inspect FILE``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter

from vidrestore.cli.clock import size
from vidrestore.cli.output import tell

if TYPE_CHECKING:
    from vidrestore.restore.checkpoint import Checkpoint

models = App(name="models", help="List the face restoration models, or look into a weight file.")


@models.command(name="inspect")
def inspect_file(
    file: Annotated[
        str, Parameter(name="FILE", help="A GPEN weight file: .safetensors, .pth or .pt.")
    ],
    /,
) -> int:
    """Tell what a weight file holds; no code in it is ever run."""
    # torch takes seconds to load, which help and a mistyped command should not wait for.
    from vidrestore.restore.checkpoint import read_checkpoint  # noqa: PLC0415

    tell(_told(read_checkpoint(Path(file))))
    return 0


def _told(checkpoint: Checkpoint) -> str:
    """A checkpoint as lines for a reader."""
    shape, tensors = checkpoint.shape, checkpoint.state.values()
    kinds = sorted({str(tensor.dtype).removeprefix("torch.") for tensor in tensors})
    facts = {
        "file": f"{checkpoint.path}, {size(checkpoint.path.stat().st_size)}",
        "sha256": checkpoint.sha256,
        "network": f"GPEN, {shape.size} x {shape.size} pixels",
        "widths": " ".join(str(width) for width in shape.widths) + " channels from 4 px up",
        "style": f"{shape.style_width} wide, mapped by {shape.mapping_depth} layers",
        "parameters": f"{sum(tensor.numel() for tensor in tensors) / 1e6:.2f} million, "
        + " and ".join(kinds),
    }
    return "".join(f"{name:<11} {value}\n" for name, value in facts.items())
