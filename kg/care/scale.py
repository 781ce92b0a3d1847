"""The scale of care, the severities, and the words for what narrows a statement down: read from the ontology."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from kg.errors import UnknownNameError
from kg.vocabulary import schema

STATED, CLASS, VOCABULARY, DERIVED = "stated", "class", "vocabulary", "derived"
ORIGINS = (STATED, CLASS, VOCABULARY, DERIVED)
"""Where an item comes from, the strongest first."""

CARE_KINDS = ("contraindication", "caution", "interaction")
"""The kinds of facts that ask for care."""

SAFE = "stated_safe"
NARROWING = ("severity", "population", "with", "condition")
"""The qualifiers that say when a statement holds; `level` and `effect` say how much care, and why."""

CONCERNS: Mapping[str, str] = MappingProxyType(
    {
        "Condition": "condition",
        "Population": "person",
        "Activity": "activity",
        "Drug": "drug",
        "Brand": "drug",
        "DrugClass": "drug",
        "Substance": "substance",
    }
)
"""What an item concerns, by the type of its object; the first type of this order that it has decides."""

_SHORT, _TELLING = 3, 4

OTHER = "other"
CONCERN_ORDER = (*dict.fromkeys(CONCERNS.values()), OTHER)


def rank(level: str | None) -> int:
    """Return the place of a level on the scale, the most severe highest; 0 where no level is given.

    >>> rank("contraindicated") > rank("caution") > rank("stated_safe") > rank(None)
    True
    """
    value = schema.load().levels.get(level or "")
    return (value.rank or 0) if value else 0


def check_level(level: str) -> int:
    """Return the rank of a level that somebody typed.

    Raises
    ------
    UnknownNameError
        When it is not on the scale of care.
    """
    levels = schema.load().levels
    if level not in levels:
        raise UnknownNameError(level, "no such level of care", f"use {' '.join(levels)}")
    return rank(level)


def worst(levels: Iterable[str | None]) -> str | None:
    """Return the most severe of levels; None where none is given."""
    return max(levels, key=rank, default=None)


def severities() -> Mapping[str, str]:
    """Return the words for severities ("life-threatening") with their names in statements."""
    known = next(q.values for q in schema.load().qualifiers.values() if q.name == "severity" and q.values)
    found = {value.label.casefold(): value.name for value in known.values()}
    return MappingProxyType({**{name.replace("_", " "): name for name in known}, **found})


def split_severity(name: str) -> tuple[str | None, str]:
    """Take a word of severity off the front of a name.

    >>> split_severity("severe liver disease"), split_severity("gout")
    (('severe', 'liver disease'), (None, 'gout'))
    """
    wanted = " ".join(name.split())
    for words, severity in severities().items():
        if wanted.casefold().startswith(words + " "):
            return severity, wanted[len(words) + 1 :]
    return None, wanted


def same(key: str, value: str) -> str:
    """Return what values of a qualifier have in common that say the same: of a condition its first telling words.

    >>> told = ("unless the benefits clearly outweigh the …", "unless benefits clearly outweigh risks of …")
    >>> same("condition", told[0]) == same("condition", told[1])
    True
    >>> same("condition", "within 14 days") == same("condition", "within 7 days")
    False
    """
    if key != "condition":
        return value
    telling = [word for word in value.casefold().split() if len(word) > _SHORT or not word.isalpha()]
    return " ".join(telling[:_TELLING])


def when(scope: Mapping[str, str]) -> str:
    """Say in words when a statement holds; empty where it holds without limits.

    >>> when({"severity": "life_threatening", "population": "older adults"})
    'if life threatening; in older adults'
    """
    fronts = {"severity": "if ", "population": "in ", "with": "with ", "condition": ""}
    return "; ".join(f"{fronts[key]}{scope[key].replace('_', ' ')}" for key in NARROWING if key in scope)
