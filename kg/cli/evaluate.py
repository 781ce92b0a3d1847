"""`kg evaluate`: precision, recall and F1 of what is extracted, against what careful readers found."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kg import cli
from kg.cli import lexicons, progress, screen

if TYPE_CHECKING:
    from kg.evaluation import Score, labels, mentions
    from kg.evaluation.figures import Figures

FORMATS = ("table", "json")
ALL = "all"


def command(
    gold: Annotated[
        Path,
        typer.Argument(
            metavar="GOLD", help="A folder with documents/*.txt and spans.jsonl, or a file of gold on labels."
        ),
    ],
    statements: Annotated[
        Path | None,
        typer.Argument(metavar="STATEMENTS", help="What `kg extract` printed; without it, the documents are read."),
    ] = None,
    kind: Annotated[
        str | None, typer.Option(metavar="KIND", help="Measure this kind; by default a folder's most frequent one.")
    ] = None,
    errors: Annotated[
        int, typer.Option(metavar="N", min=0, help="Show so many of the most frequent misses and inventions.")
    ] = 0,
    labels: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="The openFDA files that gold on labels speaks of.")
    ] = None,
    drug: Annotated[str | None, typer.Option(metavar="NAME", help="The subject of documents that name none.")] = None,
    vocabulary: lexicons.LexiconOption = None,
    output_format: Annotated[str, typer.Option("--format", metavar="|".join(FORMATS), help="How to print.")] = "table",
    quiet: progress.QuietOption = False,
) -> int:
    """Measure extraction against gold; exit code 1 when an offset is broken or a document is left out."""
    screen.check_format(output_format, FORMATS)
    from kg import evaluation

    watch = progress.Watch(quiet=quiet)
    lexicon = lexicons.choose(vocabulary) if statements is None else None
    score = evaluation.evaluate(gold, statements, labels=labels, kind=kind, drug=drug, lexicon=lexicon, over=watch.over)
    as_json = output_format == "json"
    screen.write(screen.as_json("evaluate", _said(score, errors)) if as_json else _table(score, errors))
    for error in score.left_out:
        watch.leave_out(error)
    if statements is not None:
        watch.read = score.documents - len(score.left_out)
    return watch.close() or (cli.PROBLEMS if score.broken else cli.DONE)


def _table(score: Score, errors: int) -> str:
    from kg.evaluation import mentions

    return "".join(_mentions(score, errors) if isinstance(score, mentions.Score) else _labels(score, errors))


def _mentions(score: mentions.Score, errors: int) -> Iterator[str]:
    yield (
        f"{score.gold}: kind {score.kind}, {score.documents} documents, {score.statements} statements, "
        f"{score.broken} with broken offsets\n"
    )
    for name, figures in (("exact", score.exact), ("overlap", score.overlap)):
        precision, recall, f1 = _shares(figures)
        counts = f"(predicted {figures.predicted}, gold {figures.gold})"
        yield f"{name:8s} precision {precision}  recall {recall}  F1 {f1}  {counts}\n"
    yield from _lists(score, errors)


def _labels(score: labels.Score, errors: int) -> Iterator[str]:
    yield (
        f"{score.gold}: {screen.count(score.documents, 'label')}, "
        f"{screen.count(score.statements, 'statement')} in annotated sections, "
        f"{score.broken} with broken offsets\n"
    )
    rows = [
        [
            name.replace("_", " "),
            *_shares(part.figures),
            f"{part.figures.predicted}",
            f"{part.figures.gold}",
            f"{part.level_accuracy:.3f} ({part.levels_right}/{part.levels})" if part.levels else "",
        ]
        for name, part in {**score.kinds, ALL: score.all_kinds}.items()
    ]
    columns = ["kind", "precision", "recall", "F1", "predicted", "gold", "level right"]
    yield screen.table(columns, rows, screen.width())
    for name, part in score.kinds.items():
        yield from _lists(part, errors, f"{name.replace('_', ' ')} ")


def _shares(figures: Figures) -> list[str]:
    return [f"{share:.3f}" for share in (figures.precision, figures.recall, figures.f1)]


def _lists(score: mentions.Score | labels.KindScore, errors: int, before: str = "") -> Iterator[str]:
    """The most frequent misses and inventions, a line each, with the number of documents."""
    for name, found in (("missed", score.missed), ("invented", score.invented)):
        if errors:
            yield f"{before}{name}: " + "; ".join(f"{c.words} ({c.documents})" for c in found[:errors]) + "\n"


def _said(score: Score, errors: int) -> dict[str, object]:
    from kg.evaluation import mentions

    head = {"gold": score.gold, "documents": score.documents, "statements": score.statements, "broken": score.broken}
    if isinstance(score, mentions.Score):
        overlap = {"exact": _figures(score.exact), "overlap": _figures(score.overlap)}
        return {**head, "kind": score.kind, **overlap, **_counted(score, errors)}
    parts = {name: _part(part) | _counted(part, errors) for name, part in score.kinds.items()}
    return {**head, "kinds": parts, ALL: _part(score.all_kinds)}


def _part(part: labels.KindScore) -> dict[str, object]:
    level = {"levels": part.levels, "levels_right": part.levels_right}
    return {**_figures(part.figures), **level, "level_accuracy": part.level_accuracy if part.levels else None}


def _figures(figures: Figures) -> dict[str, object]:
    return {"precision": figures.precision, "recall": figures.recall, "f1": figures.f1, **dataclasses.asdict(figures)}


def _counted(score: mentions.Score | labels.KindScore, errors: int) -> dict[str, object]:
    lists = {"missed": score.missed, "invented": score.invented}
    return {name: [found._asdict() for found in counted[:errors]] for name, counted in lists.items() if errors}
