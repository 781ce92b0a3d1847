"""The check queries of a large graph beside the other checks, on a second processor.

They only read the store, and hand back rows of strings. So the process is copied (which copies no memory until somebody
writes to it), the copy runs the queries, and its rows come back as lines of JSON. A process is copied only where that
is safe: it must have one thread. Wherever it is not, and whenever the copy fails, the queries run here.
"""

from __future__ import annotations

import contextlib
import functools
import json
import os
import signal
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pyoxigraph as ox

from kg.errors import KgError
from kg.validation import checks
from kg.validation.checks import Check, Row

LARGE = 30_000
"""Nodes from which a second process is worth its start."""

_THREADS = Path("/proc/self/task")
_END = "end"


@contextlib.contextmanager
def running(
    store: ox.Store, nodes: int, queries: tuple[Check, ...] | None = None, *, is_union: bool = False
) -> Iterator[Callable[[], list[Row]]]:
    """Run the check queries on a store of so many nodes, and give what waits for their rows.

    That raises QueryError where a query is malformed, and may be called once. `is_union` as in `checks.run`.
    """
    every = checks.catalogue() if queries is None else queries
    run = functools.partial(checks.run, store, is_union=is_union)
    if nodes < LARGE or not is_safe():
        yield lambda: list(run(every))
        return
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        os.close(reader)
        _run(run, every, writer)
    os.close(writer)
    with os.fdopen(reader, encoding="utf-8") as lines:

        def rows() -> list[Row]:
            found = _rows(lines, every)
            return list(run(every)) if found is None else found

        try:
            yield rows
        finally:
            os.kill(child, signal.SIGKILL)  # it came to its end, or nobody waits for it
            os.waitpid(child, 0)


def is_safe() -> bool:
    """Tell whether this process can be copied, and whether there is a second processor for the copy."""
    if sys.platform != "linux" or not _THREADS.is_dir():
        return False
    return len(os.listdir(_THREADS)) == 1 and len(os.sched_getaffinity(0)) > 1  # noqa: PTH208 - one number is wanted


def _run(run: Callable[[tuple[Check, ...]], Iterator[Row]], queries: tuple[Check, ...], writer: int) -> None:
    """Run the queries in the copy, which ends here whatever happens: nothing of it may go on to the caller."""
    try:
        with os.fdopen(writer, "w", encoding="utf-8") as out:
            for number, query in enumerate(queries):
                for row in run((query,)):
                    out.write(json.dumps([number, row.node, row.document, row.value]) + "\n")
            out.write(json.dumps(_END) + "\n")
    except (OSError, KgError, ValueError):
        os._exit(1)  # the other process runs the queries again, and says what is wrong
    finally:
        os._exit(0)


def _rows(lines: Iterable[str], queries: tuple[Check, ...]) -> list[Row] | None:
    """Read the rows of the copy; None where it did not come to its end."""
    found = [json.loads(line) for line in lines if line.endswith("\n")]
    if not found or found[-1] != _END:
        return None
    return [Row(queries[number], *texts) for number, *texts in found[:-1]]
