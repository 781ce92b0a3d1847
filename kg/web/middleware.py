"""What stands before every route: who may ask, how much, and with which headers answers leave.

Written for ASGI itself, without Starlette's middleware classes: it costs each request some microseconds.
"""

from __future__ import annotations

import asyncio
import logging
import re
import secrets
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from kg.web import problems
from kg.web.context import Settings
from kg.web.problems import RequestError

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
"""The Content-Security-Policy of every answer that does not bring one of its own."""

POLICY_WITH_STYLES = POLICY.replace("style-src 'self'", "style-src 'self' 'unsafe-inline'")
"""The same for a page with a component that writes its styles into the page."""

_HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}
_OWN_HEADERS = [(name.encode(), value.encode()) for name, value in _HEADERS.items()]
_HERE = ("localhost", "127.0.0.1", "[::1]")
_EVERYWHERE = frozenset({"0.0.0.0", "::", "[::]"})  # noqa: S104 - compared, not bound
_LONGEST_ADDRESS = 60_000
"""Bytes. What reads HTTP for us refuses more than 65,535 by itself, without a word."""

_BODY_SECONDS = 15

_HOST = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::\d{0,5})?")
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_LOG = logging.getLogger("kg.web")


class Remedies(NamedTuple):
    """What those can do who call the server by another name, or from a page of another site."""

    name: str = "use localhost; `kg serve --allow-host NAME` allows another name"
    site: str = "see `kg serve --cors-origin`"


class Shield:
    """Refuses what must not come in, hardens what goes out, and lets no traceback out."""

    def __init__(self, app: ASGIApp, settings: Settings, remedies: Remedies | None = None) -> None:
        """Stand before an application; the remedies are those of `kg serve` unless others are given."""
        self._app = app
        self._remedies = remedies or Remedies()
        self._settings = settings
        self._hosts = frozenset(_names(settings))
        self._running = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = _first(scope["headers"])
        request_id = headers.get("x-request-id", "")
        if not _REQUEST_ID.fullmatch(request_id):
            request_id = secrets.token_hex(8)
        scope.setdefault("state", {})["request_id"] = request_id
        answer = _Sender(send, request_id, self._shared_with(headers.get("origin", "")))
        self._running += 1
        try:
            problem = self._refusal(scope, headers)
            if problem is not None:
                await _tell(problem, scope, receive, answer)
            elif self._is_preflight(scope, headers):
                await answer.preflight()
            else:
                await self._app(scope, _Body(receive, self._settings.body_bytes).receive, answer)
        except Exception:
            _LOG.exception("request %s: %s %r", request_id, scope["method"], scope["path"])
            if answer.started:
                raise  # the connection breaks: nobody takes a part for the whole
            problem = RequestError(500, "the server", "something went wrong here", f"report request {request_id}")
            await _tell(problem, scope, receive, answer)
        finally:
            self._running -= 1

    def _refusal(self, scope: Scope, headers: dict[str, str]) -> RequestError | None:
        settings = self._settings
        if self._running > settings.requests:
            return problems.busy(503, f"it handles {settings.requests} requests already")
        if sum(name == b"host" for name, _ in scope["headers"]) != 1 or _host(headers["host"]) not in self._hosts:
            return RequestError(400, "Host", "the server is not called so", self._remedies.name)
        if len(scope.get("raw_path") or b"") + len(scope["query_string"]) > _LONGEST_ADDRESS:
            return RequestError(414, "the address", f"longer than {_LONGEST_ADDRESS:,} bytes", "send the query by POST")
        length = headers.get("content-length", "0")
        if not length.isdigit() or len(length) > 15 or int(length) > settings.body_bytes:
            return _too_large(settings.body_bytes)
        if scope["method"] not in {"GET", "HEAD", "OPTIONS"} and self._is_foreign(headers.get("origin")):
            return RequestError(403, "Origin", "another site sends this", self._remedies.site)
        return None

    def _is_foreign(self, origin: str | None) -> bool:
        """Tell whether a page of another site sends a request."""
        if origin is None or origin in self._settings.origins:
            return False
        try:
            return _host(urlsplit(origin).netloc) not in self._hosts
        except ValueError:
            return True

    def _shared_with(self, origin: str) -> str:
        return origin if origin and origin in self._settings.origins else ""

    def _is_preflight(self, scope: Scope, headers: dict[str, str]) -> bool:
        asks = scope["method"] == "OPTIONS" and "access-control-request-method" in headers
        return asks and bool(self._shared_with(headers.get("origin", "")))


