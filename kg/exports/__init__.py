"""Exports: the facts in the formats of others, each written whole or not at all, the same bytes for the same facts.

Only what documents say is a fact of an export; what follows from facts stays what it is (`drugs:DerivedFact`) in the
RDF formats and is left out of all others. Sentences of documents are written only where they are asked for.
"""

from __future__ import annotations

import difflib
import importlib.util
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from kg import files
from kg.errors import GraphError, UnknownNameError
from kg.exports import (
    fhir,
    graphml,
    jsonld,
    kgx,
    nanopublications,
    neo4j,
    networks,
    parquet,
    picture,
    quads,
    quotes,
    rdfxml,
    report,
    rocrate,
    sssom,
    tabular,
    triples,
    xlsx,
)
from kg.exports.asked import Asked
from kg.graph import store as stores

if TYPE_CHECKING:
    from kg.api import Graph

Content = bytes | Iterable[bytes]
"""What is written to a file: all of it, or pieces that come one after the other."""

_WHOLE = Asked("")


@dataclass(frozen=True, slots=True)
class Format:
    """A format: how it is called, which endings its files have, what it holds, and the function that writes them.

    `needs` is the module that writing it needs and that comes with an extra. What `is_about` one thing is no graph for
    another program but a page or a picture for people, and wants the name of that thing. `names` are
    those of its files where the format prescribes them.
    """

    name: str
    suffixes: tuple[str, ...]
    holds: str
    encode: Callable[[Graph, Asked], tuple[Content, ...]]
    needs: str | None = None
    extra: str = ""
    is_about: bool = False
    names: tuple[str, ...] = ()

    @property
    def suffix(self) -> str:
        """The ending of its first file, which most formats have alone."""
        return self.suffixes[0]

    def paths(self, path: Path) -> tuple[Path, ...]:
        """Return the files that are written for a path: itself, or its stem with each ending in turn.

        Where the format prescribes the names, they stand in the path's folder.
        """
        if self.names:
            return tuple(path.with_name(name) for name in self.names)
        if len(self.suffixes) == 1:
            return (path,)
        endings = sorted((*self.suffixes, f".{self.name}"), key=len, reverse=True)
        found = next((ending for ending in endings if path.name.lower().endswith(ending)), "")
        stem = path.name[: len(path.name) - len(found)]
        return tuple(path.with_name(stem + suffix) for suffix in self.suffixes)

    @property
    def is_available(self) -> bool:
        """Whether the module that it needs is installed."""
        return self.needs is None or importlib.util.find_spec(self.needs) is not None


def _many(
    name: str,
    suffixes: tuple[str, ...],
    holds: str,
    encode: Callable[[Graph], tuple[Content, ...]],
    needs: str = "",
    names: tuple[str, ...] = (),
) -> Format:
    return Format(name, suffixes, holds, lambda graph, _: encode(graph), needs or None, name, names=names)


def _one(name: str, suffix: str, holds: str, encode: Callable[[Graph], Content], needs: str = "") -> Format:
    return _many(name, (suffix,), holds, lambda graph: (encode(graph),), needs)


def _about(
    name: str, suffix: str, holds: str, encode: Callable[[Graph, Asked], bytes], needs: str = "", extra: str = ""
) -> Format:
    return Format(name, (suffix,), holds, lambda graph, asked: (encode(graph, asked),), needs or None, extra, True)


