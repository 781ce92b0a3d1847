"""Extraction: a document becomes statements, each with the passage that says so.

The stages: passages (`kg.reading.layout`), mentions, candidates by the tables of `ontology/phrases`, one reading of
each mention, its subject and qualifiers. Nothing in here knows a drug, a disease or a phrase.
"""

from __future__ import annotations

import functools
import traceback
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Protocol, TypeVar

from kg import memory, reading
from kg import vocabulary as vocabularies
from kg.errors import DocumentError, KgError
from kg.extraction import (
    abbreviations,
    answered,
    assemble,
    denials,
    dosage,
    interactions,
    mentions,
    peers,
    phrases,
    prose,
    rules,
    sections,
    tagging,
    treated,
    unlisted,
)
from kg.extraction.about import main_drug, of_product
from kg.extraction.candidate import SentenceReading
from kg.extraction.patterns import Places
from kg.extraction.sentence import Sentence, without_references
from kg.extraction.subject import Subjects
from kg.extraction.tagging import apply, scope
from kg.reading import layout
from kg.records import Concept, Document, Mention, Reading, Span, Statement
from kg.vocabulary import Vocabulary, compiled, local
from kg.vocabulary.lexicon import Lexicon, normalise

T = TypeVar("T")

_SHORT = 250
"""Characters of the longest passage that is remembered."""
_REMEMBERED = 1_024
"""Passages of which is remembered what they name: one in five of a label has stood in an earlier one, or in itself."""


