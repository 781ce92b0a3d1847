"""`kg export`: a graph in the formats of others."""

from __future__ import annotations

import contextlib
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from kg import files
from kg.cli import graphs, screen
from kg.errors import GraphError, UnknownNameError
from kg.graph import terms

PACKAGED_NAME = "drug-facts"


def command(
    paths: Annotated[
        list[str],
        typer.Argument(
            metavar="[GRAPH] FOLDER",
            help="What to export (by default the packaged facts), and where to.",
        ),
    ],
    formats: Annotated[
        str,
        typer.Option(
            "--format",
            metavar="NAME,NAME",
            help="ttl trig nq jsonld rdf graphml csv safe-csv tsv kgx kgx-jsonl nanopub sssom fhir gexf cytoscape neo4j"
            " parquet ro-crate xlsx; of one thing: report svg png",
        ),
    ] = "ttl",
    about: Annotated[
        str, typer.Option("--about", metavar="NAME", help="What a report (a drug) or a picture (anything) is about.")
    ] = "",
    steps: Annotated[int, typer.Option("--steps", metavar="N", help="How far from it a picture goes.")] = 1,
    kinds: Annotated[
        str, typer.Option("--kinds", metavar="KIND,KIND", help="What a picture shows; by default all kinds of facts.")
    ] = "",
    nodes: Annotated[
        int | None, typer.Option("--nodes", metavar="N", help="The most nodes of a picture, by default 25.")
    ] = None,
    with_quotes: Annotated[
        bool,
        typer.Option("--with-quotes", help="Write the documents' sentences too, where their texts are at hand."),
    ] = False,
    documents: graphs.DocumentsOption = None,
) -> int:
    """Write a graph to a folder: a file for each format, or two where a format keeps nodes and edges apart.

    A report of one drug (one HTML file, to read and print) and a picture of what stands around something (svg, png)
    want --about NAME.
    """
    if len(paths) > 2:
        raise UnknownNameError(paths[2], "one graph and one folder are enough", "name [GRAPH] FOLDER")
    source, target = (paths[0], Path(paths[1])) if len(paths) == 2 else (None, Path(paths[0]))
    from kg import exports
    from kg.exports.asked import NODES, Asked

    chosen = [exports.find(name) for name in formats.split(",")]
    graph = graphs.open_graph(source, documents)
    stem = PACKAGED_NAME if source is None or terms.is_address(source) else Path(source).resolve().stem
    asked = Asked(
        about, steps=steps, kinds=tuple(filter(None, kinds.split(","))), nodes=NODES if nodes is None else nodes
    )
    stems = {form.name: f"{stem}.{_file_name(about)}" if form.is_about else stem for form in chosen}
    names = [path.name for form in chosen for path in form.paths(Path(stems[form.name] + form.suffix))]
    for name in names:
        files.check_name(name)
    with _folder(target) as aside:
        for form in chosen:
            path = aside / (stems[form.name] + form.suffix)
            exports.write(graph, path, form.name, with_quotes=with_quotes, asked=asked)
        for name in names:
            (aside / name).replace(target / name)
    for name in names:
        screen.note(str(target / name))
    return 0


def _file_name(name: str) -> str:
    """Return a name as a part of a file name, in letters and digits that every system takes.

    >>> _file_name("Klonopin"), _file_name("../a b"), _file_name("?")
    ('klonopin', 'a-b', 'unnamed')
    """
    return re.sub(r"[^a-z0-9]+", "-", name.casefold()).strip("-")[:60] or "unnamed"


@contextlib.contextmanager
def _folder(target: Path) -> Iterator[Path]:
    """Make the folder, and one inside it to write to first: the second format failing leaves no first one behind."""
    made = not target.exists()
    done = False
    try:
        target.mkdir(exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".export-", dir=target) as aside:
            yield Path(aside)
        done = True
    except OSError as error:
        reason = error.strerror or "cannot be written"
        raise GraphError(str(target), f"cannot be written ({reason})", "name a folder you may write") from None
    finally:
        if made and not done:
            with contextlib.suppress(OSError):
                target.rmdir()
