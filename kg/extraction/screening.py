"""Screening: which rules may say anything about a sentence, told without trying one pattern.

A rule is out where its sections do not hold, where nothing of the types that it wants is named, or where the words
that its cue begins with do not stand. Ten of two hundred rules are left of it for a usual sentence. Sets of rules are
masks of bits here, the bit of a rule being that of its cue.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator

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
        self._rules = {rule.cue.bit: rule for rule in tables.rules}
        self._of_groups = self._mask(lambda rule: rule.kind in of_groups)
        self._on_pages = self._mask(lambda rule: rule.kind in on_pages)
        self._cautions = self._mask(lambda rule: rule.kind == "caution")
        self._leading = self._mask(lambda rule: rule.objects in ("after", "around"))
        self._holding = functools.lru_cache(_REMEMBERED)(
            lambda sections, source, is_heading: self._mask(
                lambda rule: (
                    _holds_under(rule, sections)
                    and source not in rule.not_sources
                    and (is_heading == (rule.objects == "heading") or (is_heading and rule.kind in in_headings))
                )
            )
        )
        self._of_types = functools.lru_cache(_REMEMBERED)(
            lambda types: self._mask(
                lambda rule: bool(rule.open) or rule.objects in ("group", "asked") or bool(rule.types & types)
            )
        )

    def _mask(self, fits: Callable[[Rule], bool]) -> int:
        return sum(bit for bit, rule in self._rules.items() if fits(rule))

    def each(self, mask: int) -> Iterator[Rule]:
        """Give the rules of a mask in their order."""
        while mask:
            bit = mask & -mask
            yield self._rules[bit]
            mask ^= bit

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


def _holds_under(rule: Rule, sections: tuple[frozenset[str], ...]) -> bool:
    """Whether a rule holds under headings that announce these kinds of section, the nearest first."""
    if rule.sections:
        near = sections[:1] if rule.objects == "whole" else sections
        if not any(kinds & rule.sections for kinds in near):
            return False
    return not any(kinds <= rule.not_sections or kinds & rule.never for kinds in sections)
