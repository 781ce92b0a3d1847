"""The SPARQL 1.1 Protocol: what a request asks for, and the formats in which it may be answered."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from kg.questions import guard
from kg.web import negotiation
from kg.web.problems import RequestError
from kg.web.sparql.pool import Asked

if TYPE_CHECKING:
    from starlette.requests import Request

FORM = "application/x-www-form-urlencoded"
QUERY = "application/sparql-query"
_UPDATE = "application/sparql-update"
_TAKEN = f"{FORM}, {QUERY}"
_MOST_PARAMETERS = 1_000

_SRJ, _SRX = "application/sparql-results+json", "application/sparql-results+xml"
ROWS = {
    **{name: name for name in (_SRJ, _SRX, "text/csv", "text/tab-separated-values")},
    "application/json": _SRJ,
    "application/xml": _SRX,
    "text/xml": _SRX,
}
"""Media type that may be asked for → the engine's, for the rows of SELECT and the yes or no of ASK."""

_NT, _RDF_XML, _JSON_LD = "application/n-triples", "application/rdf+xml", "application/ld+json"
GRAPHS = {
    **{name: name for name in ("text/turtle", _NT, _RDF_XML, _JSON_LD)},
    **{name: name for name in ("application/n-quads", "application/trig", "text/n3")},
    "application/json": _JSON_LD,
    "application/xml": _RDF_XML,
    "text/xml": _RDF_XML,
    "text/plain": _NT,
}
"""The same for the triples of CONSTRUCT and DESCRIBE, and for the description of the service."""


def accepted(request: Request, offers: Iterable[str]) -> str | None:
    """Return the media type that a request likes best."""
    return negotiation.best(",".join(request.headers.getlist("accept")), offers)


def content_type(media_type: str) -> str:
    """Return the header of an answer: texts name their encoding, CSV and TSV that the first line is a head."""
    if media_type in {"text/csv", "text/tab-separated-values"}:
        return f"{media_type}; charset=utf-8; header=present"
    return f"{media_type}; charset=utf-8" if media_type.startswith("text/") else media_type


async def read(request: Request) -> Asked | None:
    """Return what a request asks for; None where it is a GET without a query.

    Raises
    ------
    RequestError
        When it is not as the protocol wants it.
    """
    parameters = _parameters(request.scope["query_string"], "the address")
    if request.method == "POST":
        parameters += await _posted(request)
    if any(name == "update" for name, _ in parameters):
        raise read_only()
    queries = [value for name, value in parameters if name == "query"]
    if not queries and request.method != "POST":
        return None
    if len(queries) != 1:
        problem = "there is no query" if not queries else "there is more than one query"
        raise RequestError(400, "query", problem, "send one parameter `query`, or the query as the body")
    if any(name.startswith("using-") for name, _ in parameters):
        raise RequestError(400, "using-graph-uri", "belongs to updates", "use default-graph-uri or named-graph-uri")
    _check_length(queries[0], request.method)
    rows, graph = accepted(request, ROWS), accepted(request, GRAPHS)
    if rows is None and graph is None:
        raise unacceptable((*ROWS, *GRAPHS))
    return Asked(
        queries[0],
        rows,
        graph,
        tuple(value for name, value in parameters if name == "default-graph-uri"),
        tuple(value for name, value in parameters if name == "named-graph-uri"),
    )


def for_engine(asked: Asked) -> Asked:
    """Return the same with the engine's names of the formats."""
    rows, graph = asked.rows and ROWS[asked.rows], asked.graph and GRAPHS[asked.graph]
    return dataclasses.replace(asked, rows=rows, graph=graph)


def unacceptable(offers: Iterable[str]) -> RequestError:
    """Return the problem of a client that takes none of the formats that there are."""
    return RequestError(406, "Accept", "there is no such format", f"accept one of {', '.join(dict.fromkeys(offers))}")


def read_only() -> RequestError:
    """Return the problem of a client that wants to change something."""
    return RequestError(403, "update", "the graph is read-only here", "build the graph anew from documents")


def _check_length(query: str, method: str) -> None:
    size = len(query.encode("utf-8", "replace"))
    if size > guard.MAXIMUM_BYTES:
        status = 413 if method == "POST" else 414
        raise RequestError(
            status, "query", f"it has {size:,} bytes", f"keep it to {guard.MAXIMUM_BYTES:,}; VALUES may hold less"
        )


async def _posted(request: Request) -> list[tuple[str, str]]:
    """Return the parameters that the body of a POST holds, the query itself being one."""
    media_type, _, parameters = request.headers.get("content-type", "").partition(";")
    media_type = media_type.strip().lower()
    if media_type == _UPDATE:
        raise read_only()
    charset = parameters.lower().partition("charset=")[2].partition(";")[0].strip(' "')
    encoding = request.headers.get("content-encoding", "identity").lower()
    if media_type not in {FORM, QUERY} or charset not in {"", "utf-8", "utf8"} or encoding != "identity":
        what = media_type if media_type not in {FORM, QUERY} else charset or encoding
        headers = {"Accept-Post": _TAKEN}
        raise RequestError(
            415, "Content-Type", f"{what!r:.80} is not taken", f"send {_TAKEN} in UTF-8", headers=headers
        )
    body = await request.body()
    if media_type == FORM:
        return _parameters(body, "the body")
    try:
        return [("query", body.decode("utf-8"))] if body else []
    except UnicodeDecodeError:
        raise RequestError(400, "the body", "it is not UTF-8", "send the query in UTF-8") from None


def _parameters(text: bytes, place: str) -> list[tuple[str, str]]:
    try:
        plain = text.decode("ascii")
        return parse_qsl(plain, keep_blank_values=True, errors="strict", max_num_fields=_MOST_PARAMETERS)
    except ValueError:  # what is decoded wrongly is one too
        problem = f"it is not percent-encoded UTF-8, or has more than {_MOST_PARAMETERS} parameters"
        raise RequestError(400, place, problem, "encode each value as UTF-8, then as %XX") from None
