"""SSSOM (https://mapping-commons.github.io/sssom/): which public identifiers name the same concepts.

It holds the `skos:exactMatch` of the package's vocabulary and of the concepts that the graph brings along; no facts.
How each mapping was found is not kept by the vocabulary, so all are justified as `semapv:UnspecifiedMatching`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pyoxigraph as ox

from kg.exports import biolink, identifiers
from kg.graph import terms
from kg.graph.store import DEFAULT

if TYPE_CHECKING:
    from kg.api import Graph

COLUMNS = ("subject_id", "subject_label", "predicate_id", "object_id", "mapping_justification", "subject_type")
MAPPING_SET = terms.BASE + "mappings"

_EXACT_MATCH = ox.NamedNode(terms.SKOS + "exactMatch")
_PREF_LABEL = ox.NamedNode(terms.SKOS + "prefLabel")
_SEMAPV = "https://w3id.org/semapv/vocab/"
_NAMESPACE = re.compile(r"(.*[/#])([^/#]+)$", re.DOTALL)
_COMMENT = "Exported by `kg export`. Information about documents, not medical advice."
_CC0 = "https://creativecommons.org/publicdomain/zero/1.0/"


def encode(graph: Graph) -> bytes:
    """Write the mappings, sorted by subject and object, below the prefixes that they use."""
    found = sorted(
        (quad.subject.value, quad.object.value)
        for quad in graph.store.quads_for_pattern(None, _EXACT_MATCH, None, DEFAULT)
        if isinstance(quad.subject, ox.NamedNode) and isinstance(quad.object, ox.NamedNode)
    )
    names = _Names({iri for pair in found for iri in pair})
    rows = sorted(
        (
            names[subject],
            _label(graph, subject),
            "skos:exactMatch",
            names[object_],
            "semapv:UnspecifiedMatching",
            "skos concept",
        )
        for subject, object_ in found
    )
    used = {**names.used, "semapv": _SEMAPV, "skos": terms.SKOS}
    head = [
        "curie_map:",
        *(f'  "{prefix}": "{namespace}"' for prefix, namespace in sorted(used.items())),
        f"mapping_set_id: {MAPPING_SET}",
        f"license: {_CC0}",
        f'comment: "{_COMMENT}"',
    ]
    lines = [*(f"#{line}" for line in head), "\t".join(COLUMNS), *("\t".join(row) for row in rows)]
    return ("\n".join(lines) + "\n").encode()


class _Names:
    """CURIEs for IRIs; a namespace without a prefix of its own gets a numbered one."""

    def __init__(self, iris: set[str]) -> None:
        spelling = biolink.table().prefixes
        self.used: dict[str, str] = {}
        self._names: dict[str, str] = {}
        numbered: dict[str, str] = {}
        for iri in sorted(iris):
            found = identifiers.split(iri, spelling)
            parts = _NAMESPACE.fullmatch(iri) if found is None else None
            if parts is not None:
                found = numbered.setdefault(parts[1], f"ns{len(numbered) + 1}"), parts[1], parts[2]
            if found is not None:
                self.used[found[0]] = found[1]
            self._names[iri] = iri if found is None else f"{found[0]}:{found[2]}"

    def __getitem__(self, iri: str) -> str:
        return self._names[iri]


def _label(graph: Graph, iri: str) -> str:
    found = graph.store.quads_for_pattern(ox.NamedNode(iri), _PREF_LABEL, None, DEFAULT)
    return identifiers.clean(
        min((quad.object.value for quad in found if isinstance(quad.object, ox.Literal)), default="")
    )
