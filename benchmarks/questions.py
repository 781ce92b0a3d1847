"""Measure every question of the package over a large graph: `python -m benchmarks.questions GRAPH [--rdflib SECONDS]`.

Each question is asked with the values that most facts are about (five of each type), once to warm up and then
`--repeats` times. Times are processor time of this process, so that other work on the machine does not count.
With `--rdflib`, the same SPARQL with the same values (the heaviest) runs on rdflib's own engine over the union in
memory, side by side in the same run; what does not end within the seconds given is reported as "≥".
"""

from __future__ import annotations

import argparse
import itertools
import signal
import statistics
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

import pyoxigraph as ox

import kg
from benchmarks.measuring import part, peak, timed
from kg.graph import store as stores
from kg.graph import terms
from kg.questions import binding, guard, header, run
from kg.questions.header import Question

if TYPE_CHECKING:
    import rdflib

BUDGET = 0.050
WANTED_RATIO = 50.0
PROPERTIES = {
    "Drug": terms.DRUGS + "subject",
    "Entity": terms.DRUGS + "object",
    "DrugClass": terms.DRUGS + "object",
    "Document": terms.OA + "hasSource",
    "Level": terms.DRUGS + "level",
    "Topic": terms.DRUGS + "topic",
    "Text": terms.DRUGS + "rule",
}
"""The property whose values are counted for each type of parameter."""

Values = dict[str, "ox.NamedNode | ox.Literal"]


class TooLongError(Exception):
    """The time for one query is over."""


def heaviest(store: ox.Store, type_: str, number: int) -> list[ox.NamedNode | ox.Literal]:
    """Return the values of a type that come most often; documents' own words only where there is nothing else."""
    quads = store.quads_for_pattern(None, ox.NamedNode(PROPERTIES[type_]), None, stores.DEFAULT)
    every = Counter(quad.object for quad in quads)
    counts = {value: n for value, n in every.items() if not str(value).startswith("<" + terms.TERM)} or every
    found = sorted(counts, key=lambda value: (-counts[value], str(value)))
    if type_ == "DrugClass":
        class_ = ox.NamedNode(terms.DRUGS + "DrugClass")
        found = [v for v in found if ox.Quad(v, ox.NamedNode(terms.RDF_TYPE), class_, stores.DEFAULT) in store]
    return found[:number]


def choices(question: Question, values: Mapping[str, list[ox.NamedNode | ox.Literal]]) -> Iterator[Values]:
    """Give every combination of the heaviest values; two parameters of a type get different ones."""
    for chosen in itertools.product(*(values[p.type] for p in question.parameters)):
        if len(set(chosen)) == len(chosen):
            yield {p.name: value for p, value in zip(question.parameters, chosen, strict=True)}


def measure(store: ox.Store, question: Question, given: list[Values], repeats: int) -> tuple[list[float], int]:
    """Return the seconds of each answer, sorted, and the largest number of rows."""
    seconds: list[float] = []
    most = 0
    for values in given:
        for number in range(repeats + 1):
            rows, taken, _ = timed(lambda values=values: run.execute(store, question, values))  # type: ignore[misc]
            if number:
                seconds.append(taken)
        most = max(most, len(rows))
    return sorted(seconds), most


def elsewhere(graph: rdflib.Graph, question: Question, values: Values, limit: int) -> tuple[float, bool]:
    """Return the seconds that rdflib's engine takes, and whether it came to an end; where it fails, it did not."""
    import rdflib

    def stop(_: int, __: FrameType | None) -> None:
        raise TooLongError

    sparql, replaced = binding.bind(guard.check(question.sparql, question.place), values)
    rest = {name: rdflib.Literal(value.value) for name, value in values.items() if name not in replaced}
    signal.signal(signal.SIGPROF, stop)
    start = time.process_time()
    signal.setitimer(signal.ITIMER_PROF, limit)
    try:
        list(graph.query(sparql, initNs=terms.PREFIXES, initBindings=rest))
    except Exception:  # noqa: BLE001 too long, or whatever that engine raises where it cannot sort what is unbound
        return time.process_time() - start, False
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
    return time.process_time() - start, True


def main() -> int:
    """Print a line for each question and a summary; 1 when a question misses its budget."""
    parser = argparse.ArgumentParser(description="How long the questions take.")
    parser.add_argument("graph", type=Path)
    parser.add_argument("--only", nargs="*", metavar="NAME")
    parser.add_argument("--values", type=int, default=5)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--rdflib", type=int, metavar="SECONDS", help="compare, with a limit for each query")
    options = parser.parse_args()
    store = kg.open(options.graph).store
    print(f"opened: {peak():.0f} MB of memory")
    union = sum(1 for _ in store.quads_for_pattern(None, None, None, stores.DEFAULT))
    print(f"{options.graph}: {union:,} triples in the union, {len(store):,} quads with the named graphs")
    values = {type_: heaviest(store, type_, options.values) for type_ in PROPERTIES}
    graph = kg.open(options.graph).to_rdflib() if options.rdflib else None
    slow, close = [], []
    print(
        f"{'question':32} {'rows':>6} {'p50 ms':>8} {'p95 ms':>8}" + ("   rdflib ms   ratio" if options.rdflib else "")
    )
    for name in options.only or header.catalogue():
        question = header.question(name)
        given = list(choices(question, values))
        seconds, most = measure(store, question, given, options.repeats)
        p95 = part(seconds, 0.95)
        line = f"{name:32} {most:>6,} {statistics.median(seconds) * 1000:>8.1f} {p95 * 1000:>8.1f}"
        if p95 > BUDGET:
            slow.append(name)
        if graph is not None:
            own = statistics.median(measure(store, question, given[:1], options.repeats)[0])
            other, ended = elsewhere(graph, question, given[0], options.rdflib)
            line += f" {'' if ended else '≥':>1}{other * 1000:>10.0f} {'' if ended else '≥':>1}{other / own:>7.0f}"
            if other / own < WANTED_RATIO:
                close.append(name)
        print(line, flush=True)
    print(f"over {BUDGET * 1000:.0f} ms (p95): {', '.join(slow) or 'none'}")
    if graph is not None:
        print(f"less than {WANTED_RATIO:.0f} times rdflib's speed: {', '.join(close) or 'none'}")
    return int(bool(slow or close))


if __name__ == "__main__":
    sys.exit(main())
