"""The background is redrawn tile by tile without seams, in any layout of samples."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from PIL import Image

from tests.made_files.synthetic import Clip, make
from tests.made_pictures.faces import frame_format, paint, skin
from tests.made_pictures.photos import pixels
from tests.stand_ins.fakes import FakeDetector, FakeRestorer
from tests.stand_ins.plain import PLAIN
from vidrestore import ModelError, Session
from vidrestore.config import InputConfig, OutputConfig
from vidrestore.errors import DeviceFullError
from vidrestore.restore.background import redraw as module
from vidrestore.restore.background import upscaler as networks
from vidrestore.restore.background.redraw import Redraw
from vidrestore.restore.background.upscaler import load_upscaler
from vidrestore.restore.gpen.checkpoint import write_state
from vidrestore.stills.scaling import enlarging


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    """A small Real-ESRGAN of the compact kind, which doubles; its weights are random."""
    torch.manual_seed(1)
    shapes = {"body.0": (8, 3), "body.2": (8, 8), "body.4": (12, 8)}
    state = {}
    for name, (outputs, inputs) in shapes.items():
        state[f"{name}.weight"] = 0.1 * torch.randn(outputs, inputs, 3, 3)
        state[f"{name}.bias"] = 0.02 * torch.randn(outputs)
    for name in ("body.1", "body.3"):
        state[f"{name}.weight"] = torch.full((8,), 0.2)
    path = tmp_path_factory.mktemp("weights") / "upscaler.safetensors"
    write_state(state, path)
    return path


@pytest.fixture(scope="module")
def upscaler(weights):
    return load_upscaler(str(weights), "cpu")


@pytest.mark.parametrize("name", ["yuv420p", "yuv420p10le", "gbrp", "gray", "yuva444p12le"])
def test_tiles_leave_no_seams(upscaler, monkeypatch, name):
    frame = paint(skin, frame_format(name, 150, 100))
    assert upscaler.scale == 2
    results = []
    for tile in (400, 48):
        monkeypatch.setattr(module, "TILE", tile)
        results.append(Redraw(upscaler, doubled)(frame))
    whole, tiled = results
    assert (whole.format.width, whole.format.height) == (300, 200)
    assert any(
        np.abs(a.astype(int) - b).max() > 1
        for a, b in zip(whole.planes, doubled(frame).planes, strict=True)
    )
    for one, other in zip(whole.planes, tiled.planes, strict=True):
        assert np.abs(one.astype(int) - other).max() <= 1


def doubled(frame):
    """Nearest neighbours, for any layout."""
    fmt = frame.format
    large = frame_format("gray", 2 * fmt.width, 2 * fmt.height)
    large = type(fmt)(
        large.width,
        large.height,
        fmt.pix_fmt,
        **{
            name: getattr(fmt, name)
            for name in ("layout", "bits", "chroma_shift", "alpha", "full_range", "matrix")
        },
    )
    planes = tuple(plane.repeat(2, 0).repeat(2, 1) for plane in frame.planes)
    for plane in planes:
        plane.flags.writeable = False
    return type(frame)(frame.index, frame.pts, frame.duration, frame.time_base, planes, large)


def test_a_size_of_ones_own(upscaler):
    frame = paint(skin, frame_format("gbrp", 90, 60))
    scale = enlarging(frame.format, OutputConfig(scale=1.5), InputConfig())
    assert Redraw(upscaler, scale)(frame).planes[0].shape == (90, 135)
    assert Redraw(upscaler, None)(frame).planes[0].shape == (60, 90)


def test_a_photo_with_another_background(weights, tmp_path):
    Image.fromarray(pixels(300, 400)).save(tmp_path / "in.png")
    config = PLAIN.with_options({"output.background": str(weights), "restore.device": "cpu"})
    with Session(config, restorer=FakeRestorer(), detector=FakeDetector()) as session:
        report = session.restore(tmp_path / "in.png", tmp_path / "out.png")
    assert report.faces == 1
    with Image.open(tmp_path / "out.png") as out:
        assert out.size == (800, 600)


def test_the_pages_of_a_photo_share_one_network(weights, tmp_path, monkeypatch):
    pages = [Image.fromarray(pixels(64, 80)) for _ in range(3)]
    pages[0].save(tmp_path / "in.tif", save_all=True, append_images=pages[1:])
    loaded = []
    monkeypatch.setattr(
        networks, "load_upscaler", lambda *given: loaded.append(given) or load_upscaler(*given)
    )
    config = PLAIN.with_options({"output.background": str(weights), "restore.device": "cpu"})
    with Session(config, restorer=FakeRestorer(), detector=FakeDetector()) as session:
        assert session.restore(tmp_path / "in.tif", tmp_path / "out.tif").frames == 3
    assert len(loaded) == 1


def test_a_device_without_memory_is_told_in_a_line(upscaler, monkeypatch):
    def full(batch):
        raise torch.OutOfMemoryError("CUDA out of memory")

    monkeypatch.setattr(upscaler, "_network", full)
    with pytest.raises(DeviceFullError, match=r"leave out output\.background"):
        Redraw(upscaler, None)(paint(skin, frame_format("gbrp", 90, 60)))


def test_restlessness_is_measured_where_the_source_rests(upscaler):
    redraw = Redraw(upscaler, None)
    frame = paint(skin, frame_format("gbrp", 90, 60))
    for _ in range(3):
        redraw(frame)
    assert redraw.boil.taken() == (pytest.approx(0), 2)
    rng = np.random.default_rng(1)
    for number in range(6):
        plain = frame.planes[0]
        drawn = plain + rng.integers(0, 9, plain.shape)
        redraw.boil.observe(plain, drawn, 1, counts=number != 3)
    levels, frames = redraw.boil.taken()
    assert frames == 5
    assert 1 < levels / frames < 4
    assert redraw.boil.taken() == (0, 0)


def test_restlessness_is_the_same_however_a_video_is_divided(weights, tmp_path):
    clip = make(tmp_path, Clip(count=60, width=96, height=96, options={"g": "10"}))
    told = []
    for seconds in (0, 0.6):
        config = PLAIN.with_options(
            {
                "output.background": str(weights),
                "restore.device": "cpu",
                "detect.every": 1,
                "job.segment": seconds,
            }
        )
        out = tmp_path / f"{seconds}.mkv"
        with Session(config, restorer=FakeRestorer(), detector=FakeDetector()) as session:
            assert (len(session.plan(clip, out).segments) > 1) == bool(seconds)
            report = session.restore(clip, out)
        told.append(report.picture["background_boil"])
    assert told[0] == told[1] > 0


def test_no_network_is_built_by_numbers_that_its_file_does_not_bear_out(tmp_path):
    """A kilobyte would have millions of layers made."""
    state = {"body.0.weight": torch.zeros(8, 3, 3, 3), "body.1.weight": torch.zeros(8)}
    state["body.99999999.weight"] = torch.zeros(12, 8, 3, 3)
    write_state(state, tmp_path / "a.safetensors")
    with pytest.raises(ModelError, match="numbered beyond its 3 tensors"):
        load_upscaler(str(tmp_path / "a.safetensors"), "cpu")


def test_what_is_no_upscaler_is_refused(tmp_path):
    write_state({"some.weight": torch.zeros(3)}, tmp_path / "a.safetensors")
    with pytest.raises(ModelError, match="no upscaler that spandrel knows"):
        load_upscaler(str(tmp_path / "a.safetensors"), "cpu")
    with pytest.raises(ModelError, match="cannot read"):
        load_upscaler(str(tmp_path / "missing.pth"), "cpu")
