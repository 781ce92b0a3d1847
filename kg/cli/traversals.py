"""Results of traversals as people read them: rows under headings, documents numbered, quotes below, as in answers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Annotated

import typer

from kg.cli import answers, screen

if TYPE_CHECKING:
    from kg.api import Graph
    from kg.network.results import Result, Table
    from kg.network.view import Edge
    from kg.records import Evidence, Fact

QuotesOption = Annotated[
    int, typer.Option("--quotes", metavar="N", min=0, help="The most sentences shown below each row; 0 for none.")
]
LimitOption = Annotated[int | None, typer.Option("--limit", metavar="N", min=1, help="The most that is shown.")]

NOTHING_STATED = 1
"""The exit code where no document says anything of what was asked."""

_FIRST, _THEN = "  ", "    "

Told = tuple[list[str], str]
"""The headings that a row stands under, and the row in words."""

Tell = Callable[["Cells", "tuple[Edge, ...]", "Result"], Told]
"""How a row of a result is told: its cells, the facts behind it, and the result."""


class Cells(dict[str, str]):
    """The cells of a row by column, and what is shown of them."""

    def __init__(self, columns: Iterable[str], row: Iterable[str], numbered: Mapping[str, int]) -> None:
        """Keep a row, and the numbers of the documents."""
        super().__init__(zip(columns, row, strict=True))
        self._numbered = numbered

    def words(self, name: str) -> str:
        """Return a value of a closed list as words."""
        return answers.words(self[name])

    def level(self, name: str = "level") -> str:
        """Return levels as words in brackets, or nothing."""
        return f" ({self.words(name)})" if self[name] else ""

    def documents(self, name: str = "documents") -> str:
        """Return the numbers of the documents, a blank before them, or nothing."""
        return self.numbers(filter(None, self[name].split("; ")))

    def numbers(self, names: Iterable[str]) -> str:
        """Return the numbers of some documents, a blank before each."""
        return "".join(f" [{number}]" for number in sorted(self._numbered[document] for document in names))


def show(result: Result, graph: Graph, output_format: str, quotes: int, told: Tell, more: str) -> int:
    """Print a result; return 0, or 1 where nothing is stated. `more` says how to see what was cut."""
    if output_format == "json":
        screen.write(screen.as_json(result.to_dict()))
    else:
        table = result.rows()
        text = _csv(table) if output_format == "csv" else _page(result, table, graph, quotes, told, more)
        screen.write(text)
    if output_format != "table":
        cut = f" There is more than is shown: {more}." if result.truncated else ""
        screen.note(f"{result.summary}{cut} {screen.NOT_ADVICE}")
    return 0 if any(line.edges for line in result.lines()) else NOTHING_STATED


def _csv(table: Table) -> str:
    """The rows, and where each of them is said."""
    places = [
        "; ".join(sorted({f"{e.document}#char={e.span.start},{e.span.end}" for fact in facts for e in fact.evidence}))
        for facts in table.facts
    ]
    rows = [(*row, place) for row, place in zip(table.rows, places, strict=True)]
    return screen.as_csv((*table.columns, "places"), rows)


def _page(result: Result, table: Table, graph: Graph, quotes: int, told: Tell, more: str) -> str:
    room = screen.width()
    lines = [*screen.wrap(f"Understood as: {result.title}", room), *screen.wrap(result.summary, room)]
    if result.truncated:
        lines.extend(screen.wrap(f"There is more than is shown: {more}.", room))
    if table.rows:
        lines.append("")
    numbered = answers.numbers(result.stating)
    above: list[str] = []
    for line, facts in zip(result.lines(), table.facts, strict=True):
        headings, words = told(Cells(table.columns, line.cells, numbered), line.edges, result)
        lines.extend(screen.headings(above, headings, room))
        above = headings
        margin = _FIRST * len(headings)
        lines.extend(screen.wrap(words, room, margin, margin + _THEN))
        for number, quote in _quotes(facts, numbered, quotes):
            lines.extend(screen.wrap(quote, room, f"{margin}{_THEN}{number}"))
    if numbered:
        lines += ["", *answers.legend(graph.documents, numbered, room).splitlines()]
        if quotes and all(e.quote is None for facts in table.facts for fact in facts for e in fact.evidence):
            lines += ["", "(text not at hand: --documents FOLDER shows the sentences)"]
    return "\n".join([*lines, "", f"{screen.NOT_ADVICE}\n"])


def _quotes(facts: Iterable[Fact], numbered: Mapping[str, int], most: int) -> Iterator[tuple[str, str]]:
    """The first sentences of a row's facts, one of each fact before a second of any, each once; then how many more."""
    if not most:
        return
    ranked = sorted(
        ((place, order, evidence) for order, f in enumerate(facts) for place, evidence in enumerate(f.evidence)),
        key=lambda item: item[:2],
    )
    found: dict[tuple[object, ...], Evidence] = {}
    for _, _, evidence in ranked:
        found.setdefault((evidence.document, evidence.span), evidence)
    for evidence in list(found.values())[:most]:
        place = f"{evidence.span.start}–{evidence.span.end} “{evidence.object_text}”"
        under = f" (under “{evidence.heading_text}”)" if evidence.heading_text else ""
        yield f"[{numbered[evidence.document]}] ", place if evidence.quote is None else f"“{evidence.quote}”{under}"
    if len(found) > most:
        yield "", f"… and {len(found) - most:,} more"
