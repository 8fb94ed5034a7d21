"""Judge a model: a table, its figures as JSON, a sheet of every portrait, and contact sheets.

    python -m training.evaluate --portraits PORTRAITS --model default --out training/runs/judged

``--texture 0.6 1`` judges it with texture drawn (``restore.texture``), too. With ``--product
out/against_filters/figures.json`` the card also states what the whole product, temporal stage
included, makes of clips, beside the input and the filters (``benchmarks.against_filters``).

A crop of 512 px is reduced to the network's size, restored, and what the network changed is brought
back to 512 px and added, slow changes of colour and light taken out: as the product does it.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from training.judging.contact import write_contacts
from training.judging.kinds import LEVELS, SIZE, worn
from training.samples.portraits import MARGIN, Portrait, load_portraits
from vidrestore import measure
from vidrestore.config import RestoreConfig
from vidrestore.paste.match import matched_difference
from vidrestore.restore.detail import Refine
from vidrestore.restore.loading import LoadedModel, load_model
from vidrestore.restore.running.restorer import FaceRestorer

Crop = NDArray[np.uint8]
Method = Callable[[Crop], Crop]
Rows = dict[tuple[str, str], dict[str, float]]
"""Figures of a portrait by (level, method)."""
_REDRAWN = 4
_TOLD = ("psnr", "psnr eyes", "psnr mouth", "identity", "flicker", "vmaf neg")
"""What is printed of clips."""
_INSIDE = (slice(140, 476), slice(110, 402))
"""The box of the face region, with room for windows: the rest need not be compared."""


def truth_of(portrait: Portrait) -> Crop:
    """The upright (512, 512, 3) crop."""
    return portrait.pixels[MARGIN : MARGIN + SIZE, MARGIN : MARGIN + SIZE]


class Product:
    """A model applied to a 512 crop as the pipeline applies it.

    Args:
        restorer: the model.
        refine: what its finest detail goes through; None leaves it.
    """

    def __init__(self, restorer: FaceRestorer, refine: Refine | None = None) -> None:
        self._restorer, self._refine = restorer, refine
        self._mask = measure.face_region(restorer.size).astype(np.float32)

    @property
    def size(self) -> int:
        """Side of the crops that the model takes."""
        return self._restorer.size

    def __call__(self, source: Crop) -> Crop:
        """(512, 512, 3) to the same."""
        side = self._restorer.size
        crop = cv2.resize(source, (side, side), interpolation=cv2.INTER_AREA)
        restored = self._restorer.restore(crop[None])[0]
        difference = matched_difference(crop, restored, self._mask)
        grown = cv2.resize(difference, (SIZE, SIZE), interpolation=cv2.INTER_CUBIC)
        result = np.clip(np.rint(source + grown), 0, 255).astype(np.uint8)
        return self._refine.refined(source, source, result) if self._refine else result

    @classmethod
    def of(cls, loaded: LoadedModel, config: RestoreConfig) -> Product:
        """All that a model brings, as the options ask for it."""
        if loaded.detail is None:
            return cls(loaded.restorer)
        refine = Refine(loaded.detail, refine=config.refine, texture=config.texture)
        return cls(loaded.restorer, refine)


def unsharp(source: Crop) -> Crop:
    """The usual unsharp mask: radius 2, amount 1."""
    low = cv2.GaussianBlur(source, (0, 0), 2.0)
    return cv2.addWeighted(source, 2.0, low, -1.0, 0.0)


def non_local_means(source: Crop) -> Crop:
    """OpenCV's denoising, strength 5."""
    return cv2.fastNlMeansDenoisingColored(source, None, 5, 5, 7, 21)


def figures(output: Crop, truth: Crop, face: NDArray[np.bool_]) -> dict[str, float]:
    """What can be said of one picture."""
    return {
        "psnr": min(measure.psnr(output, truth, face), 60.0),
        "low_psnr": min(measure.low_frequency_psnr(output, truth, face), 60.0),
        "ssim": measure.ssim(output[_INSIDE], truth[_INSIDE], face[_INSIDE]),
        "sharpness": measure.sharpness(output, truth, face),
        "energy": measure.high_frequency_energy(output, truth, face),
        "swd": measure.sliced_wasserstein([output], [truth], face),
    }


