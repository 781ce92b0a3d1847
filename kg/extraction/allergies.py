"""Allergies to something: "hypersensitivity to X, Y or any of its components" names one thing for each of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from kg.extraction.patterns import Places
from kg.extraction.phrases import Phrases
from kg.records import Mention, Span
from kg.vocabulary.lexicon import Lexicon

FINDINGS = frozenset({"Condition"})
COMPLEMENT = "complement"
"""Why something is a mention: it is what somebody is allergic to."""
ALLERGENS = frozenset({"Drug", "Brand", "DrugClass", "Substance"})


def allergies(places: Places, known: list[Mention], lexicon: Lexicon, phrases: Phrases) -> list[Mention]:
    """Find the allergies that a text names by what they are to.

    The first complement takes the reaction in, the others stand alone.

    `known` are the mentions found so far: a finding among the complements ends their list.
    """
    found: list[Mention] = []
    normal = places.text
    for match in places.finditer(phrases.words["reaction_to"]):
        start, core = _reaction(match, normal, phrases)
        concepts = lexicon.named(core.of(normal))
        for number, span in enumerate(_complements(normal, match.end(), known, phrases)):
            if number:
                found.append(Mention(span, span, (), FINDINGS, modified=True, why=COMPLEMENT))
            else:
                whole = Span(start, span.end)
                found.append(Mention(whole, core, concepts, FINDINGS, modified=True, why=COMPLEMENT))
    return found


def _reaction(match: re.Match[str], normal: str, phrases: Phrases) -> tuple[int, Span]:
    """Return where the mention begins, "history of" and "severe" taken in, and the reaction's own words."""
    core = Span(*match.span("reaction"))
    before = phrases.words["reaction_modifiers"].search(normal, max(0, match.start() - 60), match.start())
    return (before.start() if before else match.start()), core


def _complements(normal: str, start: int, known: list[Mention], phrases: Phrases) -> Iterator[Span]:
    """Cut what follows "to" into members, up to where another clause or another finding begins."""
    for remark in phrases.words["remark"].finditer(normal, start):
        normal = normal[: remark.start()] + " " * len(remark.group()) + normal[remark.end() :]
    stop = phrases.words["complement_stop"].search(normal, start)
    end = stop.start() if stop else len(normal)
    place, first = start, True
    for match in [*phrases.words["complement_separator"].finditer(normal, start, end), None]:
        span = _bare(normal, place, match.start() if match else end, phrases)
        place = match.end() if match else end
        if span.end <= span.start:
            if first:
                continue
            return
        finding = any(m.types & FINDINGS and not m.types & ALLERGENS and m.span.overlaps(span) for m in known)
        if len(span.of(normal)) > 90 or (finding and not first):
            return
        if not first and phrases.words["not_a_complement"].match(normal, *span):
            return
        yield span
        first = False


def _bare(normal: str, start: int, end: int, phrases: Phrases) -> Span:
    while start < end and not normal[start].isalnum():
        start += 1
    trailing = phrases.words["trailing_joint"].search(normal, start, end)
    end = trailing.start() if trailing else end
    while end > start and not (normal[end - 1].isalnum() or normal[end - 1] in ")'"):
        end -= 1
    if normal[start:end].count(")") > normal[start:end].count("("):
        end = normal.rfind(")", start, end)
    return Span(start, end)


def merged(found: list[Mention], known: list[Mention]) -> list[Mention]:
    """Let an allergy replace the mentions that it holds, and keep what they know where it is the allergen alone."""
    if not found:
        return known
    kept = [m for m in known if not any(a.span.overlaps(m.span) for a in found)]
    result = []
    for allergy in found:
        same = next((m for m in known if m.span == allergy.span), None)
        result.append(replace(allergy, concepts=same.concepts) if same and not allergy.concepts else allergy)
    return sorted([*kept, *result], key=lambda m: (m.span.start, -m.span.end))
