"""Whom a dose is for: named around its amount, in its row or in a heading above."""

from __future__ import annotations

import functools

from kg.extraction import undosed
from kg.extraction.phrases import Phrases
from kg.extraction.populations import name_of
from kg.extraction.sentence import PROFESSIONAL, Sentence, once
from kg.records import Mention, Span
from kg.vocabulary.lexicon import Hit, Lexicon, normalise

_CONDITION = frozenset({"Condition"})
_POPULATION = frozenset({"Population"})
_HEADINGS = 512
"""Headings about which it is remembered what they say: those of some documents."""
_ABOVE = 2
"""Headings right above a label's sentence that may say for whom a dose is."""


def of(sentence: Sentence, amount: Span, around: Span) -> str | None:
    """Return whom a sentence says that an amount is for: by their illness, or by name."""
    return _ill(sentence, amount) or _named(sentence, amount, around)


@functools.lru_cache(_HEADINGS)  # the same few headings stand over all the sentences of a document
def names_in(text: str, lexicon: Lexicon) -> list[Hit]:
    """Return the names in a heading or a cell."""
    return lexicon.find(text)


@once
def above(sentence: Sentence, lexicon: Lexicon) -> str | None:
    """Return the population that another cell of the row or a heading names, a failing organ too."""
    if whom := undosed.row_population(sentence):
        return whom
    headings = [heading.text for heading in reversed(undosed.headings(sentence))]
    if sentence.source in PROFESSIONAL:
        headings = headings[:_ABOVE]
    cells = [cell for cell in sentence.row.split("|") if cell.strip() != sentence.text.strip()] if sentence.row else []
    cells = cells[:1] if sentence.source in PROFESSIONAL else cells  # another cell tells how long, or till when
    for text in (*cells, *headings):
        if person := _person_in(text, lexicon, sentence.phrases):
            return person
    organ = sentence.phrases.dosage["no_purpose"].search(normalise(headings[0])) if headings else None
    return organ.group() if organ and " and " not in organ.group() else None


@functools.lru_cache(_HEADINGS)  # as `names_in`
def _person_in(text: str, lexicon: Lexicon, phrases: Phrases) -> str | None:
    age = phrases.words["age_group"].search(normalise(text))
    if age:
        return age.group()
    concepts = (concept for hit in names_in(text, lexicon) for concept in hit.concepts)
    return next((c.label for c in concepts if c.types & _POPULATION and not c.types & _CONDITION), None)


def _ill(sentence: Sentence, amount: Span) -> str | None:
    """Return the patients of a dose by their impaired organ: "patients with severe renal impairment"."""
    normal, phrases = sentence.normal, sentence.phrases
    for match in sentence.places.finditer(phrases.words["patients_with"], 0, amount.start):
        for mention in sentence.mentions:
            near = 0 <= mention.span.start - match.end() <= 1 and mention.types & _CONDITION
            if near and phrases.dosage["no_purpose"].search(mention.span.of(normal)):
                return normal[match.start() : mention.span.end]
    for mention in sentence.mentions:
        if mention.span.end > amount.start or not mention.types & _CONDITION:
            continue
        told = sentence.places.apart(phrases.dosage["in_illness"], max(0, mention.span.start - 10), mention.span.start)
        if told and phrases.dosage["no_purpose"].search(mention.span.of(normal)):
            degree = phrases.dosage["degree"].match(normal, mention.span.end)
            return normal[mention.span.start : degree.end() if degree else mention.span.end]
    whose = sentence.places.search(phrases.dosage["whose"], 0, amount.start)
    return whose.group() if whose else None


def _named(sentence: Sentence, amount: Span, around: Span) -> str | None:
    """Return whom an amount is for: named right around it, or told last before it.

    Where the amount before has its people behind it ("40 mg in adults, 20 mg in over-65s"), so has this one.
    """
    begin = undosed.begins(sentence, amount.start)
    people = [m for m in sentence.mentions if m.types & _POPULATION and m.span.start >= begin]
    apart = sentence.normal.find(";", amount.end, around.end)
    near = [m for m in people if around.start <= m.span.start < (around.end if apart < 0 else apart)]
    before = [m for m in people if m.span.end <= amount.start]
    behind = [m for m in near if _is_behind(sentence, amount, m)]
    taken = [m for m in before if around.start and _is_behind(sentence, Span(0, around.start), m)] if behind else []
    inside = [m for m in near if m.span.end <= amount.start and m not in taken] or behind
    others = [m for m in people if apart < 0 and (m.span.start < around.end or not _in_brackets(sentence, m))]
    chosen = inside[-1:] or before[-1:] or near or others[:1]
    if not chosen:
        return None
    place = last = people.index(chosen[0])
    while place and sentence.phrases.dosage["together"].fullmatch(
        sentence.normal, people[place - 1].span.end, people[place].span.start
    ):
        place -= 1  # "adults, including the elderly"
    if place < last and " and " in sentence.normal[people[place].span.end : people[last].span.start + 1]:
        return sentence.normal[people[place].span.start : people[last].span.end]  # "adults and teenagers over 12"
    return undosed.widened(sentence, people[place]) or name_of(people[place], sentence)


def _is_behind(sentence: Sentence, amount: Span, person: Mention) -> bool:
    """Tell whether an amount is for people told behind it: "125 mg is usual, and in the elderly 62.5 mg" is not."""
    between = sentence.normal[amount.end : person.span.start]
    return "," not in between and bool(sentence.phrases.dosage["of_whom"].search(between))


def _in_brackets(sentence: Sentence, person: Mention) -> bool:
    return sentence.normal.rfind("(", 0, person.span.start) > sentence.normal.rfind(")", 0, person.span.start)
