"""Doses: amounts and intervals become statements on the condition that they are given for."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from kg.extraction import dosed_people, undosed
from kg.extraction.patterns import Pattern
from kg.extraction.phrases import Phrases
from kg.extraction.sentence import PROFESSIONAL, Sentence, once
from kg.records import Heading, Mention, Span
from kg.vocabulary.lexicon import Lexicon, normalise

_CONDITION = frozenset({"Condition"})
_POPULATION = frozenset({"Population"})
_DRUG = frozenset({"Drug", "Brand"})
_DOSING = frozenset({"dosage", "administration"})
_PURPOSES = frozenset({"indications"})
_STAGES = ("single", "maximum", "initial", "maintenance")
_HEADINGS = 512
"""Headings about which it is remembered what they say: those of some documents."""
_ABOVE = 2
"""Headings right above a label's sentence that may say for whom a dose is."""
_BESIDE = 12
"""An interval at most this many characters behind an amount is that amount's own."""
_NEAR = 40
"""An interval stands at most this many characters behind the verb that it belongs to."""
_ELSEWHERE = frozenset({"interactions", "overdose", "kinetics", "storage", "alternatives", "comments", "studies"})


@dataclass(frozen=True, slots=True)
class Dose:
    """One dose: where it is said, what it is given for, and its qualifiers.

    `heading` is set where the condition stands in a heading or an item's title above the sentence; `object` then counts
    from the start of the document, otherwise from the start of the sentence.
    """

    sentence: Sentence
    object: Mention
    heading: Heading | None
    qualifiers: dict[str, str]
    rule: str


def doses(sentence: Sentence, lexicon: Lexicon) -> list[Dose]:
    """Read the doses of one sentence."""
    table = sentence.phrases.dosage
    if not sentence.places.possible & sentence.phrases.dose_bits:
        return []
    if sentence.passage.is_heading or sentence.under(_ELSEWHERE) or sentence.asks or _is_strength(sentence):
        return []
    dosing = sentence.under(_DOSING)
    if not dosing and (sentence.places.search(table["context"]) is None or sentence.places.search(table["of_a_trial"])):
        return []
    found = []
    amounts = _amounts(sentence, table["amount"])
    if amounts and undosed.says_none(sentence, amounts, dosing=dosing):
        return []
    for amount in _doses_among(amounts, sentence, table, dosing):
        clause = _surroundings(sentence, amount, amounts)
        values = _qualifiers(sentence, amount, clause, table, lexicon)
        for mention, heading in _given_for(sentence, amount, clause, lexicon):
            found.append(Dose(sentence, mention, heading, values, "dosage/amount"))
    if not found and (dosing or sentence.source not in PROFESSIONAL):
        found += _intervals(sentence, table, dosing)
    return [] if found and sentence.is_noise else found


def _is_strength(sentence: Sentence) -> bool:
    """Tell whether a cell stands in a column of strengths: "White | 0.5 mg" tells tablets apart, and gives no dose."""
    column = sentence.passage.headings[-1:] if sentence.passage.row is not None else ()
    return any(sentence.phrases.dosage["strength_column"].fullmatch(normalise(heading.text)) for heading in column)


def _amounts(sentence: Sentence, pattern: Pattern) -> list[Span]:
    """Return the amounts in a sentence as it is stored; one that explains another is part of it: "2 tablets (5 mg)"."""
    found: list[Span] = []
    for match in pattern.finditer(sentence.text) if sentence.places.may_match(pattern) else ():
        start, end = match.span()
        before = sentence.text[found[-1].end : start] if found else ""
        if before.strip() == "(" and sentence.text[end : end + 1] == ")":
            found[-1] = Span(found[-1].start, end + 1)
        else:
            found.append(Span(start, end))
    return found


def _doses_among(amounts: Iterable[Span], sentence: Sentence, table: Mapping[str, Any], dosing: bool) -> Iterator[Span]:
    """Give the amounts that are doses: no strengths, steps, cut-offs or amounts of something else."""
    normal, apart = sentence.normal, sentence.places.apart
    for span in amounts:
        # "(clearance below 45 mL/min) the dose is 50 mg", "with a clearance below 45 mL/min, give 50 mg"
        closed = max(normal.rfind(")", 0, span.start), normal.rfind(", ", 0, span.start)) + 1
        near, before, after = max(0, closed, span.start - 28), max(0, span.start - 60), normal[span.end : span.end + 30]
        if apart(table["not_a_dose"], near, span.start) or table["not_a_dose"].match(after.lstrip(" -,(")):
            continue
        if apart(table["titration"], before, span.start) or (
            apart(table["strength"], before, span.start) and not apart(table["maximum"], before, span.start)
        ):
            continue
        if table["strength_after"].match(after) or undosed.is_none(sentence, span):
            continue
        named = any(m.types & _DRUG and 0 <= span.start - m.span.end <= 1 for m in sentence.mentions)
        if named and not table["dose_behind"].match(normal, span.end):
            continue  # "Klonopin 2 mg": the product's strength
        if dosing or apart(table["context"], max(0, span.start - 80), span.end + 40):
            yield span


