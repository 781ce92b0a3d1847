"""KGX read back: the facts of edges with their evidence, the documents and the concepts of nodes.

An edge is named by its fact, and a fact is named after its content: what is put together from the edge is taken only
where it gives the same name again, so that nothing that the format blurred is taken for what a document says. What
Biolink has no word for never was in the file (`docs/exports.md`); what follows from the facts is derived anew.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType

import pyoxigraph as ox

from kg import assembly, derivation
from kg import vocabulary as vocabularies
from kg.derivation import encode as conclusions
from kg.errors import GraphError, KgError
from kg.exports import addresses, biolink, identifiers
from kg.graph import encode, parsing, terms
from kg.graph import store as stores
from kg.graph.encode import Source
from kg.records import Concept, Entity, Fact
from kg.vocabulary import Vocabulary, schema
from kg.vocabulary.schema import Kind

NODES, EDGES = ("_nodes.tsv", "_nodes.jsonl"), ("_edges.tsv", "_edges.jsonl")

_LISTS = frozenset(
    ("category", "xref", "type", "synonym", "publication_type", "qualifiers", "publications", "has_evidence")
)
_PUBLICATION = "biolink:Publication"
_REMEDY = "export it again with `kg export`"

Row = dict[str, str | list[str]]


@dataclass
class _Nodes:
    """What the nodes say: entities by each of their identifiers, concepts that the package lacks, documents."""

    labels: dict[str, str] = field(default_factory=dict)
    concepts: list[Concept] = field(default_factory=list)
    sources: list[tuple[Source, str | None]] = field(default_factory=list)


def is_table(path: Path) -> bool:
    """Tell whether a file is one of the two of KGX by its name."""
    return path.name.lower().endswith(NODES + EDGES)


def quads(paths: Iterable[Path]) -> Iterator[ox.Quad]:
    """Read tables or lines of nodes and edges, as `kg export` writes them.

    Raises
    ------
    GraphError
        When the nodes or the edges are missing, a row is malformed, or an edge is not the fact that it is named after.
    """
    files = sorted(paths)
    nodes_files, edge_files = ([p for p in files if p.name.lower().endswith(ends)] for ends in (NODES, EDGES))
    if not nodes_files or not edge_files:
        raise GraphError(str(files[0]), "is one of two files", "name the nodes and the edges")
    spelling = biolink.table().prefixes
    nodes = _Nodes()
    for path in nodes_files:
        for place, row in _rows(path):
            _node(nodes, place, row, spelling)
    vocabulary = _vocabulary(nodes)
    facts = [_fact(place, row, nodes, vocabulary) for path in edge_files for place, row in _rows(path)]
    sources = [_described(source, about, nodes) for source, about in nodes.sources]
    yield from encode.quads(facts, sources, vocabulary=vocabulary)
    yield from conclusions.quads(derivation.derive(facts, vocabulary), vocabulary)
    yield from _concepts(nodes, facts, vocabulary)


def _rows(path: Path) -> Iterator[tuple[str, Row]]:
    """Give the rows with the place of each."""
    text = _text(path)
    if path.suffix.lower() == ".jsonl":
        for number, line in enumerate(text.split("\n"), 1):
            if line.strip():
                yield f"{path}:{number}", _json(line, f"{path}:{number}")
        return
    head, *lines = text.split("\n")
    names = head.rstrip("\r").split("\t")
    for number, line in enumerate(lines, 2):
        cells = line.rstrip("\r").split("\t")
        if len(cells) != len(names) and line:
            raise GraphError(f"{path}:{number}", f"has {len(cells)} cells for {len(names)} columns", _REMEDY)
        if line:
            row = zip(names, cells, strict=True)
            yield f"{path}:{number}", {n: v.split("|") if n in _LISTS else v for n, v in row if v}


def _text(path: Path) -> str:
    try:
        return stores.bytes_of(path).decode()
    except UnicodeDecodeError as error:
        raise GraphError(str(path), f"not UTF-8 (byte {error.start})", "save it as UTF-8") from None


def _json(line: str, place: str) -> Row:
    parsing.defend_json(line.encode(), place)
    try:
        row = json.loads(line, parse_int=str, parse_float=str)
    except ValueError as error:
        raise GraphError(place, f"not JSON ({error})", _REMEDY) from None
    if not isinstance(row, dict):
        raise GraphError(place, "is no object", _REMEDY)
    for name in _LISTS & row.keys():
        if not isinstance(row[name], list) or not all(isinstance(item, str) for item in row[name]):
            raise GraphError(place, f"{name} is no list of texts", _REMEDY)
    return {name: str(value).lower() if isinstance(value, bool) else value for name, value in row.items()}


def _node(nodes: _Nodes, place: str, row: Row, spelling: Mapping[str, str]) -> None:
    name, label = _one(row, "id", place), _one(row, "name", place)
    xref = _many(row, "xref")
    if _PUBLICATION in _many(row, "category"):
        texts = [address for address in xref if addresses.is_source(address)]
        kinds = _many(row, "publication_type")
        if len(texts) != 1 or not kinds:
            raise GraphError(place, "a document without the address of its text", _REMEDY)
        document = terms.document_name(identifiers.expanded(name, spelling))
        nodes.sources.append(addresses.to_source(document, label, kinds[0], texts[0]))
        return
    known = vocabularies.load().concepts
    iris = [identifiers.expanded(curie, spelling) for curie in (name, *xref)]
    nodes.labels.update({iri: label for iri in iris if iri not in nodes.labels or iri == iris[0]})
    if not any(iri in known or iri.startswith(terms.TERM) for iri in iris):
        types = frozenset(identifiers.expanded(t, spelling).removeprefix(terms.DRUGS) for t in _many(row, "type"))
        synonyms = _many(row, "synonym")
        nodes.concepts += [Concept(iri, label, tuple(synonyms), types - {"UnlistedTerm"}) for iri in iris]


def _vocabulary(nodes: _Nodes) -> Vocabulary:
    packaged = vocabularies.load()
    known = vocabularies.from_concepts(nodes.concepts)
    return Vocabulary({**known.concepts, **packaged.concepts}, {**known.by_label, **packaged.by_label})


def _fact(place: str, row: Row, nodes: _Nodes, vocabulary: Vocabulary) -> Fact:
    spelling = biolink.table().prefixes
    iri = identifiers.expanded(_one(row, "id", place), spelling)
    subject, object_ = (_entity(place, _one(row, f"original_{end}", place), nodes) for end in ("subject", "object"))
    edge = identifiers.expanded(_one(row, "original_predicate", place), spelling)
    evidence = tuple(addresses.to_evidence(address) for address in _many(row, "has_evidence"))
    for kind in schema.load().kinds.values():
        if edge not in (kind.short_edge, kind.off_label_short_edge):
            continue
        fact = Fact(
            kind=kind.name,
            subject=subject,
            object=object_,
            evidence=evidence,
            polarity="denied" if row.get("negated") == "true" else "affirmed",
            qualifiers=MappingProxyType(dict(_qualifiers(kind, _one(row, "description", place)))),
            iri=iri,
        )
        try:
            if assembly.fact_iri(assembly.expand(fact, vocabulary)) == iri:
                return fact
        except KgError:
            continue
    raise GraphError(place, "is not the fact that it is named after: KGX has lost a part of it", "load it from TriG")


def _entity(place: str, curie: str, nodes: _Nodes) -> Entity:
    iri = identifiers.expanded(curie, biolink.table().prefixes)
    listed = schema.load().values.get(iri)
    label = listed.label if listed else nodes.labels.get(iri)
    if label is None:
        raise GraphError(place, f"{curie} is no node", "name the nodes of the same export")
    return Entity(label, None if iri.startswith(terms.TERM) else iri)


def _qualifiers(kind: Kind, description: str) -> Iterator[tuple[str, str]]:
    """Give the qualifiers that a description ends with; whether they are the right ones, the fact's name tells."""
    names = "|".join(sorted({re.escape(q.name) for q in kind.qualifiers}, key=len, reverse=True))
    if not names or not description.endswith(")"):
        return
    start = re.search(rf" \((?=(?:{names}): )", description)
    if start is not None:
        parts = re.split(rf"(?:^|; )({names}): ", description[start.end() : -1])
        yield from zip(parts[1::2], parts[2::2], strict=True)


def _described(source: Source, about: str | None, nodes: _Nodes) -> Source:
    label = nodes.labels.get(about or "")
    known = vocabularies.load().concepts.get(about or "")
    if about is None or (label is None and known is None):
        return source
    entity = Entity(known.label if known else str(label), None if about.startswith(terms.TERM) else about)
    return replace(source, about=entity)


def _concepts(nodes: _Nodes, facts: list[Fact], vocabulary: Vocabulary) -> Iterator[ox.Quad]:
    """Describe the concepts that facts use and the package lacks, as far as the nodes do."""
    language = schema.load()
    used = {item.value for fact in facts for item in assembly.expand(fact, vocabulary) if not item.is_text}
    for concept in nodes.concepts:
        if concept.iri in used:
            for triple in encode.concept_triples(concept, language):
                yield ox.Quad(*triple, stores.VOCABULARY)


def _one(row: Row, name: str, place: str) -> str:
    value = row.get(name)
    if not isinstance(value, str) or not value:
        raise GraphError(place, f"has no {name}", _REMEDY)
    return value


def _many(row: Row, name: str) -> list[str]:
    value = row.get(name, [])
    return value if isinstance(value, list) else [value]