def judge_portrait(
    number: int, portrait: Portrait, methods: dict[str, Method], sheets: Path
) -> Rows:
    """Every method at every level and untouched, by (level, method); writes the sheet."""
    face, skin = measure.face_region(SIZE), measure.skin_region(SIZE)
    embedder = measure.IdentityEmbedder()
    truth, points = truth_of(portrait), portrait.landmarks - MARGIN
    own = embedder.embed(truth[None], points)
    rows, lines = {}, []
    for level in ("untouched", *LEVELS):
        source = truth if level == "untouched" else worn(truth, level, number)
        outputs = {name: method(source) for name, method in methods.items()}
        seen = embedder.embed(np.stack(list(outputs.values())), points)
        for (name, output), embedding in zip(outputs.items(), seen, strict=True):
            rows[level, name] = figures(output, truth, face)
            rows[level, name]["identity"] = measure.identity_distance(embedding, own)
        rows[level, "model"]["colour"] = measure.colour_shift(outputs["model"], source, skin)
        lines.append(np.hstack([source, outputs["model"], truth]))
    sheet = np.vstack(lines)[..., ::-1]
    cv2.imwrite(str(sheets / f"{portrait.name}.jpg"), sheet, [cv2.IMWRITE_JPEG_QUALITY, 92])
    return rows


def judge(portraits: list[Portrait], methods: dict[str, Method], sheets: Path) -> list[Rows]:
    """Every portrait's figures."""
    sheets.mkdir(parents=True, exist_ok=True)
    judged = []
    for number, portrait in enumerate(portraits):
        judged.append(judge_portrait(number, portrait, methods, sheets))
        print(f"{number + 1} of {len(portraits)}", flush=True)
    return judged


def summary(portraits: list[Portrait], judged: list[Rows]) -> dict[str, Any]:
    """The means over all portraits, and the model's shift of colour by the tone of skin."""
    table: dict[str, Any] = {}
    for level, name in judged[0]:
        several = [rows[level, name] for rows in judged]
        means = {key: round(float(np.mean([r[key] for r in several])), 6) for key in several[0]}
        table.setdefault(level, {})[name] = means
    tones: dict[str, list[float]] = {}
    for portrait, rows in zip(portraits, judged, strict=True):
        angle = measure.skin_tone_angle(truth_of(portrait), measure.skin_region(SIZE))
        shifts = [row["colour"] for row in rows.values() if "colour" in row]
        tones.setdefault(measure.skin_tone_band(angle), []).extend(shifts)
    bands = {band: round(float(np.mean(shifts)), 3) for band, shifts in sorted(tones.items())}
    return {"levels": table, "colour_by_skin_tone": bands}


def steadiness(portraits: list[Portrait], model: Method) -> dict[str, float]:
    """Spread of results over re-drawn noise and over shifts by a pixel, and of their inputs."""
    face = measure.face_region(SIZE)
    spreads: dict[str, list[float]] = {"noise_in": [], "noise_out": [], "shift_out": []}
    for number, portrait in enumerate(portraits):
        truth = truth_of(portrait)
        sources = [worn(truth, "medium", number, redraw) for redraw in range(_REDRAWN)]
        spreads["noise_in"].append(measure.boil(np.stack(sources), face))
        spreads["noise_out"].append(measure.boil(np.stack([model(s) for s in sources]), face))
        moved = [
            np.roll(model(np.roll(sources[0], by, (0, 1))), (-by[0], -by[1]), (0, 1))
            for by in ((0, 0), (1, 0), (0, 1))
        ]
        spreads["shift_out"].append(measure.boil(np.stack(moved), face))
    return {name: round(float(np.mean(values)), 3) for name, values in spreads.items()}


