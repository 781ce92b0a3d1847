"""JSON-LD: who says what, with the shipped context inside the file, so that no reader has to fetch anything."""

from __future__ import annotations

import functools
import json
from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import TYPE_CHECKING, TypeAlias

import pyoxigraph as ox

from kg import resources
from kg.errors import OntologyError
from kg.graph import foreign, terms
from kg.graph.store import DEFAULT

if TYPE_CHECKING:
    from kg.api import Graph

Json: TypeAlias = "str | dict[str, Json] | list[Json]"
_STRING = terms.XSD + "string"


def encode(graph: Graph) -> bytes:
    """Write JSON-LD: the context, and a node for each graph that holds its nodes, all sorted."""
    context = load_context()
    writer = _Writer(context)
    graphs: list[Json] = []
    for name, quads in groupby(foreign.leaving(graph.store), key=lambda quad: quad.graph_name):
        nodes = writer.nodes(quads)
        if name == DEFAULT:
            graphs.extend(nodes)
        elif isinstance(name, ox.NamedNode):
            graphs.append({"@id": writer.short(name.value), "@graph": nodes})
    document = {"@context": context, "@graph": graphs}
    return (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode()


@functools.cache
def load_context() -> dict[str, str | dict[str, str]]:
    """Read the shipped context: prefixes, and a term for each property with the type of its values.

    Raises
    ------
    OntologyError
        When the file is not JSON.
    """
    path = resources.folder("ontology") / "context.jsonld"
    try:
        context: dict[str, str | dict[str, str]] = json.loads(path.read_bytes())["@context"]
    except (ValueError, KeyError, TypeError) as error:
        raise OntologyError(str(path), f"not a JSON-LD context ({error})", "restore the file") from None
    return context


class _Writer:
    """Shortens IRIs and values by a context."""

    def __init__(self, context: Mapping[str, str | dict[str, str]]) -> None:
        prefixes = {name: iri for name, iri in context.items() if isinstance(iri, str) and iri[-1:] in "/#"}
        self._prefixes = sorted(prefixes.items(), key=lambda item: -len(item[1]))
        self._terms = {
            self._expanded(definition["@id"], prefixes): (name, definition)
            for name, definition in context.items()
            if isinstance(definition, dict)
        }

    def nodes(self, quads: Iterable[ox.Quad]) -> list[Json]:
        """Give the nodes of one graph, each with all that is said of it."""
        found: dict[str, dict[str, list[Json]]] = {}
        for quad in quads:
            if not isinstance(quad.subject, ox.NamedNode) or not isinstance(quad.object, ox.NamedNode | ox.Literal):
                continue
            node = found.setdefault(self.short(quad.subject.value), {})
            key, value = self._property(quad.predicate.value, quad.object)
            node.setdefault(key, []).append(value)
        return [{"@id": name, **{k: _one(v) for k, v in sorted(said.items())}} for name, said in sorted(found.items())]

    def short(self, iri: str) -> str:
        """Write an IRI with its prefix where it has one."""
        for prefix, namespace in self._prefixes:
            if iri.startswith(namespace) and not iri.startswith("//", len(namespace)):
                return f"{prefix}:{iri[len(namespace) :]}"
        return iri

    def _property(self, iri: str, value: ox.NamedNode | ox.Literal) -> tuple[str, Json]:
        if iri == terms.RDF_TYPE and isinstance(value, ox.NamedNode):
            return "@type", self.short(value.value)
        name, definition = self._terms.get(iri, (self.short(iri), {}))
        if isinstance(value, ox.NamedNode):
            short = self.short(value.value)
            return name, short if definition.get("@type") == "@id" else {"@id": short}
        return name, self._literal(value, definition)

    def _literal(self, value: ox.Literal, definition: Mapping[str, str]) -> Json:
        text, datatype = value.value, value.datatype.value
        if value.language:
            if definition.get("@language") == value.language:
                return text
            return {"@value": text, "@language": value.language}
        wanted = definition.get("@type")
        if datatype == _STRING:
            return text if wanted is None and "@language" not in definition else {"@value": text}
        return text if wanted == self.short(datatype) else {"@value": text, "@type": self.short(datatype)}

    @staticmethod
    def _expanded(name: str, prefixes: Mapping[str, str]) -> str:
        prefix, _, local = name.partition(":")
        return prefixes[prefix] + local if prefix in prefixes else name


def _one(values: list[Json]) -> Json:
    return values[0] if len(values) == 1 else values
