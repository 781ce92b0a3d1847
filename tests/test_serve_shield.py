"""What stands before every route, one test for each line: who may ask, how much, and what leaves."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import logging
import re
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path
from types import EllipsisType
from typing import Any

import pytest

from kg.cli import serve as serve_command
from kg.web.context import Settings
from tests import serving
from tests.serving import Reply

serving.needs_packages()

from starlette.applications import Starlette  # noqa: E402
from starlette.middleware import Middleware  # noqa: E402
from starlette.requests import Request  # noqa: E402
from starlette.responses import PlainTextResponse, Response, StreamingResponse  # noqa: E402
from starlette.routing import Route  # noqa: E402

from kg.web import middleware, negotiation  # noqa: E402
from kg.web.app import _problem  # noqa: E402
from kg.web.problems import RequestError  # noqa: E402

Headers = Mapping[str, str]
Parts = tuple[bytes | EllipsisType, ...]
HOST: Headers = {"host": "localhost"}
INSIDE = "a secret of the inside"


async def _fails(_: Request) -> Response:
    raise ZeroDivisionError(INSIDE)


async def _reads(request: Request) -> Response:
    return PlainTextResponse(str(len(await request.body())))


async def _own_policy(request: Request) -> Response:
    headers = {"Content-Security-Policy": middleware.POLICY_WITH_STYLES}
    return PlainTextResponse(str(request.state.request_id), headers=headers)


def app(settings: Settings, *more: Route) -> Starlette:
    routes = [Route("/fails", _fails), Route("/reads", _reads, methods=["GET", "POST"]), Route("/own", _own_policy)]
    shield = Middleware(middleware.Shield, settings=settings)
    return Starlette(routes=[*routes, *more], middleware=[shield], exception_handlers={RequestError: _problem})


def call(where: Starlette, path: str, method: str = "GET", headers: Headers = HOST, parts: Parts = (b"",)) -> Reply:
    """Send a request without any network; a body with `...` at its end is never complete."""
    return asyncio.run(calling(where, path, method, headers, parts))


async def calling(
    where: Starlette, path: str, method: str = "GET", headers: Headers = HOST, parts: Parts = (b"",)
) -> Reply:
    last = len(parts) - 1
    waiting = [{"type": "http.request", "body": p, "more_body": i < last} for i, p in enumerate(parts) if p is not ...]
    sent: list[Any] = []

    async def receive() -> Any:
        return waiting.pop(0) if waiting else await asyncio.Event().wait()

    async def send(message: Any) -> None:
        sent.append(message)

    given = [(k.lower().encode(), v.encode()) for k, v in headers.items()]
    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": given,
        "scheme": "http",
        "server": ("127.0.0.1", 80),
        "client": ("127.0.0.1", 1),
        "http_version": "1.1",
        "root_path": "",
    }
    await where(scope, receive, send)
    start = sent[0]
    body = b"".join(m.get("body", b"") for m in sent[1:])
    return Reply(start["status"], {k.decode(): v.decode() for k, v in start["headers"]}, body)


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost", 200),
        ("LOCALHOST:8000", 200),
        ("127.0.0.1:1", 200),
        ("[::1]:8000", 200),
        ("graphs.example", 200),
        ("evil.example", 400),
        ("localhost.evil.example", 400),
        ("evil.example:127.0.0.1", 400),
        ("localhost:80/@evil.example", 400),
        ("localhost:<b>", 400),
        ("127.0.0.2", 400),
        ("0.0.0.0", 400),  # noqa: S104
        ("", 400),
    ],
)
def test_the_server_answers_only_to_its_names(host: str, status: int) -> None:
    where = app(Settings(host="::", hosts=("graphs.example",)))
    assert call(where, "/own", headers={"host": host}).status == status


def test_the_remedy_for_another_name_is_that_of_the_command() -> None:
    told = call(app(Settings()), "/own", headers={"host": "evil.example"}).text
    assert "the server is not called so" in told and "--allow-host" in told


def test_a_request_without_a_host_is_refused() -> None:
    assert call(app(Settings()), "/own", headers={}).status == 400


def test_answers_are_hardened() -> None:
    headers = call(app(Settings()), "/reads").headers
    policy = dict(part.strip().split(" ", 1) for part in headers["content-security-policy"].split(";"))
    assert policy["default-src"] == policy["script-src"] == policy["connect-src"] == policy["style-src"] == "'self'"
    assert {policy[name] for name in ("object-src", "base-uri", "frame-ancestors")} == {"'none'"}
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert not any(name.startswith("access-control") for name in headers)
    assert "server" not in headers


def test_a_page_may_bring_a_policy_of_its_own() -> None:
    policy = call(app(Settings()), "/own").headers["content-security-policy"]
    assert "style-src 'self' 'unsafe-inline'" in policy and "script-src 'self';" in policy


@pytest.mark.parametrize("path", ["/fails", "/reads"])
def test_every_answer_has_the_number_of_its_request(path: str, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.CRITICAL):
        given = call(app(Settings()), path, headers={**HOST, "x-request-id": "mine-1"})
        made = call(app(Settings()), path, headers={**HOST, "x-request-id": "not a\tnumber"})
    assert given.headers["x-request-id"] == "mine-1"
    assert len(made.headers["x-request-id"]) == 16


def test_no_traceback_leaves_but_one_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    reply = call(app(Settings()), "/fails")
    assert reply.status == 500
    assert INSIDE not in reply.text and "Traceback" not in reply.text and "ZeroDivision" not in reply.text
    assert reply.headers["x-request-id"] in reply.text
    assert INSIDE in caplog.text and reply.headers["x-request-id"] in caplog.text


def test_an_answer_that_fails_half_way_breaks_off(caplog: pytest.LogCaptureFixture) -> None:
    async def half(_: Request) -> Response:
        async def begins() -> AsyncIterator[bytes]:
            yield b"a part"
            raise ZeroDivisionError(INSIDE)

        return StreamingResponse(begins())

    with caplog.at_level(logging.CRITICAL), pytest.raises(ZeroDivisionError):
        call(app(Settings(), Route("/half", half)), "/half")


@pytest.mark.parametrize(
    ("parts", "headers", "status"),
    [
        ((b"x" * 100,), {}, 200),
        ((b"x" * 60, b"y" * 40), {}, 200),
        ((b"x" * 101,), {}, 413),
        ((b"x" * 60, b"y" * 41), {}, 413),
        ((b"x",), {"content-length": "101"}, 413),
        ((b"x",), {"content-length": "9" * 400}, 413),
        ((b"x",), {"content-length": "-5"}, 413),
    ],
)
def test_bodies_have_a_limit(parts: tuple[bytes, ...], headers: dict[str, str], status: int) -> None:
    where = app(Settings(body_bytes=100))
    assert call(where, "/reads", "POST", {**HOST, **headers}, parts).status == status


def test_a_body_that_does_not_arrive_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(middleware, "_BODY_SECONDS", 0.01)
    assert call(app(Settings()), "/reads", "POST", HOST, (b"x", ...)).status == 408


def test_so_many_requests_at_once_and_no_more() -> None:
    async def crowd() -> list[int]:
        going = asyncio.Event()

        async def waits(_: Request) -> Response:
            await going.wait()
            return PlainTextResponse("done")

        where = app(Settings(requests=2), Route("/waits", waits))
        held = [asyncio.ensure_future(calling(where, "/waits")) for _ in range(2)]
        await asyncio.sleep(0)
        third = await calling(where, "/own")
        assert third.headers["retry-after"] == "1"
        going.set()
        after = [reply.status for reply in await asyncio.gather(*held)]
        return [third.status, *after, (await calling(where, "/own")).status]

    assert asyncio.run(crowd()) == [503, 200, 200, 200]


LISTED = "https://pages.example"


@pytest.mark.parametrize(
    ("origin", "shared"),
    [(LISTED, LISTED), ("https://evil.example", None), ("null", None), (LISTED + ".evil.example", None)],
)
def test_other_sites_read_only_where_they_are_listed(origin: str, shared: str | None) -> None:
    reply = call(app(Settings(origins=(LISTED,))), "/own", headers={**HOST, "origin": origin})
    assert reply.headers.get("access-control-allow-origin") == shared
    assert "access-control-allow-credentials" not in reply.headers


@pytest.mark.parametrize(("origin", "status"), [(LISTED, 204), ("https://evil.example", 405)])
def test_a_preflight_is_answered_for_listed_sites(origin: str, status: int) -> None:
    headers = {**HOST, "origin": origin, "access-control-request-method": "POST"}
    reply = call(app(Settings(origins=(LISTED,))), "/reads", "OPTIONS", headers)
    assert reply.status == status
    assert ("access-control-allow-methods" in reply.headers) is (status == 204)


@pytest.mark.parametrize(
    ("origin", "status"),
    [(LISTED, 200), ("http://localhost:8000", 200), ("https://evil.example", 403), ("null", 403), ("http://[", 403)],
)
def test_pages_of_other_sites_cannot_post(origin: str, status: int) -> None:
    where = app(Settings(origins=(LISTED,)))
    assert call(where, "/reads", "POST", {**HOST, "origin": origin}, (b"x",)).status == status


@pytest.mark.parametrize(
    ("accept", "best"),
    [
        ("", "a/one"),
        ("*/*", "a/one"),
        ("b/*", "b/two"),
        ("a/one;q=0.2, b/two;q=0.4", "b/two"),
        ("a/*;q=0.1, */*;q=0.9", "b/two"),
        ("a/one;q=0, */*;q=0.1", "b/two"),
        ("A/ONE ; Q=0.5", "a/one"),
        ('a/one;x="b/two, c";q=0.5', "a/one"),
        ("a/one;q=0", None),
        ("c/three", None),
        ("*/two", "a/one"),
        ("a/one;q=nonsense, b/two", "b/two"),
    ],
)
def test_the_format_that_is_liked_best(accept: str, best: str | None) -> None:
    assert negotiation.best(accept, ("a/one", "b/two")) == best


@contextlib.contextmanager
def taken() -> Iterator[int]:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        yield listening.getsockname()[1]


def test_a_port_that_is_taken_is_told_in_one_line() -> None:
    with taken() as port:
        done = serve("--port", str(port))
    assert done.returncode == 2 and done.stdout == ""
    assert len(done.stderr.splitlines()) == 1 and "--port" in done.stderr and str(port) in done.stderr


@pytest.mark.parametrize("graph", ["nothing.kg", "broken.ttl"])
def test_a_graph_that_cannot_be_served_is_told_in_one_line(graph: str, tmp_path: Path) -> None:
    (tmp_path / "broken.ttl").write_text("this is no Turtle")
    done = serve(str(tmp_path / graph), "--port", "0")
    assert done.returncode == 2 and len(done.stderr.splitlines()) == 1 and graph in done.stderr


def serve(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "kg.cli", "serve", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, cwd=serving.ROOT)


def test_the_server_listens_on_this_machine_only_and_says_how_it_is() -> None:
    server = serving.shared()
    own = {line.split()[9] for line in Path(f"/proc/{server.pid}/net/tcp").read_text().splitlines()[1:]}
    sockets = {link.readlink().name for link in Path(f"/proc/{server.pid}/fd").iterdir() if link.is_symlink()}
    listening = [
        line.split()[1]
        for line in Path(f"/proc/{server.pid}/net/tcp").read_text().splitlines()[1:]
        if line.split()[3] == "0A" and f"socket:[{line.split()[9]}]" in sockets
    ]
    assert own and [place.partition(":")[0] for place in listening] == ["0100007F"]
    told = server.ask("GET", "/status").json()
    assert told["network isolation of query processes"].startswith(("active", "NOT active"))
    page = server.ask("GET", "/status", {"Accept": "text/html"})
    assert page.media_type == "text/html" and "network isolation" in page.text


def test_every_option_and_its_default_is_in_the_documentation() -> None:
    rows = [line for line in (serving.ROOT / "docs" / "serving.md").read_text("utf-8").splitlines() if "| `--" in line]
    table = {option: line for line in rows for option in re.findall(r"`--([a-z-]+)`", line)}
    parameters = inspect.signature(serve_command.command).parameters
    assert set(table) == {name.replace("_", "-") for name in parameters} - {"graph"}
    for name, parameter in parameters.items():
        if parameter.default is not None:
            assert f"{parameter.default:{'g' if name == 'timeout' else ''}}" in table[name.replace("_", "-")]
    defaults = Settings()
    given = {name: value.default for name, value in parameters.items() if value.default is not None}
    assert given == {name: getattr(defaults, name) for name in given}
