"""`kg mcp`: a graph as tools for assistants, over standard input and output or on this machine's own network."""

from __future__ import annotations

import contextlib
import os
import signal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kg.cli import graphs, screen, serve
from kg.errors import KgError

if TYPE_CHECKING:
    from types import FrameType

    from kg.assistants.desk import Desk

TRANSPORTS = ("stdio", "http")


def command(
    graph: Annotated[
        Path | None,
        typer.Argument(metavar="[GRAPH]", help="A folder of facts or an RDF file; by default the packaged facts."),
    ] = None,
    documents: graphs.DocumentsOption = None,
    transport: Annotated[
        str,
        typer.Option(
            metavar="|".join(TRANSPORTS), help="Who starts this process speaks with it, or an address is served."
        ),
    ] = "stdio",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Of --transport http; 0 takes a free one.")] = 8001,
) -> int:
    """Serve a graph to assistants that speak the Model Context Protocol, read-only, every quote checked."""
    if transport not in TRANSPORTS:
        raise KgError("--transport", f"no transport {transport!r}", f"use {' or '.join(TRANSPORTS)}")
    serve.must_be_posix("kg mcp")
    serve.must_have(("mcp", "starlette", "uvicorn"), "kg mcp", "mcp")
    if graph is not None:
        graphs.must_exist(str(graph))
    from kg.assistants.desk import Desk

    if transport == "http":
        with serve.listening_on("127.0.0.1", port) as listening, contextlib.closing(Desk(graph, documents)) as desk:
            from kg.assistants.server import PATH, over_http

            desk.warm()
            address = f"http://127.0.0.1:{listening.getsockname()[1]}{PATH}"
            serve.run(over_http(desk), listening, f"{address} serves {graph or 'the packaged facts'} to assistants")
            return 0
    with contextlib.closing(Desk(graph, documents)) as desk:
        desk.warm()
        return _over_stdio(desk)


def _over_stdio(desk: Desk) -> int:
    import anyio

    from kg.assistants.server import over_stdio

    def leave(number: int, _: FrameType | None) -> None:
        """End at once, but not without tidying up: a thread that waits for input cannot be told to stop."""
        desk.close()
        os._exit(128 + number)

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, leave)
    screen.note(f"kg mcp: serves assistants over standard input and output. {screen.NOT_ADVICE}")
    anyio.run(over_stdio, desk)
    return 0