FORMATS: tuple[Format, ...] = (
    _one("turtle", ".ttl", "the union of what documents say", triples.turtle),
    _one("trig", ".trig", "who says what, a graph for each document", quads.trig),
    _one("nquads", ".nq", "who says what, a line for each statement", quads.nquads),
    _one("jsonld", ".jsonld", "who says what, as JSON with its context", jsonld.encode),
    _one("rdfxml", ".rdf", "the union of what documents say, as XML", rdfxml.encode),
    _one("graphml", ".graphml", "entities and facts as a network", graphml.encode),
    _one("csv", ".csv", "a row for each fact and place that says it", tabular.encode),
    _one("safe-csv", ".safe.csv", "the same, with formulas defused for spreadsheets", tabular.encode_safe),
    _one("tsv", ".tsv", "the same, tabs between the cells", tabular.encode_tabs),
    _many("kgx", ("_nodes.tsv", "_edges.tsv"), "the facts in Biolink's words, as two tables", kgx.tables),
    _many("kgx-jsonl", ("_nodes.jsonl", "_edges.jsonl"), "the same, as lines of JSON", kgx.lines),
    _one("nanopub", ".nanopubs.trig", "a nanopublication for each fact", nanopublications.encode_trig),
    _one("sssom", ".sssom.tsv", "which public identifiers are the same concepts", sssom.encode),
    _one("fhir", ".fhir.json", "clinical uses of FHIR R5, a resource for each fact", fhir.encode_bundle),
    _one("gexf", ".gexf", "entities and facts as a network, for Gephi", networks.gexf),
    _one("cytoscape", ".cyjs", "the same as JSON, for Cytoscape and Cytoscape.js", networks.cytoscape),
    _many("neo4j", ("_nodes.csv", "_relationships.csv"), "the tables that neo4j-admin imports", neo4j.tables),
    _many("parquet", ("_quads.parquet", "_facts.parquet"), "quads and facts in columns", parquet.encode, "pyarrow"),
    _many(
        "ro-crate", (".crate",), "a folder for archives: quads, facts and metadata", rocrate.encode, names=rocrate.NAMES
    ),
    _one("xlsx", ".xlsx", "a row for each fact and place, as a workbook", xlsx.encode, "xlsxwriter"),
    _about("report", ".report.html", "what documents say of one drug, as a page to read and print", report.encode),
    _about("svg", ".svg", "a picture of what stands around one thing", picture.svg, "matplotlib", "picture"),
    _about("png", ".png", "the same as an image of dots", picture.png, "matplotlib", "picture"),
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
    known = {key: form for form in FORMATS for key in (form.name, *(s.lstrip(".") for s in form.suffixes))}
    if wanted not in known:
        close = difflib.get_close_matches(wanted, known, n=1)
        remedy = f"did you mean {close[0]}? " if close else ""
        raise UnknownNameError(name, "no such format", f"{remedy}known are {' '.join(f.name for f in FORMATS)}")
    return known[wanted]


def write(
    graph: Graph,
    path: Path,
    format: str | None = None,  # noqa: A002
    *,
    with_quotes: bool = False,
    asked: Asked | None = None,
) -> Format:
    """Write a graph to a file, or the files of its format, whole or not at all, and return the format.

    Sentences of the documents are left out unless `with_quotes` asks for those that the texts at hand confirm. A report
    and a picture want to know in `asked` what they are about.

    Raises
    ------
    UnknownNameError
        When the format is unknown, none is given and the file name has no ending that tells it, or it is not said what
        a report or a picture is about.
    GraphError
        When a file cannot be written, the format cannot hold what is in the graph, or what it needs is not installed.
    """
    endings = sorted((s for f in FORMATS for s in f.suffixes if path.name.lower().endswith(s)), key=len)
    form = find(format if format is not None else endings[-1] if endings else path.suffix or path.name)
    if not form.is_available:
        raise GraphError(
            form.name, f"needs {form.needs}, which is not installed", f"pip install 'drug-facts[{form.extra}]'"
        )
    paths = form.paths(path)
    for target in paths:
        files.check_name(target.name)
    store = stores.embedded(graph.store)
    if store is not graph.store and not form.is_about:  # all of a graph on a server is wanted
        graph = type(graph)(store, graph.texts, graph.documents)
    if form.is_about:
        if asked is None or not asked.about.strip():
            raise UnknownNameError(
                form.name, "is about one thing, and none is named", "say which: --about NAME, or about="
            )
        contents = form.encode(graph, replace(asked, with_quotes=with_quotes))
    else:
        contents = form.encode(quotes.within(graph) if with_quotes else quotes.without(graph), _WHOLE)
    files.write_all(dict(zip(paths, contents, strict=True)))
    return form
