"""The graph seen from a condition, and from a document."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kg.graph import encode
from kg.graph.encode import Source
from kg.records import Entity, Link, Statement
from kg.results import closed, html, meaning
from kg.results.closed import Approval, Frequency, Kind, Level, Polarity, suggesting
from kg.results.facts import Facts
from kg.results.sequences import Records

if TYPE_CHECKING:
    from kg.api import Graph

_CARE: tuple[Kind, ...] = ("contraindication", "caution")


@dataclass(frozen=True)
class ConditionView:
    """What the documents say of a condition, a group of people or an activity: which drugs have to do with it.

    Each method gives affirmed facts, by drug. With `broader`, facts on what is above it in the vocabulary are found
    too (what holds in liver disease concerns cirrhosis); `Facts.through` tells which these are.

    >>> import kg
    >>> cirrhosis = kg.load().condition("cirrhosis")
    >>> cirrhosis.needing_care()
    <0 facts>
    >>> found = cirrhosis.needing_care(broader=True)
    >>> found.through(found[0]).broader.label
    'liver disease'
    """

    graph: Graph = field(repr=False)
    entities: tuple[Entity, ...]

    def __repr__(self) -> str:
        """Say which condition it is."""
        return f"<ConditionView of {html.short(self.label, 60)}>"

    @property
    def label(self) -> str:
        """Its name."""
        return self.entities[0].label

    @suggesting
    def facts(self, kind: Kind | None = None, polarity: Polarity | None = None, *, broader: bool = False) -> Facts:
        """Return all facts that have it as their object, of a kind and polarity if these are given.

        >>> import kg
        >>> kg.load().condition("liver diseases").facts(kind="indication")
        <0 facts>
        """
        if kind is not None:
            kind = closed.kind(kind)
        found = self._facts((kind,) if kind else None, broader=broader)
        return found if polarity is None else found.where(polarity=polarity)

    @suggesting
    def treated_by(self, *, approval: Approval | None = None, broader: bool = False) -> Facts:
        """Return the drugs that are used for it.

        >>> import kg
        >>> kg.load().condition("panic disorder").treated_by().subjects[0].label
        'clonazepam'
        """
        found = self._affirmed(("indication",), broader=broader)
        return found if approval is None else found.where(approval=approval)

    @suggesting
    def needing_care(self, min_level: Level | None = None, *, broader: bool = False) -> Facts:
        """Return the drugs that need care in it, most severe first: contraindications, then cautions by their level.

        What is stated to be safe is not among them; it is in `facts`.

        >>> import kg
        >>> kg.load().condition("driving").needing_care("avoid")
        <1 fact: clonazepam caution driving (avoid)>
        """
        least = closed.rank(closed.level(min_level))
        found = self._affirmed(_CARE, broader=broader)
        wanted = found.filter(lambda f: f.level != "stated_safe" and closed.rank(f.level) >= least)
        return wanted.sorted_by(lambda f: (-closed.rank(f.level), f.subject.label.casefold(), f.iri))

    @suggesting
    def contraindicated(self, *, broader: bool = False) -> Facts:
        """Return the drugs that must not be used in it."""
        return self._affirmed(("contraindication",), broader=broader)

    @suggesting
    def caused_by(self, *, min_frequency: Frequency | None = None, broader: bool = False) -> Facts:
        """Return the drugs whose use may cause it.

        >>> import kg
        >>> kg.load().condition("drowsiness").caused_by().where(kind="adverse_effect").subjects[0].label
        'clonazepam'
        """
        found = self._affirmed(("adverse_effect",), broader=broader)
        return found if min_frequency is None else found.at_least_as_frequent(min_frequency)

    def caused_by_stopping(self) -> Facts:
        """Return the drugs that may cause it when they are stopped."""
        return self._affirmed(("withdrawal_effect",))

    def _affirmed(self, kinds: tuple[Kind, ...], *, broader: bool = False) -> Facts:
        return self._facts(kinds, broader=broader).where(polarity="affirmed")

    def _facts(self, kinds: tuple[Kind, ...] | None, *, broader: bool) -> Facts:
        above: dict[str, Link] = {}
        if broader:
            for entity in self.entities:
                above = {**dict(meaning.above(self.graph.store, entity)), **above}
        for entity in self.entities:
            above.pop(encode.node_of(entity).value, None)
        wider = [link.broader for link in above.values()]
        found = self.graph.facts_on([*self.entities, *wider], kinds)
        links = {fact.iri: link for fact in found if (link := above.get(fact.object.iri or ""))}
        by_drug = sorted(found, key=lambda f: (f.iri in links, f.subject.label.casefold(), f.iri))
        return Facts(by_drug, self.graph, links)


@dataclass(frozen=True)
class DocumentView:
    """What one document says, and what is known about it.

    >>> import kg
    >>> graph = kg.load()
    >>> view = graph.document(graph.documents[0].name)
    >>> places = [statement.evidence.span for statement in view.statements()]
    >>> bool(places) and places == sorted(places)
    True
    """

    graph: Graph = field(repr=False)
    source: Source

    def __repr__(self) -> str:
        """Say which document it is."""
        return f"<DocumentView of {html.short(self.name, 60)}>"

    @property
    def name(self) -> str:
        """Its name."""
        return self.source.name

    @property
    def title(self) -> str:
        """Its title."""
        return self.source.title

    @suggesting
    def facts(self, kind: Kind | None = None, polarity: Polarity | None = None) -> Facts:
        """Return the facts that it says, with the evidence of all documents."""
        return self.graph.facts(kind, document=self.name, polarity=polarity)

    def statements(self) -> Records[Statement]:
        """Return what it says, in the order of its places: one statement for each place."""
        found = [
            Statement(fact.kind, fact.subject, fact.object, item, fact.polarity, fact.qualifiers)
            for fact in self.facts()
            for item in fact.evidence
            if item.document == self.name
        ]
        return Records(sorted(found, key=lambda s: (s.evidence.span, s.evidence.object_span, s.kind, s.object.label)))
