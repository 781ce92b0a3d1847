"""What stands around a name in its document: the other names of its sentence, and the sentences beside it.

A name that the sequence model doubts is likelier where its neighbours are likely. Where a sentence lies is not told: of
labels that makers copy from each other, place and length would be remembered instead of language.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from kg.extraction.tagging.spans import Occurrence, Words

_LIKELY = 0.5
_NOTHING = -1.0


def rows(by_name: Mapping[Words, Sequence[Occurrence]]) -> list[list[float]]:
    """Describe in numbers what stands around every name, in the order of the mapping.

    They are the chance of the likeliest other name of the sentence, how many likely ones there are, and the chance of
    the likeliest name in the sentence before, in the one behind, and in all before; sentences without a name are none.
    """
    by_sentence: dict[int, list[Occurrence]] = defaultdict(list)
    for found in by_name.values():
        for own in found:
            by_sentence[_place(own)].append(own)
    order = {place: number for number, place in enumerate(sorted(by_sentence))}
    highest = [max(own.probability for own in by_sentence[place]) for place in order]
    result = []
    for found in by_name.values():
        own = max(found, key=lambda o: o.probability)
        place = order[_place(own)]
        others = [o.probability for o in by_sentence[_place(own)] if o.last <= own.first or own.last <= o.first]
        result.append(
            [
                max(others, default=_NOTHING), sum([chance > _LIKELY for chance in others]),
                highest[place - 1] if place else _NOTHING,
                highest[place + 1] if place + 1 < len(order) else _NOTHING,
                max(highest[:place], default=_NOTHING),
            ]
        )  # fmt: skip
    return result


def _place(own: Occurrence) -> int:
    return own.tokens.sentence.passage.span.start
