"""How a statement is worded: its label in the document's own words, and what of its clause belongs to it."""

from __future__ import annotations

import re
from dataclasses import replace

from kg.extraction import own_words
from kg.extraction.candidate import Candidate
from kg.extraction.sentence import Sentence
from kg.records import Mention, Span

MODELS = "model/"
"""What the names of rules begin with that stand for a model."""

_BLANKS_OF_BOUNDS = re.compile(r"(?<=[<>≤≥]) +(?=\d)")
_SHORTEST_HEAD = 3
_SHOUTED = 8
"""Letters of a word that is no abbreviation, whatever its capitals."""
LONGEST_ROW = 600
"""Characters of a table's row that is quoted whole."""


def with_verb(candidate: Candidate) -> Mention:
    """Take the verb into a mechanism ("enhancing the effects of GABA") where that stays a short phrase."""
    sentence, mention = candidate.sentence, candidate.object
    span = Span(candidate.cue.end, mention.span.end)
    words = sentence.phrases.words["word"].findall(sentence.normal, *span)
    if span.start >= mention.span.start or len(words) > 8 or candidate.rule.objects == "group":
        return mention
    while sentence.normal[span.start] == " ":
        span = Span(span.start + 1, span.end)
    return replace(mention, span=span, modified=True)


def own_label(words: str) -> str:
    """Write the document's own words as a label: small letters, but for abbreviations.

    >>> own_label("Allergic  to ACE inhibitors")
    'allergic to ACE inhibitors'
    >>> own_label("CEPHALOSPORINS"), own_label("DRESS")
    ('cephalosporins', 'DRESS')
    """
    parts = [part.strip("*_") for part in words.split()]
    shouted = words.isupper() and (len(parts) > 1 or len(words) >= _SHOUTED)
    return compact(" ".join(p.lower() if shouted or p[1:].islower() or len(p) == 1 else p for p in parts if p))


def compact(value: str) -> str:
    """Write a bound without blanks, so that one value is written in one way.

    >>> compact("creatinine clearance < 30 ml/min")
    'creatinine clearance <30 ml/min'
    """
    return _BLANKS_OF_BOUNDS.sub("", value)


def closed(span: Span, text: str, end: int) -> Span:
    """Close a bracket that a span opens, where it is closed at once, or leave it out.

    >>> closed(Span(0, 20), "60 mg/day (20 mg tid) with food", 31).of("60 mg/day (20 mg tid) with food")
    '60 mg/day (20 mg tid)'
    >>> closed(Span(0, 16), "schizophrenia (1 2)", 19).of("schizophrenia (1 2)")
    'schizophrenia'
    """
    words = span.of(text)
    if words.count("(") <= words.count(")"):
        return span
    if text.startswith(")", span.end) and span.end < end:
        return Span(span.start, span.end + 1)
    head = words[: words.rindex("(")].rstrip()
    return Span(span.start, span.start + len(head)) if len(head) > _SHORTEST_HEAD else span


def more_than_severity(mention: Mention, own: str) -> bool:
    """Whether the words in front of the known part say more than how severe it is."""
    extra = own[: max(0, mention.core.start - mention.span.start)].split()
    return bool(extra) and not (mention.severity and len(extra) == 1)


def on_dosing(candidate: Candidate) -> bool:
    """Whether an instruction is about the dose itself, which the sentence's dosage statements already give."""
    words = candidate.object.span.of(candidate.sentence.normal)
    return bool(candidate.sentence.phrases.words["about_dose"].search(words))


def starts_with(candidate: Candidate, marks: str) -> bool:
    """Whether the cue starts with one of some punctuation marks, as an apposition does."""
    return candidate.said_in.normal[candidate.cue.start : candidate.cue.start + 1] in tuple(marks)


def authority(sentence: Sentence) -> str:
    """Return the authority that a sentence names, empty where there is none."""
    match = sentence.phrases.words["authority"].search(sentence.normal)
    return sentence.text[match.start() : match.end()] if match else ""


def quotable(sentence: Sentence) -> Span:
    """Return what is quoted of a sentence: itself, or the row of its table, which says how often and in whom."""
    passage = sentence.passage
    if passage.row is None or passage.row.end - passage.row.start > LONGEST_ROW:
        return passage.span
    return passage.row


def speaks_of_itself(candidate: Candidate) -> bool:
    """Tell whether a sentence about alternatives goes on to describe one of them, by others or not."""
    sentence, described = candidate.sentence, [candidate.object]
    if candidate.rule.objects == "whole":
        described += sentence.agents[:1]
    words = sentence.phrases.words["speaks_of_itself"]
    return any(words.match(sentence.normal, mention.span.end) for mention in described)


def names_nothing(candidate: Candidate) -> bool:
    """Tell whether the object is a word that names nothing by itself: "current", "oral suspension", "therefore".

    What a model takes for a name is one: it has learned that "pressure" may be, among signs of a cold.
    """
    mention = candidate.object
    if mention.span.start < 0:
        return False
    sentence = candidate.sentence
    if sentence.phrases.words["names_nothing"].fullmatch(mention.span.of(sentence.normal)):
        return True
    if mention.concepts or candidate.rule.name.startswith(MODELS):
        return False
    return own_words.names_nothing(mention.span.of(sentence.text), candidate.rule.kind)
