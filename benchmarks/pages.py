"""How fast the pages are: 20 users at once on every kind of page, cold and warm, and JSON of drugs as fast as it goes.

    python -m benchmarks.pages GRAPH [--users 20] [--pages 15] [--pause 1.0]

The server runs in a process of its own on the loopback. In the first run it has just started and every page is asked
for the first time; users pause as readers do. "Warm" pages have been made before. The times are wall-clock times at the
client, which shares the machine's cores with the server; "cpu" is the server's own processor time for an answer, what
it reads ahead meanwhile included. The last lines are the processor time of pages that nobody has asked for, in one
process that has read everything, kind by kind.
"""

from __future__ import annotations

import argparse
import asyncio
import http.client
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import quote, unquote, urlencode

from starlette.applications import Starlette
from starlette.types import Message

import kg
from kg.web.context import Context, Settings
from kg.web.pages import paths
from kg.web.sparql.pool import Pool

SEED = 7
_SERVER = """
import sys, uvicorn
from kg.web.app import create_app
from kg.web.context import Settings
uvicorn.run(create_app(sys.argv[1], Settings(workers=1)), host="127.0.0.1", port=int(sys.argv[2]), log_level="error",
            access_log=False)
"""


def targets(graph: kg.Graph, rng: random.Random) -> Iterator[str]:
    """Give paths of all kinds of pages, most of them of drugs, as a reader might open them."""
    drugs = [one for one in graph.drugs() if one.iri and "Drug" in graph.types(one)]
    names = [source.name for source in graph.documents]
    facts = list(graph.facts("caution")[:2000])
    conditions = sorted({fact.object.iri for fact in facts if fact.object.iri})
    while True:
        drug, other = rng.sample(drugs, 2)
        yield paths.of_iri(drug.iri or "")
        yield paths.of_iri(rng.choice(facts).iri)
        yield paths.of_iri(rng.choice(conditions))
        yield paths.of_iri(rng.choice(drugs).iri or "")
        yield f"/search?q={quote(drug.label[:6])}"
        yield paths.of_document(rng.choice(names))
        yield f"/complete?{urlencode({'q': other.label[:5]})}"
        yield rng.choice(("/", "/drugs", "/questions", "/documents", "/query"))
        yield f"/questions/cautions?{urlencode({'drug': drug.label})}"


async def ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, path: str, accept: str) -> int:
    """Ask on a connection that stays open, and read all of the answer."""
    head = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: {accept}\r\n\r\n"
    writer.write(head.encode())
    status = int((await reader.readline()).split()[1])
    length = 0
    while (line := await reader.readline()) not in (b"\r\n", b""):
        if line.lower().startswith(b"content-length:"):
            length = int(line.split(b":")[1])
    await reader.readexactly(length)
    return status


