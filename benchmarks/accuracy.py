"""Accuracy of extraction, as rows for the README: pages, single sentences, gold of mentions, gold on drug labels.

    python -m benchmarks.accuracy [pages] [sentences] [mentions] [labels] [--untouched] [--errors N]

`pages`: the five pages on clonazepam and the project's own; those of `development` and `other_kinds` were looked at
while the tables were written, those of the folders called `held_out` were not. `sentences`: single ones, each in
another construction. `mentions`: each gold folder of `../shared/gold`, as `kg evaluate` measures it. `labels`: what
careful readers found in openFDA labels; those of `untouched` are measured only when asked for.
What is not at hand is left out, and said so.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

from kg import evaluation, reading
from kg.errors import DocumentError
from kg.evaluation import labels, mentions
from kg.evaluation.figures import Counted, Figures
from kg.extraction import extractor
from kg.records import Document, Statement
from tests import scoring

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"
GOLD = ROOT / "tests" / "gold"
UNTOUCHED = "untouched"


def pages(errors: int) -> Iterator[str]:
    """Rows for the pages of which all kinds of statements were annotated."""
    yield "| pages | found | of these right | qualifiers right |"
    yield "| --- | --- | --- | --- |"
    scores = {}
    five = SHARED / "documents"
    if five.is_dir():
        gold = scoring.page_expectation(GOLD / "clonazepam_pages.jsonl")
        documents = [scoring.document_of(path) for path in reading.find([five])]
        predicted = [scoring.from_record(s) for d in documents for s in extractor().extract(d)]
        scores["the five pages on clonazepam"] = scoring.score([i for p in gold.values() for i in p.items], predicted)
    for folder in scoring.FOLDERS:
        paths = sorted(p for p in (ROOT / "tests/documents" / folder).iterdir() if p.suffix in (".txt", ".md"))
        expected = [item for path in paths for item in scoring.own_expectation(path)]
        predicted = [scoring.from_record(s) for p in paths for s in extractor().extract(scoring.document_of(p))]
        scores[f"{len(paths)} own pages, {folder.replace('_', ' ')}"] = scoring.score(expected, predicted)
    for name, score in scores.items():
        yield (
            f"| {name} | {score.recall:.3f} ({score.found}/{score.expected}) "
            f"| {score.precision:.3f} ({score.right}/{score.predicted}) | {score.qualifiers:.3f} |"
        )
    if not five.is_dir():
        yield f"\nnot at hand: {five}"
    if errors:
        for score in scores.values():
            yield from map(str, (*score.missed, *score.invented))


def sentences(errors: int) -> Iterator[str]:
    """Rows for single sentences, each in another construction; of the untouched ones only totals are ever shown."""
    yield "| sentences | found | of these right | qualifiers right |"
    yield "| --- | --- | --- | --- |"
    for path in sorted((ROOT / "tests/sentences").glob("*.tsv")):
        documents, expected = scoring.worded(path)
        predicted = [scoring.from_record(s) for document in documents for s in _said(document)]
        score = scoring.score(expected, predicted)
        name = path.stem.replace("_", ", ")
        yield (
            f"| {len(documents)} of {name} | {score.recall:.3f} ({score.found}/{score.expected}) "
            f"| {score.precision:.3f} ({score.right}/{score.predicted}) | {score.qualifiers:.3f} |"
        )
        if errors and not path.stem.endswith(UNTOUCHED):
            yield from map(str, (*score.missed, *score.invented)[:errors])


def _said(document: Document) -> list[Statement]:
    try:
        return extractor().extract(document)
    except DocumentError:  # a sentence of a drug that nothing makes known
        return []


def mention_gold(errors: int) -> Iterator[str]:
    """Rows for the gold folders, and what is missed and invented most."""
    folders = sorted(path.parent for path in (SHARED / "gold").glob("*/spans.jsonl"))
    if not folders:
        yield f"not at hand: {SHARED / 'gold'}"
        return
    yield "| gold | kind | exact: precision | recall | F1 | overlap: precision | recall | F1 |"
    yield "| --- | --- | --- | --- | --- | --- | --- | --- |"
    scores = []
    measured = (evaluation.evaluate(folder) for folder in folders)
    for score in (s for s in measured if isinstance(s, mentions.Score)):
        scores.append(score)
        broken = f", {score.broken} broken" if score.broken else ""
        name = f"{score.gold} ({score.documents} documents{broken}{_left_out(score)})"
        yield f"| {name} | {score.kind} | {_shares(score.exact)} | {_shares(score.overlap)} |"
    for score in scores:
        yield from _lists(score.gold, score.missed, score.invented, errors)


def label_gold(errors: int, untouched: bool) -> Iterator[str]:
    """Rows for each kind in the labels that were annotated."""
    folder = SHARED / "labels"
    paths = [path for path in sorted((GOLD / "labels").glob("*.jsonl")) if untouched or path.stem != UNTOUCHED]
    if not folder.is_dir() or not paths:
        yield f"not at hand: {folder}, or gold on it"
        return
    yield "| labels | kind | precision | recall | F1 | level right |"
    yield "| --- | --- | --- | --- | --- | --- |"
    lists: list[str] = []
    measured = (evaluation.evaluate(path, labels=folder) for path in paths)
    for score in (s for s in measured if isinstance(s, labels.Score)):
        broken = f", {score.broken} broken" if score.broken else ""
        name = f"{score.gold.removesuffix('.jsonl')} ({score.documents} labels{broken}{_left_out(score)})"
        for kind, part in {**score.kinds, "all": score.all_kinds}.items():
            level = f"{part.level_accuracy:.3f} ({part.levels_right}/{part.levels})" if part.levels else ""
            yield f"| {name} | {kind} | {_shares(part.figures)} | {level} |"
            lists.extend(_lists(f"{score.gold}, {kind}", part.missed, part.invented, errors))
    yield from lists


def _shares(figures: Figures) -> str:
    return f"{figures.precision:.3f} | {figures.recall:.3f} | {figures.f1:.3f}"


def _left_out(score: evaluation.Score) -> str:
    return f", {len(score.left_out)} of them left out" if score.left_out else ""


def _lists(name: str, missed: tuple[Counted, ...], invented: tuple[Counted, ...], errors: int) -> Iterator[str]:
    for what, found in (("missed", missed), ("invented", invented)):
        if errors and found:
            yield f"\n{name}, {what}: " + "; ".join(f"{c.words} ({c.documents})" for c in found[:errors])


def main() -> None:
    """Print a Markdown table for each part, row by row as they are measured."""
    parts = {
        "pages": lambda: pages(options.errors),
        "sentences": lambda: sentences(options.errors),
        "mentions": lambda: mention_gold(options.errors),
        "labels": lambda: label_gold(options.errors, options.untouched),
    }
    parser = argparse.ArgumentParser(description="Accuracy of extraction, as rows for the README.")
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"what to measure: {' '.join(parts)} (default: all)")
    parser.add_argument("--untouched", action="store_true", help="measure the labels that nobody tunes on, too")
    parser.add_argument("--errors", type=int, default=0, metavar="N", help="list that many misses and inventions")
    options = parser.parse_args()
    unknown = sorted(set(options.parts) - set(parts))
    if unknown:
        parser.error(f"no part {unknown[0]!r}: use {' '.join(parts)}")
    for name in options.parts or parts:
        for line in parts[name]():
            print(line, flush=True)
        print()


if __name__ == "__main__":
    main()
