"""``vidrestore models``: list, fetch, convert, inspect."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter

from vidrestore.cli.display.output import write_lines

if TYPE_CHECKING:
    from vidrestore.weights.catalogue import Model

models = App(name="models", help="List, fetch and convert models, or look into a weight file.")


@models.command(name="list")
def list_models() -> int:
    """List the models that vidrestore knows by name."""
    # The package takes seconds to load, which help and a mistyped command should not wait for.
    from vidrestore.weights.catalogue import CATALOGUE  # noqa: PLC0415
    from vidrestore.weights.folder import weights_folder  # noqa: PLC0415

    rows = [("name", "px", "length", "licence", "weights")]
    for model in CATALOGUE.values():
        state = "here" if model.place.is_file() else "MISSING" if model.bundled else "not fetched"
        row = (model.name, str(model.size), f"{model.megabytes} MB", model.licence, state)
        rows.append(row)
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        write_lines("  ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)).rstrip())
    purposes = dict.fromkeys(model.purpose for model in CATALOGUE.values())
    write_lines("", *(f"{each}: {_named(CATALOGUE, purpose=each)}" for each in purposes))
    write_lines("", f"fetched ones lie in {weights_folder()}")
    write_lines(f"put there by hand: {_named(CATALOGUE, sha256=None)}")
    return 0


def _named(known: Mapping[str, Model], **having: object) -> str:
    """The names of the models that have these facts."""
    found = (
        name
        for name, model in known.items()
        if all(getattr(model, fact) == value for fact, value in having.items())
    )
    return ", ".join(found)


@models.command(name="fetch")
def fetch_model(
    name: Annotated[str, Parameter(name="NAME", help="A name of `vidrestore models list`.")],
    /,
    *,
    accept_licence: Annotated[
        bool,
        Parameter(negative=(), show_default=False, help="Accept the model's licence; asked once."),
    ] = False,
) -> int:
    """Download a model, verified by its SHA-256; goes on where an earlier attempt broke off."""
    from vidrestore.cli.fetching import fetched  # noqa: PLC0415

    write_lines(fetched(name, accept_licence=accept_licence))
    return 0


@models.command(name="convert")
def convert_file(
    file: Annotated[
        str, Parameter(name="FILE", help="A .pth, .pt or .safetensors file, or a GPEN as .onnx.")
    ],
    output: Annotated[str, Parameter(name="OUT.safetensors", help="The file to write.")],
    /,
    *,
    half: Annotated[
        bool, Parameter(negative=(), show_default=False, help="Store float16: half the length.")
    ] = False,
    overwrite: Annotated[
        bool, Parameter(negative=(), show_default=False, help="Replace a file that exists.")
    ] = False,
) -> int:
    """Write a network's weights as safetensors, which can hold no code."""
    from vidrestore.api import convert_weights  # noqa: PLC0415

    count = convert_weights(file, output, half=half, overwrite=overwrite)
    write_lines(f"{output}: {count} tensors of {file}")
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
    from vidrestore.api import describe_weights  # noqa: PLC0415

    write_lines(*(f"{name:<11} {value}" for name, value in describe_weights(file)))
    return 0
