"""Measure what isolation costs: `python -m benchmarks.serve GRAPH [REPEATS]`, GRAPH a folder that `kg build` wrote.

The same queries in one run, some of each in turn: in this process (guard, engine, serialisation), in a worker
process, and over HTTP. The figures are medians in milliseconds, and what the worker adds; then queries a second with
eight clients at once over HTTP, and how soon a query without end is ended. Budget: 3 ms are added at most.
"""

from __future__ import annotations

import contextlib
import http.client
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pyoxigraph as ox

from benchmarks.measuring import milliseconds
from kg.errors import GraphError
from kg.graph import disk
from kg.web.context import Settings
from kg.web.problems import RequestError
from kg.web.sparql import worker
from kg.web.sparql.pool import Asked, Pool

BUDGET = 3.0
BLOCK = 20
QUERIES = {
    "yes or no": "ASK { ?fact a drugs:Caution }",
    "ten facts": "SELECT * { ?fact a drugs:Caution ; drugs:subject ?drug ; drugs:object ?thing } LIMIT 10",
    "1,000 rows": "SELECT * { ?fact a drugs:Caution ; drugs:subject ?drug ; drugs:object ?thing } LIMIT 1000",
    "a graph of 500": "CONSTRUCT { ?drug drugs:needsCareIn ?thing } "
    "{ ?fact a drugs:Caution ; drugs:subject ?drug ; drugs:object ?thing } LIMIT 500",
    "a count of all cautions": "SELECT (COUNT(*) AS ?n) { ?fact a drugs:Caution }",
}
ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f }"
LIMITS = {"answer_bytes": 50_000_000, "rows": 100_000, "memory": 1_000, "timeout": 10}


class Client:
    """One connection that is kept."""

    def __init__(self, address: str) -> None:
        place = urlsplit(address)
        self._connection = http.client.HTTPConnection(str(place.hostname), place.port)

    def ask(self, sparql: str) -> bytes:
        """Send a query and return the whole answer."""
        self._connection.request("GET", "/sparql?" + urlencode({"query": sparql}))
        reply = self._connection.getresponse()
        body = reply.read()
        if reply.status != 200:
            raise SystemExit(f"status {reply.status}: {body[:200]!r}")
        return body


def measured(store: ox.Store, pool: Pool, client: Client, repeats: int) -> float:
    """Print a line for each query; return the most that the worker adds."""
    most = 0.0
    print(f"{'median of ' + str(repeats):26}{'here':>9}{'worker':>9}{'adds':>9}{'HTTP':>9}   ms")
    for name, sparql in QUERIES.items():
        asked = Asked(sparql)
        ways: dict[str, Callable[[], object]] = {
            "here": lambda asked=asked: worker.answer(store, asdict(asked), LIMITS),  # type: ignore[misc]
            "worker": lambda asked=asked: pool.run(asked),  # type: ignore[misc]
            "HTTP": lambda sparql=sparql: client.ask(sparql),  # type: ignore[misc]
        }
        times: dict[str, list[float]] = {way: [] for way in ways}
        for _ in range(repeats // BLOCK):
            for way, action in ways.items():
                action()  # its processor's caches are as they would be
                times[way].extend(milliseconds(action) for _ in range(BLOCK))
        here, there, web = (statistics.median(taken) for taken in times.values())
        quick = [statistics.quantiles(taken, n=10)[0] for taken in times.values()]
        most = max(most, there - here)
        print(f"{name:26}{here:9.2f}{there:9.2f}{there - here:9.2f}{web:9.2f}   ({quick[1] - quick[0]:.2f})")
    return most


def throughput(address: str, seconds: float = 3.0) -> float:
    """Queries a second of eight clients at once."""

    def asks(_: int) -> int:
        client, done, end = Client(address), 0, time.perf_counter() + seconds
        while time.perf_counter() < end:
            client.ask(QUERIES["ten facts"])
            done += 1
        return done

    with ThreadPoolExecutor(8) as threads:
        return sum(threads.map(asks, range(8))) / seconds


def main() -> int:
    """Print all figures; 1 when over budget."""
    folder, repeats = Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 300
    data = disk.fitting_data(folder)
    if data is None:
        raise GraphError(str(folder), "has no store on disk that fits", "build it anew with `kg build --out`")
    pool = Pool(Settings(timeout=2))
    command = [sys.executable, "-m", "kg.cli", "serve", str(folder), "--port", "0"]
    with contextlib.ExitStack() as stack:
        server = stack.enter_context(subprocess.Popen(command, stdout=subprocess.PIPE, text=True))
        stack.callback(server.terminate)
        print(f"a worker is ready after {milliseconds(lambda: pool.start(data)) / 2:.0f} ms")
        stack.callback(pool.close)
        address = server.stdout.readline().split()[0] if server.stdout else ""
        most = measured(ox.Store.read_only(str(data)), pool, Client(address), repeats)
        print(f"eight clients at once, ten facts each: {throughput(address):.0f} queries a second")
        start = time.perf_counter()
        with contextlib.suppress(RequestError):
            pool.run(Asked(ENDLESS))
        print(f"a query without end, limit 2 s: ended after {time.perf_counter() - start:.2f} s")
    print(f"the worker adds at most {most:.2f} ms (budget {BUDGET} ms)")
    return int(most > BUDGET)


if __name__ == "__main__":
    sys.exit(main())
