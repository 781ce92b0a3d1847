"""Names in a question: which words name drugs and things, and the ways in which the question can then be read.

A word may be a name or an ordinary word ("pregnancy" is a condition, and what a form asks about), so a question has
several readings. In each, slots stand for the names: `what interacts with {drug}`.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from kg.graph import terms
from kg.questions import forms, speech
from kg.questions.forms import ACTIVITY, CLASS, DRUG, KIND, PAIR, PEOPLE, SUBSTANCE, TAKEN, TARGET, THING, WITHOUT
from kg.questions.names import Named, Names
from kg.questions.speech import Speech
from kg.questions.tokens import stem

_LONGEST_NAME = 6
_MOST_READINGS = 48
_MOST_SPARED = 2
_JOINS = frozenset({"and", "or", "nor", "&", "+", "plus", "both", "either"})
_EITHER = frozenset({"or", "nor"})
_BETWEEN = frozenset(
    {
        "a",
        "an",
        "the",
        "in",
        "with",
        "of",
        "for",
        "to",
        "also",
        "have",
        "has",
        "his",
        "her",
        "my",
        "bad",
        "severe",
        "mild",
    }
)
_OF_USES = frozenset({"for", "in", "against", "treat", "treats", "treating"})
"""Behind these stands what something is used for, never what is to be left out."""

_FINE = frozenset({"fine", "ok", "okay", "safe", "alright", "allowed", "tolerated", "contraindicated", "caution"})

_OF_PEOPLE = frozenset({"in", "among", "for"})
_UNLISTED = frozenset({"UnlistedTerm"})
_CLASS_TYPE, _PEOPLE_TYPE, _ACTIVITY_TYPE = "DrugClass", "Population", "Activity"
_SUBSTANCE_TYPE, _CONDITION_TYPE, _TARGET_TYPE, _MEASURED_TYPE = "Substance", "Condition", "Target", "Measurement"


@dataclass(frozen=True, slots=True)
class Mention:
    """Words of a question that name something: the first and the last one, and all that bears the name.

    A misspelt name has what it was taken for; a name that nobody knows names nothing, and `is_near` says whether
    something is spelt nearly so.
    """

    start: int
    end: int
    slot: str
    named: tuple[Named, ...]
    corrected: tuple[str, str] | None = None
    is_near: bool = False

    def is_a(self, type_: str) -> bool:
        """Tell whether one of those who bear the name is of a type."""
        return any(type_ in named.types for named in self.named)


@dataclass(frozen=True, slots=True)
class Group:
    """Names of one slot that stand together, and whether one of them is enough."""

    slot: str
    mentions: tuple[Mention, ...]
    either: bool = False


Token = str | Group


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to read a question: its words, and groups of names where names stand.

    `beside` holds the people of whom something else is asked: "nausea in children".
    """

    tokens: tuple[Token, ...]
    extra: int = 0
    beside: tuple[Mention, ...] = ()

    @property
    def groups(self) -> tuple[Group, ...]:
        """The groups, in order."""
        return tuple(token for token in self.tokens if isinstance(token, Group))

    @property
    def words(self) -> tuple[str, ...]:
        """The words, with slots for the groups."""
        return tuple(token if isinstance(token, str) else token.slot for token in self.tokens)

    def of(self, slot: str) -> tuple[Mention, ...]:
        """Return the mentions of a slot."""
        return tuple(mention for group in self.groups if group.slot == slot for mention in group.mentions)

    def is_about_more(self) -> bool:
        """Tell whether it names more than a drug, so that a part of the body is not what is asked about."""
        return bool(self.of(THING)) or len(self.of(DRUG)) > 1

    @property
    def counts(self) -> Mapping[str, int]:
        """How many names there are of each slot; a name said twice counts once."""
        found = {slot: len({m.named or (m.start,) for m in self.of(slot)}) for slot in forms.SLOTS}
        found[CLASS] = len({m.named for m in self.of(DRUG) if m.is_a(_CLASS_TYPE)})
        found[PAIR] = sum(m.slot == DRUG for m in self.of(THING))
        found[KIND] = len({m.named for m in self.of(THING) if m.is_a(_CLASS_TYPE)})
        found[ACTIVITY] = sum(m.is_a(_ACTIVITY_TYPE) for m in self.of(THING))
        found[SUBSTANCE] = sum(m.is_a(_SUBSTANCE_TYPE) and not m.is_a(_CONDITION_TYPE) for m in self.of(THING))
        found[TARGET] = sum(m.is_a(_TARGET_TYPE) for m in self.of(THING))
        found[PEOPLE] = len({m.named for m in self.of(THING) if m.is_a(_PEOPLE_TYPE)})
        return found


