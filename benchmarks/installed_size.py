"""What an installation weighs, and which packages most of it.

    ENVIRONMENT/bin/python benchmarks/installed_size.py [--most MB]

Run by the interpreter of the environment that is looked at. Counts the files that each package
lists as its own (importlib.metadata), in units of 1,000,000 bytes. Exits with 1 if all of them are
more than --most.
"""

from __future__ import annotations

import argparse
import sys
from importlib.metadata import Distribution, distributions
from pathlib import Path

MEGABYTE = 1_000_000
SHOWN = 20
# What every environment has, whatever is installed.
TOOLS = {"pip", "setuptools", "wheel"}


def megabytes(package: Distribution) -> float:
    """Of all files that a package lists."""
    paths = (Path(str(package.locate_file(file))) for file in package.files or ())
    return sum(path.stat().st_size for path in paths if path.is_file()) / MEGABYTE


def main() -> int:
    """Print the largest ones and the sum."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--most", type=float, help="MB that all of it may have")
    given = parser.parse_args()
    named = {package.name: megabytes(package) for package in distributions()}
    sizes = {name: size for name, size in named.items() if name not in TOOLS}
    for name, size in sorted(sizes.items(), key=lambda pair: -pair[1])[:SHOWN]:
        print(f"{size:8.1f} MB  {name}")
    whole = sum(sizes.values())
    print(f"{whole:8.1f} MB  all {len(sizes)} packages")
    if given.most is not None and whole > given.most:
        print(f"more than {given.most:g} MB", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
