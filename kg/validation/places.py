"""Where a problem is: from any node to the facts, in words, and the documents that it belongs to."""

from __future__ import annotations

from collections.abc import Iterable

from kg.graph import terms, written
from kg.validation.data import Data
from kg.validation.findings import Finding
from kg.vocabulary import schema

_EVIDENCE = terms.DRUGS + "evidence"
_SELECTORS = (terms.OA + "hasSelector", terms.DRUGS + "objectSelector", terms.DRUGS + "headingSelector")
_SOURCES = (terms.OA + "hasSource",)
_OF_FACTS = (_EVIDENCE, terms.DRUGS + "subject", terms.DRUGS + "derivedSubject")
_SAID_OR_DERIVED = (
    (terms.DRUGS + "subject", "derivedSubject"),
    (terms.DRUGS + "object", "derivedObject"),
    (terms.RDF_TYPE, "derivedKind"),
)
_SHOWN = 3
"""A node that more facts use than this is shown with their number instead of their names."""


class Places:
    """An index of the data: who uses a node, and which documents it belongs to."""

    def __init__(self, data: Data) -> None:
        """Look at nothing yet: a right graph has no findings to place."""
        self._data = data
        self._kinds = schema.load().kinds_by_iri
        self._users: dict[str, set[str]] = {}

    def expect(self, nodes: Iterable[str]) -> None:
        """Look for who uses some nodes, and who uses these: findings are about no others."""
        wanted = set(nodes)
        self._users = self._using(wanted)
        self._users |= self._using(set().union(*self._users.values()) - wanted)

    def _using(self, wanted: set[str]) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        data = self._data
        for predicate, column in data.columns.items() if wanted else ():
            every = predicate in _SELECTORS or predicate in _SOURCES
            for subject, values in column.items():
                if wanted.isdisjoint(values) or subject not in data.about or not (every or self._is_fact(subject)):
                    continue
                for value in wanted.intersection(values):
                    if not written.is_literal(value):
                        found.setdefault(value, set()).add(subject)
        return found

    def finding(
        self, severity: str, node: str, problem: str, remedy: str, source: str, value: str, document: str = ""
    ) -> Finding:
        """Make a finding about a node, with the fact in words and the document's name."""
        facts = self._facts(node)
        words = "; ".join(map(self.describe, facts))
        if len(facts) > _SHOWN:
            words = f"{self._data.label(node)} ({len(facts)} facts)"
        name = self._name(document) if document else ", ".join(self._documents(node, facts))
        return Finding(severity, node, words, name, problem, remedy, source, value)

    def describe(self, fact: str) -> str:
        """Say in words what a fact is about: subject, kind, object."""
        data = self._data
        subjects, objects, types = (
            data.iris(fact, said) + data.iris(fact, terms.DRUGS + derived) for said, derived in _SAID_OR_DERIVED
        )
        kinds = [self._kinds[k].label for k in types if k in self._kinds]
        parts = [
            min(map(data.label, subjects), default="?"),
            min(kinds, default="?"),
            min(map(data.label, objects), default="?"),
        ]
        return " - ".join(parts)

    def _facts(self, node: str) -> list[str]:
        """Return the facts that a node is, supports or is part of."""
        if self._is_fact(node):
            return [node]
        users = {node, *self._users.get(node, ())} if node else set()
        users |= {again for user in users for again in self._users.get(user, ()) if user != node}
        return sorted(user for user in users if self._is_fact(user))

    def _is_fact(self, node: str) -> bool:
        said = self._data.about.get(node, {})
        return any(p in said for p in _OF_FACTS) or node.startswith((terms.FACT, terms.DERIVED))

    def _documents(self, node: str, facts: list[str]) -> list[str]:
        """Return the names of the documents of a node: its own source, or those of its evidence."""
        data = self._data
        proofs = {node, *self._users.get(node, ())}
        sources = {s for proof in proofs for s in data.iris(proof, terms.OA + "hasSource")}
        if not sources:
            proofs = {proof for fact in facts for proof in data.iris(fact, _EVIDENCE)}
            sources = {s for proof in proofs for s in data.iris(proof, terms.OA + "hasSource")}
        if node.startswith(terms.DOCUMENT):
            sources.add(node.partition("#")[0])
        names = sorted(self._name(source) for source in sources)
        return names if len(names) <= _SHOWN else [f"{len(names)} documents"]

    def _name(self, document: str) -> str:
        """Return a document's name from its IRI; a name stays as it is."""
        known = self._data.texts(document, terms.DCTERMS + "identifier")
        return min(known, default=document.removeprefix(terms.DOCUMENT))
