"""What is kept of each document beside its Turtle: enough to build again without reading it, and to tell when to.

One line for a document (`store/kept.jsonl`), three pieces of JSON with tabs between them: what is short, what its file
adds to the description of the whole, and its facts in short: what they say and how often, without places. The quotes'
places are in the Turtle, which stays as it is as long as the document does. The two long pieces stay on disk
(`kg.building.shelf`), so that memory hardly grows with the number of documents.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from types import MappingProxyType

from kg import assembly
from kg.agreement.copies import Sketch
from kg.building.shelf import Shelf, Text
from kg.decisions import Decision
from kg.graph import terms
from kg.graph.encode import Source
from kg.records import NO_QUALIFIERS, Document, Entity, Evidence, Fact, Span

_POLARITIES = ("affirmed", "denied")

_Short = tuple[str, Entity, Entity, str, Mapping[str, str], tuple[Evidence, ...]]
"""A fact without its name: kind, subject, object, polarity, qualifiers, and a proof for each time that it is said."""


@dataclass(frozen=True, slots=True)
class Kept:
    """One document of a built folder.

    Attributes
    ----------
    source : Source
        What is known about it, without its copies.
    content : str
        The SHA-256 of all that the extractor saw of it.
    options : str
        The SHA-256 of everything else that its facts depend on: the program, the vocabulary, the decisions about it.
    quads, turtle : str
        The SHA-256 of its canonical N-Quads, and of its file of statements.
    terms : mapping
        The document's own words that its facts use → the concept that they stand below, "" if none.
    placed : mapping
        The same as its file of statements has it, which knows of the other documents.
    concepts : tuple of str
        The concepts that its facts use and the package's vocabulary lacks.
    sketch : Sketch
        Of its text, to find its copies.
    decided : tuple of str
        The SHA-256 of each decision that changed something in it.
    part : Text
        What its file of statements adds to the description of the whole (`kg.graph.dataset`), as JSON.
    facts : Text
        Its facts in short, as JSON.
    """

    source: Source
    content: str
    options: str
    quads: str
    turtle: str
    terms: Mapping[str, str]
    placed: Mapping[str, str]
    concepts: tuple[str, ...]
    sketch: Sketch
    decided: tuple[str, ...]
    part: Text
    facts: Text

    @property
    def name(self) -> str:
        """The document's name."""
        return self.source.name

    @property
    def sha256(self) -> str:
        """The SHA-256 of its text."""
        return self.source.sha256


def content_of(document: Document) -> str:
    """Return the SHA-256 of all that the extractor sees of a document."""
    seen = {name: value for name, value in asdict(document).items() if name != "text"}
    return _sum([seen, [[*section.span, sorted(section.kinds)] for section in document.sections]])


def common_of(options: Mapping[str, str | None], made_with: Mapping[str, str]) -> str:
    """Return the SHA-256 of what the facts of all documents depend on, apart from decisions about some of them."""
    return _sum([{name: value for name, value in options.items() if name != "decisions"}, dict(made_with)])


def options_of(name: str, common: str, decided: Iterable[Decision]) -> str:
    """Return the SHA-256 of what else the facts of a document depend on; `common` is the same for all documents."""
    return _sum([common, [one.sha256 for one in decided if one["document"] in ("", name)]])


def terms_of(facts: Iterable[Fact]) -> dict[str, str]:
    """Return the words of documents that facts use, and the concepts that they stand below."""
    found: dict[str, str] = {}
    for fact in facts:
        for entity in (fact.subject, fact.object):
            if entity.iri is None:
                found[entity.label] = min(filter(None, (entity.broader, found.get(entity.label))), default="")
    return found


def in_short(facts: Iterable[Fact]) -> str:
    """Write facts without their places."""
    entities: dict[Entity, int] = {}
    said = []
    for fact in facts:
        subject, object_ = (entities.setdefault(entity, len(entities)) for entity in (fact.subject, fact.object))
        said.append(
            [
                fact.kind,
                subject,
                object_,
                _POLARITIES.index(fact.polarity),
                dict(fact.qualifiers),
                fact.iri.removeprefix(terms.FACT),
                len(fact.evidence),
            ]
        )
    return json.dumps([[[e.label, e.iri, e.broader] for e in entities], said], ensure_ascii=False)


