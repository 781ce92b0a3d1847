"""JSON-LD: who says what, with the shipped context inside the file, so that no reader has to fetch anything."""

from __future__ import annotations

import functools
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, TypeAlias

from kg import resources
from kg.errors import OntologyError
from kg.graph import lines, terms, written

if TYPE_CHECKING:
    from kg.api import Graph

Json: TypeAlias = "str | Mapping[str, Json] | list[Json]"
_STRING = terms.XSD + "string"
_TYPE = f"<{terms.RDF_TYPE}>"
_quoted = json.JSONEncoder(ensure_ascii=False).encode


def encode(graph: Graph) -> Iterator[bytes]:
    """Write JSON-LD in pieces: the context, and a node for each graph that holds its nodes, all sorted."""
    context = load_context()
    writer = _Writer(context)
    shared: dict[str, str] = {}
    yield f'{{\n "@context": {_json(context, 1)},\n "@graph": ['.encode()
    before = ""
    for name, said in lines.by_graph(graph.store):
        node: Json = {"@id": writer.short(name[1:-1]), "@graph": writer.nodes(sorted(set(lines.apart(said, shared))))}
        yield f"{before}\n  {_json(node, 2)}".encode()
        before = ","
    yield b"\n ]\n}\n" if before else b"]\n}\n"


def _json(value: Json, depth: int) -> str:
    """Write a value as `json.dumps` does with an indent of one, which is slow there; `depth` is where it stands."""
    if isinstance(value, str):
        return _quoted(value)
    if not value:
        return "[]" if isinstance(value, list) else "{}"
    gap = "\n" + " " * (depth + 1)
    if isinstance(value, list):
        return f"[{gap}{f',{gap}'.join([_json(one, depth + 1) for one in value])}{gap[:-1]}]"
    said = [f"{_quoted(key)}: {_json(one, depth + 1)}" for key, one in value.items()]
    return f"{{{gap}{f',{gap}'.join(said)}{gap[:-1]}}}"


@functools.cache
def load_context() -> Mapping[str, str | Mapping[str, str]]:
    """Read the shipped context: prefixes, and a term for each property with the type of its values.

    Raises
    ------
    OntologyError
        When the file is not JSON.
    """
    path = resources.folder("ontology") / "context.jsonld"
    try:
        context: Mapping[str, str | Mapping[str, str]] = json.loads(path.read_bytes())["@context"]
    except (ValueError, KeyError, TypeError) as error:
        raise OntologyError(str(path), f"not a JSON-LD context ({error})", "restore the file") from None
    return context


class _Writer:
    """Shortens IRIs and values by a context."""

    def __init__(self, context: Mapping[str, str | Mapping[str, str]]) -> None:
        prefixes = {name: iri for name, iri in context.items() if isinstance(iri, str) and iri[-1:] in "/#"}
        self._prefixes = sorted(prefixes.items(), key=lambda item: -len(item[1]))
        self._shortened: dict[str, str] = {}
        self._terms = {
            f"<{self._expanded(definition['@id'], prefixes)}>": (name, definition)
            for name, definition in context.items()
            if not isinstance(definition, str)
        }

    def nodes(self, said: Iterable[tuple[str, str, str]]) -> list[Json]:
        """Give the nodes of one graph, each with all that is said of it."""
        found: dict[str, dict[str, list[Json]]] = {}
        for subject, predicate, value in said:
            node = found.setdefault(self._short(subject), {})
            key, content = self._property(predicate, value)
            node.setdefault(key, []).append(content)
        return [{"@id": name, **{k: _one(v) for k, v in sorted(said.items())}} for name, said in sorted(found.items())]

    def _short(self, name: str) -> str:
        found = self._shortened.get(name)
        if found is None:
            found = self._shortened[name] = self.short(name[1:-1])
        return found

    def short(self, iri: str) -> str:
        """Write an IRI with its prefix where it has one."""
        for prefix, namespace in self._prefixes:
            if iri.startswith(namespace) and not iri.startswith("//", len(namespace)):
                return f"{prefix}:{iri[len(namespace) :]}"
        return iri

    def _property(self, predicate: str, value: str) -> tuple[str, Json]:
        if predicate == _TYPE and value.startswith("<"):
            return "@type", self._short(value)
        name, definition = self._terms.get(predicate) or (self._short(predicate), {})
        if value.startswith("<"):
            short = self._short(value)
            return name, short if definition.get("@type") == "@id" else {"@id": short}
        return name, self._literal(value, definition)

    def _literal(self, value: str, definition: Mapping[str, str]) -> Json:
        text, datatype, language = written.text(value), written.datatype(value), written.language(value)
        if language:
            if definition.get("@language") == language:
                return text
            return {"@value": text, "@language": language}
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