def find(
    words: Sequence[str],
    spelt: Sequence[str],
    names: Names,
    table: Speech,
    is_known: Callable[[str], bool],
    *,
    thorough: bool,
) -> dict[int, list[Mention]]:
    """Find the names that begin at each word, the longest first.

    What only documents call so is no name where it is made of words that are known as words ("reason").
    """
    found: dict[int, list[Mention]] = {}
    for start in range(len(words)):
        for end in range(min(start + _LONGEST_NAME, len(words)), start, -1):
            said = tuple(map(stem, words[start:end]))
            if said not in table.names and ({said[0], said[-1]} & table.glue or said in table.ordinary):
                continue
            if _EITHER.intersection(words[start:end]):  # "nausea or vomiting" is two names, whatever a document says
                continue
            mention = _mention(start, end, words, spelt, names, table, thorough=thorough)
            is_plain = all(is_known(w) or speech.is_plain(w) for w in words[start:end]) or bool(
                _JOINS.intersection(words[start:end])
            )
            if mention is not None and not (is_plain and all(n.types <= _UNLISTED for n in mention.named)):
                found.setdefault(start, []).append(mention)
    _part(found, words)
    _whole(found)
    if thorough:
        covered = {place for there in found.values() for one in there for place in range(one.start, one.end)}
        for place, word in enumerate(words):
            state = None if place in covered or is_known(word) else _state(place, word, names, table)
            found |= {place: [state]} if state is not None else {}
    return found


def _part(found: dict[int, list[Mention]], words: Sequence[str]) -> None:
    """Leave out a product of two drugs where both are named in a list: "pioglitazone, sitagliptin and metformin"."""
    for start, there in found.items():
        for mention in [one for one in there if one.slot == DRUG and _JOINS.intersection(words[one.start : one.end])]:
            joins = [at for at in range(mention.start, mention.end) if words[at] in _JOINS]
            is_two = len(there) > 1 and all(at + 1 in found for at in joins)
            if is_two and any(one.slot == DRUG and one.end == start for others in found.values() for one in others):
                there.remove(mention)


def _whole(found: dict[int, list[Mention]]) -> None:
    """Leave out what is measured where it is said with it that it is high or low: "raises blood pressure"."""
    levels = [m for there in found.values() for m in there if m.is_a(_CONDITION_TYPE) and m.end - m.start > 1]
    for start, there in list(found.items()):
        around = [one for one in levels if one.start <= start]
        found[start] = [
            m for m in there if not m.is_a(_MEASURED_TYPE) or not any(m.end <= o.end and m != o for o in around)
        ]
        if not found[start]:
            del found[start]


def _state(start: int, word: str, names: Names, table: Speech) -> Mention | None:
    """Return the condition that an unknown word says someone is in, if there is one of its name."""
    for name in speech.states(word, table):
        found = tuple(named for named in names.find(name) if _CONDITION_TYPE in named.types)
        if found:
            return Mention(start, start + 1, THING, found)
    return None


