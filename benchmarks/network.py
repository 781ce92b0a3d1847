"""Time the network of a graph: reading it, the memory that it takes, and each traversal over drugs taken at random.

Times of traversals are processor time.

`python -m benchmarks.network GRAPH [--drugs 50]`
"""

from __future__ import annotations

import argparse
import gc
import random
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import kg
from benchmarks.measuring import held, timed
from kg.network.results import Result


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("graph", type=Path, help="a folder that `kg build` wrote")
    parser.add_argument("--drugs", type=int, default=50, help="how many drugs are taken at random")
    parser.add_argument("--seed", type=int, default=1, help="which ones")
    chosen = parser.parse_args()
    graph = kg.open(chosen.graph)
    before = _memory()
    view, processor, took = timed(lambda: graph.view)
    facts = sum(edge.is_said for edge in view.edges())
    nodes = sorted({node for edge in view.edges() for node in (edge.subject, edge.object)})
    edges = sum(1 for _ in view.edges())
    print(f"view: {took:.2f} s ({processor:.2f} s of processor time), {_memory() - before:,} MB more")
    print(f"{len(nodes):,} nodes, {edges:,} edges, {facts:,} of them facts")
    picked = random.Random(chosen.seed)  # noqa: S311
    drugs = picked.sample([node for node in view.subjects() if "Drug" in view.types(node)], chosen.drugs)
    others = picked.sample(nodes, chosen.drugs)
    classes = sorted({node for drug in drugs for node in view.above(drug) if "DrugClass" in view.types(node)})
    picked.shuffle(classes)
    places = range(chosen.drugs)
    cases: tuple[tuple[str, Callable[[int], Result]], ...] = (
        ("explain (drug, drug)", lambda i: graph.explain(drugs[i], drugs[i - 1])),
        ("explain (drug, anything)", lambda i: graph.explain(drugs[i], others[i])),
        ("neighbourhood (1 hop)", lambda i: graph.neighbourhood(drugs[i])),
        ("neighbourhood (2 hops)", lambda i: graph.neighbourhood(drugs[i], 2)),
        ("shared_risks", lambda i: graph.shared_risks(drugs[i], drugs[i - 1])),
        ("alike", lambda i: graph.alike(drugs[i])),
        ("alternatives_to", lambda i: _alternatives(graph, drugs[i], drugs[i - 1])),
        ("interactions_among (5)", lambda i: graph.interactions_among([drugs[i - n] for n in range(5)])),
        ("class_pattern", lambda i: graph.class_pattern(classes[i % len(classes)])),
    )
    for name, case in cases:
        case(0)  # what is kept for all later calls is made by the first
        walked, opened = zip(*(_timed(case, i) for i in places), strict=True)
        print(f"{name:26} p50 {_percentile(walked, 50):6.1f} ms, p95 {_percentile(walked, 95):6.1f} ms", end="")
        print(f"; with all facts opened p95 {_percentile(opened, 95):7.1f} ms")


def _alternatives(graph: kg.Graph, drug: str, other: str) -> Result:
    """For the first use of a drug, avoiding the first effect of another."""
    use = next((edge.object for edge in graph.view.facts(drug, ("indication",))), None)
    effect = next((edge.object for edge in graph.view.facts(other, ("adverse_effect",))), ())
    return graph.alternatives_to(drug, use, effect)


def _timed(case: Callable[[int], Result], place: int) -> tuple[float, float]:
    started = time.process_time()  # everything happens in one thread, and others may be at work on the machine
    result = case(place)
    walked = time.process_time()
    result.rows()
    return (walked - started) * 1000, (time.process_time() - started) * 1000


def _percentile(times: tuple[float, ...], percent: int) -> float:
    return statistics.quantiles(times, n=100, method="inclusive")[percent - 1]


def _memory() -> int:
    gc.collect()
    return round(held())


if __name__ == "__main__":
    main()
