"""FHIR R5: indications, contraindications, interactions, undesirable effects and warnings as `ClinicalUseDefinition`.

FHIR cannot say that something is *not* an effect or *not* ruled out, so denied facts are left out, as are the levels
"no data" and "stated safe", which warn of nothing. Where FHIR has no element, a qualifier is an extension (one that a
reader must understand, where the rest alone would say more than the document), and so is each place that says it.
`ontology/fhir.toml` holds what is mapped to what.
"""

from __future__ import annotations

import functools
import hashlib
import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from kg import resources
from kg.errors import OntologyError
from kg.exports import identifiers, rdfxml
from kg.graph import encode, terms
from kg.records import Entity, Evidence, Fact
from kg.vocabulary import schema
from kg.vocabulary.format import declared_prefixes

if TYPE_CHECKING:
    from kg.api import Graph

Element = dict[str, Any]

_ID = re.compile(r"[A-Za-z0-9.-]{1,64}")
_URI = "urn:ietf:rfc:3986"
_CATEGORIES = ("level", "approval")


def encode_bundle(graph: Graph) -> bytes:
    """Write a Bundle that collects a resource for each fact, sorted.

    Raises
    ------
    GraphError
        When a quote has a character that FHIR cannot hold.
    """
    entries = [
        {"fullUrl": fact.iri, "resource": _Use(graph, fact).resource()}
        for fact in identifiers.stated(graph)
        if fact.kind in table()["types"] and fact.polarity == "affirmed" and not identifiers.is_warning_of_nothing(fact)
    ]
    bundle: Element = {"resourceType": "Bundle", "type": "collection"}
    if entries:
        bundle["entry"] = entries
    return (json.dumps(bundle, ensure_ascii=False, indent=1) + "\n").encode()


@functools.cache
def table() -> Mapping[str, Mapping[str, Any]]:
    """Read `ontology/fhir.toml`.

    Raises
    ------
    OntologyError
        When the file is not what it must be.
    """
    path = resources.folder("ontology") / "fhir.toml"
    try:
        data = tomllib.loads(path.read_text("utf-8"))
        return {name: data[name] for name in ("systems", "types", "qualifiers", "objects")}
    except (tomllib.TOMLDecodeError, KeyError) as error:
        raise OntologyError(str(path), f"not a table of FHIR's words ({error})", "restore the file") from None


