"""How people speak: words that change nothing, everyday words for what the vocabulary calls otherwise, and refusals.

All of it is data, in `queries/words.toml`.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from kg.questions import forms, tables
from kg.questions.forms import Wording

_ENDINGS = ("ing", "ed", "ly", "es")


@dataclass(frozen=True, slots=True)
class Refusal:
    """Questions that are not answered, however well they fit: why, what to do instead, and their wordings."""

    why: str
    remedy: str
    wordings: tuple[Wording, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Speech:
    """The table.

    Attributes
    ----------
    glue : frozenset of str
        Words that change nothing and with which no name begins or ends.
    articles : frozenset of str
        Those of the glue that may stand before any name.
    ordinary : frozenset of tuples of str
        Words (stems) that are no names by themselves, although the vocabulary has them.
    fillers : frozenset of str
        All words that change nothing, the glue among them.
    body : frozenset of str
        Parts of the body, which change nothing where something else is named.
    things : frozenset of str
        The types of what may be asked about beside drugs.
    names : mapping
        From everyday words (stems) to the names that the vocabulary has.
    spellings : tuple of pairs
        Pieces of words that are spelt in two ways: as they may be typed, and as the vocabulary has them.
    slots : mapping
        From a slot to wordings, each of which ends in the name that it turns into that slot.
    marking : frozenset of str
        The words of those wordings.
    asides : tuple of Wording
        What may stand beside a question and changes nothing, whatever words it is made of ("yes or no").
    second : tuple of Wording
        Signs of a second question, in which no word is passed over.
    refusals : tuple of Refusal
        What is not answered.
    """

    glue: frozenset[str]
    articles: frozenset[str]
    ordinary: frozenset[tuple[str, ...]]
    fillers: frozenset[str]
    body: frozenset[str]
    things: frozenset[str]
    names: Mapping[tuple[str, ...], tuple[str, ...]]
    spellings: tuple[tuple[str, str], ...]
    slots: Mapping[str, tuple[Wording, ...]]
    marking: frozenset[str]
    asides: tuple[Wording, ...]
    second: tuple[Wording, ...]
    refusals: tuple[Refusal, ...]


@functools.cache
def load(path: Path | None = None) -> Speech:
    """Read the table, by default that of the package.

    Raises
    ------
    QueryError
        When the file is missing, malformed or incomplete.
    """
    read = tables.read("words.toml", path)
    with tables.complete(read.place, "the table", "give it glue, fillers, body, spellings, slots, refusal and name"):
        glue = forms.stems(str(read.values["glue"]))
        names = {key: _meant(row["is"]) for row in read.rows("name") for key in map(_key, tables.texts(row["said"]))}
        slots, spellings = read.values["slots"], read.values["spellings"]
        if not isinstance(slots, Mapping) or not isinstance(spellings, Mapping):
            raise TypeError("slots, spellings")
        marks = {"{" + slot + "}": tuple(map(forms.wording, tables.texts(given))) for slot, given in slots.items()}
        return Speech(
            glue,
            frozenset(str(read.values["articles"]).split()),
            frozenset((word,) for word in forms.stems(str(read.values["ordinary"]))),
            glue | forms.stems(str(read.values["fillers"])),
            forms.stems(str(read.values["body"])),
            frozenset(str(read.values["things"]).split()),
            names,
            tuple((str(typed), str(known)) for typed, known in spellings.items()),
            marks,
            frozenset(word for wordings in marks.values() for wording in wordings for word in wording.words),
            tuple(map(forms.wording, tables.texts(read.values["asides"]))),
            tuple(map(forms.wording, tables.texts(read.values["second"]))),
            tuple(
                Refusal(str(row["why"]), str(row["remedy"]), tuple(map(forms.wording, tables.texts(row["wordings"]))))
                for row in read.rows("refusal")
            ),
        )


def _meant(value: object) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tables.texts(value)


def _key(said: str) -> tuple[str, ...]:
    return tuple(forms.stem(word) for word in forms.words(said))


def named(words: Sequence[str], spelt: Sequence[str], speech: Speech) -> Iterator[str]:
    """Give the names that some words of a question may stand for, as the vocabulary might have them."""
    said = " ".join(words)
    yield said
    if said.endswith("s"):  # "MAOIs"
        yield said[:-1]
    if (owned := " ".join(spelt)) != said:
        yield owned
    other = said
    for typed, known in speech.spellings:
        other = other.replace(typed, known)
    if other != said:
        yield other


def fillers(words: Iterable[str], speech: Speech) -> frozenset[str]:
    """Return the fillers, and the words of a question that are numbers or other endings of fillers."""
    return speech.fillers | {forms.stem(word) for word in words if is_filler(word, speech)}


def is_filler(word: str, speech: Speech) -> bool:
    """Tell whether a word changes nothing: a filler with any ending, or a number."""
    return word.isdigit() or any(base in speech.fillers for base in _bases(word))


def _bases(word: str) -> Iterator[str]:
    """Give the word and what it may be an ending of: "waited", "waiting" and "waits" of "wait".

    >>> [base for base in _bases("planning") if len(base) == 4]
    ['plan']
    """
    yield forms.stem(word)
    for ending in _ENDINGS:
        base = word.removesuffix(ending)
        if base != word and len(base) > 2:
            yield base
            yield base + "e"
            if base[-1] == base[-2]:
                yield base[:-1]
            if base[-1] == "i":
                yield base[:-1] + "y"


def has_second(words: Sequence[str], speech: Speech) -> bool:
    """Tell whether a question seems to hold another one."""
    text = "".join(forms.stem(word) + " " for word in words)
    return any(forms.fits(wording, text) for wording in speech.second)


def refusal(words: Sequence[str], speech: Speech) -> Refusal | None:
    """Return why a question is not answered whatever form it fits, or none."""
    text = "".join(forms.stem(word) + " " for word in words)
    for refused in speech.refusals:
        if any(forms.fits(wording, text) for wording in refused.wordings):
            return refused
    return None


def without_asides(words: Sequence[str], spelt: Sequence[str], speech: Speech) -> tuple[list[str], list[str]]:
    """Leave out what stands beside a question; where nothing else is there, leave it."""
    kept = list(zip(words, spelt, strict=True))
    for aside in speech.asides:
        text = "".join(forms.stem(word) + " " for word, _ in kept) + ". "
        place = forms.place_of(aside, text)
        if place is not None and place[1] - place[0] < len(kept):
            del kept[place[0] : place[1]]
    return [word for word, _ in kept], [word for _, word in kept]
