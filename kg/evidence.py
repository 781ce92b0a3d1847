"""Quotes at answer time: the sentence is shown where its text is at hand and both hashes fit, and never otherwise."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from kg.errors import DocumentError, GraphError
from kg.graph import late
from kg.graph.encode import Source
from kg.graph.store import TEXTS_FOLDER, file_name
from kg.records import Document, Evidence, Fact

VARIABLE = "KG_DOCUMENTS"
"""The environment variable that names a folder of documents."""

CHECKED = "checked"
ABSENT = "text not at hand"
CHANGED = "another version of the document is at hand"
UNFIT = "the quote does not fit the document"
UNREADABLE = "the document cannot be read"


@dataclass(frozen=True, slots=True)
class Shown:
    """Evidence as it can be shown: with its quote when `state` is `CHECKED`, without one for any other reason."""

    evidence: Evidence
    state: str
    detail: str = ""


class Texts:
    """The texts at hand for the documents of a graph.

    Parameters
    ----------
    sources : iterable of Source
        What the graph knows about its documents: their hashes are what a text must have.
    find : callable
        Gives the texts that might be that of a document, by its name; raises DocumentError where one cannot be read.
    """

    def __init__(self, sources: Iterable[Source], find: Callable[[str], list[str]]) -> None:
        """Look at nothing yet."""
        self._sources = {source.name: source for source in sources}
        self._find = find
        self._texts: dict[str, tuple[str | None, str, str]] = {}

    def show(self, evidence: Evidence) -> Shown:
        """Return the evidence with its quote, or say why there is none."""
        text, state, detail = self.text(evidence.document)
        if text is None:
            return Shown(_bare(evidence), state, detail)
        quote = evidence.span.of(text)
        fits = (
            0 <= evidence.span.start < evidence.span.end <= len(text)
            and hashlib.sha256(quote.encode()).hexdigest() == evidence.quote_sha256
            and evidence.span.contains(evidence.object_span)
            and evidence.object_span.of(text) == evidence.object_text
        )
        if not fits:
            return Shown(_bare(evidence), UNFIT, f"{evidence.document} at {evidence.span.start} to {evidence.span.end}")
        heading = evidence.heading.of(text) if evidence.heading else None
        return Shown(replace(evidence, quote=quote, heading_text=heading), CHECKED)

    def text(self, document: str) -> tuple[str | None, str, str]:
        """Return the text of a document, or None, the state, and a detail to report."""
        if document not in self._texts:
            self._texts[document] = self._look(document)
        return self._texts[document]

    def fact(self, fact: Fact) -> Fact:
        """Return a fact with quotes in its evidence wherever the texts are at hand."""
        return late.shown(fact, self._quoted)

    def _quoted(self, evidence: Evidence) -> Evidence:
        return self.show(evidence).evidence

    def _look(self, document: str) -> tuple[str | None, str, str]:
        source = self._sources.get(document)
        try:
            texts = self._find(document)
        except DocumentError as error:
            return None, UNREADABLE, str(error)
        if source is None or not texts:
            return None, ABSENT, document
        for text in texts:
            if hashlib.sha256(text.encode()).hexdigest() == source.sha256:
                return text, CHECKED, ""
        return None, CHANGED, f"{document} has another SHA-256 than the one that was read"


def _bare(evidence: Evidence) -> Evidence:
    return replace(evidence, quote=None, heading_text=None)


def texts(sources: Iterable[Source], documents: Path | None = None, folder: Path | None = None) -> Texts:
    """Find texts: in the documents' folder, in that of `KG_DOCUMENTS`, or among the texts of the graph's own folder.

    Raises
    ------
    GraphError
        When a folder of documents is named that does not exist.
    """
    named = os.environ.get(VARIABLE)
    place = documents if documents is not None else (Path(named) if named else None)
    if place is not None:
        if not place.is_dir():
            raise GraphError(str(place), "no such folder of documents", f"check --documents or {VARIABLE}")
        return Texts(sources, _Folder(place))
    if folder is not None and (folder / TEXTS_FOLDER).is_dir():
        return Texts(sources, _Stored(folder / TEXTS_FOLDER))
    return Texts(sources, lambda _: [])


def texts_of(sources: Iterable[Source], documents: Iterable[Document]) -> Texts:
    """Use the texts of documents in memory."""
    by_name = {document.name: document.text for document in documents}
    return Texts(sources, lambda name: [by_name[name]] if name in by_name else [])


class _Stored:
    """The texts that `kg build` wrote beside the facts, exactly as they were read."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __call__(self, name: str) -> list[str]:
        path = self._folder / file_name(name)
        try:
            return [path.read_bytes().decode()] if path.is_file() else []
        except (OSError, UnicodeDecodeError):
            raise DocumentError(str(path), "cannot be read as UTF-8", "build the folder again") from None


class _Folder:
    """A folder of documents as people have them, read by the readers of the package."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._paths: Mapping[str, list[Path]] | None = None

    def __call__(self, name: str) -> list[str]:
        from kg import reading

        if self._paths is None:
            paths: dict[str, list[Path]] = {}
            for path in sorted(self._folder.rglob("*")):
                if path.suffix.lower() in reading.READERS and path.is_file():
                    paths.setdefault(path.name, []).append(path)
            self._paths = paths
        found = [d for path in self._paths.get(name.partition("#")[0], []) for d in reading.read(path)]
        errors = [d for d in found if isinstance(d, DocumentError)]
        texts = [d.text for d in found if not isinstance(d, DocumentError) and d.name == name]
        if errors and not texts:
            raise errors[0]
        return texts
