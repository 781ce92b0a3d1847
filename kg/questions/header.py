"""Question files: the header of a `.rq` file becomes a record that says what it answers and what it must be given.

A header is the block of comment lines at the top::

    # title: What the drug is used for
    # why: The first thing that a reader wants to know.
    # parameter: drug Drug "Klonopin"
    # columns: condition approval documents[] fact
    # limit: 100

A limit is for lists that are too long to be read: the rows after it are left out, and the answer says so. `[]` marks a
column that holds several values, joined by "; ".
"""

from __future__ import annotations

import difflib
import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from kg import resources
from kg.errors import QueryError, UnknownNameError

TYPES = frozenset({"Drug", "DrugClass", "Entity", "Topic", "Level", "Kind", "Document", "Text"})
"""What a parameter can be: something with a name in the graph, a value of a closed list, a document, or plain text."""

SEVERAL = "; "
"""What joins the values of a column that holds several."""

_KEYS = ("title", "why", "parameter", "columns", "limit", "severity", "remedy")
_LINE = re.compile(r"#\s*([A-Za-z]+)\s*:\s*(.*?)\s*")
_PARAMETER = re.compile(r'([A-Za-z_]\w*)\s+([A-Za-z]+)\s+"([^"]*)"')
_COLUMN = re.compile(r"([A-Za-z_]\w*)(\[\])?")


