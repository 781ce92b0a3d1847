"""What was said, as far as it is measured: statements from the extraction at hand, or from a file of `kg extract`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kg.errors import DocumentError
from kg.records import Statement

AFFIRMED = "affirmed"


@dataclass(frozen=True, slots=True)
class Said:
    """A statement for measuring: `start` and `end` of its quote, and those of its object (None where it has none)."""

    document: str
    kind: str
    polarity: str
    level: str | None
    start: int
    end: int
    quote: str | None
    object_start: int | None
    object_end: int | None

    def words_in(self, text: str) -> str | None:
        """Return the object's words in the document's text; None where quote or object do not fit it."""
        first, last = self.object_start, self.object_end
        if first is None or last is None or text[self.start : self.end] != self.quote:
            return None
        return text[first:last] if self.start <= first < last <= self.end else None


def of(statement: Statement) -> Said:
    """Reduce an extracted statement."""
    evidence = statement.evidence
    return Said(
        evidence.document, statement.kind, statement.polarity, statement.qualifiers.get("level"),
        *evidence.span, evidence.quote, *evidence.object_span,
    )  # fmt: skip


def read(path: Path) -> Iterator[Said]:
    """Read statements, one JSON object a line, as `kg extract --format jsonl` prints them.

    Raises
    ------
    DocumentError
        When a line is no such statement.
    """
    for place, entry in lines(path):
        try:
            what = entry["object"]
            yield Said(
                _text(entry["document"]), _text(entry["kind"]), _text(entry.get("polarity", AFFIRMED)),
                (entry.get("qualifiers") or {}).get("level"), _number(entry["start"]), _number(entry["end"]),
                entry.get("quote"), _number_or_none(what.get("start")), _number_or_none(what.get("end")),
            )  # fmt: skip
        except KeyError as error:
            raise DocumentError(place, f"no statement: {error.args[0]!r} is missing", _REMEDY) from None
        except (AttributeError, TypeError) as error:
            raise DocumentError(place, f"no statement: {error}", _REMEDY) from None


def lines(path: Path) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Read JSON objects, one a line: each with its place; blank lines are passed over.

    Raises
    ------
    DocumentError
        When the file cannot be read, or a line is no JSON object.
    """
    try:
        with path.open("rb") as stream:
            for number, line in enumerate(stream, 1):
                if line.strip():
                    yield f"{path}:{number}", _object(line, f"{path}:{number}")
    except OSError as error:
        raise DocumentError(str(path), f"cannot be read ({error.strerror})", "name a readable file") from None


_REMEDY = "give what `kg extract --format jsonl` prints"


def _object(line: bytes, place: str) -> Mapping[str, Any]:
    try:
        entry = json.loads(line)
    except (ValueError, RecursionError):
        entry = None
    if not isinstance(entry, dict):
        raise DocumentError(place, "no JSON object", "put one JSON object on each line")
    return entry


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is no text")
    return value


def _number(value: object) -> int:
    if not isinstance(value, int):
        raise TypeError(f"{value!r} is no offset")
    return value


def _number_or_none(value: object) -> int | None:
    return value if isinstance(value, int) else None
