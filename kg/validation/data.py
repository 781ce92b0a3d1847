"""What is judged: the data of a store, told apart from the ontology and the vocabulary of the package.

Only the package says what a fact or a drug is. What a graph brings along under the same names is data, and is found.

The store is read once, as the N-Triples that it writes by itself: the fastest way to everything. From then on terms go
by their names (`kg.graph.written`), and what is said lies both by subject and by property.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import unquote

import pyoxigraph as ox

from kg import resources
from kg.graph import store as stores
from kg.graph import terms, written
from kg.vocabulary import schema

Said = dict[str, tuple[str, ...]]
"""What is said of a node: the values of each property, by their names."""

Users = dict[str, list[tuple[str, str]]]

_DEFAULT = ox.DefaultGraph()
_FOLLOWED = (terms.SKOS + "broader", terms.DRUGS + "brandOf")
_CHUNK = 1 << 20
_PATTERNS = 4
_MOST_ROWS = 5_000_000
_OUTSIDE = "ASK { GRAPH ?g { ?s ?p ?o } FILTER NOT EXISTS { ?s ?p ?o } }"

_Graph = ox.NamedNode | ox.BlankNode | ox.DefaultGraph


@dataclass(frozen=True)
class Data:
    """A store and what is in it that is not the package's own.

    Attributes
    ----------
    store : pyoxigraph.Store
        Data, ontology and vocabulary, in whatever graphs.
    about : mapping
        Subject → property → values of the data; subjects that are IRIs.
    nameless : mapping
        The same for subjects that are blank nodes.
    is_plain : bool
        Whether it is known that there are no blank nodes, triples within triples and texts with a direction.
    concepts : frozenset of str, optional
        The names in the data that are those of concepts, where they are known.
    is_union : bool
        Whether the default graph of the store is the union of all its graphs, rather than one of them.
    """

    store: ox.Store
    about: dict[str, Said] = field(repr=False)
    nameless: dict[str, Said] = field(default_factory=dict, repr=False)
    is_plain: bool = False
    concepts: frozenset[str] | None = field(default=None, repr=False)
    is_union: bool = False

    @functools.cached_property
    def columns(self) -> dict[str, dict[str, tuple[str, ...]]]:
        """Property → subject → values: the same as `about` and `nameless`, the other way round."""
        found: dict[str, dict[str, tuple[str, ...]]] = {}
        for subject, said in itertools.chain(self.about.items(), self.nameless.items()):
            for predicate, values in said.items():
                column = found.get(predicate)
                if column is None:
                    found[predicate] = {subject: values}
                else:
                    column[subject] = values
        return found

    @functools.cached_property
    def typed(self) -> dict[str, list[str]]:
        """Class → the IRIs that have it as a type, sorted."""
        found: dict[str, list[str]] = {}
        for subject, kinds in self.column(terms.RDF_TYPE).items():
            for kind in kinds if subject in self.about else ():
                found.setdefault(kind, []).append(subject)
        return {kind: sorted(subjects) for kind, subjects in found.items()}

    def __len__(self) -> int:
        """Count the triples."""
        return sum(len(values) for column in self.columns.values() for values in column.values())

    def column(self, predicate: str) -> dict[str, tuple[str, ...]]:
        """Return the values of a property by their subjects."""
        return self.columns.get(predicate, {})

    def iris(self, subject: str, predicate: str) -> list[str]:
        """Return the values that the data give a subject and that are IRIs."""
        said = self.about.get(subject)
        return [v for v in said[predicate] if written.is_iri(v)] if said and predicate in said else []

    def texts(self, subject: str, predicate: str) -> list[str]:
        """Return those values that are literals, as written."""
        said = self.about.get(subject)
        return [written.text(v) for v in said[predicate] if v.startswith('"')] if said and predicate in said else []

    def users(self, predicates: Iterable[str]) -> Users:
        """Return the objects of some properties, each with the subjects and their properties."""
        found: Users = {}
        for predicate in sorted(predicates):
            for subject, values in self.column(predicate).items():
                for value in values if subject in self.about else ():
                    if written.is_iri(value):
                        found.setdefault(value, []).append((subject, predicate))
        return found

    def label(self, iri: str) -> str:
        """Return the preferred label of an entity, from data or vocabulary; its local name where it has none."""
        pattern = self.store.quads_for_pattern(ox.NamedNode(iri), ox.NamedNode(terms.SKOS + "prefLabel"), None, None)
        found = sorted(q.object.value for q in pattern if isinstance(q.object, ox.Literal))
        return found[0] if found else unquote(iri.rstrip("/").rsplit("/", 1)[-1])


def read(source: ox.Store | Path | str) -> Data:
    """Read what is to be judged from a store, a folder of facts or any RDF file.

    Raises
    ------
    GraphError
        When the path cannot be read as RDF.
    """
    if isinstance(source, str | Path):
        return _united(of_store(stores.read_any(Path(source), union=False)))
    store = _complete(source)
    data = of_store(store, is_union=not store.query(_OUTSIDE))
    return data if data.is_union else _united(data, is_ours=store is not source)


def of_store(store: ox.Store, *, is_union: bool = False) -> Data:
    """Read what is to be judged from a store that holds the package's own triples too: what any of its graphs says.

    Where its default graph is the union of all, that alone is read.
    """
    reader = _read(store, _packaged_lines(), [_DEFAULT] if is_union else [_DEFAULT, *store.named_graphs()])
    said = reader.said
    nameless = {name: said.pop(name) for name in [name for name in said if written.is_blank(name)]}
    return Data(store, said, nameless, reader.is_plain, reader.concepts(), is_union)


def _united(data: Data, *, is_ours: bool = True) -> Data:
    """Make the default graph the union where the engine's own union would cost too much.

    That gives a triple once for each graph that holds it, so a query of four triples meets a fact of n documents n⁴
    times: nothing while few facts have many documents, and more than memory where many have.
    """
    sources = data.column(terms.OA + "hasSource")
    rows = 0
    for proofs in data.column(terms.DRUGS + "evidence").values():
        if len(proofs) > 1:
            rows += len({source for proof in proofs for source in sources.get(proof, ())}) ** _PATTERNS
    if rows <= _MOST_ROWS:
        return data
    store = data.store
    if not is_ours:
        store = ox.Store()
        store.bulk_extend(iter(data.store))
    store.update("INSERT { ?s ?p ?o } WHERE { GRAPH ?g { ?s ?p ?o } }")
    return replace(data, store=store, is_union=True)


@functools.cache
def packaged() -> ox.Store:
    """Return the ontology and the vocabulary of the package alone; nobody writes to it."""
    store = ox.Store()
    for path in stores.vocabulary_files():
        store.load(path.read_bytes(), ox.RdfFormat.TURTLE)
    return store


@functools.cache
def vocabulary() -> Mapping[str, Said]:
    """Return what ontology and vocabulary of the package say, by subject; nobody writes to it."""
    return _read(packaged(), frozenset()).said


@functools.cache
def ontology() -> Mapping[str, Said]:
    """Return what the ontology alone says, by subject; nobody writes to it."""
    store = ox.Store()
    store.load((resources.folder("ontology") / "drugs.ttl").read_bytes(), ox.RdfFormat.TURTLE)
    return _read(store, frozenset()).said


def fact_nodes(data: Data) -> list[str]:
    """List the nodes that are facts by type, by name, or by having subject, object, polarity or evidence, sorted."""
    found = {name for name in itertools.chain(data.about, data.nameless) if name.startswith(terms.FACT)}
    for mark in ("subject", "object", "evidence", "polarity"):
        found |= data.column(terms.DRUGS + mark).keys()
    classes = {terms.DRUGS + "Fact", *schema.load().kinds_by_iri}
    found |= {s for s, kinds in data.column(terms.RDF_TYPE).items() if not classes.isdisjoint(kinds)}
    return sorted(found)


def mentioned(data: Data, subjects: Iterable[str] | None = None) -> dict[str, Said]:
    """Return what the vocabulary says of every concept that the data mention, and of all that are broader.

    Of the data some subjects may be asked for.
    """
    known, found = vocabulary(), dict[str, Said]()
    if subjects is None and data.concepts is not None:
        waiting = set(data.concepts)
    else:
        everything = itertools.chain(data.about.items(), data.nameless.items())
        chosen = everything if subjects is None else ((iri, data.about[iri]) for iri in subjects)
        waiting = set()
        for subject, said in chosen:
            waiting.add(subject)
            waiting.update(*said.values())
    while waiting:
        iri = waiting.pop()
        if iri in found or iri not in known or not iri.startswith(terms.CONCEPT):
            continue
        found[iri] = known[iri]
        waiting.update(*(known[iri].get(predicate, ()) for predicate in _FOLLOWED))
    return found


def _read(store: ox.Store, known: frozenset[bytes], graphs: Iterable[_Graph] = (_DEFAULT,)) -> _Reader:
    reader = _Reader(known)
    for graph in graphs:
        # the store only asks for `write`
        store.dump(reader, ox.RdfFormat.N_TRIPLES, from_graph=graph)  # type: ignore[arg-type]
    reader.end()
    return reader


class _Reader:
    """Takes N-Triples as the store writes them, and keeps what is said that is not known already.

    Each name is one string, however many triples hold it: a large graph has ten times as many triples as names.
    """

    def __init__(self, known: frozenset[bytes]) -> None:
        self.said: dict[str, Said] = {}
        self.is_plain = True
        self._known = known
        self._names: dict[bytes, str] = {}
        self._several: set[tuple[str, str]] = set()
        self._rest = bytearray()

    def write(self, chunk: bytes) -> int:
        """Take a piece, of whatever length."""
        self._rest += chunk
        if len(self._rest) > _CHUNK:
            whole = self._rest.rfind(b"\n") + 1
            self._take(bytes(self._rest[:whole]))
            del self._rest[:whole]
        return len(chunk)

    def flush(self) -> None:
        """Keep what was taken: there is nothing to flush to."""

    def end(self) -> None:
        """Take the rest, and sort the values of each property, each once, so that a check is the same each time."""
        self._take(bytes(self._rest))
        for subject, predicate in self._several:
            self.said[subject][predicate] = tuple(sorted(set(self.said[subject][predicate])))

    def concepts(self) -> frozenset[str]:
        """Return the names that are those of concepts."""
        return frozenset(name for name in self._names.values() if name.startswith(terms.CONCEPT))

    def _take(self, lines: bytes) -> None:
        known, said, name = self._known, self.said, self._name
        get, about = self._names.get, said.get
        for line in lines.split(b"\n"):
            if not line or line in known:
                continue
            first, second, third = line.split(b" ", 2)
            third = third[:-2]  # without the full stop
            subject, predicate = get(first) or name(first), get(second) or name(second)
            value = get(third) or name(third)
            found = about(subject)
            if found is None:
                said[subject] = {predicate: (value,)}
                continue
            others = found.get(predicate)
            if others is None:
                found[predicate] = (value,)
            elif value is not others[0]:  # the same where several graphs say it
                found[predicate] = (*others, value)
                self._several.add((subject, predicate))

    def _name(self, term: bytes) -> str:
        is_iri = term.startswith(b"<") and not term.startswith(b"<<")
        name = self._names[term] = (term[1:-1] if is_iri else term).decode()
        if not is_iri and (name.startswith(("_:", "<<")) or written.has_direction(name)):
            self.is_plain = False
        return name


@functools.cache
def _packaged_lines() -> frozenset[bytes]:
    lines = packaged().dump(format=ox.RdfFormat.N_TRIPLES, from_graph=_DEFAULT) or b""
    return frozenset(lines.split(b"\n"))


def _complete(store: ox.Store) -> ox.Store:
    """Return a store that holds the package's own triples too."""
    if all(quad in store for quad in packaged()):
        return store
    whole = ox.Store()
    whole.bulk_extend(itertools.chain(store, packaged()))
    return whole
