"""What stands before every connection: slow and endless headers, slow bodies, answers that nobody takes, and crowds."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests import serving

serving.needs_packages()

import uvicorn  # noqa: E402
from starlette.applications import Starlette  # noqa: E402
from starlette.middleware import Middleware  # noqa: E402
from starlette.requests import Request  # noqa: E402
from starlette.responses import Response  # noqa: E402
from starlette.routing import Route  # noqa: E402
from uvicorn.protocols.http.h11_impl import H11Protocol  # noqa: E402

from kg.web import guard, middleware  # noqa: E402
from kg.web.app import _problem  # noqa: E402
from kg.web.context import Settings  # noqa: E402
from kg.web.problems import RequestError  # noqa: E402

REQUEST = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
HALF = b"GET / HTTP/1.1\r\nHost: local"
POST = b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 50\r\n\r\n"
LARGE = b"x" * 8_000_000


async def answers(request: Request) -> Response:
    """Read the body, and answer; with very much at /large."""
    await request.body()
    return Response(LARGE if request.url.path == "/large" else b"ok")


@contextlib.contextmanager
def served(protocol: Any) -> Iterator[int]:
    """Serve on a free port of the loopback, in a thread."""
    app = Starlette(
        routes=[Route(path, answers, methods=["GET", "POST"]) for path in ("/", "/large")],
        middleware=[Middleware(middleware.Shield, settings=Settings())],
        exception_handlers={RequestError: _problem},
    )
    config = uvicorn.Config(app, http=protocol, lifespan="off", log_level="critical", timeout_keep_alive=1)
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=lambda: asyncio.run(server.serve([listening])))
        thread.start()
        try:
            yield listening.getsockname()[1]
        finally:
            server.should_exit = True
            thread.join()


class InPython(guard.Guard, H11Protocol):
    """The same without what uvicorn has in C."""


@pytest.fixture(params=[guard.Guarded, InPython], ids=["default", "in Python"])
def port(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """A server with limits that a test can wait for."""
    limits = {"HEAD_SECONDS": 0.3, "ANSWER_SECONDS": 0.3, "MOST_CONNECTIONS": 4, "MOST_HEAD_BYTES": 20_000}
    for name, value in limits.items():
        monkeypatch.setattr(guard, name, value)
    monkeypatch.setattr(middleware, "_BODY_SECONDS", 0.3)
    with served(request.param) as number:
        yield number


def connected(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=10)


def rest(connection: socket.socket) -> bytes:
    """Everything until the server closes; it may do so in the middle."""
    found = b""
    with contextlib.suppress(ConnectionError):
        while part := connection.recv(1 << 20):
            found += part
    return found


def trickle(connection: socket.socket, data: bytes) -> None:
    """Send a byte now and then, for as long as anybody listens."""
    with contextlib.suppress(OSError):
        for place in range(100):
            connection.sendall(data[place % len(data) :][:1])
            time.sleep(0.02)


SLOW = (
    ("nothing at all", b"", b"", b""),
    ("headers that stop", HALF, b"", b""),
    ("headers byte by byte", b"GET / HTTP/1.1\r\n", b"A: b\r\n", b""),
    ("headers of a second request byte by byte", REQUEST + HALF, b"a", b" 200 "),
    ("a body that stops", POST, b"", b" 408 "),
    ("a body byte by byte", POST, b"x", b" 408 "),
)


@pytest.mark.parametrize(("what", "first", "then", "answer"), SLOW, ids=[one[0] for one in SLOW])
def test_who_is_slow_loses_the_connection(port: int, what: str, first: bytes, then: bytes, answer: bytes) -> None:
    with connected(port) as connection:
        connection.sendall(first)
        if then:
            trickle(connection, then)
        found = rest(connection)
    assert (answer in found.partition(b"\r\n")[0]) if answer else found == b"", what


def test_headers_have_a_limit(port: int) -> None:
    for size, answered in ((10_000, True), (200_000, False)):
        with connected(port) as connection, contextlib.suppress(ConnectionError):
            connection.sendall(REQUEST[:-2] + b"A: " + b"b" * size + b"\r\nConnection: close\r\n\r\n")
            assert (b" 200 " in rest(connection)[:20]) == answered


def test_so_many_connections_and_no_more(port: int) -> None:
    with contextlib.ExitStack() as stack:
        held = [stack.enter_context(connected(port)) for _ in range(4)]
        held[0].sendall(REQUEST)
        assert b" 200 " in held[0].recv(1000)
        with connected(port) as one_more:
            with contextlib.suppress(ConnectionError):
                one_more.sendall(REQUEST)
            assert rest(one_more) == b""
    with connected(port) as after:
        after.sendall(REQUEST)
        assert b" 200 " in after.recv(1000), "places become free again"


def test_an_answer_that_nobody_takes_is_given_up(port: int) -> None:
    request = REQUEST.replace(b"GET /", b"GET /large")
    with connected(port) as connection:
        connection.sendall(request)
        time.sleep(1)
        assert len(rest(connection)) < len(LARGE)
    with connected(port) as connection:
        connection.sendall(request.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
        assert len(rest(connection)) > len(LARGE), "who takes it gets all of it"


def test_who_keeps_asking_keeps_the_connection(port: int) -> None:
    with connected(port) as connection:
        for _ in range(5):
            connection.sendall(REQUEST)
            found = b""
            while not found.endswith(b"ok"):
                found += connection.recv(1000)
            assert b" 200 " in found
            time.sleep(0.1)


def test_the_limits_are_those_of_the_command() -> None:
    with serving.served(None) as server:
        assert server.ask("GET", "/status").status == 200
        with connected(int(server.address.rsplit(":", 1)[1])) as connection, contextlib.suppress(ConnectionError):
            connection.sendall(REQUEST[:-2] + b"A: " + b"b" * (2 * guard.MOST_HEAD_BYTES))
            assert rest(connection) == b""
