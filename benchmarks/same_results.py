"""Whether two checkouts make the same of the same clips, to the last bit.

    python benchmarks/same_results.py CLIP_OR_FOLDER... [--to SECONDS] --save FILE
    python benchmarks/same_results.py CLIP_OR_FOLDER... [--to SECONDS] --against FILE_OR_CHECKOUT

Restores the sample and every clip named under each preset (or each --preset), lossless (FFV1 in
Matroska) and with x264 (in MP4), and compares the decoded pictures, every stream's packets with
their times (both by SHA-256), and the report. Reports are compared without what varies from run to
run (paths, seconds, dates) and without the settings, whose names may move; those are compared
apart. The checkout measured is the one this file lies in. Another checkout is measured with this
file's own code, each in a process of its own. Results depend on the machine and its number of
threads, which are told when they differ. Exits with 1 if anything does.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import platform
import subprocess
import sys
import tempfile
from collections import Counter
from fractions import Fraction
from pathlib import Path
from typing import Any

import av

from vidrestore import Config, Report, Session, VidrestoreError, preset_names
from vidrestore.report import to_json

HERE = Path(__file__).resolve().parents[1]
KINDS = ("ffv1", "libx264")
SUFFIX = {"ffv1": ".mkv", "libx264": ".mp4"}
# What a report says of the run and not of the result.
VARIES = {*Report.VARYING, "input", "output", "version", "device"}
VIDEOS = {".mkv", ".mp4", ".mpg", ".ts", ".3gp", ".avi", ".mov", ".webm"}


def clips(named: list[Path]) -> list[Path]:
    """The sample, then all clips that are named or lie below a folder that is."""
    found = [HERE / "samples" / "clip.mkv"]
    for path in named:
        below = sorted(path.rglob("*")) if path.is_dir() else [path]
        found += [each for each in below if each.suffix in VIDEOS]
    return found


def digest(parts: Any) -> str:
    """SHA-256 over byte strings, in 16 hex digits: enough to tell two results apart."""
    whole = hashlib.sha256()
    for part in parts:
        whole.update(part)
    return whole.hexdigest()[:16]


def pictures(path: Path) -> str:
    """Of the pictures of the first video stream, all planes, with their times."""
    with av.open(str(path)) as container:
        return digest(
            part
            for frame in container.decode(video=0)
            for part in (
                f"{frame.pts} {frame.time_base} {frame.format.name}".encode(),
                *(bytes(plane) for plane in frame.planes),
            )
        )


def packets(path: Path) -> str:
    """Of all streams' packets, in the order of the file, with their times."""
    with av.open(str(path)) as container:
        return digest(
            part
            for packet in container.demux()
            for part in (
                f"{packet.stream_index} {packet.pts} {packet.dts} {packet.duration}".encode(),
                bytes(packet),
            )
        )


def collect(named: list[Path], seconds: float, presets: list[str]) -> dict[str, Any]:
    """What the vidrestore that is imported makes of each clip, by "clip preset codec"."""
    results: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as folder:
        for preset in presets or preset_names():
            for codec in KINDS:
                config = Config.preset(preset).with_options({"encoder.codec": codec})
                if codec == "ffv1":
                    # A preset's options are those of its own encoder.
                    config = config.with_options({"encoder.options": {}})
                with Session(config) as session:
                    for clip in named:
                        output = Path(folder) / f"result{SUFFIX[codec]}"
                        with av.open(str(clip)) as container:
                            video = container.streams.video[0]
                            start = (video.start_time or 0) * video.time_base
                        try:
                            report = session.restore(
                                clip, output, end=start + Fraction(seconds), overwrite=True
                            )
                        except VidrestoreError as error:
                            results[f"{clip.name} {preset} {codec}"] = {"refused": str(error)}
                            continue
                        text = to_json(report)
                        for path in (folder, str(clip.parent)):
                            text = text.replace(path, "")
                        told = json.loads(text)
                        results[f"{clip.name} {preset} {codec}"] = {
                            "pictures": pictures(output),
                            "packets": packets(output),
                            "model": told.pop("model")["sha256"],
                            "settings": told.pop("settings"),
                            "report": {key: told[key] for key in told if key not in VARIES},
                        }
    return {
        "machine": {
            "processor": platform.processor() or platform.machine(),
            "cores": len(os.sched_getaffinity(0)),
            "threads": os.environ.get("OMP_NUM_THREADS", ""),
            "seconds": seconds,
        },
        "results": results,
    }


