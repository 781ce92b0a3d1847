"""Building: documents become a folder of facts, canonical and whole: the same documents give the same bytes."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from kg import assembly, decisions, derivation, files
from kg.agreement import copies
from kg.derivation import encode as conclusions
from kg.errors import DocumentError, GraphError
from kg.graph import dataset, disk, encode, turtle
from kg.graph.store import (
    CONCEPTS_FILE,
    DATASET_FILE,
    DERIVED_FILE,
    DOCUMENTS_FILE,
    STATEMENTS_FOLDER,
    TEXTS_FOLDER,
    file_name,
)
from kg.records import Derived, Document, Fact, Reading, Statement
from kg.vocabulary import Vocabulary
from kg.vocabulary.format import declared_prefixes

DECISIONS_FILE = "decisions.tsv"
_WRITTEN = frozenset(
    (
        DOCUMENTS_FILE,
        CONCEPTS_FILE,
        DERIVED_FILE,
        DATASET_FILE,
        STATEMENTS_FOLDER,
        TEXTS_FOLDER,
        disk.MANIFEST_FILE,
        disk.STORE_FOLDER,
    )
)
COMMENT = "Written by `kg build`. Information about documents, not medical advice. CC0 1.0."


@dataclass(frozen=True, slots=True)
class Build:
    """What came out of documents: the facts, the documents with their texts, what was left out with the reason, and
    what follows from the facts."""

    facts: tuple[Fact, ...]
    documents: tuple[Document, ...]
    left_out: tuple[DocumentError, ...] = ()
    vocabulary: Vocabulary | None = None
    derived: tuple[Derived, ...] = ()


def build(
    paths: Iterable[Path | str] | Path | str,
    *,
    drug: str | None = None,
    decisions_file: Path | None = None,
    lexicon: Path | None = None,
) -> Build:
    """Read documents and put together what they say; `drug` names the subject of documents that name none.

    `lexicon` is a compiled one that is used beside the package's vocabulary.

    Raises
    ------
    DocumentError
        When a path is missing, no document at all can be read, or a decision matches nothing.
    VocabularyError
        When there is no such lexicon, or it cannot be read.
    """
    from kg.extraction import extract_files, extractor

    places = [Path(p) for p in ([paths] if isinstance(paths, str | Path) else paths)]
    vocabulary = extractor(lexicon).vocabulary
    result = collect(extract_files(places, drug, lexicon), decisions_file, vocabulary)
    if not result.documents:
        raise result.left_out[0]
    return result


def collect(
    readings: Iterable[Reading | DocumentError],
    decisions_file: Path | None = None,
    vocabulary: Vocabulary | None = None,
) -> Build:
    """Put together what documents say, as they come; where none comes, there is nothing to decide on.

    `vocabulary` is the one that they were read with, by default that of the package.

    Raises
    ------
    DocumentError
        When a decision matches nothing.
    """
    decided = decisions.read(decisions_file) if decisions_file is not None else []
    documents: list[Document] = []
    statements: list[Statement] = []
    left_out: list[DocumentError] = []
    for result in readings:
        if isinstance(result, DocumentError):
            left_out.append(result)
        else:
            documents.append(result.document)
            statements += result.statements
    documents.sort(key=lambda document: document.name)
    if decided and documents:
        statements = decisions.apply(statements, decided, documents, vocabulary)
    facts = tuple(assembly.assemble(statements, vocabulary))
    return Build(facts, tuple(documents), tuple(left_out), vocabulary, derivation.derive(facts, vocabulary))


def write_facts(result: Build, folder: Path, *, with_texts: bool) -> None:
    """Write a folder of facts as a whole or not at all; with the texts, answers from it show quotes and come quickly.

    Beside the texts stands a store that is ready to be asked (`kg.graph.disk`): facts alone are for being kept.

    What else is in the folder (licence, decisions) stays; what `kg build` wrote before goes.

    Raises
    ------
    GraphError
        When the folder holds something else than facts, or cannot be written; it is untouched then.
    """
    target = folder.resolve()
    if target.exists() and not _is_ours(target):
        raise GraphError(str(folder), "exists and is no folder of facts", "name a new folder")
    aside = None
    try:
        aside = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))
        fresh = aside / "new"
        fresh.mkdir()
        if target.exists():
            _copy_others(target, fresh)
        _write(result, fresh, with_texts)
        if with_texts:
            disk.write(fresh)
        files.exchange(target, fresh, aside / "old")
    except OSError as error:
        reason = error.strerror or "cannot be written"
        raise GraphError(str(folder), f"cannot be written ({reason})", "name a folder you may write") from None
    finally:
        if aside is not None:
            shutil.rmtree(aside, ignore_errors=True)


def _is_ours(target: Path) -> bool:
    if not target.is_dir():
        return False
    marks = (DOCUMENTS_FILE, STATEMENTS_FOLDER, DECISIONS_FILE)
    return not any(target.iterdir()) or any((target / mark).exists() for mark in marks)


def _copy_others(target: Path, fresh: Path) -> None:
    for item in sorted(target.iterdir()):
        if item.name in _WRITTEN:
            continue
        if item.is_dir() and not item.is_symlink():
            shutil.copytree(item, fresh / item.name, symlinks=True)
        else:
            shutil.copy2(item, fresh / item.name, follow_symlinks=False)


def _write(result: Build, fresh: Path, with_texts: bool) -> None:
    sources = copies.described(result.documents, result.facts)
    files.write_bytes(fresh / DOCUMENTS_FILE, turtle.write(encode.sources(sources), COMMENT))
    described = list(encode.concepts(result.facts, result.vocabulary))
    if described:
        prefixes = declared_prefixes()
        files.write_bytes(fresh / CONCEPTS_FILE, turtle.write(described, COMMENT, prefixes))
    if result.derived:
        files.write_bytes(
            fresh / DERIVED_FILE, turtle.write(conclusions.triples(result.derived, result.vocabulary), COMMENT)
        )
    (fresh / STATEMENTS_FOLDER).mkdir()
    if with_texts:
        (fresh / TEXTS_FOLDER).mkdir()
    facts = encode.by_document(result.facts)
    for document in result.documents:
        name = file_name(document.name)
        said = encode.statements(facts.get(document.name, ()), document.name, vocabulary=result.vocabulary)
        content = turtle.write(said, COMMENT)
        files.write_bytes(fresh / STATEMENTS_FOLDER / f"{name}.ttl", content)
        if with_texts:
            files.write_bytes(fresh / TEXTS_FOLDER / name, document.text.encode())
    files.write_bytes(fresh / DATASET_FILE, turtle.write(dataset.of_folder(fresh), COMMENT))
