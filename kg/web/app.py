"""The application: a graph, the processes for queries of strangers, and the routes of all parts."""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import importlib.util
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware

import kg
from kg.errors import KgError
from kg.web import problems
from kg.web.context import Context, Settings
from kg.web.middleware import Shield
from kg.web.sparql.pool import Pool
from kg.web.sparql.stored import stored

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

_PARTS = ("kg.web.sparql.routes", "kg.web.pages")


def create_app(
    place: Path | str | None = None, settings: Settings | None = None, *, documents: Path | str | None = None
) -> Starlette:
    """Return the application that serves a graph; its processes start and end with its lifespan.

    Parameters
    ----------
    place : path, optional
        A folder that `kg build` wrote, or an RDF file; the facts of the package without it.
    settings : Settings, optional
        How it is served.
    documents : path, optional
        The folder of the documents, where quotes are to be shown.

    Raises
    ------
    GraphError
        When the graph is missing or cannot be read.
    """
    chosen = settings or Settings()
    graph = kg.load(documents) if place is None else kg.open(place, documents)
    context = Context(graph, Pool(chosen), chosen)

    @contextlib.asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        try:
            with stored(place, graph.store) as data:
                await asyncio.to_thread(context.pool.start, data)
                try:
                    with contextlib.ExitStack() as running:
                        for part in parts:
                            if hasattr(part, "running"):
                                running.enter_context(part.running(app.routes))
                        yield
                finally:
                    await asyncio.to_thread(context.pool.close)
        except KgError as error:
            app.state.failure = error  # the server that runs us tells it as it tells everything: as a traceback
            raise

    parts = [importlib.import_module(name) for name in _PARTS if importlib.util.find_spec(name)]
    app = Starlette(
        routes=[route for part in parts for route in part.routes(context)],
        middleware=[Middleware(Shield, settings=chosen)],
        exception_handlers={KgError: _problem, HTTPException: _http_problem},
        lifespan=lifespan,
    )
    app.state.context = context
    app.state.failure = None
    return app


async def _problem(request: Request, error: Exception) -> Response:
    return problems.response(request, error)


async def _http_problem(request: Request, error: Exception) -> Response:
    """Tell what Starlette refuses (no such page, no such method) as we tell everything."""
    if not isinstance(error, HTTPException):
        raise error
    known = {404: ("there is nothing here", "see / or /sparql"), 405: ("that method is not taken", "see Allow")}
    problem, remedy = known.get(error.status_code, (error.detail, "ask otherwise"))
    told = problems.RequestError(error.status_code, "the request", problem, remedy, headers=error.headers)
    return problems.response(request, told)
