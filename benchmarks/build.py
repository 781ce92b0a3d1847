"""Measure how long a build takes: `python -m benchmarks.build PATH… [--repeats N]`, each run a new process; the median.

The budget is for the five documents of the shipped facts.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from pathlib import Path

from benchmarks.measuring import command_line, spent

BUDGET = 2.0


def main() -> int:
    """Print the median of all runs; 1 when over budget."""
    parser = argparse.ArgumentParser(description="How long a build takes.")
    parser.add_argument("paths", nargs="+", type=Path, metavar="PATH")
    parser.add_argument("--repeats", type=int, default=7)
    options = parser.parse_args()
    paths = [path.resolve() for path in options.paths]
    with tempfile.TemporaryDirectory() as folder:
        commands = [command_line("build", *paths, "--out", f"{folder}/{i}.kg") for i in range(options.repeats + 1)]
        runs = [spent(command) for command in commands]
    if any(run.status for run in runs):
        raise SystemExit("a build failed, or left something out: `kg build` says what")
    median = statistics.median(run.clock for run in runs[1:])
    print(f"kg build: {median:.3f} s (median of {options.repeats}; budget {BUDGET} s, ratio {median / BUDGET:.2f})")
    return int(median > BUDGET)


if __name__ == "__main__":
    sys.exit(main())
