"""`kg serve`: a graph as a SPARQL endpoint and pages, for this machine unless somebody says otherwise."""

from __future__ import annotations

import contextlib
import importlib
import os
import signal
import socket
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kg.cli import graphs, screen
from kg.errors import KgError

if TYPE_CHECKING:
    from starlette.types import ASGIApp

    from kg.web.context import Settings


def command(
    graph: Annotated[
        Path | None,
        typer.Argument(metavar="[GRAPH]", help="A folder of facts or an RDF file; by default the packaged facts."),
    ] = None,
    host: Annotated[str, typer.Option(metavar="ADDRESS", help="Where to listen.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes a free one.")] = 8000,
    documents: graphs.DocumentsOption = None,
    workers: Annotated[int, typer.Option(min=1, max=64, help="Processes that answer queries.")] = 2,
    timeout: Annotated[float, typer.Option(min=0.1, max=3600, help="Seconds that a query may run.")] = 10.0,
    memory: Annotated[int, typer.Option(min=50, metavar="MB", help="Megabytes that a query may take.")] = 1_000,
    rows: Annotated[int, typer.Option(min=1, help="Rows or triples that an answer may have.")] = 100_000,
    allow_host: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="Another name that the server is called by; repeatable.")
    ] = None,
    cors_origin: Annotated[
        list[str] | None, typer.Option(metavar="URL", help="A site whose pages may read answers; repeatable.")
    ] = None,
) -> int:
    """Serve a graph, read-only: SPARQL at /sparql, how the server is at /status."""
    must_be_posix("kg serve")
    must_have(("starlette", "uvicorn"), "kg serve", "serve")
    from kg.web.context import Settings

    if graph is not None:
        graphs.must_exist(str(graph))
    settings = Settings(
        host=host,
        port=port,
        hosts=tuple(allow_host or ()),
        origins=tuple(origin.rstrip("/") for origin in cors_origin or ()),
        workers=workers,
        timeout=timeout,
        memory=memory,
        rows=rows,
    )
    with listening_on(host, port) as listening:
        return _serve(graph, documents, settings, listening)


def must_be_posix(command: str) -> None:
    """Refuse a system on which processes cannot be limited.

    Raises
    ------
    KgError
        On others.
    """
    if os.name != "posix":
        raise KgError(command, "needs Linux or another POSIX system", "`kg export` writes what any SPARQL server reads")


def must_have(packages: Sequence[str], command: str, extra: str) -> None:
    """Ask first for what comes with an extra, so that its absence is told in one line.

    Raises
    ------
    KgError
        When a package is not installed.
    """
    for name in packages:
        try:
            importlib.import_module(name)
        except ImportError as error:
            problem = f"needs the package {error.name}, which is not installed"
            raise KgError(command, problem, f"pip install 'drug-facts[{extra}]'") from None


def listening_on(host: str, port: int) -> socket.socket:
    """Return a socket that listens; a port that is taken is told before the graph is opened.

    Raises
    ------
    KgError
        When it cannot be listened on.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
    except OSError as error:
        listening.close()
        reason = f"cannot be listened on ({(error.strerror or str(error)).lower()})"
        raise KgError(f"{host}:{port}", reason, "choose another --port, or stop what uses it") from None
    return listening


def _serve(graph: Path | None, documents: Path | None, settings: Settings, listening: socket.socket) -> int:
    from kg.web.app import create_app

    app = create_app(graph, settings, documents=documents)
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    address = f"http://{host}:{listening.getsockname()[1]}/"
    run(app, listening, f"{address} serves {graph or 'the packaged facts'}; SPARQL at {address}sparql")
    if app.state.failure is not None:
        raise app.state.failure
    return 0


def run(app: ASGIApp, listening: socket.socket, told: str) -> None:
    """Serve an application until it is interrupted; `told` is written once it answers."""
    import uvicorn

    from kg.web.guard import Guarded

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            if self.started:
                screen.write(f"{told}\n")
                screen.flush()
                screen.note("Ctrl-C ends it. " + screen.NOT_ADVICE)

    config = uvicorn.Config(
        app,
        http=Guarded,
        lifespan="on",
        ws="none",
        log_level="critical",  # what goes wrong is told by the application, in its own words
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=3,
    )
    if signal.getsignal(signal.SIGHUP) == signal.SIG_DFL:  # the terminal is closed: end as well-ordered as otherwise
        signal.signal(signal.SIGHUP, lambda *_: signal.raise_signal(signal.SIGTERM))
    with contextlib.suppress(KeyboardInterrupt):  # uvicorn has closed everything, and raises it again for others
        Server(config).run([listening])
