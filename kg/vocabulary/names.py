"""Names of public vocabularies: which of them may be looked for in a text, and in which order their words may stand.

The rules are data (`ontology/names.toml`); this is the short engine behind them.
"""

from __future__ import annotations

import functools
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from kg import resources
from kg.errors import OntologyError
from kg.vocabulary import schema
from kg.vocabulary.lexicon import normalise

_FILE = "names.toml"
_KEYS = frozenset(
    {
        "name", "why", "letters_at_most", "words_over", "characters_over", "pattern", "words", "capitals", "types",
        "broad",
    }
)  # fmt: skip
_PART = re.compile(r"[^,]+")
_JOINING = re.compile(r"\b(?:and|or|with|without|of|due|to|in|for|by|not|non|other|type|susceptibility)\b|\d|[()/:;]")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_LONGEST_REORDERED = 6
"""The most words of a name that is reordered."""


@dataclass(frozen=True, slots=True)
class Rule:
    """Why a name is dropped: everything that the rule says must hold of it; see `ontology/names.toml`."""

    name: str
    letters_at_most: int = 0
    words_over: int = 0
    characters_over: int = 0
    pattern: re.Pattern[str] | None = None
    words: frozenset[str] = frozenset()
    capitals: bool = False
    types: frozenset[str] = frozenset()
    broad: bool = False

    def fits(self, normal: str, type_: str, capitals: bool, broad: bool) -> bool:
        """Tell whether it drops a name, given in its folded form."""
        return (
            (not self.capitals or capitals)
            and (not self.broad or broad)
            and (not self.types or type_ in self.types)
            and (not self.letters_at_most or sum(map(str.isalpha, normal)) <= self.letters_at_most)
            and (not self.words_over or normal.count(" ") >= self.words_over)
            and (not self.characters_over or len(normal) > self.characters_over)
            and (not self.words or normal in self.words)
            and (self.pattern is None or self.pattern.search(normal) is not None)
        )


@dataclass(frozen=True)
class Rules:
    """All rules, in order, and how names are cleaned and reordered."""

    rules: tuple[Rule, ...]
    remarks: tuple[str, ...]
    inverted: tuple[str, ...]
    unlisted: tuple[Rule, ...] = field(init=False)
    listed: frozenset[str] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Set apart what most names need not be held against: the rules with lists of words."""
        object.__setattr__(self, "unlisted", tuple(rule for rule in self.rules if not rule.words))
        object.__setattr__(self, "listed", frozenset().union(*(rule.words for rule in self.rules)))

    def dropped(self, written: str, normal: str, type_: str, *, broad: bool = False) -> str | None:
        """Return the name of the rule that drops a name, given as written and folded, if one does.

        >>> load().dropped("All", "all", "Condition"), load().dropped("leukemia", "leukemia", "Condition")
        ('ordinary word', None)
        """
        capitals = is_abbreviation(written)
        rules = self.rules if normal in self.listed else self.unlisted
        for rule in rules:
            if rule.fits(normal, type_, capitals, broad):
                return rule.name
        return None

    def cleaned(self, name: str) -> str:
        """Return a name without its source's remarks and control characters, single blanks between its words.

        >>> load().cleaned("germinoma  (disease)")
        'germinoma'
        """
        tidy = " ".join((name if name.isprintable() else _CONTROL.sub(" ", name)).split())
        while (folded := tidy.lower()).endswith(self.remarks):
            tidy = tidy[: -max(len(r) for r in self.remarks if folded.endswith(r))]
        return tidy

    def reordered(self, normal: str) -> Iterator[str]:
        """Give a folded name with its words in the other order that lists of terms use.

        >>> [*load().reordered("hepatic failure, acute"), *load().reordered("acute hepatic failure")]
        ['acute hepatic failure', 'hepatic failure, acute']
        """
        is_list = ", " in normal
        if not is_list and not normal.startswith(self.inverted):
            return
        if normal.count(" ") >= _LONGEST_REORDERED or _JOINING.search(normal):
            return
        if is_list:
            parts = [part.strip() for part in normal.split(",")]
            if all(parts) and len(parts) <= 4:
                yield " ".join(reversed(parts))
            return
        for first in self.inverted:
            if normal.startswith(first) and "," not in normal:
                yield f"{normal.removeprefix(first)}, {first.strip()}"


def is_abbreviation(name: str) -> bool:
    """Tell whether a name is written as an abbreviation: one short word with at least two capitals.

    >>> [is_abbreviation(name) for name in ("COPD", "SAMe", "Copd", "ALZHEIMER DISEASE", "CYP3A4")]
    [True, True, False, False, True]
    """
    return len(name) <= 7 and " " not in name and sum(map(str.isupper, name)) >= 2


@functools.cache
def load() -> Rules:
    """Read the rules.

    Raises
    ------
    OntologyError
        When the file is not TOML, or a rule says what nobody reads.
    """
    path = resources.folder("ontology") / _FILE
    try:
        said = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise OntologyError(str(path), f"not TOML ({error})", "mend the line it names") from None
    return rules(said, str(path))


def rules(said: Mapping[str, Any], place: str) -> Rules:
    """Make rules of what the file says.

    Raises
    ------
    OntologyError
        When a rule has a key, a list or a type that nobody knows.
    """
    lists = {
        name: frozenset(normalise(word.replace("_", " ")) for word in text.split())
        for name, text in said["words"].items()
    }
    return Rules(
        rules=tuple(_rule(rule, lists, place) for rule in said["rule"]),
        remarks=tuple(said["remarks"]),
        inverted=tuple(f"{word} " for word in said["inverted"]),
    )


def _rule(said: Mapping[str, Any], lists: Mapping[str, frozenset[str]], place: str) -> Rule:
    name = str(said.get("name", "?"))
    _check(said, _KEYS, f"{place} rule {name!r}")
    _check(said.get("words", ()), lists, f"{place} rule {name!r}")
    _check(said.get("types", ()), schema.load().schemes, f"{place} rule {name!r}")
    made = {key: value for key, value in said.items() if key != "why"}
    if "pattern" in said:
        made["pattern"] = re.compile(said["pattern"])
    if "words" in said:
        made["words"] = frozenset().union(*(lists[name] for name in said["words"]))
    if "types" in said:
        made["types"] = frozenset(said["types"])
    return Rule(**made)


def _check(used: Sequence[str] | Mapping[str, Any], known: frozenset[str] | Mapping[str, Any], place: str) -> None:
    for name in used:
        if name not in known:
            raise OntologyError(place, f"nobody reads {name!r}", f"use {' '.join(sorted(known))}")
