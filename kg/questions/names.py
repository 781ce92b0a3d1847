"""Names as people type them: any case, singular or plural, brand or generic, become IRIs of the graph.

Every look-up goes through the store's own labels. A few spellings of the name are looked up directly, which costs
microseconds; only a name that none of them finds is compared with all labels.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kg.errors import UnknownNameError
from kg.graph import terms
from kg.questions import spelling
from kg.vocabulary.lexicon import normalise, variants

if TYPE_CHECKING:
    from kg.graph.readable import Readable

MEDICINES = ("Drug", "Brand", "DrugClass")
"""What can be asked about, most wanted first."""

_UNLISTED = frozenset({"UnlistedTerm"})

_LABELS = (
    f"SELECT ?label {{ {{ ?one <{terms.SKOS}prefLabel> ?label }} UNION {{ ?one <{terms.SKOS}altLabel> ?label }} }}"
)
_SCHEMES = {"Topic": "topics", "Level": "levels"}
_LONGEST_NAME = 200
_MOST_KEPT = 10_000
"""Names that were looked up and are remembered: whoever asks a server for ever new ones must not fill its memory."""

_HYPHEN = re.compile(r"[\s-]+")


@dataclass(frozen=True, slots=True)
class Named:
    """Something of the graph that bears a name: its IRI, preferred label and types."""

    iri: str
    label: str
    types: frozenset[str]


class Names:
    """The names of one store.

    Parameters
    ----------
    store : Readable
        A store with the vocabulary in it.
    """

    def __init__(self, store: Readable) -> None:
        """Look at a store; nothing is read yet."""
        import pyoxigraph as ox

        self._store = store
        self._ox = ox
        self._graph = ox.DefaultGraph()  # holds the union of all graphs
        self._label = ox.NamedNode(terms.SKOS + "prefLabel")
        self._labels = (self._label, ox.NamedNode(terms.SKOS + "altLabel"))
        self._type = ox.NamedNode(terms.RDF_TYPE)
        self._subject = ox.NamedNode(terms.DRUGS + "subject")
        self._by_normal: dict[str, list[str]] | None = None
        self._words: frozenset[str] | None = None
        self._found: dict[str, tuple[Named, ...]] = {}
        self._near: dict[str, list[tuple[int, Named]]] = {}

    def find(self, name: str, *, thorough: bool = True) -> tuple[Named, ...]:
        """Return everything that bears the name, what is preferably called so first.

        `thorough` compares with all labels where the usual spellings find nothing.
        """
        key = " ".join(name.split())
        if not key or len(key) > _LONGEST_NAME:
            return ()
        if key not in self._found:
            if len(self._found) >= _MOST_KEPT:
                self._found.clear()
            self._found[key] = self._named(self._direct(key))
        if not self._found[key] and thorough:
            self._found[key] = self._named(self._slowly(key))
        return self._found[key]

    def drug(self, name: str) -> Named:
        """Return the drug of a generic or brand name, or the class of that name.

        Raises
        ------
        UnknownNameError
            When no drug, brand or class is called so.
        """
        found = [named for named in self.find(name) if named.types.intersection(MEDICINES)]
        found = found or [named for named in self.find(name) if self.is_medicine(named)]
        if not found:
            raise self._unknown(name, "drug", MEDICINES)
        by_use = sorted(found, key=lambda n: (not self.is_subject(self._drug_of(n)), _rank(n), n.iri))
        return self._describe(self._drug_of(by_use[0]))

    def entity(self, name: str) -> tuple[Named, ...]:
        """Return all that bear the name (a condition and a population may share one); brands become their drugs.

        Raises
        ------
        UnknownNameError
            When nothing in the graph is called so.
        """
        found = [named for named in self.find(name) if terms.is_entity(named.iri)]
        if not found:
            raise self._unknown(name, "drug, condition, person, activity or food", ())
        return tuple(dict.fromkeys(self._describe(self._drug_of(named)) for named in found))

    def nearest(self, typed: str) -> Named | None:
        """Return the one drug, brand or class that a misspelt name can only mean, or none.

        It is one slip away, and everything else called otherwise at least two slips more: names of drugs that are
        easily confused are never swapped silently.
        """
        meant: dict[str, int] = {}
        for slips, named in self.near(typed):
            if named.types.intersection(MEDICINES):
                meant.setdefault(self._drug_of(named), slips)
        return self._describe(next(iter(meant))) if list(meant.values()) == [1] else None

    def near(self, typed: str) -> list[tuple[int, Named]]:
        """Return what is called nearly so, with the number of slips, the nearest first."""
        wanted = normalise(typed)
        if wanted not in self._near:
            index = self._all_labels()
            close = spelling.near(wanted, index)
            self._near[wanted] = [
                (slips, named) for slips, label in close for named in self._named(self._bearers(label))
            ]
        return self._near[wanted]

    def words(self) -> frozenset[str]:
        """Return the words of which names are made."""
        if self._words is None:
            self._words = frozenset(word for label in self._all_labels() for word in label.split() if word.isalpha())
        return self._words

    def containing(self, words: Sequence[str]) -> Iterator[Named]:
        """Give what has all of some words in one of its names, each as a word or the beginning of one."""
        for label in self._all_labels() if words else ():
            if all(f" {word}" in f" {label}" for word in words):
                yield from self._named(self._bearers(label))

    def typed(self, name: str, what: str, types: tuple[str, ...] = ()) -> tuple[Named, ...]:
        """Return all of some types that bear the name, without types any; `what` is the word for them in an error.

        Raises
        ------
        UnknownNameError
            When nothing of these types is called so.
        """
        found = tuple(n for n in self.find(name) if terms.is_entity(n.iri) and (not types or n.types & {*types}))
        if not found:
            raise self._unknown(name, what, types)
        return found

    def listed(self, name: str, type_: str) -> Named:
        """Return a value of a closed list ("avoid") or a kind of fact ("caution").

        Raises
        ------
        UnknownNameError
            When the list has no such value.
        """
        values = dict(self._values(type_))
        wanted = name.strip().lower().replace(" ", "_").replace("-", "_")
        if wanted not in values:
            remedy = "use one of " + ", ".join(sorted(values))
            raise UnknownNameError(name, f"is no {type_.lower()}", remedy)
        return values[wanted]

    def document(self, name: str) -> Named:
        """Return a document by its file name.

        Raises
        ------
        UnknownNameError
            When the graph holds no document of that name.
        """
        identifier = self._ox.NamedNode(terms.DCTERMS + "identifier")
        known = {
            _value(quad.object): _value(quad.subject)
            for quad in self._store.quads_for_pattern(None, identifier, None, self._graph)
            if isinstance(quad.object, self._ox.Literal) and isinstance(quad.subject, self._ox.NamedNode)
        }
        if name not in known:
            close = difflib.get_close_matches(name, known, n=3, cutoff=0.5) or sorted(known)[:5]
            raise UnknownNameError(name, "no document of that name", f"the graph has {', '.join(close) or 'none'}")
        return Named(known[name], name, frozenset({"Document"}))

    def is_medicine(self, named: Named) -> bool:
        """Tell whether it is a drug, a brand or a class, be it one that only the documents know."""
        if named.types.intersection(MEDICINES):
            return True
        return named.types <= _UNLISTED and (self.is_subject(named.iri) or self._drug_of(named) != named.iri)

    def is_subject(self, iri: str) -> bool:
        """Tell whether facts are about it."""
        quads = self._store.quads_for_pattern(None, self._subject, self._ox.NamedNode(iri), self._graph)
        return next(iter(quads), None) is not None

    def is_within(self, iri: str, wider: str) -> bool:
        """Tell whether a concept stands below another one."""
        broader, seen = self._ox.NamedNode(terms.SKOS + "broader"), [iri]
        for one in seen:
            quads = self._store.quads_for_pattern(self._ox.NamedNode(one), broader, None, self._graph)
            seen += [value for quad in quads if (value := _value(quad.object)) not in seen]
        return wider in seen[1:]

    def _direct(self, name: str) -> Iterator[str]:
        literal, store = self._ox.Literal, self._store
        for written in _spellings(name):
            for predicate in self._labels:
                for quad in store.quads_for_pattern(None, predicate, literal(written, language="en"), self._graph):
                    if isinstance(quad.subject, self._ox.NamedNode):
                        yield _value(quad.subject)

    def _slowly(self, name: str) -> Iterator[str]:
        index = self._all_labels()
        for variant in dict.fromkeys((*variants(name), *map(normalise, _spellings(name)))):
            if variant in index:
                yield from self._bearers(variant)

    def _all_labels(self) -> dict[str, list[str]]:
        """Return all labels as they are compared, each with the literals it stands for.

        What bears them is looked up only for the few that are wanted: reading it too would take three times as long.
        """
        if self._by_normal is None:
            found = self._store.query(_LABELS)
            assert isinstance(found, self._ox.QuerySolutions)  # noqa: S101 - a SELECT
            written = found.serialize(format=self._ox.QueryResultsFormat.TSV) or b""
            by_normal: dict[str, list[str]] = {}
            for line in written.decode().split("\n")[1:-1]:
                by_normal.setdefault(normalise(line[1 : line.rindex('"')]), []).append(line)
            self._by_normal = by_normal
        return self._by_normal

    def _bearers(self, normal: str) -> Iterator[str]:
        """Give the IRIs of all that bear a label."""
        for written in dict.fromkeys(self._all_labels()[normal]):
            triple = next(iter(self._ox.parse(f"<a:a> <a:a> {written} .", self._ox.RdfFormat.N_TRIPLES)))
            for predicate in self._labels:
                for quad in self._store.quads_for_pattern(None, predicate, triple.object, self._graph):
                    yield _value(quad.subject)

    def _named(self, iris: Iterable[str]) -> tuple[Named, ...]:
        return tuple(self._describe(iri) for iri in dict.fromkeys(iris))

    def _describe(self, iri: str) -> Named:
        node, store = self._ox.NamedNode(iri), self._store
        labels = sorted(_value(quad.object) for quad in store.quads_for_pattern(node, self._label, None, self._graph))
        types = {_value(quad.object) for quad in store.quads_for_pattern(node, self._type, None, self._graph)}
        return Named(
            iri,
            labels[0] if labels else iri.rsplit("/", 1)[-1],
            frozenset(t.removeprefix(terms.DRUGS) for t in types if t.startswith(terms.DRUGS)),
        )

    def _drug_of(self, named: Named) -> str:
        """Return the drug of a brand; a brand that facts are about (a combination) stays itself."""
        brand_of = self._ox.NamedNode(terms.DRUGS + "brandOf")
        if self.is_subject(named.iri):
            return named.iri
        node = self._ox.NamedNode(named.iri)
        listed = [_value(q.object) for q in self._store.quads_for_pattern(node, brand_of, None, self._graph)]
        if listed or named.types.intersection(MEDICINES):
            return min(listed, default=named.iri)
        has_brand = self._ox.NamedNode(terms.DRUGS + "hasBrand")  # a name that only documents give a drug
        told = [_value(q.subject) for q in self._store.quads_for_pattern(None, has_brand, node, self._graph)]
        return min(told, default=named.iri)

    def _values(self, type_: str) -> Iterator[tuple[str, Named]]:
        store, node = self._store, self._ox.NamedNode
        if type_ == "Kind":
            for quad in store.quads_for_pattern(None, node(terms.DRUGS + "kind"), None, self._graph):
                if isinstance(quad.object, self._ox.Literal):
                    yield _value(quad.object), Named(_value(quad.subject), _value(quad.object), frozenset({"FactKind"}))
            return
        scheme = node(terms.SCHEME + _SCHEMES[type_])
        for quad in store.quads_for_pattern(None, node(terms.SKOS + "inScheme"), scheme, self._graph):
            local = _value(quad.subject).rsplit("/", 1)[-1]
            yield local, Named(_value(quad.subject), local, frozenset({type_}))

    def _unknown(self, name: str, what: str, types: tuple[str, ...]) -> UnknownNameError:
        """Name what is spelt nearly so, among the types wanted."""
        wanted = normalise(name)[:_LONGEST_NAME]
        near = [label for label in self._all_labels() if abs(len(label) - len(wanted)) <= 3]
        labels: list[str] = []
        for label in difflib.get_close_matches(wanted, near, n=8, cutoff=0.7):
            called_so = self._named(self._bearers(label))
            labels += [_shown(n, label) for n in called_so if not types or n.types.intersection(types)]
        remedy = "did you mean " + " or ".join(dict.fromkeys(labels[:3])) + "?" if labels else "check the spelling"
        shown = name if len(name) <= 60 else name[:60] + "…"
        return UnknownNameError(shown, f"no {what} of that name is known", remedy)


def _shown(named: Named, label: str) -> str:
    return named.label if normalise(named.label) == label else f"{label} ({named.label})"


def _value(term: object) -> str:
    return str(getattr(term, "value", ""))


def _rank(named: Named) -> int:
    return next((place for place, type_ in enumerate(MEDICINES) if type_ in named.types), len(MEDICINES))


def _spellings(name: str) -> Iterator[str]:
    """Give the ways in which a label may be written: cases, number, hyphens."""
    stems = dict.fromkeys([name, normalise(name), *variants(name)])
    seen: set[str] = set()
    for stem in stems:
        words = _HYPHEN.split(stem)
        shapes = [stem]
        if len(words) == 2:
            shapes += ["-".join(words), " ".join(words)]
        elif len(words) > 2:
            shapes += [" ".join(words), "-".join(words[:2]) + " " + " ".join(words[2:])]
        for shape in shapes:
            for written in (shape, shape.lower(), shape.capitalize(), shape.title(), shape.upper()):
                if written not in seen:
                    seen.add(written)
                    yield written
