"""How well-known files are laid out: `ontology/vocabularies.toml`, and what the command line says of others."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from kg.errors import OntologyError, UnknownNameError
from kg.vocabulary import schema
from kg.vocabulary.sources import identifiers

FIELDS = ("id", "label", "synonyms", "same", "parents", "drug", "tree", "type")
"""What a column can hold."""

CASES = ("", "lower", "title")
_PLACE = "ontology/vocabularies.toml"
_Made = TypeVar("_Made")


@dataclass(frozen=True, slots=True)
class Test:
    """A test of a column's value: whether (one of) its values starts so, or fits a pattern; any case."""

    column: str
    starts: str = ""
    pattern: re.Pattern[str] | None = None
    with_children: bool = False
    type: str = ""

    def holds(self, values: Sequence[str]) -> bool:
        """Tell whether one of the values passes."""
        if self.pattern is not None:
            return any(self.pattern.search(value) for value in values)
        return any(value.startswith(self.starts) for value in values)


@dataclass(frozen=True, slots=True)
class Row:
    """What one row of a table says of one concept.

    Attributes
    ----------
    columns : mapping
        What (one of FIELDS) stands in which column. Where no column holds identifiers, concepts are named after
        their labels. `drug` names the drug of a brand by its identifier, or by its label where `drug_prefix` is empty;
        `tree` holds numbers of which each is the number of its parent, a point and more.
    prefix, same_prefix, drug_prefix : str
        The prefix of identifiers that have none.
    ids : tuple of (pattern, prefix)
        The prefixes of identifiers where these differ by their form.
    type : str
        The type of all concepts; `types` are tried first, and `values` map the values of a type column.
    case : str
        "lower" or "title" for labels that the source writes in capitals.
    only_if_known : bool
        Whether it only adds names to concepts of other vocabularies.
    unless : Test or None
        Which rows say nothing.
    """

    columns: Mapping[str, str]
    type: str = ""
    types: tuple[Test, ...] = ()
    values: Mapping[str, str] = field(default_factory=dict)
    prefix: str = ""
    same_prefix: str = ""
    drug_prefix: str = ""
    ids: tuple[tuple[re.Pattern[str], str], ...] = ()
    case: str = ""
    only_if_known: bool = False
    unless: Test | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """The layout of a table: how it is recognised, and what its rows say."""

    name: str
    header: tuple[str, ...]
    rows: tuple[Row, ...]
    begins: str = ""
    delimiter: str = "\t"
    separator: str = "|"


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """A vocabulary: the prefix of its identifiers, the type of its concepts, the branches that are and are not read."""

    name: str
    prefix: str
    type: str
    under: str = ""
    outside: str = ""


@functools.cache
def types() -> frozenset[str]:
    """Return the types that a concept can have."""
    return frozenset(schema.load().schemes)


def check_type(name: str, place: str) -> str:
    """Return a type of ours, written in any case.

    Raises
    ------
    UnknownNameError
        When there is no such type.
    """
    found = {known.casefold(): known for known in types()}.get(name.strip().casefold())
    if found is None:
        raise UnknownNameError(place, f"no type {name!r}", f"use {' '.join(sorted(types()))}")
    return found


@functools.cache
def tables() -> tuple[Table, ...]:
    """Return the layouts of well-known tables.

    Raises
    ------
    OntologyError
        When the file has a key or type that nobody reads.
    """
    return tuple(_table(said) for said in identifiers.tables()["table"])


@functools.cache
def vocabularies() -> tuple[Vocabulary, ...]:
    """Return the well-known vocabularies that are published as OBO or RDF.

    Raises
    ------
    OntologyError
        When the file has a key that nobody reads.
    """
    return tuple(_made(Vocabulary, said, said.get("name", "?")) for said in identifiers.tables()["vocabulary"])


def preference(name: str) -> tuple[int, str]:
    """Give the place of a vocabulary among others: those that are listed first, the rest by name."""
    listed: list[str] = identifiers.tables()["preference"]
    return (listed.index(name) if name in listed else len(listed), name)


def own(columns: str, type_: str, types_: str, prefix: str) -> Row:
    """Read a map of columns as the command line gives it: "id=mondo_id,label=name,synonyms=other names".

    `types_` maps the values of a type column ("disease=Condition,drug=Drug").

    Raises
    ------
    UnknownNameError
        When it maps what no column can hold, or lacks the label, or names an unknown type.
    """
    mapped = dict(_pairs(columns, "--columns"))
    for name in mapped:
        if name not in FIELDS:
            raise UnknownNameError("--columns", f"nothing is called {name!r}", f"use {' '.join(FIELDS)}")
    if "label" not in mapped:
        raise UnknownNameError("--columns", "says nothing of the label", 'add "label=COLUMN"')
    values = {value.casefold(): check_type(name, "--types") for value, name in _pairs(types_, "--types")}
    fixed = check_type(type_, "--type") if type_ else ""
    if not fixed and "type" not in mapped:
        raise UnknownNameError("--type", "no type is given", f"name one of {' '.join(sorted(types()))}")
    return Row(columns=mapped, type=fixed, values=values, prefix=prefix)


def _pairs(text: str, place: str) -> Iterator[tuple[str, str]]:
    for part in filter(None, (part.strip() for part in text.split(","))):
        name, equals, value = part.partition("=")
        if not equals or not name.strip() or not value.strip():
            raise UnknownNameError(place, f"{part!r} maps nothing", "write NAME=COLUMN,NAME=COLUMN")
        yield name.strip(), value.strip()


def _table(said: Mapping[str, Any]) -> Table:
    name = said.get("name", "?")
    rest = {key: value for key, value in said.items() if key not in ("row", "header")}
    rows = tuple(_row(row, name) for row in said.get("row", ()))
    return _made(Table, {**rest, "header": tuple(said["header"]), "rows": rows}, name)


def _row(said: Mapping[str, Any], name: str) -> Row:
    made = dict(said)
    if unknown := set(said["columns"]) - set(FIELDS):
        raise OntologyError(_PLACE, f"{name}: a column holds {unknown.pop()!r}", f"use {' '.join(FIELDS)}")
    made["types"] = tuple(_test(test, name) for test in said.get("types", ()))
    made["ids"] = tuple((re.compile(i["pattern"]), i["prefix"]) for i in said.get("ids", ()))
    if "unless" in said:
        made["unless"] = _test(said["unless"], name)
    for type_ in (said.get("type", ""), *(test.type for test in made["types"])):
        if type_ and type_ not in types():
            raise OntologyError(_PLACE, f"{name}: no type {type_!r}", f"use {' '.join(sorted(types()))}")
    return _made(Row, made, name)


def _test(said: Mapping[str, Any], name: str) -> Test:
    made = dict(said)
    if "pattern" in said:
        made["pattern"] = re.compile("".join(said["pattern"].split("\n")).replace("  ", ""), re.IGNORECASE)
    return _made(Test, made, name)


def _made(kind: type[_Made], said: Mapping[str, Any], name: str) -> _Made:
    try:
        return kind(**said)
    except TypeError as error:
        raise OntologyError(_PLACE, f"{name}: {error}", "mend the entry") from None
