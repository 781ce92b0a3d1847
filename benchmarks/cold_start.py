"""Measure how long a question takes from a cold start: `python -m benchmarks.cold_start [N] [GRAPH QUESTION…]`.

Each run is a new process, so imports, opening the graph and answering are all in it. The figure is the median. Without
a graph the packaged facts are asked; a question with a misspelt name is measured too, until its suggestion is there.
"""

from __future__ import annotations

import statistics
import sys
from pathlib import Path

from benchmarks.measuring import command_line, spent

BUDGET = 0.6
BUDGET_OF_A_GRAPH = 0.8
QUESTION = "What conditions warrant caution with Klonopin?"


def main() -> int:
    """Print the median of all runs, the bare interpreter's beside it; 1 when over budget."""
    repeats = int(sys.argv[1]) if len(sys.argv) > 1 else 15
    graph, questions = sys.argv[2:3], sys.argv[3:] or [QUESTION]
    budget = BUDGET_OF_A_GRAPH if graph else BUDGET
    slow = False
    for question in questions:
        ask = command_line("ask", question, *(["--graph", Path(graph[0]).resolve()] if graph else []))
        spent(ask)  # Byte code and disk cache: installed means run once.
        asked = statistics.median(spent(ask).clock for _ in range(repeats))
        slow = slow or asked > budget
        figures = f"median of {repeats}; budget {budget} s, ratio {asked / budget:.2f}"
        print(f"kg ask {question!r}, cold start: {asked:.3f} s ({figures})")
    empty = statistics.median(spent([sys.executable, "-c", "pass"]).clock for _ in range(repeats))
    print(f"python -c pass: {empty:.3f} s")
    return int(slow)


if __name__ == "__main__":
    sys.exit(main())
