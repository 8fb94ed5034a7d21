"""Headless Chromium, as Debian packages it, for pages that a test made."""

from __future__ import annotations

import html
import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

REQUIRED = "VIDRESTORE_REQUIRE_CHROMIUM"
# It opens no narrower windows; a page is shown in a frame of the width of a phone's.
_NARROWEST = 500
_FRAMED = """<!doctype html><title></title><body style="margin: 0">
<iframe src="{name}" style="border: 0; width: {width}px; height: {height}px"
onload="document.title = this.contentDocument.title"></iframe>"""
_NAMES = ("chromium", "chromium-browser", "google-chrome")
_FOUND = next((found for name in _NAMES if (found := shutil.which(name))), None)

needs_browser = pytest.mark.skipif(
    _FOUND is None and os.environ.get(REQUIRED) != "1",
    reason="no Chromium here (Debian: apt install chromium)",
)


def looked_at(page: Path, width: int, height: int, script: str, folder: Path) -> object:
    """What an expression of JavaScript gives on a page, in a window of a size, in px.

    With VIDRESTORE_REQUIRE_CHROMIUM=1 a missing browser is a failure.
    """
    assert _FOUND is not None, "there is no Chromium, and it is required"
    told = f"<script>document.title = 'FOUND' + JSON.stringify({script}) + 'DNUOF'</script>"
    copy = folder / f"page-{width}.html"
    copy.write_text(page.read_text(encoding="utf-8") + told, encoding="utf-8")
    if width < _NARROWEST:
        framed = _FRAMED.format(name=copy.name, width=width, height=height)
        copy = folder / f"framed-{width}.html"
        copy.write_text(framed, encoding="utf-8")
    done = subprocess.run(
        [
            _FOUND,
            *("--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"),
            *(
                "--allow-file-access-from-files",
                "--hide-scrollbars",
                "--virtual-time-budget=2000",
                "--dump-dom",
            ),
            *(f"--user-data-dir={folder / 'profile'}", f"--window-size={width},{height}"),
            f"--screenshot={folder / f'{width}.png'}",
            copy.as_uri(),
        ],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "HOME": str(folder)},
    )
    found = re.search(r"<title>FOUND(.*?)DNUOF</title>", done.stdout, re.DOTALL)
    assert found is not None, done.stderr[-2000:]
    return json.loads(html.unescape(found[1]))
