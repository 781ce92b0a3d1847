"""The server for assistants as a process: over standard input and output, and at an address of this machine."""

from __future__ import annotations

import contextlib
import functools
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, NamedTuple

import pytest

from kg import cli
from tests import assisted, serving

assisted.needs_packages()

import anyio  # noqa: E402
from mcp import Client  # noqa: E402
from mcp.client.stdio import StdioServerParameters, stdio_client  # noqa: E402

from kg.assistants import server  # noqa: E402
from kg.assistants.desk import Desk  # noqa: E402
from kg.web import middleware  # noqa: E402

COMMAND = [sys.executable, "-m", "kg.cli", "mcp"]
INITIALIZE = {
    "protocolVersion": "2025-06-18",
    "capabilities": {},
    "clientInfo": {"name": "tests", "version": "1"},
}
JSON = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream"}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return assisted.built(tmp_path_factory.mktemp("built"))


def message(method: str, number: int | None = None, **params: object) -> str:
    """A message of the protocol, on one line."""
    said: dict[str, object] = {"jsonrpc": "2.0", "method": method, "params": params}
    return json.dumps(said if number is None else {**said, "id": number})


CALLS = (
    message("initialize", 1, **INITIALIZE),
    message("notifications/initialized"),
    "this is no JSON",
    '{"jsonrpc": "2.0", "id": 99, "method": "no/such/method"}',
    "[" * 10_000,
    message("tools/list", 2),
    message("tools/call", 3, name="cautions", arguments={"drug": "Klonopin", "about": "glaucoma"}),
    message("tools/call", 4, name="cautions", arguments={"drug": "\x00"}),
    message("tools/call", 5, name="select", arguments={"sparql": "SELECT ?fact { ?fact drugs:subject ?s }"}),
    message("tools/call", 6, name="cautions", arguments="none"),
    message("tools/call", 7, name="facts_between", arguments={"a": "Klonopin", "b": "driving"}),
)


