"""Question forms: a table of wordings, matched so that every word of a question is accounted for.

A wording is written with plain words and a few marks, and compared word by word, in any case, singular or plural::

    (side|adverse) effect          one of several; "effect" also meets "effects"
    stop* [taking]                 any ending; may be missing
    {drug} ... cause* {thing}      the drug; other words in between; a condition, person, activity, drug or food

A question fits a form where one of its wordings is found in it and all other words are fillers ("please", "the").
Words that nobody accounts for are never ignored: such a question is not understood.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from kg import resources
from kg.errors import QueryError
from kg.vocabulary.lexicon import normalise

DRUG = "{drug}"
"""What stands for the drug in a question that is to be matched."""

_WORD = re.compile(r"[^\W_]+(?:['.,/][^\W_]+)*|%")
_SHORT = (
    (re.compile(r"\b(can)['’]?t\b|\bcannot\b"), "can not"),
    (re.compile(r"\bwon['’]t\b"), "will not"),
    (re.compile(r"n['’]t\b"), " not"),
    (re.compile(r"\b(what|who|where|how|which|that|there|it)['’]s\b"), r"\1 is"),
    (re.compile(r"\b(what|who|where|how|which|i|you|we|they)['’](?:re|m)\b"), r"\1 are"),
    (re.compile(r"['’](?:ll|ve|d)\b"), ""),
    (re.compile(r"(?<=\w)['’]s\b|(?<=s)['’](?=\s|$)"), ""),
)
_MARK = re.compile(r"\{(?:drug|thing)\}|\.\.\.|[()\[\]|]|[^\s()\[\]|]+")


@dataclass(frozen=True, slots=True)
class Wording:
    """One way to ask: its text, and groups of words of each of which one must be there."""

    text: str
    needs: tuple[frozenset[str], ...]

    @property
    def has_drug(self) -> bool:
        """Whether the wording says where the drug stands."""
        return DRUG in self.text

    @property
    def has_thing(self) -> bool:
        """Whether the wording names a second thing."""
        return "{thing}" in self.text


@dataclass(frozen=True, slots=True)
class Form:
    """What can be asked: the question that answers it, how it is repeated to the reader, and its wordings.

    `fixed` holds parameters that the form itself decides ("topic" in a question about storage); `also` are words that
    may stand in this form without changing it; a form that is `first` wins over all others that fit.
    """

    question: str
    understood: str
    wordings: tuple[Wording, ...]
    fixed: Mapping[str, str]
    also: frozenset[str]
    first: bool = False

    @property
    def needs_drug(self) -> bool:
        """Whether a drug has to be named."""
        return DRUG in self.understood


@dataclass(frozen=True, slots=True, eq=False)
class Forms:
    """The whole table."""

    forms: tuple[Form, ...]
    fillers: frozenset[str]


@dataclass(frozen=True, slots=True)
class Match:
    """A form that accounts for every word of a question, and the words of its second thing."""

    form: Form
    thing: str
    weight: int


@functools.cache
def load(path: Path | None = None) -> Forms:
    """Read the table of question forms, by default that of the package.

    Raises
    ------
    QueryError
        When the file is missing, malformed or incomplete.
    """
    import tomllib

    place = path or resources.folder("queries") / "forms.toml"
    try:
        table = tomllib.loads(place.read_text(encoding="utf-8"))
        fillers = _words(table["fillers"])
        forms = tuple(
            Form(
                form["question"],
                form["understood"],
                tuple(_wording(text) for text in form["wordings"]),
                dict(form.get("fixed", {})),
                _words(form.get("also", "")),
                bool(form.get("first", False)),
            )
            for form in table["form"]
        )
    except OSError as error:
        raise QueryError(str(place), f"cannot be read ({error.strerror})", "name a file that you may read") from None
    except tomllib.TOMLDecodeError as error:
        raise QueryError(str(place), f"not TOML ({error})", "mend the line it names") from None
    except (KeyError, TypeError, AttributeError) as error:
        raise QueryError(
            str(place), f"a form is incomplete ({error})", "give it question, understood, wordings"
        ) from None
    return Forms(forms, fillers)


def words(text: str) -> list[str]:
    """Cut a question into words, written out and in lower case.

    >>> words("What's Klonopin's use? Isn't it off-label?")
    ['what', 'is', 'klonopin', 'use', 'is', 'not', 'it', 'off', 'label']
    """
    lowered = text.lower()
    for pattern, replacement in _SHORT:
        lowered = pattern.sub(replacement, lowered)
    return _WORD.findall(normalise(lowered))


def stem(word: str) -> str:
    """Take off a plural or third-person ending.

    >>> [stem(word) for word in ("effects", "causes", "allergies", "this", "illnesses")]
    ['effect', 'cause', 'allergy', 'this', 'illness']
    """
    if len(word) < 4 or not word.endswith("s") or word.endswith(("ss", "us", "is")):
        return word
    if word.endswith(("sses", "shes", "ches", "xes")):
        return word[:-2]
    return word[:-3] + "y" if word.endswith("ies") and len(word) > 4 else word[:-1]


def is_known(word: str, table: Forms) -> bool:
    """Tell whether a word stands in the fillers or in any form."""
    known, starts = _known(table)
    return stem(word) in known or word.startswith(starts)


@functools.cache
def _known(table: Forms) -> tuple[frozenset[str], tuple[str, ...]]:
    marks = {mark for form in table.forms for wording in form.wordings for mark in _MARK.findall(wording.text)}
    also = {word for form in table.forms for word in form.also}
    return (
        table.fillers | also | {stem(mark) for mark in marks},
        tuple(sorted(mark[:-1] for mark in marks if mark.endswith("*"))),
    )


def match(question: Iterable[str], table: Forms) -> list[Match]:
    """Find the forms that account for a question's words, the most telling first; `DRUG` stands for the drug."""
    asked = list(question)
    stems = [word if word == DRUG else stem(word) for word in asked]
    there = frozenset(stems)
    found: list[Match] = []
    for form in table.forms:
        if form.needs_drug != (DRUG in there):
            continue
        best: Match | None = None
        for wording in form.wordings:
            if not _may_fit(wording, there):
                continue
            candidate = _fit(form, wording, asked, stems, table.fillers)
            if candidate is not None and (best is None or candidate.weight > best.weight):
                best = candidate
        if best is not None:
            found.append(best)
    return sorted(found, key=lambda m: (not m.form.first, -m.weight))


