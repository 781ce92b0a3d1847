"""The language of a text, told from its small words and its script: `ontology/languages.toml` has both."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass

from kg import resources

GLANCE = (4, 500)
"""Slices of the text, and code points of each, that are looked at first; they are enough for a text that is read."""

LOOK = (12, 2_000)
"""The same for a text that the glance left in doubt."""

LEAST_SHARE = 6
"""One of so many words of a text that is read is a small word, or it is looked at more closely."""

FEWEST = 4
"""Different small words of another language that there must be before a text is called foreign; single letters, which
chemical names and codes are full of, do not count."""

FEWEST_ALONE = 2
"""The same where no small word of the language that is read stands in the text; one in six words must be such then."""

_WORD = re.compile(r"[^\W\d_]+")
_LETTER = re.compile(r"[^\W\d_]")


@dataclass(frozen=True, slots=True)
class _Script:
    language: str
    letters: re.Pattern[str]
    share: float


@dataclass(frozen=True, slots=True)
class _Languages:
    tags: dict[str, str]
    reads: str
    read: frozenset[str]
    others: dict[str, frozenset[str]]
    scripts: tuple[_Script, ...]


def foreign(text: str) -> str | None:
    """Return the name of the language that a text is in, when it is not the one that is read; else None.

    Only samples from all over the text are looked at. A text is foreign when the small words of one other language
    stand in it in force and those of the language that is read do not: names, lists and tables are never foreign.

    >>> foreign("Nehmen Sie die Tabletten mit einem Glas Wasser ein, wenn der Arzt es sagt.")
    'German'
    >>> foreign("Take the tablets with a glass of water.") is None
    True
    """
    known = _languages()
    words = _sample(text, *GLANCE).lower().split()
    if words and sum(map(known.read.__contains__, words)) * LEAST_SHARE >= len(words):
        return None
    sample = _sample(text, *LOOK)
    return _by_script(sample, known) or _by_words(_words(sample), known)


def tag(text: str) -> str:
    """Return the tag of BCP 47 of the language that a text is in, the one that is read where nothing else is told.

    Empty, which says that the language is not known, where there is no text.

    >>> tag("Nehmen Sie die Tabletten mit einem Glas Wasser ein, wenn der Arzt es sagt."), tag("Take them."), tag("")
    ('de', 'en', '')
    """
    known = _languages()
    return known.tags.get(foreign(text) or known.reads, "") if text else ""


def _sample(text: str, slices: int, length: int) -> str:
    """Take evenly spread slices of a text; all of it where it is short."""
    if len(text) <= slices * length:
        return text
    step = (len(text) - length) // (slices - 1)
    return "\n".join(text[i * step : i * step + length] for i in range(slices))


def _words(text: str) -> list[str]:
    return [word.lower() for word in _WORD.findall(text)]


def _by_script(sample: str, known: _Languages) -> str | None:
    if sample.isascii():
        return None
    letters = len(_LETTER.findall(sample))
    for script in known.scripts:
        if letters and len(script.letters.findall(sample)) > script.share * letters:
            return _by_words(_words(sample), known) or script.language
    return None


def _by_words(words: list[str], known: _Languages) -> str | None:
    """Compare each other language with the one that is read, by the words that only one of the two has."""
    best, language = 0, None
    is_read = any(word in known.read for word in words)
    for name, small in known.others.items():
        found = [word for word in words if word in small and word not in known.read]
        theirs = len(found)
        ours = sum(word in known.read and word not in small for word in words)
        if theirs <= best or theirs <= 2 * ours or theirs * 12 < len(words):
            continue
        if len({word for word in found if len(word) > 1}) >= FEWEST or (not is_read and _stand_alone(found, words)):
            best, language = theirs, name
    return language


def _stand_alone(found: list[str], words: list[str]) -> bool:
    """Whether a short text without a word of the language that is read has enough of another's, the shortest aside."""
    telling = [word for word in found if len(word) > 2]
    return len(set(telling)) >= FEWEST_ALONE and len(telling) * LEAST_SHARE >= len(words)


@functools.cache
def _languages() -> _Languages:
    """Read the table.

    Raises
    ------
    OntologyError
        When the table is missing or not of its form.
    """
    with resources.table("languages.toml", "languages", "give it `read`, [tags], [words] and [[script]] rows") as table:
        words = {name: frozenset(small.split()) for name, small in table["words"].items()}
        scripts = tuple(
            _Script(row["language"], re.compile(f"[{row['letters']}]"), row["share"]) for row in table["script"]
        )
        return _Languages(table["tags"], table["read"], words.pop(table["read"]), words, scripts)
