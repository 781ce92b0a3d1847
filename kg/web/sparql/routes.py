"""The routes of the endpoint: queries, the description of the service, and how the server is."""

from __future__ import annotations

import html
import json
from dataclasses import asdict
from typing import TYPE_CHECKING

from starlette.responses import Response
from starlette.routing import Route

from kg.web.context import Context
from kg.web.sparql import description, protocol

if TYPE_CHECKING:
    from starlette.requests import Request

PATH = "/sparql"
_ALLOWED = {"Allow": "GET, HEAD, POST, OPTIONS", "Accept-Post": f"{protocol.FORM}, {protocol.QUERY}"}
_FRESH = {"Vary": "Accept", "Cache-Control": "no-cache"}


def routes(context: Context) -> list[Route]:
    """Return the routes of the endpoint."""
    described = description.Description(context.pool)

    async def endpoint(request: Request) -> Response:
        if request.method == "OPTIONS":
            return Response(status_code=204, headers=_ALLOWED)
        asked = await protocol.read(request)
        if asked is None:
            return await _description(request, described)
        client = request.client.host if request.client else "unknown"
        answer = await context.pool.answer(protocol.for_engine(asked), client, lambda: _left(request))
        wanted = asked.graph if answer.is_graph else asked.rows
        return Response(answer.body, headers={**_FRESH, "Content-Type": protocol.content_type(str(wanted))})

    async def status(request: Request) -> Response:
        return _status(request, context)

    methods = ["GET", "HEAD", "POST", "OPTIONS"]
    return [Route(PATH, endpoint, methods=methods), Route("/status", status, methods=["GET", "HEAD"])]


async def _left(request: Request) -> None:
    """Return when the client is gone."""
    while (await request.receive())["type"] != "http.disconnect":
        pass


async def _description(request: Request, described: description.Description) -> Response:
    wanted = protocol.accepted(request, protocol.GRAPHS)
    if wanted is None:
        raise protocol.unacceptable(protocol.GRAPHS)
    here = str(request.url.replace(query="", fragment=""))
    body = await described.serialised(here, protocol.GRAPHS[wanted])
    return Response(body, headers={**_FRESH, "Content-Type": protocol.content_type(wanted)})


def _status(request: Request, context: Context) -> Response:
    state, settings = context.pool.state(), context.settings
    told = {
        "status": "ok" if state.workers else "no process answers queries",
        "documents": len(context.graph.documents),
        "network isolation of query processes": "active"
        if state.network_isolated
        else "NOT active: not permitted here",
        "memory limit of query processes": "active" if state.memory_limited else "NOT active: not possible here",
        "processes": {"all": state.workers, "idle": state.idle, "waiting queries": state.waiting},
        "queries": state.counts,
        "limits": {
            name: value
            for name, value in asdict(settings).items()
            if name in {"timeout", "memory", "rows", "answer_bytes", "body_bytes", "requests", "waiting"}
        },
    }
    headers = {"Cache-Control": "no-store", "Vary": "Accept"}
    if protocol.accepted(request, ("application/json", "text/html")) != "text/html":
        return Response(json.dumps(told, indent=1) + "\n", 200, headers, "application/json")
    rows = "".join(f"<tr><th scope=row>{html.escape(k)}<td>{html.escape(_plain(v))}\n" for k, v in told.items())
    head = '<meta name="viewport" content="width=device-width"><link rel="icon" href="data:,"><title>Status</title>'
    page = f'<!doctype html><html lang="en">{head}<h1>Status</h1><table>\n{rows}</table></html>\n'
    return Response(page, 200, headers, "text/html")


def _plain(value: object) -> str:
    return ", ".join(f"{k}: {v}" for k, v in value.items()) if isinstance(value, dict) else str(value)
