"""Gold of mentions: a folder of documents, and the mentions of a kind that somebody marked in them.

`exact` compares the distinct mentions of a document, case and white space folded; for `overlap` a mention counts when
its words contain a gold mention's, or the other way round. Only affirmed statements are measured. A statement whose
offsets do not fit its text is counted as broken, and as wrong.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePath

from kg.errors import DocumentError, UnknownNameError
from kg.evaluation import said as statements
from kg.evaluation.figures import Counted, Figures, Words, most, near, words
from kg.evaluation.said import AFFIRMED, Said

DOCUMENTS, SPANS = "documents", "spans.jsonl"


@dataclass(frozen=True, slots=True)
class Gold:
    """Texts by document name; for each kind, the most frequent first, the distinct mentions of each document."""

    name: str
    texts: Mapping[str, str]
    kinds: Mapping[str, Mapping[str, frozenset[Words]]]


@dataclass(frozen=True, slots=True)
class Score:
    """How the statements of one kind compare with the gold; misses and inventions with their numbers of documents."""

    gold: str
    kind: str
    documents: int
    statements: int
    broken: int
    exact: Figures
    overlap: Figures
    missed: tuple[Counted, ...]
    invented: tuple[Counted, ...]
    left_out: tuple[DocumentError, ...] = ()


def paths(folder: Path) -> list[Path]:
    """Return the files of the documents of a gold folder, sorted."""
    return sorted((folder / DOCUMENTS).glob("*.txt"))


def read(folder: Path) -> Gold:
    """Read a gold folder.

    Raises
    ------
    DocumentError
        When it has no documents or no mentions, or one of its files is not what it must be.
    """
    texts = {path.name: _text(path) for path in paths(folder)}
    if not texts:
        raise DocumentError(str(folder), f"no gold: holds no {DOCUMENTS}/*.txt", "name a folder of gold, or a file")
    kinds: Counter[str] = Counter()
    found: dict[str, dict[str, set[Words]]] = {}
    for place, entry in statements.lines(folder / SPANS):
        values = [entry.get(key) for key in ("kind", "document", "text")]
        if not all(isinstance(value, str) for value in values):
            raise DocumentError(place, "no mention: needs document, kind and text", "mend the line")
        kind, document, text = map(str, values)
        kinds[kind] += 1
        found.setdefault(kind, {}).setdefault(document, set()).add(words(text))
    if not kinds:
        raise DocumentError(str(folder / SPANS), "marks no mention", "name a folder of gold with mentions")
    frozen = {
        kind: {name: frozenset(mentions - {()}) for name, mentions in found[kind].items()}
        for kind, _ in kinds.most_common()
    }
    return Gold(folder.absolute().name, texts, frozen)


def kind_of(gold: Gold, wanted: str | None) -> str:
    """Return the kind to measure, by default the gold's most frequent one.

    Raises
    ------
    UnknownNameError
        When the gold marks no mention of the kind.
    """
    kind = wanted or next(iter(gold.kinds))
    if kind not in gold.kinds:
        raise UnknownNameError("--kind", f"the gold marks no {kind!r}", f"use {' or '.join(gold.kinds)}")
    return kind


def score(gold: Gold, said: Iterable[Said], kind: str) -> Score:
    """Measure the statements of a kind."""
    seen = broken = 0
    predicted: dict[str, set[Words]] = {}
    for statement in said:
        name = PurePath(statement.document).name
        if statement.kind != kind or statement.polarity != AFFIRMED or name not in gold.texts:
            continue
        seen += 1
        mention = statement.words_in(gold.texts[name])
        broken += mention is None
        # What does not fit is wrong, each statement for itself; the blank keeps it apart from every word.
        predicted.setdefault(name, set()).add((f"broken {broken}",) if mention is None else words(mention))
    exact = overlap = Figures()
    missed: Counter[Words] = Counter()
    invented: Counter[Words] = Counter()
    for name in gold.texts:
        wanted, told = gold.kinds[kind].get(name, frozenset()), predicted.get(name, set()) - {()}
        right = {mention for mention in told if near(mention, wanted)}
        found = {mention for mention in wanted if near(mention, told)}
        both = len(wanted & told)
        exact += Figures(len(told), both, len(wanted), both)
        overlap += Figures(len(told), len(right), len(wanted), len(found))
        missed.update(wanted - found)
        invented.update(told - right)
    return Score(gold.name, kind, len(gold.texts), seen, broken, exact, overlap, most(missed), most(invented))


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode()
    except UnicodeDecodeError:
        raise DocumentError(str(path), "not UTF-8", "offsets of gold need the text that was marked") from None
    except OSError as error:
        raise DocumentError(str(path), f"cannot be read ({error.strerror})", "name a readable file") from None
