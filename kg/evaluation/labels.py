"""Gold of drug labels: what a careful reader found in sections of openFDA labels, kept as offsets into their texts.

The texts stay where they are, a folder of openFDA files; a line of gold names its section by the label's set id and the
SHA-256 of the section's text. Each distinct wording counts once for a label, kind and polarity, and meets another when
its words contain the other's, or the other way round. Doubtful lines count on neither side. Of what is extracted, only
what stands in the sections that were annotated is measured.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from kg.errors import DocumentError, UnknownNameError
from kg.evaluation import said as statements
from kg.evaluation.figures import Counted, Figures, Words, most, near, ratio, words
from kg.evaluation.said import Said
from kg.records import Document, Span

SECTIONS = ("boxed_warning", "contraindications", "warnings", "warnings_and_cautions", "drug_interactions")
"""The sections that were annotated, by their openFDA names."""

LEVELLED = ("caution", "interaction")
"""The kinds whose level of care is measured."""


class Wording(NamedTuple):
    """An object's words as they are said of a label, with the level of care."""

    kind: str
    polarity: str
    words: Words
    level: str | None
    doubtful: bool = False


@dataclass(frozen=True, slots=True)
class Label:
    """A label that was annotated: the file it is in, the texts of its annotated sections, what is said in them."""

    set_id: str
    path: Path
    sections: tuple[str, ...]
    wordings: frozenset[Wording]


@dataclass(frozen=True, slots=True)
class KindScore:
    """The figures of one kind; of its matched statements `levels` have a level in the gold, `levels_right` that one."""

    figures: Figures
    levels: int = 0
    levels_right: int = 0
    missed: tuple[Counted, ...] = ()
    invented: tuple[Counted, ...] = ()

    @property
    def level_accuracy(self) -> float:
        """The share of right levels; 0 where no level is measured."""
        return ratio(self.levels_right, self.levels)


@dataclass(frozen=True, slots=True)
class Score:
    """How the statements of labels compare with the gold, kind by kind."""

    gold: str
    documents: int
    statements: int
    broken: int
    kinds: Mapping[str, KindScore]
    left_out: tuple[DocumentError, ...] = ()

    @property
    def all_kinds(self) -> KindScore:
        """The figures of all kinds together."""
        parts = self.kinds.values()
        figures = sum((part.figures for part in parts), Figures())
        return KindScore(figures, sum(p.levels for p in parts), sum(p.levels_right for p in parts))


def read(gold: Path, folder: Path) -> tuple[Label, ...]:
    """Read gold lines, and the sections that they speak of from the openFDA files of a folder.

    Raises
    ------
    DocumentError
        When a line is not what it must be, a label is not in the folder, or a section is not the one that was
        annotated.
    """
    lines: dict[str, list[tuple[str, Mapping[str, Any]]]] = defaultdict(list)
    for place, entry in statements.lines(gold):
        missing = [key for key in _KEYS if key not in entry]
        if missing:
            raise DocumentError(place, f"no line of gold: {missing[0]!r} is missing", f"needs {' '.join(_KEYS)}")
        lines[str(entry["set_id"])].append((place, entry))
    if not lines:
        raise DocumentError(str(gold), "holds no line of gold", "name a file with gold")
    found = _find(set(lines), folder)
    for set_id, said in lines.items():
        if set_id not in found:
            raise DocumentError(said[0][0], f"no label {set_id} in {folder}", "name the folder that holds it")
    return tuple(_label(set_id, *found[set_id], said) for set_id, said in lines.items())


def kinds_of(labels: Iterable[Label], wanted: str | None) -> list[str]:
    """Return the kinds to measure, by default all that the gold has.

    Raises
    ------
    UnknownNameError
        When the gold has nothing of the kind.
    """
    kinds = sorted({wording.kind for label in labels for wording in label.wordings})
    if wanted is not None and wanted not in kinds:
        raise UnknownNameError("--kind", f"the gold marks no {wanted!r}", f"use {' or '.join(kinds)}")
    return [wanted] if wanted else kinds


def score(
    gold: str, labels: Iterable[Label], documents: Iterable[Document], said: Iterable[Said], kinds: Iterable[str]
) -> Score:
    """Measure what was said of the labels; a label without a document counts as one of which nothing is said.

    Raises
    ------
    DocumentError
        When the text of a section is not in the document.
    """
    by_id, kinds = {label.set_id: label for label in labels}, tuple(kinds)
    texts = {set_id_of(document.name): document for document in documents}
    areas = {set_id: places(by_id[set_id], document) for set_id, document in texts.items()}
    seen = broken = 0
    told: dict[str, set[Wording]] = defaultdict(set)
    for statement in said:
        set_id = set_id_of(statement.document)
        if set_id not in texts or statement.kind not in kinds:
            continue
        mention = statement.words_in(texts[set_id].text)
        if mention is None:
            broken += 1
            told[set_id].add(Wording(statement.kind, statement.polarity, (f"broken {broken}",), None))
        elif any(area.contains(_object(statement)) for area in areas[set_id]):
            seen += 1
            told[set_id].add(Wording(statement.kind, statement.polarity, words(mention), statement.level))
    scores = {name: _score_kind(name, by_id.values(), told) for name in kinds}
    return Score(gold, len(by_id), seen, broken, scores)


