from __future__ import annotations

import json
from pathlib import Path

import cv2

from training.judging import curve
from training.judging.validation import score


def row(samples: int, gain: float) -> str:
    own = {"psnr_in": 30.0, "psnr_out": 30.0 + gain}
    levels = dict.fromkeys(("mild", "medium", "heavy"), own)
    return json.dumps({"samples": samples, "validation": levels})


def test_a_curve_holds_every_judgement(tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    log.write_text("\n".join([row(0, 0.0), json.dumps({"total": 1.0}), row(80, 0.5)]))
    assert curve.gains(log)["medium"] == [(0, 0.0), (80, 0.5)]
    curve.write(log, tmp_path / "curve.png")
    picture = cv2.imread(str(tmp_path / "curve.png"))
    assert picture is not None
    plain = curve.draw({level: [] for level in curve.gains(log)})
    assert (picture[..., ::-1] != plain).any(2).sum() > 300, "lines are drawn"


def test_a_score_is_the_gain_less_harm_to_the_untouched() -> None:
    def figures(gain: float, untouched: float) -> dict[str, dict[str, float]]:
        own = {"psnr_in": 30.0, "psnr_out": 30.0 + gain}
        return {"untouched": {"psnr_in": 60.0, "psnr_out": untouched}, "mild": own, "heavy": own}

    assert score(figures(0.5, 50.0)) == 0.5
    assert score(figures(0.5, 44.0)) == -0.5
