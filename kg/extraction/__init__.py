"""Extraction: a document becomes statements, each with the passage that says so.

The stages: passages (`kg.reading.layout`), mentions, candidates by the tables of `ontology/phrases`, one reading of
each mention, its subject and qualifiers. Nothing in here knows a drug, a disease or a phrase.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from kg import reading
from kg import vocabulary as vocabularies
from kg.errors import DocumentError
from kg.extraction import assemble, dosage, mentions, phrases, rules, sections
from kg.extraction.sentence import Sentence
from kg.extraction.subject import Subjects, main_drug
from kg.reading import layout
from kg.records import Document, Statement
from kg.vocabulary import Vocabulary
from kg.vocabulary.lexicon import Lexicon, normalise


class Extractor:
    """Vocabulary, lexicon and tables, compiled once for many documents.

    >>> from kg.reading import make_document
    >>> page = make_document("note.txt", "Sertraline is used to treat panic disorder.")
    >>> [(s.kind, s.object.label) for s in Extractor().extract(page)]
    [('indication', 'panic disorder')]
    """

    def __init__(self, vocabulary: Vocabulary | None = None, tables: phrases.Phrases | None = None) -> None:
        self.vocabulary = vocabulary or vocabularies.load()
        self.tables = tables or phrases.load()
        self.lexicon = Lexicon(self.vocabulary)

    def sentences(self, document: Document) -> list[Sentence]:
        """Lay a document out: its passages with their mentions."""
        result: list[Sentence] = []
        for passage in layout.passages(document, sections.SectionTable(self.tables)):
            text = passage.span.of(document.text)
            normal = normalise(text)
            found = tuple(mentions.known(text, normal, self.lexicon, self.tables))
            last = result[-1] if result and result[-1].passage.block == passage.block else None
            above = dosage.heading_mentions(passage.headings[-1], self.lexicon) if passage.headings else []
            result.append(Sentence(passage, text, normal, found, self.tables, last, tuple(above)))
        return result

    def extract(self, document: Document, drug: str | None = None) -> list[Statement]:
        """Read one document; `drug` names its subject where the document names none.

        Raises
        ------
        DocumentError
            When the document names no known drug and none is given.
        """
        sentences = self.sentences(document)
        subjects = Subjects(main_drug(sentences, self.vocabulary, document, drug), self.vocabulary)
        by_span = {s.passage.span: s for s in sentences}
        builder = assemble.Builder(document, subjects)
        for sentence in sentences:
            lead = by_span.get(sentence.passage.lead) if sentence.passage.lead else None
            builder.add(sentence, rules.candidates(sentence, lead, self.tables), dosage.doses(sentence, self.lexicon))
        return builder.statements()


@dataclass(frozen=True, slots=True)
class Extraction:
    """What came out of files and folders: documents, what they say, and what was left out with the reason."""

    documents: tuple[Document, ...]
    statements: tuple[Statement, ...]
    left_out: tuple[DocumentError, ...]


@functools.cache
def extractor() -> Extractor:
    """Return the extractor of the package's own vocabulary and tables."""
    return Extractor()


def extract_files(paths: Iterable[Path], drug: str | None = None) -> Extraction:
    """Read files and folders; a document that cannot be read costs itself only.

    Raises
    ------
    DocumentError
        When a path is missing, a folder holds no document, or no document at all can be read.
    """
    documents, statements, left_out = [], [], []
    for path in reading.find(paths):
        for document in reading.read(path):
            if isinstance(document, DocumentError):
                left_out.append(document)
                continue
            try:
                statements += extractor().extract(document, drug)
                documents.append(document)
            except DocumentError as error:
                left_out.append(error)
    if left_out and not documents:
        raise left_out[0]
    return Extraction(tuple(documents), tuple(statements), tuple(left_out))


def extract(documents: Iterable[Document], drug: str | None = None) -> list[Statement]:
    """Read documents with the package's own vocabulary and tables."""
    return [statement for document in documents for statement in extractor().extract(document, drug)]
