"""A candidate: one reading of one mention by one rule."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from kg.extraction.phrases import Rule
from kg.extraction.sentence import Sentence
from kg.records import Mention, Span

EXCLUSIVE = frozenset(
    {"indication", "adverse_effect", "withdrawal_effect", "contraindication", "caution", "dosage", "alternative"}
)
"""Kinds of which one mention can be the object of one only: what treats is not what harms."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One reading: a rule, the sentence that holds the object, the object, and where the cue stands.

    `cue` is a span of `said_in`, which is the sentence itself or the one that introduces the list it belongs to.
    An object `in_heading` stands in the heading above; its span counts from the start of the document then.
    """

    rule: Rule
    sentence: Sentence
    object: Mention
    cue: Span
    scope: Span
    polarity: str
    said_in: Sentence
    in_heading: bool = False

    @property
    def distance(self) -> int:
        """How far the object is from the cue, in characters; 0 where they overlap or stand in two passages."""
        if self.said_in is not self.sentence or self.in_heading:
            return 0
        return max(0, self.object.core.start - self.cue.end, self.cue.start - self.object.core.end)


class SentenceReading(NamedTuple):
    """A sentence, the one that introduces the list it belongs to, and the candidates in it."""

    sentence: Sentence
    lead: Sentence | None
    candidates: list[Candidate]
