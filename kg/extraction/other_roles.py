"""What a mention may be instead of an object: another drug's use, a sign of an allergy, a comparison."""

from __future__ import annotations

from kg.extraction import findings, passing
from kg.extraction.allergies import COMPLEMENT, FINDINGS
from kg.extraction.candidate import EXCLUSIVE, Candidate
from kg.extraction.phrases import Phrases
from kg.extraction.sentence import AGENTS

_INTERACTIONS = frozenset({"interactions"})
_CARE = frozenset({"contraindication", "caution"})
_HARMS = frozenset({"adverse_effect", "withdrawal_effect"})


def plays_one(candidate: Candidate, phrases: Phrases) -> bool:
    """Tell whether the mention is what another drug is for, a sign of an allergy or overdose, or a comparison."""
    sentence, mention, rule = candidate.sentence, candidate.object, candidate.rule
    if candidate.in_heading:
        return False
    carries = rule.kind in _CARE and "Population" in mention.types
    if carries and phrases.words["carrier"].match(sentence.normal, mention.span.end):
        return passing.taken_by(mention, sentence) is None  # whether it is the document's drug is seen later
    if rule.kind in _HARMS and findings.is_none_of_label(sentence, mention.span.start):
        return True
    if rule.kind in _HARMS and (findings.is_told_of_others(candidate) or _has_been(candidate)):
        return True
    if rule.kind == "pharmacokinetics":
        return sentence.places.apart(phrases.words["of_other_drugs"], 0, mention.span.start) is not None
    if rule.kind not in EXCLUSIVE or rule.kind == "alternative":
        return False
    if sentence.passage.is_item and "Condition" in mention.types and sentence.under(_INTERACTIONS):
        agent = any(m.types & AGENTS and m.span.end <= mention.span.start for m in sentence.mentions)
        if agent and sentence.says_apart("for_its_use", 0, mention.core.start):
            return True
    if rule.kind in _HARMS and mention.why == COMPLEMENT and not any(c.types & FINDINGS for c in mention.concepts):
        return True  # "patients allergic to penicillins or latex": what they are allergic to is no harm
    if mention.types & AGENTS and rule.kind not in ("contraindication", "caution", "dosage"):
        return True
    if not sentence.places.possible & phrases.role_bits:
        return False
    clause = sentence.clause(mention.span)
    for name, match in sentence.places.each_apart(phrases.roles, clause.start, mention.core.start):
        start, end = match.start() + clause.start, match.end() + clause.start
        between = sentence.normal[end : mention.core.start]
        if between.count(")") > between.count("("):
            continue  # the brackets that it stands in were closed before
        own = candidate.said_in is sentence and start < candidate.cue.end and candidate.cue.start < end
        if name == "sign_of" and rule.kind in ("adverse_effect", "indication"):
            return True
        told = own and (rule.weak or rule.open == "list" or rule.kind == "contraindication")
        if name == "event" and rule.kind in _CARE and not told:
            return True
        if name == "allergy_sign" and rule.kind == "contraindication":
            return True
        if name == "taken_for" or (name == "other_use" and rule.kind != "contraindication"):
            return True
        if name in ("comparison", "relative") and not own:
            return True
        if name == "studied_in" and not own and rule.kind in ("indication", "adverse_effect"):
            return True
        if (
            name in ("benefit", "state", "overdosing", "animals")
            and rule.kind == "adverse_effect"
            and rule.agent != "after"
        ):
            return True
        if name == "risk_factor_listed" and rule.kind == "adverse_effect":
            return True
        if name == "animals" and rule.kind == "indication":
            return True
        if name == "harm_before" and not own and rule.kind == "indication" and rule.objects == "whole":
            return True
    return False


def _has_been(candidate: Candidate) -> bool:
    """Tell whether a mention is what patients have had, which is nothing that the drug does: "a history of ulcers"."""
    mention = candidate.object
    if mention.span.start == mention.core.start:
        return False
    return candidate.sentence.says_apart("history", mention.span.start, mention.core.start)
