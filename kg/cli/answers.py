"""Answers as people read them: documents numbered, names instead of IRIs, grouped by part and level."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from kg.cli import screen
from kg.graph import terms

if TYPE_CHECKING:
    from kg.graph.encode import Source

GROUPS = ("part", "kind", "level")
_FOR_PROGRAMS = ("fact", "rule")
_DEPTH = 2
_CLOSED = ("part", "kind", "level", "polarity", "match", "stage", "approval", "drug_class")
_SEVERAL = "; "
_AFFIRMED = "affirmed"


def used(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> set[str]:
    """Return the names of the documents that rows refer to."""
    at = [i for i, name in enumerate(columns) if name in ("documents", "document")]
    return {name for row in rows for i in at for name in row[i].split(_SEVERAL) if name}


def numbers(documents: Iterable[str]) -> dict[str, int]:
    """Number documents: a name of twenty characters in every line would leave no room for what is said."""
    return {name: number for number, name in enumerate(sorted(documents), 1)}


def table(columns: Sequence[str], rows: Sequence[Sequence[str]], numbered: Mapping[str, int], room: int) -> str:
    """Lay out the rows of a question of the catalogue."""
    shown = [i for i, name in enumerate(columns) if not _says_nothing(name, [row[i] for row in rows])]
    names = ["in" if numbered and columns[i] in ("documents", "document") else columns[i] for i in shown]
    cells = [[_cell(columns[i], row[i], numbered) for i in shown] for row in rows]
    groups = []
    for name in names[:_DEPTH]:
        if name not in GROUPS:
            break
        groups.append(name)
    return screen.table(names, cells, room, groups)


def own_table(columns: Sequence[str], rows: Sequence[Sequence[str]], room: int) -> str:
    """Lay out the rows of a user's own query: every column, IRIs as prefixed names."""
    return screen.table(columns, [[short(cell) for cell in row] for row in rows], room)


def legend(documents: Sequence[Source], numbered: Mapping[str, int], room: int) -> str:
    """Say how many of the documents say so, and list them behind their numbers."""
    titles = {document.name: document.title for document in documents}
    lines = [f"Stated in {len(numbered):,} of {screen.count(len(documents), 'document')}:"]
    for name, number in numbered.items():
        title = titles.get(name, name)
        lines.extend(screen.wrap(name if title == name else f"{name} ({title})", room, f"  [{number}] "))
    return "\n".join(lines) + "\n"


def short(text: str) -> str:
    """Return an IRI with its prefix, and anything else as it is.

    >>> short("https://w3id.org/drug-facts/concept/liver-disease")
    'concept:liver-disease'
    """
    for prefix, iri in terms.PREFIXES.items():
        if text.startswith(iri) and len(text) > len(iri) and "/" not in text[len(iri) :]:
            local = text[len(iri) :]
            return (
                f"{prefix}:{local[:12]}…"
                if len(local) == 64 and prefix in ("fact", "evidence")
                else f"{prefix}:{local}"
            )
    return text


def words(text: str) -> str:
    """Return a value of a closed list as words.

    >>> words("not_recommended")
    'not recommended'
    """
    return text.replace("_", " ")


def _says_nothing(name: str, values: Iterable[str]) -> bool:
    """Whether a column tells a reader nothing: IRIs of facts, rules, or the polarity where everything is affirmed."""
    if name == "polarity":
        return all(value == _AFFIRMED for value in values)
    return name in _FOR_PROGRAMS or any(value.startswith(terms.FACT) for value in values)


def _cell(column: str, value: str, numbered: Mapping[str, int]) -> str:
    if column in ("documents", "document", "source"):
        names = value.split(_SEVERAL)
        if all(name in numbered for name in names):
            return " ".join(f"[{numbered[name]}]" for name in names)
    return words(value) if column in _CLOSED else value
