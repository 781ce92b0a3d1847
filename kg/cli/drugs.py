"""`kg drugs`: several drugs side by side, by what documents say of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, cast

import typer

from kg.cli import answers, graphs, screen, traversals
from kg.cli.traversals import Cells, Told

if TYPE_CHECKING:
    from kg.network.results import Result
    from kg.network.risks import SharedRisks
    from kg.network.view import Edge
    from kg.records import Entity

app = typer.Typer(
    name="drugs",
    help="Several drugs side by side: shared risks, interactions, alternatives, likeness, classes.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
Drug = Annotated[str, typer.Argument(metavar="DRUG", help="Brand or generic, any case.")]
_MORE = "--limit N shows more"


@app.command("shared")
def shared(
    a: Drug,
    b: Annotated[str, typer.Argument(metavar="DRUG", help="Another one.")],
    limit: traversals.LimitOption = None,
    quotes: traversals.QuotesOption = 2,
    graph: graphs.GraphOption = None,
    documents: graphs.DocumentsOption = None,
    output_format: screen.FormatOption = "table",
) -> int:
    """Show the risks that two drugs share, the level of each, and which documents say so."""
    screen.check_format(output_format, screen.ANSWER_FORMATS)
    opened = graphs.open_graph(graph, documents)
    result = opened.shared_risks(a, b, limit=limit or 30)
    return traversals.show(result, opened, output_format, quotes, _shared, _MORE, "drugs shared")


@app.command("interactions")
def interactions(
    drugs: Annotated[list[str], typer.Argument(metavar="DRUG...", help="The drugs that are taken.")],
    add: Annotated[
        list[str] | None, typer.Option(metavar="DRUG", help="What if this one were added? May be repeated.")
    ] = None,
    limit: traversals.LimitOption = None,
    quotes: traversals.QuotesOption = 2,
    graph: graphs.GraphOption = None,
    documents: graphs.DocumentsOption = None,
    output_format: screen.FormatOption = "table",
) -> int:
    """Show what documents say of drugs taken together, pair by pair: by name, by class, and serious effects of both."""
    screen.check_format(output_format, screen.ANSWER_FORMATS)
    opened = graphs.open_graph(graph, documents)
    result = opened.interactions_among(drugs, add, limit=limit or 500)
    return traversals.show(result, opened, output_format, quotes, _interaction, _MORE, "drugs interactions")


@app.command("alternatives")
def alternatives(
    drug: Drug,
    for_: Annotated[str | None, typer.Option("--for", metavar="NAME", help="The condition it is used for.")] = None,
    avoiding: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="What it must not cause, or what the patient has or takes; repeatable."),
    ] = None,
    limit: traversals.LimitOption = None,
    quotes: traversals.QuotesOption = 2,
    graph: graphs.GraphOption = None,
    documents: graphs.DocumentsOption = None,
    output_format: screen.FormatOption = "table",
) -> int:
    """Show what may take the place of a drug, and what documents say of what is to be avoided."""
    screen.check_format(output_format, screen.ANSWER_FORMATS)
    opened = graphs.open_graph(graph, documents)
    result = opened.alternatives_to(drug, for_, avoiding or (), limit=limit or 20)
    return traversals.show(result, opened, output_format, quotes, _alternative, _MORE, "drugs alternatives")


@app.command("alike")
def alike(
    drug: Drug,
    limit: traversals.LimitOption = None,
    quotes: traversals.QuotesOption = 0,
    graph: graphs.GraphOption = None,
    documents: graphs.DocumentsOption = None,
    output_format: screen.FormatOption = "table",
) -> int:
    """Show the drugs that are most alike by what documents say, and what they share that few others have."""
    screen.check_format(output_format, screen.ANSWER_FORMATS)
    opened = graphs.open_graph(graph, documents)
    result = opened.alike(drug, limit or 10)
    return traversals.show(result, opened, output_format, quotes, _alike, _MORE, "drugs alike")


@app.command("class")
def class_(
    name: Annotated[str, typer.Argument(metavar="CLASS", help="A class of drugs.")],
    share: Annotated[float, typer.Option(metavar="PART", help="The part of its drugs that must share it.")] = 0.8,
    limit: traversals.LimitOption = None,
    quotes: traversals.QuotesOption = 0,
    graph: graphs.GraphOption = None,
    documents: graphs.DocumentsOption = None,
    output_format: screen.FormatOption = "table",
) -> int:
    """Show what the drugs of a class share by what documents say, and which of them differ."""
    screen.check_format(output_format, screen.ANSWER_FORMATS)
    opened = graphs.open_graph(graph, documents)
    result = opened.class_pattern(name, share, limit=limit or 100)
    return traversals.show(result, opened, output_format, quotes, _pattern, _MORE, "drugs class")


def _shared(row: Cells, edges: tuple[Edge, ...], result: Result) -> Told:
    asked = cast("SharedRisks", result)
    of = "; ".join(_by_level(row, entity, edges) for entity in (asked.first, asked.second))
    denied = f"; denied in{row.documents('denied_in')}" if row["denied_in"] else ""
    if row["match"] == "same":
        return [row["part"]], f"{row['first']}: {of}{denied}"
    weaker = f"weaker match: {row['first']} is {row['match']} than {row['second']}"
    return [row["part"]], f"{weaker}: {of}{denied}"


def _by_level(row: Cells, drug: Entity, edges: tuple[Edge, ...]) -> str:
    """The levels that are stated of a drug, the severest first as the facts are, each with who says it."""
    found: dict[str, set[str]] = {}
    for edge in edges:
        if edge.subject == drug.iri and edge.carries:
            found.setdefault(edge.level or "", set()).update(edge.documents)
    levels = (f"{answers.words(level)}{row.numbers(names)}" for level, names in found.items())
    return f"{drug.label} {', '.join(levels).strip()}"


def _interaction(row: Cells, _edges: tuple[Edge, ...], _: Result) -> Told:
    if not row["subject"]:
        return [row["part"]], f"{row['how']} (which does not mean that they do not interact)"
    via = f", as {row['via']}" if row["via"] else ""
    more = f" ({row.words('qualifiers')})" if row["qualifiers"] else ""
    ends = row["object"] if row["subject"] == "both" else f"{row['subject']} with {row['object']}{via}"
    level = row.level() or ("" if row["how"] in ("both may cause", "denied") else " (no level given)")
    return [row["part"]], f"{row['how']}{level}: {ends}{more}{row.documents()}"


def _alternative(row: Cells, _edges: tuple[Edge, ...], _: Result) -> Told:
    if not row["avoided"]:
        return [row["part"], row["drug"]], f"{row['why']}{row.documents()}"
    return [row["part"], row["drug"]], f"{row['avoided']}: {row['verdict']}{row.level()}{row.documents()}"


def _alike(row: Cells, _edges: tuple[Edge, ...], _: Result) -> Told:
    common = screen.count(int(row["in_common"]), "fact")
    heading = f"{row['drug']}: likeness {row['likeness']}, {common} in common, of those that few have:"
    return [heading], f"{row.words('kind')}: {row['object']} (weight {row['weight']}){row.documents()}"


def _pattern(row: Cells, _edges: tuple[Edge, ...], _: Result) -> Told:
    differ = [
        f"{words} {row[name]}"
        for name, words in (
            ("other_level", "other level:"),
            ("denied_of", "denied of"),
            ("related_of", "something narrower or wider of"),
            ("not_stated_of", "not stated of"),
        )
        if row[name]
    ]
    of_class = ", stated of the class too" if row["of_class"] else ""
    said = f"{row['object']}{row.level()}: {row['members']}{of_class}"
    return [row.words("kind")], ". ".join((said, *differ)).replace("_", " ") + row.documents()