@contextlib.contextmanager
def started(*arguments: str, environment: dict[str, str] | None = None) -> Iterator[subprocess.Popen[str]]:
    """Start `kg mcp` over standard input and output; ended with the block."""
    with subprocess.Popen(
        [*COMMAND, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=serving.ROOT,
        env={**os.environ, **(environment or {})},
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def answers(output: IO[str], *numbers: int) -> dict[int, dict[str, Any]]:
    """Read lines until some messages are answered; every line is a message of the protocol."""
    found: dict[int, dict[str, Any]] = {}
    while not found.keys() >= set(numbers):
        line = output.readline()
        assert line, f"the server has ended; answered are {sorted(found)}"
        said = json.loads(line)
        assert said["jsonrpc"] == "2.0"
        if isinstance(said.get("id"), int):
            found[said["id"]] = said
    return found


def test_standard_output_holds_the_protocol_and_nothing_else(built: Path) -> None:
    with started(str(built)) as process:
        assert process.stdin is not None and process.stdout is not None and process.stderr is not None
        process.stdin.write("\n".join(CALLS) + "\n")
        process.stdin.flush()
        found = answers(process.stdout, 1, 2, 3, 4, 5, 6, 7, 99)
        process.stdin.close()
        rest = process.stdout.read()
        errors = process.stderr.read()
        assert process.wait(30) == 0
    assert [json.loads(line)["jsonrpc"] for line in rest.splitlines()] == ["2.0"] * len(rest.splitlines())
    assert found[1]["result"]["serverInfo"]["name"] == "drug-facts"
    assert {number for number, said in found.items() if "error" in said} == {6, 99}
    assert found[4]["result"]["isError"] is True
    texts = assisted.texts_of(built)
    for number in (3, 5, 7):
        result = found[number]["result"]
        assert assisted.checked(result["structuredContent"], result["content"][0]["text"], texts) > 0
    assert "Traceback" not in errors


def test_the_client_of_the_package_starts_it_as_a_process(built: Path) -> None:
    async def talk() -> None:
        server = StdioServerParameters(command=COMMAND[0], args=[*COMMAND[1:], str(built)], cwd=serving.ROOT)
        with Path(os.devnull).open("w") as nowhere:
            async with Client(stdio_client(server, errlog=nowhere)) as client:
                assert len((await client.list_tools()).tools) == 7
                result = await client.call_tool("cautions", {"drug": "Klonopim"})
                text = str(getattr(result.content[0], "text", ""))
                assert assisted.checked(result.structured_content, text, assisted.texts_of(built)) > 0

    anyio.run(talk)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_and_its_processes_and_leaves_nothing(number: signal.Signals, tmp_path: Path) -> None:
    with started(environment={"TMPDIR": str(tmp_path)}) as process:
        assert process.stdin is not None and process.stdout is not None
        # The packaged facts have no store on disk, so that one is written for the processes.
        process.stdin.write("\n".join((*CALLS[:2], CALLS[8])) + "\n")
        process.stdin.flush()
        assert answers(process.stdout, 5)[5]["result"]["isError"] is False
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
        workers = children.read_text().split() if children.exists() else []
        assert len(list(tmp_path.glob(".kg-serve.*.aside"))) == 1
        process.send_signal(number)
        assert process.wait(30) == 128 + number
    assert list(tmp_path.iterdir()) == []
    for _ in range(100):
        if not any(Path(f"/proc/{worker}").exists() for worker in workers):
            return
        time.sleep(0.1)
    pytest.fail(f"still running: {workers}")


@pytest.fixture(scope="module")
def served(built: Path) -> Iterator[serving.Server]:
    """`kg mcp` on a free port of this machine."""
    command = [*COMMAND, str(built), "--transport", "http", "--port", "0"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd=serving.ROOT
    ) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            assert line.startswith("http://127.0.0.1:") and "/mcp serves " in line, line
            yield serving.Server(line.split()[0].removesuffix("/mcp"), process.pid)
            assert process.poll() is None, "the server has ended"
            process.send_signal(signal.SIGINT)
            assert process.wait(30) == 0
        finally:
            process.kill()


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_the_client_of_the_package_calls_it_at_its_address(mode: str, served: serving.Server, built: Path) -> None:
    async def talk() -> None:
        async with Client(f"{served.address}/mcp", mode=mode) as client:
            result = await client.call_tool("cautions", {"drug": "Klonopin"})
            text = str(getattr(result.content[0], "text", ""))
            assert assisted.checked(result.structured_content, text, assisted.texts_of(built)) > 0
            refused = await client.call_tool("cautions", {"drug": "zzzzzz"})
            assert refused.is_error

    anyio.run(talk)


class Request(NamedTuple):
    """A request, and the statuses that it may be answered with."""

    name: str
    method: str
    headers: dict[str, str]
    statuses: tuple[int, ...]
    target: str = "/mcp"
    body: bytes = message("tools/list", 1).encode()


REQUESTS = (
    Request("as clients send it", "POST", {}, (200,)),
    Request("of a page of this machine", "POST", {"Origin": "http://localhost:3000"}, (200,)),
    Request("called otherwise", "POST", {"Host": "evil.example"}, (400,)),
    Request("called nearly so", "POST", {"Host": "localhost.evil.example"}, (400,)),
    Request("of a page of another site", "POST", {"Origin": "https://evil.example"}, (403,)),
    Request("of a page without a site", "POST", {"Origin": "null"}, (403,)),
    Request("reading, of a page of another site", "GET", {"Origin": "https://evil.example"}, (405,)),
    Request("to be told of events", "GET", {}, (405,)),
    Request("to end a session", "DELETE", {}, (405,)),
    Request("as a form, which any page may send", "POST", {"Content-Type": "text/plain"}, (400, 415)),
    Request("too large", "POST", {}, (413,), body=b" " * 300_000),
    Request("no message", "POST", {}, (400,), body=b"{"),
    Request("elsewhere", "POST", {}, (404,), "/"),
    Request("a file", "GET", {}, (404,), "/../../etc/passwd"),
)


@pytest.mark.parametrize("request_", REQUESTS, ids=[request.name for request in REQUESTS])
def test_who_may_ask_at_its_address(request_: Request, served: serving.Server) -> None:
    headers = {**JSON, **request_.headers}
    reply = served.ask(request_.method, request_.target, headers, request_.body if request_.method == "POST" else None)
    assert reply.status in request_.statuses, reply.text
    assert reply.headers["x-content-type-options"] == "nosniff"
    assert "access-control-allow-origin" not in reply.headers
    assert "Traceback" not in reply.text and "kg serve" not in reply.text, "the remedy is one that this command has"


def test_a_message_that_does_not_arrive_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(middleware, "_BODY_SECONDS", 0.1)
    sent: list[Any] = []
    parts = [{"type": "http.request", "body": b"{", "more_body": True}]

    async def receive() -> Any:
        return parts.pop(0) if parts else await anyio.sleep_forever()

    async def send(part: Any) -> None:
        sent.append(part)

    headers = [(name.lower().encode(), value.encode()) for name, value in {"Host": "localhost", **JSON}.items()]
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/mcp",
        "raw_path": b"/mcp",
        "query_string": b"",
        "root_path": "",
    }
    scope |= {"headers": headers, "http_version": "1.1", "scheme": "http", "client": ("127.0.0.1", 1)}

    async def ask(desk: Desk) -> None:
        await server.over_http(desk)(scope | {"server": ("127.0.0.1", 80)}, receive, send)

    with contextlib.closing(Desk()) as desk:
        anyio.run(ask, desk)
    assert sent[0]["status"] == 408


def test_it_listens_on_this_machine_alone(served: serving.Server) -> None:
    port = f"{int(served.address.rsplit(':', 1)[1]):04X}"
    table = Path("/proc/net/tcp")
    if not table.exists():
        pytest.skip("the system does not tell who listens")
    listening = [line.split()[1] for line in table.read_text().splitlines()[1:] if line.split()[3] == "0A"]
    assert [place for place in listening if place.endswith(f":{port}")] == [f"0100007F:{port}"]


def test_requests_at_the_same_time_are_all_answered(served: serving.Server) -> None:
    results: list[bool] = []

    async def call(client: Client, number: int) -> None:
        tool, arguments = (
            ("select", {"sparql": f"SELECT ?fact {{ ?fact drugs:subject ?s }} LIMIT {number + 1}"})
            if number % 2
            else ("cautions", {"drug": "Klonopin", "limit": number + 1})
        )
        result = await client.call_tool(tool, arguments)
        results.append(result.is_error)

    async def talk() -> None:
        async with Client(f"{served.address}/mcp") as client, anyio.create_task_group() as group:
            for number in range(20):
                group.start_soon(functools.partial(call, client, number))

    anyio.run(talk)
    assert results == [False] * 20


LINES = (
    (["--transport", "pigeon"], "kg: --transport: no transport 'pigeon'; use stdio or http\n"),
    (["no-such.kg"], "kg: no-such.kg: no such file or folder; name a folder that `kg build` wrote, or an RDF file\n"),
    (["--documents", "none"], "kg: none: no such folder of documents; check --documents or KG_DOCUMENTS\n"),
)


@pytest.mark.parametrize(("arguments", "line"), LINES, ids=[" ".join(arguments) for arguments, _ in LINES])
def test_what_cannot_be_served_is_told_in_one_line(
    arguments: list[str], line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["mcp", *arguments]) == 2
    assert capsys.readouterr() == ("", line)


def test_without_the_package_one_line_tells_how_to_get_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "mcp", None)
    assert cli.main(["mcp"]) == 2
    out, errors = capsys.readouterr()
    assert out == ""
    assert errors == "kg: kg mcp: needs the package mcp, which is not installed; pip install 'drug-facts[mcp]'\n"
