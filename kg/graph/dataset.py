"""The data set described by itself: VoID and DCAT say what a graph holds and how much, PROV-O what made it of what.

The description is in `graph:dataset` and is named after its content, as facts are, without a date or a path: the same
documents give the same description. A triple counts once, however many documents say it; the description itself and
the words of passages and headings, which belong to their authors and come and go, are not counted. `kg check` counts
again.
"""

from __future__ import annotations

import base64
import hashlib
from array import array
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyoxigraph as ox

from kg.graph import store as stores
from kg.graph import terms, turtle
from kg.graph.encode import Triple
from kg.graph.store import DATASET

NAMESPACE = terms.BASE + "dataset/"
SOFTWARE = terms.BASE + "software/"
"""Where the names of descriptions and of versions of the program begin: all that a description says of its own."""

TITLE = "What documents say about drugs"
DESCRIPTION = (
    "Facts that documents state about drugs, each with the places that say it, and what follows from them by rules."
    " This is information about documents. It is not medical advice: ask a doctor or pharmacist."
)
LICENCE = "https://creativecommons.org/publicdomain/zero/1.0/"
MEDIA_TYPE = "https://www.iana.org/assignments/media-types/text/turtle"

_UNNAMED = NAMESPACE + "this"
_EXACT = terms.OA + "exact"
_QUOTE = terms.OA + "TextQuoteSelector"
_OBJECTS = terms.DRUGS + "objectSelector"
_SHA256 = terms.DRUGS + "sha256"
_CLASS = "class "
_VOCABULARIES = (terms.DRUGS, terms.SKOS, terms.OA, terms.PROV, terms.DCTERMS)


@dataclass
class Counts:
    """How many triples and typed nodes there are, how many nodes of each class, and triples of each property."""

    triples: int = 0
    entities: int = 0
    classes: Counter[str] = field(default_factory=Counter)
    properties: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class Part:
    """What a canonical file adds to the counts; files that say the same say it once, and parts can be kept.

    Attributes
    ----------
    own : Counts
        Of what is said of evidence and of stretches of texts, which is in the file of their document alone.
    shared : mapping
        Of all else: property, class, or "" for typed nodes → short hashes of the triples or nodes, eight bytes each.
    """

    own: Counts
    shared: Mapping[str, bytes]

    def encoded(self) -> list[object]:
        """Return it as values that JSON can hold."""
        own = [self.own.entities, dict(self.own.classes), dict(self.own.properties)]
        return [own, {key: base64.b64encode(marks).decode() for key, marks in self.shared.items()}]

    @classmethod
    def decoded(cls, said: list[Any]) -> Part:
        """Return what `encoded` gave."""
        (entities, classes, properties), shared = said
        own = Counts(sum(properties.values()), entities, Counter(classes), Counter(properties))
        return cls(own, {key: base64.b64decode(marks) for key, marks in shared.items()})


def is_description(subject: str) -> bool:
    """Tell whether a node belongs to a description."""
    return subject.startswith((NAMESPACE, SOFTWARE))


def count(about: Mapping[str, Mapping[str, Collection[str]]]) -> Counts:
    """Count what a graph says: node → property → values, each once; literals as N-Triples writes them, IRIs bare."""
    found = Counts()
    objects = {value for said in about.values() for value in said.get(_OBJECTS, ()) if _is_iri(value)}
    for subject, said in about.items():
        if is_description(subject):
            continue
        passage = subject not in objects
        kinds = [v for v in said.get(terms.RDF_TYPE, ()) if _is_iri(v) and not (passage and v == _QUOTE)]
        found.entities += bool(kinds)
        found.classes.update(kinds)
        numbers = {predicate: len(values) for predicate, values in said.items()} | {terms.RDF_TYPE: len(kinds)}
        for predicate, number in numbers.items():
            if number and not (passage and predicate == _EXACT):
                found.properties[predicate] += number
                found.triples += number
    return found


def describe(counts: Counts, documents: Mapping[str, str], made_by: str) -> list[Triple]:
    """Describe a data set of so many triples, made of documents (IRI and SHA-256) by a version of the program."""
    found = list(_described(_UNNAMED, counts, documents, made_by))
    name = NAMESPACE + hashlib.sha256(turtle.write(found)).hexdigest()
    return list(_described(name, counts, documents, made_by))


