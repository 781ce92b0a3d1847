"""Stretches of text as selectors describe them."""

from __future__ import annotations

from typing import NamedTuple

from kg.graph import terms, written
from kg.validation.data import Data

_START, _END, _EXACT = (terms.OA + name for name in ("start", "end", "exact"))
_INTEGER = f'"^^<{terms.XSD}integer>'


class Stretch(NamedTuple):
    """A selector as the data describe it."""

    iri: str
    start: int
    end: int
    words: str | None

    def inside(self, other: Stretch) -> bool:
        """Tell whether it lies inside another one."""
        return other.start <= self.start and self.end <= other.end


class Stretches(dict[str, tuple[Stretch, ...]]):
    """The stretches of text that selectors describe, by their IRIs, each read once; ill-formed ones are for the shapes.

    A selector has several where it has several starts, ends or words, and none where a start or an end is missing.
    """

    def __init__(self, data: Data) -> None:
        """Read nothing yet."""
        super().__init__()
        self._data = data

    def __missing__(self, iri: str) -> tuple[Stretch, ...]:
        """Read a selector."""
        said = self._data.about.get(iri, {})
        if len(said.get(_START, ())) == len(said.get(_END, ())) == 1 and _EXACT not in said:
            start, end = _number(said[_START][0]), _number(said[_END][0])
            self[iri] = () if start is None or end is None else (Stretch(iri, start, end, None),)
            return self[iri]
        ends = _numbers(said.get(_END, ()))
        words: list[str | None] = [*map(written.text, filter(written.is_literal, said.get(_EXACT, ())))] or [None]
        starts = _numbers(said.get(_START, ()))
        found = self[iri] = tuple(Stretch(iri, start, end, word) for start in starts for end in ends for word in words)
        return found

    def of(self, evidence: str, predicate: str) -> list[Stretch]:
        """Return the stretches that evidence points to by a property."""
        return [stretch for iri in self._data.iris(evidence, predicate) for stretch in self[iri]]


def _numbers(values: tuple[str, ...]) -> list[int]:
    return [number for number in map(_number, values) if number is not None]


def _number(value: str) -> int | None:
    if value.endswith(_INTEGER):  # as the store writes them
        text = value[1 : -len(_INTEGER)]
    elif value.startswith('"'):
        text = written.text(value)
    else:
        return None
    return int(text) if text.isdecimal() and len(text) < 19 else None
