"""What is kept of each document beside its Turtle: enough to build again without reading it, and to tell when to.

One line for a document (`store/kept.jsonl`), pieces of JSON with tabs between them: what is short, what its file adds
to the description of the whole, and its facts in short: what they say and how often, without places; those that more
than their subject depends on, and then all, a piece for each subject. The quotes' places are in the Turtle, which stays
as it is as long as the document does. The long pieces stay on disk (`kg.building.shelf`), so that memory hardly grows
with the number of documents.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, MutableMapping
from dataclasses import asdict, dataclass, replace
from types import MappingProxyType
from typing import Any

from kg.agreement.copies import Sketch
from kg.building.shelf import Shelf, Text
from kg.decisions import Decision
from kg.graph import terms
from kg.graph.encode import Source
from kg.records import NO_QUALIFIERS, Document, Entity, Evidence, Fact, Span

_POLARITIES = ("affirmed", "denied")


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
    mainly : str
        The node that most of its evidence is about, "" if none.
    part : Text
        What its file of statements adds to the description of the whole (`kg.graph.dataset`), as JSON.
    common : Text
        Those of its facts from which something may follow about others than their subject, in short, as JSON.
    facts : mapping
        Subject → all its facts about it, in short, as JSON.
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
    mainly: str
    part: Text
    common: Text
    facts: Mapping[Entity, Text]

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


def by_subject(facts: Iterable[Fact]) -> dict[Entity, str]:
    """Write the facts about each subject without their places."""
    found: dict[Entity, list[Fact]] = {}
    for fact in facts:
        found.setdefault(replace(fact.subject, broader=None), []).append(fact)
    return {subject: in_short(said) for subject, said in found.items()}


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
    return json.dumps([[[e.label, e.iri] for e in entities], said], ensure_ascii=False)


def together(said: Iterable[tuple[str, str]], broader: Mapping[str, str]) -> list[Fact]:
    """Put facts in short of documents together: each once, its evidence names documents, as often as they say it.

    `said` are names of documents with their facts, `broader` are the concepts that words of documents stand below.
    """
    found: dict[str, Fact] = {}
    proofs: dict[str, list[Evidence]] = {}
    for document, facts in said:
        proof = Evidence(document, Span(0, 0), "", Span(0, 0), "", "")
        listed, facts_of_document = json.loads(facts)
        entities = [Entity(label, iri, broader.get(label) if iri is None else None) for label, iri in listed]
        for kind, subject, object_, polarity, qualifiers, local, count in facts_of_document:
            if local not in found:
                narrowed = MappingProxyType(qualifiers) if qualifiers else NO_QUALIFIERS
                polarity = _POLARITIES[polarity]
                found[local] = Fact(
                    kind, entities[subject], entities[object_], (), polarity, narrowed, terms.FACT + local
                )
            proofs.setdefault(local, []).extend([proof] * count)
    return [replace(fact, evidence=tuple(proofs[local])) for local, fact in found.items()]


def written(kept: Kept) -> str:
    """Write one document as one line."""
    return "\t".join((_head(kept), *(piece.read() for piece in _pieces(kept)))) + "\n"


def _pieces(kept: Kept) -> tuple[Text, ...]:
    return (kept.part, kept.common, *kept.facts.values())


def _head(kept: Kept) -> str:
    """Write what is short of a document."""
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
        "mainly": kept.mainly,
        "subjects": [[subject.label, subject.iri] for subject in kept.facts],
    }
    return json.dumps(head, ensure_ascii=False)


def read(shelf: Shelf, line: bytes, start: int) -> Kept:
    """Read a document from a line and its place on a shelf, where the long pieces are left.

    Raises
    ------
    ValueError, KeyError, TypeError
        When the line is not what `written` gives.
    """
    head, *pieces = line.split(b"\t")
    place, texts = start + len(head) + 1, []
    for piece in pieces:
        texts.append(shelf.at(piece, place))
        place += len(piece) + 1
    return _of(json.loads(head), texts)


def _of(said: dict[str, Any], texts: Iterable[Text]) -> Kept:
    """Make a document of what is short of it, and its long pieces."""
    part, common, *facts = texts
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
        mainly=said["mainly"],
        part=part,
        common=common,
        facts=dict(zip((Entity(label, iri) for label, iri in said["subjects"]), facts, strict=True)),
    )


class Documents(MutableMapping[str, Kept]):
    """The documents of a folder in the making, by name.

    What was read lies on the shelf as a whole, and is taken from it where it is looked at, so that no record stays in
    memory; what was taken over from an earlier build, on whose shelf it lies, stays as it is.
    """

    def __init__(self, shelf: Shelf) -> None:
        """Begin with none."""
        self._shelf = shelf
        self._own: dict[str, Kept | Text] = {}

    def __getitem__(self, name: str) -> Kept:
        """Return a document."""
        one = self._own[name]
        if isinstance(one, Kept):
            return one
        head, places = json.loads(one.read())
        return _of(head, (self._shelf.placed(*place) for place in places))

    def __setitem__(self, name: str, one: Kept) -> None:
        """Put a document there, in the place of the one of its name."""
        pieces = _pieces(one)
        if all(map(self._shelf.holds, pieces)):
            places = json.dumps([piece.place for piece in pieces])
            self._own[name] = self._shelf.put(f"[{_head(one)}, {places}]")
        else:
            self._own[name] = one

    def __delitem__(self, name: str) -> None:
        """Take a document away."""
        del self._own[name]

    def __iter__(self) -> Iterator[str]:
        """Give the names."""
        return iter(self._own)

    def __len__(self) -> int:
        """Count them."""
        return len(self._own)

    def sort(self) -> None:
        """Put them in the order of their names."""
        self._own = dict(sorted(self._own.items()))


def _sum(value: object) -> str:
    return hashlib.sha256(json.dumps(value, ensure_ascii=False, sort_keys=True, default=list).encode()).hexdigest()
