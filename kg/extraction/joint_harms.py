"""What an interaction leads to: the harms that its sentence names, and which of them hold for it alone."""

from __future__ import annotations

from dataclasses import dataclass, replace

from kg.extraction import findings
from kg.extraction.candidate import Candidate
from kg.extraction.sentence import AGENTS, PROFESSIONAL, Sentence
from kg.records import Mention, Span

_FINDING = frozenset({"Condition"})
_HARMS = frozenset({"adverse_effect"})
_OF_PATIENTS = frozenset({"contraindications", "warnings", "cautions_listed"})
_PATIENTS = 150
"""Characters before a condition that may say that patients have it."""


@dataclass(frozen=True, slots=True)
class Joint:
    """The harms of an interaction, and where those stand that are said of it alone."""

    effects: tuple[Mention, ...]
    only: frozenset[Span]


_NOTHING = Joint((), frozenset())


def found(sentence: Sentence, candidates: list[Candidate], combined: list[Candidate]) -> Joint:
    """Find what an interaction leads to: harms named in its sentence, and which of them hold for it alone."""
    if not combined or sentence.says("product_list"):
        return _NOTHING
    said = [c for c in candidates if c.rule.kind in _HARMS and c.polarity == "affirmed"]
    said = [c for c in said if c.object.why != "place" and not _of_patients(sentence, c.object.span)]
    effects = {c.object.span: c.object for c in said}
    leads = {c.said_in.passage.span: c.said_in for c in combined if c.said_in is not sentence}
    for lead in leads.values():  # "Taken with any of these it raises the risk of bleeding:"
        shift = lead.passage.span.start - sentence.passage.span.start
        for mention in lead.inside(Span(0, len(lead.normal)), _FINDING):
            if lead.says_apart("harm", max(0, mention.core.start - 60), mention.core.start):
                moved = replace(mention, span=_moved(mention.span, shift), core=_moved(mention.core, shift))
                effects.setdefault(moved.span, moved)
    grouped = [g.span for g in sentence.groups if g.types & AGENTS]  # "drugs that make you drowsy" name no harm
    effects = {span: m for span, m in effects.items() if not any(g.contains(span) for g in grouped)}
    taken = {c.object.span for c in candidates if c.rule.kind not in (*_HARMS, "interaction")}
    title = sentence.passage.title  # "Not for you if: ..." introduces people, and no harm
    floor = sentence.body if title is not None and title.sections & _OF_PATIENTS else 0
    for mention in sentence.inside(Span(0, len(sentence.normal)), _FINDING):
        before = sentence.says_apart("harm", max(floor, mention.core.start - 60), mention.core.start)
        after = sentence.phrases.words["harm_after"].match(sentence.normal, mention.span.end)
        if any(group.contains(mention.span) for group in grouped) or sentence.adds_to_risk(mention.span):
            continue
        if findings.is_none_of_label(sentence, mention.span.start) or _of_patients(sentence, mention.span):
            continue
        if mention.span not in taken and (before or after):
            effects.setdefault(mention.span, mention)
    only = frozenset() if sentence.says("also_alone") else frozenset(effects)
    return Joint(tuple(effects[s] for s in sorted(effects)), only)


def _of_patients(sentence: Sentence, span: Span) -> bool:
    """Tell whether a label names what patients have right behind "patients with"."""
    near = max(0, span.start - _PATIENTS)
    return sentence.source in PROFESSIONAL and sentence.says_apart("patients_bear", near, span.start)


def _moved(span: Span, offset: int) -> Span:
    return Span(span.start + offset, span.end + offset)
