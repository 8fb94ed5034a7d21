from __future__ import annotations

import json

from training.evaluate import product, table_of


def test_the_card_tells_what_the_whole_product_makes_of_clips(tmp_path):
    clips = {
        "mild/moving/a": {"input": {"psnr": 30.0}, "ours": {"psnr": 31.0, "gaze": 0.1}},
        "mild/moving/b": {"input": {"psnr": 34.0}, "ours": {"psnr": 32.0}},
    }
    file = tmp_path / "figures.json"
    file.write_text(json.dumps({"clips": clips}))
    found = product(file)
    assert found == {
        "mild/moving": {"input": {"clips": 2, "psnr": 32}, "ours": {"clips": 2, "psnr": 31.5}}
    }
    rest = dict.fromkeys(
        ("colour_by_skin_tone", "boil", "gray_departure", "model", "sha256", "command"), ""
    )
    text = table_of({"levels": {}, "product": found, **rest})
    assert any("mild/moving" in line and "psnr 31.500" in line for line in text.splitlines())
