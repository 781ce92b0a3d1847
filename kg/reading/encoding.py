"""The characters of a web page: what its bytes really are, whatever the page says of them."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator

from kg.errors import DocumentError

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_DECLARED = re.compile(
    rb"<(?:meta|\?xml)\b[^>]{0,400}?\b(?:charset|encoding)\s*=\s*[\"']?\s*([\w.:-]{2,40})", re.IGNORECASE
)
_HEAD = 4_096
_WEB_NAMES = {
    "iso-8859-1": "cp1252",
    "iso8859-1": "cp1252",
    "latin1": "cp1252",
    "latin-1": "cp1252",
    "us-ascii": "cp1252",
    "ascii": "cp1252",
    "x-sjis": "cp932",
    "shift_jis": "cp932",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "iso-8859-9": "cp1254",
}
"""Browsers read these encodings as others that hold more characters."""

_MULTIBYTE = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f]")
_FOREIGN = re.compile(r"[^\x00-\x7f]")
_LETTER = re.compile(r"[^\W\d_]")
_SIGN = re.compile("[\xa0-\xbf\xd7\xf7\u2013-\u203a\u20ac\u2122]")
MOST_ACCENTS = 0.02
"""Share of the letters that accented ones have at most, where a page of no known encoding is read as Western: English
has fewer, and a text in another language would be left out anyway."""

_JUMBLED = re.compile("[a-z][\xc0-\xde]")


def decode(content: bytes, place: str) -> str:
    """Decode a web page: by its byte order mark, as UTF-8 where it is UTF-8, else as it says, else as Windows-1252.

    Nothing is guessed silently: text that would come out as a jumble of signs is refused.

    Raises
    ------
    DocumentError
        When no reading gives text: the error says what the page declares.
    """
    for mark, name in _MARKS:
        if content.startswith(mark):
            return _strictly(content, name, place)
    declared = _declared(content)
    if b"\x00" in content[:_HEAD]:
        raise DocumentError(place, "the file is binary", "name a web page")
    if b"\x1b$" in content:  # text in seven bits that are no ASCII
        if declared is not None and declared.startswith("iso2022"):
            return _as_declared(content, declared, place)
        raise DocumentError(place, "says no encoding, and is neither UTF-8 nor ASCII", "save it as UTF-8")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        first = error.start
    if declared not in (None, "utf-8"):
        return _as_declared(content, str(declared), place)
    for text in _western(content):
        return text
    problem = f"says it is {declared}, but byte" if declared else "says no encoding, and byte"
    raise DocumentError(place, f"{problem} {first} is not UTF-8 (0x{content[first]:02x})", "save it as UTF-8")


def _declared(content: bytes) -> str | None:
    """Return the Python name of the encoding that the page declares; None where it declares none that is known."""
    match = _DECLARED.search(content, 0, _HEAD)
    if not match:
        return None
    name = match[1].decode("ascii").lower()
    try:
        codec = codecs.lookup(_WEB_NAMES.get(name, name))
    except (LookupError, ValueError):
        return None
    is_text = getattr(codec, "_is_text_encoding", True)
    return None if not is_text or codec.name.startswith("utf-16") else codec.name


def _strictly(content: bytes, name: str, place: str) -> str:
    try:
        return content.decode(name)
    except UnicodeDecodeError as error:
        problem = f"not {name.removesuffix('-sig').upper()} as its first bytes say (byte {error.start})"
        raise DocumentError(place, problem, "save it as UTF-8") from None


def _as_declared(content: bytes, name: str, place: str) -> str:
    try:
        text = content.decode(name)
    except UnicodeDecodeError as error:
        problem = f"says it is {name}, but byte {error.start} is not (0x{content[error.start]:02x})"
        raise DocumentError(place, problem, "save it as UTF-8") from None
    if _CONTROL.search(text):
        raise DocumentError(place, f"says it is {name}, which gives no readable text", "save it as UTF-8")
    return text


def _western(content: bytes) -> Iterator[str]:
    """Read a page that is not the UTF-8 it should be as Windows-1252, if that gives words with few accents."""
    if _MULTIBYTE.search(content):  # partly UTF-8: two encodings in one file
        return
    try:
        text = content.decode("cp1252")
    except UnicodeDecodeError:
        return
    if _JUMBLED.search(text) or _CONTROL.search(text):
        return
    foreign = [sign for sign in _FOREIGN.findall(text) if not _SIGN.match(sign)]
    if len(foreign) <= MOST_ACCENTS * len(_LETTER.findall(text)):
        yield text
