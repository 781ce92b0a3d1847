"""Mentions: what the lexicon finds, made as long as its meaning, and what only shape and place betray."""

from __future__ import annotations

import re
from dataclasses import replace

from kg.extraction import abbreviations, allergies
from kg.extraction.patterns import Places
from kg.extraction.phrases import Phrases
from kg.records import Concept, Mention, Span
from kg.vocabulary.lexicon import Lexicon

FINDINGS = frozenset({"Condition"})
FEWEST_LISTED = 3
"""Members of a list that is nothing but names, where those without the shape of a finding are read as findings too."""

SHAPE = "shape"
"""Why a mention is one that stands for a finding by the shape of its name, or that of its neighbours."""

ALLERGENS = frozenset({"Drug", "Brand", "DrugClass", "Substance"})
_WORD_BEFORE = re.compile(r"([a-z'-]+)[ -][ *_]*$")
_SHARED = re.compile(r"\b(?:in|of)\b")
_NO_WORD = re.compile(r"[\d\[\](){}%<>=]|^(?:in|after|during)\b")
_WORDS = re.compile(r"[\w'’/%+-]+")


def known(
    text: str,
    places: Places,
    lexicon: Lexicon,
    phrases: Phrases,
    defined: abbreviations.Defined = abbreviations.NONE,
    offset: int = 0,
) -> list[Mention]:
    """Find the vocabulary's names in a text and extend them by the modifiers that belong to their meaning.

    `places` are those of the text, folded; `defined` are the abbreviations of the document, in which the text begins at
    `offset`.
    """
    found: list[Mention] = []
    normal, words = places.text, phrases.words
    for span, concepts in defined.beside(lexicon.find(text, normal), text, offset):
        floor = found[-1].span.end if found else 0
        if found and _is_gloss(found[-1], span, concepts, normal):
            closing = 1 if normal[span.end : span.end + 1] == ")" else 0  # "restless legs syndrome (RLS)"
            end = span.end + closing
            found[-1] = replace(found[-1], span=Span(found[-1].span.start, end), core=Span(found[-1].core.start, end))
            continue
        types = types_of(concepts)
        mention = Mention(span, span, concepts, types)
        right = words["right"].match(normal, span.end) if types & FINDINGS else None
        if right:
            mention = replace(mention, span=Span(span.start, right.end()), modified=True)
        if right or " " in normal[span.start : span.end]:
            found += _shared_head(mention, places, floor, lexicon, phrases)
        found.append(_extended(mention, places, floor, phrases) if types & FINDINGS else mention)
        if types & FINDINGS:
            found += _shared_start(mention, normal, lexicon, phrases)
    if not places.possible & phrases.shape_bits:
        return _apart(found)
    found = _apart([*_by_pattern(places, phrases), *found])
    return allergies.merged(allergies.allergies(places, found, lexicon, phrases), found)


def types_of(concepts: tuple[Concept, ...]) -> frozenset[str]:
    """Return the semantic types of the concepts that bear one name."""
    return concepts[0].types if len(concepts) == 1 else frozenset().union(*(concept.types for concept in concepts))


def _by_pattern(places: Places, phrases: Phrases) -> list[Mention]:
    """Find what has a form rather than a name: thresholds of a measurement, age groups."""
    found = []
    for word, kind in (("threshold", "Condition"), ("age_group", "Population")):
        for match in places.finditer(phrases.words[word]):
            span = Span(*match.span())
            found.append(Mention(span, span, (), frozenset({kind}), modified=True, why=word))
    return found


def _is_gloss(mention: Mention, span: Span, concepts: tuple[Concept, ...], normal: str) -> bool:
    """Whether a name in brackets only repeats the name before it."""
    between = normal[mention.span.end : span.start]
    return (
        between in (" (", ", or ")
        and bool(set(mention.concepts) & set(concepts))
        and (between != " (" or normal[span.end : span.end + 1] == ")")
    )


def _apart(found: list[Mention]) -> list[Mention]:
    """Drop what a later, longer reading of the same words has replaced."""
    if len(found) < 2:
        return found
    kept: list[Mention] = []
    for mention in sorted(found, key=lambda m: (m.span.start, -m.span.end)):
        if not kept or mention.span.start >= kept[-1].span.end:
            kept.append(mention)
    return kept


def _shared_start(mention: Mention, normal: str, lexicon: Lexicon, phrases: Phrases) -> list[Mention]:
    """Resolve coordinated complements: in "difficulty with memory and concentration" the last word is difficult too."""
    words = mention.span.of(normal).split()
    match = phrases.words["coordinated_after"].match(normal, mention.span.end)
    if not match or len(words) < 2:
        return []
    for last in (match.end(2), match.end(1)):
        added = normal[match.start(1) : last]
        if last < 0 or lexicon.named(added):
            continue
        for count in range(len(words) - 1, 0, -1):
            concepts = lexicon.named(" ".join([*words[:count], added]))
            if concepts:
                span = Span(match.start(1), last)
                types = types_of(concepts)
                return [Mention(span, span, concepts, types, why="coordination")]
    return []