def _surroundings(sentence: Sentence, amount: Span, amounts: Iterable[Span]) -> Span:
    """Return the stretch that speaks of one amount: between its neighbours, inside its clause."""
    start = max((end for begin, end in amounts if end <= amount.start), default=0)
    start = max(start, undosed.begins(sentence, amount.start))
    end = min((begin for begin, _ in amounts if begin >= amount.end), default=len(sentence.normal))
    return Span(start, end)


def _qualifiers(
    sentence: Sentence, amount: Span, around: Span, table: Mapping[str, Any], lexicon: Lexicon
) -> dict[str, str]:
    places = sentence.places
    found = {"dose": sentence.text[amount.start : amount.end]}
    stage = _stage(sentence, amount, around, table)
    if stage:
        found["stage"] = stage
    interval = _interval(sentence, amount, around, table)
    if interval:
        found["frequency"] = sentence.text[interval.start : interval.end]
    above = _above(sentence)
    end = sentence.normal.find(";", amount.end)
    start = sentence.normal.rfind(";", 0, amount.start) + 1
    route = places.search(table["route"], start, end if end > 0 else None) or table["route"].search(above)
    if route:
        found["route"] = sentence.phrases.dosage["route_value"][route.group()]
    person = dosed_people.of(sentence, amount, around) or dosed_people.above(sentence, lexicon)
    if person:
        found["population"] = person
    return found


@once
def _above(sentence: Sentence) -> str:
    return " / ".join(normalise(h.text) for h in reversed(undosed.headings(sentence)[-3:]))


def _stage(sentence: Sentence, amount: Span, around: Span, table: Mapping[str, Any]) -> str | None:
    """Return the stage of a dose: told around it, in its title or above; one behind a starting dose is to stay."""
    places = sentence.places
    if table["initial_behind"].match(sentence.normal, amount.end):
        return "initial"
    if table["maintained_behind"].match(sentence.normal, amount.end):
        return "maintenance"
    earlier = table["initial_behind"].match(sentence.normal, around.start) if around.start else None
    told = earlier.end() if earlier else around.start  # "5 mg as the first dose, then 10 mg"
    for stage in _STAGES:
        start = _anew(sentence, told, amount.start, table) if stage == "maximum" else told
        if places.apart(table[stage], min(start, amount.start), around.end if stage == "single" else amount.start):
            return stage
    if around.start and places.apart(table["settled"], told, amount.start):
        begun = earlier or places.apart(table["initial"], 0, around.start)
        if begun:
            return "maintenance"
    return _stage_above(sentence)


@once
def _stage_above(sentence: Sentence) -> str | None:
    """Return the stage that the item's title tells, or else the headings above it."""
    title, table = sentence.passage.title, sentence.phrases.dosage
    if undosed.is_changed(sentence):
        return None
    above = [_above(sentence)]
    if sentence.source in PROFESSIONAL:  # the nearest first: a row "up to 70 kg" has no maximum
        above = [normalise(h.text) for h in reversed(undosed.headings(sentence)[-_ABOVE:])]
    for text in (normalise(title.text) if title else "", *above):
        if text and table["stage_title"].search(text):
            named = next((s for s in _STAGES if table[s].search(text)), None)
            if named:
                return named
    return None


def _interval(sentence: Sentence, amount: Span, around: Span, table: Mapping[str, Any]) -> Span | None:
    """Return how often an amount is taken: told behind it, else before it; the amount before it has its own."""
    places = sentence.places
    named = table["behind_name"].match(sentence.normal, amount.end)
    for match in places.finditer(table["frequency"], amount.end, around.end):
        if places.apart(table["of_change"], max(amount.end, match.start() - _NEAR), match.start()):
            continue
        if named and named.start("interval") < match.start():
            break
        return Span(*match.span())
    if named:
        return Span(*named.span("interval"))
    for match in places.finditer(table["frequency"], around.start, amount.start):
        if around.start and match.start() - around.start <= _BESIDE:
            continue
        return Span(*match.span())
    told = table["daily_dose"].search(sentence.normal, sentence.normal.rfind(";", 0, amount.start) + 1, amount.start)
    return Span(*told.span("interval")) if told else None


def _anew(sentence: Sentence, start: int, end: int, table: Mapping[str, Any]) -> int:
    """Return where what is told before an amount begins anew: behind a limit, people and a verb of taking.

    "Not more than directed adults take 2 tablets" limits nothing, "do not take more than 6 tablets" does.
    """
    people = [m.span for m in sentence.mentions if m.types & _POPULATION and start <= m.span.start < end]
    for match in sentence.places.finditer(table["anew"], start, end):
        if any(0 <= match.start() - span.end <= _NEAR for span in people):
            start = match.start()
    return start