class _Use:
    """One fact on its way into a resource; qualifiers that found an element are crossed off."""

    def __init__(self, graph: Graph, fact: Fact) -> None:
        self._graph, self._fact = graph, fact
        self._nodes = identifiers.qualifier_nodes(graph, fact)
        self._waiting = dict(fact.qualifiers)

    def resource(self) -> Element:
        """Make the resource."""
        fact = self._fact
        name = fact.iri.rsplit("/", 1)[-1]
        kind = table()["types"][fact.kind]
        made: Element = {
            "resourceType": "ClinicalUseDefinition",
            "id": name if _ID.fullmatch(name) else hashlib.sha256(fact.iri.encode()).hexdigest(),
            "identifier": [{"system": _URI, "value": fact.iri}],
            "type": kind,
            "subject": [self._reference(encode.node_of(fact.subject).value, fact.subject.label)],
        }
        populations = []
        if "population" in self._waiting:
            populations.append(self._reference(self._nodes.get("population"), self._waiting.pop("population")))
        body = self._body(kind, populations)
        made["category"] = [self._qualifier(name) for name in _CATEGORIES if name in self._waiting]
        made["population"] = populations
        if body:
            made["undesirableEffect" if kind == "undesirable-effect" else kind] = body
        # In the order of FHIR's own definition, extensions first.
        limits = set(table()["qualifiers"]["must_be_understood"])
        rest = dict(self._rest())
        head: Element = {
            "resourceType": made.pop("resourceType"),
            "id": made.pop("id"),
            "extension": [*(e for name, e in rest.items() if name not in limits), *map(_place, fact.evidence)],
            "modifierExtension": [extension for name, extension in rest.items() if name in limits],
        }
        return {key: value for key, value in (head | made).items() if value}

    def _body(self, kind: str, populations: list[Element]) -> Element:
        if kind == "warning":
            return {"description": identifiers.clean(identifiers.described(self._fact)), "code": self._object()}
        if kind == "interaction":
            body: Element = {"interactant": [{"itemCodeableConcept": self._object()}]}
            return body | self._element("effect", "effect", reference=True) | self._management()
        if kind == "undesirable-effect":
            body = {"symptomConditionEffect": {"concept": self._object()}}
            if self._fact.kind == "withdrawal_effect":
                declared = schema.load().kind(self._fact.kind)
                body["classification"] = self._concept(declared.iri, declared.label)
            return body | self._element("frequency", "frequencyOfOccurrence", reference=False)
        body = self._target(populations) | self._element("severity", "diseaseStatus", reference=True)
        return body | (self._element("use", "intendedEffect", reference=True) if kind == "indication" else {})

    def _target(self, populations: list[Element]) -> Element:
        """Say what is treated or ruled out: a disease, people, or something taken at the same time."""
        iri = encode.node_of(self._fact.object).value
        types = set(identifiers.types(self._graph, iri))
        places = table()["objects"].items() if self._fact.kind == "contraindication" else ()
        place = next((place for place, named in places if not types.isdisjoint(named)), None)
        if place == "population":
            populations.append(self._reference(iri, self._fact.object.label))
            return {}
        if place == "otherTherapy":
            together = {"text": "taken or used at the same time"}
            return {"otherTherapy": [{"relationshipType": together, "treatment": {"concept": self._object()}}]}
        return {"diseaseSymptomProcedure": {"concept": self._object()}}

    def _management(self) -> Element:
        """Give the level of care of an interaction."""
        if "level" not in self._waiting:
            return {}
        found = self._qualifier("level")
        del self._waiting["level"]
        return {"management": [found]}

    def _element(self, name: str, element: str, *, reference: bool) -> Element:
        if name not in self._waiting:
            return {}
        concept = self._qualifier(name)
        del self._waiting[name]
        return {element: {"concept": concept} if reference else concept}

    def _rest(self) -> Iterator[tuple[str, Element]]:
        """Give the qualifiers that have no element of their own, each with its extension."""
        language = schema.load()
        for name, value in self._waiting.items():
            if name in _CATEGORIES:
                continue
            kind = language.kind(self._fact.kind)
            iri = next((q.iri for q in kind.qualifiers if q.name == name), terms.DRUGS + name)
            yield name, {"url": iri, "valueString": identifiers.clean(value)}

    def _object(self) -> Element:
        entity: Entity = self._fact.object
        return self._concept(encode.node_of(entity).value, entity.label)

    def _qualifier(self, name: str) -> Element:
        return self._concept(self._nodes.get(name), self._fact.qualifiers[name])

    def _concept(self, iri: str | None, label: str) -> Element:
        text = identifiers.clean(label)
        if iri is None:
            return {"text": text}
        named = [_coding(iri) | {"display": text}, *map(_coding, identifiers.matches(self._graph, iri))]
        return {"coding": named, "text": text}

    def _reference(self, iri: str | None, label: str) -> Element:
        named = {} if iri is None else {"identifier": {"system": _URI, "value": iri}}
        return {**named, "display": identifiers.clean(label)}


def _coding(iri: str) -> Element:
    best = max(((len(n), p) for p, n in declared_prefixes_of_all() if iri.startswith(n)), default=None)
    if best is None:
        return {"system": _URI, "code": iri}
    length, prefix = best
    return {"system": table()["systems"].get(prefix, iri[:length]), "code": iri[length:]}


@functools.cache
def declared_prefixes_of_all() -> tuple[tuple[str, str], ...]:
    """Return the prefixes of the ontology with their namespaces."""
    return tuple(declared_prefixes().items())


def _place(evidence: Evidence) -> Element:
    """Say where a document says it, as an extension of parts."""
    parts: list[Element] = [
        {"url": "document", "valueUri": terms.document(evidence.document)},
        {"url": "start", "valueUnsignedInt": evidence.span.start},
        {"url": "end", "valueUnsignedInt": evidence.span.end},
        {"url": "objectText", "valueString": identifiers.clean(evidence.object_text)},
        {"url": "quoteSha256", "valueString": evidence.quote_sha256},
        {"url": "rule", "valueString": evidence.rule},
    ]
    if evidence.quote is not None:
        rdfxml.check(evidence.quote, f"{evidence.document} at {evidence.span.start}", "FHIR")
        parts.append({"url": "quote", "valueString": evidence.quote})
    return {"url": terms.DRUGS + "evidence", "extension": parts}