def gray(portraits: list[Portrait], model: Method) -> float:
    """Mean departure from gray of restored gray pictures, levels."""
    departures = []
    for number, portrait in enumerate(portraits):
        source = cv2.cvtColor(worn(truth_of(portrait), "medium", number), cv2.COLOR_RGB2GRAY)
        departures.append(measure.gray_departure(model(np.dstack([source] * 3))))
    return round(float(np.mean(departures)), 4)


def product(file: Path) -> dict[str, dict[str, dict[str, float]]]:
    """Means over clips of what ``benchmarks.against_filters`` measured, by wear/group and method.

    Args:
        file: figures.json of its output folder.
    """
    found: dict[str, dict[str, list[dict[str, float]]]] = {}
    for clip, methods in json.loads(file.read_text())["clips"].items():
        section = found.setdefault(clip.rsplit("/", 1)[0], {})
        for method, measures in methods.items():
            section.setdefault(method, []).append(measures)
    return {
        section: {method: _means(several) for method, several in methods.items()}
        for section, methods in found.items()
    }


def _means(several: list[dict[str, float]]) -> dict[str, float]:
    names = set.intersection(*(set(measures) for measures in several))
    means = {name: float(np.mean([m[name] for m in several])) for name in sorted(names)}
    return {"clips": float(len(several)), **{name: round(v, 4) for name, v in means.items()}}


def table_of(result: dict[str, Any]) -> str:
    """The result as text."""
    columns = ("psnr", "low_psnr", "ssim", "sharpness", "energy", "swd", "identity", "colour")
    lines = [f"{'level':<10} {'method':<11} " + " ".join(f"{name:>9}" for name in columns)]
    for level, methods in result["levels"].items():
        for name, row in methods.items():
            lines.append(
                f"{level:<10} {name:<11} " + " ".join(f"{row.get(c, 0.0):>9.3f}" for c in columns)
            )
    for section, methods in result.get("product", {}).items():
        for name, row in methods.items():
            told = "  ".join(f"{key} {row[key]:.3f}" for key in _TOLD if key in row)
            lines.append(f"{section:<20} {name:<14} {told}")
    rest = ("colour_by_skin_tone", "boil", "gray_departure", "model", "sha256", "command")
    return "\n".join([*lines, *(f"{name}: {result[name]}" for name in rest)])


def main(argv: list[str] | None = None) -> None:
    """Judge from the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--portraits", type=Path, required=True, help="folder with manifest.json")
    parser.add_argument("--model", default="default", help="catalogue name or weight file")
    parser.add_argument("--out", type=Path, required=True, help="folder for figures and sheets")
    parser.add_argument("--limit", type=int, help="only that many portraits")
    parser.add_argument("--device", default="auto")
    parser.add_argument(
        "--refine",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="whether results are refined, by a model that can (restore.refine)",
    )
    parser.add_argument("--texture", type=float, nargs="*", default=[], help="0..1 each")
    parser.add_argument("--product", type=Path, help="figures.json of benchmarks.against_filters")
    args = parser.parse_args(argv)
    portraits = load_portraits(args.portraits, "validation", args.limit)
    config = RestoreConfig(model=args.model, device=args.device, refine=args.refine)
    loaded = load_model(config)
    model = Product.of(loaded, config)
    methods = {"input": lambda crop: crop, "unsharp": unsharp, "nlm": non_local_means}
    methods["model"] = model
    for texture in args.texture:
        drawn = config.model_copy(update={"texture": texture})
        methods[f"texture {texture:g}"] = Product.of(loaded, drawn)
    judged = judge(portraits, methods, args.out)
    write_contacts(args.out)
    result = summary(portraits, judged)
    result["boil"] = steadiness(portraits[:12], model)
    result["gray_departure"] = gray(portraits[:12], model)
    if args.product:
        result["product"] = product(args.product)
    result |= {"model": args.model, "sha256": loaded.sha256}
    command = f"python -m training.evaluate --portraits PORTRAITS --model {args.model}"
    result["command"] = command if args.refine else f"{command} --no-refine"
    (args.out / "figures.json").write_text(json.dumps(result, indent=1) + "\n")
    print(table_of(result))


if __name__ == "__main__":
    main()
