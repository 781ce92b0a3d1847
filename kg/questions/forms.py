"""Question forms: a table of wordings, matched so that every word of a question is accounted for.

A wording is written with plain words and a few marks, and compared word by word, in any case, singular or plural::

    (side|adverse) effect          one of several; "effect" also meets "effects"
    stop* [taking]                 any ending; may be missing
    = {drug}                       this and nothing else
    {drug} ... cause* {thing}      a drug; other words in between; a condition, person, activity, drug or food

A name that a wording does not place may stand anywhere. A question fits a form where one of its wordings is found in
it, its names are as many as the form takes, and all other words are fillers ("please", "the"). What a question means is
then weighed (`telling`): a wording that fits is one voice, the words and names of the question are others, and a form
may be meant of which no wording fits. A word that is neither of a form nor of the language must be a name, and is never
ignored.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from kg.questions import tables
from kg.questions.tokens import stem, stems

DRUG, THING, WITHOUT, TAKEN = "{drug}", "{thing}", "{without}", "{taken}"
"""What stands for names in a question that is to be matched: asked about, to be left out, taken by the patient."""

SLOTS = (DRUG, THING, WITHOUT, TAKEN)
CLASS, KIND, PEOPLE, ACTIVITY = "{class}", "{kind}", "{people}", "{activity}"
SUBSTANCE, TARGET = "{substance}", "{target}"
"""What a form takes that is about a class of drugs: as the drug, as the thing; about groups of people; activities;
foods and other substances; what drugs act on."""

PAIR = "{pair}"
"""Counts the drugs that stand where a thing might."""

_NARROWER = {CLASS: DRUG, KIND: THING, PEOPLE: THING}

_MARK = re.compile(r"\{(?:drug|thing|without|taken)\}|\.\.\.|[()\[\]|]|[^\s()\[\]|]+")
_TAKES = re.compile(r"(drug|class|thing|kind|people|without|taken)(s|\?|\*|\+)?")
_ALONE = "="
_PART = re.compile(r"\[[ ,]*([^\]]*)\]")
_MANY = 9
_HOW_MANY = {"": (1, 1), "s": (2, _MANY), "?": (0, 1), "*": (0, _MANY), "+": (1, _MANY)}


@dataclass(frozen=True, slots=True)
class Wording:
    """One way to ask: its text, and groups of words of each of which one must be there."""

    text: str
    needs: tuple[frozenset[str], ...]

    @property
    def words(self) -> frozenset[str]:
        """Its whole words and slots."""
        found = marks(self.text)
        return frozenset(m if m in SLOTS else stem(m) for m in found if m in SLOTS or (m[0].isalnum() and m[-1] != "*"))


@dataclass(frozen=True, slots=True)
class Form:
    """What can be asked: how it is repeated to the reader, its wordings, and what answers it.

    Attributes
    ----------
    name : str
        The form's name.
    group : str
        The heading under which it is listed.
    understood : str
        How the question is repeated; a part in square brackets is left out where nothing fills it.
    examples : tuple of str
        Ways to ask that a reader can copy, with DRUG, CLASS, THING and PEOPLE where names go.
    wordings, never : tuples of Wording
        The ways to ask; and wordings that ask something else (the opposite, or the wrong way round).
    takes : mapping
        For each slot the least and the greatest number of names.
    question : str
        The question of `queries/questions` that answers it; empty where a function does.
    fixed : mapping
        Parameters that the form itself decides ("topic" in a question about storage).
    also : frozenset of str
        Words that may stand in this form without changing it; those of its own wordings are among them.
    first : bool
        Whether it wins over all other forms that fit.
    pair : bool
        Whether the thing may be a second drug.
    plainest : bool
        Whether names such as it takes mean it where hardly more is said.
    targets : bool
        Whether it takes what drugs act on as a thing, which few forms do.
    tells_why : bool
        Whether its answer gives reasons, so that "and why?" behind it asks nothing more.
    excludes : frozenset of str
        Kinds of things that it does not take: nobody asks whether a drug causes swimming.
    beside : frozenset of str
        Types of things that its answer does not select by: named beside it, and said to be.
    contains : frozenset of str
        Forms whose rows its answer has among its own, so that both may be asked at once.
    """

    name: str
    group: str
    understood: str
    examples: tuple[str, ...]
    wordings: tuple[Wording, ...]
    never: tuple[Wording, ...]
    takes: Mapping[str, tuple[int, int]]
    question: str
    fixed: Mapping[str, str]
    also: frozenset[str]
    first: bool
    pair: bool
    plainest: bool
    targets: bool
    tells_why: bool
    excludes: frozenset[str]
    beside: frozenset[str]
    contains: frozenset[str]

    @property
    def plain(self) -> str:
        """What can be asked, with DRUG and THING where names go."""
        text = _PART.sub(r" (\1)", self.understood)
        return text.replace(DRUG, "DRUG").replace(THING, "THING").replace(WITHOUT, "THING").replace(TAKEN, "DRUG")

    def admits(self, counts: Mapping[str, int]) -> bool:
        """Tell whether the form takes so many names of each slot."""
        if counts.get(PAIR, 0) and not self.pair:
            return False
        if any(counts.get(kind, 0) for kind in self.excludes):
            return False
        if counts.get(TARGET, 0) and not self.targets:
            return False
        wanted = dict(self.takes)
        for narrower, slot in _NARROWER.items():
            if narrower in wanted:
                if counts.get(narrower, 0) != counts.get(slot, 0):
                    return False
                wanted[slot] = wanted[narrower]
        return all(least <= counts.get(slot, 0) <= most for slot in SLOTS for least, most in [wanted.get(slot, (0, 0))])


@dataclass(frozen=True, slots=True, eq=False)
class Forms:
    """The whole table.

    Attributes
    ----------
    forms : tuple of Form
        The forms, in order.
    known, starts : frozenset and tuple of str
        The words in them, and the beginnings of words.
    negations, comparing, topics, topic_starts : frozensets and tuple of str
        Words that change what is asked; that compare; words, and beginnings of words, that ask something by themselves.
    usual : tuple of str
        The names of the forms that are offered where a question is not understood.
    """

    forms: tuple[Form, ...]
    known: frozenset[str]
    starts: tuple[str, ...]
    negations: frozenset[str]
    comparing: frozenset[str]
    topics: frozenset[str]
    topic_starts: tuple[str, ...]
    usual: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Match:
    """A form that accounts for every word of a question, and how many of them its wording tells of."""

    form: Form
    weight: int


@functools.cache
def load(path: Path | None = None) -> Forms:
    """Read the table of question forms, by default that of the package.

    Raises
    ------
    QueryError
        When the file is missing, malformed or incomplete.
    """
    read = tables.read("forms.toml", path)
    with tables.complete(read.place, "a form", "give it name, group, takes, understood, examples, wordings"):
        negations = stems(str(read.values["negations"]))
        usual = tuple(str(read.values["usual"]).split())
        topics = str(read.values["topics"]).split()
        forms = tuple(_form(item, negations) for item in read.rows("form"))
    everything = {m for form in forms for wording in form.wordings for m in marks(wording.text)}
    also = {word for form in forms for word in form.also}
    starts = tuple(sorted(mark[:-1] for mark in everything if mark.endswith("*")))
    return Forms(
        forms,
        frozenset(also | {stem(mark) for mark in everything}),
        starts,
        negations,
        stems(str(read.values["comparing"])),
        frozenset(stem(word) for word in topics if not word.endswith("*")),
        tuple(word[:-1] for word in topics if word.endswith("*")),
        usual,
    )


def _form(item: Mapping[str, object], negations: frozenset[str]) -> Form:
    fixed = item.get("fixed", {})
    if not isinstance(fixed, Mapping):
        raise TypeError("fixed")
    wordings = tuple(map(wording, tables.texts(item["wordings"])))
    own = {stem(mark) for ask in wordings for mark in marks(ask.text) if mark[0].isalnum()}
    return Form(
        name=str(item["name"]),
        group=str(item["group"]),
        understood=str(item["understood"]),
        examples=tables.texts(item["examples"]),
        wordings=wordings,
        never=tuple(map(wording, tables.texts(item.get("never", ())))),
        takes={"{" + slot + "}": _HOW_MANY[many] for slot, many in _TAKES.findall(str(item["takes"]))},
        question=str(item.get("question", "")),
        fixed={str(key): str(value) for key, value in fixed.items()},
        also=stems(str(item.get("also", ""))) | {word.rstrip("*") for word in own} - negations,
        first=bool(item.get("first", False)),
        pair=bool(item.get("pair", False)),
        plainest=bool(item.get("plainest", False)),
        targets=bool(item.get("targets", False)),
        tells_why=bool(item.get("tells_why", False)),
        excludes=frozenset("{" + kind + "}" for kind in str(item.get("excludes", "")).split()),
        beside=frozenset(str(item.get("beside", "")).split()),
        contains=frozenset(str(item.get("contains", "")).split()),
    )


@functools.cache
def marks(text: str) -> tuple[str, ...]:
    """Cut a wording into its words and marks."""
    return tuple(_MARK.findall(text))


def is_known(word: str, table: Forms) -> bool:
    """Tell whether a word stands in any form."""
    return stem(word) in table.known or word.startswith(table.starts)


def asks_by_itself(word: str, table: Forms) -> bool:
    """Tell whether a word asks something by itself, so that a form must have been asked with it."""
    return stem(word) in table.topics or word.startswith(table.topic_starts)


def match(
    question: Iterable[str], counts: Mapping[str, int], table: Forms, fillers: frozenset[str] | None
) -> list[Match]:
    """Find the forms that account for a question's words, the most telling first; slots stand for names.

    Without fillers, all words may stand beside a wording.
    """
    tokens = [word if word in SLOTS else stem(word) for word in question]
    there = frozenset(tokens)
    text = "".join(token + " " for token in tokens)
    found: list[Match] = []
    for form in table.forms:
        if not form.admits(counts):
            continue
        allowed = None if fillers is None else fillers | form.also
        weights = [
            weight
            for wording in form.wordings
            if _may_fit(wording, there) and (weight := _fit(wording, text, len(tokens), allowed)) is not None
        ]
        if weights and not is_ruled_out(form, text):
            found.append(Match(form, max(weights)))
    return sorted(found, key=lambda m: (not m.form.first, -m.weight))


def is_ruled_out(form: Form, text: str) -> bool:
    """Tell whether a text of stems asks something else, by what the form says of it."""
    return any(fits(other, text) for other in form.never)


def fits(wording: Wording, text: str) -> bool:
    """Tell whether a wording is found in a text of stems, each with a blank behind it, whatever else is in it."""
    if wording.text.startswith(_ALONE):
        return wording.text.split()[1:] == text.split()
    return _may_fit(wording, frozenset(text.split())) and _pattern(wording.text).fullmatch(text) is not None


def _fit(wording: Wording, text: str, length: int, allowed: frozenset[str] | None) -> int | None:
    """Return how many words, names left out, the wording accounts for; none where other words than fillers are left."""
    if wording.text.startswith(_ALONE):
        return 0 if " ".join(wording.text.split()[1:]) == text.strip() else None
    result = _pattern(wording.text).fullmatch(text)
    if result is None:
        return None
    loose = [word for part in result.groups() if part for word in part.split()]
    if allowed is not None and any(word not in allowed and word not in SLOTS for word in loose):
        return None
    return length - len(loose) - sum(wording.text.count(slot) for slot in SLOTS)


def _may_fit(wording: Wording, there: frozenset[str]) -> bool:
    return all(
        not there.isdisjoint(group)
        or any(word.startswith(need[:-1]) for need in group if need.endswith("*") for word in there)
        for group in wording.needs
    )


def wording(text: str) -> Wording:
    """Note which words must be there, for a quick look before the exact one costs the compiling of a pattern."""
    needs: list[frozenset[str]] = []
    group: set[str] = set()
    depth, begins = 0, False
    for mark in marks(text):
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
        elif mark not in {"...", _ALONE} and (depth == 0 or begins):
            word = mark if mark.endswith("*") or mark in SLOTS else stem(mark)
            if depth == 0:
                needs.append(frozenset({word}))
            else:
                group.add(word)
            begins = False
    return Wording(text, tuple(needs))


@functools.cache
def _pattern(text: str) -> re.Pattern[str]:
    parts = []
    for mark in marks(text):
        if mark in "([":
            parts.append("(?:")
        elif mark in ")]":
            parts.append(")" if mark == ")" else ")?")
        elif mark == "|":
            parts.append("|")
        elif mark == "...":
            parts.append(r"((?:\S+ )*?)")
        elif mark.endswith("*"):
            parts.append(re.escape(mark[:-1]) + r"[^\s{]* ")
        else:
            parts.append(re.escape(mark if mark in SLOTS else stem(mark)) + " ")
    return re.compile(rf"((?:\S+ )*?){''.join(parts)}((?:\S+ )*)")


def place_of(wording: Wording, text: str) -> tuple[int, int] | None:
    """Return between which words of a text of stems a wording stands, if it does."""
    result = inside(wording).search(text) if _may_fit(wording, frozenset(text.split())) else None
    return None if result is None else (text[: result.start()].count(" "), text[: result.end()].count(" "))


def is_whole(wording: Wording, stems: Collection[str]) -> bool:
    """Tell whether a wording accounts for all of some words (stems)."""
    return place_of(wording, "".join(stem + " " for stem in stems)) == (0, len(stems))


@functools.cache
def inside(wording: Wording) -> re.Pattern[str]:
    """Return what finds a wording inside a text of stems."""
    inner = _pattern(wording.text).pattern.removeprefix(r"((?:\S+ )*?)").removesuffix(r"((?:\S+ )*)")
    return re.compile(r"(?<!\S)" + inner)
