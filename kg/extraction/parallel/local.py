"""Reading on this machine: some threads, each of which waits for a worker process of its own."""

from __future__ import annotations

import queue
import threading
from concurrent.futures import Future
from pathlib import Path

from kg.extraction.parallel.lanes import Lanes

AHEAD = 4
"""How many documents are on their way for each worker: enough that none waits, and little memory."""


class Local:
    """A number of worker processes, started when there is something to read."""

    def __init__(self, jobs: int, lexicon: Path | None, limit: float) -> None:
        """Read with so many processes, at most `limit` seconds a document."""
        self.ahead = jobs * AHEAD
        self._jobs = jobs
        self._lanes = Lanes(lexicon, limit)
        self._requests: queue.SimpleQueue[tuple[Future[bytes], str, bytes] | None] = queue.SimpleQueue()
        self._threads: list[threading.Thread] = []

    def start(self, place: str, request: bytes) -> Future[bytes]:
        """Put a request in line; `place` is what is left out when its worker dies."""
        if len(self._threads) < self._jobs:
            # Daemons: should nobody close this, the program ends all the same, and its workers with it.
            thread = threading.Thread(target=self._serve, daemon=True)
            thread.start()
            self._threads.append(thread)
        future: Future[bytes] = Future()
        self._requests.put((future, place, request))
        return future

    def close(self) -> None:
        """End all workers at once; what was not read is forgotten."""
        self._lanes.close()
        for _ in self._threads:
            self._requests.put(None)
        for thread in self._threads:
            thread.join()

    def _serve(self) -> None:
        while (task := self._requests.get()) is not None:
            future, place, request = task
            try:
                future.set_result(self._lanes.read(place, request))
            except BaseException as error:  # noqa: BLE001 - raised where the result is waited for
                future.set_exception(error)
