"""OBO files (format 1.2 and 1.4): the `[Term]` stanzas, with names, synonyms and broader terms.

Only the tags that a vocabulary needs are read; a line that is no `tag: value` is an error, since a file cut short must
not pass for a whole one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from kg.errors import VocabularyError
from kg.vocabulary.sources import content
from kg.vocabulary.sources.entry import Entry

_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"(?:\s+(EXACT|BROAD|NARROW|RELATED))?')
_ESCAPED = re.compile(r"\\(.)")
_ESCAPES = {"n": "\n", "W": " ", "t": "\t"}
_TRAILER = re.compile(r"\s+(?:\{[^}]*\}\s*)?(?:!.*)?$")
_EXACT = frozenset({"exactMatch", "skos:exactMatch"})


@dataclass(slots=True)
class _Term:
    id: str = ""
    label: str = ""
    names: list[str] = field(default_factory=list)
    broad: list[str] = field(default_factory=list)
    parents: list[str] = field(default_factory=list)
    same: list[str] = field(default_factory=list)
    obsolete: bool = False


@dataclass(frozen=True, slots=True)
class File:
    """What an OBO file holds: its own version, where it has one, and its terms; obsolete ones are left out."""

    version: str
    entries: tuple[Entry, ...]


def read(data: bytes, place: str) -> File:
    """Read an OBO file.

    Raises
    ------
    VocabularyError
        When it is not UTF-8, a line is not OBO, or a term has no identifier or name.
    """
    lines = content.text(data, place).split("\n")
    version = ""
    entries: list[Entry] = []
    term: _Term | None = None
    begun = ""
    for number, line in enumerate(lines, 1):
        line = begun + line.strip()
        begun = line.removesuffix("\\") if line.endswith("\\") else ""  # it goes on below
        if begun:
            continue
        if not line or line.startswith("!"):
            continue
        if line.startswith("["):
            entries += _finished(term, place)
            term = _Term() if line == "[Term]" else None
            continue
        tag, colon, value = line.partition(":")
        if not colon:
            raise VocabularyError(f"{place}:{number}", "is no line of an OBO file", "fetch the file again")
        value = value.strip()
        if term is not None:
            _take(term, tag, value, f"{place}:{number}")
        elif tag == "data-version":
            version = value
    entries += _finished(term, place)
    if not entries:
        raise VocabularyError(place, "holds no term", "name an OBO file with [Term] stanzas")
    return File(version, tuple(entries))


def _take(term: _Term, tag: str, value: str, place: str) -> None:
    if tag == "id":
        term.id = _plain(value)
    elif tag == "name":
        term.label = _unescaped(_TRAILER.sub("", value) if value.endswith("}") else value)
    elif tag == "synonym":
        match = _QUOTED.match(value)
        if match is None:
            raise VocabularyError(place, "a synonym without quotes", "fetch the file again")
        (term.broad if match[2] == "BROAD" else term.names).append(_unescaped(match[1]))
    elif tag == "is_a":
        term.parents.append(_plain(value))
    elif tag in ("xref", "alt_id") and value:
        term.same.append(_plain(value))
    elif tag == "property_value" and value.split(" ", 1)[0] in _EXACT:
        term.same += value.split()[1:2]
    elif tag == "is_obsolete":
        term.obsolete = _plain(value) == "true"


def _finished(term: _Term | None, place: str) -> Iterator[Entry]:
    if term is None or term.obsolete:
        return
    if not term.id or not term.label:
        problem = f"the term {term.id or term.label!r} lacks its {'name' if term.id else 'id'}"
        raise VocabularyError(place, problem, "fetch the file again")
    yield Entry(
        id=term.id,
        label=term.label,
        names=tuple(term.names),
        parents=tuple(term.parents),
        same=tuple(term.same),
        broad=tuple(term.broad),
    )


def _plain(value: str) -> str:
    """Return an identifier without the comment and the qualifiers behind it."""
    return value.split(" ", 1)[0].split("\t", 1)[0]


def _unescaped(value: str) -> str:
    return _ESCAPED.sub(lambda m: _ESCAPES.get(m[1], m[1]), value) if "\\" in value else value
