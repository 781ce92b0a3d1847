"""Pieces of patterns by their names, and the patterns that tables of phrases put together of them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from kg.errors import OntologyError
from kg.extraction.patterns import Pattern

_MACRO = re.compile(r"(?<!\?P)(?<!\(\?)<([a-z_]+)>")
_SPECIAL = re.compile(r"\(\?<[!=]|[\[\]) ]")
"""What a blank of a pattern means more or less in: a class of characters, a look-behind, and where each ends."""
_BEHIND = re.compile(r"(\(\?<[!=](?:[^()]|\([^()]*\))*\))")
"""What must stand behind a place, or must not."""


class Macros(dict[str, str]):
    """Pieces of patterns by their names, and how a text may shorten the words that patterns spell out."""

    shortened: tuple[tuple[re.Pattern[str], str], ...] = ()


def read_macros(table: Mapping[str, Any], path: Path, known: Macros | None = None) -> Macros:
    """Expand macros within macros; a macro may use those `known` and those written above it."""
    macros = Macros(known or {})
    own = tuple((re.compile(entry["full"]), entry["short"]) for entry in table.get("shortened", ()))
    macros.shortened = own or (known.shortened if known else ())
    for name, pattern in table["macro"].items():
        macros[name] = _expand(pattern if isinstance(pattern, str) else "|".join(pattern), macros, path)
    return macros


def _expand(pattern: str, macros: Mapping[str, str], path: Path) -> str:
    def value(match: re.Match[str]) -> str:
        if match[1] not in macros:
            raise OntologyError(str(path), f"no macro <{match[1]}>", "define it in macros.toml")
        return f"(?:{macros[match[1]]})"

    return _MACRO.sub(value, pattern)


def compile_pattern(pattern: str | list[str], macros: Macros, path: Path) -> Pattern:
    """Compile a pattern; a list is one of its members, tried in their order."""
    pattern = pattern if isinstance(pattern, str) else "|".join(pattern)
    try:
        return Pattern(_loose(_shortened(_expand(pattern, macros, path), macros)))
    except re.error as error:
        raise OntologyError(str(path), f"pattern {pattern[:60]!r} does not compile ({error})", "mend it") from None


def _shortened(pattern: str, macros: Macros) -> str:
    """Let a pattern match its words where they are run together, too: "is not" and "isn't".

    What must not stand behind a place keeps its width.
    """
    parts = _BEHIND.split(pattern)
    for index in range(0, len(parts), 2):
        for full, short in macros.shortened:
            parts[index] = full.sub(short, parts[index])
    return "".join(parts)


def _loose(pattern: str) -> str:
    """Let every blank of a pattern stand for any run of blanks and Markdown emphasis between words.

    >>> _loose("used (?:for|to [a-z ]+)(?<! or) x")
    'used[ *_]+(?:for|to[ *_]+[a-z *_]+)(?<! or)[ *_]+x'
    """
    parts, inside, behind, last = [], False, False, 0
    for match in _SPECIAL.finditer(pattern):
        mark, index = match.group(), match.start()
        if mark == " ":
            if not behind:
                repeated = pattern[index + 1 : index + 2] in ("?", "*", "+")
                parts += [pattern[last:index], " *_" if inside else "[ *_]" if repeated else "[ *_]+"]
                last = index + 1
        elif mark in "[]":
            inside = mark == "[" if pattern[index - 1 : index] != "\\" else inside
        else:
            behind = mark != ")"  # a look-behind has a fixed width
    return "".join([*parts, pattern[last:]]).replace("[ *_]?", "[ *_]*")
