"""Where a document seems to say a thing and its opposite: what a section alone makes of a name gives way to words.

A section on uses also says what the drug is not for, and one on interactions names drugs that it then clears. A rule
that has read no more than "it stands in this section" knows nothing of that; a denial that words express does.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import replace

from kg.extraction.candidate import Candidate
from kg.extraction.phrases import Phrases
from kg.extraction.qualifiers import SECTION_DEFAULT
from kg.extraction.sentence import PROFESSIONAL
from kg.records import Span, Statement
from kg.vocabulary.lexicon import normalise

_BY_SECTION = frozenset({"indication", "interaction"})
"""Kinds of statement that a section alone may make of a name."""

_NEAR = 60
"""Words that narrow a name stand at most this many characters before it."""


def _by_section(candidate: Candidate) -> bool:
    """Whether a section or a model alone makes the object a use that is affirmed."""
    rule = candidate.rule
    return rule.kind == "indication" and rule.priority < SECTION_DEFAULT and candidate.polarity == "affirmed"


def as_meant(candidate: Candidate) -> Candidate:
    """Give a use that its sentence refuses as a denied one: "limitations of use: not for treating ...".

    What is refused is as narrow as its words: no "complicated malaria", no "other forms of epilepsy".
    """
    if candidate.rule.kind != "indication" or candidate.in_heading:
        return candidate
    sentence, mention = candidate.sentence, candidate.object
    if _by_section(candidate) and sentence.says("use_denied", 0, mention.span.start):
        candidate = replace(candidate, polarity="denied")
    if candidate.polarity == "affirmed" or mention.span.start < 0:
        return candidate
    words, start = sentence.phrases.words["narrows_use"], mention.span.start
    behind = candidate.cue.end if candidate.cue.end <= start else 0
    narrower = words.search(sentence.normal, max(start - _NEAR, behind), start)
    if narrower is None:
        return candidate
    whole = Span(narrower.start(), mention.span.end)
    return replace(candidate, object=replace(mention, span=whole, modified=True))


def is_unproven(candidate: Candidate) -> bool:
    """Tell whether a use is named only to say that nothing has shown it, or that it is looked into."""
    sentence = candidate.sentence
    if candidate.rule.kind == "indication" and sentence.source not in PROFESSIONAL and sentence.says("only_studied"):
        return True
    before = candidate.object.span.start
    of_patients = sentence.source in PROFESSIONAL and candidate.rule.kind == "indication"
    denied = of_patients and candidate.polarity == "denied" and not candidate.in_heading
    if denied and sentence.says_apart("no_denied_use", max(0, before - _NEAR), before):
        return True  # "in patients who are not candidates for surgery"
    if not _by_section(candidate) or candidate.in_heading:
        return False
    words = candidate.sentence.phrases.words["use_unproven"]
    return bool(words.match(candidate.sentence.normal, candidate.object.span.end))


def settled(statements: Collection[Statement], tables: Phrases) -> list[Statement]:
    """Leave out what is affirmed by its place alone and denied by words.

    The denial stands in the same quote about the same words; or, where the affirmed quote says nothing but a name,
    anywhere in the document.
    """
    denied: dict[tuple[object, ...], list[Statement]] = defaultdict(list)
    for statement in statements:
        if statement.polarity == "denied":
            denied[_content(statement)].append(statement)
    if not denied:
        return list(statements)
    worded = frozenset(rule.name for rule in tables.rules if rule.priority >= SECTION_DEFAULT)
    return [
        s
        for s in statements
        if s.polarity == "denied"
        or s.kind not in _BY_SECTION
        or s.evidence.rule in worded
        or not _gives_way(s, denied.get(_content(s), ()), tables)
    ]


def _gives_way(statement: Statement, denials: Collection[Statement], tables: Phrases) -> bool:
    own = statement.evidence
    if any(d.evidence.span.overlaps(own.span) and d.evidence.object_span.overlaps(own.object_span) for d in denials):
        return True
    same = any(d.qualifiers == statement.qualifiers for d in denials)
    bare = not tables.words["tells_effect"].search(normalise(own.quote or ""))
    return statement.kind == "interaction" and same and bare


def _content(statement: Statement) -> tuple[object, ...]:
    thing = statement.object
    return statement.kind, statement.subject, thing.iri or thing.label
