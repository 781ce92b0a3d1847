"""Exports: the facts in the formats of others, each written whole or not at all, the same bytes for the same facts."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from kg import files
from kg.errors import UnknownNameError
from kg.exports import graphml, jsonld, quads, rdfxml, tabular, triples

if TYPE_CHECKING:
    from kg.api import Graph


@dataclass(frozen=True, slots=True)
class Format:
    """A format: how it is called, which ending its files have, what it holds, and the function that writes it."""

    name: str
    suffix: str
    holds: str
    encode: Callable[[Graph], bytes]


FORMATS: tuple[Format, ...] = (
    Format("turtle", ".ttl", "the union of what documents say", triples.turtle),
    Format("trig", ".trig", "who says what, a graph for each document", quads.trig),
    Format("nquads", ".nq", "who says what, a line for each statement", quads.nquads),
    Format("jsonld", ".jsonld", "who says what, as JSON with its context", jsonld.encode),
    Format("rdfxml", ".rdf", "the union of what documents say, as XML", rdfxml.encode),
    Format("graphml", ".graphml", "entities and facts as a network", graphml.encode),
    Format("csv", ".csv", "a row for each fact and place that says it", tabular.encode),
    Format("safe-csv", ".safe.csv", "the same, with formulas defused for spreadsheets", tabular.encode_safe),
)
"""Every format that the facts can be written in."""


def find(name: str) -> Format:
    """Return the format of a name or file name ending.

    Raises
    ------
    UnknownNameError
        When there is no such format.

    >>> find("ttl").name, find("TriG").name
    ('turtle', 'trig')
    """
    wanted = name.strip().lower().lstrip(".")
    known = {key: form for form in FORMATS for key in (form.name, form.suffix.lstrip("."))}
    if wanted not in known:
        close = difflib.get_close_matches(wanted, known, n=1)
        remedy = f"did you mean {close[0]}? " if close else ""
        raise UnknownNameError(name, "no such format", f"{remedy}known are {' '.join(f.name for f in FORMATS)}")
    return known[wanted]


def write(graph: Graph, path: Path, format: str | None = None) -> Format:  # noqa: A002
    """Write a graph to a file, whole or not at all, and return the format that was used.

    Raises
    ------
    UnknownNameError
        When the format is unknown, or none is given and the file name has no ending that tells it.
    GraphError
        When the file cannot be written, or the format cannot hold what is in the graph.
    """
    suffixes = sorted((f.suffix for f in FORMATS if path.name.lower().endswith(f.suffix)), key=len)
    form = find(format if format is not None else suffixes[-1] if suffixes else path.suffix or path.name)
    files.write_bytes(path, form.encode(graph))
    return form
