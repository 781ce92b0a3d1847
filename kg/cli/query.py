"""`kg query`: a question of the catalogue, or SPARQL of the user's own, over a graph."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from kg.cli import answers, graphs, screen
from kg.errors import QueryError

if TYPE_CHECKING:
    from kg.api import Graph
    from kg.questions.header import Question
    from kg.questions.run import Rows


def command(
    name: Annotated[
        str | None, typer.Argument(metavar="NAME|FILE.rq", help="A question (see --list), or a SPARQL file.")
    ] = None,
    drug: Annotated[str | None, typer.Option(metavar="NAME", help="The drug: brand or generic, any case.")] = None,
    condition: Annotated[str | None, typer.Option(metavar="NAME", help="The condition, effect or substance.")] = None,
    param: Annotated[
        list[str] | None, typer.Option(metavar="NAME=VALUE", help="Any other parameter; may be repeated.")
    ] = None,
    graph: graphs.GraphOption = None,
    output_format: screen.FormatOption = "table",
    show_list: Annotated[bool, typer.Option("--list", help="List the questions and their parameters.")] = False,
) -> int:
    """Answer a question of the catalogue, or your own SPARQL."""
    screen.check_format(output_format, screen.ANSWER_FORMATS)
    if show_list:
        _print_catalogue(output_format)
        return 0
    if name is None:
        raise QueryError("NAME", "no question is named", "see `kg query --list`, or name a .rq file")
    from kg.questions import run

    question = run.find(name)
    values = _parameters(param or [])
    values.update({key: value for key, value in _named(question, drug, condition) if value is not None})
    opened = graphs.open_graph(graph, None)
    rows = run.run(opened.store, question, values, names=opened.names)
    if output_format == "table":
        screen.write(_page(question, values, rows, opened))
        return 0
    if output_format == "json":
        screen.write(screen.as_json("query", _said(question, values, rows)))
    else:
        screen.write(screen.as_csv(rows.columns, rows.rows))
    if rows.truncated:
        screen.note(_cut(rows))
    screen.note(screen.NOT_ADVICE)
    return 0


def _page(question: Question, values: dict[str, str], rows: Rows, graph: Graph) -> str:
    from kg.questions import header

    room = screen.width()
    asked = ", ".join(f"{key}: {value}" for key, value in values.items())
    title = question.title or question.name
    parts = ["\n".join(screen.wrap(f"{title} ({asked})" if asked else title, room)) + "\n"]
    # The catalogue of documents shows their names; everywhere else numbers stand for them.
    is_about_documents = "title" in rows.columns
    numbered = {} if is_about_documents else answers.numbers(answers.used(rows.columns, rows.rows))
    if not len(rows):
        parts.append(f"Not stated in any of {screen.count(len(graph.documents), 'document')}.\n")
    elif question.name in header.catalogue() and question.columns:
        parts.append(answers.table(rows.columns, rows.rows, numbered, room))
        if numbered:
            parts.append(answers.legend(graph.documents, numbered, room))
    else:
        parts.append(answers.own_table(rows.columns, rows.rows, room))
    if rows.truncated:
        parts.append(f"{_cut(rows)}\n")
    return "\n".join([*parts, f"{screen.NOT_ADVICE}\n"])


def _cut(rows: Rows) -> str:
    return f"There are more rows than these {len(rows):,}."


def _named(question: Question, drug: str | None, condition: str | None) -> Iterator[tuple[str, str | None]]:
    """The options that stand for parameters: --condition is the question's parameter that is no drug."""
    yield "drug", drug
    entities = [p.name for p in question.parameters if p.type == "Entity"]
    yield entities[0] if len(entities) == 1 else "condition", condition


def _parameters(pairs: list[str]) -> dict[str, str]:
    values: dict[str, str] = {}
    for pair in pairs:
        name, mark, value = pair.partition("=")
        if not mark or not name.strip():
            raise QueryError("--param", f"{pair!r} is no parameter", "write NAME=VALUE")
        values[name.strip()] = value.strip()
    return values


def _print_catalogue(output_format: str) -> None:
    from kg.questions import header

    questions: list[Question] = [header.question(name) for name in header.catalogue()]
    columns = ("question", "parameters", "title")
    rows = [(q.name, " ".join(f"{p.name}={_quoted(p.example)}" for p in q.parameters), q.title) for q in questions]
    if output_format == "json":
        screen.write(screen.as_json("query --list", {"questions": list(map(header.described, questions))}))
    elif output_format == "csv":
        screen.write(screen.as_csv(columns, rows))
    else:
        screen.write(screen.table(columns, rows, screen.width()))


def _said(question: Question, values: dict[str, str], rows: Rows) -> dict[str, object]:
    about = {"question": question.name, "title": question.title, "parameters": values}
    return {**about, "columns": list(rows.columns), "rows": rows.to_dicts()}


def _quoted(example: str) -> str:
    return f'"{example}"' if " " in example else example
