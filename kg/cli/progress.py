"""Documents on their way: how far the reading is, on a terminal, and at the end what was left out and why."""

from __future__ import annotations

import gc
import sys
import time
from collections.abc import Iterable, Iterator
from typing import Annotated

import typer

from kg import cli
from kg.cli import screen
from kg.errors import DocumentError
from kg.records import Reading

QuietOption = Annotated[bool, typer.Option("--quiet", "-q", help="Show no progress on a terminal.")]

LISTED = 20
"""How many documents that were left out for the same reason are named; the others are counted."""

_INTERVAL = 0.1

_SELDOM = 50_000, 50, 50
"""When cycles of objects are looked for: reading makes hardly any, and the search took a tenth of its time."""


class Watch:
    """Lets readings through one at a time, counts them, and keeps the errors for the end.

    Of the documents nothing is kept but their number and size, of the errors their lines: a run over any number of
    documents takes the memory of one.
    """

    def __init__(self, *, quiet: bool = False) -> None:
        """Count from now on; the progress is shown where stderr is a terminal, unless `quiet`."""
        self.read = 0
        self.left_out = 0
        self._bytes = 0
        self._first: str | None = None
        self._reasons: dict[str, list[str]] = {}
        self._more: dict[str, int] = {}
        self._shown = not quiet and screen.has_status_line()
        self._start = self._drawn = time.monotonic()

    def over(self, results: Iterable[Reading | DocumentError]) -> Iterator[Reading]:
        """Hand on what was read, one at a time."""
        thresholds = gc.get_threshold()
        try:
            for number, result in enumerate(results):
                if not number:  # vocabulary, tables and models are loaded, and stay
                    gc.freeze()
                    gc.set_threshold(*_SELDOM)
                self._clear()
                if isinstance(result, DocumentError):
                    self.leave_out(result)
                    continue
                self.read += 1
                if self._shown:
                    self._bytes += len(result.document.text.encode(errors="replace"))
                yield result
                self._draw()
        finally:
            gc.unfreeze()
            gc.set_threshold(*thresholds)
            self._clear(always=True)

    def unchanged(self) -> None:
        """Count a document that was taken over from an earlier build."""
        self.read += 1
        self._draw()

    def leave_out(self, error: DocumentError) -> None:
        """Keep the line of an error, or count it where its reason has been named often enough."""
        self.left_out += 1
        self._first = self._first or str(error)
        reason = f"{error.problem}; {error.remedy}"
        lines = self._reasons.setdefault(reason, [])
        if len(lines) < LISTED:
            lines.append(str(error))
        else:
            self._more[reason] = self._more.get(reason, 0) + 1

    def close(self) -> int:
        """Say how many documents were read and what was left out; return the exit code.

        It is 0 when all were read, 1 when some were left out, 2 when there is nothing else.
        """
        if self._shown and self.read:
            screen.note(self._progress())
        if not self.left_out:
            return cli.DONE
        if not self.read and self.left_out == 1:
            screen.note(f"kg: {self._first}")
            return cli.CANNOT
        for reason, lines in self._reasons.items():
            for line in lines:
                screen.note(f"kg: left out: {line}")
            if reason in self._more:
                screen.note(f"kg: left out: {self._more[reason]:,} more: {reason}")
        read = f"{screen.count(self.read, 'document')} read" if self.read else "no document can be read"
        screen.note(f"kg: {read}, {self.left_out:,} left out")
        return cli.PROBLEMS if self.read else cli.CANNOT

    def _draw(self) -> None:
        now = time.monotonic()
        if self._shown and now - self._drawn >= _INTERVAL:
            self._drawn = now
            screen.status(self._progress())

    def _clear(self, *, always: bool = False) -> None:
        """Take the progress line away before anything is printed on the same terminal."""
        if self._shown and (always or screen.is_terminal(sys.stdout)):
            screen.status("")

    def _progress(self) -> str:
        seconds = max(time.monotonic() - self._start, 0.001)
        megabytes = self._bytes / 1_000_000
        return f"{screen.count(self.read, 'document')}, {megabytes:.1f} MB, {megabytes / seconds:.2f} MB/s"
