"""The check queries: every `queries/checks/*.rq` runs on the graph, and each row it gives is a problem.

A check starts with a header, and names the node of a problem `?node`; `?document` and `?value` are shown where given::

    # title: An affirmed fact lacks its short edge
    # why: Whoever walks the graph by its edges would miss what the document says.
    # severity: violation
    # remedy: Add the edge, or build the facts again.
    # columns: node document value
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox

from kg import resources
from kg.errors import QueryError
from kg.graph import terms
from kg.validation.findings import VIOLATION, WARNING

_KEYS = ("title", "why", "severity", "remedy", "columns")
_LINE = re.compile(r"#\s*(\w+):\s*(.*\S)\s*")
_COLUMNS = frozenset({"node", "document", "value"})


@dataclass(frozen=True, slots=True)
class Check:
    """A check query: its name, what it says about each row, and its SPARQL."""

    name: str
    title: str
    why: str
    severity: str
    remedy: str
    columns: tuple[str, ...]
    sparql: str


@dataclass(frozen=True, slots=True)
class Row:
    """One problem that a check query found."""

    check: Check
    node: str
    document: str = ""
    value: str = ""


def parse(text: str, place: str) -> Check:
    """Read a check query with its header.

    Raises
    ------
    QueryError
        When a line of the header is missing or wrong.
    """
    said: dict[str, str] = {}
    for line in text.splitlines():
        if not line.startswith("#"):
            break
        match = _LINE.fullmatch(line)
        if match is None or match[1] not in _KEYS or match[1] in said:
            raise QueryError(
                place, f"the header line {line!r} is none of a check", f"write {', '.join(_KEYS)}, each once"
            )
        said[match[1]] = match[2]
    for key in _KEYS:
        if key not in said:
            raise QueryError(place, f"the header has no {key}", f"add a line `# {key}: ...` at the top")
    columns = tuple(said["columns"].split())
    if said["severity"] not in (VIOLATION, WARNING) or "node" not in columns or not _COLUMNS.issuperset(columns):
        raise QueryError(
            place, "the header has a wrong severity or columns", "use violation or warning, and node document value"
        )
    return Check(Path(place).stem, said["title"], said["why"], said["severity"], said["remedy"], columns, text)


@functools.cache
def catalogue() -> tuple[Check, ...]:
    """Return the checks that come with the package, by name."""
    return tuple(parse(p.read_text(encoding="utf-8"), p.name) for p in resources.files("queries", "checks/*.rq"))


def run(store: ox.Store, checks: tuple[Check, ...] | None = None, *, is_union: bool = False) -> Iterator[Row]:
    """Run the checks on a store; they see the union of its graphs as the default graph, if that is not one already."""
    for check in catalogue() if checks is None else checks:
        try:
            solutions = store.query(check.sparql, prefixes=terms.PREFIXES, use_default_graph_as_union=not is_union)
        except SyntaxError as error:
            raise QueryError(f"{check.name}.rq", f"not SPARQL ({error})", "mend the line it names") from None
        if not isinstance(solutions, ox.QuerySolutions):
            raise QueryError(f"{check.name}.rq", "is no SELECT query", "select node, document and value")
        for solution in solutions:
            yield Row(check, **{column: _text(solution[column]) for column in check.columns})


def _text(term: object) -> str:
    return "" if term is None else str(getattr(term, "value", term))
