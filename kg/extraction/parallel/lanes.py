"""Lanes: each is one worker process that reads one document at a time. A death costs one document, no more.

A pool that hands out many documents at once, as that of `concurrent.futures`, breaks as a whole when a process dies,
and nobody can tell which document it was. Here it is always the one that the worker had in hand.
"""

from __future__ import annotations

import contextlib
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from kg.errors import DocumentError, KgError
from kg.extraction.parallel import versions, wire, worker

LIMIT = 600.0
"""Seconds that one document may take: the largest label takes some ten."""

_START_LIMIT = 300.0
_STARTS = 3
REMEDY = "report it; the document is left out"


class DiedError(Exception):
    """A worker died: how."""


class LateError(DiedError):
    """A worker was ended because the time was over."""


class ClosedError(Exception):
    """The lanes were closed while a document was read."""


class Lane:
    """One worker process."""

    def __init__(self) -> None:
        """Start the process; it loads what it needs once it is told with what to read."""
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(worker.command(), stdin=pipe, stdout=pipe, **_apart())  # noqa: S603 - our own

    def load(self, lexicon: Path | None, expected: wire.Version) -> None:
        """Wait until the worker has loaded what it reads with, and compare that with what is wanted."""
        settings = wire.settings(lexicon)
        versions.check(wire.version_of(self.ask(settings, _START_LIMIT)), expected, "worker")

    def ask(self, request: bytes, limit: float) -> bytes:
        """Return the reply to a request.

        Raises
        ------
        DiedError
            When the worker died, or was ended because it took longer than `limit` seconds.
        """
        assert self.process.stdin is not None and self.process.stdout is not None  # noqa: S101 - pipes
        late = (
            threading.Event()
        )  # of this request: a timer that fires a moment too late must not be held against the next
        timer = threading.Timer(limit, self._end, (late,))
        timer.daemon = True
        timer.start()
        try:
            worker.write_frame(self.process.stdin, request)
            return worker.read_frame(self.process.stdout)
        except (OSError, ValueError, EOFError):
            self.process.kill()
            how = _how(self.process.wait())
            raise LateError(how) if late.is_set() else DiedError(how) from None
        finally:
            timer.cancel()

    def close(self) -> None:
        """End the worker at once, and leave nothing of it."""
        self.process.kill()
        for pipe in (self.process.stdin, self.process.stdout):
            with contextlib.suppress(OSError):  # what was never sent cannot be flushed
                if pipe is not None:
                    pipe.close()
        self.process.wait()

    def _end(self, late: threading.Event) -> None:
        late.set()
        self.process.kill()


class Lanes:
    """As many lanes as are asked of at the same time, for many threads; idle ones are used again."""

    def __init__(self, lexicon: Path | None, limit: float = LIMIT, expected: wire.Version | None = None) -> None:
        """Read with a lexicon, at most `limit` seconds a document; workers must be of the expected version."""
        self.lexicon, self.limit = lexicon, limit
        self._expected = expected or versions.version(lexicon)
        self._lock = threading.Lock()
        self._gate = Gate()
        self._idle: list[Lane] = []
        self._all: set[Lane] = set()
        self._closed = False

    def read(self, place: str, request: bytes) -> bytes:
        """Return the reply to a request; a worker's death is a reply, too: `place` is left out.

        Raises
        ------
        KgError
            When no worker can be started, or one reads with something else than this program.
        ClosedError
            When the lanes are closed.
        """
        try:
            with self._gate.among_others():
                return self._asked(request)
        except LateError:
            return wire.left_out(DocumentError(place, f"is not read after {self.limit:g} seconds", REMEDY))
        except DiedError:
            pass  # it may have been the memory that all together took: once more, alone
        try:
            with self._gate.alone():
                return self._asked(request)
        except LateError:
            return wire.left_out(DocumentError(place, f"is not read after {self.limit:g} seconds", REMEDY))
        except DiedError as death:
            problem = f"the worker that read it died ({death}), and again when nothing else was read"
            return wire.left_out(DocumentError(place, problem, REMEDY))

    def release(self) -> None:
        """End the workers that have nothing to do; others are started when there is something again."""
        with self._lock:
            idle, self._idle = self._idle, []
            self._all.difference_update(idle)
        for lane in idle:
            lane.close()

    def close(self) -> None:
        """End all workers at once; threads that wait for one get a ClosedError, and tidy up what is theirs."""
        with self._lock:
            self._closed = True
            for lane in self._all:
                lane.process.kill()
        self.release()

    def _asked(self, request: bytes) -> bytes:
        lane = self._take()
        try:
            reply = lane.ask(request, self.limit)
        except BaseException:
            self._drop(lane)
            if self._closed:
                raise ClosedError from None
            raise
        with self._lock:
            if not self._closed:
                self._idle.append(lane)
                return reply
        self._drop(lane)
        raise ClosedError

    def _take(self) -> Lane:
        """Take an idle lane, or start one: three times, for it may be ended by chance while it loads."""
        with self._lock:
            while self._idle:
                lane = self._idle.pop()
                if lane.process.poll() is None:
                    return lane
                self._all.discard(lane)
                lane.close()
        death = ""
        for _ in range(_STARTS):
            lane = self._started()
            try:
                lane.load(self.lexicon, self._expected)
            except DiedError as error:
                death = str(error)
                self._drop(lane)
            except BaseException:
                self._drop(lane)
                raise
            else:
                return lane
        if self._closed:
            raise ClosedError
        raise KgError("worker", f"dies before it reads anything ({death})", "read with --jobs 1 to see why")

    def _started(self) -> Lane:
        with self._lock:
            if self._closed:
                raise ClosedError
            try:
                lane = Lane()
            except OSError as error:
                raise KgError("worker", f"cannot be started ({error.strerror})", "read with fewer --jobs") from None
            self._all.add(lane)
            return lane

    def _drop(self, lane: Lane) -> None:
        with self._lock:
            self._all.discard(lane)
        lane.close()


class Gate:
    """Lets many in together, or one alone; who waits to be alone goes before those who come later."""

    def __init__(self) -> None:
        """Nobody is inside."""
        self._changed = threading.Condition()
        self._inside = self._waiting = 0
        self._taken = False

    @contextlib.contextmanager
    def among_others(self) -> Iterator[None]:
        """Be inside together with others."""
        with self._changed:
            self._changed.wait_for(lambda: not self._taken and not self._waiting)
            self._inside += 1
        try:
            yield
        finally:
            with self._changed:
                self._inside -= 1
                self._changed.notify_all()

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """Be inside with nobody else."""
        with self._changed:
            self._waiting += 1
            self._changed.wait_for(lambda: not self._taken and not self._inside)
            self._waiting -= 1
            self._taken = True
        try:
            yield
        finally:
            with self._changed:
                self._taken = False
                self._changed.notify_all()


def _apart() -> dict[str, Any]:
    """Put a worker into a group of its own: Ctrl-C in a terminal goes to this program alone, which ends its workers."""
    if sys.platform == "win32":
        return {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}
    return {"start_new_session": True}


def _how(code: int) -> str:
    """Say how a process ended, as far as its code tells."""
    if code < 0:
        with contextlib.suppress(ValueError):
            return signal.Signals(-code).name
    return f"exit code {code}"
