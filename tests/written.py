"""Statements as `kg extract` prints them, written by hand, and command lines that must be refused in one line."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from kg import cli


class Bad(NamedTuple):
    """Files, a command line, and the one line that it must answer with."""

    name: str
    files: dict[str, str]
    arguments: str
    line: str


def refused(bad: Bad, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Run a command of `kg evaluate` in the current folder; assert that it is refused in one line."""
    for name, content in bad.files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content, "utf-8")
    code = cli.main(["evaluate", *bad.arguments.split()])
    out, err = capsys.readouterr()
    assert (out, err, code) == ("", f"kg: {bad.line}\n", 2)


def lines(entries: Iterable[object]) -> str:
    """JSON objects, one a line."""
    return "".join(json.dumps(entry) + "\n" for entry in entries)


def statement(document: str, text: str, words: str) -> dict[str, Any]:
    """A statement as `kg extract` prints it, whose quote is the line of the words."""
    place = text.index(words)
    start = text.rfind("\n", 0, place) + 1
    end = text.index("\n", place)
    return {
        "document": document,
        "kind": "adverse_effect",
        "polarity": "affirmed",
        "object": {"label": words, "start": place, "end": place + len(words)},
        "qualifiers": {},
        "start": start,
        "end": end,
        "quote": text[start:end],
    }
