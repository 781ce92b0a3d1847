"""What the tests of pages share: graphs of our own example pages, a client without a network, a server in a thread."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import json
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple, cast
from urllib.parse import unquote

import kg
from kg.web import pages
from kg.web.context import Context, Settings
from tests import exported

ROOT = Path(__file__).resolve().parents[1]
EXAMPLES = ROOT / "tests" / "documents" / "development"
NAMES = ("diazepam.txt", "lorazepam.txt", "sertraline.txt", "warfarin.txt", "ibuprofen.txt")
QUARREL = (
    ("one.txt", "Metoprolol\n\nDo not use metoprolol in asthma. Metoprolol is not used for gout.\n"),
    ("two.txt", "Metoprolol\n\nUse with caution in asthma.\n"),
)
"""Two documents of which one asks for more care than the other, and denies something."""

PAYLOAD = "<img src=x onerror=window.XSS=1>"
HOSTILE = (
    ("advice", f"{PAYLOAD} and more", {"topic": "storage"}, "affirmed"),
    ("caution", "</script><script>window.XSS=1</script>", {"level": "avoid", "condition": f"'\"{PAYLOAD}"}, "affirmed"),
    ("adverse_effect", "javascript:window.XSS=1", {"frequency": f"{PAYLOAD} %"}, "affirmed"),
    ("interaction", "{{ 7*7 }}${XSS=1}`", {"effect": PAYLOAD, "level": "avoid"}, "denied"),
    ("contraindication", "liver disease", {"severity": "severe"}, "affirmed"),
)
HOSTILE_NAME = f"a {PAYLOAD} & b.txt"


class Reply(NamedTuple):
    """What the application answered."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@functools.cache
def example() -> kg.Graph:
    """The graph of some of our own example pages, with their texts."""
    with tempfile.TemporaryDirectory() as folder:
        return kg.build([*(EXAMPLES / name for name in NAMES), *quarrel(Path(folder))])


def quarrel(folder: Path) -> list[Path]:
    """Write the two documents that do not agree."""
    for name, text in QUARREL:
        (folder / name).write_text(text, "utf-8")
    return [folder / name for name, _ in QUARREL]


@functools.cache
def hostile() -> kg.Graph:
    """A graph whose labels, qualifiers, texts and document name would script a page that trusts them."""
    return exported.graph_of(HOSTILE, (HOSTILE_NAME,))


def application(graph: kg.Graph) -> Any:
    """The pages alone, without the endpoint and what stands before it."""
    from starlette.applications import Starlette

    context = Context(graph, cast("Any", None), Settings())
    return Starlette(routes=pages.routes(context))


class Client:
    """Asks an application without a network."""

    def __init__(self, graph: kg.Graph) -> None:
        self._app = application(graph)

    def get(self, target: str, accept: str = "text/html", **headers: str) -> Reply:
        path, _, query = target.partition("?")
        given = {"host": "localhost", "accept": accept} | {k.replace("_", "-"): v for k, v in headers.items()}
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": "GET",
            "scheme": "http",
            "path": unquote(path),
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "root_path": "",
            "headers": [(name.encode(), value.encode()) for name, value in given.items()],
            "client": ("127.0.0.1", 1),
            "server": ("localhost", 80),
        }
        sent: list[dict[str, Any]] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: Any) -> None:
            sent.append(message)

        asyncio.run(self._app(scope, receive, send))
        start, *rest = sent
        names = {name.decode(): value.decode() for name, value in start["headers"]}
        return Reply(start["status"], names, b"".join(part.get("body", b"") for part in rest))


@functools.cache
def client() -> Client:
    """The pages of the example."""
    return Client(example())


@contextlib.contextmanager
def served(app: Any) -> Iterator[str]:
    """Run an application on a free port of the loopback; give its address."""
    import uvicorn

    config = uvicorn.Config(app, host="127.0.0.1", port=0, log_level="error", access_log=False)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + 60
    while not server.started:
        assert thread.is_alive() and time.monotonic() < deadline, "the server does not start"
        time.sleep(0.02)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(30)
        assert not thread.is_alive(), "the server does not end"
