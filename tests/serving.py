"""Servers for tests: `kg serve` as a process of its own on the loopback, and requests to it."""

from __future__ import annotations

import atexit
import contextlib
import functools
import http.client
import json
import os
import select
import signal
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import pytest

from kg import files

ROOT = Path(__file__).resolve().parents[1]
EVALUATION = ROOT / "tests" / "sparql_evaluation"
BASE = "http://example.org/"
CLIQUE = 100
"""How many nodes are all near each other, for queries that take for ever."""

LARGE = 500_000
PREFIXES = (
    f"PREFIX : <{BASE}> PREFIX xsd: <http://www.w3.org/2001/XMLSchema#> "
    "PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#>\n"
)
CASES: list[dict[str, Any]] = [
    {**case, "id": f"{path.stem}: {case['name']}"}
    for path in sorted(EVALUATION.glob("*.toml"))
    for case in tomllib.loads(path.read_text("utf-8"))["case"]
]


@dataclass(frozen=True, slots=True)
class Reply:
    """What a server has answered; names of headers in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode("utf-8")

    @property
    def media_type(self) -> str:
        """The type without its parameters."""
        return self.headers.get("content-type", "").partition(";")[0]

    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


@dataclass(frozen=True, slots=True)
class Server:
    """A server of a test: its address, and the number of its process."""

    address: str
    pid: int

    def ask(
        self, method: str, target: str, headers: Mapping[str, str] | None = None, body: bytes | None = None
    ) -> Reply:
        """Send one request over a connection of its own."""
        place = urlsplit(self.address)
        with contextlib.closing(http.client.HTTPConnection(str(place.hostname), place.port, timeout=60)) as connection:
            connection.putrequest(method, target, skip_host=any(name.lower() == "host" for name in headers or {}))
            for name, value in (headers or {}).items():
                connection.putheader(name, value)
            if body is not None or method in {"POST", "PUT", "PATCH"}:
                connection.putheader("Content-Length", str(len(body or b"")))
            connection.endheaders()
            # As careful programs do: a body that the server refuses by its length is not sent.
            if body and (len(body) < LARGE or not select.select([connection.sock], [], [], 1)[0]):
                connection.send(body)
            answer = connection.getresponse()
            found = {name.lower(): value for name, value in answer.getheaders()}
            return Reply(answer.status, found, answer.read())

    def query(self, sparql: str, accept: str = "application/sparql-results+json", **parameters: list[str]) -> Reply:
        """Send a query by POST, as it is."""
        fields = [(name.replace("_", "-"), value) for name, values in parameters.items() for value in values]
        headers = {"Accept": accept, "Content-Type": "application/sparql-query"}
        return self.ask("POST", f"/sparql?{urlencode(fields)}", headers, sparql.encode())

    def resident(self) -> int:
        """Megabytes of memory that the server itself has in use."""
        pages = int(Path(f"/proc/{self.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") // 1_000_000


def needs_packages() -> None:
    """Skip where the packages of the server are not installed."""
    for name in ("starlette", "uvicorn"):
        pytest.importorskip(name, reason=f"{name} is not installed; install drug-facts[serve]")


@contextlib.contextmanager
def served(graph: Path | None, *options: str) -> Iterator[Server]:
    """Run `kg serve` on a free port until the block is left; it must end as it should."""
    command = [sys.executable, "-m", "kg.cli", "serve", *([str(graph)] if graph else []), "--port", "0", *options]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd=ROOT)
    assert process.stdout is not None
    try:
        line = process.stdout.readline()
        assert line.startswith("http://127.0.0.1:"), f"the server does not start: {line!r}"
        yield Server(line.split()[0].rstrip("/"), process.pid)
        assert process.poll() is None, "the server has ended"
    finally:
        process.send_signal(signal.SIGINT)
        code = process.wait(30)
        process.stdout.close()
    assert code == 0


@functools.cache
def shared() -> Server:
    """The server of all evaluation cases, one for each process of tests, with small limits; ended with the process."""
    needs_packages()
    stack = contextlib.ExitStack()
    atexit.register(stack.close)
    folder = stack.enter_context(files.temporary("kg-test"))
    graph = folder / "cases.trig"
    graph.write_text(trig(), "utf-8")
    options = ("--timeout", "2", "--memory", "300", "--rows", "3000", "--cors-origin", "https://pages.example")
    return stack.enter_context(served(graph, *options))


def trig() -> str:
    """The data of all cases, each in graphs of its own, and graphs for datasets and for hostile queries."""
    parts = [PREFIXES.replace("PREFIX", "\nPREFIX")]
    for case in CASES:
        graphs = {data_graph(case): case["data"], **{BASE + n: text for n, text in case.get("named", {}).items()}}
        parts.extend(f"<{name}> {{\n{text}\n}}\n" for name, text in graphs.items())
    for name, number in (("one", 1), ("two", 2)):
        parts.append(f":protocol-{name} {{ :a :only-in-{name} {number} }}\n")
    clique = (f":n{a} :near :n{b} ." for a in range(CLIQUE) for b in range(CLIQUE) if a != b)
    parts.append(f":clique {{ {' '.join(clique)} }}\n")
    return "".join(parts)


def data_graph(case: Mapping[str, Any]) -> str:
    """The name of the graph that holds the data of a case."""
    return BASE + "data/" + quote(case["id"])