def measured(
    checkout: Path, named: list[Path], seconds: float, presets: list[str]
) -> dict[str, Any]:
    """The same of any checkout, in a process that imports it."""
    with tempfile.TemporaryDirectory() as folder:
        answer = Path(folder) / "answer.json"
        command = [sys.executable, "-P", str(Path(__file__).resolve()), *map(str, named)]
        command += ["--to", str(seconds), "--collect", str(answer)]
        command += [word for preset in presets for word in ("--preset", preset)]
        environment = os.environ | {"PYTHONPATH": str(checkout)}
        subprocess.run(command, check=True, env=environment, cwd=folder)
        return dict(json.loads(answer.read_text()))


def compare(ours: dict[str, Any], theirs: dict[str, Any]) -> bool:
    """Print what differs and how much is the same; whether nothing differs but settings."""
    if ours["machine"] != theirs["machine"]:
        print(f"measured differently: {theirs['machine']} before, {ours['machine']} now")
    before, now = theirs["results"], ours["results"]
    same: dict[str, Counter[str]] = {}
    different = 0
    for name in sorted(before.keys() | now.keys()):
        one, two = before.get(name, {}), now.get(name, {})
        for what in sorted(one.keys() | two.keys()):
            equal = one.get(what) == two.get(what)
            same.setdefault(what, Counter())[" ".join(name.split()[1:])] += equal
            if equal:
                continue
            different += what != "settings"
            print(f"{name}: {what} differ{_where(one.get(what), two.get(what))}")
    cases = sorted({case for counts in same.values() for case in counts})
    number = len({name.split()[0] for name in now})
    print("\n| preset, codec | clips | " + " | ".join(f"same {what}" for what in same) + " |")
    print("|" + "---|" * (len(same) + 2))
    for case in cases:
        print(f"| {case} | {number} | " + " | ".join(str(same[w][case]) for w in same) + " |")
    print("\nnothing differs" if not different else f"\n{different} differ")
    return not different


def _where(one: Any, two: Any) -> str:
    """Which keys of a report or of settings differ, with both values, cut short."""
    if not (isinstance(one, dict) and isinstance(two, dict)):
        return f": {one!s:.200} before, {two!s:.200} now"
    keys = [key for key in sorted(one.keys() | two.keys()) if one.get(key) != two.get(key)]
    told = (f"{key}: {one.get(key)!s:.120} before, {two.get(key)!s:.120} now" for key in keys)
    return ": " + "; ".join(told)


def main(arguments: list[str] | None = None) -> int:
    """Measure, then save or compare."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("clips", nargs="*", type=Path, help="clips, or folders of clips")
    parser.add_argument("--to", type=float, default=0.3, help="seconds of each clip")
    parser.add_argument(
        "--preset", action="append", default=[], help="one of the presets; all if left out"
    )
    parser.add_argument("--save", type=Path, help="write what was measured to this file")
    parser.add_argument("--against", type=Path, help="a file of --save, or another checkout")
    parser.add_argument("--of", type=Path, default=HERE, help="the checkout to measure")
    parser.add_argument("--collect", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args(arguments)
    named = [path.resolve() for path in given.clips]
    if given.collect:
        given.collect.write_text(json.dumps(collect(clips(named), given.to, given.preset)))
        return 0
    ours = measured(given.of.resolve(), named, given.to, given.preset)
    if given.save:
        given.save.write_text(json.dumps(ours, indent=1) + "\n")
    if given.against is None:
        return 0
    if given.against.is_dir():
        theirs = measured(given.against.resolve(), named, given.to, given.preset)
    else:
        theirs = json.loads(given.against.read_text())
    return 0 if compare(ours, theirs) else 1


if __name__ == "__main__":
    sys.exit(main())
