"""The sections of a drug label by the source's own codes: the table `ontology/sections/label.tsv`."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from pathlib import Path

from kg import resources
from kg.errors import OntologyError

COLUMNS = ("code", "field", "kinds", "heading")
NONE, OMIT = "-", "omit"


@dataclass(frozen=True, slots=True)
class LabelSection:
    """One kind of section of a label.

    Attributes
    ----------
    code, field : str
        Its LOINC code and its name in openFDA's data; empty where it has none.
    kinds : frozenset of str
        The section kinds that it announces; empty where the words of its heading decide.
    heading : str
        Its heading where the source gives none.
    is_read : bool
        Whether it holds text that speaks of the drug; product data and histories of changes do not.
    """

    code: str
    field: str
    kinds: frozenset[str]
    heading: str
    is_read: bool


def read(path: Path) -> tuple[LabelSection, ...]:
    """Read a table of sections: tab-separated, in the order in which a label has them.

    Raises
    ------
    OntologyError
        When the file is missing, or a line has not the four columns or repeats a code or field.
    """
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        raise OntologyError(str(path), "cannot be read as UTF-8", "install drug-facts again") from None
    if not lines or tuple(lines[0].split("\t")) != COLUMNS:
        raise OntologyError(f"{path}:1", "the columns are not those of the table", f"name them {' '.join(COLUMNS)}")
    sections: list[LabelSection] = []
    seen: set[str] = set()
    for number, line in enumerate(lines[1:], 2):
        cells = line.split("\t")
        if len(cells) != len(COLUMNS) or not all(cells):
            raise OntologyError(f"{path}:{number}", "not four cells", f"write {NONE} where there is nothing")
        code, field, kinds, heading = cells
        names = [name for name in (code, field) if name != NONE]
        if not names or seen.intersection(names):
            raise OntologyError(f"{path}:{number}", "no code and field of its own", "keep one line a section")
        seen.update(names)
        named = frozenset() if kinds in (NONE, OMIT) else frozenset(kinds.split())
        sections.append(
            LabelSection("" if code == NONE else code, "" if field == NONE else field, named, heading, kinds != OMIT)
        )
    return tuple(sections)


@functools.cache
def by_code() -> dict[str, LabelSection]:
    """Return the sections by LOINC code.

    >>> by_code()["34070-3"].kinds
    frozenset({'contraindications'})
    """
    return {section.code: section for section in _packaged() if section.code}


@functools.cache
def by_field() -> dict[str, LabelSection]:
    """Return the sections by openFDA's field names, in the order of a label.

    >>> by_field()["stop_use"].heading
    'Stop use and ask a doctor'
    """
    return {section.field: section for section in _packaged() if section.field}


@functools.cache
def by_heading() -> dict[tuple[str, ...], LabelSection]:
    """Return the sections by the words of their own headings, folded.

    >>> by_heading()[fold("Nursing Mothers")].kinds
    frozenset({'pregnancy'})
    """
    return {fold(section.heading): section for section in _packaged() if section.is_read}


@functools.lru_cache(2_048)  # mostly of single words
def fold(heading: str) -> tuple[str, ...]:
    """Return the words of a heading in small letters, without punctuation.

    >>> fold("WARNINGS & PRECAUTIONS:")
    ('warnings', 'and', 'precautions')
    """
    words = ("and" if word == "&" else "".join(filter(str.isalnum, word.lower())) for word in heading.split())
    return tuple(word for word in words if word)


@functools.cache
def _packaged() -> tuple[LabelSection, ...]:
    return read(resources.folder("ontology") / "sections" / "label.tsv")
