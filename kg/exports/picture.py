"""A picture of what stands around something, as SVG or PNG: nodes by type, what is said by its level of care.

The same graph gives the same bytes: places come from `kg.exports.mindmap`, letters are drawn as shapes of a font that
comes with the library, and neither dates nor random names are written. In the SVG every node and every line has a title
and the identifiers of what it shows, for those who cannot see it and for programs.
"""

from __future__ import annotations

import io
import re
import threading
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from lxml import etree

from kg.care import words
from kg.errors import QueryError
from kg.exports import drawing, identifiers, mindmap
from kg.exports.asked import Asked
from kg.exports.mindmap import Map
from kg.network import near
from kg.network.near import Neighbourhood
from kg.schema import NOTICE
from kg.vocabulary import schema

if TYPE_CHECKING:
    from kg.api import Graph
    from kg.network.view import Edge

MOST = 120
"""How many nodes can be asked for; more would be legible to nobody."""

DOTS_PER_INCH = 160
_SVG = "{http://www.w3.org/2000/svg}"
_NOT_XML = re.compile("[\ud800-\udfff\ufffe\uffff]")
_LOCK = threading.Lock()


def svg(graph: Graph, asked: Asked) -> bytes:
    """Draw what stands around something as SVG.

    Raises
    ------
    UnknownNameError
        When nothing is called so.
    QueryError
        When a number is out of range.
    """
    found, total = around(graph, asked)
    return _drawn(found, total, _type(found), "svg")


def png(graph: Graph, asked: Asked) -> bytes:
    """Draw the same as PNG; see `svg`."""
    found, total = around(graph, asked)
    return _drawn(found, total, _type(found), "png")


def around(graph: Graph, asked: Asked) -> tuple[Neighbourhood, int]:
    """Return what a picture shows, and how many nodes there are when nothing is left out.

    Steps of the vocabulary are shown where their kind is asked for; unless kinds are, all that documents say is.
    """
    if not 1 <= asked.nodes <= MOST:
        raise QueryError("nodes", f"is {asked.nodes:,}", f"a picture shows 1 to {MOST} nodes")
    kinds = asked.kinds or tuple(schema.load().kinds)
    shown = near.neighbourhood(graph, asked.about, asked.steps, kinds, asked.nodes)
    if not shown.truncated:
        return shown, len(shown.network)
    return shown, len(near.neighbourhood(graph, asked.about, asked.steps, kinds, near.MAXIMUM_NODES).network)


def _type(found: Neighbourhood) -> Callable[[str], str]:
    """Return what gives the type that colours a node: the first of those with a colour that it has."""
    types: dict[str, list[str]] = {node: str(said).split() for node, said in found.network.nodes(data="types")}
    return lambda node: next((name for name in drawing.TYPES if name in types[node]), drawing.OTHER_TYPE)


def _drawn(found: Neighbourhood, total: int, types: Callable[[str], str], form: str) -> bytes:
    """Draw on a sheet of paper of the size that is needed."""
    import matplotlib

    # The library reads how it draws from settings of the whole process: ours hold while a picture is made, and a lock
    # keeps two threads from putting back each other's.
    settings = {
        "svg.fonttype": "path",
        "svg.hashsalt": "drug-facts",
        "path.simplify": False,
        "text.usetex": False,
        "text.hinting": "none",
    }
    with _LOCK, matplotlib.rc_context(settings):
        letters = drawing.Letters()
        placed = mindmap.laid_out(found, types, letters.width)
        notes = _notes(found, placed, total)
        sheet = drawing.Sheet(placed, letters, notes)
        stream = io.BytesIO()
        metadata: dict[str, Any] = {"Date": None, "Creator": None} if form == "svg" else {"Software": None}
        sheet.figure.savefig(stream, format=form, dpi=72 if form == "svg" else DOTS_PER_INCH, metadata=metadata)
    return _described(stream.getvalue(), found, placed, notes) if form == "svg" else stream.getvalue()


def _notes(found: Neighbourhood, placed: Map, total: int) -> tuple[str, ...]:
    """Say below the picture what is shown, what was left out, how to read it, and what it is not."""
    centres = sum(box.side == 0 for box in placed.boxes.values())
    shown, there = len(placed.boxes) - centres, total - centres
    left_out = there - shown
    of = f"{shown:,} of {there:,} shown" if left_out else f"all {there:,} shown"
    cut = f", the nearest with the most care and documents; {left_out:,} left out" if left_out else ""
    crossing = sum(not bond.is_main for bond in placed.bonds)
    between = f"; thin grey: said of two of them as well, {words.count(crossing, 'line')}" if crossing else ""
    if not found.edges:
        return (f"{found.summary} That means neither “no” nor “safe”.", NOTICE)
    return (
        f"Around {found.centre.label}: {of}{cut}.",
        f"Documents that speak of it: {len(found.documents):,}; in brackets, how many say so{between}.",
        f"{NOTICE} What is not shown is not “safe”.",
    )


def _described(picture: bytes, found: Neighbourhood, placed: Map, notes: Iterable[str]) -> bytes:
    """Give the SVG what programs and those who cannot see it need: titles, and the identifiers of nodes and facts."""
    parser = etree.XMLParser(remove_comments=True, no_network=True, resolve_entities=False, huge_tree=True)
    root = etree.fromstring(picture, parser)
    for name in ("metadata", "style"):
        for one in list(root.iter(_SVG + name)):
            parent = one.getparent()
            if parent is not None:
                parent.remove(one)
    root.attrib.update({"role": "img", "stroke-linejoin": "round", "stroke-linecap": "butt"})
    labels = {node: str(label) for node, label in found.network.nodes(data="label")}
    by_name = {str(one.get("id")): one for one in root.iter(_SVG + "g") if one.get("id")}
    _titled(root, f"What stands around {found.centre.label}", " ".join(notes))
    for number, node in enumerate(placed.boxes):
        group = by_name[f"node-{number}"]
        group.attrib.update({"class": "node", "data-node": node})
        _titled(group, labels[node])
    for number, bond in enumerate(placed.bonds):
        group = by_name[f"bond-{number}"]
        group.attrib.update({"class": "edge" if bond.is_main else "edge crossing"})
        group.attrib.update({"data-facts": " ".join(edge.iri for edge in bond.edges)})
        _titled(group, "\n".join(_sentence(edge, labels) for edge in bond.edges))
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8")) + b"\n"


def _titled(element: etree._Element, title: str, description: str = "") -> None:
    """Put a title, and a description if there is one, in front of what an element shows."""
    for name, text in reversed((("title", title), ("desc", description))):
        if text:
            child = etree.Element(_SVG + name)
            shown = "\n".join(map(identifiers.clean, text.split("\n")))
            child.text = _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", shown)
            element.insert(0, child)


def _sentence(edge: Edge, labels: Mapping[str, str]) -> str:
    """Say an edge whole, with all that limits it and who says it."""
    kind = schema.load().kinds.get(edge.kind)
    more = [f"{name}: {value.replace('_', ' ')}" for name, value in edge.qualifiers.items()]
    said = f"{labels[edge.subject]}, {'denied: ' if not edge.carries else ''}{kind.label if kind else edge.kind}"
    who = f"; {words.count(len(edge.documents), 'document')}" if edge.documents else ""
    limits = f" ({'; '.join(more)})" if more else ""
    return f"{said}: {labels[edge.object]}{limits}{who}"
