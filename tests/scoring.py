"""Statements held against an expectation: what was found, what was right, and which qualifiers fit.

A predicted statement meets an expected one when document, kind, polarity and subject are the same and one object's
words lie inside the other's. Where several fit (an object with two co-medications), the qualifiers decide.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from kg import reading, vocabulary
from kg.errors import DocumentError
from kg.extraction import extractor, phrases
from kg.records import Document, Statement

FOLDERS = ("development", "held_out", "other_kinds", "other_kinds_held_out", "leaflets", "leaflets_held_out")
"""The folders of pages of our own, in `tests/documents`."""

COMPARED = (
    "level",
    "severity",
    "frequency",
    "population",
    "with",
    "approval",
    "use",
    "stage",
    "dose",
    "route",
    "topic",
)
"""Qualifiers whose values are compared; `condition` and `effect` are free phrases."""

_HEDGED = re.compile(r"^(?:in )?(?:(?:about|around|roughly|approximately|some|nearly|almost) )+|^in (?=\d)")
_COUNTED = re.compile(r"(?<=\d) (?:people|persons?|patients?|users?|courses?|women|men|children|cases?)$")
"""What a figure or a dose is given with, which changes nothing of it."""
_DIVIDED = re.compile(r"(?<=[a-z]) in (?:(?:two|three|four|\d) )?divided doses?$")
_PEOPLE = re.compile(
    r"(?i)^(?:the )?(?:people|patients|those|individuals) (?:with (?:an? )?|(?=under|over|aged|from))"
    r"|^the (?=over|under)|(?<=elderly) (?:people|patients)$"
)


def document_of(path: Path) -> Document:
    """Read the one document of a file; what cannot be read is an error here."""
    (document,) = reading.read(path)
    if isinstance(document, DocumentError):
        raise document
    return document


@dataclass(frozen=True, slots=True)
class Item:
    """A statement reduced to what is compared."""

    document: str
    kind: str
    polarity: str
    subject: str
    start: int
    end: int
    words: str
    qualifiers: Mapping[str, str]
    doubtful: bool = False
    rule: str = ""
    asked: frozenset[str] = frozenset(COMPARED)  # what its writer was asked for: the names that are compared


@dataclass(slots=True)
class Score:
    """Counts, and the two lists that a developer reads."""

    expected: int = 0
    found: int = 0
    predicted: int = 0
    right: int = 0
    values: int = 0
    values_right: int = 0
    missed: list[Item] = field(default_factory=list)
    invented: list[Item] = field(default_factory=list)
    differing: list[tuple[Item, Item]] = field(default_factory=list)

    @property
    def recall(self) -> float:
        """What share of the expected was found."""
        return self.found / self.expected if self.expected else 0.0

    @property
    def precision(self) -> float:
        """What share of the predicted is right; matches of a doubtful expectation count on neither side."""
        return self.right / self.predicted if self.predicted else 0.0

    @property
    def qualifiers(self) -> float:
        """What share of the qualifiers of matched statements is right."""
        return self.values_right / self.values if self.values else 0.0


def _fold(value: str) -> str:
    return " ".join(value.casefold().replace("-", " ").replace("–", " ").split()).rstrip("s")


def agreement(expected: Item, predicted: Item) -> tuple[int, int]:
    """Count the compared qualifiers that are said by either, and those on which both agree."""
    left, right = comparable(expected), comparable(predicted)
    if expected.kind != "dosage":
        _grade(left, right.get("severity"), expected.words or predicted.words)
        _grade(right, left.get("severity"), predicted.words)
    keys = [k for k in COMPARED if k in expected.asked and (k in left or k in right)]
    if expected.words != predicted.words and predicted.words in expected.words and "population" not in left:
        keys = [k for k in keys if k != "population"]  # "older people with dementia" says whom itself
    return len(keys), sum(left.get(k) == right.get(k) for k in keys)


def _grade(values: dict[str, str], other: str | None, words: str) -> None:
    """Take a severity from the object's own words ("severe psoriasis"): it is said, whether or not said once more."""
    said = [_fold(grade) for word in _fold(words).split() if (grade := phrases.load().modifiers.get(word))]
    if said and "severity" not in values:
        values["severity"] = other if other in said else said[-1]


def comparable(item: Item) -> dict[str, str]:
    """Fold the values; that an indication is for treatment goes without saying."""
    values = {k: _fold(v) for k, v in item.qualifiers.items() if (k, v) != ("use", "treatment")}
    for key in ("population", "with"):
        if key in item.qualifiers:
            values[key] = _group(item.qualifiers[key])
    if "frequency" in values and item.kind != "dosage":
        values["frequency"] = _COUNTED.sub("", _HEDGED.sub("", values["frequency"]))
    if values.get("route") == "by mouth":
        values["route"] = "oral"
    if item.kind == "dosage":  # "4 mg per day" may be cut before or after the interval
        values["dose"] = _DIVIDED.sub("", " ".join(values.get(k, "") for k in ("dose", "frequency")).strip())
        values.pop("frequency", None)
    return values


def _subject(label: str) -> str:
    """Fold a subject: any of its names, singular or plural."""
    concept = vocabulary.load().find(label) or vocabulary.load().find(label.removesuffix("s"))
    return _fold(concept.label if concept else label)


