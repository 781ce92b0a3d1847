"""What goes wrong with a request, as an answer: a status, one line that names place, rule and remedy, and more below.

RFC 9457 for programs that ask for JSON, plain text for everybody else. Nothing of the program's inside is shown.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING

from kg.errors import GraphError, KgError, NotUnderstoodError, QueryError, UnknownNameError

if TYPE_CHECKING:
    from starlette.requests import HTTPConnection
    from starlette.responses import Response

_STATUS: dict[type[KgError], int] = {QueryError: 400, NotUnderstoodError: 400, UnknownNameError: 404, GraphError: 503}


class RequestError(KgError):
    """A request that is not answered.

    Parameters
    ----------
    status : int
        The status of HTTP.
    place, problem, remedy : str
        As with every error of this package.
    shown : str
        Lines to be shown below: the place in the query.
    members : mapping, optional
        What programs are told beside it, such as line and column.
    headers : mapping, optional
        Headers of the answer, such as `Allow`.
    """

    def __init__(
        self,
        status: int,
        place: str,
        problem: str,
        remedy: str,
        *,
        shown: str = "",
        members: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(place, problem, remedy)
        self.status, self.shown = status, shown
        self.members, self.headers = dict(members or {}), dict(headers or {})


def busy(status: int, problem: str, remedy: str = "ask again later", seconds: int = 1) -> RequestError:
    """Return the problem of a server, or of a client, that has too much to do at once."""
    return RequestError(status, "the server", problem, remedy, headers={"Retry-After": str(seconds)})


def response(connection: HTTPConnection, error: Exception) -> Response:
    """Return the answer that an error of this package is told with."""
    from starlette.responses import Response

    status = error.status if isinstance(error, RequestError) else _status_of(error)
    shown = error.shown if isinstance(error, RequestError) else ""
    headers = {"Cache-Control": "no-store", "Vary": "Accept"}
    headers.update(error.headers if isinstance(error, RequestError) else {})
    accept = connection.headers.get("accept", "")
    request_id = str(connection.scope.get("state", {}).get("request_id", ""))
    if "json" in accept and "text/plain" not in accept:
        members = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": str(error)}
        members |= error.members if isinstance(error, RequestError) else {}
        members |= {"request": request_id} if request_id else {}
        body = json.dumps(members, ensure_ascii=False, indent=1) + "\n"
        return Response(body, status, headers, "application/problem+json")
    text = f"{error}\n{shown}" if shown else f"{error}\n"
    return Response(text, status, headers, "text/plain")


def _status_of(error: Exception) -> int:
    return next((status for kind, status in _STATUS.items() if isinstance(error, kind)), 500)
