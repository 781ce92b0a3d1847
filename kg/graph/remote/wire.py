"""Requests to a server: one host, one connection that is kept, limits on time and size, errors on one line.

On the standard library's `http.client`: it follows no redirect, reads no proxy, password file or `file:` address, and
costs nothing to import where no server is asked. A server's certificate is always checked.
"""

from __future__ import annotations

import contextlib
import http.client
import re
import socket
import ssl
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import IO
from urllib.parse import urlsplit

from kg.errors import GraphError
from kg.graph.remote import login

TIMEOUT = 120.0
"""Seconds for one request, from the first byte that is sent to the last one that is read."""

MAXIMUM_BYTES = 2_000_000_000
"""No answer is longer."""

_CHUNK = 1 << 16
_IDENTITY = {"User-Agent": "drug-facts", "Accept-Encoding": "identity", "Connection": "keep-alive"}
_TAGS = re.compile(r"<[^>]{0,200}>")
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class RefusedError(GraphError):
    """A server answers with a status that is an error, and says why."""

    def __init__(self, address: str, status: int, said: str) -> None:
        """Keep the status beside the words."""
        super().__init__(address, f"the server answers {status}: {said}", "see what it says")
        self.status = status


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server said: its status, its headers (names in small letters), and the bytes."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Wire:
    """The connection to the host of an address.

    Parameters
    ----------
    address : str
        An address that begins with http:// or https://.
    credentials : Credentials, optional
        Who is asking; by default what the environment says.

    Raises
    ------
    GraphError
        When it is no such address, or holds a password.
    """

    def __init__(self, address: str, credentials: login.Credentials | None = None) -> None:
        """Look at an address; nothing is sent yet."""
        self.address, self._parts = address, _parsed(address)
        self.target = self._parts.path or "/"
        if self._parts.query:
            self.target += f"?{self._parts.query}"
        self.host, self.port = self._parts.hostname or "", self._parts.port
        self._login = login.Login(credentials or login.from_environment(), address)
        self._connection: http.client.HTTPConnection | None = None
        self.requests = 0
        """How many requests were answered."""

    def send(
        self,
        method: str,
        target: str,
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
        into: IO[bytes] | None = None,
    ) -> Answer:
        """Send a request and read the answer, into a file if one is given; what the server refuses is an error.

        Raises
        ------
        GraphError
            When the server cannot be reached, refuses, sends elsewhere, takes too long, or says too much or too little.
        """
        answer = self._sent(method, target, body, headers or {}, into)
        if answer.status == 401:
            self._login.challenged(answer.headers.get("www-authenticate", ""), self._is_safe())
            answer = self._sent(method, target, body, headers or {}, into)
        if answer.status in {401, 403}:
            raise GraphError(self.address, f"the server refuses ({answer.status})", login.REMEDY)
        if 300 <= answer.status < 400:
            where = _plain(answer.headers.get("location", "nowhere"))
            raise GraphError(self.address, f"the server sends on to {where}", "name the address that answers itself")
        if answer.status == 404 and method in {"GET", "DELETE"}:
            return answer
        if answer.status >= 400:
            said = _plain(answer.body.decode("utf-8", "replace")) or "without a word"
            raise RefusedError(self.address, answer.status, said)
        return answer

    def close(self) -> None:
        """Close the connection; the next request opens another one."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def __del__(self) -> None:
        """Leave no socket open."""
        with contextlib.suppress(Exception):
            self.close()

    def _sent(
        self, method: str, target: str, body: bytes, headers: Mapping[str, str], into: IO[bytes] | None
    ) -> Answer:
        is_used = self._connection is not None
        try:
            return self._once(method, target, body, headers, into)
        except (http.client.BadStatusLine, ConnectionError) as error:
            self.close()
            if not is_used:
                raise self._away(error) from None
        except (OSError, http.client.HTTPException) as error:
            self.close()
            raise self._away(error) from None
        try:  # a server may close a connection between two requests; all of ours can be sent twice
            return self._once(method, target, body, headers, into)
        except (OSError, http.client.HTTPException) as error:
            self.close()
            raise self._away(error) from None

    def _once(
        self, method: str, target: str, body: bytes, headers: Mapping[str, str], into: IO[bytes] | None
    ) -> Answer:
        connection = self._connection = self._connection or self._open()
        deadline = time.monotonic() + TIMEOUT
        sent = {**_IDENTITY, **headers, **self._login.header(method, target)}
        connection.request(method, target, body or None, sent)
        response = connection.getresponse()
        self.requests += 1
        is_good = response.status < 300
        pieces = []
        for piece in self._pieces(response, deadline):
            if into is not None and is_good:
                into.write(piece)
            else:
                pieces.append(piece)
        if response.will_close:
            self.close()
        found = {name.lower(): value for name, value in response.getheaders()}
        return Answer(response.status, found, b"".join(pieces))

    def _pieces(self, response: http.client.HTTPResponse, deadline: float) -> Iterator[bytes]:
        told = response.headers.get("Content-Length", "")
        size = 0
        while piece := response.read(_CHUNK):
            size += len(piece)
            if size > MAXIMUM_BYTES:
                self.close()
                raise GraphError(self.address, f"an answer of more than {MAXIMUM_BYTES:,} bytes", "ask less at once")
            if time.monotonic() > deadline:
                self.close()
                raise TimeoutError
            yield piece
        if told.isdecimal() and response.length:
            self.close()
            raise http.client.IncompleteRead(b"", response.length)

    def _open(self) -> http.client.HTTPConnection:
        if self._parts.scheme == "https":
            trust = ssl.create_default_context()
            return http.client.HTTPSConnection(self.host, self.port, timeout=TIMEOUT, context=trust)
        return http.client.HTTPConnection(self.host, self.port, timeout=TIMEOUT)

    def _is_safe(self) -> bool:
        """Tell whether a password may go over the line as it is."""
        return self._parts.scheme == "https" or self._parts.hostname in _LOOPBACK

    def _away(self, error: Exception) -> GraphError:
        if isinstance(error, TimeoutError):
            return GraphError(self.address, f"no full answer within {TIMEOUT:.0f} s", "ask less, or a faster server")
        if isinstance(error, http.client.IncompleteRead):
            return GraphError(self.address, "the answer breaks off", "ask again, or see the server's log")
        if isinstance(error, ssl.SSLError):
            why = getattr(error, "verify_message", "") or error.reason or "no safe connection"
            return GraphError(self.address, f"its certificate is not accepted ({why})", "trust its authority first")
        if isinstance(error, socket.gaierror):
            return GraphError(self.address, "no such host", "check the address")
        if isinstance(error, ConnectionRefusedError):
            return GraphError(self.address, "nobody answers there", "start the server, or check the address")
        why = _plain(str(error)) or type(error).__name__
        return GraphError(self.address, f"the connection fails ({why})", "check that the server is well")


def _parsed(address: str) -> login.Parts:
    try:
        parts = urlsplit(address)
        _ = parts.port
    except ValueError:
        raise GraphError(address, "is no address", "write http://host:port/path") from None
    if parts.scheme not in {"http", "https"} or not parts.hostname or re.search(r"[\x00-\x20\x7f]", address):
        raise GraphError(address, "is no address of a server", "write http://host:port/path")
    if parts.username is not None or parts.password is not None:
        shown = address.replace(parts.netloc, parts.netloc.rpartition("@")[2])
        raise GraphError(shown, "a name or password stands in the address", login.REMEDY)
    if parts.fragment:
        raise GraphError(address, "has a fragment, which is never sent", "leave out what follows #")
    return parts


def _plain(text: str) -> str:
    """Return the beginning of what a server says, on one line."""
    words = " ".join("".join(c if c.isprintable() else " " for c in _TAGS.sub(" ", text[:4000])).split())
    return words if len(words) <= 200 else words[:200] + "…"
