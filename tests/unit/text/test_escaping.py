from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vidrestore.text.escaping import MOST_SHOWN, escaped, quoted, shown

UNFIT = {"Cc", "Cf", "Zl", "Zp", "Cs"}


@given(st.text(st.characters(codec=None)))
def test_nothing_that_is_shown_moves_the_cursor_or_turns_the_line(text):
    assert not {unicodedata.category(character) for character in escaped(text)} & UNFIT
    assert not {unicodedata.category(character) for character in shown(text)} & UNFIT


@given(st.text(st.characters(codec="utf-8", exclude_categories=UNFIT)))
def test_what_is_visible_stays_as_it_is(text):
    assert escaped(text) == text


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a\nb", r"a\nb"),
        ("\x1b[2J", r"\x1b[2J"),
        ("\u202egnp.exe", r"\u202egnp.exe"),
        ("\udcff", r"\udcff"),
        ("\U000e0041", r"\U000e0041"),
        ("Amélie 東京 😀\u3000", "Amélie 東京 😀\u3000"),
    ],
)
def test_escapes_say_which_character_it_was(text, said):
    assert escaped(text) == said


def test_a_value_is_cut_before_it_is_written_out():
    assert shown("x" * 10**6) == "x" * MOST_SHOWN + "..."
    assert shown(1 << 20_000) == "a number of 20001 bits"
    pair = None
    for _ in range(60):
        pair = (pair, pair)  # written out, it has 2 to the power of 60 parts
    assert shown(pair) == "a tuple"
    assert shown({"a": pair}) == "a dict"
    assert shown(b"\x1b" * 10**6, 3) == r"\x1b\x1b\x1b..."
    assert shown(Path("a\x1b.mkv")) == r"a\x1b.mkv"
    assert quoted(Path("a.mkv")) == "'a.mkv'"
    assert (shown(3), shown(0.5), shown(None), shown(True)) == ("3", "0.5", "None", "True")


def test_quotes_are_those_that_the_text_lacks():
    assert (quoted("it's"), quoted('say "x"'), quoted(3)) == ('"it\'s"', "'say \"x\"'", "3")
