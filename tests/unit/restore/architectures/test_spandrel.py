from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from vidrestore.config import RestoreConfig
from vidrestore.errors import DeviceError, ModelError
from vidrestore.restore.architectures import spandrel
from vidrestore.restore.architectures.spandrel import FaceNetwork
from vidrestore.restore.loading import load_model
from vidrestore.restore.running.device import cpu_computes_bfloat16

NAMES = ("GFPGAN", "CodeFormer", "RestoreFormer")
MARKS = {
    "GFPGAN": ("toRGB.0.weight", "stylegan_decoder.style_mlp.1.weight"),
    "CodeFormer": ("position_emb", "idx_pred_layer.1.weight", "quantize.embedding.weight"),
    "RestoreFormer": ("quantize.embedding.weight", "quant_conv.weight", "encoder.conv_in.weight"),
}


class Recorder(torch.nn.Module):
    """Notes the options it is called with, and inverts."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = torch.nn.Parameter(torch.zeros(1))
        self.options: dict[str, object] = {}

    def forward(self, picture: torch.Tensor, **options: object) -> tuple[torch.Tensor, None]:
        self.options = options
        return -picture, None


def saved(name: str, path: Path) -> Path:
    torch.save({"params_ema": {mark: torch.zeros(2, 2) for mark in MARKS[name]}}, path)
    return path


@pytest.mark.parametrize("name", NAMES)
def test_files_are_recognised_and_get_the_ffhq_template(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorder = Recorder()
    asked: list[str] = []

    def network(architecture: str, state: object, fidelity: float) -> FaceNetwork:
        asked.append(architecture)
        return FaceNetwork(recorder, architecture, fidelity)

    monkeypatch.setattr("vidrestore.restore.loading.spandrel_network", network)
    file = saved(name, tmp_path / "model.pth")
    config = RestoreConfig(model=str(file), device="cpu", fidelity=0.25)
    loaded = load_model(config)
    assert asked == [name]
    assert (loaded.name, loaded.template) == ("model.pth", "ffhq")
    assert (loaded.restorer.size, loaded.restorer.precision) == (512, "float32")
    result = loaded.restorer.restore(np.full((1, 512, 512, 3), 10, np.uint8))
    assert (result == 245).all()
    wanted = {"CodeFormer": {"weight": 0.25}, "GFPGAN": {"randomize_noise": False}}
    assert recorder.options == wanted.get(name, {})
    if cpu_computes_bfloat16():
        rough = load_model(config.model_copy(update={"precision": "bfloat16"}))
        assert (rough.restorer.precision, rough.warnings) == ("bfloat16", ())
    with pytest.raises(DeviceError, match="float16"):
        load_model(config.model_copy(update={"precision": "float16"}))


def test_without_spandrel_the_extra_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spandrel.importlib.util, "find_spec", lambda name: None)
    file = saved("CodeFormer", tmp_path / "model.pth")
    with pytest.raises(ModelError, match=r"'\.\[spandrel\]'"):
        load_model(RestoreConfig(model=str(file), device="cpu"))
