"""What a client is told when its query has no answer."""

from __future__ import annotations

import re
import signal
from collections.abc import Mapping
from typing import Any

from kg.questions import guard
from kg.web.context import Settings
from kg.web.problems import RequestError

_POSITION = re.compile(r"error at (\d+):(\d+):\s*")
_LONGEST = 300
_CLASSES = (
    (re.compile(r"\['0'\s*\.\.=\s*'9'\]"), "a digit"),
    (re.compile(r"\[[^\]]*\.\.=[^\]]*\]"), "a name"),
    (re.compile(r"\['([^']|\\.)'\]"), r'"\1"'),
    (re.compile(r"\[_\]"), "more"),
)
"""How the engine writes classes of characters, and what they are called here."""

_NO_PREFIX = "Prefix not found"
_UPDATES = frozenset(("insert", "delete", "clear", "create", "drop", "copy", "move", "add", "with"))


def of(head: Mapping[str, Any], settings: Settings) -> RequestError:
    """Return the problem that a worker has told."""
    why, problem = head["why"], _short(str(head.get("problem", "")))
    if why == "syntax":
        return _syntax(str(head["problem"]), str(head["sparql"]))
    if why == "refused":
        return RequestError(400, "query", problem, str(head["remedy"]))
    if why == "large":
        return RequestError(400, "query", problem, "ask for less, or in parts with LIMIT and OFFSET")
    if why == "unacceptable":
        return RequestError(406, "Accept", "there is no format of that kind for this form of query", "accept */*")
    if why == "memory":
        return memory(settings.memory)
    return RequestError(400, "query", f"it fails ({problem})", "ask otherwise")


def timeout(seconds: float) -> RequestError:
    """Return the problem of a query that runs too long."""
    return RequestError(503, "query", f"timeout: it ran for more than {seconds:g} seconds", "ask for less at once")


def memory(megabytes: int) -> RequestError:
    """Return the problem of a query that needs too much."""
    return RequestError(503, "query", f"memory: it needs more than {megabytes:,} MB", "ask for less at once")


def ended(number: int, megabytes: int) -> RequestError:
    """Return the problem of a query that ended its process; engines abort where they get no memory."""
    if number == signal.SIGABRT:
        return memory(megabytes)
    name = signal.Signals(number).name if number else "an error"
    return RequestError(503, "query", f"it ended its process ({name})", "ask for something simpler")


def _syntax(message: str, sparql: str) -> RequestError:
    """Return the problem of a query that is none, with its line and a mark below the place."""
    found = _POSITION.match(message)
    problem = _short(_plain(_POSITION.sub("", message)))
    if found is None:
        return RequestError(400, "query", f"not SPARQL ({problem})", "mend the query")
    line, column = int(found[1]), int(found[2])
    lines = sparql.split("\n")
    words = (match[0].lower() for match in guard.TOKEN.finditer(sparql) if match.lastgroup == "word")
    if next((word for word in words if word not in {"prefix", "base"}), "") in _UPDATES:
        return RequestError(403, "query", "updates are refused: the graph is read-only here", "send a query")
    text = lines[line - 1].rstrip("\r").replace("\t", " ") if line <= len(lines) else ""
    start = max(0, column - 60)
    shown = f"{text[start : start + 120]}\n{' ' * (column - 1 - start)}^\n"
    place = f"query, line {line}, column {column}"
    members = {"line": line, "column": column}
    return RequestError(400, place, f"not SPARQL ({problem})", "mend the query there", shown=shown, members=members)


def _plain(message: str) -> str:
    """Return what the engine expected, each thing once, without its classes of characters.

    >>> _plain("expected one of '(', ['0'..='9'], ['A' ..= 'Z' | 'a' ..= 'z']")
    "expected one of '(', a digit, a name"
    """
    if _NO_PREFIX in message:
        return "its prefix is not declared"
    for pattern, plain in _CLASSES:
        message = pattern.sub(plain, message)
    return ", ".join(dict.fromkeys(message.split(", ")))


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "…"