@dataclass(frozen=True, slots=True)
class Parameter:
    """What a question must be given: the variable, what it names, and an example."""

    name: str
    type: str
    example: str


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the answer; `several` tells that a cell can hold more than one value."""

    name: str
    several: bool = False


@dataclass(frozen=True, slots=True)
class Question:
    """A question file: its header and its SPARQL.

    Attributes
    ----------
    name : str
        The file name without ending.
    place : str
        The file, for messages.
    sparql : str
        The whole text of the file.
    title, why : str
        What it answers, and what for.
    parameters : tuple of Parameter
        What it must be given; all of it.
    columns : tuple of Column
        What it answers with, in this order; empty where the header does not say (all variables then).
    limit : int
        How many rows are given at most; 0 for all.
    more : mapping
        The other lines of the header: `severity` and `remedy` of a check.
    """

    name: str
    place: str
    sparql: str
    title: str = ""
    why: str = ""
    parameters: tuple[Parameter, ...] = ()
    columns: tuple[Column, ...] = ()
    limit: int = 0
    more: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


def described(question: Question) -> dict[str, object]:
    """Return a header as values that JSON can hold."""
    return {
        "question": question.name,
        "title": question.title,
        "why": question.why,
        "parameters": [{"name": p.name, "type": p.type, "example": p.example} for p in question.parameters],
        "columns": [column.name for column in question.columns],
    }


def parse(text: str, place: str, name: str = "") -> Question:
    """Read the header of a query; a query without header is a question without parameters.

    Parameters
    ----------
    text : str
        The whole file.
    place : str
        The file name, for messages.
    name : str
        What the question is called; by default the file's name without its ending.

    Raises
    ------
    QueryError
        When a line of the header is misspelt, doubled or malformed.

    >>> question = parse('# title: Uses\\n# parameter: drug Drug "Klonopin"\\nSELECT * {}', "uses.rq")
    >>> question.title, question.parameters[0].type
    ('Uses', 'Drug')
    """
    said: dict[str, str] = {}
    parameters: list[Parameter] = []
    columns: tuple[Column, ...] = ()
    limit = 0
    for number, line in enumerate(text.lstrip("\ufeff").splitlines(), start=1):
        if line.strip() and not line.lstrip().startswith("#"):
            break
        match = _LINE.fullmatch(line.strip())
        key = _key(match[1], f"{place}:{number}") if match else None
        if match is None or key is None:
            continue
        if key == "parameter":
            parameters.append(_parameter(match[2], parameters, f"{place}:{number}"))
        elif key in said:
            raise QueryError(f"{place}:{number}", f'the header says "{key}" twice', "keep one of the two lines")
        else:
            said[key] = match[2]
            columns = _columns(match[2], f"{place}:{number}") if key == "columns" else columns
            limit = _limit(match[2], f"{place}:{number}") if key == "limit" else limit
    more = {key: value for key, value in said.items() if key not in {"title", "why", "columns", "limit"}}
    return Question(
        name or Path(place).stem,
        place,
        text,
        said.get("title", ""),
        said.get("why", ""),
        tuple(parameters),
        columns,
        limit,
        MappingProxyType(more),
    )


def read(path: Path) -> Question:
    """Read a question file.

    Raises
    ------
    QueryError
        When it is missing, unreadable, not UTF-8, too long or has a wrong header.
    """
    from kg.questions.guard import MAXIMUM_BYTES

    place = str(path)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise QueryError(place, f"cannot be read ({error.strerror})", "name a .rq file that you may read") from None
    if len(content) > MAXIMUM_BYTES:
        raise QueryError(place, f"has {len(content)} bytes", f"keep a query below {MAXIMUM_BYTES} bytes")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise QueryError(place, f"is not UTF-8 (byte {error.start})", "save it as UTF-8") from None
    return parse(text, place, path.stem)


@functools.cache
def catalogue() -> Mapping[str, Path]:
    """Return the questions that come with the package, by name."""
    return MappingProxyType({path.stem: path for path in resources.files("queries", "questions/*.rq")})


@functools.cache
def question(name: str) -> Question:
    """Return a question of the package by its name, with or without folder and ending.

    Raises
    ------
    UnknownNameError
        When there is none of that name.

    >>> question("questions/cautions.rq").name
    'cautions'
    """
    wanted = name.strip().removeprefix("questions/").removesuffix(".rq").replace("-", "_").lower()
    path = catalogue().get(wanted)
    if path is None:
        close = difflib.get_close_matches(wanted, catalogue(), n=3, cutoff=0.5)
        remedy = f"did you mean {' or '.join(close)}?" if close else "the names are: " + ", ".join(catalogue())
        raise UnknownNameError(name, "there is no question of that name", remedy)
    return read(path)


def _key(word: str, place: str) -> str | None:
    key = word.lower()
    if key in _KEYS:
        return key
    close = difflib.get_close_matches(key, _KEYS, n=1, cutoff=0.75)
    if close:
        raise QueryError(place, f'the header line "{word}" is unknown', f'did you mean "{close[0]}"?')
    return None  # a comment like any other


def _parameter(text: str, earlier: list[Parameter], place: str) -> Parameter:
    match = _PARAMETER.fullmatch(text)
    if match is None:
        raise QueryError(place, f'"{text}" is no parameter', 'write name, type and example: drug Drug "NAME"')
    if match[2] not in TYPES:
        raise QueryError(place, f'the type "{match[2]}" is unknown', f"use one of {', '.join(sorted(TYPES))}")
    if any(parameter.name == match[1] for parameter in earlier):
        raise QueryError(place, f'the parameter "{match[1]}" is there twice', "keep one of the two lines")
    return Parameter(match[1], match[2], match[3])


def _columns(text: str, place: str) -> tuple[Column, ...]:
    found = [_COLUMN.fullmatch(word) for word in text.split()]
    columns = tuple(Column(match[1], bool(match[2])) for match in found if match)
    if len(columns) != len(found) or not columns:
        raise QueryError(place, f'"{text}" is no list of columns', "write their names with spaces between them")
    if len({column.name for column in columns}) != len(columns):
        raise QueryError(place, "a column is there twice", "name each column once")
    return columns


def _limit(text: str, place: str) -> int:
    if not re.fullmatch("[1-9][0-9]{0,5}", text):
        raise QueryError(place, f'"{text}" is no limit', "write how many rows to give at most, as in 100")
    return int(text)
