"""``vidrestore batch``, and its commands."""

from __future__ import annotations

from cyclopts import App

from vidrestore.cli.batching.run import run
from vidrestore.cli.batching.table import report, retry, skip, status

batch = App(
    name="batch",
    help="Restore folders and lists of videos and photos, overnight. `batch IN OUT` works through "
    "all files; the same call goes on where it stopped, whatever stopped it.",
)
batch.default(run)
for _command in (status, retry, skip, report):
    batch.command(_command)
