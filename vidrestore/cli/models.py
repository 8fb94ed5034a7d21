"""``vidrestore models list`` and ``vidrestore models inspect FILE``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from vidrestore.cli.output import tell

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
        str, Parameter(name="FILE", help="A weight file: .safetensors, .pth, .pt or .onnx.")
    ],
    /,
) -> int:
    """Tell what a weight file holds; no code in it is ever run.

    For pickles every name that they would import is listed; none is imported.
    """
    from vidrestore.cli.weights import facts  # noqa: PLC0415

    tell("".join(f"{name:<11} {value}\n" for name, value in facts(Path(file))))
    return 0
