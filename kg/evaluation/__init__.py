"""Evaluation: what is extracted is held against gold, what careful readers found in the same documents.

Gold is a folder of documents with marked mentions (`kg.evaluation.mentions`), or a file of lines that speak of
sections of drug labels (`kg.evaluation.labels`).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from kg.errors import DocumentError
from kg.evaluation import labels as label_gold
from kg.evaluation import mentions as mention_gold
from kg.evaluation import said
from kg.evaluation.said import Said
from kg.extraction import extract_documents, extract_files, read_files
from kg.records import Document, Reading

Results = Iterable[Reading | DocumentError]
Score = mention_gold.Score | label_gold.Score


def evaluate(
    gold: Path,
    statements: Path | None = None,
    *,
    labels: Path | None = None,
    kind: str | None = None,
    drug: str | None = None,
    lexicon: Path | None = None,
    over: Callable[[Results], Results] = iter,
) -> Score:
    """Hold statements against gold.

    Parameters
    ----------
    gold : Path
        A folder with `documents/*.txt` and `spans.jsonl`, or a file of gold lines on labels.
    statements : Path, optional
        What `kg extract --format jsonl` printed; without it, the documents are read here.
    labels : Path, optional
        The folder of openFDA files that gold on labels speaks of.
    kind : str, optional
        The kind to measure; by default the most frequent one of a folder, and all of gold on labels.
    drug : str, optional
        The subject of documents that name none.
    lexicon : Path, optional
        A compiled lexicon to read with beside the package's vocabulary.
    over : callable, optional
        Lets through what is read, one document at a time, for instance to show the progress.

    Raises
    ------
    DocumentError
        When the gold, the labels or the statements cannot be read, or do not belong together.
    UnknownNameError
        When the gold has no such kind.
    """
    if not gold.exists():
        raise DocumentError(str(gold), "no such file or folder", "check the path")
    if gold.is_dir():
        if labels is not None:
            raise DocumentError(str(gold), "this gold has texts of its own", "leave --labels out")
        return _on_mentions(
            gold, statements, kind, lambda: over(extract_files(mention_gold.paths(gold), drug, lexicon))
        )
    if labels is None:
        raise DocumentError(str(gold), "gold on labels needs their texts", "name the folder of openFDA files: --labels")
    return _on_labels(
        gold, labels, statements, kind, lambda documents: over(extract_documents(documents, drug, lexicon))
    )


def _on_mentions(
    gold: Path, statements: Path | None, kind: str | None, read: Callable[[], Results]
) -> mention_gold.Score:
    found = mention_gold.read(gold)
    kind = mention_gold.kind_of(found, kind)
    left_out: list[DocumentError] = []
    told = _told(statements, read, left_out)
    return dataclasses.replace(mention_gold.score(found, told, kind), left_out=tuple(left_out))


def _on_labels(
    gold: Path,
    folder: Path,
    statements: Path | None,
    kind: str | None,
    read: Callable[[Sequence[Document]], Results],
) -> label_gold.Score:
    labels = label_gold.read(gold, folder)
    kinds = label_gold.kinds_of(labels, kind)
    documents: list[Document] = []
    left_out: list[DocumentError] = []
    for result in _annotated(labels):
        if isinstance(result, Document):
            documents.append(result)
        else:
            left_out.append(result)
    told = _told(statements, lambda: read(documents), left_out)
    score = label_gold.score(gold.name, labels, documents, told, kinds)
    return dataclasses.replace(score, left_out=tuple(left_out))


def _told(statements: Path | None, read: Callable[[], Results], left_out: list[DocumentError]) -> Iterator[Said]:
    """What the file of statements says, or where there is none, what comes out of the documents."""
    if statements is not None:
        yield from said.read(statements)
        return
    for result in read():
        if isinstance(result, DocumentError):
            left_out.append(result)
        else:
            yield from map(said.of, result.statements)


def _annotated(labels: Iterable[label_gold.Label]) -> Iterator[Document | DocumentError]:
    """Read the labels that were annotated, as `kg extract` reads them; their files hold others too."""
    wanted = {label.set_id: label.path for label in labels}
    errors: list[DocumentError] = []
    for document in read_files(sorted(set(wanted.values()))):
        if isinstance(document, DocumentError):
            errors.append(document)
        elif wanted.pop(label_gold.set_id_of(document.name), None):
            yield document
    for set_id, path in wanted.items():
        mine = next((e for e in errors if set_id in str(e)), None)
        whole = next((e for e in errors if e.place == str(path)), None)
        yield mine or whole or DocumentError(f"{path}#{set_id}", "the label is not read", "see what `kg extract` says")
