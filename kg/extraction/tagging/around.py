"""What stands around a name in its document: the other names of its sentence, the sentences beside it, the headings.

A section on uses says in its first sentences what a drug is for, and further down what else there is to know; where a
sentence lies, and what is held possible beside it, tells the two apart.
"""

from __future__ import annotations

import functools
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence

from kg.extraction.tagging.spans import Occurrence, Words
from kg.extraction.tagging.tokens import Tokens

_LIKELY = 0.5
_NOTHING = -1.0
_REMEMBERED = 1_024
_WORD = re.compile(r"[a-z0-9]+")


def rows(by_name: Mapping[Words, Sequence[Occurrence]]) -> list[list[float]]:
    """Describe in numbers what stands around every name, in the order of the mapping."""
    by_sentence: dict[int, list[Occurrence]] = defaultdict(list)
    for found in by_name.values():
        for own in found:
            by_sentence[_place(own)].append(own)
    order = {place: number for number, place in enumerate(sorted(by_sentence))}
    highest = [max(own.probability for own in by_sentence[place]) for place in order]
    titles = frozenset[str]().union(
        *[found[0].tokens.words for found in by_sentence.values() if found[0].tokens.sentence.passage.is_heading]
    )
    result = []
    for words, found in by_name.items():
        own = max(found, key=lambda o: o.probability)
        place = order[_place(own)]
        first = min(order[_place(other)] for other in found)
        result.append(
            [
                *_in_sentence(own, by_sentence[_place(own)]),
                place, place / len(order), first / len(order), len(order),
                highest[place - 1] if place else _NOTHING,
                highest[place + 1] if place + 1 < len(order) else _NOTHING,
                max(highest[:place], default=_NOTHING),
                len({_place(other) for other in found}),
                *_in_headings(words, own.tokens, titles),
            ]
        )  # fmt: skip
    return result


def _place(own: Occurrence) -> int:
    return own.tokens.sentence.passage.span.start


def _in_sentence(own: Occurrence, found: Sequence[Occurrence]) -> list[float]:
    """Say how likely the other names of a sentence are, and how much of it follows."""
    others = [o.probability for o in found if o.last <= own.first or own.last <= o.first]
    return [
        max(others, default=_NOTHING), sum([chance > _LIKELY for chance in others]),
        sum([o.probability for o in found]), len(found), len(own.tokens.words) - own.last,
    ]  # fmt: skip


def _in_headings(words: Words, tokens: Tokens, titles: frozenset[str]) -> list[float]:
    """Say how much of a name the headings above it have, below the section's own, and those of the whole section."""
    above = tokens.sentence.passage.headings
    own = frozenset[str]().union(*[_words(heading.text) for heading in above[1:]])
    return [
        sum(map(own.__contains__, words)) / len(words),
        sum(map(titles.__contains__, words)) / len(words),
        len(above),
    ]


@functools.lru_cache(_REMEMBERED)
def _words(text: str) -> frozenset[str]:
    return frozenset(_WORD.findall(text.lower()))
