"""`kg export`: a graph in the formats of others."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from kg import files
from kg.cli import graphs, screen
from kg.errors import GraphError, UnknownNameError

PACKAGED_NAME = "drug-facts"


def command(
    paths: Annotated[
        list[Path],
        typer.Argument(metavar="[GRAPH] FOLDER", help="What to export (by default the packaged facts), and where to."),
    ],
    formats: Annotated[
        str,
        typer.Option(
            "--format",
            metavar="NAME,NAME",
            help="ttl trig nq jsonld rdf graphml csv safe-csv kgx kgx-jsonl nanopub sssom fhir gexf cytoscape neo4j"
            " parquet ro-crate xlsx",
        ),
    ] = "ttl",
    with_quotes: Annotated[
        bool,
        typer.Option("--with-quotes", help="Write the documents' sentences too, where their texts are at hand."),
    ] = False,
    documents: graphs.DocumentsOption = None,
) -> int:
    """Write a graph to a folder: a file for each format, or two where a format keeps nodes and edges apart."""
    if len(paths) > 2:
        raise UnknownNameError(str(paths[2]), "one graph and one folder are enough", "name [GRAPH] FOLDER")
    source, target = (paths[0], paths[1]) if len(paths) == 2 else (None, paths[0])
    from kg import exports

    chosen = [exports.find(name) for name in formats.split(",")]
    graph = graphs.open_graph(source, documents)
    stem = PACKAGED_NAME if source is None else source.resolve().stem
    names = [path.name for form in chosen for path in form.paths(Path(stem + form.suffix))]
    for name in names:
        files.check_name(name)
    with _folder(target) as aside:
        for form in chosen:
            exports.write(graph, aside / (stem + form.suffix), form.name, with_quotes=with_quotes)
        for name in names:
            (aside / name).replace(target / name)
    for name in names:
        screen.note(str(target / name))
    return 0


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