def _given_for(
    sentence: Sentence, amount: Span, around: Span, lexicon: Lexicon
) -> Iterator[tuple[Mention, Heading | None]]:
    """Give what a dose is for: a condition of the sentence, of its title, of a heading; else the dose phrase."""
    inside = [m for m in sentence.mentions if m.types & _CONDITION and _is_purpose(sentence, m)]
    near = [m for m in inside if around.start <= m.span.start < around.end] or [
        m for m in inside if undosed.begins(sentence, amount.start) <= m.span.start and m.span.end <= amount.start
    ]
    if near:
        yield from ((m, None) for m in near)
        return
    headings = undosed.headings(sentence)
    if sentence.source in PROFESSIONAL and (undosed.is_changed(sentence) or not sentence.under(_DOSING | _PURPOSES)):
        headings = ()  # a label's warnings are headed by harms
    if len(headings) > 1 and not headings[0].sections:
        headings = headings[1:]  # the title of the whole: "Night Time Cough" is the product's name
    for heading in reversed(headings):
        if _has_no_purpose(heading.text, sentence.phrases):
            continue
        found = [m for m in heading_mentions(heading, lexicon) if m.types & _CONDITION]
        if found and not heading.sections & {"adverse_effects", "pregnancy", "overdose", "withdrawal"}:
            yield from ((m, heading) for m in found)
            return
    span = _phrase(sentence, amount)
    yield Mention(span, span, (), frozenset(), why="wording"), None


@functools.lru_cache(_HEADINGS)  # as `dosed_people.names_in`
def _has_no_purpose(heading: str, phrases: Phrases) -> bool:
    """Tell whether what a heading names is nothing that the doses below it are for."""
    return bool(phrases.dosage["no_purpose"].search(normalise(heading)))


def heading_mentions(heading: Heading, lexicon: Lexicon) -> list[Mention]:
    """Return the names in a heading; spans count from the start of the document."""
    offset = heading.span.start
    return [
        Mention(
            Span(h.span.start + offset, h.span.end + offset),
            Span(h.span.start + offset, h.span.end + offset),
            h.concepts,
            frozenset().union(*(c.types for c in h.concepts)),
        )
        for h in dosed_people.names_in(heading.text, lexicon)
    ]


def _is_purpose(sentence: Sentence, mention: Mention) -> bool:
    """Whether a condition is what the dose is for: named first, after "for"/"in", or in the item's own title."""
    before = sentence.normal[max(0, mention.span.start - 50) : mention.span.start]
    if undosed.is_harm(sentence, mention):
        return False
    if mention.span.end <= sentence.body:
        return not undosed.is_changed(sentence)
    places, table = sentence.places, sentence.phrases.dosage
    if table["no_purpose"].search(mention.span.of(sentence.normal)):
        return False
    if places.apart(sentence.phrases.roles["comparison"], max(0, mention.span.start - 60), mention.span.start):
        return False
    told = table["purpose_before"].search(before) or table["treated_with"].match(sentence.normal, mention.span.end)
    return bool(told) and not table["no_purpose_before"].search(before)


def _phrase(sentence: Sentence, amount: Span) -> Span:
    """Return the dose phrase: the amount and the interval right after it."""
    frequency = sentence.places.search(sentence.phrases.dosage["frequency"], amount.end)
    if frequency and frequency.start() - amount.end <= 9:
        return Span(amount.start, frequency.end())
    return amount


def _intervals(sentence: Sentence, table: Mapping[str, Any], dosing: bool) -> Iterator[Dose]:
    """Read a dose that is given as words only: "two to three times daily", "a low dose"."""
    normal = sentence.normal
    vague = sentence.places.search(table["vague"])
    if vague and dosing and table["initial"].search(normal):
        values = {"dose": sentence.text[vague.start() : vague.end()], "stage": "initial"}
        inside = [m for m in sentence.mentions if m.types & _CONDITION and _is_purpose(sentence, m)]
        if inside:
            yield from (Dose(sentence, m, None, values, "dosage/vague") for m in inside[:1])
        return
    taken = sentence.places.search(table["taken"])
    interval = sentence.places.search(table["frequency"], taken.end()) if taken else None
    if taken is None or interval is None or interval.start() - taken.end() > _NEAR:
        return
    if table["moment"].fullmatch(interval.group()) or table["not_taken"].search(normal[: interval.end()]):
        return
    span = Span(*interval.span())
    values = {"frequency": sentence.text[span.start : span.end]}
    route = table["route"].search(normal)
    if route:
        values["route"] = sentence.phrases.dosage["route_value"][route.group()]
    inside = [m for m in sentence.mentions if m.types & _CONDITION and _is_purpose(sentence, m)]
    for mention in inside or [Mention(span, span, (), frozenset(), why="wording")]:
        yield Dose(sentence, mention, None, values, "dosage/interval")
