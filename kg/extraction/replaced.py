"""Which drug an alternative takes the place of, and what is named there for another reason."""

from __future__ import annotations

from kg.extraction import wording
from kg.extraction.candidate import Candidate
from kg.extraction.subject import Subjects
from kg.records import Concept


def drug(candidate: Candidate, subjects: Subjects) -> Concept | None:
    """Return the drug that a sentence offers an alternative to, where it names another than the document's own.

    "Losartan is an alternative to ramipril" says so of ramipril, whichever of the two the document is about. The drug
    stands in the cue ("if ramipril is not tolerated, ..."), right behind it, or behind "instead of".
    """
    sentence, (start, end) = candidate.sentence, candidate.cue
    if candidate.said_in is not sentence:
        return None
    found = next((m for m in sentence.agents if start <= m.core.start < end), None)
    behind = [m for m in sentence.agents if m.core.start >= end and m is not candidate.object]
    if found is None and candidate.rule.objects == "before":
        found = next((m for m in behind[:1] if sentence.says_apart("only_determined", end, m.core.start)), None)
    found = found or next((m for m in behind if sentence.says_apart("in_place_of", 0, m.core.start)), None)
    if found is None or subjects.is_main(found) or subjects.own_class(found):
        return None
    return next(iter(subjects.named(found)), None)


def only_describes(candidate: Candidate, described: bool) -> bool:
    """Tell whether the object is named for its own sake; in front of the cue it is what is said to be an alternative.

    `described` tells whether it is a class that is said of another drug: "zafirlukast, another ..., may be used".
    """
    if candidate.rule.objects == "before":
        return described and candidate.sentence.says_apart("another_one", 0, candidate.object.span.start)
    return described or wording.speaks_of_itself(candidate)
