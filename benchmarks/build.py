"""Measure how long a build takes: `python benchmarks/build.py PATH… [--repeats N]`, each run a new process; the median.

The budget is for the five documents of the shipped facts.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

BUDGET = 2.0


def seconds(paths: list[Path], target: Path) -> float:
    """Build a graph once and return how long it took."""
    start = time.perf_counter()
    command = [sys.executable, "-m", "kg.cli", "build", *map(str, paths), "--out", str(target)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.perf_counter() - start


def main() -> int:
    """Print the median of all runs; 1 when over budget."""
    parser = argparse.ArgumentParser(description="How long a build takes.")
    parser.add_argument("paths", nargs="+", type=Path, metavar="PATH")
    parser.add_argument("--repeats", type=int, default=7)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        runs = [seconds(options.paths, Path(folder) / f"{i}.kg") for i in range(options.repeats + 1)]
    median = statistics.median(runs[1:])
    print(f"kg build: {median:.3f} s (median of {options.repeats}; budget {BUDGET} s, ratio {median / BUDGET:.2f})")
    return int(median > BUDGET)


if __name__ == "__main__":
    sys.exit(main())
