"""How soon `kg mcp` answers: `python -m benchmarks.assistants [GRAPH] [--repeats N]`.

A process is started as a client starts it, over standard input and output; seconds from there to its first message, to
the first answer of a tool, and the median of five more.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import time
from typing import IO, Any

CALLS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("cautions", {"drug": "clonazepam"}),
    ("cautions", {"drug": "clonazepan"}),
    ("facts_between", {"a": "clonazepam", "b": "liver disease"}),
    ("select", {"sparql": "SELECT ?fact { ?fact drugs:subject concept:clonazepam }"}),
)


def main() -> None:
    """Print a line for each call and repetition."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("graph", nargs="?")
    parser.add_argument("--repeats", type=int, default=3)
    chosen = parser.parse_args()
    for tool, arguments in CALLS:
        for _ in range(chosen.repeats):
            ready, first, later = measured([chosen.graph] if chosen.graph else [], tool, arguments)
            print(f"{tool} {arguments}: ready {ready:.2f} s, first answer {first:.2f} s, later {1_000 * later:.0f} ms")


def measured(place: list[str], tool: str, arguments: dict[str, Any]) -> tuple[float, float, float]:
    """Start the server and call a tool six times."""
    command = [sys.executable, "-m", "kg.cli", "mcp", *place]
    start = time.perf_counter()
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        if process.stdin is None or process.stdout is None:
            raise RuntimeError("the process has no input or output")
        hello = {
            "protocolVersion": "2025-06-18",
            "capabilities": {},
            "clientInfo": {"name": "benchmark", "version": "1"},
        }
        exchanged(process.stdin, process.stdout, 0, "initialize", hello)
        ready = time.perf_counter() - start
        process.stdin.write('{"jsonrpc": "2.0", "method": "notifications/initialized"}\n')
        times = []
        for number in range(1, 7):
            before = time.perf_counter()
            exchanged(process.stdin, process.stdout, number, "tools/call", {"name": tool, "arguments": arguments})
            times.append(time.perf_counter() - before)
        process.stdin.close()
        process.wait()
    return ready, ready + times[0], statistics.median(times[1:])


def exchanged(coming: IO[str], leaving: IO[str], number: int, method: str, params: dict[str, Any]) -> None:
    """Send a request, and wait for its answer.

    Raises
    ------
    RuntimeError
        When it is refused.
    """
    coming.write(json.dumps({"jsonrpc": "2.0", "id": number, "method": method, "params": params}) + "\n")
    coming.flush()
    while (said := json.loads(leaving.readline())).get("id") != number:
        pass
    if "result" not in said or said["result"].get("isError"):
        raise RuntimeError(f"{method}: {said}")


if __name__ == "__main__":
    main()
