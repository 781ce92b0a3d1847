"""`kg fit`: drugs compared for one patient, with the reason in every cell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from kg import cli
from kg.cli import answers, graphs, screen

if TYPE_CHECKING:
    from kg.care import FitTable


def command(
    drugs: Annotated[list[str], typer.Argument(metavar="DRUG", help="Drugs to compare: brand or generic, any case.")],
    patient: Annotated[
        list[str],
        typer.Option(
            "--patient", metavar="WHAT", help="A condition, a person, an activity, or a drug taken; may be repeated."
        ),
    ],
    graph: graphs.GraphOption = None,
    documents: graphs.DocumentsOption = None,
    output_format: screen.FormatOption = "table",
    show_all: Annotated[bool, typer.Option("--all", help="Show long answers in full.")] = False,
) -> int:
    """Compare drugs for a patient: what documents say of each with each thing; nothing stated is never safe."""
    screen.check_format(output_format, screen.ANSWER_FORMATS)
    opened = graphs.open_graph(graph, documents)
    found = opened.fit(drugs, patient)
    if output_format == "table":
        room = screen.width()
        head = "".join(f"{line}\n" for line in screen.wrap(found.summary, room))
        parts = answers.graded(found, opened, room, is_whole=show_all)
        screen.write("\n".join([head, *parts, f"{found.notice}\n"]))
    else:
        screen.write(screen.as_json("fit", found.to_dict()) if output_format == "json" else _csv(found))
        screen.note(f"{found.summary} {found.notice}")
    return 0 if any(cell.is_stated for row in found.rows for cell in row.cells) else cli.PROBLEMS


def _csv(found: FitTable) -> str:
    """A row for each cell."""
    from kg.questions import graded

    rows, facts = graded.fit_rows(found)
    places = [
        "; ".join(sorted({f"{e.document}#char={e.span.start},{e.span.end}" for fact in of for e in fact.evidence}))
        for of in facts
    ]
    return screen.as_csv((*rows.columns, "places"), [(*row, at) for row, at in zip(rows.rows, places, strict=True)])