def _shared_head(mention: Mention, places: Places, floor: int, lexicon: Lexicon, phrases: Phrases) -> list[Mention]:
    """Resolve coordinated heads: in "absence and myoclonic seizures" the word "absence" names an absence seizure."""
    words = mention.span.of(places.text).split()
    found: list[Mention] = []
    end = mention.span.start
    while len(words) > 1:
        match = places.apart(phrases.words["coordinated_before"], max(floor, end - 60), end)
        if not match:
            break
        offset = max(floor, end - 60)
        span = Span(match.start(1) + offset, match.end(1) + offset)
        concepts: tuple[Concept, ...] = ()
        for first in range(len(words) - 1, 0, -1):
            concepts = lexicon.named(f"{match[1]} {' '.join(words[first:])}")
            if concepts:
                break
        if not concepts or lexicon.named(match[1]):
            break
        types = types_of(concepts)
        found.insert(0, Mention(span, span, concepts, types, why="coordination"))
        end = span.start
    return found


def _extended(mention: Mention, places: Places, floor: int, phrases: Phrases) -> Mention:
    """Take in the words to the left that belong to the meaning: severity, grade, course, "history of"."""
    normal, start, modifiers = places.text, mention.span.start, phrases.modifiers
    first = normal[mention.core.start : mention.core.end].split()[:1]
    severity = mention.severity or (modifiers.get(first[0]) if first else None) or None
    while True:
        before = normal[max(floor, start - 40) : start]
        match = _WORD_BEFORE.search(before)
        joined = places.apart(phrases.words["two_modifiers"], max(floor, start - 40), start)
        if joined and joined[1] in modifiers and joined[2] in modifiers:
            severity = severity or modifiers[joined[2]] or None
            start -= len(joined.group())
        elif match and match[1] in modifiers:
            severity = severity or modifiers[match[1]] or None
            start -= len(match.group())
        else:
            break
    wider = bool(mention.modified)
    history = places.apart(phrases.words["history"], max(floor, start - 40), start)
    if history:
        start -= len(history.group())
    modified = bool(history) or wider
    if (start, severity, modified) == (mention.span.start, mention.severity, mention.modified):
        return mention
    return replace(mention, span=Span(start, mention.span.end), severity=severity, modified=modified)


def unlisted(
    places: Places, scope: Span, taken: list[Mention], phrases: Phrases, before: bool = False
) -> list[Mention]:
    """Find the members of a coordination that the vocabulary lacks, by their shape.

    `scope` is what stands after (or, with `before`, in front of) a cue that announces a list. Its members are cut at
    commas and "and"/"or"; a member without any known mention is taken when it is a short noun phrase, judged by the
    words that it must not hold.
    """
    found: list[Mention] = []
    pieces = _pieces(places, scope, phrases)
    for index, piece in enumerate(reversed(pieces) if before else pieces):
        if any(m.span.overlaps(piece) for m in taken):
            continue
        span = _noun_phrase(places.text, piece, phrases)
        if span is None:
            if index and not before:
                break  # the list has ended
            continue
        found.append(Mention(span, span, (), frozenset(), why="place"))
    return sorted(found, key=lambda m: m.span)


def shaped(places: Places, scope: Span, taken: list[Mention], phrases: Phrases) -> list[Mention]:
    """Find the findings of a coordination that the vocabulary lacks, by the shape of their names: "-itis", "... pain".

    A list of three or more that is nothing but names needs no such shape: if one is a finding, the others are; nor does
    a list none of whose members is known.
    """
    normal, pieces = places.text, _pieces(places, scope, phrases)
    found: list[Span] = []
    is_list = True
    for piece in pieces:
        known = [m for m in taken if m.span.overlaps(piece)]
        span = None if known else _noun_phrase(normal, piece, phrases)
        if known:
            is_list &= all(m.types & FINDINGS for m in known) and not _beyond(normal, piece, known[-1].span)
        elif span is None or _NO_WORD.search(normal, *span):
            is_list = False
        else:
            found.append(span)
            is_list &= not _beyond(normal, piece, span)
    is_list &= len(pieces) >= FEWEST_LISTED
    is_list &= not any(phrases.words["adjective"].fullmatch(normal, *span) for span in found)  # "dural and renal pain"
    kept = [span for span in found if is_list or phrases.words["finding_shape"].search(normal, *span)]
    return [Mention(span, span, (), frozenset(), why=SHAPE) for span in kept]


def _beyond(normal: str, piece: Span, name: Span) -> bool:
    """Whether a member of a list says more than its name, or what the others share: "loss of hair, nails and teeth"."""
    return bool(normal[name.end : piece.end].strip(" .:;*_")) or _SHARED.search(normal, *name) is not None


def _pieces(places: Places, scope: Span, phrases: Phrases) -> list[Span]:
    pieces, start = [], scope.start
    for match in places.finditer(phrases.words["list_separator"], *scope):
        pieces.append(Span(start, match.start()))
        start = match.end()
    pieces.append(Span(start, scope.end))
    return [p for p in pieces if p.end > p.start]


def _noun_phrase(normal: str, piece: Span, phrases: Phrases) -> Span | None:
    start, end = piece
    lead = phrases.words["leading"].match(normal, start, end)
    if lead:
        start = lead.end()
    tail = phrases.words["trailing"].search(normal, start, end)
    if tail:
        end = tail.start()
    while start < end and not normal[start].isalnum():
        start += 1
    while end > start and not (normal[end - 1].isalnum() or normal[end - 1] in ")%'"):
        end -= 1
    phrase = normal[start:end]
    words = _WORDS.findall(phrase)
    if not words or len(words) > 6 or len(phrase) < 4 or not any(len(w) > 3 for w in words):
        return None
    if phrases.words["not_a_name"].search(phrase):
        return None
    return Span(start, end)
