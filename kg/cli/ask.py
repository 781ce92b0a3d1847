"""`kg ask`: a question in plain words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from kg import cli
from kg.cli import answers, graphs, screen

if TYPE_CHECKING:
    from kg.questions.answer import Answer


def command(
    question: Annotated[
        list[str] | None,
        typer.Argument(metavar="QUESTION", help="In plain words, quoted or not; none lists forms."),
    ] = None,
    graph: graphs.GraphOption = None,
    documents: graphs.DocumentsOption = None,
    output_format: screen.FormatOption = "table",
    show_all: Annotated[bool, typer.Option("--all", help="Show long answers in full.")] = False,
    list_forms: Annotated[bool, typer.Option("--forms", help="List what can be asked.")] = False,
) -> int:
    """Answer a question in plain words from what documents say.

    Exit codes: 0 something is stated (or denied, or something related is), 1 nothing is stated, 2 not understood.
    """
    screen.check_format(output_format, screen.ANSWER_FORMATS)
    if list_forms or not question:
        screen.write(_forms())
        return cli.DONE
    opened = graphs.open_graph(graph, documents)
    answer = opened.ask(" ".join(question))
    if output_format == "table":
        screen.write(answers.page(answer, opened, screen.width(), is_whole=show_all))
    else:
        screen.write(screen.as_json("ask", answer.to_dict()) if output_format == "json" else _csv(answer))
        screen.note(f"{answer.summary} {answer.notice}")
    return cli.DONE if answer.is_found else cli.PROBLEMS


def _forms() -> str:
    """What can be asked, by groups; one line for each form, whatever its wording."""
    from kg.questions import ask

    groups = ("\n".join([group, *(f"  {line}" for line in lines)]) for group, lines in ask.can_be_asked())
    return "\n\n".join(groups) + "\n"


def _csv(answer: Answer) -> str:
    """The rows, and where each of them is said."""
    places = [
        "; ".join(sorted({f"{e.document}#char={e.span.start},{e.span.end}" for fact in facts for e in fact.evidence}))
        for facts in answer.facts
    ]
    rows = [(*row, place) for row, place in zip(answer.rows.rows, places, strict=True)]
    return screen.as_csv((*answer.columns, "places"), rows)