def set_id_of(document: str) -> str:
    """Return the set id in the name of a label's document.

    >>> set_id_of("drug-label-0001.json#5e81b4a7")
    '5e81b4a7'
    """
    return document.rpartition("#")[2]


def places(label: Label, document: Document) -> list[Span]:
    """Return where the annotated sections stand in a label's document, wherever their texts are repeated too.

    Raises
    ------
    DocumentError
        When a section is not in the document.
    """
    found = []
    for section in label.sections:
        text = section.strip()
        start = document.text.find(text)
        if start < 0:
            problem = f"lacks the section that begins at “{' '.join(text.split()[:3])}”"
            raise DocumentError(document.name, problem, "measure with a reader that keeps sections as they are")
        while start >= 0:
            found.append(Span(start, start + len(text)))
            start = document.text.find(text, start + 1)
    return found


_KEYS = ("set_id", "section", "sha256", "kind", "level", "polarity", "start", "end", "doubtful")


def _object(statement: Said) -> Span:
    return Span(statement.object_start or 0, statement.object_end or 0)


def _find(wanted: set[str], folder: Path) -> dict[str, tuple[Path, Mapping[str, Any]]]:
    """Find labels by their set ids in openFDA files; nothing is kept of the others."""
    if not folder.is_dir():
        raise DocumentError(str(folder), "no such folder of labels", "check --labels")
    found: dict[str, tuple[Path, Mapping[str, Any]]] = {}
    for path in sorted(folder.rglob("*.json")):
        try:
            content = json.loads(path.read_bytes())
        except (ValueError, RecursionError):
            raise DocumentError(str(path), "is not JSON", "take it out of the folder of labels") from None
        except OSError as error:
            raise DocumentError(str(path), f"cannot be read ({error.strerror})", "name readable files") from None
        results = content.get("results") if isinstance(content, dict) else None
        for label in results if isinstance(results, list) else ():
            if isinstance(label, dict) and label.get("set_id") in wanted:
                found.setdefault(label["set_id"], (path, label))
    return found


def _label(set_id: str, path: Path, source: Mapping[str, Any], lines: list[tuple[str, Mapping[str, Any]]]) -> Label:
    parts = {name: _texts(source.get(name)) for name in SECTIONS}
    by_hash = {(name, hashlib.sha256(part.encode()).hexdigest()): part for name in SECTIONS for part in parts[name]}
    wordings = set()
    for place, entry in lines:
        section = by_hash.get((entry["section"], entry["sha256"]))
        if section is None:
            problem = f"{path} has no {entry['section']} of label {set_id} with this SHA-256"
            raise DocumentError(place, problem, "give --labels the version of the labels that was annotated")
        start, end = entry["start"], entry["end"]
        if not (isinstance(start, int) and isinstance(end, int) and 0 <= start < end <= len(section)):
            raise DocumentError(place, f"no text at {start} to {end}", "mend the offsets")
        said = words(section[start:end])
        wordings.add(Wording(entry["kind"], entry["polarity"], said, entry["level"], bool(entry["doubtful"])))
    return Label(set_id, path, tuple(part for name in SECTIONS for part in parts[name]), frozenset(wordings))


def _texts(value: object) -> list[str]:
    values = [value] if isinstance(value, str) else value if isinstance(value, list) else []
    return [text for text in values if isinstance(text, str) and text.strip()]


def _score_kind(kind: str, labels: Iterable[Label], told: Mapping[str, Iterable[Wording]]) -> KindScore:
    figures = Figures()
    levels: Counter[bool | None] = Counter()
    missed: Counter[Words] = Counter()
    invented: Counter[Words] = Counter()
    for label in labels:
        for polarity in sorted({wording.polarity for wording in (*label.wordings, *told.get(label.set_id, ()))}):
            gold = [w for w in label.wordings if (w.kind, w.polarity) == (kind, polarity)]
            said = [w for w in told.get(label.set_id, ()) if (w.kind, w.polarity) == (kind, polarity)]
            sure = {w.words for w in gold if not w.doubtful}
            doubtful = {w.words for w in gold if w.doubtful}
            wordings = {w.words for w in said}
            right = {w for w in wordings if near(w, sure)}
            counted = {w for w in wordings if w in right or not near(w, doubtful)}
            found = {w for w in sure if near(w, wordings)}
            figures += Figures(len(counted), len(right), len(sure), len(found))
            missed.update(sure - found)
            invented.update(counted - right)
            if kind in LEVELLED:
                levels.update(_level_is_right(w, gold) for w in said)
    return KindScore(figures, levels[True] + levels[False], levels[True], most(missed), most(invented))


def _level_is_right(said: Wording, gold: Iterable[Wording]) -> bool | None:
    """Tell whether a statement has the level of a line of gold that it meets; None where none of them has a level.

    Where only a doubtful line has its level, nobody can tell either.
    """
    met = [w for w in gold if near(said.words, [w.words])]
    sure = {w.level for w in met if not w.doubtful}
    if said.level in sure:
        return True if any(sure) else None
    doubtful = {w.level for w in met if w.doubtful}
    return None if not any(sure) or said.level in doubtful else False
