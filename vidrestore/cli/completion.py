"""``vidrestore completion SHELL``."""

from __future__ import annotations

from typing import Annotated, Literal

from cyclopts import Parameter

from vidrestore.cli.display.output import write_result


def completion(
    shell: Annotated[
        Literal["bash", "zsh", "fish"], Parameter(name="SHELL", help="bash, zsh or fish.")
    ],
    /,
) -> int:
    """Write what has a shell complete commands and options to stdout.

    bash: `vidrestore completion bash > ~/.local/share/bash-completion/completions/vidrestore`;
    zsh: into a file `_vidrestore` in a folder of $fpath;
    fish: `vidrestore completion fish > ~/.config/fish/completions/vidrestore.fish`.
    """
    # The parser knows every command; it is made anew, as it lists this one too.
    from vidrestore.cli.app import build_app  # noqa: PLC0415

    write_result(build_app(("--help-all",)).generate_completion(shell=shell))
    return 0