def _mention(
    start: int, end: int, words: Sequence[str], spelt: Sequence[str], names: Names, table: Speech, *, thorough: bool
) -> Mention | None:
    spoken = table.names.get(tuple(map(stem, words[start:end])))
    of_age = speech.of_age(words[start], table) if end == start + 1 else None
    if of_age is not None:
        spoken = (of_age,)
    if spoken:
        found = [named for name in spoken for named in names.find(name) if named.types & table.things]
        return Mention(start, end, THING, tuple(dict.fromkeys(found))) if found else None
    for name in speech.named(words[start:end], spelt[start:end], table):
        bearers = [n for n in names.find(name, thorough=thorough) if terms.is_entity(n.iri)]
        if any(map(names.is_medicine, bearers)):
            return Mention(start, end, DRUG, (names.drug(name),))
        if any(n.types & table.things for n in bearers):
            things = [named for named in names.entity(name) if named.types & table.things]
            return Mention(start, end, THING, tuple(sorted(things, key=lambda named: named.types <= _UNLISTED)))
    return None


def readings(
    words: Sequence[str],
    mentions: Mapping[int, Sequence[Mention]],
    is_known: Callable[[str], bool],
    table: Speech,
    is_plain: Callable[[str], bool] | None = None,
) -> Iterator[Reading]:
    """Give the ways to read a question, names as names first.

    Of names of one word those that are plain words of the language may be none, of longer ones those of known words.
    """
    for tokens in itertools.islice(_choices(words, 0, mentions, (is_plain or is_known, is_known)), _MOST_READINGS):
        yield from _variants(tokens, table)


def _choices(
    words: Sequence[str],
    start: int,
    mentions: Mapping[int, Sequence[Mention]],
    is_known: tuple[Callable[[str], bool], Callable[[str], bool]],
) -> Iterator[tuple[Token, ...]]:
    """Give every choice between a name and the words that it is made of, where these are known as words."""
    if start == len(words):
        yield ()
        return
    here = mentions.get(start, ())
    for mention in here:
        group = Group(mention.slot, (mention,))
        for rest in _choices(words, mention.end, mentions, is_known):
            yield (group, *rest)
    is_long = bool(here) and here[0].end - start > 1
    if not here or is_known[is_long](words[start]):
        for rest in _choices(words, start + 1, mentions, is_known):
            yield (words[start], *rest)


def _variants(tokens: tuple[Token, ...], table: Speech) -> Iterator[Reading]:
    """Give a reading with its lists put together, with what is to be left out, and with two drugs as drug and thing."""
    tokens = _by_examples(tuple(_without_articles(tokens, table))[::-1])
    together = Reading(_together(tokens))
    marked = _marked(together, table, WITHOUT)
    for reading in dict.fromkeys((marked, together)):
        yield reading
        if reading.of(DRUG):
            taken = _marked(reading, table, TAKEN)
            if taken != reading:
                yield taken
    others = _without_people(together)
    if others is not None:
        yield others
    early = Reading(_together(_marked(Reading(tokens), table, TAKEN).tokens))
    if _is_list_behind(early, TAKEN):
        yield replace(early, extra=1)
    drugs = [place for place, token in enumerate(tokens) if isinstance(token, Group) and token.slot == DRUG]
    things = [token for token in tokens if isinstance(token, Group) and token.slot == THING]
    if len(drugs) == 2 and not things:
        for place in reversed(drugs):
            yield Reading(tuple(_as_thing(token) if at == place else token for at, token in enumerate(tokens)))
    yield from _spared(together, table)


def _spared(reading: Reading, table: Speech) -> Iterator[Reading]:
    """Give the readings in which one thing is what is to be left out: "it gives me hives, what else is there?"."""
    tokens = reading.tokens
    things = [
        at
        for at, one in enumerate(tokens)
        if isinstance(one, Group) and one.slot == THING and not _is_use(tokens[max(0, at - 2) : at])
    ]
    said = {stem(token) for token in tokens if isinstance(token, str)}
    is_told = bool(said & table.sparing and said & table.spoiling)
    for place in things if is_told and len(things) <= _MOST_SPARED else ():
        yield replace(
            reading,
            tokens=tuple(
                replace(token, slot=WITHOUT) if at == place and isinstance(token, Group) else token
                for at, token in enumerate(tokens)
            ),
        )


def _is_use(before: Sequence[Token]) -> bool:
    """Tell whether the words before a thing say that something is used for it, not that it is fine with it."""
    return bool(before) and before[-1] in _OF_USES and before[0] not in _FINE


