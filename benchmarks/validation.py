"""Measure `kg check` and its validators: `python -m benchmarks.validation GRAPH [--documents 20 80] [--no-pyshacl]`.

GRAPH is a folder that `kg build` wrote. Its first documents, so many at a time, are judged by the fast validator and by
pyshacl in the same run: seconds of each, how many times as fast, whether the results are the same, and how the cost
grows with size (the exponent: 1 is in proportion). Then every stage of `kg check` is measured on the whole graph.
Seconds are processor time of this process, so that other work on the machine does not count; those by the clock stand
beside them, and are what a user waits on a machine that has nothing else to do.
"""

from __future__ import annotations

import argparse
import functools
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import pyoxigraph as ox

from benchmarks.measuring import exponent, peak, timed
from kg import evidence, validation
from kg.graph import store as stores
from kg.validation import checks, copies, dataset, derived, identity, judging, proofs, quotes, shapes
from kg.validation import data as judged
from kg.validation.data import Data
from kg.validation.stretches import Stretches

WANTED_RATIO = 8.0
BUDGET = 6.0

T = TypeVar("T")


@dataclass(frozen=True)
class Size:
    """What one size of graph costs."""

    documents: int
    triples: int
    focus_nodes: int
    fast: float
    pyshacl: float | None
    same: bool | None


def part(folder: Path, documents: int) -> Data:
    """Read what the first documents of a folder say."""
    store = ox.Store()
    every = [folder / stores.DOCUMENTS_FILE, folder / stores.CONCEPTS_FILE]
    every += sorted((folder / stores.STATEMENTS_FOLDER).glob("*.ttl"))[:documents]
    for path in (*stores.vocabulary_files(), *every):
        if path.is_file():
            store.load(path.read_bytes(), ox.RdfFormat.TURTLE)
    return judged.of_store(store)


def size(folder: Path, documents: int, with_pyshacl: bool) -> Size:
    """Judge the first documents by both validators."""
    data = part(folder, documents)
    rules = shapes.packaged()
    judging.judge(judged.of_store(stores.from_quads([])), rules)  # reads the shapes, once
    quick, fast_seconds, _ = timed(lambda: judging.judge(data, rules))
    if quick.validator != judging.FAST:
        raise SystemExit(f"the fast validator did not judge: {quick.reason}")
    slow_seconds, same = None, None
    if with_pyshacl:
        slow, slow_seconds, _ = timed(lambda: judging.judge(data, rules, judging.REFERENCE))
        same = set(slow.judged.results) == set(quick.judged.results) and slow.judged.counts == quick.judged.counts
    focus = sum(quick.judged.counts.values())
    return Size(documents, len(data), focus, fast_seconds, slow_seconds, same)


def growth(sizes: list[Size], seconds: Callable[[Size], float]) -> float:
    """Return the exponent by which the cost grows with size."""
    return exponent([(one.triples, seconds(one)) for one in sizes])


def validators(folder: Path, documents: list[int], with_pyshacl: bool) -> bool:
    """Print the costs of both validators over several sizes, and tell whether the fast one is as fast as wanted."""
    print(f"{'documents':>9} {'triples':>10} {'focus nodes':>12} {'fast':>8} {'pyshacl':>9} {'times':>7}  results")
    sizes: list[Size] = []
    for number in documents:
        one = size(folder, number, with_pyshacl)
        sizes.append(one)
        other = (
            f"{one.pyshacl:8.2f}s {one.pyshacl / one.fast:7.1f}" if one.pyshacl is not None else f"{'-':>9} {'-':>7}"
        )
        verdict = {None: "-", True: "the same", False: "DIFFERENT"}[one.same]
        print(
            f"{one.documents:9,} {one.triples:10,} {one.focus_nodes:12,} {one.fast:7.2f}s {other}  {verdict}",
            flush=True,
        )
    if len(sizes) > 1:
        print(f"growth: fast {growth(sizes, lambda one: one.fast):.2f}", end="")
        print(f", pyshacl {growth(sizes, lambda one: one.pyshacl or 1.0):.2f}" if with_pyshacl else "")
    ratios = [one.pyshacl / one.fast for one in sizes if one.pyshacl is not None]
    good = all(one.same is not False for one in sizes) and all(ratio >= WANTED_RATIO for ratio in ratios)
    if ratios:
        print(f"at least {min(ratios):.1f} times as fast (wanted: {WANTED_RATIO:.0f}): {'yes' if good else 'NO'}")
    return good


def stages(folder: Path) -> None:
    """Print what each stage of `kg check` costs on a whole graph."""
    print(f"\n{'stage':<28}{'processor':>10}{'clock':>9}")
    total = 0.0

    def stage(name: str, work: Callable[[], T], counts: bool = True) -> T:
        nonlocal total
        found, seconds, clock = timed(work)
        total += seconds if counts else 0.0
        print(f"{name:<28}{seconds:9.2f}s{clock:8.2f}s", flush=True)
        return found

    store = stage("load: store", lambda: stores.read_any(folder, union=False), counts=False)
    data = stage("load: what is said", lambda: judged.of_store(store), counts=False)  # as it is read from files
    stage("load: by property", lambda: (data.columns, data.typed), counts=False)
    facts = stage("facts", lambda: judged.fact_nodes(data))
    rules = stage("shapes: read", shapes.packaged)
    stage("shapes: idle ones", lambda: list(shapes.idle(rules)))
    stage("shapes: judged", lambda: judging.judge(data, rules))
    stage("derived facts", lambda: list(derived.check(data, facts)))
    texts, places = evidence.texts(quotes.sources(data), None, folder), Stretches(data)
    found = stage("evidence", lambda: proofs.read(data, places))
    stage("quotes", lambda: quotes.check(data, texts, places, found))
    stage("copies", lambda: copies.check(data, texts))
    stage("names", lambda: list(identity.check(data, facts, found)))
    stage("data set", lambda: list(dataset.check(data)))
    print(f"{'all but the check queries':<28}{total:9.2f}s")
    queries = 0.0
    for query in checks.catalogue():
        found_rows = functools.partial(checks.run, data.store, (query,), is_union=data.is_union)
        _, seconds, _ = timed(lambda: list(found_rows()))  # noqa: B023 - called at once
        queries += seconds
    print(f"{'check queries (beside)':<28}{queries:9.2f}s")


def whole(folder: Path) -> None:
    """Print what a user waits for `kg check`, load apart."""
    data, _, load = timed(lambda: judged.read(folder))
    del data
    report, seconds, clock = timed(lambda: validation.check(folder))
    memory = peak()
    print(f"\nwhole check: {seconds:.2f}s processor, {clock:.2f}s clock, of which load {load:.2f}s clock")
    print(f"load apart: {clock - load:.2f}s clock (wanted on a million triples: {BUDGET:.0f}s); {memory} MB")
    print(f"validator {report.validator}, {report.counts()}; load average {os.getloadavg()[0]:.1f}")


def main() -> int:
    """Measure, and return 0 where the fast validator gives the same results as fast as is wanted."""
    parser = argparse.ArgumentParser(description=__doc__.partition(".")[0])
    parser.add_argument("graph", type=Path)
    parser.add_argument("--documents", type=int, nargs="+", default=[20, 80, 310])
    parser.add_argument("--no-pyshacl", action="store_true")
    given = parser.parse_args()
    good = validators(given.graph, given.documents, not given.no_pyshacl)
    stages(given.graph)
    whole(given.graph)
    return 0 if good else 1


if __name__ == "__main__":
    raise SystemExit(main())