@dataclass
class Gathered:
    """Facts of many documents in short form, put together: each once, with the documents that say it.

    What many facts have in common is there once: all of them are in memory together.
    """

    broader: Mapping[str, str]
    _facts: dict[str, _Short] = field(default_factory=dict)
    _entities: dict[tuple[str, str | None], Entity] = field(default_factory=dict)
    _narrowed: dict[tuple[tuple[str, str], ...], Mapping[str, str]] = field(default_factory=lambda: {(): NO_QUALIFIERS})

    def add(self, document: str, facts: str) -> None:
        """Add the facts of a document."""
        once = (Evidence(document, Span(0, 0), "", Span(0, 0), "", ""),)
        listed, said = json.loads(facts)
        entities = [self._entity(label, iri) for label, iri, _ in listed]
        for kind, subject, object_, polarity, qualifiers, local, count in said:
            proofs = once if count == 1 else once * count
            known = self._facts.get(local)
            if known is not None:
                self._facts[local] = (*known[:-1], known[-1] + proofs)
                continue
            key = tuple(qualifiers.items())
            narrowed = self._narrowed.get(key)
            if narrowed is None:
                narrowed = self._narrowed[key] = MappingProxyType(qualifiers)
            content = (sys.intern(kind), entities[subject], entities[object_], _POLARITIES[polarity], narrowed, proofs)
            self._facts[local] = content

    @property
    def counts(self) -> tuple[int, int]:
        """How many facts there are, and how many pieces of evidence."""
        return len(self._facts), sum(len(short[-1]) for short in self._facts.values())

    def take(self) -> list[Fact]:
        """Give the facts away in their order; their evidence names documents, as often as they say it, and no place."""
        found = []
        while self._facts:
            local, (kind, subject, object_, polarity, qualifiers, proofs) = self._facts.popitem()
            found.append(Fact(kind, subject, object_, proofs, polarity, qualifiers, terms.FACT + local))
        found.sort(key=assembly.order)
        return found

    def _entity(self, label: str, iri: str | None) -> Entity:
        key = (label, iri)
        if key not in self._entities:
            self._entities[key] = Entity(label, iri, self.broader.get(label) if iri is None else None)
        return self._entities[key]


def written(kept: Kept) -> str:
    """Write one document as one line."""
    source = {**asdict(kept.source), "about": None}
    if kept.source.about is not None:
        source["about"] = [kept.source.about.label, kept.source.about.iri]
    head = {
        "source": source,
        "content": kept.content,
        "options": kept.options,
        "quads": kept.quads,
        "turtle": kept.turtle,
        "terms": dict(kept.terms),
        "placed": dict(kept.placed),
        "concepts": kept.concepts,
        "sketch": [kept.sketch.runs, *kept.sketch.smallest],
        "decided": kept.decided,
    }
    return f"{json.dumps(head, ensure_ascii=False)}\t{kept.part.read()}\t{kept.facts.read()}\n"


def read(shelf: Shelf, line: bytes, start: int) -> Kept:
    """Read a document from a line and its place on a shelf, where the long pieces are left.

    Raises
    ------
    ValueError, KeyError, TypeError
        When the line is not what `written` gives.
    """
    head, part, facts = line.split(b"\t")
    said = json.loads(head)
    part_start = start + len(head) + 1
    about = said["source"].pop("about")
    runs, *smallest = said["sketch"]
    return Kept(
        source=Source(**said["source"], about=Entity(*about) if about else None),
        content=said["content"],
        options=said["options"],
        quads=said["quads"],
        turtle=said["turtle"],
        terms=said["terms"],
        placed=said["placed"],
        concepts=tuple(said["concepts"]),
        sketch=Sketch(tuple(smallest), runs),
        decided=tuple(said["decided"]),
        part=shelf.at(part, part_start),
        facts=shelf.at(facts, part_start + len(part) + 1),
    )


def _sum(value: object) -> str:
    return hashlib.sha256(json.dumps(value, ensure_ascii=False, sort_keys=True, default=list).encode()).hexdigest()
