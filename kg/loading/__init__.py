"""Loading: what was exported, or written by others in the same words, becomes a folder of facts again.

Nothing is written that `kg check` finds wrong, and nothing is fetched: a JSON-LD context must be in the file itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox

from kg import evidence, files
from kg.building import COMMENT
from kg.errors import GraphError
from kg.graph import dataset, decode, disk, turtle
from kg.graph import store as stores
from kg.graph.united import United
from kg.loading import kgx, placing
from kg.loading.placing import Folder
from kg.validation import Report, check
from kg.vocabulary.format import declared_prefixes


@dataclass(frozen=True)
class Loaded:
    """What was read, and what `kg check` says of it.

    Attributes
    ----------
    report : Report
        The findings; where there is a violation, nothing is to be written.
    folder : Folder or None
        What belongs into which file; None where the check found a violation.
    texts : mapping
        The texts at hand, by the document's name.
    facts : int
        How many facts there are.
    """

    report: Report
    folder: Folder | None
    texts: Mapping[str, str]
    facts: int = 0


def read(paths: Iterable[Path], documents: Path | None = None) -> Loaded:
    """Read files of facts together and check them; quotes too, where `documents` names the folder of the documents.

    Raises
    ------
    GraphError
        When a file is missing, of another format, malformed, built to exhaust its reader, or says what has no place
        in a folder of facts.
    """
    store = stores.from_quads(_quads(list(paths)), union=False)
    report = check(store, documents)
    if not report.ok:
        return Loaded(report, None, {}, report.fact_nodes)
    folder = placing.place(store)
    sources = decode.sources(United(store))
    at_hand = evidence.texts(sources, documents)
    texts = {s.name: text for s in sources if (text := at_hand.text(s.name)[0]) is not None}
    return Loaded(report, folder, texts, report.fact_nodes)


def write(loaded: Loaded, target: Path) -> None:
    """Write what was read to a new folder, as `kg build` writes it, whole or not at all.

    Raises
    ------
    GraphError
        When the check found a violation, the target exists, or cannot be written.
    """
    folder = loaded.folder
    if folder is None:
        raise GraphError(str(target), "is not written, since the check found problems", "mend what the findings name")
    with files.new_folder(target) as fresh:
        (fresh / stores.STATEMENTS_FOLDER).mkdir()
        for name in folder.names:
            path = fresh / stores.STATEMENTS_FOLDER / f"{stores.file_name(name)}.ttl"
            _write(path, turtle.write(folder.said_by(name), COMMENT))
        for name, triples in folder.whole():
            if triples or name == stores.DOCUMENTS_FILE:
                _write(fresh / name, turtle.write(triples, COMMENT))
        if folder.concepts:
            _write(fresh / stores.CONCEPTS_FILE, turtle.write(folder.concepts, COMMENT, declared_prefixes()))
        if not (fresh / stores.DATASET_FILE).exists():
            _write(fresh / stores.DATASET_FILE, turtle.write(dataset.of_folder(fresh), COMMENT))
        if loaded.texts:
            (fresh / stores.TEXTS_FOLDER).mkdir()
            for name, text in loaded.texts.items():
                _write(fresh / stores.TEXTS_FOLDER / stores.file_name(name), text.encode())
        disk.publish(fresh)


def _write(path: Path, content: bytes) -> None:
    files.check_name(path.name)
    path.write_bytes(content)


def _quads(paths: list[Path]) -> Iterable[ox.Quad]:
    tables = [path for path in paths if kgx.is_table(path)]
    for path in paths:
        if path not in tables:
            if path.is_dir():
                raise GraphError(str(path), "is a folder", "ask it as it is, or name the files in it")
            yield from stores.quads_of(path)
    if tables:
        yield from kgx.quads(tables)