def _fit(form: Form, wording: Wording, asked: list[str], stems: list[str], fillers: frozenset[str]) -> Match | None:
    if wording.text.startswith("{thing}"):  # a name does not begin with "is the"
        first = next((place for place, word in enumerate(stems) if word not in fillers), 0)
        asked, stems = asked[first:], stems[first:]
    text = "".join(word + " " for word in stems)
    result = _pattern(wording.text).fullmatch(text)
    if result is None:
        return None
    allowed = fillers | form.also | ({DRUG} if not wording.has_drug else frozenset())
    loose = [word for name, part in result.groupdict().items() if name != "thing" and part for word in part.split()]
    if any(word not in allowed for word in loose):
        return None
    if form.needs_drug and not wording.has_drug and loose.count(DRUG) != 1:
        return None
    thing, length = "", 0
    if wording.has_thing:
        before = text[: result.start("thing")].count(" ")
        length = result["thing"].count(" ")
        said = asked[before : before + length]
        while said and stem(said[0]) in fillers:
            said = said[1:]
        while said and stem(said[-1]) in fillers:
            said = said[:-1]
        if not said:
            return None
        thing = " ".join(said)
    return Match(form, thing, len(stems) - len(loose) - length - wording.has_drug)


def _may_fit(wording: Wording, there: frozenset[str]) -> bool:
    return all(
        not there.isdisjoint(group)
        or any(word.startswith(need[:-1]) for need in group if need.endswith("*") for word in there)
        for group in wording.needs
    )


def _wording(text: str) -> Wording:
    """Note which words must be there, for a quick look before the exact one costs the compiling of a pattern."""
    needs: list[frozenset[str]] = []
    group: set[str] = set()
    depth, begins = 0, False
    for mark in _MARK.findall(text):
        if mark in "([":
            depth += 1
            if depth == 1:
                group, begins = set(), mark == "("
            elif begins:  # an alternative that begins with alternatives: any word will do here
                group.add("*")
                begins = False
        elif mark in ")]":
            depth -= 1
            if depth == 0 and mark == ")":
                needs.append(frozenset(group))
        elif mark == "|":
            begins = depth == 1
        elif mark not in {"...", DRUG, "{thing}"} and (depth == 0 or begins):
            word = mark if mark.endswith("*") else stem(mark)
            if depth == 0:
                needs.append(frozenset({word}))
            else:
                group.add(word)
            begins = False
        elif begins:
            group.add("*")
            begins = False
    return Wording(text, tuple(needs))


@functools.cache
def _pattern(wording: str) -> re.Pattern[str]:
    gaps = 0
    parts = []
    for mark in _MARK.findall(wording):
        if mark == "(" or mark == "[":
            parts.append("(?:")
        elif mark == ")":
            parts.append(")")
        elif mark == "]":
            parts.append(")?")
        elif mark == "|":
            parts.append("|")
        elif mark == "...":
            gaps += 1
            parts.append(rf"(?P<gap{gaps}>(?:\S+ )*?)")
        elif mark == DRUG:
            parts.append(r"\{drug\} ")
        elif mark == "{thing}":
            parts.append(r"(?P<thing>(?:[^\s{]+ )+)")
        elif mark.endswith("*"):
            parts.append(re.escape(mark[:-1]) + r"[^\s{]* ")
        else:
            parts.append(re.escape(stem(mark)) + " ")
    return re.compile(rf"(?P<before>(?:\S+ )*?){''.join(parts)}(?P<after>(?:\S+ )*)")


def _words(text: str) -> frozenset[str]:
    return frozenset(stem(word) for word in text.split())
