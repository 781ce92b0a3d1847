"""Mentions that have a form rather than a name: groups of drugs, groups of patients, and what is listed with drugs."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from dataclasses import replace

from kg.extraction.patterns import Places
from kg.extraction.phrases import Form, Phrases
from kg.records import Mention, Span

AGENTS = frozenset({"Drug", "Brand", "DrugClass", "Substance"})
_LISTED = frozenset({"Drug"})
"""What a stranger is taken for that stands in a list of agents."""
_REMEMBERED = 1_024
_OWN_WORDS = 14
"""Characters that the words in front of a drug in a list may have: "other potent ..."."""


def groups(places: Places, known: list[Mention], phrases: Phrases) -> list[Mention]:
    """Return the mentions that have a form only, in order; none of them cuts a known name."""
    found = by_form(places, known, phrases)
    visible = [m for m in known if not _lies_over(found, m.span)] if found else known
    found += listed(places, [*visible, *found], phrases)
    return sorted(found, key=lambda m: m.span)


def types(places: Places, known: Iterable[Mention], phrases: Phrases) -> frozenset[str]:
    """Return the types that mentions with a form only may have, beside those of the known names."""
    found = _types_of_forms(places.possible & phrases.form_bits, phrases)
    return found | _LISTED if found & AGENTS or any(mention.types & AGENTS for mention in known) else found


@functools.lru_cache(_REMEMBERED)  # few forms may stand in a sentence, in most of them the same
def _types_of_forms(possible: int, phrases: Phrases) -> frozenset[str]:
    return frozenset(form.type for form in phrases.forms if possible & form.pattern.bit)


def by_form(places: Places, known: list[Mention], phrases: Phrases) -> list[Mention]:
    """Find what the table of forms describes; a name that a form ends with is its core.

    A form that is exactly a known name, or that would cut one, is left out.
    """
    found: list[Mention] = []
    if not places.possible & phrases.form_bits:
        return []
    for form in phrases.forms:
        if not places.possible & form.pattern.bit:
            continue
        for span in _spans(form, places):
            inner = [m for m in known if m.span.overlaps(span)]
            if any(not span.contains(m.span) or m.span == span for m in inner):
                continue
            shorter = [m for m in found if m.span.overlaps(span)]
            if any(m.span == span or not span.contains(m.span) for m in shorter):
                continue
            found = [m for m in found if m not in shorter]  # "drugs that are CYP2D6 substrates" holds another group
            found.append(_mention(span, form, inner))
    return found


def _spans(form: Form, places: Places) -> list[Span]:
    spans, normal = [], places.text
    name = "object" if "(?P<object>" in form.pattern.pattern else 0
    for match in places.finditer(form.pattern):
        span = Span(*match.span(name))
        while span.end > span.start and normal[span.end - 1] in " *_":
            span = Span(span.start, span.end - 1)
        if not (form.refuse and form.refuse.search(normal, *span)):
            spans.append(span)
    return spans


def _mention(span: Span, form: Form, inner: list[Mention]) -> Mention:
    """Make the mention; the known name at its end, of the same type, stays its core."""
    head = next((m for m in inner if m.span.end == span.end and form.type in m.types), None)
    if head is None:
        return Mention(span, span, (), frozenset({form.type}), modified=True, why="form")
    return replace(head, span=span, modified=True, why="form")


def listed(places: Places, known: list[Mention], phrases: Phrases) -> list[Mention]:
    """Find the members that stand in a list between drugs and have the shape of a name.

    "aspirin, phenylquorone, and warfarin": the stranger is a drug, too.
    """
    if not any(m.types & AGENTS for m in known):
        return []
    found: list[Mention] = []
    normal = places.text
    pieces = _pieces(places, phrases)
    for index, (piece, joined) in enumerate(pieces):
        if _lies_over(known, piece):
            continue
        after = index + 1 < len(pieces) and pieces[index + 1][1]
        if not (
            (joined and index > 0 and _ends_with(pieces[index - 1][0], known, found))
            or (after and _begins_with(pieces[index + 1][0], known))
        ):
            continue
        name = _named(normal, piece, phrases)
        if name is not None and not phrases.words["not_an_agent"].search(normal, *name):
            found.append(Mention(name, name, (), _LISTED, why="list"))
    return found


def _lies_over(mentions: Iterable[Mention], span: Span) -> bool:
    """Whether one of some mentions shares characters with a span."""
    start, end = span
    for mention in mentions:  # a loop is twice as fast as `any`, and this is asked for every part of every list
        first, last = mention.span
        if first < end and start < last:
            return True
    return False


def _named(normal: str, piece: Span, phrases: Phrases) -> Span | None:
    """Return the name that a piece consists of, or begins with where its sentence goes on; None where there is none."""
    if phrases.words["agent_shape"].fullmatch(normal, *piece):
        return piece
    goes_on = phrases.words["after_agent"].search(normal, *piece)
    begun = Span(piece.start, goes_on.start()) if goes_on else None
    return begun if begun and phrases.words["agent_shape"].fullmatch(normal, *begun) else None


def _begins_with(piece: Span, known: list[Mention]) -> bool:
    """Whether a drug stands at the start of a piece, a few words of its own before it."""
    return any(m.types & AGENTS and m.span.overlaps(piece) and m.span.start - piece.start <= _OWN_WORDS for m in known)


def _ends_with(piece: Span, known: list[Mention], found: list[Mention]) -> bool:
    return any(m.types & AGENTS and m.span.overlaps(piece) and piece.end <= m.span.end for m in (*known, *found))


def _pieces(places: Places, phrases: Phrases) -> list[tuple[Span, bool]]:
    """Cut at list separators; say of each piece whether a separator joins it to the one before."""
    normal, pieces = places.text, list[tuple[Span, bool]]()
    start, joined = 0, False
    for match in places.finditer(phrases.words["agent_separator"]):
        pieces.append((_trimmed(normal, start, match.start()), joined))
        start, joined = match.end(), match.group().lstrip()[:1] not in (".", ";", ":")
    pieces.append((_trimmed(normal, start, len(normal)), joined))
    return [(piece, joined) for piece, joined in pieces if piece.end > piece.start]


def _trimmed(normal: str, start: int, end: int) -> Span:
    while start < end and normal[start] in " *_":
        start += 1
    while end > start and normal[end - 1] in " *_":
        end -= 1
    return Span(start, end)
