"""Facts in order, and the ways to choose among them; the vocabulary is known, and what is misspelt is an error."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from kg.errors import UnknownNameError
from kg.records import Entity, Evidence, Fact, Link
from kg.results import closed, frames, html, meaning, plain
from kg.results.meaning import Context, Meaning
from kg.results.sequences import Records
from kg.vocabulary import schema

if TYPE_CHECKING:
    from typing import Self

    import networkx as nx


_KEYWORDS = ("kind", "level", "min_level", "polarity")
_FREQUENT, _POPULATION = "frequency", "population"


class Facts(Records[Fact]):
    """Facts in order, with all their evidence: a tuple that can be chosen from, printed and handed on.

    A choice among facts is facts. The names of drugs, conditions and people are looked up in the graph that the facts
    come from, in any spelling; without a graph, a name is what it says.

    >>> import kg
    >>> facts = kg.load().drug("Klonopin").facts()
    >>> facts.where(kind="caution", min_level="avoid").about("driving")
    <1 fact: clonazepam caution driving (avoid)>
    >>> facts.where(kind="cautoin")
    Traceback (most recent call last):
    kg.errors.UnknownNameError: cautoin: no such kind of fact; use ... (did you mean caution?)
    """

    noun = "fact"

    _graph: Context | None
    _links: Mapping[str, Link]

    def __new__(
        cls, facts: Iterable[Fact] = (), graph: Context | None = None, links: Mapping[str, Link] | None = None
    ) -> Self:
        """Keep facts in their order, the graph that names are looked up in, and the steps that led to some of them."""
        new = super().__new__(cls, facts)
        new._graph, new._links = graph, links or {}
        return new

    def where(
        self,
        *,
        kind: closed.Kind | None = None,
        level: closed.Level | None = None,
        min_level: closed.Level | None = None,
        polarity: closed.Polarity | None = None,
        **qualifiers: str | None,
    ) -> Self:
        """Choose by kind, level of care, polarity and any qualifier; a qualifier that is None must not be said.

        `min_level` keeps what is at least so severe; what has no level is left out by it. A qualifier whose name is a
        word of Python is written with an underscore behind it (`with_`).

        Raises
        ------
        UnknownNameError
            When a kind, a level, a polarity, a qualifier or its value is unknown.

        >>> import kg
        >>> kg.load().facts().where(kind="indication", approval="off label", polarity="denied")
        <0 facts>
        """
        language = schema.load()
        tests: list[Callable[[Fact], bool]] = []
        if kind is not None:
            named = closed.kind(kind)
            tests.append(lambda fact: fact.kind == named)
        if level is not None:
            wanted = closed.level(level)
            tests.append(lambda fact: fact.level == wanted)
        if min_level is not None:
            least = closed.rank(closed.level(min_level))
            tests.append(lambda fact: closed.rank(fact.level) >= least)
        if polarity is not None:
            side = closed.value(polarity, "polarity", language.polarities)
            tests.append(lambda fact: fact.polarity == side)
        tests += [self._qualified(name, value) for name, value in qualifiers.items()]
        return self.filter(lambda fact: all(test(fact) for test in tests))

    def about(self, thing: str, *, broader: bool = False) -> Self:
        """Choose those that have a thing as their subject or their object; a brand is its drug.

        With `broader`, those about what is above it in the vocabulary too; `through` tells which these are.

        Raises
        ------
        UnknownNameError
            When nothing in the graph is called so.

        >>> import kg
        >>> kg.load().facts(kind="caution").about("liver diseases").objects
        <1 record: liver disease>
        """
        return self._of(meaning.of(thing, self._graph, broader=broader), lambda fact: (fact.subject, fact.object))

    def on(self, thing: str, *, broader: bool = False) -> Self:
        """Choose those that have a thing as their object; see `about`."""
        return self._of(meaning.of(thing, self._graph, broader=broader), lambda fact: (fact.object,))

    def in_population(self, group: str) -> Self:
        """Choose what is said of a group of people, be it the object or a qualifier.

        What is said of people in general is not among them: nothing says that it does not hold for the group.

        Raises
        ------
        UnknownNameError
            When nothing in the graph is called so.

        >>> import kg
        >>> facts = kg.load().facts()
        >>> facts.in_population("elderly") == facts.in_population("older adults")
        True
        """
        group_of = meaning.of(group, self._graph)
        return self.filter(
            lambda fact: group_of.has_label(fact.qualifiers.get(_POPULATION)) or group_of.is_(fact.object)
        )

    def at_least_as_frequent(self, least: closed.Frequency) -> Self:
        """Choose those whose frequency is at least so high, in words or as a figure; unsaid frequencies are left out.

        Raises
        ------
        UnknownNameError
            When there is no such frequency.
        """
        named = closed.value(least, _FREQUENT, closed.values(_FREQUENT))
        return self.filter(lambda fact: closed.is_frequent(fact.qualifiers.get(_FREQUENT), named))

    def said_by(self, document: str) -> Self:
        """Choose what a document says; the facts keep all their evidence.

        Raises
        ------
        UnknownNameError
            When neither these facts nor their graph have a document of that name.
        """
        found = self.filter(lambda fact: document in fact.documents)
        known = self.documents if self._graph is None else _documents(self._graph)
        if not found and document not in known:
            close = difflib.get_close_matches(document, known, n=3, cutoff=0.5) or list(known[:5])
            remedy = f"there are {', '.join(close)}" if close else "there is none"
            raise UnknownNameError(document, "no document of that name", remedy)
        return found

    @property
    def documents(self) -> tuple[str, ...]:
        """The names of the documents that say any of them, sorted."""
        return tuple(sorted({name for fact in self for name in fact.documents}))

    @property
    def subjects(self) -> Records[Entity]:
        """What they are about, each once, in order."""
        return Records(dict.fromkeys(fact.subject for fact in self))

    @property
    def objects(self) -> Records[Entity]:
        """What they say of their subjects, each once, in order."""
        return Records(dict.fromkeys(fact.object for fact in self))

    @property
    def evidence(self) -> Records[Evidence]:
        """Every place that says any of them, each once, in order."""
        return Records(dict.fromkeys(item for fact in self for item in fact.evidence))

    def quotes(self) -> tuple[str, ...]:
        """Return the sentences that say so, each once, as far as their texts are at hand."""
        return tuple(dict.fromkeys(item.quote for item in self.evidence if item.quote is not None))

    def through(self, fact: Fact) -> Link | None:
        """Return the step in the vocabulary by which a fact was found under a broader name; None where it is direct."""
        return self._links.get(fact.iri)

    def to_dicts(self) -> list[dict[str, Any]]:
        """Return each fact as a dictionary that JSON can hold, evidence included.

        >>> import kg
        >>> kg.load().facts(kind="caution")[:1].to_dicts()[0]["subject"]["label"]
        'clonazepam'
        """
        return [plain.fact(fact, self.through(fact)) for fact in self]

    def to_networkx(self) -> nx.MultiDiGraph[str]:
        """Return these facts as edges of a directed multigraph, from subject to object, as `Graph.to_networkx` does."""
        from kg.results import network

        return network.of(self, self._graph.types if self._graph is not None else lambda _: ())

    def columns(self) -> list[frames.Column]:
        """Return what a frame shows: the fact, its qualifiers, its documents, and how many places say so."""
        language = schema.load()

        def text(name: str, value: Callable[[Fact], str | None]) -> frames.Column:
            return frames.texts(name, map(value, self))

        return [
            text("iri", lambda fact: fact.iri),
            frames.listed("kind", [fact.kind for fact in self], list(language.kinds)),
            frames.listed("polarity", [fact.polarity for fact in self], list(language.polarities)),
            text("subject", lambda fact: fact.subject.label),
            text("subject_iri", lambda fact: fact.subject.iri),
            text("object", lambda fact: fact.object.label),
            text("object_iri", lambda fact: fact.object.iri),
            frames.scale("level", [fact.level for fact in self], language.levels),
            *(self._qualifier_column(name) for name in closed.qualifiers() if name != "level"),
            frames.Column("documents", tuple(list(fact.documents) for fact in self), "texts"),
            frames.Column("evidence", tuple(len(fact.evidence) for fact in self), "count"),
            text("through", lambda fact: link.broader.label if (link := self.through(fact)) else None),
        ]

    def _repr_html_(self) -> str:
        columns = ("subject", "kind", "level", "object", "qualifiers", "documents", "quote")
        title = f"{len(self):,} fact{'' if len(self) == 1 else 's'} in {len(self.documents):,} documents"
        return html.table(title, columns, [self._row(fact) for fact in self[: html.ROWS]], len(self))

    def _row(self, fact: Fact) -> list[str]:
        link = self.through(fact)
        narrowed = [f"{name}: {value}" for name, value in sorted(fact.qualifiers.items()) if name != "level"]
        return [
            fact.subject.label,
            ("denied: " if fact.polarity == "denied" else "") + fact.kind.replace("_", " "),
            (fact.level or "").replace("_", " "),
            fact.object.label + (f" (broader than {link.narrower.label})" if link else ""),
            "; ".join(narrowed),
            "; ".join(fact.documents),
            next((item.quote for item in fact.evidence if item.quote), ""),
        ]

    def _qualifier_column(self, name: str) -> frames.Column:
        said = [fact.qualifiers.get(name) for fact in self]
        free = any(qualifier.values is None for qualifier in closed.qualifiers()[name])
        return frames.texts(name, said) if free else frames.scale(name, said, closed.values(name))

    def _qualified(self, keyword: str, value: str | None) -> Callable[[Fact], bool]:
        """Return the test for a qualifier."""
        known = closed.qualifiers()
        name = keyword.removesuffix("_")
        if name not in known:
            raise closed.unknown(keyword, "no such qualifier", [*_KEYWORDS, *known])
        if value is None:
            return lambda fact: name not in fact.qualifiers
        if all(qualifier.values is not None for qualifier in known[name]):
            wanted = closed.value(value, name, closed.values(name))
            return lambda fact: fact.qualifiers.get(name) == wanted
        if any(qualifier.is_text for qualifier in known[name]):
            said = {_folded(value), _folded(value).replace(" ", "_")}
            return lambda fact: _folded(fact.qualifiers.get(name, "")) in said
        named = meaning.of(value, self._graph)
        return lambda fact: named.has_label(fact.qualifiers.get(name))

    def _of(self, wanted: Meaning, ends: Callable[[Fact], tuple[Entity, ...]]) -> Self:
        links = dict(self._links)
        found = []
        for fact in self:
            if any(map(wanted.is_, ends(fact))):
                found.append(fact)
            elif steps := [link for entity in ends(fact) if (link := wanted.link(entity))]:
                links[fact.iri] = steps[0]
                found.append(fact)
        return type(self)(found, self._graph, links)

    def _like(self, records: Iterable[Fact]) -> Self:
        return type(self)(records, self._graph, self._links)


def _documents(graph: Context) -> tuple[str, ...]:
    return tuple(source.name for source in graph.documents)


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())