def of_folder(folder: Path) -> list[Triple]:
    """Describe the folder of facts whose files, in the canonical form of `kg.graph.turtle`, were just written."""
    catalogue = (folder / stores.DOCUMENTS_FILE).read_bytes()
    names = (name for name in stores.WHOLE_FILES if name != stores.DATASET_FILE)
    files = [path for path in (folder / name for name in names) if path.is_file()]
    files += (folder / stores.STATEMENTS_FOLDER).glob("*.ttl")
    return of_parts((part_of(path.read_text("utf-8")) for path in sorted(files)), catalogue)


def of_parts(parts: Iterable[Part], catalogue: bytes) -> list[Triple]:
    """Describe a folder of facts by what each of its files adds; `catalogue` is the content of `documents.ttl`."""
    return describe(together(parts), _documents(catalogue), program_version())


def of_quads(quads: Iterable[ox.Quad]) -> Iterator[ox.Quad]:
    """Describe quads, in the graph that a description belongs to."""
    about: dict[str, dict[str, set[str]]] = {}
    documents: dict[str, str] = {}
    for quad in quads:
        subject, value = quad.subject, quad.object
        if not isinstance(subject, ox.NamedNode):
            continue
        about.setdefault(subject.value, {}).setdefault(quad.predicate.value, set()).add(
            value.value if isinstance(value, ox.NamedNode) else str(value)
        )
        if quad.predicate.value == _SHA256 and isinstance(value, ox.Literal):
            documents[subject.value] = value.value
    for subject_, predicate, object_ in describe(count(about), documents, program_version()):
        yield ox.Quad(subject_, predicate, object_, DATASET)


def program_version() -> str:
    """Return the version of the program that is running."""
    from importlib.metadata import version

    return version("drug-facts")


def _documents(catalogue: bytes) -> dict[str, str]:
    quads = ox.parse(catalogue, ox.RdfFormat.TURTLE)
    return {q.subject.value: q.object.value for q in quads if q.predicate.value == _SHA256}


def _described(name: str, counts: Counts, documents: Mapping[str, str], made_by: str) -> Iterator[Triple]:
    node, turtle_files, making = (ox.NamedNode(name + part) for part in ("", "#turtle", "#making"))
    agent = ox.NamedNode(SOFTWARE + made_by)
    licence = ox.NamedNode(LICENCE)
    yield from ((node, _RDF_TYPE, ox.NamedNode(kind)) for kind in (terms.VOID + "Dataset", terms.DCAT + "Dataset"))
    yield node, _dcterms("title"), ox.Literal(TITLE, language="en")
    yield node, _dcterms("description"), ox.Literal(DESCRIPTION, language="en")
    yield node, _dcterms("license"), licence
    yield node, _dcterms("conformsTo"), ox.NamedNode(terms.DRUGS)
    yield from ((node, _void("vocabulary"), ox.NamedNode(iri)) for iri in _VOCABULARIES)
    yield node, _void("triples"), _number(counts.triples)
    yield node, _void("entities"), _number(counts.entities)
    for kind, numbers, what in (("class", counts.classes, "entities"), ("property", counts.properties, "triples")):
        for iri, number in sorted(numbers.items()):
            part = ox.NamedNode(f"{name}#{kind}-{_local(iri)}")
            yield node, _void(f"{kind}Partition"), part
            yield part, _void(kind), ox.NamedNode(iri)
            yield part, _void(what), _number(number)
    yield node, ox.NamedNode(terms.DCAT + "distribution"), turtle_files
    yield turtle_files, _RDF_TYPE, ox.NamedNode(terms.DCAT + "Distribution")
    yield turtle_files, _dcterms("title"), ox.Literal("Turtle, a file for each document", language="en")
    yield turtle_files, ox.NamedNode(terms.DCAT + "mediaType"), ox.NamedNode(MEDIA_TYPE)
    yield turtle_files, _dcterms("license"), licence
    yield node, _prov("wasGeneratedBy"), making
    yield making, _RDF_TYPE, _prov("Activity")
    yield making, _prov("wasAssociatedWith"), agent
    yield agent, _RDF_TYPE, _prov("SoftwareAgent")
    yield agent, ox.NamedNode(terms.RDFS + "label"), ox.Literal(f"drug-facts {made_by}", language="en")
    yield agent, ox.NamedNode(terms.OWL + "versionInfo"), ox.Literal(made_by)
    for document, sha256 in sorted(documents.items()):
        yield making, _prov("used"), ox.NamedNode(document)
        yield ox.NamedNode(document), ox.NamedNode(_SHA256), ox.Literal(sha256)