class Extractor:
    """Vocabulary, lexicon and tables, compiled once for many documents.

    >>> from kg.reading import make_document
    >>> page = make_document("note.txt", "Sertraline is used to treat panic disorder.")
    >>> [(s.kind, s.object.label) for s in Extractor().extract(page)]
    [('indication', 'panic disorder')]
    """

    def __init__(
        self,
        vocabulary: Vocabulary | None = None,
        tables: phrases.Phrases | None = None,
        taggers: tuple[tagging.Tagger, ...] | None = None,
        fallback: prose.Model | None = None,
    ) -> None:
        """Compile them; without `taggers`, those of the package are used, and its fallback for prose as well."""
        self.vocabulary = vocabulary or vocabularies.load()
        self.tables = tables or phrases.load()
        self.lexicon = Lexicon(self.vocabulary)
        self.taggers = tagging.load() if taggers is None else taggers
        self.fallback = prose.load() if fallback is None and taggers is None else fallback
        self.cues = prose.features.Cues(self.tables)
        self.screen = rules.screen(self.tables)
        self._remembered = functools.lru_cache(_REMEMBERED)(self._read)

    def _read(
        self, text: str, defined: abbreviations.Defined = abbreviations.NONE, offset: int = 0
    ) -> tuple[Places, tuple[Mention, ...]]:
        """Look up the words of a passage, and the names in it; `offset` is where it stands, for abbreviations."""
        read = without_references(text, self.tables)
        places = self.tables.index.places(normalise(read))
        return places, tuple(mentions.known(read, places, self.lexicon, self.tables, defined, offset))

    def sentences(self, document: Document, defined: abbreviations.Defined | None = None) -> list[Sentence]:
        """Lay a document out: its passages with their mentions; `defined` are its abbreviations, where at hand."""
        result: list[Sentence] = []
        heading, above = None, tuple[Mention, ...]()
        asked: Sentence | None = None
        defined = defined or abbreviations.defined(document.text, self.lexicon)
        for passage in layout.passages(document, sections.SectionTable(self.tables)):
            text = passage.span.of(document.text)
            if len(text) > _SHORT or defined.stand_in(text):
                places, found = self._read(text, defined, passage.span.start)
            else:  # labels have the same headings and the same short sentences
                places, found = self._remembered(text)
            last = result[-1] if result and result[-1].passage.block == passage.block else None
            if passage.headings and passage.headings[-1] is not heading:
                heading = passage.headings[-1]
                above = tuple(dosage.heading_mentions(heading, self.lexicon))
            under = above if passage.headings else ()
            row = passage.row.of(document.text) if passage.row else ""
            question, kind = _answered(asked, last), document.source_kind
            sentence = Sentence(passage, text, places, found, self.tables, last, under, kind, row, question)
            asked = sentence if sentence.asks else sentence.question
            result.append(sentence)
        return result

    @memory.uncollected()
    def extract(self, document: Document, drug: str | None = None) -> list[Statement]:
        """Read one document; `drug` names its subject where the document names none.

        Raises
        ------
        DocumentError
            When the document names no known drug and none is given.
        """
        defined, found, subjects = self.laid(document, drug)
        classes = document.product.classes if document.product else ()
        own = interactions.own_groups((item.sentence for item in found), subjects, classes, self.tables)
        builder = assemble.Builder(document, subjects, own)
        force = self._force(found) if self.taggers or self.fallback else []
        named = functools.partial(self.named, document.text, defined)
        for (_, kinds), taggers in tagging.by_task(self.taggers).items():
            found = apply.applied(found, [bool(kinds & own) for own in force], taggers, document.text, named)
        if self.fallback is not None and not any(force):  # a label is left to its own models, be it plain text
            found = prose.applied(found, subjects, self.cues, self.fallback)
        for sentence, _, candidates in found:
            builder.add(sentence, candidates, dosage.doses(sentence, self.lexicon))
        said = answered.without_repeated(builder.statements(), self.tables.asked, self.vocabulary)
        return treated.without_treated(denials.settled(said, self.tables), self.tables.weak)

    def laid(
        self, document: Document, drug: str | None = None
    ) -> tuple[abbreviations.Defined, list[SentenceReading], Subjects]:
        """Give what the rules find in a document, with its abbreviations, and who is spoken of in it."""
        defined = abbreviations.defined(document.text, self.lexicon)
        own_names = self._own_names(document, drug)
        if own_names is not None:
            defined = unlisted.with_names(defined, own_names)
        found = self.readings(document, defined)
        sentences = [item.sentence for item in found]
        main = main_drug(sentences, self.vocabulary, document, drug, own_names)
        beside = peers.peers(sentences, main, self.vocabulary) if drug is None else peers.Peers()
        return defined, found, Subjects(main, self.vocabulary, beside)

    def _own_names(self, document: Document, drug: str | None) -> unlisted.Own | None:
        """Give the names of the document's drug where the vocabulary lacks it; none where a known one is given."""
        about = of_product(document.product, self.vocabulary) if document.product else None
        if about is not None:
            names = (*document.product.names, *document.product.substances) if document.product else ()
            return None if about.own else unlisted.of_product(names, about.drug.label, self.lexicon)
        return None if drug is not None else unlisted.own(document, self.lexicon, sections.SectionTable(self.tables))

    def named(self, text: str, defined: abbreviations.Defined, span: Span) -> tuple[Concept, ...]:
        """Give the concepts that a span of a text names as a whole."""
        words = span.of(text)
        behind = span.start + 1  # an abbreviation has its meaning where it is defined, too
        hits = defined.beside(self.lexicon.find(words), words, behind)
        return next((concepts for hit, concepts in hits if hit == (0, len(words))), ())

    def readings(self, document: Document, defined: abbreviations.Defined | None = None) -> list[SentenceReading]:
        """Give each sentence with the candidates that the rules find in it; `defined` as for `sentences`."""
        sentences = self.sentences(document, defined)
        by_span = {s.passage.span: s for s in sentences}
        leads = [by_span.get(s.passage.lead) if s.passage.lead else None for s in sentences]
        return [
            SentenceReading(sentence, lead, rules.candidates(sentence, lead, self.screen))
            for sentence, lead in zip(sentences, leads, strict=True)
        ]

    def in_scope(self, document: Document, kinds: frozenset[str]) -> list[SentenceReading]:
        """Give the readings of those sentences that stand in sections of the given kinds."""
        found = self.readings(document)
        return [item for item, own in zip(found, self._force(found), strict=True) if own & kinds]

    def _force(self, found: list[SentenceReading]) -> list[frozenset[str]]:
        """Give the kinds of a label's section in force at each sentence."""
        return list(scope.in_force(found, sections.SectionTable(self.tables)))


def _answered(asked: Sentence | None, last: Sentence | None) -> Sentence | None:
    """Return the question that a sentence may answer: asked right before it, or before the one sentence before it."""
    if asked is None or last is None or last is asked:
        return asked
    return asked if last.question is asked and last.previous in (None, asked) else None


def extractor(lexicon: Path | None = None) -> Extractor:
    """Return the extractor of the package's own vocabulary and tables, with a compiled lexicon beside them if named.

    Raises
    ------
    VocabularyError
        When there is no such lexicon, or it cannot be read.
    """
    return _extractor(_state(lexicon))


def vocabulary_with(lexicon: Path | None = None) -> Vocabulary:
    """Return the package's own vocabulary, with a compiled lexicon beside it if named.

    Raises
    ------
    VocabularyError
        When there is no such lexicon, or it cannot be read.
    """
    return _vocabulary(_state(lexicon))


_State = tuple[Path, int, int]


