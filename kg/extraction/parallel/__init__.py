"""Reading in parallel: over processes of this machine, or over the workers of a Dask cluster.

What comes out is what `kg.extraction.extract_files` gives, in the same order, whatever the number of workers; so many
documents are on their way at a time that no worker waits, and no more. Files that hold one document are opened by the
workers, too, for opening a PDF takes longer than understanding it; files that hold many are opened here, and their
documents are handed out one by one.
"""

from __future__ import annotations

import contextlib
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Protocol, TypeVar

from kg import extraction, reading
from kg.errors import DocumentError, KgError
from kg.extraction.parallel import wire
from kg.extraction.parallel.lanes import LIMIT
from kg.records import Document, Reading

__all__ = ["LIMIT", "Crew", "Pending", "Workers", "crew", "jobs_for", "readings", "statements_of"]

WORTH = 1_500_000
"""Bytes of documents that one more worker is worth: it loads what it needs in 0.8 s, and reads them in some 3 s."""

T = TypeVar("T")
S = TypeVar("S", covariant=True)


class Pending(Protocol[S]):
    """A result that will come."""

    def done(self) -> bool:
        """Tell whether it has come."""

    def result(self) -> S:
        """Wait for it."""


class Workers(Protocol):
    """Who does what requests ask for: processes of this machine, or a cluster."""

    @property
    def ahead(self) -> int:
        """How many requests are started before the first one's result is waited for."""

    def start(self, place: str, request: bytes) -> Pending[bytes]:
        """Put a request in line."""

    def close(self) -> None:
        """Leave; what was not read is forgotten."""


