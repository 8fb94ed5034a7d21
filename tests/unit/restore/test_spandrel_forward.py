"""The networks of the spandrel extra, run: random weights from a file to restored crops.

What is not whole is refused.
"""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

# In a process of its own: an import cannot be undone, and neither can the memory it leaves behind.
RUN = """
import sys
from pathlib import Path
import numpy as np
import torch
from vidrestore.config import RestoreConfig
from vidrestore.errors import ModelError
from vidrestore.restore.loading import load_model
from vidrestore.restore.architectures.spandrel import _REGISTRIES, spandrel_network
from vidrestore.runtime.torchvision_import import import_with_torchvision

# Sizes that the file's shapes tell are small; the others are as published, and cannot be chosen.
sizes = {
    "GFPGAN": {},
    "CodeFormer": {"n_layers": 1, "codebook_size": 16, "connect_list": ["32", "256"]},
    "RestoreFormer": {"n_embed": 16, "embed_dim": 32, "ch": 32, "out_ch": 3,
        "ch_mult": (1, 1, 1, 1, 1, 1), "num_res_blocks": 1, "attn_resolutions": (16,),
        "dropout": 0.0, "in_channels": 3, "resolution": 512, "z_channels": 32,
        "double_z": False, "enable_mid": True, "head_size": 8},
}
options = {"GFPGAN": {"randomize_noise": False}, "CodeFormer": {"weight": 0.8}}
file = Path(sys.argv[1]) / "weights.pth"
crops = np.random.default_rng(0).integers(0, 256, (1, 512, 512, 3), np.uint8)
for name in sizes:
    package, registry = _REGISTRIES[name]
    known = getattr(import_with_torchvision(package), registry)[name].architecture
    module = __import__(type(known).__module__, fromlist=[name])
    torch.manual_seed(0)
    network = getattr(module, name)(**sizes[name]).eval().requires_grad_(False)
    for key, value in network.state_dict().items():
        # What scales GFPGAN's noise starts at zero: other noise would not be noticed.
        if key.startswith("stylegan_decoder.") and value.shape == (1,):
            value.fill_(0.5)
    torch.save({"params_ema": network.state_dict()}, file)
    config = RestoreConfig(model=str(file), device="cpu", precision="float32", fidelity=0.8)
    given, forward = [], type(network).forward
    def told(self, picture, **words):
        result = forward(self, picture, **words)
        given.append((self, picture, words, result))
        return result
    type(network).forward = told
    loaded = load_model(config)
    assert loaded.template == "ffhq"
    restored = loaded.restorer.restore(crops)
    # The same weights, picture and options give the same: one run of a large network is enough.
    run, seen, words, direct = given[-1]
    ours = run.state_dict()
    assert all(torch.equal(value, ours[key]) for key, value in network.state_dict().items())
    picture = torch.from_numpy(crops).permute(0, 3, 1, 2).float() / 127.5 - 1
    assert abs(seen - picture).max() < 1e-6
    assert {key: words[key] for key in options.get(name, {})} == options.get(name, {})
    direct = direct[0]
    wanted = direct.add(1).mul(127.5).round().clamp(0, 255).permute(0, 2, 3, 1).numpy()
    assert wanted.std() > 5, "something to compare"
    parts = network.state_dict()
    parts.popitem()
    try:
        spandrel_network(name, parts, 0.5)
    except ModelError as error:
        assert f"it is no whole {name}" in str(error), error
        print(name, int(abs(wanted - restored).max()), flush=True)
"""


@pytest.mark.skipif(
    importlib.util.find_spec("spandrel_extra_arches") is None, reason="needs vidrestore[spandrel]"
)
def test_a_file_s_network_restores_as_its_own_package_runs_it(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", RUN, str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    found = dict(line.split() for line in done.stdout.splitlines())
    assert set(found) == {"GFPGAN", "CodeFormer", "RestoreFormer"}
    assert all(int(worst) <= 1 for worst in found.values()), "rounding, at most"
