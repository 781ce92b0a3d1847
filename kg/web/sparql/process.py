"""One worker process as the server sees it: started, asked, and ended."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import kg
from kg.web.context import Settings
from kg.web.sparql import worker

_START = 60.0
"""Seconds within which a worker must be ready, on a machine that has much else to do."""

_LONGEST_HEAD = 1_000_000
_LOOK = 0.1
"""Seconds after which a waiting server looks whether the time that is left has changed."""


class Overdue(Exception):  # noqa: N818 - it is no error of the program
    """A worker has not answered in time."""


class Ended(Exception):  # noqa: N818 - as above
    """A worker is gone; `signal` is the number of what ended it, 0 where it left by itself."""

    def __init__(self, signal: int, reason: str) -> None:
        super().__init__(reason)
        self.signal = signal


class Process:
    """A worker. It is asked by one thread at a time; any thread may end it."""

    def __init__(self, data: Path, settings: Settings) -> None:
        self.isolated = self.bounded = False
        self._answer_bytes = settings.answer_bytes
        self._lock = threading.Lock()
        limits = {
            "data": str(data),
            "timeout": settings.timeout,
            "memory": settings.memory,
            "rows": settings.rows,
            "answer_bytes": settings.answer_bytes,
        }
        ours, theirs = socket.socketpair()
        with theirs:
            self._socket = ours
            self._process: subprocess.Popen[bytes] = subprocess.Popen(  # noqa: S603 - our own module, started with our own arguments
                [sys.executable, "-P", "-m", worker.__name__, json.dumps(limits)],
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env=_environment(),
                start_new_session=True,  # Ctrl-C is for the server, which ends its workers
            )

    @property
    def pid(self) -> int:
        """The number of the process."""
        return self._process.pid

    def runs(self) -> bool:
        """Tell whether the process has not ended."""
        with self._lock:
            return self._process.poll() is None

    def wait_until_ready(self) -> None:
        """Wait until it has opened the store.

        Raises
        ------
        Ended, Overdue
            When it cannot, or not in time.
        """
        end = time.monotonic() + _START
        head, _ = self._receive(lambda: end)
        if not head["ok"]:
            raise Ended(0, str(head["problem"]))
        self.isolated, self.bounded = bool(head["isolated"]), bool(head["bounded"])

    def ask(self, asked: dict[str, Any], end: Callable[[], float]) -> tuple[dict[str, Any], bytes]:
        """Send a query and wait for its answer, until the moment that `end` gives, which may change while it waits.

        Raises
        ------
        Ended, Overdue
            When there is none; the worker can then only be ended.
        """
        try:
            self._socket.settimeout(max(_LOOK, end() - time.monotonic()))
            worker.send(self._socket, asked)
        except TimeoutError:
            raise Overdue from None
        except OSError:
            raise self._ended() from None
        return self._receive(end)

    def end(self) -> None:
        """End the process if it still runs; may be called by any thread, and more than once."""
        with self._lock:
            self._process.kill()
            self._process.wait()
            self._socket.close()

    def _receive(self, end: Callable[[], float]) -> tuple[dict[str, Any], bytes]:
        sizes = worker.HEAD.unpack(self._exactly(worker.HEAD.size, end))
        if sizes[0] > _LONGEST_HEAD or sizes[1] > self._answer_bytes:
            raise Ended(0, "it sent more than it may")
        head, body = (self._exactly(size, end) for size in sizes)
        return json.loads(head), body

    def _exactly(self, size: int, end: Callable[[], float]) -> bytes:
        parts = bytearray(size)
        view, have = memoryview(parts), 0
        while have < size:
            left = end() - time.monotonic()
            if left <= 0:
                raise Overdue
            try:
                self._socket.settimeout(min(_LOOK, left))
                came = self._socket.recv_into(view[have:])
            except TimeoutError:
                continue
            except OSError:
                raise self._ended() from None
            if not came:
                raise self._ended()
            have += came
        return bytes(parts)

    def _ended(self) -> Ended:
        try:
            code = self._process.wait(1)
        except subprocess.TimeoutExpired:
            code = 0
        return Ended(max(0, -code), f"its process ended with code {code}")


def _environment() -> dict[str, str]:
    """Return what a worker is told of its surroundings: where this package is, and nothing that could be a secret."""
    place = str(Path(kg.__file__).resolve().parents[1])
    kept = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT", "LD_LIBRARY_PATH") if name in os.environ}
    return {**kept, "PYTHONPATH": place, "PYTHONUTF8": "1"}
