"""Workers that stand ready, and the queries that wait for one.

A query that runs too long is ended with its process, and another process takes that one's place: the engine cannot be
interrupted. Whatever ends a worker is an error of the one query that it was answering.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from kg.errors import GraphError
from kg.web import problems
from kg.web.context import Settings
from kg.web.sparql import failures
from kg.web.sparql.process import Ended, Overdue, Process
from kg.web.sparql.turns import Turns

JSON = "application/sparql-results+json"
TURTLE = "text/turtle"
_PATIENCE = 0.5
"""Seconds that a query may still run when nobody waits for its answer any more."""

_LONGEST_PAUSE = 5.0


@dataclass(frozen=True, slots=True)
class Asked:
    """A query, and how it is to be answered.

    Attributes
    ----------
    sparql : str
        The query as it came.
    rows, graph : str or None
        The media type for the rows of SELECT and ASK, and for the triples of CONSTRUCT and DESCRIBE; None where the
        client takes none that there is.
    default_graphs, named_graphs : tuple of str
        The dataset, where the request names one.
    """

    sparql: str
    rows: str | None = JSON
    graph: str | None = TURTLE
    default_graphs: tuple[str, ...] = ()
    named_graphs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer, in the media type that was asked for, of rows or of a graph."""

    media_type: str
    body: bytes
    is_graph: bool


@dataclass(frozen=True, slots=True)
class State:
    """What the status page tells of the workers."""

    workers: int
    idle: int
    waiting: int
    network_isolated: bool
    memory_limited: bool
    counts: dict[str, int]


@dataclass(slots=True)
class _Job:
    asked: Asked
    end: float = float("inf")
    gone: bool = False


