"""What every route is given: the graph, the processes that answer queries of strangers, and the settings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kg.api import Graph
    from kg.web.sparql.pool import Pool


@dataclass(frozen=True, slots=True)
class Settings:
    """How a graph is served; what `kg serve` has options for.

    Attributes
    ----------
    host, port
        Where the server listens; port 0 takes a free one.
    hosts : tuple of str
        Names beside `host` and this machine's own by which the server may be called (`Host` header).
    origins : tuple of str
        Other sites whose pages may read answers (CORS), as `https://example.org`; none by default.
    workers : int
        How many processes answer queries.
    timeout : float
        Seconds that a query may run.
    memory : int
        Megabytes that a query may take.
    rows : int
        Rows or triples that an answer may have.
    answer_bytes : int
        Bytes that an answer may have.
    body_bytes : int
        Bytes that the body of a request may have.
    requests : int
        Requests that are handled at the same time.
    waiting : int
        Queries that may wait for a process.
    queries_of_one : int
        Queries that one client may have waiting or running.
    """

    host: str = "127.0.0.1"
    port: int = 8000
    hosts: tuple[str, ...] = ()
    origins: tuple[str, ...] = ()
    workers: int = 2
    timeout: float = 10.0
    memory: int = 1_000
    rows: int = 100_000
    answer_bytes: int = 50_000_000
    body_bytes: int = 256_000
    requests: int = 200
    waiting: int = 64
    queries_of_one: int = 16


@dataclass(frozen=True, slots=True)
class Context:
    """What routes work with.

    Attributes
    ----------
    graph : kg.api.Graph
        The graph, open for reading; for the server's own, trusted look-ups.
    pool : Pool
        Where SPARQL that came from outside is run: `await pool.answer(Asked(sparql))`, or `pool.run(Asked(sparql))`.
    settings : Settings
        How it is served.
    """

    graph: Graph
    pool: Pool
    settings: Settings
