"""Which sections a heading announces, by the table `ontology/phrases/sections.toml`."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass

from kg.extraction import headings
from kg.extraction.phrases import Phrases
from kg.reading import label_sections
from kg.vocabulary.lexicon import normalise

LONGEST = 400
"""Code points of a heading that are looked at; what is longer is no heading, whatever a page calls it."""

_FEW_WORDS = 2
"""Words of a line that is no sentence, even if it has a verb."""

_FEW_WORDS_ENDED = 6
"""Words that a heading may have which ends in a full stop."""

_RUN_IN = re.compile(r"[.:?]?[*_]*\s+[*_]*[A-Z]|\s*[:?][*_]*\s|\s*$")


@dataclass(frozen=True, slots=True)
class SectionTable:
    """Reads headings for `kg.reading.layout`."""

    phrases: Phrases
    is_typed: bool = False

    def below(self) -> SectionTable:
        """Return the table for what stands below a coded heading: its words do not change what the section is."""
        return SectionTable(self.phrases, is_typed=True)

    def sections(self, text: str) -> frozenset[str]:
        """Return every kind of section that the heading names; below a coded one, if it is a label's own heading."""
        if self.is_typed:
            section = label_sections.by_heading().get(label_sections.fold(text[:LONGEST]))
            return section.kinds if section is not None else frozenset()
        return _announced(text[:LONGEST], self.phrases)

    def likely(self, text: str) -> frozenset[str]:
        """Return the kind of section that a heading in no known wording announces, if one is likely."""
        return frozenset() if self.is_typed else headings.announced(text)

    def inline(self, text: str) -> int:
        """Return the length of a heading that has run into the sentence after it ("Side Effects Like all ...")."""
        match = self.phrases.words["run_in_heading"].match(normalise(text))
        if not match or not text[:1].isupper():
            return 0
        end = match.end()
        if not _RUN_IN.match(text, end) or not _titled(text[:end]):
            return 0
        return end + (text[end : end + 1] in ".:?" and end < len(text))

    def is_sentence(self, text: str) -> bool:
        """Tell whether the text says something: it has a finite verb, or names effects behind how common they are."""
        normal, words = normalise(text[:LONGEST]), self.phrases.words
        if words["graded_entry"].match(normal):
            return True
        return not words["question_word"].match(normal) and bool(words["finite_verb"].search(normal))

    def is_title(self, text: str) -> bool:
        """Tell whether the text announces a section with its first words and is no sentence."""
        normal = normalise(text[:LONGEST])
        first = _begins_title(normal, self.phrases)
        asks = self.phrases.words["question_word"].match(normal)
        short = first and len(normal.split()) <= _FEW_WORDS and not normal.endswith(".")  # "Interacts with"
        if normal.endswith(".") and "," in normal and len(normal.split()) > _FEW_WORDS_ENDED:
            return False  # "Food delays absorption, though this rarely matters."
        return short or ((first or bool(asks and self.sections(text))) and not self.is_sentence(text))


@functools.lru_cache(4_096)  # labels have the same headings
def _announced(text: str, phrases: Phrases) -> frozenset[str]:
    normal = normalise(text)
    return frozenset(cue.name for cue in phrases.sections if cue.pattern.search(normal))


@functools.lru_cache(1_024)
def _begins_title(normal: str, phrases: Phrases) -> bool:
    """Tell whether words begin with what announces a section."""
    return any(cue.pattern.match(normal) for cue in phrases.sections)


def _titled(heading: str) -> bool:
    """Whether the words are capitalised as in a heading: the first, and most of the long ones after it."""
    longer = [word for word in heading.split()[1:] if len(word) > 4]
    ended = re.search(r"[.:?]$", heading)
    return bool(ended) or sum(word[:1].isupper() for word in longer) * 2 >= len(longer)
