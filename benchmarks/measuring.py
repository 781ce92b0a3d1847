"""What benchmarks share: processes of their own with the time and the memory that they took, middles, and tables.

Seconds are processor time (user and system) of a process with all that it started and waited for, so that other work on
the machine hardly counts; those by the clock stand beside them.
"""

from __future__ import annotations

import json
import math
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

ROOT = Path(__file__).resolve().parent.parent

_LAST = 4_000
"""Characters."""

T = TypeVar("T")


class Spent(NamedTuple):
    """What a process took: seconds of the processor and by the clock, most memory in MB, how it ended, its words.

    `err` are the last of those that it put beside its results.
    """

    processor: float
    clock: float
    memory: float
    status: int
    out: str
    err: str = ""


def spent(command: Sequence[str], limit: float | None = None) -> Spent:
    """Run a command in a process of its own, and say what that took; one that is over its limit is killed.

    Its memory is at least that of this process, of which it is a copy when it begins; those that measure themselves
    (`benchmarks.measures`) say their own.
    """
    bounded = [] if limit is None else ["timeout", "-s", "KILL", f"{limit:.0f}"]
    start = time.perf_counter()
    with tempfile.TemporaryFile("w+", encoding="utf-8") as out, tempfile.TemporaryFile("w+", encoding="utf-8") as err:
        process = subprocess.Popen([*bounded, *command], cwd=ROOT, stdout=out, stderr=err)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        err.seek(0)
        said, beside = out.read(), err.read()[-_LAST:]
    clock = time.perf_counter() - start
    return Spent(usage.ru_utime + usage.ru_stime, clock, usage.ru_maxrss / 1024, process.returncode, said, beside)


def command_line(*arguments: str | Path) -> list[str]:
    """Return the command that runs `kg` as it stands here."""
    return [sys.executable, "-m", "kg.cli", *map(str, arguments)]


def module(name: str, *arguments: str | Path) -> list[str]:
    """Return the command that runs a module of the benchmarks."""
    return [sys.executable, "-m", f"benchmarks.{name}", *map(str, arguments)]


def oxigraph() -> Path | None:
    """Return the server of the package `oxigraph`, if that is installed."""
    path = Path(sys.executable).with_name("oxigraph")
    return path if path.is_file() else None


def said(spent_: Spent) -> dict[str, Any]:
    """Return what a process said in its last line, which is JSON."""
    found: dict[str, Any] = json.loads(spent_.out.splitlines()[-1])
    return found


def timed(work: Callable[[], T]) -> tuple[T, float, float]:
    """Do some work here; return what it gives with its seconds: of the processor, and by the clock."""
    clock, start = time.perf_counter(), time.process_time()
    found = work()
    return found, time.process_time() - start, time.perf_counter() - clock


def milliseconds(work: Callable[[], object]) -> float:
    """Do some work here; return its milliseconds by the clock."""
    return timed(work)[2] * 1000


def peak() -> float:
    """Return the most memory that this process has had, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def held() -> float:
    """Return the memory that this process has now, in MB; Linux alone tells."""
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * resource.getpagesize() / 1e6


def part(values: Iterable[float], share: float) -> float:
    """Return the value below which a share of all values lies.

    >>> part([3, 1, 2, 4], 0.5), part([1], 0.95)
    (3, 1)
    """
    found = sorted(values)
    return found[min(len(found) - 1, int(len(found) * share))]


def exponent(points: Sequence[tuple[float, float]]) -> float:
    """Return the exponent of the power law that fits best: 1 is in proportion, 0 is the same at every size.

    >>> round(exponent([(10, 3.0), (100, 30.0), (1000, 300.0)]), 6), exponent([(10, 2.0), (100, 2.0)])
    (1.0, 0.0)
    """
    places, values = [math.log(x) for x, _ in points], [math.log(y) for _, y in points]
    return statistics.linear_regression(places, values).slope


def middle(runs: Sequence[float]) -> str:
    """Write the median with the least and the most.

    >>> middle([0.5, 0.25, 1.0]), middle([12.0])
    ('0.50 (0.25–1.0)', '12')
    """
    if len(runs) == 1:
        return figure(runs[0])
    return f"{figure(statistics.median(runs))} ({figure(min(runs))}–{figure(max(runs))})"


def figure(value: float) -> str:
    """Write a number with about two figures that mean something.

    >>> [figure(value) for value in (0.00034, 0.123, 1.26, 9.96, 45.6, 1234.5)]
    ['0.00034', '0.12', '1.3', '10', '46', '1,234']
    """
    if value >= 9.95:
        return f"{value:,.0f}"
    if value >= 1:
        return f"{value:.1f}"
    return f"{value:.2g}" if value < 0.1 else f"{value:.2f}"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Write a table in Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)
