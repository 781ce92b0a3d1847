"""Choosing among candidates: one reading of each mention, and nothing said twice by a title and its sentence."""

from __future__ import annotations

from collections.abc import Iterable

from kg.extraction.candidate import EXCLUSIVE, Candidate
from kg.extraction.sentence import PROFESSIONAL
from kg.records import Span

_HARM = frozenset({"adverse_effect", "withdrawal_effect"})

_GLOSSED = _HARM | {"indication", "contraindication", "caution"}
"""Kinds whose objects are said twice, once in lay words and once as doctors call them."""

_WANTED = "pharmacologic_effect"
"""What is sought in a drug: not what the same words name as a harm ("a slow pulse")."""

_INSTRUCTIONS = frozenset({"monitor", "adjust_dose"})
"""Levels of care that may stand side by side ("dose adjustments and careful monitoring")."""


def resolved(found: Iterable[Candidate]) -> list[Candidate]:
    """Keep one reading of each mention among the exclusive kinds, and one candidate of each kind and mention."""
    best: dict[tuple[str, Span], Candidate] = {}
    for candidate in found:
        kind = candidate.rule.kind
        level = candidate.rule.qualifiers.get("level", "") if kind == "caution" else ""
        own = level if level in _INSTRUCTIONS else ""
        key = (f"exclusive {own}" if kind in EXCLUSIVE else kind, candidate.object.span)
        rival = best.get(key)
        if rival is None or _rank(candidate) < _rank(rival):
            best[key] = candidate
    instructed = {span for name, span in best if name.startswith("exclusive ") and name != "exclusive "}
    spans = [c for (name, span), c in best.items() if not (_merely_caution(c) and span in instructed)]
    cautious = any(c.rule.kind == "caution" for c in spans)
    spans = [c for c in spans if not (cautious and _is_monitoring(c))]
    spans = [c for c in spans if not (c.rule.kind == _WANTED and _is_harm_too(c, spans))]
    spans = [c for c in spans if not (_explains(c, spans) or _only_asks(c))]
    kept = [c for c in spans if not _swallowed(c, spans) and not _repeats(c, spans)]
    return sorted(kept, key=lambda c: (c.object.span, c.rule.kind))


def _rank(candidate: Candidate) -> tuple[int, int, str]:
    return (-candidate.rule.priority, candidate.distance, candidate.rule.name)


def _same_words(one: Candidate, other: Candidate) -> bool:
    first, second = (c.object.core.of(c.sentence.normal).rstrip("s") for c in (one, other))
    if one.rule.kind == "indication" and set(one.object.concepts) & set(other.object.concepts):
        return True
    return first in second or (one.rule.kind == "advice" and other.rule.kind == "advice")


def _is_harm_too(candidate: Candidate, others: list[Candidate]) -> bool:
    """Whether the same words are a harm that the sentence tells of."""
    span = candidate.object.span
    return any(c.rule.kind in _HARM and c.polarity == "affirmed" and c.object.span.overlaps(span) for c in others)


def _is_monitoring(candidate: Candidate) -> bool:
    """Whether it is advice on monitoring; of a named condition that is a level of care, not advice to everyone."""
    topics = {concept.topic for concept in candidate.object.concepts} | {candidate.rule.qualifiers.get("topic")}
    words = candidate.object.span.of(candidate.sentence.normal)
    watches = candidate.sentence.phrases.words["about_monitoring"].search(words)
    return candidate.rule.kind == "advice" and "monitoring" in topics and bool(watches)


def _explains(candidate: Candidate, others: list[Candidate]) -> bool:
    """Whether it stands in brackets that say once more what stands before them: "low calcium (hypocalcaemia)".

    In labels brackets hold members of a group as often.
    """
    sentence, start = candidate.sentence, candidate.object.span.start
    if candidate.rule.kind not in _GLOSSED or candidate.in_heading or sentence.source in PROFESSIONAL:
        return False
    opened = sentence.normal.rfind("(", 0, start)
    if opened < 0 or ")" in sentence.normal[opened:start]:
        return False
    if not sentence.phrases.words["gloss"].match(sentence.normal, opened):
        return False
    kind = candidate.rule.kind
    return any(o.rule.kind == kind and opened - 1 <= o.object.span.end <= opened and not o.in_heading for o in others)


def _only_asks(candidate: Candidate) -> bool:
    """Whether advice only names whom to ask."""
    words = candidate.object.span.of(candidate.sentence.normal) if candidate.rule.kind == "advice" else ""
    return bool(words) and candidate.sentence.phrases.words["only_asks"].fullmatch(words) is not None


def _merely_caution(candidate: Candidate) -> bool:
    """Whether it only says that care is needed, which an explicit instruction in the same passage replaces."""
    return candidate.rule.kind == "caution" and candidate.rule.qualifiers.get("level") == "caution"


def _repeats(candidate: Candidate, others: list[Candidate]) -> bool:
    """Whether an item's title only announces what its own sentence then says of the same concept."""
    body = candidate.sentence.body
    title = candidate.sentence.passage.title
    if candidate.rule.kind == "interaction" and candidate.sentence.passage.row is not None:
        titles = (other for other in others if other.object.span.end <= body and other.rule.kind == "interaction")
        return candidate.object.span.start >= body and any(_same_words(candidate, other) for other in titles)
    if title is None or candidate.in_heading or candidate.object.span.end > body or not candidate.object.concepts:
        return False
    if title.sections and any(o.rule.kind == candidate.rule.kind and o.object.span.start >= body for o in others):
        return True  # the title is the heading of a section, not a member of a list
    behind = [other for other in others if other.object.span.start >= body]
    feared = (other for other in behind if other.rule.kind in _HARM and _same_words(candidate, other))
    if candidate.rule.kind == "caution" and any(feared):
        return True  # "Low sodium: low sodium may occur" warns of an effect, and not of patients
    return any(
        other.object.span.start >= body
        and (other.rule.kind == candidate.rule.kind or {other.rule.kind, candidate.rule.kind} <= _HARM)
        and candidate.rule.qualifiers.get("level") == other.rule.qualifiers.get("level")
        and _same_words(candidate, other)
        for other in others
    )


def _swallowed(candidate: Candidate, others: list[Candidate]) -> bool:
    """Whether an unlisted phrase lies over or in a mention that the same kind already has."""
    rivals = [
        other
        for other in others
        if other is not candidate
        and other.rule.kind == candidate.rule.kind
        and other.object.span.overlaps(candidate.object.span)
    ]
    if _is_bare(candidate):
        return any(not _is_bare(o) and o.object.span.contains(candidate.object.span) for o in rivals)
    if candidate.object.why == "vocabulary":
        return False
    return any(
        (other.object.why == "vocabulary" and not _is_bare(other)) or _rank(other) < _rank(candidate)
        for other in rivals
    )


def _is_bare(candidate: Candidate) -> bool:
    """Whether it only names a property ("half-life"), where a wording may tell its value ("half-life of 12 hours")."""
    return candidate.rule.kind == "pharmacokinetics" and candidate.rule.objects == "named"