def _is_people(group: Group) -> bool:
    return all(mention.is_a(_PEOPLE_TYPE) for mention in group.mentions)


def _without_people(reading: Reading) -> Reading | None:
    """Return the reading with groups of people behind "in" beside it, where another thing is named; none elsewhere."""
    tokens: list[Token] = []
    beside: list[Mention] = []
    for token in reading.tokens:
        is_behind = bool(tokens) and tokens[-1] in _OF_PEOPLE
        if isinstance(token, Group) and token.slot == THING and is_behind and _is_people(token):
            tokens.pop()
            beside += token.mentions
        else:
            tokens.append(token)
    found = Reading(tuple(tokens), reading.extra, tuple(beside))
    return found if beside and found.of(THING) else None


def _without_articles(tokens: Sequence[Token], table: Speech) -> Iterator[Token]:
    """Leave out "the" and "my" before names, so that no wording has to think of them."""
    article = False
    for token in reversed(tokens):
        if not (article and isinstance(token, str) and token in table.articles):
            article = isinstance(token, Group)
            yield token


def _is_list_behind(reading: Reading, slot: str) -> bool:
    """Tell whether a name of a slot is followed at once by several drugs: "on lithium: ibuprofen or naproxen"."""
    pairs = zip(reading.tokens, reading.tokens[1:], strict=False)
    return len(reading.of(DRUG)) > 1 and any(
        isinstance(a, Group) and a.slot == slot and isinstance(b, Group) and b.slot == DRUG for a, b in pairs
    )


def _by_examples(tokens: tuple[Token, ...]) -> tuple[Token, ...]:
    """Leave out a class or thing where what is meant is named behind it: "benzodiazepines like ...", "SSRI of ..."."""
    for place, (wider, join, named) in enumerate(zip(tokens, tokens[1:], tokens[2:], strict=False)):
        if not isinstance(wider, Group) or not isinstance(named, Group) or wider.slot != named.slot:
            continue
        is_wider = wider.slot == THING or (
            wider.mentions[0].is_a(_CLASS_TYPE) and not named.mentions[0].is_a(_CLASS_TYPE)
        )
        if is_wider and (join == "like" or (join in {"of", "among"} and wider.slot == DRUG)):
            return tokens[:place] + tokens[place + 2 :]
    return tokens


def _as_thing(token: Token) -> Token:
    return replace(token, slot=THING) if isinstance(token, Group) else token


def _together(tokens: Iterable[Token]) -> tuple[Token, ...]:
    """Put names that stand in a list into one group."""
    found: list[Token] = []
    waiting: list[str] = []
    for token in tokens:
        if isinstance(token, str):
            waiting.append(token)
            continue
        last = found[-1] if found else None
        joined = [word for word in waiting if word in _JOINS]
        if isinstance(last, Group) and last.slot == token.slot and _is_join(waiting):
            either = last.either or bool(_EITHER.intersection(joined))
            found[-1] = Group(token.slot, (*last.mentions, *token.mentions), either)
        else:
            found += [*waiting, token]
        waiting = []
    return (*found, *waiting)


def _is_join(between: Sequence[str]) -> bool:
    return not between or (between[0] in _JOINS and all(word in _JOINS or word in _BETWEEN for word in between[1:]))


def _marked(reading: Reading, table: Speech, slot: str) -> Reading:
    """Return the reading in which names behind certain words ("without", "who takes") stand in another slot."""
    tokens = list(reading.tokens)
    extra = reading.extra
    for wording in table.slots.get(slot, ()):
        pattern = forms.inside(wording)
        while True:
            text = "".join((stem(t) if isinstance(t, str) else t.slot) + " " for t in tokens)
            result = pattern.search(text)
            if result is None:
                break
            start, end = text[: result.start()].count(" "), text[: result.end()].count(" ")
            group = tokens[end - 1]
            if not isinstance(group, Group):
                break
            extra += end - start - 1
            tokens[start:end] = [replace(group, slot=slot)]
    return Reading(tuple(tokens), extra)