class _Sender:
    """Sends an answer with the headers that every answer has."""

    def __init__(self, send: Send, request_id: str, origin: str) -> None:
        self._send = send
        self.started = False
        self._extra = [(b"x-request-id", request_id.encode())]
        if origin:
            shared = {"access-control-allow-origin": origin, "access-control-expose-headers": "x-request-id"}
            self._extra += [(name.encode(), value.encode("latin-1")) for name, value in shared.items()]
            self._extra.append((b"vary", b"Origin"))
        else:
            self._extra.append((b"cross-origin-resource-policy", b"same-origin"))

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.started = True
            given = list(message.get("headers", ()))
            has = {name for name, _ in given}
            message["headers"] = [*given, *(own for own in _OWN_HEADERS if own[0] not in has), *self._extra]
        await self._send(message)

    async def preflight(self) -> None:
        """Allow what a page of a listed site may send."""
        allowed = [
            (b"access-control-allow-methods", b"GET, HEAD, POST, OPTIONS"),
            (b"access-control-allow-headers", b"accept, content-type, x-request-id"),
            (b"access-control-max-age", b"600"),
        ]
        await self({"type": "http.response.start", "status": 204, "headers": allowed})
        await self({"type": "http.response.body", "body": b""})


class _Body:
    """Hands on the body of a request, as long as it is neither too large nor, all of it, too slow."""

    def __init__(self, receive: Receive, most: int) -> None:
        self._receive = receive
        self._left = most
        self._most = most
        self._whole = False
        self._end = 0.0

    async def receive(self) -> Message:
        """Return the next part; once all are there, wait for the client to leave as long as it takes."""
        if self._whole:
            return await self._receive()
        now = asyncio.get_running_loop().time()
        self._end = self._end or now + _BODY_SECONDS
        try:
            message = await asyncio.wait_for(self._receive(), self._end - now)
        except TimeoutError:
            raise RequestError(408, "the body", "it takes too long to arrive", "send it at once") from None
        if message["type"] == "http.request":
            self._left -= len(message.get("body", b""))
            self._whole = not message.get("more_body", False)
            if self._left < 0:
                raise _too_large(self._most)
        return message


async def _tell(problem: RequestError, scope: Scope, receive: Receive, answer: _Sender) -> None:
    from starlette.requests import HTTPConnection

    await problems.response(HTTPConnection(scope), problem)(scope, receive, answer)


def _too_large(most: int) -> RequestError:
    return RequestError(413, "the body", f"larger than {most:,} bytes", "send less")


def _names(settings: Settings) -> Iterator[str]:
    """The names that the server may be called by; an address that means all interfaces is none."""
    yield from _HERE
    for name in (settings.host, *settings.hosts):
        if name not in _EVERYWHERE:
            yield _host(f"[{name}]" if name.count(":") > 1 and not name.startswith("[") else name)


def _host(value: str) -> str:
    """Return the name in a Host header, without the port; nothing where it is no such header.

    >>> _host("LocalHost:8000"), _host("[::1]:80"), _host("evil.example"), _host("localhost:80/@evil.example")
    ('localhost', '[::1]', 'evil.example', '')
    """
    found = _HOST.fullmatch(value)
    return found[1].lower().rstrip(".") if found else ""


def _first(headers: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    return {name.decode("latin-1"): value.decode("latin-1") for name, value in reversed(list(headers))}
