"""`kg check`: is a graph valid, and was everything in it looked at?"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from kg import cli
from kg.cli import graphs, screen
from kg.graph import terms

if TYPE_CHECKING:
    from kg.validation import Finding, Report

FORMATS = ("table", "json", "csv")
_COLUMNS = ("severity", "document", "fact", "problem", "remedy", "value", "source", "where")


def command(
    graph: Annotated[
        str | None,
        typer.Argument(
            metavar="GRAPH",
            help="A folder of facts, an RDF file, or a SPARQL server's address; by default the packaged facts.",
        ),
    ] = None,
    documents: graphs.DocumentsOption = None,
    output_format: screen.FormatOption = "table",
    validator: Annotated[
        str,
        typer.Option(
            "--validator",
            metavar="NAME",
            help="Who judges by the shapes: fast, pyshacl (the reference), or both, which compares the two.",
        ),
    ] = "fast",
    shapes: Annotated[bool, typer.Option("--shapes", help="Also say how many focus nodes each shape judged.")] = False,
) -> int:
    """Check a graph; exit code 1 when problems are found."""
    screen.check_format(output_format, FORMATS)
    from kg import resources, validation

    validation.known(validator)
    if graph is not None and terms.is_address(graph):
        from kg.graph.store import embedded

        # every triple is judged, so all are fetched first
        report = validation.check(embedded(graphs.open_graph(graph, None).store), documents, validator=validator)
    else:
        target = str(resources.folder("facts")) if graph is None else graph
        graphs.must_exist(target)
        report = validation.check(target, documents, validator=validator)
    shown = _RENDERERS[output_format](report)
    screen.write(shown)
    if shapes:
        for looked in report.judged:
            screen.note(f"{looked.focus_nodes:>10,}  {looked.shape}")
    screen.note(coverage(report))
    return cli.DONE if report.ok else cli.PROBLEMS


def as_table(report: Report) -> str:
    """Show the findings, each as a paragraph."""
    return "\n".join("\n".join(_lines(finding)) + "\n" for finding in report.findings)


def _lines(finding: Finding) -> list[str]:
    """A finding as a paragraph: what it is about, the problem, the remedy, and who says so."""
    about = " · ".join(filter(None, (finding.document, finding.fact))) or finding.where or "the whole graph"
    room = screen.width()
    problem = f"{finding.problem} [{finding.value}]" if finding.value else finding.problem
    lines = list(screen.wrap(f"{finding.severity}: {about}", room, rest="  "))
    for label, text in (
        ("problem", problem),
        ("remedy", finding.remedy),
        ("node", finding.where),
        ("by", finding.source),
    ):
        if text:
            lines.extend(screen.wrap(text, room, f"  {label:<8}"))
    return lines


def _json(report: Report) -> str:
    counts = {key: value for key, value in asdict(report).items() if key != "findings"}
    return screen.as_json("check", {"ok": report.ok, **counts, "findings": [asdict(f) for f in report.findings]})


def _csv(report: Report) -> str:
    return screen.as_csv(_COLUMNS, [[str(getattr(f, column)) for column in _COLUMNS] for f in report.findings])


_RENDERERS = {"table": as_table, "json": _json, "csv": _csv}


def coverage(report: Report) -> str:
    """Say what was looked at: a check that passes because it saw nothing would show here."""
    found = report.counts()
    counted = ", ".join(screen.count(number, severity) for severity, number in found.items())
    unchecked = f", {report.unchecked_quotes:,} unchecked (text not at hand: --documents FOLDER)"
    copies = f"; copies of {screen.count(report.unchecked_copies, 'document')} unchecked"
    return (
        f"{report.focus_nodes:,} of {report.fact_nodes:,} fact nodes are focus nodes; "
        f"{screen.count(report.checked_quotes, 'quote')} checked{unchecked if report.unchecked_quotes else ''}"
        f"{copies if report.unchecked_copies else ''}; "
        f"{_judged(report)}, {report.queries:,} check queries, "
        f"{screen.count(report.documents, 'document')}. {'Valid' if report.ok else 'Not valid'}: {counted}."
    )


def _judged(report: Report) -> str:
    """Who judged by the shapes, and how much each had to look at."""
    looked = [one.focus_nodes for one in report.judged]
    who = f"by {report.validator}" + (f" ({report.reason})" if report.reason else "")
    met = f"{sum(map(bool, looked)):,} of them met {screen.count(sum(looked), 'focus node')}"
    return f"{screen.count(report.shapes, 'shape')} judged {who}, {met}"
