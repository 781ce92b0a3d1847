"""What words of a question say, whichever word is chosen: "quit", "give up" and "come off" all say that one stops.

`queries/senses.txt` lists, for each of some dozen things that can be said, words and turns of phrase that say it. What
is learned of one word of a list (`telling`) is so learned of all of them, those among them that no question had before.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kg import resources
from kg.errors import QueryError
from kg.questions import tokens

MARK, AND = "=", "&"
"""Begins the name of a sense; stands between two that are in the same question."""

_JOIN, _NAME_ENDS = "_", ":"
_SLOT = "{"

Senses = Mapping[str, Sequence[tuple[tuple[str, ...], str]]]
"""From a word (its root) to the turns of phrase that begin with it, each with what it says."""


@dataclass(frozen=True, slots=True, eq=False)
class _Table:
    words: Mapping[str, frozenset[str]]
    phrases: Senses


def features(roots: Sequence[str], how_many: str) -> frozenset[str]:
    """Return what the words of a question (roots and slots) say, alone, beside each other, and together.

    >>> sorted(f for f in features(["quit", "{drug}"], "#10") if f.startswith("=stop"))
    ['=stop', '=stop&#10', '=stop_{drug}']
    """
    said = _said(roots)
    together = sorted(frozenset().union(*said))
    places = [one or ({word} if word[0] == _SLOT else frozenset()) for one, word in zip(said, roots, strict=True)]
    near = {a + _JOIN + b for left, right in itertools.pairwise(places) for a in left for b in right if a != b}
    pairs = {a + AND + b for a, b in itertools.combinations(together, 2)}
    return frozenset(together) | near | pairs | {one + AND + how_many for one in together}


def of_word(root: str) -> frozenset[str]:
    """Return what a word (its root) says by itself."""
    return _load().words.get(root, frozenset())


def _said(roots: Sequence[str]) -> list[frozenset[str]]:
    """Return what each word says, by itself or as the beginning of a turn of phrase."""
    table = _load()
    none: frozenset[str] = frozenset()
    return [
        table.words.get(word, none)
        | {sense for phrase, sense in table.phrases.get(word, ()) if phrase == tuple(roots[at : at + len(phrase)])}
        for at, word in enumerate(roots)
    ]


@functools.cache
def _load() -> _Table:
    """Read the table of the package.

    Raises
    ------
    QueryError
        When the file is missing or malformed.
    """
    place = resources.folder("queries") / "senses.txt"
    words: dict[str, set[str]] = {}
    phrases: dict[str, list[tuple[tuple[str, ...], str]]] = {}
    try:
        lines = [line for line in place.read_text(encoding="utf-8").splitlines() if line and line[0] != "#"]
        for name, said in (line.split(_NAME_ENDS, 1) for line in lines):
            for one in said.split():
                first, *rest = map(tokens.root, one.split(_JOIN))
                if rest:
                    phrases.setdefault(first, []).append(((first, *rest), MARK + name))
                else:
                    words.setdefault(first, set()).add(MARK + name)
    except (OSError, ValueError) as error:
        raise QueryError(str(place), f"cannot be read ({error})", "write `NAME: word turn_of_phrase ...`") from None
    return _Table({word: frozenset(found) for word, found in words.items()}, phrases)
