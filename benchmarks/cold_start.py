"""Measure how long a question takes from a cold start: `python benchmarks/cold_start.py [REPEATS]`.

Each run is a new process, so imports, loading the facts and answering are all in it. The figure is the median.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

BUDGET = 0.6
QUESTION = "What conditions warrant caution with Klonopin?"


def seconds(command: list[str]) -> float:
    """Run a command once and return how long it took."""
    start = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.perf_counter() - start


def main() -> int:
    """Print the median of all runs, the bare interpreter's beside it; 1 when over budget."""
    repeats = int(sys.argv[1]) if len(sys.argv) > 1 else 15
    ask = [sys.executable, "-m", "kg.cli", "ask", QUESTION]
    bare = [sys.executable, "-c", "pass"]
    seconds(ask)  # Byte code and disk cache: installed means run once.
    asked = statistics.median(seconds(ask) for _ in range(repeats))
    empty = statistics.median(seconds(bare) for _ in range(repeats))
    print(f"kg ask, cold start: {asked:.3f} s (median of {repeats}; budget {BUDGET} s, ratio {asked / BUDGET:.2f})")
    print(f"python -c pass:     {empty:.3f} s")
    return int(asked > BUDGET)


if __name__ == "__main__":
    sys.exit(main())
