"""How long graded answers take on a large graph: each of its best covered drugs asked for the first time, and again.

`python -m benchmarks.care GRAPH [--drugs N]` prints medians and the slowest, in milliseconds.
"""

from __future__ import annotations

import argparse
import statistics
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import kg
from benchmarks.measuring import milliseconds, part

THINGS = ("pregnancy", "liver disease", "opioid", "driving", "older adults")


def main() -> None:
    """Time every kind of answer."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("graph", type=Path)
    parser.add_argument("--drugs", type=int, default=50)
    arguments = parser.parse_args()
    graph = kg.open(arguments.graph)
    kinds = ("contraindication", "caution", "interaction")
    counted = Counter(fact.subject.iri for kind in kinds for fact in graph.facts(kind) if fact.subject.iri)
    drugs = [iri for iri, _ in counted.most_common(arguments.drugs)]
    graph = kg.open(arguments.graph)  # nothing read yet
    graph.cautions(drugs[0])
    asked: dict[str, list[Callable[[], object]]] = {
        "cautions": [lambda d=d: graph.cautions(d) for d in drugs],  # type: ignore[misc]
        "care": [lambda d=d, t=t: graph.care(d, t) for d in drugs for t in THINGS],  # type: ignore[misc]
        "drugs needing care": [lambda t=t: graph.drugs_needing_care([t]) for t in THINGS],  # type: ignore[misc]
        "fit": [lambda i=i: graph.fit(drugs[i : i + 3], THINGS[:3]) for i in range(0, len(drugs) - 2, 3)],  # type: ignore[misc]
    }
    print(f"{len(graph.store):,} triples, {len(drugs)} drugs; milliseconds: median, 95 %, slowest")
    for name, actions in asked.items():
        for when in ("first", "again"):
            times = sorted(map(milliseconds, actions))
            high = part(times, 0.95)
            print(f"{name:20} {when:6} {statistics.median(times):7.1f} {high:7.1f} {times[-1]:7.1f}")


if __name__ == "__main__":
    main()
