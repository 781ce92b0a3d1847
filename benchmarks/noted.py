"""The file of figures: what was measured and with which program, and what that tells of sizes not measured yet."""

from __future__ import annotations

import functools
import hashlib
import json
import os
import platform
import statistics
from collections.abc import Iterator, Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

from benchmarks.measuring import ROOT

BASE = 40.0
"""MB that a process has before it does anything."""

_SHARE = 0.8
"""The share of the machine's memory that a run may be expected to need."""

_WITH = ("pyoxigraph", "rdflib", "pyshacl", "networkx")

Row = Mapping[str, Any]


@functools.cache
def program() -> str:
    """Return the SHA-256 of the program and of what measures it: figures of another one are not these."""
    found = hashlib.sha256()
    for folder in ("kg", "ontology", "queries", "benchmarks"):
        for path in sorted((ROOT / folder).rglob("*")):
            if path.is_file() and path.suffix != ".pyc":
                found.update(f"{path.relative_to(ROOT).as_posix()} {path.stat().st_size}\n".encode())
                found.update(path.read_bytes())
    return found.hexdigest()


class Figures:
    """The file; it is written after each run, so that what was broken off can be gone on with."""

    def __init__(self, path: Path) -> None:
        """Read it where it is there."""
        self._path = path
        self.said: dict[str, Any] = json.loads(path.read_bytes()) if path.is_file() else {"sizes": {}, "groups": []}
        self.said["with"] = {name: metadata.version(name) for name in _WITH}

    def size(self, size: str, about: Mapping[str, Any]) -> None:
        """Note how large a graph is."""
        self.said["sizes"][size] = dict(about)
        self._write()

    def row(self, group: str, size: str, name: str) -> Row | None:
        """Return a figure."""
        rows = (one for found, of, one in self._rows() if (found, of, one["name"]) == (group, size, name))
        return next(rows, None)

    def put(self, group: str, size: str, row: Row) -> None:
        """Note a figure, in the place of the one of the same name."""
        entries = self.said["groups"]
        found = next((one for one in entries if (one["group"], one["size"]) == (group, size)), None)
        if found is None:
            found = {"group": group, "size": size, "variants": []}
            entries.append(found)
        names = [one["name"] for one in found["variants"]]
        if row["name"] in names:
            found["variants"][names.index(row["name"])] = dict(row)
        else:
            found["variants"].append(dict(row))
        self._write()

    def keep(self, group: str, size: str, names: list[str]) -> None:
        """Leave out the figures of a group that are not measured any more, and put the others into their order."""
        for one in self.said["groups"]:
            if (one["group"], one["size"]) == (group, size):
                known = {row["name"]: row for row in one["variants"]}
                one["variants"] = [known[name] for name in names if name in known]
        self._write()

    def foreseen(self, name: str, triples: float) -> tuple[float, float] | None:
        """Return the seconds and the MB that something will take in proportion to the largest smaller size, if any."""
        sizes = self.said["sizes"]
        smaller = [
            (sizes[size]["triples"], row)
            for _, size, row in self._rows()
            if row["name"] == name and row["runs"] and size in sizes and sizes[size]["triples"] < triples
        ]
        if not smaller:
            return None
        most, row = max(smaller, key=lambda found: found[0])
        factor = triples / most
        return statistics.median(row["runs"]) * factor, BASE + max(row["memory"] - BASE, 0) * factor

    def too_much(self, name: str, triples: float, limit: float) -> str:
        """Say why something is not to be tried, "" if nothing speaks against it."""
        found = self.foreseen(name, triples)
        if found is None:
            return ""
        seconds, memory = found
        machine = memory_of_machine()
        if memory > _SHARE * machine:
            return f"needs about {memory / 1000:.0f} GB of memory; the machine has {machine / 1000:.0f}"
        return f"takes about {seconds / 60:.0f} minutes" if seconds > limit else ""

    def _rows(self) -> Iterator[tuple[str, str, Row]]:
        for one in self.said["groups"]:
            for row in one["variants"]:
                yield one["group"], one["size"], row

    def _write(self) -> None:
        self.said["machine"] = {
            "processors": os.cpu_count(),
            "python": platform.python_version(),
            "load": os.getloadavg()[2],
            "memory": round(memory_of_machine()),
        }
        self._path.write_text(json.dumps(self.said, indent=1, sort_keys=True) + "\n", "utf-8")


def memory_of_machine() -> float:
    """Return how much memory the machine has, in MB."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e6
