from __future__ import annotations

from pathlib import Path

import pytest

from vidrestore.cli.options_doc import write
from vidrestore.config import Config
from vidrestore.config.messages import sections

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def written(tmp_path):
    (tmp_path / "configs").mkdir()
    for file in (ROOT / "configs").glob("*.toml"):
        (tmp_path / "configs" / file.name).write_bytes(file.read_bytes())
    write(tmp_path)
    return tmp_path


@pytest.mark.parametrize("name", ["docs/options.md", "configs/default.toml"])
def test_what_derives_from_the_options_is_up_to_date(written, name):
    assert (ROOT / name).read_text() == (written / name).read_text(), (
        f"{name} is stale: run python -m vidrestore.cli.options_doc"
    )


def test_every_option_and_preset_is_on_the_page(written):
    page = (written / "docs" / "options.md").read_text()
    for section, model in sections(Config).items():
        for option in model.model_fields:
            assert f"| `{section}.{option}` |" in page
    for file in (ROOT / "configs").glob("*.toml"):
        assert f"- `{file.stem}`: " in page
