"""Misspelt names: which names of a list are how many slips of the finger away."""

from __future__ import annotations

from collections.abc import Iterable

MOST = 2
"""More slips than these make another word."""

_SHORTEST = 5


def distance(one: str, other: str, most: int = MOST) -> int:
    """Count the letters added, left out, changed or swapped with their neighbour; `most + 1` where there are more.

    >>> distance("klonopim", "klonopin"), distance("wafrarin", "warfarin"), distance("aspirin", "heparin")
    (1, 1, 3)
    """
    if abs(len(one) - len(other)) > most:
        return most + 1
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        now = [i]
        for j, wanted in enumerate(other, 1):
            cost = min(row[j] + 1, now[j - 1] + 1, row[j - 1] + (letter != wanted))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == wanted:
                cost = min(cost, before[j - 2] + 1)
            now.append(cost)
        if min(now) > most:
            return most + 1
        before, row = row, now
    return min(row[-1], most + 1)


def near(typed: str, names: Iterable[str]) -> list[tuple[int, str]]:
    """Return the names that are at most `MOST` slips away, the nearest first.

    >>> near("warfarine", ["warfarin", "heparin"])
    [(1, 'warfarin')]
    """
    if len(typed) < _SHORTEST:
        return []
    least, most, letters = len(typed) - MOST, len(typed) + MOST, set(typed)
    # Each slip brings one letter in and takes one out, at most.
    alike = (
        name
        for name in names
        if least <= len(name) <= most and len(letters.difference(name)) <= MOST and len({*name} - letters) <= MOST
    )
    found = ((distance(typed, name), name) for name in alike)
    return sorted(pair for pair in found if pair[0] <= MOST)
