"""One measurement in a process of its own: `python -m benchmarks.measures NAME GRAPH [MORE…]` prints a line of JSON.

Each has a process, so that its memory is its own. Where something must be there before the work begins (an open graph),
that is not counted in `seconds`; the memory is that of the whole process. Those that begin with `rdflib`, `pyshacl` and
`pyoxigraph` are what a user would take instead, or the least that it can cost.
"""

from __future__ import annotations

import json
import statistics
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox

import kg
from benchmarks import questions as asking
from benchmarks.measuring import peak, timed
from kg.graph import disk, terms
from kg.graph import store as stores
from kg.questions import binding, guard, header, run
from kg.questions.header import Question

if TYPE_CHECKING:
    import rdflib

QUESTIONS = (
    "adverse_effects",
    "advice",
    "cautions",
    "contraindications",
    "dosage",
    "drugs_causing",
    "drugs_for",
    "drugs_needing_care",
    "evidence",
    "indications",
    "interactions",
    "shared_adverse_effects",
)
"""What people ask most: of a drug, of a condition, of two drugs, and where something stands."""

ASKED = 3
"""How often a question is asked for each time that counts; one to warm up comes before."""

PYOXIGRAPH = {"nquads": ox.RdfFormat.N_QUADS, "trig": ox.RdfFormat.TRIG}
RDFLIB = {"turtle": "turtle", "trig": "trig", "nquads": "nquads", "jsonld": "json-ld", "rdfxml": "xml"}

Found = dict[str, Any]


def _opened(store: Any) -> int:
    """Ask for one fact, so that opening is not put off."""
    return len(list(store.query("SELECT ?fact { ?fact a drugs:Caution } LIMIT 1", prefixes=terms.PREFIXES)))


def load_store(folder: Path) -> Found:
    """Open a folder that has its store."""
    found, seconds, _ = timed(lambda: _opened(kg.open(folder).store))
    return {"seconds": seconds, "found": found}


def load_turtle(folder: Path) -> Found:
    """Read the Turtle files of a folder, as is done where it has no store."""
    store, seconds, _ = timed(lambda: stores.open_store(folder))
    return {"seconds": seconds, "found": len(store)}


def rdflib_load(folder: Path) -> Found:
    """Read the same files with rdflib."""
    graph, seconds, _ = timed(lambda: _in_rdflib(folder))
    return {"seconds": seconds, "found": len(graph)}


def pyoxigraph_store(folder: Path) -> Found:
    """Open the store alone, with nothing made sure of."""
    path = str(folder / disk.STORE_FOLDER / disk.DATA_FOLDER)
    found, seconds, _ = timed(lambda: len(list(ox.Store.read_only(path).query("SELECT ?s { ?s ?p ?o } LIMIT 1"))))
    return {"seconds": seconds, "found": found}


def pyoxigraph_turtle(folder: Path) -> Found:
    """Read the same files into memory, each into its graph and nothing twice."""
    store, seconds, _ = timed(lambda: _in_pyoxigraph(folder))
    return {"seconds": seconds, "found": len(store)}


def pyoxigraph_build(folder: Path, target: str) -> Found:
    """Write a store on disk from the same files, each into its graph and nothing twice."""
    store, seconds, _ = timed(lambda: _in_pyoxigraph(folder, target))
    return {"seconds": seconds, "found": len(store)}


def ask(folder: Path) -> Found:
    """Ask each question with the values that most facts are about."""
    store = stores.embedded(kg.open(folder).store)
    return _asked(store, lambda question, values: lambda: run.execute(store, question, values))


def pyoxigraph_ask(folder: Path) -> Found:
    """Put the same queries to the engine alone; the answers stay as it gives them."""
    store = stores.embedded(kg.open(folder).store)

    def prepared(question: Question, values: asking.Values) -> Callable[[], object]:
        sparql, replaced = binding.bind(guard.check(question.sparql, question.place), values)
        rest = {ox.Variable(name): value for name, value in values.items() if name not in replaced}
        return lambda: list(store.query(sparql, prefixes=terms.PREFIXES, substitutions=rest))  # type: ignore[arg-type]

    return _asked(store, prepared)


def rdflib_ask(folder: Path, limit: str) -> Found:
    """Put the same queries to rdflib's engine; one that takes longer than the limit counts as the limit."""
    graph, found = _in_rdflib(folder), {}
    for name, question, values in _questions(stores.embedded(kg.open(folder).store)):
        seconds, how = asking.elsewhere(graph, question, values, int(limit))
        found[name] = seconds if how == asking.ENDED else float(limit)
    return {"seconds": statistics.median(found.values()), "each": found}


def check(folder: Path) -> Found:
    """Judge a folder by everything that there is."""
    from kg import validation

    report, seconds, _ = timed(lambda: validation.check(folder))
    return {"seconds": seconds, "found": report.focus_nodes, "problems": len(report.findings)}


def shapes_check(folder: Path) -> Found:
    """Judge a folder by the package's shapes alone, by the validator for large graphs; reading it is not counted."""
    from kg.validation import data, judging, shapes

    said, rules = data.of_store(stores.embedded(kg.open(folder).store), is_union=True), shapes.packaged()
    found, seconds, _ = timed(lambda: judging.judge(said, rules))
    return {"seconds": seconds, "found": sum(found.judged.counts.values()), "validator": found.validator}


def pyshacl_check(folder: Path) -> Found:
    """Judge a folder by the package's shapes alone, with pyshacl, as its own documentation shows."""
    import pyshacl

    from kg.validation import shapes

    graph, rules = _in_rdflib(folder), shapes.packaged()
    (conforms, _, _), seconds, _ = timed(lambda: pyshacl.validate(graph, shacl_graph=rules))
    return {"seconds": seconds, "found": int(conforms)}


