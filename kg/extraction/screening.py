"""Screening: which rules may say anything about a sentence, told without trying one pattern.

A rule is out where its sections do not hold, where nothing of the types that it wants is named, or where the words
that its cue begins with do not stand. Ten of two hundred rules are left of it for a usual sentence. Sets of rules are
masks of bits here, the bits of a rule being those of its cue.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable, Iterable, Iterator, Mapping

from kg.extraction.patterns import Places
from kg.extraction.phrases import Phrases, Rule
from kg.extraction.sentence import PROFESSIONAL, Sentence

_REMEMBERED = 1_024
"""Combinations of sections and of types that are remembered; documents use a few dozen."""


class Screen:
    """Tells which rules of the tables may apply."""

    def __init__(
        self, tables: Phrases, in_headings: frozenset[str], of_groups: frozenset[str], on_pages: frozenset[str]
    ) -> None:
        """Take the tables, the kinds that a heading itself may state, and those that may be said of any group.

        `on_pages` are those of which that holds on pages: labels have many groups, and names for what pages describe.
        """
        self.tables = tables
        self._rules = {bit: rule for rule in tables.rules for bit in _bits(rule.cue.bit)}
        self._of_groups = self._mask(lambda rule: rule.kind in of_groups)
        self._on_pages = self._mask(lambda rule: rule.kind in on_pages)
        self._cautions = self._mask(lambda rule: rule.kind == "caution")
        self._leading = self._mask(lambda rule: rule.objects in ("after", "around"))
        self._in_headings = self._mask(lambda rule: rule.kind in in_headings or rule.objects == "heading")
        self._of_text = self._mask(lambda rule: rule.objects != "heading")
        self._untyped = self._mask(lambda rule: bool(rule.open) or rule.objects in ("group", "asked"))
        self._by_type = self._by(lambda rule: rule.types)
        self._anywhere = self._mask(lambda rule: not rule.sections)
        self._whole = self._mask(lambda rule: rule.objects == "whole")
        self._by_section = self._by(lambda rule: rule.sections)
        self._out_of, self._never = self._by(lambda rule: rule.not_sections), self._by(lambda rule: rule.never)
        self._not_in = self._by(lambda rule: rule.not_sources)
        self._confined = self._mask(lambda rule: bool(rule.label_sections))
        self._in_label = self._by(lambda rule: rule.label_sections)
        self._holding = functools.lru_cache(_REMEMBERED)(self._held)
        self._of_types = functools.lru_cache(_REMEMBERED)(
            lambda types: _any(self._by_type, types) | self._untyped,
        )

    def _mask(self, fits: Callable[[Rule], bool]) -> int:
        return sum(rule.cue.bit for rule in self.tables.rules if fits(rule))

    def _by(self, names: Callable[[Rule], frozenset[str]]) -> dict[str, int]:
        """Return, for each name that rules have, the mask of these rules."""
        found: dict[str, int] = {}
        for rule in self.tables.rules:
            for name in names(rule):
                found[name] = found.get(name, 0) | rule.cue.bit
        return found

    def _held(self, sections: tuple[frozenset[str], ...], source: str, is_heading: bool) -> int:
        """Return the rules that hold under headings that announce these kinds of section, the nearest first."""
        near = _any(self._by_section, frozenset().union(*sections[:1]))
        announced = frozenset[str]().union(*sections)
        far = _any(self._by_section, announced)
        mask = (self._anywhere | near | far & ~self._whole) & ~self._not_in.get(source, 0)
        if announced and source in PROFESSIONAL:
            mask &= ~self._confined | _any(self._in_label, announced)
        for kinds in sections:
            mask &= ~(_all(self._out_of, kinds) | _any(self._never, kinds))
        return mask & (self._in_headings if is_heading else self._of_text)

    def each(self, mask: int) -> Iterator[Rule]:
        """Give the rules of a mask in their order."""
        while mask:
            rule = self._rules[mask & -mask]
            yield rule
            mask &= ~rule.cue.bit

    def inside(self, sentence: Sentence) -> int:
        """Return the rules whose cue and objects may stand in the sentence."""
        mask = self._holding_at(sentence) & sentence.places.possible
        typed = mask and mask & self._of_types(sentence.types)
        if mask & self._cautions and sentence.above:
            typed |= mask & self._cautions & self._of_types(sentence.types_above)
        return typed | self._with_groups(mask & ~typed, sentence, sentence.places)

    def under(self, lead: Sentence, sentence: Sentence) -> int:
        """Return the rules whose cue may stand in the sentence that introduces a list, with objects in its item."""
        mask = self._leading & self._holding_at(sentence) & lead.places.possible
        if sentence.passage.title is not None:  # the title may be an object, whatever it names
            return mask
        typed = mask and mask & self._of_types(sentence.types)
        return typed | self._with_groups(mask & ~typed, sentence, lead.places)

    def _holding_at(self, sentence: Sentence) -> int:
        mask: int = self._holding(sentence.sections, sentence.source, sentence.passage.is_heading)
        return mask

    def _with_groups(self, mask: int, sentence: Sentence, places: Places) -> int:
        """Return what groups of the sentence may be the objects of; finding them takes long, so cues come first."""
        mask &= self._of_groups if sentence.source in PROFESSIONAL else self._on_pages
        mask = mask and mask & self._of_types(sentence.types_of_forms)
        if not any(places.search(rule.cue) for rule in self.each(mask)):
            return 0
        return mask & self._of_types(sentence.types_of_groups)


def _bits(mask: int) -> Iterator[int]:
    while mask:
        yield mask & -mask
        mask &= mask - 1


def _any(masks: Mapping[str, int], names: Iterable[str]) -> int:
    """Put together the masks of names."""
    return functools.reduce(operator.or_, (masks.get(name, 0) for name in names), 0)


def _all(masks: Mapping[str, int], names: Iterable[str]) -> int:
    """Return what is in the masks of all names; of no name that is everything."""
    return functools.reduce(operator.and_, (masks.get(name, 0) for name in names), -1)
