"""What a user sees and is asked while a model is fetched."""

from __future__ import annotations

import sys

from vidrestore.cli.display.output import complain, errors
from vidrestore.errors import ModelError
from vidrestore.text.nearest import nearest
from vidrestore.text.wording import size
from vidrestore.weights.catalogue import CATALOGUE, Model, by_hand
from vidrestore.weights.fetch import accept, accepted, fetch

_TENTHS = 10


def fetched(name: str, *, accept_licence: bool) -> str:
    """Fetch a model; give the line to print.

    Raises:
        ModelError: no such model, its licence was not accepted, or it cannot be fetched.
    """
    model = CATALOGUE.get(name)
    if model is None:
        known = ", ".join(CATALOGUE)
        raise ModelError(f"there is no model {name!r}{nearest(name, CATALOGUE)}; known are {known}")
    if model.bundled:
        return f"{name} comes with vidrestore: {model.place}"
    if model.sha256 is None:
        raise ModelError(f"{name} cannot be fetched: {by_hand(model)}")
    if not accepted(model):
        if not (accept_licence or _asked(model)):
            raise ModelError(
                f"the licence of {name} ({model.licence}) was not accepted; add --accept-licence "
                "if you may and want to use it under that licence"
            )
        accept(model)
    place = fetch(
        model,
        progress=_Shown(model),
        waiting=lambda: complain(f"{name} is being fetched already; waiting for that to end"),
    )
    return f"{name} is there: {place}, SHA-256 {model.sha256}"


def _asked(model: Model) -> bool:
    """Ask on a terminal; elsewhere nobody answers."""
    stream = errors()
    if sys.stdin is None or not (sys.stdin.isatty() and stream.isatty()):
        return False
    stream.write(f"{model.name} may be used for {model.licence}. Accept this licence? [y/N] ")
    stream.flush()
    return sys.stdin.readline().strip().lower() in ("y", "yes")


class _Shown:
    """A line for every tenth of a download; on a terminal they replace one another."""

    def __init__(self, model: Model) -> None:
        self._model, self._last = model, -1

    def __call__(self, done: int, total: int | None) -> None:
        """Tell how far it is."""
        whole = total or self._model.megabytes * 1_000_000
        tenth = min(done * _TENTHS // whole, _TENTHS)
        if tenth == self._last:
            return
        self._last = tenth
        text = f"{self._model.file}: {size(done)} of {size(whole)}"
        stream = errors()
        if stream.isatty():
            stream.write("\n" * (tenth == _TENTHS and done >= whole) or f"\r{text} ")
            stream.flush()
        else:
            complain(text)
