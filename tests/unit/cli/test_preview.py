"""``vidrestore preview``: what is asked of a session, and what is told."""

from __future__ import annotations

from fractions import Fraction
from types import SimpleNamespace

import pytest

from vidrestore.cli import main
from vidrestore.config import Config
from vidrestore.report import Preview, ShownPlace


@pytest.fixture
def calls(api):
    """What the sessions that are made are asked for."""
    calls = []

    class Session:
        def __init__(self, config):
            self.config = config

        def __enter__(self):
            return self

        def __exit__(self, *_):
            return None

        def preview(self, source, output, **asked):
            calls.append(SimpleNamespace(source=source, output=output, config=self.config, **asked))
            columns = ("original", "restored", *asked["tries"])
            place = ShownPlace(62.5, 84.2, 0.614, 50, 48)
            return Preview(source, output, "p.png", columns, (place,), 42.0, ("no face was found",))

    api.Session = Session
    return calls


def test_what_is_asked_and_told(calls, capsys):
    assert main(["preview", "films/in.mkv", "--paste.grain", "0"]) == 0
    (call,) = calls
    assert (call.source, call.output) == ("films/in.mkv", "in.preview.mp4")
    assert call.config.paste.grain == 0
    assert (call.at, call.count, call.seconds, call.tries) == ([], 1, 2, {})
    assert (call.layout, call.overwrite) == ("side", False)
    out, err = capsys.readouterr()
    assert out.splitlines() == [
        "in.preview.mp4: original | restored",
        "  0:01:02.500: 50 frames, 48 faces restored; 84 px from eyes to chin, wear 0.61",
        "p.png: a frame of it, before and after",
        "42 s",
    ]
    assert "warning: no face was found" in err


def test_places_and_layout(calls):
    words = ["--at", "1:30", "--at", "4", "--seconds", "0.5", "--count", "2", "--layout", "split"]
    assert main(["preview", "a", "b.mkv", *words, "--overwrite", "--quiet"]) == 0
    (call,) = calls
    assert call.at == [90, 4]
    assert (call.output, call.seconds, call.count) == ("b.mkv", Fraction(1, 2), 2)
    assert (call.layout, call.overwrite) == ("split", True)


def test_settings_to_try(calls):
    tries = ["cctv", "paste.strength=0.5 temporal.reach=8", "old-film encoder.options=tune=film"]
    words = [word for text in tries for word in ("--try", text)]
    assert main(["preview", "a", "--detect.every", "2", *words]) == 0
    (call,) = calls
    assert list(call.tries) == tries
    given = {"detect.every": "2"}
    cctv, mild, film = call.tries.values()
    assert cctv == Config.preset("cctv").with_options(given)
    assert mild == Config().with_options(given | {"paste.strength": 0.5, "temporal.reach": 8})
    assert film == Config.preset("old-film").with_options(
        given | {"encoder.options": {"tune": "film"}}
    )


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--try", "paste.strength=2"], "paste.strength"),
        (["--try", "restore.strenght=1"], "restore.strenght"),
        (["--try", "nonsuch"], "nonsuch"),
        (["--try", "cctv cctv"], "is not SECTION.OPTION=VALUE"),
        (["--try", ""], "is nothing to try"),
        (["--try", "'a"], "no closing quotation"),
        (["--count", "0"], "--count is '0', but must be a whole number from 1 on"),
        (["--count", "1.5"], "--count is '1.5', but must be a whole number"),
        (
            ["--layout", "splt"],
            "--layout is 'splt', but must be side or split (did you mean split?)",
        ),
        (["--seconds", "0.0"], "--seconds 0.0 shows nothing"),
        (["--at", "soon"], "is not a time"),
    ],
)
def test_what_cannot_be_shown_is_refused(calls, capsys, words, said):
    assert main(["preview", "a", *words]) == 2
    err = capsys.readouterr().err
    assert said in err
    assert err.count("\n") == 1
    assert not calls
