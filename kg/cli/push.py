"""`kg push`: a graph is put on a SPARQL server, and read back."""

from __future__ import annotations

from typing import Annotated

import typer

from kg.cli import graphs, screen

FORMATS = ("table", "json")
_OFTEN = 50


def command(
    graph: Annotated[str, typer.Argument(metavar="GRAPH", help="A folder that `kg build` wrote, or an RDF file.")],
    address: Annotated[str, typer.Argument(metavar="ADDRESS", help="The server's address for SPARQL queries.")],
    graph_store: Annotated[
        str | None,
        typer.Option(
            "--graph-store",
            metavar="ADDRESS",
            help="The server's graph store (Graph Store HTTP Protocol), where it is not found beside ADDRESS.",
        ),
    ] = None,
    output_format: Annotated[
        str, typer.Option("--format", metavar="|".join(FORMATS), help="How to say what was pushed.")
    ] = "table",
) -> int:
    """Put a graph on a SPARQL 1.1 server; name and password are read from KG_SERVER_USER and KG_SERVER_PASSWORD."""
    screen.check_format(output_format, FORMATS)
    from kg.graph.remote import push
    from kg.graph.remote.wire import Wire
    from kg.graph.store import embedded

    queries = Wire(address)
    store = embedded(graphs.open_graph(graph, None).store)
    where = push.graph_store(queries, graph_store)
    found = push.push(store, queries, where, _tell)
    if output_format == "json":
        counts = {"graphs": found.graphs, "triples": found.triples, "sent": found.sent}
        screen.write(screen.as_json("push", {"address": address, "graph_store": where.address, **counts}))
    sent = screen.count(found.sent, "graph")
    screen.note(
        f"{address} holds {found.triples:,} triples in {screen.count(found.graphs, 'graph')}, counted and read back; "
        f"{sent} had to be sent. Ask with --graph {address}"
    )
    return 0


def _tell(place: int, number: int, name: str) -> None:
    if place % _OFTEN == 0 or place == number:
        screen.note(f"{place:,} of {number:,} graphs: {name}")
