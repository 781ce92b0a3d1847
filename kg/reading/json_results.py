"""JSON of unknown origin, result by result: memory holds one of them, and those before a broken place are read."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator
from typing import NamedTuple

from kg.errors import DocumentError

LONGEST_NUMBER = 100
"""Digits of a number; a longer one is an attack on whoever converts it."""

_BLANK = re.compile(r"[ \t\r\n]*")
_WIDE = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


class Result(NamedTuple):
    """One value, and what is wrong with it although it is well-formed."""

    value: object
    problem: str = ""


def decode(content: bytes, place: str) -> str:
    """Decode the bytes of a JSON file: UTF-8, or UTF-16 and UTF-32 with their byte order mark.

    Raises
    ------
    DocumentError
        When the file is empty or not in one of these encodings.
    """
    encoding = next((name for mark, name in _WIDE if content.startswith(mark)), "utf-8-sig")
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        at = f"byte {error.start} is 0x{content[error.start]:02x}"
        raise DocumentError(place, f"not {encoding.removesuffix('-sig').upper()} ({at})", "save it as UTF-8") from None
    if not text.strip("\ufeff\x00 \t\r\n"):
        raise DocumentError(place, "the file is empty", "name a file with text")
    return text


def results(text: str, place: str) -> Iterator[Result]:
    """Give the elements of a list, those of an object's list "results", or the object itself.

    Raises
    ------
    DocumentError
        Where the text stops being JSON, or nests deeper than can be read; what came before was given.

    >>> [r.value for r in results('{"meta": {}, "results": [{"id": "a"}, {"id": "b"}]}', "labels.json")]
    [{'id': 'a'}, {'id': 'b'}]
    """
    try:
        yield from _Values(text).results()
    except json.JSONDecodeError as error:
        where = f"{place}:{error.lineno}"
        problem = f"no well-formed JSON ({error.msg.lower()}, column {error.colno})"
        raise DocumentError(where, problem, "fetch the file again") from None
    except RecursionError:
        raise DocumentError(place, "its JSON is nested too deeply", "no label is; leave the file out") from None


class _Values:
    """Walks over a JSON text."""

    def __init__(self, text: str) -> None:
        self.text, self.place = text, 0
        self.problem = ""
        self.decoder = json.JSONDecoder(parse_int=self._number, parse_float=self._number, strict=False)

    def results(self) -> Iterator[Result]:
        start = self._next()
        if self.text.startswith("[", start):
            yield from self._elements()
            return self._end()
        found = False
        if self.text.startswith("{", start):
            for key in self._keys():
                if key == "results" and self.text.startswith("[", self._next()):
                    found = True
                    yield from self._elements()
                else:
                    self._value()
        if not found:
            self.place = start
            yield self._value()
        return self._end()

    def _keys(self) -> Iterator[object]:
        """Give the keys of the object that starts here; the caller reads the value after each."""
        for _ in self._parted("}"):
            self._next()
            if not self.text.startswith('"', self.place):
                raise json.JSONDecodeError("Expecting property name enclosed in double quotes", self.text, self.place)
            key = self._value().value
            self._expect(":")
            yield key

    def _elements(self) -> Iterator[Result]:
        for _ in self._parted("]"):
            yield self._value()

    def _parted(self, closing: str) -> Iterator[None]:
        """Step over the opening bracket, the commas and the closing bracket."""
        self.place += 1
        if self.text.startswith(closing, self._next()):
            self.place += 1
            return
        while True:
            yield None
            if self.text.startswith(closing, self._next()):
                self.place += 1
                return
            self._expect(",")

    def _value(self) -> Result:
        self.problem = ""
        try:
            value, self.place = self.decoder.raw_decode(self.text, self._next())
        except StopIteration:
            raise json.JSONDecodeError("Expecting value", self.text, self.place) from None
        return Result(value, self.problem)

    def _expect(self, character: str) -> None:
        if not self.text.startswith(character, self._next()):
            raise json.JSONDecodeError(f"Expecting '{character}' delimiter", self.text, self.place)
        self.place += 1

    def _next(self) -> int:
        """Step over blanks, and return the place."""
        blank = _BLANK.match(self.text, self.place)
        self.place = blank.end() if blank else self.place
        return self.place

    def _end(self) -> None:
        if self._next() < len(self.text):
            raise json.JSONDecodeError("Extra data", self.text, self.place)

    def _number(self, digits: str) -> int:
        """Stand for any number: a label's text has none, so that none is worth its conversion."""
        if len(digits) > LONGEST_NUMBER:
            self.problem = f"holds a number of {len(digits)} digits"
        return 0
