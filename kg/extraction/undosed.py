"""What stands in a label's sections on doses and is none: strengths, volumes to prepare, limits, tables run together.

Beside it: which headings still hold where a label was flattened, and what a dose that is changed for a harm is not for.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence

from kg.extraction.sentence import PROFESSIONAL, Sentence, once
from kg.records import Heading, Mention, Span
from kg.vocabulary.lexicon import normalise

_FEWEST = 4
"""Amounts that a table run together holds."""
_CELLS = 2
"""Of these, so many follow another one with nothing but cells between."""
_NEAR = 60
"""Characters before an amount or a name that may say that it is a limit, or what a dose is changed for."""
_BEFORE = 30
"""Characters that an amount in front of another one's bracket may have."""
_SECTION = re.compile(r"(?:^|(?<=[\s.)\]]))\d{1,2}\.\d{1,2} (?=[A-Z][a-z])")
"""The number of a section that a label's text runs on into."""
_CELL = re.compile(r"(?:[a-z0-9)*†‡§]) (?:[A-Z][a-z]+|[<>≤≥]|\d+(?:\.\d+)? (?:to|kg|years|months)\b)")
_VOLUME = re.compile(r"\bm?l\b", re.IGNORECASE)
_MEASURED = re.compile(r"\b(?:m?l|units?|tsps?|teaspoons?|tablets?|capsules?)\b", re.IGNORECASE)


def begins(sentence: Sentence, place: int) -> int:
    """Return where a label's section begins that a place of a sentence belongs to; what is told before is another's."""
    return max((start for start in _sections(sentence) if start <= place), default=0)


@once
def _sections(sentence: Sentence) -> tuple[int, ...]:
    if sentence.source not in PROFESSIONAL:
        return ()
    return tuple(match.start() for match in _SECTION.finditer(sentence.text))


@once
def headings(sentence: Sentence) -> tuple[Heading, ...]:
    """Return the headings above that hold for a sentence: a new section's own number ends those within a section."""
    above = sentence.passage.headings
    return tuple(h for h in above if h.sections) if _sections(sentence) else above


@once
def is_changed(sentence: Sentence) -> bool:
    """Tell whether a label says how a dose is changed for a harm: what is named there is not what the dose is for."""
    if sentence.source not in PROFESSIONAL:
        return False
    told = sentence.phrases.words["dose_changed_for"]
    if sentence.passage.row is not None and told.search(normalise(sentence.row)):
        return True
    return any(told.search(normalise(h.text)) for h in headings(sentence)) or bool(told.search(sentence.normal))


def is_harm(sentence: Sentence, mention: Mention) -> bool:
    """Tell whether a condition is what a dose is changed, or given, until or after: "if diarrhea recurs, ... 50 mg"."""
    if sentence.source not in PROFESSIONAL:
        return False
    start = mention.span.start
    return sentence.says_apart("dose_changed_at", max(0, start - _NEAR), start)


def says_none(sentence: Sentence, amounts: Sequence[Span], *, dosing: bool) -> bool:
    """Tell whether none of a label's amounts are doses: a table run together, a trial's, outside sections on doses."""
    if sentence.source not in PROFESSIONAL:
        return False
    bids = sentence.says("dose_bidden")
    if not dosing:
        return not bids or sentence.says("dose_told")
    if sentence.places.search(sentence.phrases.dosage["of_a_trial"]) is not None and not bids:
        return True
    return _runs_together(sentence, amounts) or _prepares(sentence)


def _runs_together(sentence: Sentence, amounts: Sequence[Span]) -> bool:
    if len(amounts) < _FEWEST or sentence.passage.row is not None:
        return False
    between = [Span(one.end, other.start) for one, other in itertools.pairwise(amounts)]
    return sum(_are_cells(sentence, gap) for gap in between) >= _CELLS


def _are_cells(sentence: Sentence, gap: Span) -> bool:
    """Tell whether a cell ends between two amounts: nothing joins them, or a capital begins what no mark sets off."""
    joined = sentence.phrases.words["dose_joined"].search(sentence.normal, *gap)
    return joined is None or _CELL.search(sentence.text, *gap) is not None


@once
def _prepares(sentence: Sentence) -> bool:
    """Tell whether a row is one of a table on how a product is prepared, or its column is."""
    if sentence.passage.row is None:
        return False
    words, steps = sentence.phrases.words["dose_prepared"], sentence.phrases.words["dose_steps"]
    column = normalise(sentence.passage.headings[-1].text) if sentence.passage.headings else ""
    return bool(words.search(normalise(sentence.row)) or words.search(column) or steps.fullmatch(column))


def is_none(sentence: Sentence, amount: Span) -> bool:
    """Tell whether an amount of a label is a strength, a volume to prepare or a limit."""
    if sentence.source not in PROFESSIONAL:
        return False
    words, normal = sentence.phrases.words, sentence.normal
    if words["dose_packed"].match(normal, amount.end):
        return True
    near = max(0, amount.start - _NEAR), amount.start
    if sentence.says_apart("dose_limit", *near):
        return True
    if words["dose_piece_behind"].match(normal, amount.end) and sentence.says_apart("dose_piece", *near):
        return True
    bracket = normal[: amount.start].endswith("(") and sentence.phrases.dosage["amount"].search(
        sentence.text, max(0, amount.start - _BEFORE), amount.start
    )
    if bracket and bracket.end() >= amount.start - 2 and _MEASURED.search(amount.of(sentence.text)):
        return True  # "5 mg (1 mL, or 100 units)"
    return bool(_VOLUME.search(amount.of(sentence.text))) and sentence.says("dose_made_up")


def row_population(sentence: Sentence) -> str | None:
    """Return whom a label's row is for where its first cell says so by age, weight or a failing organ."""
    if sentence.source not in PROFESSIONAL or sentence.passage.row is None:
        return None
    first = sentence.row.split("|")[0].strip(" *_")
    whom = sentence.phrases.words["dose_band"].fullmatch(normalise(first))
    return " ".join(first.split()) if whom and first != sentence.text.strip() else None


def widened(sentence: Sentence, person: Mention) -> str | None:
    """Return a band of ages or weights of which a name is only the end: "15 kg to less than 30 kg"."""
    if sentence.source not in PROFESSIONAL:
        return None
    start = max(0, person.span.start - _NEAR)
    lower = sentence.places.apart(sentence.phrases.words["dose_band_lower"], start, person.span.start)
    return sentence.normal[start + lower.start() : person.span.end] if lower else None
