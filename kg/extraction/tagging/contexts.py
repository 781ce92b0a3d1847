"""What stands around each token of a sentence: prepositions, reporting words, brackets."""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from kg import resources
from kg.extraction.tagging.columns import Column, Laid, joined

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from kg.extraction.tagging.columns import Integers

    Truths = NDArray[np.bool_]

_ENDS = frozenset(".;:")
_OPENING, _CLOSING = frozenset("(["), frozenset(")]")
_STEP, _STEPS, _DEEPEST = 3, 3, 2
_NOTHING = "-"

Near = tuple[str, int, int]
Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class FunctionWords:
    """The words around a name that say how it stands to its sentence (`ontology/models/words.toml`)."""

    prepositions: frozenset[str]
    reporting: frozenset[str]
    keys: frozenset[str]
    openings: frozenset[str]
    saying: frozenset[str]

    def keys_among(self, words: Iterable[str]) -> list[str]:
        """Return the key words among some words, in a fixed order."""
        return sorted(self.keys.intersection(words))


@functools.cache
def function_words() -> FunctionWords:
    """Read the lists of function words."""
    path = resources.folder("ontology") / "models" / "words.toml"
    found = tomllib.loads(path.read_text("utf-8"))
    lists = (frozenset(found[name]) for name in ("prepositions", "reporting", "keys", "openings", "saying"))
    return FunctionWords(*lists)


class Contexts(NamedTuple):
    """What stands around tokens; what ends a clause counts among the prepositions.

    `near` has the last preposition, how far it is (in threes), and how deep in brackets the token is; `earlier` the
    last two prepositions with the word before each; `reported` the last two reporting words, `told` the last of them
    and the last preposition; `ahead` the next of either and the last reporting word.
    """

    near: Column[Near]
    earlier: Column[Pair]
    reported: Column[Pair]
    told: Column[Pair]
    ahead: Column[Pair]


def contexts(laid: Laid) -> Contexts:
    """Return the context of each token."""
    import numpy as np

    words, table, own_start = laid.words, function_words(), laid.own_start
    prepositions, reporting = _among(words, table.prepositions), _among(words, table.reporting)
    stops = prepositions | _among(words, _ENDS)
    nothing = len(words.values)
    before = _Labels(words, stops, np.where(prepositions, laid.previous, nothing + 1), "{1}_{0}")
    behind = _Labels(words, stops | reporting, np.where(prepositions, laid.following, nothing + 1), "{0}_{1}")
    spoken = _Labels(words, reporting, np.full(len(words.numbers), nothing + 1), "{0}")

    near, report = _last(stops, own_start), _last(reporting, own_start)
    steps = np.minimum((np.arange(len(near)) - np.where(near >= 0, near + 1, own_start)) // _STEP, _STEPS)
    depth = np.minimum(_depth(laid), _DEEPEST)
    nearer, reported = before.at(near), spoken.at(report)

    def pair(first: tuple[Integers, int], one: _Labels, second: tuple[Integers, int], other: _Labels) -> Column[Pair]:
        return joined([first, second], lambda a, b: (one.values[a], other.values[b]))

    return Contexts(
        joined(
            [nearer, (steps, _STEPS + 1), (depth, _DEEPEST + 1)],
            lambda near, steps, depth: (before.values[near], steps, depth),
        ),
        pair(before.at(_at(near, near)), before, nearer, before),
        pair(spoken.at(_at(report, report)), spoken, reported, spoken),
        pair(reported, spoken, nearer, before),
        pair(behind.at(_next(stops | reporting, laid)), behind, reported, spoken),
    )


class _Labels:
    """What some tokens are called: the word, or with the number of a word beside it both."""

    def __init__(self, words: Column[str], wanted: Truths, beside: Integers, form: str) -> None:
        import numpy as np

        where = np.flatnonzero(wanted)
        names, alone = [*words.values, ""], len(words.values) + 1
        found = joined(
            [(words.numbers[where], alone), (beside[where], alone + 1)],
            lambda word, other: names[word] if other == alone else form.format(names[word], names[other]),
        )
        self.values = [_NOTHING, *found.values]
        self._numbers = np.zeros(len(wanted), dtype=np.int64)
        self._numbers[where] = found.numbers + 1

    def at(self, places: Integers) -> tuple[Integers, int]:
        """Return what stands at places as numbers of `values`, and how many of these there are."""
        return _at(places, self._numbers, 0), len(self.values)


def _at(places: Integers, numbers: Integers, nowhere: int = -1) -> Integers:
    import numpy as np

    found: Integers = np.where(places >= 0, numbers[places], nowhere)
    return found


def _among(words: Column[str], chosen: frozenset[str]) -> Truths:
    import numpy as np

    flags = np.fromiter((word in chosen for word in words.values), dtype=np.bool_, count=len(words.values))
    found: Truths = flags[words.numbers]
    return found


def _last(wanted: Truths, own_start: Integers) -> Integers:
    """Return the last place before each token of its sentence where something wanted stands; -1 for none."""
    import numpy as np

    seen = np.maximum.accumulate(np.where(wanted, np.arange(len(wanted)), -1))
    before = np.concatenate([[-1], seen[:-1]])
    found: Integers = np.where(before >= own_start, before, -1)
    return found


def _next(wanted: Truths, laid: Laid) -> Integers:
    """Return the next place behind each token of its sentence where something wanted stands; -1 for none."""
    import numpy as np

    size = len(wanted)
    seen = np.minimum.accumulate(np.where(wanted, np.arange(size), size)[::-1])[::-1]
    behind = np.concatenate([seen[1:], [size]])
    found: Integers = np.where(behind < np.repeat(laid.starts + laid.sizes, laid.sizes), behind, -1)
    return found


def _depth(laid: Laid) -> Integers:
    """Return how many brackets are open at each token; one that closes what was not opened counts for nothing."""
    import numpy as np

    opening, closing = _among(laid.words, _OPENING).astype(np.int64), _among(laid.words, _CLOSING).astype(np.int64)
    level = np.cumsum(opening - closing)
    before = np.concatenate([[0], level[:-1]])
    level, before = level - before[laid.own_start], before - before[laid.own_start]
    # within each sentence the lowest level so far; a later sentence lies lower as a whole, so that none sees another
    step = (len(level) + 1) * np.repeat(np.arange(len(laid.sizes)), laid.sizes)
    lowest = np.minimum(np.minimum.accumulate(np.minimum(before, 0) - step) + step, 0)
    found: Integers = before - lowest + opening
    return found
