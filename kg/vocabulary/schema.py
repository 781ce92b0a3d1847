"""The language of facts as `ontology/drugs.ttl` declares it: kinds, short edges, qualifiers and closed lists."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from kg import resources
from kg.errors import OntologyError
from kg.graph import terms, turtle

_DATATYPE_PROPERTY = terms.OWL + "DatatypeProperty"


@dataclass(frozen=True, slots=True)
class Value:
    """A member of a closed list: `name` is its word in statements ("stated_safe"), `rank` its place on the list.

    `at_least` is the smallest share that a frequency means (0.01 for "common").
    """

    iri: str
    name: str
    label: str
    rank: int | None
    at_least: float | None = None


@dataclass(frozen=True, slots=True)
class Qualifier:
    """A property that narrows a fact down; several properties may share one `name` in statements.

    `values` lists what it can be (by name) where the list is closed; `is_text` tells strings from concepts.
    """

    iri: str
    name: str
    label: str
    is_text: bool
    values: Mapping[str, Value] | None


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of fact: its class, its short edge and the qualifiers that it allows.

    `listed_objects` holds the closed list (by name in lower case) where the objects come from one.
    """

    name: str
    iri: str
    label: str
    definition: str
    short_edge: str
    off_label_short_edge: str | None
    no_short_edge_for: frozenset[str]
    qualifiers: tuple[Qualifier, ...]
    required: frozenset[str]
    listed_objects: Mapping[str, Value] | None


@dataclass(frozen=True)
class Schema:
    """All kinds by name, and everything by IRI; `schemes` has the IRI of the concept scheme of each type's name."""

    kinds: Mapping[str, Kind]
    kinds_by_iri: Mapping[str, Kind]
    qualifiers: Mapping[str, Qualifier]
    values: Mapping[str, Value]
    polarities: Mapping[str, Value]
    levels: Mapping[str, Value]
    schemes: Mapping[str, str]

    def kind(self, name: str) -> Kind:
        """Return the kind of a name.

        Raises
        ------
        OntologyError
            When the ontology declares no such kind.
        """
        found = self.kinds.get(name)
        if found is None:
            raise OntologyError(f"kind {name!r}", "the ontology declares no such kind", f"use {' '.join(self.kinds)}")
        return found


@functools.cache
def load(path: Path | None = None) -> Schema:
    """Read the schema from an ontology file, by default the package's own.

    >>> load().kinds["contraindication"].short_edge.rsplit("/", 1)[1]
    'contraindicatedIn'
    """
    about = turtle.read(path or resources.folder("ontology") / "drugs.ttl")
    lists: dict[str, dict[str, Value]] = {}
    by_class: dict[str, dict[str, Value]] = {}
    values: dict[str, Value] = {}
    for iri, said in about.items():
        for notation in said.get(terms.SKOS + "notation", ()):
            rank = said.get(terms.DRUGS + "rank")
            least = said.get(terms.DRUGS + "atLeast")
            value = Value(
                iri,
                notation,
                said[terms.SKOS + "prefLabel"][0],
                int(rank[0]) if rank else None,
                float(least[0]) if least else None,
            )
            values[iri] = value
            for scheme in said.get(terms.SKOS + "inScheme", ()):
                lists.setdefault(scheme, {})[notation] = value
            for kind in said[terms.RDF_TYPE]:
                by_class.setdefault(kind, {})[notation.casefold()] = value
    qualifiers = {
        iri: _qualifier(iri, said, lists) for iri, said in about.items() if terms.DRUGS + "qualifierName" in said
    }
    kinds = [
        _kind(iri, said, about, qualifiers, by_class) for iri, said in about.items() if terms.DRUGS + "kind" in said
    ]
    return Schema(
        kinds={kind.name: kind for kind in kinds},
        kinds_by_iri={kind.iri: kind for kind in kinds},
        qualifiers=qualifiers,
        values=values,
        polarities=lists[about[terms.DRUGS + "polarity"][terms.DRUGS + "valueScheme"][0]],
        levels=lists[about[terms.DRUGS + "level"][terms.DRUGS + "valueScheme"][0]],
        schemes={
            iri.removeprefix(terms.DRUGS): scheme
            for iri, said in sorted(about.items())
            for scheme in said.get(terms.DRUGS + "conceptScheme", ())
        },
    )


def _qualifier(iri: str, said: Mapping[str, list[str]], lists: Mapping[str, Mapping[str, Value]]) -> Qualifier:
    scheme = said.get(terms.DRUGS + "valueScheme")
    return Qualifier(
        iri=iri,
        name=said[terms.DRUGS + "qualifierName"][0],
        label=said[terms.RDFS + "label"][0],
        is_text=_DATATYPE_PROPERTY in said[terms.RDF_TYPE],
        values=lists[scheme[0]] if scheme else None,
    )


def _kind(
    iri: str,
    said: Mapping[str, list[str]],
    about: Mapping[str, Mapping[str, list[str]]],
    qualifiers: Mapping[str, Qualifier],
    by_class: Mapping[str, Mapping[str, Value]],
) -> Kind:
    edge = said[terms.DRUGS + "shortEdge"][0]
    ranges = about[edge].get(terms.RDFS + "range", ())
    return Kind(
        name=said[terms.DRUGS + "kind"][0],
        iri=iri,
        label=said[terms.RDFS + "label"][0],
        definition=said[terms.SKOS + "definition"][0],
        short_edge=edge,
        off_label_short_edge=next(iter(said.get(terms.DRUGS + "offLabelShortEdge", ())), None),
        no_short_edge_for=frozenset(said.get(terms.DRUGS + "noShortEdgeFor", ())),
        qualifiers=tuple(qualifiers[q] for q in said.get(terms.DRUGS + "allowsQualifier", ())),
        required=frozenset(said.get(terms.DRUGS + "requiresQualifier", ())),
        listed_objects=next((by_class[r] for r in ranges if r in by_class), None),
    )