def pyoxigraph_read(folder: Path) -> Found:
    """Go through all quads of the store once: the least that judging them can cost."""
    store = stores.embedded(kg.open(folder).store)
    found, seconds, _ = timed(lambda: sum(1 for _ in store.quads_for_pattern(None, None, None, None)))
    return {"seconds": seconds, "found": found}


def export(folder: Path, target: str, form: str) -> Found:
    """Write a graph in one format; opening it is not counted."""
    graph = kg.open(folder)
    _, seconds, _ = timed(lambda: graph.export(Path(target), form))
    return {"seconds": seconds, "found": sum(path.stat().st_size for path in Path(target).parent.iterdir())}


def pyoxigraph_export(folder: Path, target: str, form: str) -> Found:
    """Dump the same triples or quads as they come, in no order and with no prefix."""
    if form == "turtle":
        store = stores.embedded(kg.open(folder).store)
        _, seconds, _ = timed(lambda: store.dump(target, ox.RdfFormat.TURTLE, from_graph=stores.DEFAULT))
    else:
        plain = _in_pyoxigraph(folder)
        _, seconds, _ = timed(lambda: plain.dump(target, PYOXIGRAPH[form]))
    return {"seconds": seconds, "found": Path(target).stat().st_size}


def rdflib_export(folder: Path, target: str, form: str) -> Found:
    """Let rdflib write the same graph."""
    import rdflib

    graph: rdflib.Graph = rdflib.Graph() if form in ("trig", "nquads") else _in_rdflib(folder)
    if form in ("trig", "nquads"):
        dataset = rdflib.Dataset()
        for name, path in _files(folder).items():
            dataset.graph(rdflib.URIRef(getattr(_graph_of(name), "value", terms.GRAPH))).parse(path, format="turtle")
        graph = dataset
    _, seconds, _ = timed(lambda: graph.serialize(target, format=RDFLIB[form], encoding="utf-8"))
    return {"seconds": seconds, "found": Path(target).stat().st_size}


def size(folder: Path) -> Found:
    """Say how large a graph is: triples of the union without the ontology, quads, facts, documents, bytes."""
    graph = kg.open(folder)
    store = stores.embedded(graph.store)
    known = sum(1 for path in stores.vocabulary_files() for _ in ox.parse(path.read_bytes(), ox.RdfFormat.TURTLE))
    union = sum(1 for _ in store.quads_for_pattern(None, None, None, stores.DEFAULT))
    evidence = ox.NamedNode(terms.DRUGS + "evidence")
    facts = {quad.subject for quad in store.quads_for_pattern(None, evidence, None, stores.DEFAULT)}
    data = folder / disk.STORE_FOLDER
    return {
        "documents": len(graph.documents),
        "facts": len(facts),
        "triples": union - known,
        "quads": len(store),
        "store_mb": round(sum(path.stat().st_size for path in data.rglob("*") if path.is_file()) / 1e6, 1),
        "files_mb": round(
            sum(p.stat().st_size for p in folder.rglob("*") if p.is_file() and data not in p.parents) / 1e6, 1
        ),
    }


def _in_rdflib(folder: Path) -> rdflib.Graph:
    import rdflib

    graph = rdflib.Graph()
    for path in _files(folder).values():
        graph.parse(path, format="turtle")
    return graph


def _in_pyoxigraph(folder: Path, target: str | None = None) -> ox.Store:
    store = ox.Store(target)
    for name, path in _files(folder).items():
        store.bulk_load(path=str(path), format=ox.RdfFormat.TURTLE, to_graph=_graph_of(name))
    if target is not None:
        store.optimize()
        store.flush()
    return store


def _files(folder: Path) -> dict[str, Path]:
    """Return the files of a graph, those of the ontology and the vocabulary among them, which belong to it."""
    return {path.name: path for path in stores.vocabulary_files()} | dict(disk.facts_of(folder))


def _graph_of(name: str) -> ox.NamedNode | ox.DefaultGraph:
    return disk.graph_of(name) if name in stores.WHOLE_FILES or "/" in name else stores.DEFAULT


def _questions(store: ox.Store) -> Iterator[tuple[str, Question, asking.Values]]:
    """Give each question with the heaviest values, in order."""
    values = {type_: asking.heaviest(store, type_, 2) for type_ in asking.PROPERTIES}
    for name in QUESTIONS:
        question = header.question(name)
        first = next(asking.choices(question, values), None)
        if first is not None:
            yield name, question, first


def _asked(store: ox.Store, prepared: Callable[[Question, asking.Values], Callable[[], object]]) -> Found:
    found = {}
    for name, question, values in _questions(store):
        action = prepared(question, values)
        action()
        found[name] = statistics.median(timed(action)[1] for _ in range(ASKED))
    return {"seconds": statistics.median(found.values()), "each": found}


MEASURES: dict[str, Callable[..., Found]] = {
    function.__name__: function
    for function in (
        load_store,
        load_turtle,
        rdflib_load,
        pyoxigraph_store,
        pyoxigraph_turtle,
        pyoxigraph_build,
        ask,
        pyoxigraph_ask,
        rdflib_ask,
        check,
        shapes_check,
        pyshacl_check,
        pyoxigraph_read,
        export,
        pyoxigraph_export,
        rdflib_export,
        size,
    )
}


if __name__ == "__main__":
    said = MEASURES[sys.argv[1]](Path(sys.argv[2]), *sys.argv[3:])
    print(json.dumps(said | {"memory": peak()}))