async def user(port: int, wanted: Sequence[str], pause: float, accept: str, times: list[float]) -> None:
    """Open one page after the other."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for path in wanted:
        if pause:
            await asyncio.sleep(pause * random.uniform(0.5, 1.5))  # noqa: S311
        start = time.perf_counter()
        status = await ask(reader, writer, path, accept)
        times.append(time.perf_counter() - start)
        if status not in (200, 303, 404):
            raise SystemExit(f"{path}: {status}")
    writer.close()


def processor_time(process: subprocess.Popen[bytes]) -> float:
    """Return the seconds of processor time that a process has taken."""
    fields = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def measure(
    name: str,
    server: subprocess.Popen[bytes],
    port: int,
    shares: Sequence[Sequence[str]],
    pause: float,
    accept: str = "text/html",
) -> None:
    """Let users ask, each for pages of its own, and print how long they waited."""

    async def run() -> list[float]:
        times: list[float] = []
        await asyncio.gather(*(user(port, share, pause, accept, times) for share in shares))
        return times

    start, before = time.perf_counter(), processor_time(server)
    times = sorted(asyncio.run(run()))
    took, spent = time.perf_counter() - start, (processor_time(server) - before) / len(times) * 1000
    p50, p95, p99 = (times[min(len(times) - 1, int(len(times) * q))] * 1000 for q in (0.5, 0.95, 0.99))
    rate = len(times) / took
    waits = f"p50 {p50:7.1f}  p95 {p95:7.1f}  p99 {p99:7.1f} ms"
    print(f"{name:40} {len(times):6} answers {rate:8.0f}/s   {waits}   cpu {spent:6.1f} ms")


async def made(app: Starlette, path: str) -> None:
    """Ask an application for a page without any network."""
    place, _, query = path.partition("?")
    scope = {
        "type": "http", "method": "GET", "path": unquote(place), "raw_path": place.encode(), "root_path": "",
        "query_string": query.encode(), "headers": [(b"host", b"localhost")], "http_version": "1.1", "scheme": "http",
    }  # fmt: skip

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(_: Message) -> None:
        return None

    await app(scope, receive, send)


def alone(graph: kg.Graph, wanted: Sequence[str]) -> None:
    """Make each page once, and print the processor time that it takes, by the first word of the path."""
    from kg.web.pages import routes
    from kg.web.pages.site import PageRoute

    app = Starlette(routes=list(routes(Context(graph, Pool(Settings()), Settings()))))
    site = next(route.site for route in app.routes if isinstance(route, PageRoute))
    for step in (site.read_templates, site.read_facts, site.read_network, lambda: site.finder, graph.copies):
        step()
    times: dict[str, list[float]] = {}
    for path in dict.fromkeys(wanted):
        start = time.process_time()
        asyncio.run(made(app, path))
        times.setdefault(path.partition("?")[0].split("/")[1] or "home", []).append(time.process_time() - start)
    for kind, found in (*sorted(times.items()), ("all", [one for several in times.values() for one in several])):
        ordered = sorted(one * 1000 for one in found)
        mean, p95 = sum(ordered) / len(ordered), ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))]
        spent = f"mean {mean:6.1f}  p95 {p95:6.1f}  max {ordered[-1]:6.1f} ms"
        print(f"{kind:12} {len(ordered):5} pages made, each   {spent}")


def started(graph: Path, port: int) -> subprocess.Popen[bytes]:
    """Start the server and wait until it answers."""
    process = subprocess.Popen([sys.executable, "-c", _SERVER, str(graph), str(port)])
    for _ in range(600):
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
            connection.request("GET", "/drugs")
            connection.getresponse().read()
            return process
        except OSError:
            if process.poll() is not None:
                break
            time.sleep(0.1)
    raise SystemExit("the server does not start")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("graph", type=Path)
    parser.add_argument("--users", type=int, default=20)
    parser.add_argument("--pages", type=int, default=15, help="pages for each user")
    parser.add_argument("--pause", type=float, default=1.0, help="seconds that a reader looks at a page")
    parser.add_argument("--port", type=int, default=8945)
    given = parser.parse_args()
    rng = random.Random(SEED)  # noqa: S311
    graph = kg.open(given.graph)
    source = targets(graph, rng)
    shares = [[next(source) for _ in range(given.pages)] for _ in range(given.users)]
    drugs = [path for share in shares for path in share if path.startswith("/concept/")]
    process = started(given.graph, given.port)
    try:
        print(f"load before: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
        for state in ("just started", "warm"):
            name = f"{given.users} readers, {state}, pause {given.pause:g} s"
            measure(name, process, given.port, shares, given.pause)
        measure(f"{given.users} users, warm, no pause", process, given.port, [share * 10 for share in shares], 0)
        measure("JSON of drugs, cold, 1 connection", process, given.port, [drugs], 0, "application/json")
        measure("JSON of drugs, warm, 4 connections", process, given.port, [drugs * 8] * 4, 0, "application/json")
    finally:
        process.terminate()
        process.wait(30)
    alone(graph, [path for share in shares for path in share])


if __name__ == "__main__":
    main()
