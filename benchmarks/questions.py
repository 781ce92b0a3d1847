"""Measure every question of the package over a large graph: `python -m benchmarks.questions GRAPH [--rdflib SECONDS]`.

Each question is asked with the values that most facts are about (five of each type), once to warm up and then
`--repeats` times. Two figures are told apart: the **first** time, when nobody has asked that before and the answer is
worked out by the engine (the store is warm), and **again**, when the open graph remembers it (`remembered`).
Times are processor time of this process, so that other work on the machine does not count.

With `--rdflib`, the same SPARQL with the same values (the heaviest) runs on rdflib's own engine over the union in
memory, side by side in the same run; what does not end within the seconds given is reported as "≥", and where that
engine fails ("-"), nothing is compared. Both ratios are given: first and again.
"""

from __future__ import annotations

import argparse
import gc
import itertools
import re
import signal
import statistics
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, NamedTuple

import pyoxigraph as ox

import kg
from benchmarks.measuring import part, peak, timed
from kg.graph import store as stores
from kg.graph import terms
from kg.questions import binding, guard, header, run
from kg.questions.header import Question
from kg.questions.remembered import Remembered
from kg.questions.run import Rows

if TYPE_CHECKING:
    import rdflib

BUDGET = 0.050
WANTED_RATIO = 50.0
SHORT = 0.5
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


class Taken(NamedTuple):
    """The seconds of answers, sorted: worked out, and remembered; and the largest number of rows."""

    first: list[float]
    again: list[float]
    rows: int


def measure(store: ox.Store, question: Question, given: list[Values], repeats: int) -> Taken:
    """Ask a question with each of some values: as if nobody had asked before, and again."""
    first: list[float] = []
    again: list[float] = []
    most = 0
    for values in given:
        rows = run.execute(store, question, values)
        for _ in range(repeats):
            remembered = Remembered(store)  # nothing yet

            def ask(values: Values = values, remembered: Remembered = remembered) -> Rows:
                return run.answered(store, question, values, remembered)

            for seconds in (first, again):
                found, taken, _ = timed(ask)
                seconds.append(taken)
                if found != rows:
                    raise AssertionError(f"{question.name}: the same question has another answer")
        most = max(most, len(rows))
    return Taken(sorted(first), sorted(again), most)


ENDED, STOPPED, FAILED = "ended", "stopped", "failed"


