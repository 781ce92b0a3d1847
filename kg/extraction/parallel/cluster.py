"""Reading on a Dask cluster: each worker of the cluster has worker processes of ours, one for each of its threads.

So a document that ends its process costs that process, not the cluster's worker and what else that had in hand; and
threads of one cluster worker do read at the same time. What goes over the network is what goes through the pipes
(`kg.extraction.parallel.wire`).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from kg.errors import DocumentError, KgError
from kg.extraction.parallel import keys, versions, wire
from kg.extraction.parallel.lanes import REMEDY, ClosedError, Lanes
from kg.extraction.parallel.local import AHEAD

if TYPE_CHECKING:
    import distributed

CONNECTING, STARTING = 15.0, 60.0
"""Seconds to wait for the scheduler to answer, and for its first worker."""

WITHOUT_WORKERS = 60.0
"""Seconds that a cluster may be without any worker: those that died are started again in a few."""

_PATIENCE = 5.0
_LARGE = "distributed.admin.large-graph-warning-threshold"
_START_WORKERS = "start some: kg cluster worker ADDRESS"


# On a worker of the cluster -----------------------------------------------------------------------------------------

_kept: dict[tuple[str | None, float, str], Lanes] = {}
_keeping = threading.Lock()


def read(place: str, request: bytes, lexicon: str | None, limit: float, expected: wire.Version) -> bytes:
    """Do what a request asks for; what is wrong with this worker is a reply, too."""
    try:
        return _lanes(lexicon, limit, expected).read(place, request)
    except KgError as error:
        from distributed import get_worker

        return wire.failed(KgError(get_worker().address, error.problem, error.remedy))
    except ClosedError:
        raise RuntimeError("the worker is closing") from None


def release() -> None:
    """End the worker processes that have nothing to do."""
    with _keeping:
        kept = list(_kept.values())
    for lanes in kept:
        lanes.release()


def _lanes(lexicon: str | None, limit: float, expected: wire.Version) -> Lanes:
    key = lexicon, limit, repr(sorted(expected.items()))
    with _keeping:
        if key not in _kept:
            _kept[key] = Lanes(Path(lexicon) if lexicon else None, limit, expected)
        return _kept[key]


# In this program ----------------------------------------------------------------------------------------------------


class Cluster:
    """The workers of a Dask cluster, whoever started it."""

    def __init__(self, scheduler: str, lexicon: Path | None, limit: float, tls: Path | None = None) -> None:
        """Connect to a scheduler that has workers, or is about to.

        Raises
        ------
        KgError
            When the address is none, is not safe to use, or nobody answers there.
        """
        folder = keys.checked(scheduler, tls)
        try:
            import distributed
        except ImportError:
            raise KgError(scheduler, "reading on a cluster needs Dask, which is not installed", keys.INSTALL) from None
        self._place, self._limit = scheduler, limit
        self._lexicon = str(lexicon.resolve()) if lexicon else None
        self._version = versions.version(lexicon)
        self.open: set[Task] = set()
        security = keys.security(folder) if folder else None
        try:
            self._client = distributed.Client(
                scheduler, security=security, timeout=CONNECTING, set_as_default=False, name="drug-facts"
            )
        except (OSError, ValueError) as error:
            remedy = "start one (kg cluster scheduler); with tls://, name the keys that it was started with"
            raise KgError(scheduler, f"no scheduler can be reached ({_short(error)})", remedy) from None
        try:
            self._client.wait_for_workers(1, timeout=STARTING)
        except TimeoutError:
            self._client.close()
            raise KgError(scheduler, "the cluster has no workers", _START_WORKERS) from None
        except OSError as error:
            self._client.close()
            raise self._failed(error) from None
        with self._explained():
            self.ahead = AHEAD * max(8, sum(self._client.nthreads().values()))  # more workers may come

    def start(self, place: str, request: bytes) -> Task:
        """Hand a request to the cluster; `place` is what is left out when its worker dies."""
        task = Task(self, place, request)
        self.open.add(task)
        return task

    def submit(self, place: str, request: bytes) -> distributed.Future:
        """Send a request off."""
        import dask

        arguments = place, request, self._lexicon, self._limit, self._version
        with self._explained(), dask.config.set({_LARGE: "1 GB"}):  # a file of some megabytes is no mistake
            return self._client.submit(read, *arguments, pure=False)

    def wait(self, future: distributed.Future) -> bytes:
        """Wait for a reply, as long as there are workers; raise KilledWorker where those that read it all died."""
        with self._explained():
            self._until_done(future)
            reply: bytes = future.result()
        return reply

    def wait_for_others(self, task: Task) -> None:
        """Wait until nothing but this task is read."""
        with self._explained():
            for other in self.open - {task}:
                self._until_done(other.future)

    def forget(self, task: Task) -> None:
        """Forget a task that is done."""
        self.open.discard(task)

    def close(self) -> None:
        """Leave the cluster; what was not read is forgotten there, and no worker process of ours stays."""
        with suppress(Exception):  # a cluster that is gone needs no tidying up
            self._client.cancel([task.future for task in self.open])
            self._client.run(release, on_error="ignore")
        self._client.close()

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """Turn whatever a cluster may raise into one line; that the workers of a document died is for the caller."""
        from distributed.scheduler import KilledWorker

        try:
            yield
        except (KilledWorker, KgError):
            raise
        except Exception as error:  # noqa: BLE001 - these come from the network and from another program
            raise self._failed(error) from None

    def _failed(self, error: Exception) -> KgError:
        remedy = "see what it prints, and have the same release of drug-facts on each host"
        return KgError(self._place, f"the cluster failed ({_short(error)})", remedy)

    def _until_done(self, future: distributed.Future) -> None:
        without = None
        while not future.done():
            with suppress(TimeoutError):
                future.exception(timeout=_PATIENCE)
                continue
            if self._client.nthreads():
                without = None
                continue
            without = without or time.monotonic()
            if time.monotonic() - without > WITHOUT_WORKERS:
                raise KgError(self._place, "the cluster has no workers any more", _START_WORKERS)


class Task:
    """A request that the cluster has."""

    def __init__(self, cluster: Cluster, place: str, request: bytes) -> None:
        """Send it off."""
        self._cluster, self._place, self._request = cluster, place, request
        self.future = cluster.submit(place, request)

    def done(self) -> bool:
        """Tell whether the reply is there."""
        return bool(self.future.done())

    def result(self) -> bytes:
        """Wait for the reply.

        Where the cluster's own workers died of it, or of what they read at the same time, it is read once more alone.
        """
        from distributed.scheduler import KilledWorker

        try:
            with suppress(KilledWorker):
                return self._cluster.wait(self.future)
            self._cluster.wait_for_others(self)
            return self._cluster.wait(self._cluster.submit(self._place, self._request))
        except KilledWorker:
            problem = "the workers of the cluster that read it died, and again when nothing else was read"
            return wire.left_out(DocumentError(self._place, problem, REMEDY))
        finally:
            self._cluster.forget(self)


def _short(error: BaseException) -> str:
    """Say on one line what went wrong."""
    lines = str(error).strip().splitlines()
    return lines[0][:200] if lines else type(error).__name__
