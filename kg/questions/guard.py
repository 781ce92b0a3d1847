"""Query texts of strangers: what must not reach the SPARQL engine is refused before it parses anything.

Deep nesting and long chains end the engine's process, SERVICE, LOAD and FROM reach out of the graph. The text is
cut into tokens here, after `\\uXXXX` is decoded as SPARQL demands. Where a token can be read in two ways ("<" opens
an IRI or compares), the guard errs on the side of refusing.
"""

from __future__ import annotations

import functools
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping

from kg.errors import QueryError
from kg.graph import terms

MAXIMUM_BYTES = 64_000
MAXIMUM_NESTING = 64
MAXIMUM_PARTS = 200
_MAXIMUM_BRACKETS = 1_500
"""Brackets of any depth, strings and comments included: far below what harms, should the tokens have been misread."""

_ESCAPE = re.compile(r"(?<!\\)((?:\\\\)*)\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8}))")
"""After an even number of backslashes, which stand for themselves in a string."""

TOKEN = re.compile(
    r"""
    (?P<skip>\s+|\#[^\n\r]*)
  | (?P<iri><[^<>"{}|^`\\\x00-\x20]*>)
  | (?P<string>\"{3}(?:\"{0,2}(?:[^"\\]|\\.))*\"{3}|'{3}(?:'{0,2}(?:[^'\\]|\\.))*'{3}
      |"(?:[^"\\\n\r]|\\.)*"|'(?:[^'\\\n\r]|\\.)*')
  | (?P<variable>[?$]\w+)
  | (?P<language>@[A-Za-z]+(?:-[A-Za-z0-9]+)*)
  | (?P<name>[^\W\d_][\w.-]*:[\w.:%-]*|:[\w.:%-]*|_:[\w.-]+)
  | (?P<word>[^\W\d]\w*)
  | (?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)
  | (?P<mark><<|>>|\|\||&&|\^\^|!=|<=|>=|[\s\S])
    """,
    re.VERBOSE,
)
_OPENING = frozenset({"{", "(", "[", "<<"})
_CLOSING = frozenset({"}", ")", "]", ">>"})
_BRANCHES = frozenset({"union", "optional", "minus", "filter", "bind", "graph", "exists", "values", "select"})
_OPERATORS = frozenset({"||", "&&", "+", "-", "*", "/", "|", "^", "=", "!=", "<", ">", "<=", ">=", "?", "!"})
_PATTERNS = frozenset({".", ";", ","})
_OUTSIDE = ("service", "load", "from")
_GAP = r"(?:\s|\#[^\n]*\n)*+"
_CANDIDATE = re.compile(r"(?<![?$\w:])(?=\w*?(service|load|from))\w+", re.I)
_NAME = re.compile(r"[\w.-]*")
_ENDS = re.compile(r"(?:(?:service|load)(?:silent)?|from(?:named)?)$", re.I)
_TARGET = re.compile(rf"{_GAP}(?:(?:silent|named){_GAP})?(?:<|[?$]\w|[\w.-]*+:)", re.I)
"""What follows a word that reaches out. Nothing here goes back over what it has passed: the text is a stranger's."""

_COMMENT_LINE = re.compile(r"^\s*#[^\n\r]*", re.M)


def check(sparql: str, place: str, is_here: Callable[[str], bool] | None = None) -> str:
    """Return the query with its `\\u` escapes decoded, ready for the engine.

    `is_here` tells which named graphs the store has: FROM may name these. Without it, FROM may name none.

    Raises
    ------
    QueryError
        When it is too long, too deep, too branched, or reaches out of the graph.

    >>> check("SELECT * { ?s ?p ?o }", "query")
    'SELECT * { ?s ?p ?o }'
    >>> check("SELECT * { \\\\u0053ERVICE <http://example.org> { } }", "query")
    Traceback (most recent call last):
    kg.errors.QueryError: query: SERVICE reaches out of the graph; ask only what the graph holds
    """
    size = len(sparql.encode("utf-8", "replace"))
    if size > MAXIMUM_BYTES:
        raise QueryError(place, f"the query has {size} bytes", f"keep it below {MAXIMUM_BYTES} bytes")
    text = _decode(sparql, place)
    _refuse_outside(text if is_here is None else _without_datasets(text, is_here), place)
    _refuse_size(text, place)
    return text


@functools.lru_cache(maxsize=128)
def passed(sparql: str) -> str | None:
    """Return what `check` gives of a query that names no graph to ask; None where it refuses, to say why each time.

    What a text says does not change, so one that is asked again is looked at once.
    """
    try:
        return check(sparql, "")
    except QueryError:
        return None


