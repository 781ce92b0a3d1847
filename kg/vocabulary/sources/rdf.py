"""RDF vocabularies: SKOS concepts and OWL classes, in any syntax of RDF.

XML that declares a document type is refused. Where the user allows entities (ontology editors write them into OWL
files), those of the file itself are put in by plain replacement, one level deep and up to a limit, before any parser
sees the file; what points outside the file is refused always.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import pyoxigraph as ox

from kg.errors import VocabularyError
from kg.graph import parsing, terms
from kg.vocabulary.sources.entry import Entry

MAXIMUM_EXPANSION = 1_000_000
"""How many bytes entities may add to a file."""

FORMATS: dict[str, ox.RdfFormat] = {
    ".ttl": ox.RdfFormat.TURTLE,
    ".nt": ox.RdfFormat.N_TRIPLES,
    ".nq": ox.RdfFormat.N_QUADS,
    ".trig": ox.RdfFormat.TRIG,
    ".jsonld": ox.RdfFormat.JSON_LD,
    ".rdf": ox.RdfFormat.RDF_XML,
    ".xml": ox.RdfFormat.RDF_XML,
    ".skos": ox.RdfFormat.RDF_XML,
    ".owl": ox.RdfFormat.RDF_XML,
}
"""File name ending → syntax."""

_OBO = "http://www.geneontology.org/formats/oboInOwl#"
_LABELS = (terms.SKOS + "prefLabel", terms.RDFS + "label")
_NAMES = frozenset(
    {
        terms.SKOS + "altLabel", terms.SKOS + "hiddenLabel", _OBO + "hasExactSynonym", _OBO + "hasRelatedSynonym",
        _OBO + "hasNarrowSynonym", "http://purl.obolibrary.org/obo/IAO_0000118", *_LABELS,
    }
)  # fmt: skip
_BROAD = _OBO + "hasBroadSynonym"
_NARROWER = terms.SKOS + "narrower"
_PARENTS = frozenset({terms.SKOS + "broader", terms.RDFS + "subClassOf"})
_SAME = frozenset({terms.SKOS + "exactMatch", terms.OWL + "equivalentClass", terms.OWL + "sameAs", _OBO + "hasDbXref"})
_BRAND_OF = terms.DRUGS + "brandOf"
_DEPRECATED = terms.OWL + "deprecated"
_VERSIONS = (terms.OWL + "versionInfo", terms.OWL + "versionIRI")
_CONCEPTS = frozenset({terms.SKOS + "Concept", terms.OWL + "Class"})
_KEPT = _NAMES | _PARENTS | _SAME | {_BROAD, _BRAND_OF, _NARROWER, _DEPRECATED, terms.RDF_TYPE, *_VERSIONS}
_DOCTYPE = re.compile(
    rb"<!DOCTYPE\s+[\w:.-]+\s*\[((?:[^\]<>]|<!ENTITY\s[^<>]*+>|<!--(?:(?!-->).)*+-->)*+)\]\s*>", re.DOTALL
)
_ENTITY = re.compile(rb"<!ENTITY\s+([\w.-]+)\s+(?:\"([^\"<&%]*)\"|'([^'<&%]*)')\s*>")
_REFERENCE = re.compile(rb"&([A-Za-z_][\w.-]*);")
_PREDEFINED = frozenset({b"amp", b"lt", b"gt", b"quot", b"apos"})

_START = re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:(?P<xml><)|(?P<turtle>[@#]|(?:prefix|base)\s)|)", re.IGNORECASE)

_Said = dict[str, list[str]]


def read(data: bytes, ending: str, place: str, *, entities: bool = False) -> tuple[str, list[Entry]]:
    """Read a vocabulary; give its own version, where it says one, and its concepts, deprecated ones left out.

    Labels in English or without a language are read.

    Raises
    ------
    VocabularyError
        When it is malformed, declares entities that are not allowed, or holds no concept with a label.
    """
    form = _form(data, ending, place)
    if form == ox.RdfFormat.RDF_XML and entities:
        data = _expanded(data, place)
    about: dict[str, _Said] = {}
    for quad in parsing.foreign(data, form, place, VocabularyError):
        predicate, value = quad.predicate.value, quad.object
        if predicate not in _KEPT or not isinstance(quad.subject, ox.NamedNode):
            continue
        if isinstance(value, ox.Literal):
            if value.language and not value.language.lower().startswith("en"):
                continue
        elif not isinstance(value, ox.NamedNode):
            continue  # a class expression: it is no name
        elif predicate == _NARROWER:
            about.setdefault(value.value, {}).setdefault(terms.SKOS + "broader", []).append(quad.subject.value)
            continue
        about.setdefault(quad.subject.value, {}).setdefault(predicate, []).append(value.value)
    entries = [entry for iri, said in sorted(about.items()) if (entry := _entry(iri, said)) is not None]
    if not entries:
        raise VocabularyError(
            place, "holds no concept with an English label", "name a file with skos:Concept or owl:Class"
        )
    versions = [
        v for said in about.values() if terms.OWL + "Ontology" in said.get(terms.RDF_TYPE, ()) for v in _versions(said)
    ]
    return min(versions, default=""), entries


def _entry(iri: str, said: _Said) -> Entry | None:
    types = said.get(terms.RDF_TYPE, [])
    if not _CONCEPTS.intersection(types) or said.get(_DEPRECATED, ["false"])[0] in ("true", "1"):
        return None
    labels = next((sorted(said[name]) for name in _LABELS if name in said), [])
    if not labels:
        return None
    own = sorted(t.removeprefix(terms.DRUGS) for t in types if t.startswith(terms.DRUGS))
    return Entry(
        id=iri,
        label=labels[0],
        names=_all(said, _NAMES),
        type=own[0] if own else "",
        parents=_all(said, _PARENTS),
        same=_all(said, _SAME),
        drug=min(said.get(_BRAND_OF, ()), default=""),
        broad=_all(said, (_BROAD,)),
    )


def _all(said: _Said, predicates: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted({value for predicate in predicates for value in said.get(predicate, ())}))


def _versions(said: _Said) -> list[str]:
    return [value for predicate in _VERSIONS for value in said.get(predicate, ())]


def _form(data: bytes, ending: str, place: str) -> ox.RdfFormat:
    """Choose the syntax; `.owl` may be XML or Turtle."""
    start = _START.match(data)
    if ending != ".owl" or (start and start["xml"]):
        return FORMATS[ending]
    if start and start["turtle"]:
        return ox.RdfFormat.TURTLE
    raise VocabularyError(place, "is OWL in a syntax that is no RDF", "save it as RDF/XML or Turtle")


def _expanded(data: bytes, place: str) -> bytes:
    """Put in the entities that the file itself declares, and take the declaration out."""
    match = _DOCTYPE.search(data)
    if match is None:
        return data  # what is left of a declaration is refused by the parser's door
    values = {name: double or single for name, double, single in _ENTITY.findall(match[1])}
    if len(values) != len(re.findall(rb"<!ENTITY", match[1])):
        raise VocabularyError(place, "declares an entity that is no plain text", "write IRIs in full")
    body = data[: match.start()] + data[match.end() :]
    added = 0
    for name in _REFERENCE.findall(body):
        added += len(values.get(name, b""))
        if added > MAXIMUM_EXPANSION:
            problem = f"entities add more than {MAXIMUM_EXPANSION // 1_000_000} MB"
            raise VocabularyError(place, problem, "write IRIs in full")

    def put_in(reference: re.Match[bytes]) -> bytes:
        return reference[0] if reference[1] in _PREDEFINED else values.get(reference[1], reference[0])

    return _REFERENCE.sub(put_in, body)