def elsewhere(graph: rdflib.Graph, question: Question, values: Values, limit: int) -> tuple[float, str]:
    """Return the seconds that rdflib's engine takes, and whether it ended, was stopped at the limit, or failed.

    Of what takes less than half a second, three runs are made, and the middle one counts. That engine is slow at
    joining with queries within the query, so it gets the question without those that can be undone.
    """
    sparql = _flat(question.sparql)
    found = [_once_elsewhere(graph, question, sparql, values, limit)]
    if found[0][1] == ENDED and found[0][0] < SHORT:
        found += [_once_elsewhere(graph, question, sparql, values, limit) for _ in range(2)]
    return sorted(found)[len(found) // 2]


def _flat(sparql: str) -> str:
    """Return a query with its inner queries undone where they are patterns of which all variables are selected."""

    def undone(found: re.Match[str]) -> str:
        optional, variables, pattern = found.groups()
        is_whole = set(re.findall(r"\?\w+", pattern)) <= set(variables.split())
        if not is_whole:
            return found[0]
        return f"{optional}{{ {pattern.strip()} }}" if optional else f"{pattern.strip()} ."

    inner = r"(OPTIONAL\s+)?\{\s*SELECT\s+(?:DISTINCT\s+)?((?:\?\w+\s+)+)WHERE\s*\{([^{}]*)\}\s*\}"
    return re.sub(inner, undone, sparql)


def _once_elsewhere(
    graph: rdflib.Graph, question: Question, sparql: str, values: Values, limit: int
) -> tuple[float, str]:
    import rdflib

    def stop(_: int, __: FrameType | None) -> None:
        raise TooLongError

    sparql, replaced = binding.bind(guard.check(sparql, question.place), values)
    rest = {name: rdflib.Literal(value.value) for name, value in values.items() if name not in replaced}
    signal.signal(signal.SIGPROF, stop)
    start = time.process_time()
    signal.setitimer(signal.ITIMER_PROF, limit)
    try:
        list(graph.query(sparql, initNs=terms.PREFIXES, initBindings=rest))
    except TooLongError:
        return time.process_time() - start, STOPPED
    except Exception:  # noqa: BLE001 whatever that engine raises, as where it cannot sort what is unbound
        taken = time.process_time() - start
        return taken, FAILED if taken < limit else STOPPED
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
    return time.process_time() - start, ENDED


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
    gc.collect()
    gc.freeze()  # millions of terms of rdflib are not to be gone through while something is measured
    tally = Tally()
    print(f"{'':32} {'':6} {'first time, ms':>17} {'again, ms':>15}" + ("   rdflib" if options.rdflib else ""))
    print(
        f"{'question':32} {'rows':>6} {'p50':>8} {'p95':>8} {'p50':>7} {'p95':>7}"
        + (f" {'ms':>8} {'first':>7} {'again':>9}" if options.rdflib else "")
    )
    for name in options.only or header.catalogue():
        question = header.question(name)
        given = list(choices(question, values))
        taken = measure(store, question, given, options.repeats)
        line = f"{name:32} {taken.rows:>6,} {_ms(taken.first, 8, 1)} {_ms(taken.again, 7, 3)}"
        tally.timed(name, taken)
        if graph is not None:
            own = measure(store, question, given[:1], options.repeats)
            line += tally.compared(name, own, *elsewhere(graph, question, given[0], options.rdflib))
        print(line, flush=True)
    print("\n".join(tally.lines(is_compared=graph is not None)))
    return int(bool(tally.slow or tally.close or tally.unknown))


@dataclass(slots=True)
class Tally:
    """Which questions miss what is wanted: by the first time, and by the answer remembered."""

    number: int = 0
    slow: list[str] = field(default_factory=list)
    slow_again: list[str] = field(default_factory=list)
    close: list[str] = field(default_factory=list)
    close_again: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)

    def timed(self, name: str, taken: Taken) -> None:
        """Note the time of a question."""
        self.number += 1
        self.slow += [name] if part(taken.first, 0.95) > BUDGET else []
        self.slow_again += [name] if part(taken.again, 0.95) > BUDGET else []

    def compared(self, name: str, own: Taken, other: float, how: str) -> str:
        """Note how a question compares with rdflib's engine, and return that part of its line."""
        if how == FAILED:
            self.failed.append(name)
            return f" {'-':>8} {'-':>7} {'-':>9}"
        ratios = [other / max(statistics.median(seconds), 1e-6) for seconds in (own.first, own.again)]
        if ratios[0] < WANTED_RATIO:
            (self.close if how == ENDED else self.unknown).append(name)
        if ratios[1] < WANTED_RATIO:
            self.close_again.append(name)
        sign = "" if how == ENDED else "≥"
        return f" {sign}{other * 1000:.0f}".rjust(9) + "".join(
            f" {sign}{ratio:,.0f}".rjust(width) for ratio, width in zip(ratios, (8, 10), strict=True)
        )

    def lines(self, *, is_compared: bool) -> Iterator[str]:
        """Give the summary."""
        for when, slow in (("the first time", self.slow), ("again", self.slow_again)):
            over = f"; over it: {', '.join(slow)}" if slow else ""
            yield f"{when}: p95 within {BUDGET * 1000:.0f} ms for {self.number - len(slow)} of {self.number}{over}"
        if not is_compared:
            return
        compared = self.number - len(self.failed)
        for when, close, unknown in (
            ("the first time", self.close, self.unknown),
            ("again", self.close_again, []),
        ):
            reached = compared - len(close) - len(unknown)
            less = f"; less: {', '.join(close)}" if close else ""
            less += f"; stopped before that could be told: {', '.join(unknown)}" if unknown else ""
            yield f"{when}: at least {WANTED_RATIO:.0f} times rdflib's speed for {reached} of {compared}{less}"
        yield f"rdflib's engine fails for: {', '.join(self.failed) or 'none'}"


def _ms(seconds: list[float], width: int, digits: int) -> str:
    middle, most = statistics.median(seconds) * 1000, part(seconds, 0.95) * 1000
    return f"{middle:>{width}.{digits}f} {most:>{width}.{digits}f}"


if __name__ == "__main__":
    sys.exit(main())