class Pool:
    """Processes that answer queries over one store on disk."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._data: Path | None = None
        self._idle: Turns[Process] = Turns()
        self._all: set[Process] = set()
        self._lock = threading.Lock()
        self._closed = threading.Event()
        self._threads: ThreadPoolExecutor | None = None
        self._of_client: Counter[str] = Counter()
        self._counts: Counter[str] = Counter()
        self._last: Process | None = None
        self._identity: tuple[int, ...] = ()

    def start(self, data: Path) -> None:
        """Start the workers on a store, and return when all are ready.

        Raises
        ------
        GraphError
            When the store cannot be opened.
        """
        self._data, self._identity = data, _identity(data)
        for process in [Process(data, self._settings) for _ in range(self._settings.workers)]:
            self._all.add(process)
            try:
                process.wait_until_ready()
            except (Ended, Overdue) as error:
                self.close()
                raise GraphError(str(data), f"the store cannot be opened ({error})", "build the folder anew") from None
            self._last = process
            self._idle.give(process)
        self._threads = ThreadPoolExecutor(self._settings.workers, thread_name_prefix="query")

    def close(self) -> None:
        """End all workers, whatever they are doing."""
        self._closed.set()
        with self._lock:
            ended, self._all = self._all, set()
        for process in ended:
            process.end()
        if self._threads is not None:
            self._threads.shutdown(wait=True, cancel_futures=True)

    def state(self) -> State:
        """Return how the workers are."""
        last = self._last
        return State(
            workers=len(self._all),
            idle=len(self._idle),
            waiting=max(0, sum(self._of_client.values()) - self._settings.workers),
            network_isolated=last is not None and last.isolated,
            memory_limited=last is not None and last.bounded,
            counts=dict(self._counts),
        )

    async def answer(self, asked: Asked, client: str = "", gone: Callable[[], Awaitable[Any]] | None = None) -> Answer:
        """Answer a query in one of the workers.

        Parameters
        ----------
        asked : Asked
            The query.
        client : str, optional
            Who asks: nobody may have too many queries waiting.
        gone : callable, optional
            Something to await that returns when nobody waits for the answer any more.

        Raises
        ------
        RequestError
            When it is refused, wrong, over a limit, or the server has too much to do.
        """
        if client and self._of_client[client] >= self._settings.queries_of_one:
            raise problems.busy(429, f"this client has {self._settings.queries_of_one} queries running already")
        if sum(self._of_client.values()) >= self._settings.waiting + self._settings.workers:
            raise problems.busy(503, f"{self._settings.waiting} queries are waiting already")
        if self._threads is None or self._closed.is_set():
            raise problems.busy(503, "it is starting or stopping")
        job = _Job(asked)
        self._of_client[client] += 1
        try:
            return await self._finished(job, self._threads.submit(self._run, job), gone)
        finally:
            self._of_client[client] -= 1
            self._of_client += Counter()  # forgets who has none

    async def _finished(self, job: _Job, running: Future[Answer], gone: Callable[[], Awaitable[Any]] | None) -> Answer:
        """Wait for an answer as long as somebody wants it, and for its turn no longer than a query may run."""
        answered = asyncio.wrap_future(running)
        leaving = None if gone is None else asyncio.ensure_future(gone())
        try:
            awaited = {answered} if leaving is None else {answered, leaving}
            await asyncio.wait(awaited, timeout=self._settings.timeout, return_when=asyncio.FIRST_COMPLETED)
            if not answered.done() and running.cancel():
                raise problems.busy(503, "no process was free in time")
            if leaving is not None and leaving.done() and not answered.done():
                job.gone = True
                job.end = min(job.end, time.monotonic() + _PATIENCE)
            return await answered
        except asyncio.CancelledError:
            job.gone = True
            job.end = 0.0
            raise
        finally:
            if leaving is not None:
                leaving.cancel()

    def run(self, asked: Asked) -> Answer:
        """Answer a query in one of the workers, and wait for it; for programs without an event loop.

        Raises
        ------
        RequestError
            When it is refused, wrong or over a limit.
        """
        return self._run(_Job(asked))

    def _run(self, job: _Job) -> Answer:
        process = self._taken()
        now = time.monotonic()
        job.end = min(job.end, now + (_PATIENCE if job.gone else self._settings.timeout))
        again = False
        try:
            head, body = process.ask(asdict(job.asked), lambda: job.end)
            again = not head.get("spent")
        except Overdue:
            self._counts["timeout"] += 1
            raise failures.timeout(self._settings.timeout) from None
        except Ended as error:
            if self._closed.is_set():
                raise problems.busy(503, "it is stopping") from None
            self._counts["ended"] += 1
            raise failures.ended(error.signal, self._settings.memory) from None
        finally:
            if again:
                self._idle.give(process)
            else:
                self._replace(process)
        if not head["ok"]:
            self._counts[head["why"]] += 1
            raise failures.of(head, self._settings)
        self._counts["answered"] += 1
        wanted = job.asked.graph if head["graph"] else job.asked.rows
        return Answer(str(wanted), body, bool(head["graph"]))

    def _taken(self) -> Process:
        """Take a process that is free; one that has died meanwhile is replaced, and costs nobody a query."""
        end = time.monotonic() + self._settings.timeout
        while (process := self._idle.take(max(0.0, end - time.monotonic()))) is not None:
            if process.runs():
                return process
            self._replace(process)
        if not self._all:
            raise problems.busy(503, "its graph has been replaced on disk", "start it anew")
        raise problems.busy(503, "no process was free in time")

    def _replace(self, process: Process) -> None:
        process.end()
        with self._lock:
            self._all.discard(process)
        if not self._closed.is_set():
            threading.Thread(target=self._add, name="replacement", daemon=True).start()

    def _add(self) -> None:
        """Start one more worker, and try again for as long as that fails."""
        pause = 0.1
        while not self._closed.is_set() and self._data is not None:
            if _identity(self._data) != self._identity:
                return  # the others have the old store open; one graph must not answer as two
            process = Process(self._data, self._settings)
            with self._lock:
                self._all.add(process)
            with contextlib.suppress(Ended, Overdue):
                process.wait_until_ready()
                self._last = process
                if self._closed.is_set():
                    process.end()
                else:
                    self._idle.give(process)
                return
            process.end()
            with self._lock:
                self._all.discard(process)
            self._closed.wait(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)


def _identity(data: Path) -> tuple[int, ...]:
    """Return what changes when a store is written anew in the same place."""
    try:
        seen = (data / "CURRENT").stat()
    except OSError:
        return ()
    return seen.st_dev, seen.st_ino, seen.st_mtime_ns