class Crew:
    """Documents are opened and read by workers; what comes is in the order of what goes in."""

    def __init__(self, workers: Workers, lexicon: Path | None) -> None:
        self._workers, self._lexicon = workers, lexicon

    def documents(self, paths: Iterable[Path]) -> Iterator[Document | DocumentError]:
        """Read files and folders, as `kg.extraction.read_files` does."""
        found = dict.fromkeys(reading.find(paths))
        yield from extraction.once(zip(found, self.opened(found), strict=True))

    def opened(self, files: Iterable[Path]) -> Iterator[Iterable[Document | DocumentError]]:
        """Give the documents of each file."""
        return _in_order(files, self._open, max(2, self._workers.ahead // 2))

    def readings(
        self, documents: Iterable[Document | DocumentError], drug: str | None = None
    ) -> Iterator[Reading | DocumentError]:
        """Read what documents say, as `kg.extraction.extract_documents` does."""
        return _in_order(documents, lambda document: self._read(document, drug), self._workers.ahead)

    def _open(self, path: Path) -> Pending[Iterable[Document | DocumentError]]:
        if path.suffix.lower() in reading.SEVERAL:
            return _Here(extraction.attempted(path, reading.read(path)))
        try:
            content = reading.load(path)
        except DocumentError as error:
            return _Here([error])
        return _Then(self._workers.start(str(path), wire.to_open(path, content)), wire.documents_of)

    def _read(self, document: Document | DocumentError, drug: str | None) -> Pending[Reading | DocumentError]:
        if isinstance(document, DocumentError):
            return _Here(document)
        pending = self._workers.start(document.name, wire.to_read(document, drug))
        return _Then(pending, lambda reply: wire.reading_of(reply, document))


class _Alone(Crew):
    """No workers: documents are read here, one after the other."""

    def __init__(self, lexicon: Path | None) -> None:
        self._lexicon = lexicon

    def opened(self, files: Iterable[Path]) -> Iterator[Iterable[Document | DocumentError]]:
        return (extraction.attempted(path, reading.read(path)) for path in files)

    def readings(
        self, documents: Iterable[Document | DocumentError], drug: str | None = None
    ) -> Iterator[Reading | DocumentError]:
        return extraction.extract_documents(documents, drug, self._lexicon)


@contextlib.contextmanager
def crew(
    lexicon: Path | None = None,
    *,
    jobs: int = 1,
    scheduler: str | None = None,
    tls: Path | None = None,
    limit: float = LIMIT,
) -> Iterator[Crew]:
    """Open who reads: `jobs` processes, or the Dask cluster of a scheduler; they are ended at the end of the block.

    Parameters
    ----------
    lexicon : Path, optional
        A compiled lexicon that is used beside the package's vocabulary; on a cluster, each host has it at this place.
    jobs : int
        The number of processes; with one, documents are read in this process.
    scheduler : str, optional
        The address of a Dask scheduler, `tcp://127.0.0.1:8786` or `tls://host:8786`.
    tls : Path, optional
        The folder with the certificate and the key of the cluster; by default KG_TLS names it.
    limit : float
        The seconds that a worker may spend on one document before that is left out.

    Raises
    ------
    KgError
        When the cluster cannot be reached, is not safe to use, or reads with something else than this program.
    """
    if jobs < 1:
        raise KgError("jobs", f"{jobs} processes cannot read", "give a number from 1")
    if jobs > 1 and scheduler is not None:
        raise KgError("jobs", "is for processes of this machine, and a scheduler is named too", "give one of the two")
    if scheduler is None and jobs == 1:
        yield _Alone(lexicon)
        return
    workers: Workers
    if scheduler is None:
        from kg.extraction.parallel.local import Local

        workers = Local(jobs, lexicon, limit)
    else:
        from kg.extraction.parallel.cluster import Cluster

        workers = Cluster(scheduler, lexicon, limit, tls)
    try:
        yield Crew(workers, lexicon)
    finally:
        workers.close()


def readings(
    paths: Iterable[Path],
    drug: str | None = None,
    lexicon: Path | None = None,
    *,
    jobs: int | None = 1,
    scheduler: str | None = None,
    tls: Path | None = None,
    limit: float = LIMIT,
) -> Iterator[Reading | DocumentError]:
    """Read files and folders as `kg.extraction.extract_files` does, with several workers (see `crew`).

    Without a number of jobs, it depends on how much there is to read (`jobs_for`).
    """
    places = list(paths)
    if jobs is None:
        jobs = jobs_for(places) if scheduler is None else 1
    with crew(lexicon, jobs=jobs, scheduler=scheduler, tls=tls, limit=limit) as readers:
        yield from readers.readings(readers.documents(places), drug)


def statements_of(
    documents: Iterable[Document | DocumentError],
    drug: str | None = None,
    lexicon: Path | None = None,
    *,
    jobs: int = 1,
    scheduler: str | None = None,
    tls: Path | None = None,
    limit: float = LIMIT,
) -> Iterator[Reading | DocumentError]:
    """Read what documents at hand say as `kg.extraction.extract_documents` does, with several workers (see `crew`)."""
    with crew(lexicon, jobs=jobs, scheduler=scheduler, tls=tls, limit=limit) as readers:
        yield from readers.readings(documents, drug)


def jobs_for(paths: Iterable[Path]) -> int:
    """Return how many processes are worth starting for files and folders: one for a few, at most one a processor."""
    return max(1, min(_processors(), sum(map(_size, dict.fromkeys(reading.find(paths)))) // WORTH))


def _processors() -> int:
    """Return how many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _in_order(items: Iterable[T], start: Callable[[T], Pending[S]], ahead: int) -> Iterator[S]:
    """Give the results in the order of the items, each as soon as it is there, some on their way at a time."""
    waiting: deque[Pending[S]] = deque()
    for item in items:
        waiting.append(start(item))
        while waiting and (len(waiting) >= ahead or waiting[0].done()):
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()


class _Here(Pending[S]):
    """A result that is there."""

    def __init__(self, value: S) -> None:
        self._value = value

    def done(self) -> bool:
        return True

    def result(self) -> S:
        return self._value


class _Then(Pending[S]):
    """A result that is made of another one once that has come."""

    def __init__(self, pending: Pending[bytes] | Future[bytes], made: Callable[[bytes], S]) -> None:
        self._pending, self._made = pending, made

    def done(self) -> bool:
        return self._pending.done()

    def result(self) -> S:
        return self._made(self._pending.result())
