"""What ``vidrestore doctor`` looks at among weights: those that come along, and fetched ones."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec

from vidrestore.cli.checks.finding import Finding, imported
from vidrestore.errors import VidrestoreError
from vidrestore.text.wording import size
from vidrestore.weights.installed import INSTALLED


def bundled_weights() -> Iterator[Finding]:
    """The weights that come with the install, proven by their SHA-256."""
    for file in INSTALLED:
        try:
            file.read()
            fact = f"{file.purpose}; SHA-256 as expected"
            yield Finding(f"weights {file.name}", fact)
        except VidrestoreError as error:
            if file.extra is None or find_spec(file.distribution.replace("-", "_")):
                yield Finding(f"weights {file.name}", str(error), True)
    catalogue = imported("vidrestore.weights.catalogue", "install torch again")
    checkpoint = imported("vidrestore.restore.gpen.checkpoint", "install torch again")
    if isinstance(catalogue, Finding) or isinstance(checkpoint, Finding):
        yield from (module for module in (catalogue, checkpoint) if isinstance(module, Finding))
        return
    try:
        path, model = catalogue.find_model("default")
        shape = checkpoint.read_checkpoint(path, model.sha256).shape
        fact = f"restores faces at {shape.size} px; SHA-256 as expected"
        yield Finding("weights default", fact)
    except VidrestoreError as error:
        yield Finding("weights default", str(error), True)


def fetched_weights() -> Iterator[Finding]:
    """Where ``models fetch`` keeps weights, and those that are there, proven by their SHA-256.

    A damaged one is a problem: no video can be restored with it.
    """
    # Both are needed to tell: the folder is pooch's choice, and hashes are read beside torch.
    modules = [
        imported(name, f"install {package} again")
        for name, package in (
            ("pooch", "pooch"),
            ("vidrestore.weights.reading.weight_file", "torch"),
        )
    ]
    if failed := [module for module in modules if isinstance(module, Finding)]:
        yield Finding("weights fetched", f"not looked for: {failed[0].text}")
        return
    from vidrestore.weights.catalogue import CATALOGUE  # noqa: PLC0415
    from vidrestore.weights.folder import weights_folder  # noqa: PLC0415
    from vidrestore.weights.reading.weight_file import sha256_of  # noqa: PLC0415

    there = 0
    for model in (model for model in CATALOGUE.values() if not model.bundled):
        subject, place = f"weights {model.name}", model.place
        part = place.with_name(place.name + ".part")
        if place.is_file():
            there += 1
            if model.sha256 is None:
                yield Finding(subject, f"{place}, put there by hand; no published SHA-256 is known")
                continue
            try:
                whole = sha256_of(place) == model.sha256
            except VidrestoreError as error:
                yield Finding(subject, str(error), True)
                continue
            fact = "SHA-256 as expected" if whole else "damaged: another SHA-256 than published"
            remedy = "" if whole else f"; run vidrestore models fetch {model.name}"
            yield Finding(subject, f"{place}, {fact}{remedy}", not whole)
        elif part.is_file():
            there += 1
            begun = f"{size(part.stat().st_size)} of about {model.megabytes} MB in {part}"
            yield Finding(subject, f"{begun}; vidrestore models fetch {model.name} goes on")
    if not there:
        yield Finding("weights fetched", f"none in {weights_folder()}")
