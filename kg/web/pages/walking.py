"""The network as a picture: what stands around something, and what connects two things, with every hop's facts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from kg import network
from kg.care import scale
from kg.graph import terms
from kg.questions.finding import TYPES
from kg.web.pages import paths
from kg.web.pages.site import WALKING, Asked, Page, Shown

if TYPE_CHECKING:
    from kg.network import Edge, View
    from kg.network.explanation import Explanation

MOST_NODES = 30
_OTHER = "other"
_BROADER = "vocabulary"


def picture(asked: Asked) -> Shown:
    """Show a picture with a list beside it: around one thing, or of the ways between two."""
    start, end, node = asked.one("from"), asked.one("to"), asked.one("node")
    graph = asked.graph
    explanation = network.explain(graph, start, end) if start and end else None
    data: Mapping[str, object]
    if explanation is not None:
        data = of_paths(graph.view, explanation)
        title = f"{explanation.start.label} and {explanation.end.label}"
    elif node:
        data = around(asked, node)
        title = f"Around {graph.view.label(str(data['centre']))}"
    else:
        data, title = {"nodes": [], "edges": [], "centre": "", "truncated": False}, "Network"
    values = {"data": data, "explanation": explanation, "start": start, "end": end, "node": node}
    plainly = explanation.to_dict if explanation is not None else lambda: data
    command = "explain" if explanation is not None else "page network"
    return Shown("network.html", title, values, command, plainly)


def around(asked: Asked, name: str) -> dict[str, object]:
    """Return what stands around something as nodes and edges."""
    found = network.neighbourhood(asked.graph, name, limit=MOST_NODES)
    view, centre = asked.graph.view, found.centre.iri or ""
    kept = [edge for edge in found.edges if centre in (edge.subject, edge.object)]
    nodes = [centre, *(node for node in found.network.nodes if node != centre)]
    return _drawn(view, centre, nodes, kept, found.truncated)


def of_paths(view: View, found: Explanation) -> dict[str, object]:
    """Return the paths between two things as nodes and edges."""
    edges = [edge for path in found.paths() for hop in path.hops for edge in hop.edges]
    nodes = [str(node.iri) for path in found.paths() for node in path.nodes]
    start, end = found.start.iri or "", found.end.iri or ""
    drawn = _drawn(view, start, [start, end, *nodes], [*edges, *found.denied], found.truncated)
    return drawn | {"ends": [start, end]}


def _drawn(view: View, centre: str, nodes: Iterable[str], edges: Iterable[Edge], truncated: bool) -> dict[str, object]:
    """Return nodes and edges; the facts between two nodes of one kind, level and polarity are one edge."""
    joined: dict[tuple[str, str, str, str, str | None], list[Edge]] = {}
    for edge in edges:
        joined.setdefault((edge.subject, edge.object, edge.kind, edge.polarity, edge.level), []).append(edge)
    shown = [
        {
            "id": f"{subject} {object_} {kind} {polarity} {level or ''}",
            "source": subject,
            "target": object_,
            "kind": kind,
            "polarity": polarity,
            "level": level,
            "rank": scale.rank(level),
            "documents": sorted({name for one in said for name in one.documents}),
            "facts": [one.iri for one in said if one.iri.startswith(terms.FACT)],
        }
        for (subject, object_, kind, polarity, level), said in joined.items()
    ]
    listed = [
        {"id": node, "label": view.label(node), "type": _type(view, node), "path": paths.of_iri(node)}
        for node in dict.fromkeys(nodes)
    ]
    return {"centre": centre, "nodes": listed, "edges": shown, "truncated": truncated}


def _type(view: View, node: str) -> str:
    types = view.types(node)
    return next((type_ for type_ in TYPES if type_ in types), _OTHER)


PAGES = (Page("/network", picture, lane=WALKING),)
