"""What is to be done about people at risk, said in the same passage: it replaces the bare word of caution."""

from __future__ import annotations

import re

from kg.extraction.candidate import Candidate
from kg.extraction.phrases import Cue
from kg.extraction.sentence import Sentence, once
from kg.records import Mention, Span

_VAGUE = frozenset({"caution", "no_data"})
INSTRUCTIONS = frozenset({"avoid", "not_recommended", "monitor", "adjust_dose"})
"""Levels that say what is to be done."""
_ELSEWHERE = frozenset({"Condition", "Population", "Activity", "Substance"})
"""Types of names that an instruction may be about instead."""


@once
def said(sentence: Sentence, kind: str, clause: Span) -> list[tuple[Cue, re.Match[str]]]:
    """Return what the patterns of a kind's qualifiers find in a clause; what is not safe for sure is not said to be."""
    places = sentence.places
    return [
        (cue, match)
        for cue in sentence.phrases.qualifiers_of.get(kind, ())
        if places.possible & cue.pattern.bit
        for match in places.finditer(cue.pattern, *clause)
        if cue.value != "stated_safe" or sentence.says_safe(Span(*match.span()))
    ]


def level(candidate: Candidate, found: str | None) -> str | None:
    """Return the level of an instruction behind the object, where what was found only tells of a risk.

    "Older people fall more often, so a lower dose is chosen", "Kidney disease: close monitoring is needed" in a list of
    cautions. What is told of somebody or something named behind it is not meant.
    """
    sentence, about = candidate.sentence, candidate.object
    if found not in _VAGUE or candidate.in_heading or about.span.start < 0:
        return None
    told = "bids_care" if candidate.said_in is not sentence else "tells_risk"
    words = candidate.cue.of(candidate.said_in.normal)
    if found == "caution" and bool(sentence.phrases.words[told].search(words)) is (told == "bids_care"):
        return None  # "use with caution in:" over a list has said what to do
    place = max(about.span.end, sentence.body) if about.span.end <= sentence.body else about.span.end
    for cue, match in said(sentence, "caution", Span(place, len(sentence.normal))):
        if cue.name == "level" and cue.value in INSTRUCTIONS and not _of_another(sentence, match, cue.value):
            return cue.value
    return None


def of_such_patients(sentence: Sentence) -> str | None:
    """Return the level of what a sentence bids to do about people named before it."""
    for cue, match in said(sentence, "caution", sentence.whole):
        if cue.name == "level" and cue.value in INSTRUCTIONS and not _of_another(sentence, match, cue.value):
            return cue.value
    return None


def _of_another(sentence: Sentence, match: re.Match[str], value: str) -> bool:
    """Tell whether an instruction is about what is named behind it; "such infections" are those named before."""
    words = sentence.phrases.words
    if value == "monitor" and words["watched_for"].match(sentence.normal, match.end()):
        return False
    return any(_is_new(mention, sentence) for mention in sentence.mentions if mention.span.start >= match.end())


def _is_new(mention: Mention, sentence: Sentence) -> bool:
    before = max(0, mention.span.start - 24), mention.span.start
    return bool(mention.types & _ELSEWHERE) and not sentence.says_apart("such_ones", *before)