def _group(label: str) -> str:
    """Fold people or drugs by any of their names: "elderly patients", "people with gout" and "gout" are the same."""
    words = _fold(_PEOPLE.sub("", label))
    concepts = extractor().lexicon.named(words) or extractor().lexicon.named(f"{words}s")
    return _fold(concepts[0].label) if concepts else words


def meets(expected: Item, predicted: Item) -> bool:
    if (expected.document, expected.kind, expected.polarity) != (
        predicted.document,
        predicted.kind,
        predicted.polarity,
    ):
        return False
    if _subject(expected.subject) != _subject(predicted.subject):
        return False
    inside = expected.start <= predicted.start and predicted.end <= expected.end
    around = predicted.start <= expected.start and expected.end <= predicted.end
    overlap = expected.start < predicted.end and predicted.start < expected.end
    return inside or around or (overlap and expected.kind in ("mechanism", "advice", "pharmacokinetics", "dosage"))


def score(expected: Iterable[Item], predicted: Iterable[Item]) -> Score:
    """Hold predictions against expectations."""
    result = Score()
    wanted, left = list(expected), list(predicted)
    pairs = [
        (agreement(w, p)[1] - agreement(w, p)[0] - 3 * w.doubtful, -i, -j)
        for i, w in enumerate(wanted)
        for j, p in enumerate(left)
        if meets(w, p)
    ]
    met: dict[int, int] = {}
    used: set[int] = set()
    for _, i, j in sorted(pairs, reverse=True):
        if -i not in met and -j not in used:
            met[-i] = -j
            used.add(-j)
    also = {j for j, p in enumerate(left) if j not in used and any(meets(w, p) for w in wanted)}
    for i, item in enumerate(wanted):
        if item.doubtful:
            continue
        result.expected += 1
        if i in met:
            result.found += 1
            values, same = agreement(item, left[met[i]])
            result.values += values
            result.values_right += same
            if same < values:
                result.differing.append((item, left[met[i]]))
        elif any(meets(item, p) for p in left):
            result.found += 1  # the same words once more, for another population, use, effect or co-medication
            result.values += 1
        else:
            result.missed.append(item)
    doubtful = {j for i, j in met.items() if wanted[i].doubtful}
    for j, item in enumerate(left):
        if j in doubtful:
            continue
        result.predicted += 1
        if j in used or j in also:
            result.right += 1
        else:
            result.invented.append(item)
    return result


def own_expectation(page: Path) -> list[Item]:
    """Read the expectation beside a page of `tests/documents`: anchors become offsets."""
    text = page.read_bytes().decode()
    items = []
    for line in page.with_suffix(".expected.jsonl").read_text(encoding="utf-8").splitlines():
        entry = json.loads(line)
        place = text.index(entry["anchor"])
        start = place - 1
        for _ in range(entry.get("occurrence", 1)):
            start = text.index(entry["object"], start + 1)
        end = start + len(entry["object"])
        items.append(
            Item(
                page.name, entry["kind"], entry["polarity"], entry["subject"], start, end, entry["object"],
                entry.get("qualifiers", {}), bool(entry.get("doubtful", False)),
            )
        )  # fmt: skip
    return items


def worded(path: Path) -> tuple[list[Document], list[Item]]:
    """Read a table of single sentences (`tests/sentences`): a document for each, and what they say.

    A qualifier that no line of a table names was not asked of its writer: it is not compared.
    """
    documents, items = [], []
    for number, line in enumerate(path.read_text("utf-8").splitlines()[1:], 1):
        raw, expected = line.split("\t")
        text = raw.replace("\\n", "\n") + "\n"
        document = reading.make_document(f"{path.stem}:{number}", text, "markdown")
        documents.append(document)
        for said in expected.split(" ;; ") if expected != "none" else ():
            kind, polarity, subject, words, qualifiers = said.split("|")
            start = text.index(words)
            values = dict(part.strip().split("=", 1) for part in qualifiers.split(",") if "=" in part)
            items.append(Item(document.name, kind, polarity, subject, start, start + len(words), words, values))
    asked = frozenset(name for item in items for name in item.qualifiers)
    return documents, [replace(item, asked=asked) for item in items]


@dataclass(frozen=True, slots=True)
class PageExpectation:
    """What was found in one page that is not in this repository, with the hash of the text that was read."""

    sha256: str
    items: list[Item]


def page_expectation(path: Path) -> dict[str, PageExpectation]:
    """Read an expectation by offsets: page name → items."""
    pages: dict[str, PageExpectation] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        entry = json.loads(line)
        page = pages.setdefault(entry["document"], PageExpectation(entry["sha256"], []))
        page.items.append(
            Item(
                entry["document"], entry["kind"], entry["polarity"], entry["subject"], entry["start"], entry["end"], "",
                entry["qualifiers"], entry.get("doubtful", False),
            )
        )  # fmt: skip
    return pages


def from_record(statement: Statement) -> Item:
    """Reduce an extracted statement."""
    evidence = statement.evidence
    return Item(
        evidence.document, statement.kind, statement.polarity, statement.subject.label, *evidence.object_span,
        evidence.object_text, statement.qualifiers, rule=evidence.rule,
    )  # fmt: skip