def _local(iri: str) -> str:
    """Name a partition after its class or property: prefix and name, or a hash where it has no prefix."""
    for prefix, namespace in sorted(terms.PREFIXES.items(), key=lambda item: -len(item[1])):
        rest = iri.removeprefix(namespace)
        if rest != iri and rest.isalnum() and rest.isascii():
            return f"{prefix}-{rest}"
    return hashlib.sha256(iri.encode()).hexdigest()[:16]


def part_of(content: str) -> Part:
    """Count a canonical file: one line is one triple."""
    own = Counts()
    shared: dict[str, array[int]] = {}
    for subject, said in _blocks(content):
        typed = False
        is_own = subject.startswith(terms.EVIDENCE) or "#char=" in subject
        for predicate, value in said:
            is_type = predicate == terms.RDF_TYPE
            typed = typed or is_type
            if is_own:
                own.triples += 1
                own.properties[predicate] += 1
                if is_type:
                    own.classes[value] += 1
                continue
            mark = _mark(f"{subject}\n{predicate}\n{value}")
            shared.setdefault(predicate, array("Q")).append(mark)
            if is_type:
                shared.setdefault(_CLASS + value, array("Q")).append(mark)
        if typed and is_own:
            own.entities += 1
        elif typed:
            shared.setdefault("", array("Q")).append(_mark(subject))
    return Part(own, {key: marks.tobytes() for key, marks in sorted(shared.items())})


def together(parts: Iterable[Part]) -> Counts:
    """Add parts up; what several of them hold counts once."""
    import numpy as np

    found = Counts()
    shared: dict[str, list[bytes]] = {}
    for part in parts:
        found.entities += part.own.entities
        found.classes.update(part.own.classes)
        found.properties.update(part.own.properties)
        for key, piece in part.shared.items():
            shared.setdefault(key, []).append(piece)
    for key, several in shared.items():
        marks = np.sort(np.frombuffer(b"".join(several), dtype=np.uint64))  # a hundred times as fast as `np.unique`
        number = int(np.count_nonzero(marks[1:] != marks[:-1])) + bool(len(marks))
        if not key:
            found.entities += number
        elif key.startswith(_CLASS):
            found.classes[key.removeprefix(_CLASS)] += number
        else:
            found.properties[key] += number
    found.triples = sum(found.properties.values())
    return found


def _mark(said: str) -> int:
    return int.from_bytes(hashlib.blake2b(said.encode(), digest_size=8).digest(), "little")


def _blocks(text: str) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """Give each node of a canonical file with what it says of it; literals stay as they are written."""
    head, _, body = text.partition("\n\n")
    prefixes = {line.split()[1][:-1]: line.split()[2][1:-1] for line in head.splitlines() if line.startswith("@prefix")}

    def full(name: str) -> str:
        if name.startswith("<"):
            return name[1:-1]
        prefix, _, local = name.partition(":")
        return prefixes[prefix] + local

    for block in body.split("\n\n") if body else ():
        name, *lines = block.rstrip("\n").split("\n")
        subject, said, predicate = full(name), [], ""
        for line in lines:
            written = line[4:]
            if not written.startswith("    "):
                predicate, _, written = written.partition(" ")
                predicate = terms.RDF_TYPE if predicate == "a" else full(predicate)
            value = written.strip()[:-2]
            said.append((predicate, full(value) if predicate == terms.RDF_TYPE else value))
        yield subject, said


_RDF_TYPE = ox.NamedNode(terms.RDF_TYPE)


def _is_iri(value: str) -> bool:
    return not value.startswith(('"', "_:", "<<"))


def _number(value: int) -> ox.Literal:
    return ox.Literal(str(value), datatype=ox.NamedNode(terms.XSD + "integer"))


def _void(name: str) -> ox.NamedNode:
    return ox.NamedNode(terms.VOID + name)


def _dcterms(name: str) -> ox.NamedNode:
    return ox.NamedNode(terms.DCTERMS + name)


def _prov(name: str) -> ox.NamedNode:
    return ox.NamedNode(terms.PROV + name)
