"""Which sentences a model is for: those of the sections in which it was trained."""

from __future__ import annotations

import functools
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping

from kg import resources
from kg.extraction.candidate import SentenceReading
from kg.extraction.sections import SectionTable

_NUMBER = re.compile(r"^[\d.\s]+|[\s:.*_]+$")
LABEL = "label"
"""The kind of source all of whose sections are those of a label, whatever their titles."""


@functools.cache
def titles() -> Mapping[str, frozenset[str]]:
    """Return the titles of a label's sections, with the section kinds that they announce."""
    path = resources.folder("ontology") / "models" / "sections.toml"
    found = tomllib.loads(path.read_text("utf-8"))
    return {title: frozenset({kind}) for kind, named in found.items() for title in named}


def in_force(found: Iterable[SentenceReading], table: SectionTable) -> Iterator[frozenset[str]]:
    """Give the kinds of a label's section in force at each sentence; none where no label's section is.

    A heading further down may have another kind, or none, without ending the main section.
    """
    main: frozenset[str] = frozenset()
    for sentence, _, _ in found:
        if sentence.passage.is_heading:
            named = titles().get(_NUMBER.sub("", sentence.normal))
            if named:
                main = named
            elif (sentence.text.isupper() or not sentence.passage.headings) and table.sections(sentence.text):
                main = frozenset()
        nearest = sentence.sections[0] if sentence.sections and sentence.source == LABEL else frozenset()
        yield main | nearest