def _decode(sparql: str, place: str) -> str:
    def character(match: re.Match[str]) -> str:
        code = int(match[2] or match[3], 16)
        if code == 0 or code > 0x10FFFF or 0xD800 <= code <= 0xDFFF:
            raise QueryError(place, f"{match[0]} is no character", "write the character itself")
        return match[1] + chr(code)

    return _ESCAPE.sub(character, sparql) if "\\" in sparql else sparql


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    for match in TOKEN.finditer(text):
        if match.lastgroup not in {None, "skip"}:
            yield str(match.lastgroup), match[0]


def _without_datasets(text: str, is_here: Callable[[str], bool]) -> str:
    """Return the text with `FROM <graph>` and `FROM NAMED <graph>` blanked where the store has that graph.

    Only what stands before the first brace is looked at: there, and nowhere else, a query may name its dataset.
    """
    prefixes = dict(terms.PREFIXES)
    blanked: list[tuple[int, int]] = []
    tokens = [match for match in TOKEN.finditer(text.partition("{")[0]) if match.lastgroup != "skip"]
    words = [match[0].lower() for match in tokens]
    for at, word in enumerate(words):
        if word == "prefix" and at + 2 < len(tokens) and tokens[at + 2].lastgroup == "iri":
            prefixes[tokens[at + 1][0].removesuffix(":")] = tokens[at + 2][0][1:-1]
        elif word == "from":
            last = at + 2 if words[at + 1 : at + 2] == ["named"] else at + 1
            if last < len(tokens) and is_here(_iri(tokens[last], prefixes)):
                blanked.append((tokens[at].start(), tokens[last].end()))
    for start, end in blanked:
        text = text[:start] + " " * (end - start) + text[end:]
    return text


def _iri(token: re.Match[str], prefixes: Mapping[str, str]) -> str:
    """Return the IRI that a token writes, or nothing where it writes none."""
    if token.lastgroup == "iri":
        return token[0][1:-1]
    prefix, colon, rest = token[0].partition(":")
    return prefixes[prefix] + rest if colon and prefix in prefixes else ""


def _refuse_outside(text: str, place: str) -> None:
    for sort, token in _tokens(text):
        if sort in {"word", "name"}:
            head = token.split(":", 1)[0].lower()
            found = next((word for word in _OUTSIDE if word in head), None)
            if found is not None:
                raise QueryError(place, f"{found.upper()} reaches out of the graph", "ask only what the graph holds")
    found = _reaching(_COMMENT_LINE.sub("", text))
    if found is not None:
        raise QueryError(place, f"{found.upper()} reaches out of the graph", "ask only what the graph holds")


def _reaching(text: str) -> str | None:
    """Find a word that reaches out with what it reaches for, whatever string, IRI or comment they seem to stand in."""
    end = 0  # of the name that a word is in, looked for once in each name
    for match in _CANDIDATE.finditer(text):
        if match.end() > end:
            name = _NAME.match(text, match.end())
            end = name.end() if name else match.end()
        if text.startswith(":", end) or (_ENDS.search(match[0]) and _TARGET.match(text, match.end())):
            return match[1].lower()
    return None


def _refuse_size(text: str, place: str) -> None:
    if sum(text.count(mark) for mark in "{([") > _MAXIMUM_BRACKETS or text.count("!") > _MAXIMUM_BRACKETS:
        raise QueryError(place, f"it has more than {_MAXIMUM_BRACKETS} brackets", "ask less at once")
    depth = deepest = hidden = negations = 0
    data_from: int | None = None  # the depth at which a VALUES block began: its rows are data, not patterns
    counts: Counter[str] = Counter()
    is_describing = False
    last = ""
    for sort, token in _tokens(text):
        word = token.lower()
        if sort == "iri":
            hidden += token.count("(") + token.count("[") + token.count("!")
        negations = negations + 1 if word == "!" else 0
        if word in _OPENING:
            depth += 1
            if word == "{" and last == "values":
                data_from = depth
        elif word in _CLOSING:
            if data_from == depth and word == "}":
                data_from = None
            depth = max(0, depth - 1)
        elif data_from is None:
            counts["patterns"] += word in _PATTERNS
            counts["branches"] += sort == "word" and word in _BRANCHES
            counts["operators"] += sort == "mark" and word in _OPERATORS
            is_describing = word == "describe" if sort == "word" else is_describing and depth == 0
            counts["things to describe"] += is_describing and sort in {"iri", "name", "variable"}
        deepest = max(deepest, depth + hidden + negations)
        if last != "values" or (sort != "variable" and word not in {"(", ")"}):  # VALUES (?a ?b) { … }
            last = word
    if deepest > MAXIMUM_NESTING:
        raise QueryError(place, f"it is nested {deepest} deep", f"nest at most {MAXIMUM_NESTING} deep")
    for what, number in counts.items():
        if number > MAXIMUM_PARTS:
            raise QueryError(place, f"it has {number} {what}", f"use at most {MAXIMUM_PARTS}")
