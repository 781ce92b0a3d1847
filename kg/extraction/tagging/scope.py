"""Which sentences a model is for: those of the sections in which it was trained."""

from __future__ import annotations

import functools
import itertools
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from kg import resources
from kg.extraction.candidate import SentenceReading
from kg.extraction.sections import SectionTable

_NUMBER = re.compile(r"^[\d.\s]+|[\s:.*_]+$")
LABEL = "label"
"""The kind of source all of whose sections are those of a label, whatever their titles."""


@functools.cache
def titles() -> Mapping[str, frozenset[str]]:
    """Return the titles of a label's sections, with the section kinds that they announce."""
    return {title: frozenset({kind}) for kind, named in _table()["titles"].items() for title in named}


@functools.cache
def _table() -> Mapping[str, Any]:
    path = resources.folder("ontology") / "models" / "sections.toml"
    return tomllib.loads(path.read_text("utf-8"))


def in_force(found: Iterable[SentenceReading], table: SectionTable) -> Iterator[frozenset[str]]:
    """Give the kinds of a label's section in force at each sentence; none where no label's section is.

    Labels print the titles of their sections in capitals; "Warnings" amid a page for patients is not what the models
    learned. A heading further down may have another kind, or none, without ending the main section; one beside it
    ends it.
    """
    readings = list(found)
    other_language = frozenset(_table()["none_with"])
    announced = {sentence.sections for sentence, _, _ in readings if sentence.source == LABEL}
    if not other_language.isdisjoint(itertools.chain.from_iterable(itertools.chain.from_iterable(announced))):
        yield from (frozenset[str]() for _ in readings)
        return
    main, depth = frozenset[str](), 0
    for sentence, _, _ in readings:
        if sentence.passage.is_heading:
            named = titles().get(_NUMBER.sub("", sentence.normal))
            beside = sentence.text.isupper() or len(sentence.passage.headings) <= depth
            if named and sentence.text.isupper():
                main, depth = named, len(sentence.passage.headings)
            elif main and beside and table.sections(sentence.text) - main:
                main = frozenset()
        kinds = sentence.sections[0] if sentence.sections and sentence.source == LABEL else main
        yield kinds if len(kinds) == 1 else frozenset()  # "Ask a doctor before use" is more than a warning
