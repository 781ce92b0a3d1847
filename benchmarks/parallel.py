"""Measure what more processes gain: `python -m benchmarks.parallel PATH… [--jobs 1 2] [--repeats N]`.

Each run is a `kg extract` of its own, from its start to its end, in turn with the others, so that whatever else happens
on the machine happens to all of them. "Work" is the processor time of a run with all its workers: what sharing adds to
it does not depend on how busy the machine is. On a cluster the work is done elsewhere, and not counted.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

WANTED_RATIO = 1.6
"""Times as many documents a second with two processes as with one, on a machine with two idle processors."""

WANTED_WORK = 1.25
"""Times the work of one process, at most, for some hundred documents: each worker loads for itself what it needs."""


class Run(NamedTuple):
    """One run: seconds until the first document is there, seconds in all, processor seconds in all, documents."""

    first: float
    seconds: float
    work: float
    documents: int


def run(paths: list[Path], options: list[str]) -> Run:
    """Read documents once."""
    command = [sys.executable, "-m", "kg.cli", "extract", "--format", "table", *map(str, paths), *options]
    start, first = time.perf_counter(), 0.0
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None and process.stderr is not None  # noqa: S101 - for the type checker
        for _ in process.stdout:
            first = first or time.perf_counter() - start
        counted = process.stderr.read()
        _, status, usage = os.wait4(process.pid, 0)  # with the workers, which the process has waited for
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, 1):
        raise SystemExit(counted)
    documents = int(counted.split(" statements in ")[1].split(" document")[0].replace(",", ""))
    return Run(first, time.perf_counter() - start, usage.ru_utime + usage.ru_stime, documents)


def main() -> int:
    """Print a line for each number of processes; 1 when sharing adds too much work."""
    parser = argparse.ArgumentParser(description="What more processes gain.")
    parser.add_argument("paths", nargs="+", type=Path, metavar="PATH")
    parser.add_argument("--jobs", type=int, nargs="+", default=[1, 2], metavar="N")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--scheduler", metavar="ADDRESS", help="read on a cluster, too")
    options = parser.parse_args()
    ways = {f"{jobs}": ["--jobs", str(jobs)] for jobs in options.jobs}
    if options.scheduler:
        ways["cluster"] = ["--scheduler", options.scheduler]
    runs: dict[str, list[Run]] = {name: [] for name in ways}
    for _ in range(options.repeats):
        for name, arguments in ways.items():
            runs[name].append(run(options.paths, arguments))
    base = runs[next(iter(ways))]
    print(f"{base[0].documents} documents, medians of {options.repeats}; load now {os.getloadavg()[0]:.1f}\n")
    print("| processes | documents/s | times the first | first after, s | work, s | times the first's work |")
    print("| --- | --- | --- | --- | --- | --- |")
    added = 0.0
    for name, found in runs.items():
        speed = statistics.median(r.documents / r.seconds for r in found)
        ratio = statistics.median(one.seconds / r.seconds for one, r in zip(base, found, strict=True))
        first, work = statistics.median(r.first for r in found), statistics.median(r.work for r in found)
        more = work / statistics.median(r.work for r in base)
        added = max(added, more)
        print(f"| {name} | {speed:.1f} | {ratio:.2f} | {first:.2f} | {work:.1f} | {more:.2f} |")
    print(f"\nwanted: {WANTED_RATIO} times with 2 on idle processors; at most {WANTED_WORK} times the work")
    return int(added > WANTED_WORK)


if __name__ == "__main__":
    sys.exit(main())