def _state(lexicon: Path | None) -> _State | None:
    """Tell a lexicon from another one that was at its place earlier, or is called so in another folder."""
    if lexicon is None:
        return None
    place = lexicon.resolve() / local.MANIFEST
    about = place.stat() if place.exists() else None
    return (lexicon.absolute(), about.st_ino, about.st_mtime_ns) if about else (lexicon, 0, 0)


@functools.lru_cache(4)
def _extractor(lexicon: _State | None) -> Extractor:
    with memory.uncollected():
        return Extractor(_vocabulary(lexicon))


@functools.lru_cache(4)
def _vocabulary(lexicon: _State | None) -> Vocabulary:
    own = vocabularies.load()
    return own if lexicon is None else compiled.open_beside(lexicon[0], own)


def extract_files(
    paths: Iterable[Path], drug: str | None = None, lexicon: Path | None = None
) -> Iterator[Reading | DocumentError]:
    """Read files and folders, one document at a time: each with what it says, or the error that it was left out for.

    Nothing of a document is kept once the next one is asked for. `lexicon` is a compiled one that is used beside the
    package's vocabulary.

    Raises
    ------
    DocumentError
        When a path is missing or a folder holds no document, before the first document is read.
    """
    return extract_documents(read_files(paths), drug, lexicon)


class Named(Protocol):
    """A document, or what stands for one that need not be read."""

    @property
    def name(self) -> str:
        """The document's name."""

    @property
    def sha256(self) -> str:
        """The SHA-256 of its text."""


N = TypeVar("N", bound=Named)


def read_files(paths: Iterable[Path]) -> Iterator[Document | DocumentError]:
    """Read files and folders, one document at a time; a document that comes again, name and text, is read once.

    Raises
    ------
    DocumentError
        When a path is missing or a folder holds no document, before the first document is read.
    """
    yield from once((path, attempted(path, reading.read(path))) for path in dict.fromkeys(reading.find(paths)))


def attempted(path: Path, found: Iterator[Document | DocumentError]) -> Iterator[Document | DocumentError]:
    """Give what is found in a file; a fault of ours in reading it costs the rest of this file only."""
    while (document := _attempt(str(path), functools.partial(next, found, None))) is not None:
        yield document


def once(files: Iterable[tuple[Path, Iterable[N | DocumentError]]]) -> Iterator[N | DocumentError]:
    """Give the documents of files, each once.

    A name that stands for two texts would make every quote ambiguous: the second text is an error.
    """
    seen: dict[str, tuple[str, Path]] = {}
    for path, found in files:
        for document in found:
            if isinstance(document, DocumentError):
                yield document
                continue
            sha256, first = seen.get(document.name, (None, path))
            if sha256 is None:
                seen[document.name] = document.sha256, path
                yield document
            elif sha256 != document.sha256:
                place = str(path) if document.name == path.name else f"{path} ({document.name})"
                yield DocumentError(place, f"another document has the same name: {first}", "rename one of them")


def extract_documents(
    documents: Iterable[Document | DocumentError], drug: str | None = None, lexicon: Path | None = None
) -> Iterator[Reading | DocumentError]:
    """Read what documents say, one at a time; errors among them are handed on."""
    for document in documents:
        if isinstance(document, DocumentError):
            yield document
            continue
        said = _attempt(document.name, functools.partial(extractor(lexicon).extract, document, drug))
        yield said if isinstance(said, DocumentError) else Reading(document, tuple(sorted(said, key=_place)))


def extract(documents: Iterable[Document], drug: str | None = None) -> list[Statement]:
    """Read documents with the package's own vocabulary and tables."""
    return [statement for document in documents for statement in extractor().extract(document, drug)]


def _attempt(place: str, step: Callable[[], T]) -> T | DocumentError:
    """Do one step with one document; whatever goes wrong in it costs that document only.

    An error of the vocabulary or the tables concerns every document, and ends the run.
    """
    try:
        result = step()
    except DocumentError as error:
        return _bare(error)
    except KgError:
        raise
    except Exception as error:  # noqa: BLE001 - a fault of ours in one of a thousand documents must not cost the others
        frame = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{type(error).__name__} at {Path(frame.filename).name}:{frame.lineno}"
        return DocumentError(place, f"cannot be read (internal error: {where})", "report it; the document is left out")
    return _bare(result) if isinstance(result, DocumentError) else result


def _bare(error: DocumentError) -> DocumentError:
    """Take the traceback away: it holds a document's bytes and text for as long as somebody keeps the error."""
    error.__context__ = error.__cause__ = None
    return error.with_traceback(None)


def _place(statement: Statement) -> tuple[int, int, int, int, str]:
    evidence = statement.evidence
    return (*evidence.span, *evidence.object_span, statement.kind)
