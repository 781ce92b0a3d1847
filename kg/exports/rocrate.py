"""RO-Crate 1.1 (https://www.researchobject.org/ro-crate/): the facts packed with what they are, and what made them.

Three files in one folder, which is the crate: everything as TriG, the facts as a table, and the metadata that describe
them, the documents behind them and the program. RO-Crate wants the day of publication: it is that of writing, or that
of `SOURCE_DATE_EPOCH` where the same bytes are wanted again. What is in the other two files has no date.
"""

from __future__ import annotations

import datetime
import hashlib
import json
import os
from typing import TYPE_CHECKING

from kg.errors import GraphError
from kg.exports import quads, tabular
from kg.graph import dataset, terms

if TYPE_CHECKING:
    from kg.api import Graph

NAMES = ("ro-crate-metadata.json", "facts.trig", "facts.csv")
CONTEXT = "https://w3id.org/ro/crate/1.1/context"
VERSION = "https://w3id.org/ro/crate/1.1"
EPOCH = "SOURCE_DATE_EPOCH"

_HELD = (("application/trig", "Who says what: a named graph for each document"),
         ("text/csv", "A row for each fact and place that says it"))  # fmt: skip

Node = dict[str, object]


def encode(graph: Graph) -> tuple[bytes, ...]:
    """Write the metadata, the quads and the table of facts.

    Raises
    ------
    GraphError
        When `SOURCE_DATE_EPOCH` is no number of seconds.
    """
    contents = (quads.trig(graph), tabular.encode(graph))
    files: list[Node] = [
        {
            "@id": name,
            "@type": "File",
            "name": title,
            "encodingFormat": media_type,
            "contentSize": str(len(content)),
            "sha256": hashlib.sha256(content).hexdigest(),
            "license": {"@id": dataset.LICENCE},
        }
        for name, content, (media_type, title) in zip(NAMES[1:], contents, _HELD, strict=True)
    ]
    metadata = {"@context": CONTEXT, "@graph": [*_descriptor(), _root(graph), *files, *_around(graph)]}
    return ((json.dumps(metadata, ensure_ascii=False, indent=1) + "\n").encode(), *contents)


def _descriptor() -> list[Node]:
    return [
        {
            "@id": NAMES[0],
            "@type": "CreativeWork",
            "conformsTo": {"@id": VERSION},
            "about": {"@id": "./"},
        }
    ]


def _root(graph: Graph) -> Node:
    documents = [{"@id": terms.document(source.name)} for source in graph.documents]
    return {
        "@id": "./",
        "@type": "Dataset",
        "name": dataset.TITLE,
        "description": dataset.DESCRIPTION,
        "datePublished": _day().isoformat(),
        "license": {"@id": dataset.LICENCE},
        "hasPart": [{"@id": name} for name in NAMES[1:]],
        **({"isBasedOn": documents} if documents else {}),
    }


def _around(graph: Graph) -> list[Node]:
    """Describe the documents, the program, what it did, and the licence."""
    version = dataset.program_version()
    documents: list[Node] = [
        {
            "@id": terms.document(source.name),
            "@type": "CreativeWork",
            "name": source.title,
            "identifier": source.name,
            "additionalType": source.source_kind,
            "sha256": source.sha256,
        }
        for source in graph.documents
    ]
    program: Node = {
        "@id": dataset.SOFTWARE + version,
        "@type": "SoftwareApplication",
        "name": "drug-facts",
        "version": version,
        "softwareVersion": version,
        "url": terms.BASE,
    }
    making: Node = {
        "@id": "#making",
        "@type": "CreateAction",
        "name": "Documents were read by a program, which wrote what they say",
        "instrument": {"@id": program["@id"]},
        "object": [{"@id": document["@id"]} for document in documents],
        "result": [{"@id": name} for name in NAMES[1:]],
    }
    licence: Node = {
        "@id": dataset.LICENCE,
        "@type": "CreativeWork",
        "name": "CC0 1.0 Universal",
        "description": "The facts are in the public domain; the texts of the documents are not part of the crate.",
    }
    return [*documents, program, making, licence]


def _day() -> datetime.date:
    said = os.environ.get(EPOCH, "")
    if not said:
        return datetime.datetime.now(datetime.UTC).date()
    try:
        return datetime.datetime.fromtimestamp(int(said), datetime.UTC).date()
    except (ValueError, OverflowError, OSError):
        raise GraphError(EPOCH, f"{said[:40]!r} is no number of seconds", "set it to one, or unset it") from None
