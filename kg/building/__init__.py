"""Building: documents become a folder of facts, canonical and whole: the same documents give the same bytes."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from kg import assembly, decisions, derivation, extraction, memory
from kg.building import folder, inputs, kept
from kg.building.earlier import Earlier
from kg.building.folder import COMMENT, DECISIONS_FILE, Counts
from kg.building.kept import Kept
from kg.errors import DocumentError
from kg.extraction import parallel
from kg.extraction.parallel import LIMIT
from kg.graph import encode
from kg.graph import manifest as manifests
from kg.records import Derived, Document, Fact, Reading, Statement
from kg.vocabulary import Vocabulary

__all__ = [
    "COMMENT",
    "DECISIONS_FILE",
    "Build",
    "Counts",
    "Order",
    "Progress",
    "build",
    "collect",
    "write",
    "write_facts",
]


_MANY = 25
"""After so many documents what is free is given back; at the end all that reading needs: what is left to do needs as
much memory again."""


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
    jobs: int | None = 1,
    scheduler: str | None = None,
) -> Build:
    """Read documents and put together what they say; `drug` names the subject of documents that name none.

    `lexicon` is a compiled one that is used beside the package's vocabulary. `jobs` and `scheduler` say who reads (see
    `kg.extraction.parallel.readings`).

    Raises
    ------
    DocumentError
        When a path is missing, no document at all can be read, or a decision matches nothing.
    VocabularyError
        When there is no such lexicon, or it cannot be read.
    """
    places = [Path(p) for p in ([paths] if isinstance(paths, str | Path) else paths)]
    found = parallel.readings(places, drug, lexicon, jobs=jobs, scheduler=scheduler)
    result = collect(found, decisions_file, extraction.vocabulary_with(lexicon))
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


def write_facts(result: Build, target: Path, *, with_texts: bool) -> None:
    """Write what was built in memory as a folder of facts, whole or not at all.

    With the texts, answers from it show quotes, and beside them stands a store that is ready to be asked
    (`kg.graph.disk`): facts alone are for being kept.

    Raises
    ------
    GraphError
        When the folder holds something else than facts, or cannot be written; it is untouched then.
    """
    facts = encode.by_document(result.facts)
    with folder.drafted(target, result.vocabulary, with_texts=with_texts) as draft:
        for document in result.documents:
            draft.add(document, _within(facts.get(document.name, ()), document.name))
        draft.finish(result.derived)
        if with_texts:
            draft.store(manifests.NO_OPTIONS, {})


def _within(facts: Iterable[Fact], document: str) -> Iterator[Fact]:
    """Leave out what other documents say."""
    for fact in facts:
        yield replace(fact, evidence=tuple(e for e in fact.evidence if e.document == document))


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be built: documents and folders of them, and what else decides which facts they give.

    Attributes
    ----------
    paths : tuple of Path
        Documents, or folders of them.
    drug : str or None
        The subject of documents that name none.
    lexicon : Path or None
        A compiled one that is used beside the package's vocabulary.
    decisions : Path or None
        A reader's corrections.
    anew : bool
        Whether everything is read again, even what has not changed since the folder was built last.
    jobs, scheduler, tls, limit
        Who reads (see `kg.extraction.parallel.crew`); without a number of jobs it depends on how much there is to read.
    """

    paths: tuple[Path, ...]
    drug: str | None = None
    lexicon: Path | None = None
    decisions: Path | None = None
    anew: bool = False
    jobs: int | None = 1
    scheduler: str | None = None
    tls: Path | None = None
    limit: float = LIMIT


class Progress(Protocol):
    """Who is told how far a build is."""

    def over(self, results: Iterable[Reading | DocumentError]) -> Iterator[Reading]:
        """Hand on what was read, and keep the errors."""

    def unchanged(self) -> None:
        """Count a document that was taken over."""


def write(order: Order, target: Path, *, with_texts: bool, progress: Progress) -> Counts | None:
    """Build a folder of facts from documents, one document in memory at a time; None where none can be read.

    Documents that have not changed since the folder was last built with the same program, vocabulary and decisions are
    taken over; the result is the same as if all were read.

    Raises
    ------
    DocumentError
        When a path is missing, or a decision matches nothing.
    GraphError
        When the folder holds something else than facts, or cannot be written; it is untouched then.
    VocabularyError
        When there is no such lexicon, or it cannot be read.
    """
    decided = decisions.read(order.decisions) if order.decisions is not None else []
    vocabulary = extraction.vocabulary_with(order.lexicon)
    options = _options(order, decided)
    with memory.uncollected():
        earlier = Earlier(target if with_texts and not order.anew else None)
    with contextlib.closing(earlier):
        return _written(order, target, earlier, vocabulary, options, decided, with_texts=with_texts, progress=progress)


def _written(
    order: Order,
    target: Path,
    earlier: Earlier,
    vocabulary: Vocabulary,
    options: dict[str, str | None],
    decided: list[decisions.Decision],
    *,
    with_texts: bool,
    progress: Progress,
) -> Counts | None:
    common = kept.common_of(options, manifests.made_with())
    found = inputs.Inputs(order.paths, earlier, lambda name: kept.options_of(name, common, decided))
    used: set[str] = set()
    read = 0
    with folder.drafted(target, vocabulary, with_texts=with_texts, earlier=earlier) as draft:
        with parallel.crew(
            order.lexicon, jobs=_jobs(order, found), scheduler=order.scheduler, tls=order.tls, limit=order.limit
        ) as readers:

            def unread() -> Iterator[Document | DocumentError]:
                for one in found.documents(readers):
                    if not isinstance(one, Kept):
                        yield one
                        continue
                    draft.keep(one)
                    used.update(one.decided)
                    progress.unchanged()

            for reading in progress.over(readers.readings(unread(), order.drug)):
                read += 1
                if read % _MANY == 0:
                    memory.give_back()
                document = reading.document
                said, matching = decisions.apply_to(document, reading.statements, decided, vocabulary)
                used.update(decision.sha256 for decision in matching)
                options_of_document = kept.options_of(document.name, common, decided)
                draft.add(document, assembly.assemble(said, vocabulary), options_of_document, matching)
        if not draft.names:
            return None
        decisions.check_used(decided, {decision for decision in decided if decision.sha256 in used})
        if read > _MANY:
            memory.forget("kg.extraction", "kg.reading")
        with memory.uncollected():
            counts = draft.finish()
            memory.give_back()
            if with_texts:
                draft.store(options, found.seen)
    return counts


def _jobs(order: Order, found: inputs.Inputs) -> int:
    if order.jobs is not None or order.scheduler is not None:
        return order.jobs or 1
    return parallel.jobs_for(found.unread) if found.unread else 1


def _options(order: Order, decided: Iterable[decisions.Decision]) -> dict[str, str | None]:
    sums = "".join(decision.sha256 for decision in decided)
    return {
        "drug": order.drug,
        "lexicon": manifests.of_folder(order.lexicon) if order.lexicon is not None else None,
        "decisions": hashlib.sha256(sums.encode()).hexdigest() if sums else None,
    }
