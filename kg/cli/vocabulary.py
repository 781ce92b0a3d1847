"""`kg vocabulary`: public vocabularies are compiled into a local lexicon that is used beside the package's own."""

from __future__ import annotations

import contextlib
import csv
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kg import cli
from kg.cli import screen
from kg.errors import KgError, VocabularyError

if TYPE_CHECKING:
    from kg.vocabulary.compiling import Dropped, Summary
    from kg.vocabulary.sources import Options, Source

FORMATS = ("table", "json")
_DROPPED = ("rule", "name", "concept", "label")

OutOption = Annotated[
    Path | None,
    typer.Option("--out", metavar="PATH", help="The lexicon's folder; by default KG_VOCABULARY, or your own."),
]

app = typer.Typer(help="Compile public vocabularies into a lexicon of your own.", no_args_is_help=True)


@app.command()
def add(
    files: Annotated[list[Path], typer.Argument(metavar="FILE", help="OBO, SKOS or OWL in RDF, TSV, CSV; or .gz.")],
    columns: Annotated[
        str, typer.Option(metavar="MAP", help='What is in which column: "id=code,label=name,synonyms=other names".')
    ] = "",
    type_: Annotated[str, typer.Option("--type", metavar="TYPE", help="What its concepts are: Condition, Drug …")] = "",
    types: Annotated[
        str, typer.Option(metavar="MAP", help='What the values of a type column mean: "disease=Condition,drug=Drug".')
    ] = "",
    prefix: Annotated[str, typer.Option(metavar="NAME", help="The prefix of identifiers that have none: mesh.")] = "",
    delimiter: Annotated[str, typer.Option(metavar="MARK", help="What separates columns; else guessed.")] = "",
    separator: Annotated[str, typer.Option(metavar="MARK", help="What separates the names in a cell.")] = "|",
    entities: Annotated[
        bool, typer.Option("--entities", help="Allow the entities that an OWL file in XML declares itself.")
    ] = False,
    out: OutOption = None,
    list_dropped: Annotated[
        Path | None, typer.Option(metavar="FILE.tsv", help="List each name that was dropped, and by which rule.")
    ] = None,
) -> int:
    """Compile files into a lexicon, together with those that it has; a file of the same name is replaced.

    Well-known files (MONDO, HPO, DOID, MeSH, DrugBank, ChEBI, UNII, Drugs@FDA, DrugCentral) need no options.
    Names that would be found where they do not belong ("all", "cold", two letters) are dropped by rule.
    """
    from kg import memory
    from kg.vocabulary import compiling, sources

    options = sources.Options(columns, type_, types, prefix, delimiter, separator if separator != "|" else "", entities)
    target = out or _target()
    with memory.uncollected():
        found, failed = _read(files, options)
        if not found:
            raise failed[0]
        _progress(f"compiling {screen.count(len(found), 'file')} …")
        with _listing(list_dropped) as listener:
            summary = compiling.add(found, target, listener)
    _progress("")
    _say(summary, target)
    for error in failed:
        screen.note(f"kg: left out: {error}")
    return cli.PROBLEMS if failed else cli.DONE


@app.command("list")
def list_(
    out: OutOption = None,
    output_format: Annotated[str, typer.Option("--format", metavar="|".join(FORMATS), help="How to print.")] = "table",
) -> int:
    """Show what a lexicon was compiled of."""
    screen.check_format(output_format, FORMATS)
    from kg.vocabulary import local

    target = out or _target()
    said = local.manifest(target)
    if output_format == "json":
        shown = {name: said[name] for name in ("concepts", "names", "dropped", "circles", "sources")}
        screen.write(screen.as_json("vocabulary list", {"path": str(target), **shown}))
        return cli.DONE
    columns = ("file", "vocabulary", "version", "concepts", "names", "sha256")
    rows = [
        [_cell(source[column])[:16] if column == "sha256" else _cell(source[column]) for column in columns]
        for source in said["sources"]
    ]
    screen.write(screen.table(columns, rows, screen.width()))
    screen.note(f"{target}: {screen.count(said['concepts'], 'concept')}, {screen.count(said['names'], 'name')}.")
    return cli.DONE


@app.command()
def remove(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The file's name, as `kg vocabulary list` shows it.")],
    out: OutOption = None,
) -> int:
    """Compile a lexicon again without one of its files."""
    from kg.vocabulary import compiling

    target = out or _target()
    _say(compiling.remove(name, target), target)
    return cli.DONE


@app.command()
def update(out: OutOption = None) -> int:
    """Compile a lexicon again from the files that it keeps, for instance after an upgrade of this package."""
    from kg.vocabulary import compiling

    target = out or _target()
    _say(compiling.write(compiling.read_sources(target), target), target)
    return cli.DONE


def _progress(line: str) -> None:
    """Say on a terminal what takes its time."""
    if screen.has_status_line():
        screen.status(line)


def _target() -> Path:
    """Return the lexicon that is meant where none is named."""
    from kg.vocabulary import local

    return local.named() or local.default()


def _read(files: list[Path], options: Options) -> tuple[list[Source], list[KgError]]:
    """Read the files; one that cannot be read costs itself only."""
    from kg.vocabulary import sources

    found: list[Source] = []
    failed: list[KgError] = []
    for path in files:
        _progress(f"reading {path.name} …")
        try:
            found.append(sources.read(path, options))
        except VocabularyError as error:
            failed.append(error)
    return found, failed


@contextlib.contextmanager
def _listing(path: Path | None) -> Iterator[Callable[[Dropped], None] | None]:
    """Write dropped names to a file as they come, where one is wanted."""
    if path is None:
        yield None
        return
    try:
        with path.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream, delimiter="\t", lineterminator="\n")
            writer.writerow(_DROPPED)
            yield lambda dropped: writer.writerow(map(screen.clean, dropped))
    except OSError as error:
        reason = error.strerror or "cannot be written"
        raise VocabularyError(str(path), f"cannot be written ({reason})", "name a file you may write") from None


def _say(summary: Summary, target: Path) -> None:
    """Say what was made, what was dropped by which rule, and which circles were cut."""
    for rule, number in summary.dropped.items():
        screen.note(f"dropped: {screen.count(number, 'name')}: {rule}")
    for narrow, broad in summary.circles[:3]:
        screen.note(f"cut: {narrow} is broader than {broad}, which is broader than it")
    if len(summary.circles) > 3:
        screen.note(f"cut: {len(summary.circles) - 3} more circles")
    counted = f"{screen.count(summary.concepts, 'concept')}, {screen.count(summary.surfaces, 'name')}"
    screen.note(f"{target}: {counted} from {screen.count(len(summary.sources), 'file')}.")


def _cell(value: object) -> str:
    return f"{value:,}" if isinstance(value, int) else str(value)
