"""Results that say themselves what they found: a sentence, rows, and the facts behind each row."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Protocol

from kg.cli import answers, screen
from kg.results import plain

if TYPE_CHECKING:
    from kg.graph.encode import Source
    from kg.records import Evidence, Fact

Rows = tuple[tuple[str, ...], tuple[tuple[str, ...], ...], tuple[tuple["Fact", ...], ...]]


class Result(Protocol):
    """What can be shown."""

    @property
    def summary(self) -> str:
        """One sentence."""

    @property
    def truncated(self) -> bool:
        """Whether something was cut off."""

    def rows(self) -> Rows:
        """Return columns, rows, and the facts behind each row."""


def show(result: Result, output_format: str, documents: Iterable[Source], command: str) -> None:
    """Print a result as a table with the documents numbered, as JSON with the evidence, or as CSV."""
    columns, rows, facts = result.rows()
    if output_format == "table":
        room = screen.width()
        numbered = answers.numbers(answers.used(columns, rows))
        parts = ["".join(f"{line}\n" for line in screen.wrap(result.summary, room))]
        if rows:
            parts.append(answers.table(columns, rows, numbered, room))
        if numbered:
            parts.append(answers.sources(documents, numbered, room))
        screen.write("\n".join([*parts, f"{screen.NOT_ADVICE}\n"]))
        return
    if output_format == "csv":
        places = ["; ".join(sorted({_place(e) for fact in told for e in fact.evidence})) for told in facts]
        told_rows = [(*row, place) for row, place in zip(rows, places, strict=True)]
        screen.write(screen.as_csv((*columns, "places"), told_rows))
    else:
        said = plain.evidenced(result.summary, result.truncated, columns, rows, facts)
        screen.write(screen.as_json(command, said))
    screen.note(f"{result.summary} {screen.NOT_ADVICE}")


def _place(evidence: Evidence) -> str:
    return f"{evidence.document}#char={evidence.span.start},{evidence.span.end}"
