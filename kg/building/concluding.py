"""What follows from the facts of a folder, one subject after the other, and again only where something has changed.

Of each subject stays on disk what follows about it, as Turtle, with a sum over all that this depends on: the facts
about it, of whatever document, and what is said of its classes (`kg.derivation.engine.Setting`). Where the sum is still
the same, so is what follows.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from kg import derivation
from kg.building import kept as keeping
from kg.building.kept import Kept
from kg.building.shelf import Shelf, Text
from kg.derivation import encode, members
from kg.graph import turtle
from kg.records import Entity, Fact
from kg.vocabulary import Vocabulary

_Said = list[tuple[str, Text]]
"""Documents, and what they say about a subject."""


@dataclass(frozen=True, slots=True)
class Concluded:
    """What follows about one subject.

    Attributes
    ----------
    key : str
        The SHA-256 of all that it depends on.
    facts, evidence : int
        How many facts there are about the subject, and pieces of evidence for them.
    turtle : Text
        What follows, as a JSON string of canonical Turtle.
    """

    key: str
    facts: int
    evidence: int
    turtle: Text


def conclude(
    kept: Mapping[str, Kept],
    broader: Mapping[str, str],
    vocabulary: Vocabulary | None,
    before: Mapping[str, Concluded],
    shelf: Shelf,
) -> dict[str, Concluded]:
    """Say what follows about each subject, by its node.

    Parameters
    ----------
    kept : mapping
        The documents, by name.
    broader : mapping
        Words of documents → the concept that they stand below.
    vocabulary : Vocabulary or None
        The one that the facts were made with.
    before : mapping
        What an earlier build found, with the same program, rules and vocabulary.
    shelf : Shelf
        Where what follows is put.
    """
    subjects: dict[str, Entity] = {}
    said: dict[str, _Said] = {}
    for one in kept.values():
        for subject, facts in one.facts.items():
            name = members.node(subject)
            subjects[name] = subject
            said.setdefault(name, []).append((one.name, facts))
    common = keeping.together(((one.name, one.common.read()) for one in kept.values()), broader)
    mainly = {one.name: one.mainly for one in kept.values()}
    setting = derivation.setting(common, _placed(subjects, broader), mainly, vocabulary)
    found = {}
    for name, pieces in sorted(said.items()):
        key = _key(pieces, kept, setting.mark(name))
        same = before.get(name)
        if same is None or same.key != key:
            facts_of_subject = keeping.together(((document, piece.read()) for document, piece in pieces), broader)
            same = _concluded(key, facts_of_subject, setting, shelf)
        found[name] = same
    return found


def written(name: str, one: Concluded) -> str:
    """Write what follows about a subject as one line."""
    return f"{json.dumps([name, one.key, one.facts, one.evidence], ensure_ascii=False)}\t{one.turtle.read()}\n"


def read(shelf: Shelf, line: bytes, start: int) -> tuple[str, Concluded]:
    """Read what follows about a subject from a line and its place on a shelf, where it is left.

    Raises
    ------
    ValueError, TypeError
        When the line is not what `written` gives.
    """
    head, content = line.split(b"\t")
    name, key, facts, evidence = json.loads(head)
    return name, Concluded(key, facts, evidence, shelf.at(content, start + len(head) + 1))


def pieces(found: Mapping[str, Concluded]) -> Iterator[str]:
    """Give what follows as Turtle, piece by piece."""
    for one in found.values():
        content: str = json.loads(one.turtle.read())
        if content:
            yield content


def _placed(subjects: Mapping[str, Entity], broader: Mapping[str, str]) -> dict[str, Entity]:
    return {
        name: subject if subject.iri else Entity(subject.label, None, broader.get(subject.label))
        for name, subject in subjects.items()
    }


def _key(pieces: _Said, kept: Mapping[str, Kept], mark: str) -> str:
    placed = [[item for item in sorted(kept[document].placed.items()) if item[1]] for document, _ in pieces]
    said = [[document, piece.sha256.hex()] for document, piece in pieces]
    return hashlib.sha256(json.dumps([said, placed, mark]).encode()).hexdigest()


def _concluded(key: str, facts: list[Fact], setting: derivation.Setting, shelf: Shelf) -> Concluded:
    triples = list(encode.triples(derivation.follows(facts, setting), setting.vocabulary))
    content = turtle.write(triples).decode() if triples else ""
    evidence = sum(len(fact.evidence) for fact in facts)
    return Concluded(key, len(facts), evidence, shelf.put(json.dumps(content, ensure_ascii=False)))
