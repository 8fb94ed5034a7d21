"""A job with a model that paints damage: it is used, told, and known again."""

from __future__ import annotations

import json

import cv2
import numpy as np
import pytest
from PIL import Image

from tests.made_pictures.photos import pixels
from tests.stand_ins.fakes import FakeDetector, FakeRestorer
from tests.stand_ins.plain import PLAIN
from vidrestore import ModelUsed, Session
from vidrestore.api import verify_report
from vidrestore.engines import Inpainting
from vidrestore.job import networks
from vidrestore.report import write_json

USED = ModelUsed("paints.pth", "paints.pth", "ab" * 32)


@pytest.fixture
def photo(tmp_path, monkeypatch):
    """A photo, a mask over its face and beyond, and a painter that draws darkly."""
    painter = Inpainting(FakeRestorer(lambda crops: crops // 4), USED, lambda: ("it tires",))
    monkeypatch.setattr(networks.build, "build_inpainting", lambda _: painter)
    Image.fromarray(pixels(300, 400)).save(tmp_path / "in.png")
    mask = np.zeros((300, 400), np.uint8)
    mask[150:160] = 255
    Image.fromarray(mask).save(tmp_path / "mask.png")
    return tmp_path / "in.png", mask > 0


def restored(photo, name, **options):
    config = PLAIN.with_options({"restore.model": "none", **options})
    out = photo.with_name(name)
    with Session(config, restorer=FakeRestorer(), detector=FakeDetector()) as session:
        report = session.restore(photo, out)
    with Image.open(out) as image:
        return np.asarray(image).astype(int), report


def test_what_a_mask_covers_of_a_face_is_painted_by_it(photo):
    source, mask = photo
    masked = {"input.mask": str(source.with_name("mask.png"))}
    painted, report = restored(source, "painted.png", **masked)
    assert report.inpainting == USED
    assert "it tires" in report.warnings
    given = pixels(300, 400).astype(int)
    ((_, x0, y0, x1, y1),) = report.tracks[0].regions.tolist()
    face = np.zeros_like(mask)
    face[y0:y1, x0:x1] = True
    near = cv2.dilate(mask.astype(np.uint8), np.ones((15, 15), np.uint8)) > 0  # px of crops
    assert np.array_equal(painted[~near], given[~near])
    assert np.abs(given - painted)[mask & face].mean() > 3
    assert np.abs(given - painted)[mask & ~face].max() < 40
    path = source.with_name("report.json")
    write_json(report, path)
    assert json.loads(path.read_text())["inpainting"]["sha256"] == USED.sha256
    checks = {check.what: check for check in verify_report(path).checks}
    assert checks["inpainting"].right is None
    assert "name it with --inpainting" in checks["inpainting"].text


def test_it_is_not_told_of_where_nothing_is_repaired(photo):
    _, report = restored(photo[0], "plain.png", **{"film.repair": "off"})
    assert report.inpainting is None


def test_colour_is_added_to_what_is_there(photo):
    _, report = restored(photo[0], "coloured.png", **{"restore.task": "colorize"})
    assert report.inpainting is None
