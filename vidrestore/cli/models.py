"""``vidrestore models list`` and ``vidrestore models inspect FILE``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter

from vidrestore.cli.output import tell
from vidrestore.cli.wording import size

if TYPE_CHECKING:
    from vidrestore.restore.catalogue import Model
    from vidrestore.restore.checkpoint import Checkpoint

models = App(name="models", help="List the face restoration models, or look into a weight file.")


@models.command(name="list")
def list_models() -> int:
    """List the models that vidrestore knows by name."""
    # The package takes seconds to load, which help and a mistyped command should not wait for.
    from vidrestore.restore.catalogue import CATALOGUE, bundled_file  # noqa: PLC0415

    rows = [("name", "pixels", "template", "licence", "weights")]
    for model in CATALOGUE.values():
        place = f"not included; {model.file}"
        if model.bundled:
            file = bundled_file(model)
            place = f"{'here' if file.is_file() else 'MISSING'}; {file}"
        rows.append((model.name, str(model.size), model.template, model.licence, place))
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=False))
        tell(f"{'  '.join(cells)}  {row[-1]}\n")
    return 0


@models.command(name="inspect")
def inspect_file(
    file: Annotated[
        str, Parameter(name="FILE", help="A GPEN weight file: .safetensors, .pth or .pt.")
    ],
    /,
) -> int:
    """Tell what a weight file holds; no code in it is ever run."""
    from vidrestore.restore.catalogue import CATALOGUE  # noqa: PLC0415
    from vidrestore.restore.checkpoint import read_checkpoint  # noqa: PLC0415

    checkpoint = read_checkpoint(Path(file))
    known = [model for model in CATALOGUE.values() if model.sha256 == checkpoint.sha256]
    tell(_told(checkpoint, known[0] if known else None))
    return 0


def _told(checkpoint: Checkpoint, known: Model | None) -> str:
    """A checkpoint as lines for a reader; ``known`` is its catalogue entry."""
    shape, tensors = checkpoint.shape, checkpoint.state.values()
    kinds = sorted({str(tensor.dtype).removeprefix("torch.") for tensor in tensors})
    facts = {
        "file": f"{checkpoint.path}, {size(checkpoint.path.stat().st_size)}",
        "sha256": checkpoint.sha256,
        "catalogue": f"{known.name}, {known.licence}" if known else "not listed",
        "network": f"GPEN, {shape.size} x {shape.size} pixels",
        "widths": " ".join(str(width) for width in shape.widths) + " channels from 4 px up",
        "style": f"{shape.style_width} wide, mapped by {shape.mapping_depth} layers",
        "parameters": f"{sum(tensor.numel() for tensor in tensors) / 1e6:.2f} million, "
        + " and ".join(kinds),
    }
    return "".join(f"{name:<11} {value}\n" for name, value in facts.items())
