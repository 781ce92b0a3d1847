"""The ways in which a question may be said: as it stands, without what stands beside it, with what is told put behind.

Each has the names found in it, and the stretches of words that nobody knows: a name that is unknown is never passed
over.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from kg.questions import clauses, forms, mentions, speech, spelling, tokens
from kg.questions.forms import DRUG
from kg.questions.mentions import Mention, Reading
from kg.questions.names import MEDICINES, Names

_MOST_STRANGE = 3
_MOST_READINGS = 12
_ONE_SLIP = 1
_LONG = 8
"""Words of so many letters are mended where two slips were made and no name is near."""

_SHORTEST_NAME = 3
_OF_A_KIND = "drug"
# An unknown word behind one of these is a verb where it ends like one ("be dispensed"), and no name.
_BEFORE_VERBS = frozenset({"is", "are", "was", "were", "be", "been", "being", "get", "gets", "got", "getting"})


@dataclass(frozen=True, slots=True)
class Said:
    """One way to say the question: its words, the names found in them, and stretches of words that nobody knows.

    `extra` counts what was understood of it beside its words: that a class only says what a drug is.
    """

    words: Sequence[str]
    found: Mapping[int, Sequence[Mention]]
    strange: Sequence[tuple[int, int]] = ()
    is_thorough: bool = True
    extra: int = 0


def ways(question: str, words: list[str], spelt: list[str], names: Names) -> Iterator[Said]:
    """Give the question as it stands, without what stands beside it, and with what is told of a person behind it.

    Words that are no names and one slip away from a word of a form are mended before.
    """
    talk = speech.load()
    yield Said(words, mentions.find(words, spelt, names, talk, is_word, thorough=False), is_thorough=False)
    words, spelt = _spelt_rightly(words, spelt, names)
    yield from _found(words, spelt, names)
    shorter = speech.without_asides(words, spelt, talk)
    if shorter != (words, spelt):
        yield from _found(*shorter, names)
    narrower = _without_wider(words, spelt, names)
    if narrower is not None:
        yield from (replace(one, extra=1) for one in _found(*narrower, names))
    behind = clauses.behind(clauses.cut(question, talk), lambda some, typed: _told(some, typed, names))
    if behind is not None:
        yield from _found(*behind, names)


def _found(words: list[str], spelt: list[str], names: Names) -> Iterator[Said]:
    """Find the names in words, those with the usual spellings first."""
    talk = speech.load()
    quickly = mentions.find(words, spelt, names, talk, is_word, thorough=False)
    yield Said(words, quickly, is_thorough=False)
    found = thorough(words, spelt, names)
    yield Said(words, found, _strange(words, found))


def _without_wider(words: list[str], spelt: list[str], names: Names) -> tuple[list[str], list[str]] | None:
    """Return the words with a plain one for each class of which a drug is named, too; none where there is no such.

    "He needs a beta blocker, is carvedilol fine?" says of what kind the drug is, and asks about the drug alone.
    """
    found = [mention for there in thorough(words, spelt, names).values() for mention in there[:1] if mention.named]
    drugs = [mention for mention in found if mention.slot == DRUG]
    wider = [
        m for m in drugs if any(names.is_within(o.named[0].iri, m.named[0].iri) for o in drugs if o.named != m.named)
    ]
    if not wider:
        return None
    plain = [list(words), list(spelt)]
    for mention in sorted(wider, key=lambda m: -m.start):
        for some in plain:
            some[mention.start : mention.end] = [_OF_A_KIND]
    return plain[0], plain[1]


def has_drug(words: list[str], spelt: list[str], names: Names) -> bool:
    """Tell whether a drug is named by one of its usual spellings."""
    found = mentions.find(words, spelt, names, speech.load(), is_word, thorough=False)
    return any(mention.slot == DRUG for there in found.values() for mention in there)


def mended(said: Said, names: Names) -> Said | None:
    """Return what is said with strange words taken for what they can only mean; none where one may be any name."""
    found = dict(said.found)
    for start, end in said.strange:
        whole = _meant(start, end, said.words, names)
        meant = [whole] if whole is not None else [_meant(at, at + 1, said.words, names) for at in range(start, end)]
        for place, mention in enumerate(meant, start):
            if mention is not None:
                found[mention.start] = [mention]
            elif not _is_no_name(said.words[place]):
                return None
    return replace(said, found=found, strange=())


def _meant(start: int, end: int, words: Sequence[str], names: Names) -> Mention | None:
    """Return the one drug, or else the one thing, that misspelt words can mean; none where there are more."""
    typed = " ".join(words[start:end])
    drug = names.nearest(typed)
    if drug is not None:
        return Mention(start, end, DRUG, (drug,), corrected=(typed, drug.label))
    near = [named for one in (typed, tokens.stem(typed)) for slips, named in names.near(one) if slips <= _ONE_SLIP]
    things = tuple(dict.fromkeys(named for named in near if named.types & speech.load().things))
    if not things or len(things) < len(near) or len({named.label for named in things}) > 1:
        return None
    return Mention(start, end, forms.THING, things, corrected=(typed, things[0].label))


def _is_no_name(word: str) -> bool:
    """Tell whether an unknown word is too short for a name, or a measure ("x1", "24h")."""
    return len(word) <= _SHORTEST_NAME or any(letter.isdigit() for letter in word)


def _told(words: Sequence[str], spelt: Sequence[str], names: Names) -> list[tuple[int, int]] | None:
    """Return where the names in what is told of a person stand; none where something else may not be left out."""
    table = forms.load()
    found = thorough(list(words), list(spelt), names)
    if table.negations.intersection(words) or _strange(words, found):
        return None
    places: list[tuple[int, int]] = []
    for start in sorted(found):
        if not places or start >= places[-1][1]:
            places.append((start, found[start][0].end))
    return places


def told_readings(question: str, names: Names) -> list[Reading]:
    """Return the ways to read a question that it may be learned from, each once."""
    words, spelt = tokens.words(question), tokens.spelt(question)
    if not words or len(words) != len(spelt):
        return []
    said = [one for one in ways(question, words, spelt, names) if one.is_thorough]
    known = [mended_one for one in said if (mended_one := mended(one, names)) is not None] or said[-1:]
    return list({reading.words: reading for one in reversed(known) for reading in readings(one)}.values())


def readings(said: Said) -> list[Reading]:
    """Return the ways to read what is said, each once."""
    found: dict[tuple[str, ...], Reading] = {}
    for reading in mentions.readings(said.words, said.found, is_word, speech.load(), is_ordinary):
        found.setdefault(reading.words, replace(reading, extra=reading.extra + said.extra))
    return list(found.values())[:_MOST_READINGS]


def thorough(words: list[str], spelt: list[str], names: Names) -> dict[int, list[Mention]]:
    """Find the names in words, those that no usual spelling finds among them."""
    return mentions.find(words, spelt, names, speech.load(), is_word, thorough=True)


def _spelt_rightly(words: list[str], spelt: list[str], names: Names) -> tuple[list[str], list[str]]:
    """Return words with those mended that nobody knows, that are nearly no name, and nearly one word that is known."""
    strange = _strange(words, thorough(words, spelt, names))
    mended, told = list(words), speech.load().things.union(MEDICINES)
    for place in (place for start, end in strange for place in range(start, end)):
        word = words[place]
        if not any(slips <= _ONE_SLIP and named.types & told for slips, named in names.near(word)):
            slips = _ONE_SLIP if len(word) < _LONG or names.near(word) else spelling.MOST
            mended[place] = _nearest(word) or _of_a_name(word, names) or _nearly_plain(word, slips) or word
    return mended, [spelt[at] if word == words[at] else word for at, word in enumerate(mended)]


def _of_a_name(word: str, names: Names) -> str | None:
    """Return the one word of names that a misspelt word is a slip away from; none where there are more."""
    near = {tokens.stem(known) for slips, known in spelling.near(word, names.words()) if slips == _ONE_SLIP}
    return near.pop() if len(near) == 1 else None


@functools.lru_cache(maxsize=1024)
def _nearly_plain(word: str, most: int = _ONE_SLIP) -> str | None:
    """Return an ordinary word of the language that a misspelt word is a slip away from, or a few where it is long.

    >>> _nearly_plain("adressed"), _nearly_plain("zyzzyx"), _nearly_plain("unbareable", 2)
    ('addressed', None, 'unbearable')
    """
    stem = tokens.stem(word)
    bases = [(stem, "")] + [(stem.removesuffix(end), end) for end in ("ing", "ed", "ly") if stem.endswith(end)]
    bases += [(base + "e", ending) for base, ending in bases[1:]]
    for one, (base, ending) in itertools.product(range(_ONE_SLIP, most + 1), bases):
        near = [known for slips, known in spelling.near(base, speech.plain_words()) if slips == one]
        if near:
            return min(near, key=lambda known: (known[0] != base[0], {*known} != {*base}, known)) + ending
    return None


@functools.lru_cache(maxsize=1024)
def _nearest(word: str) -> str | None:
    """Return the one word of the forms, or filler, that a misspelt word is a slip away from; none where there are more.

    >>> _nearest("contraindictions"), _nearest("zebra")
    ('contraindications', None)
    """
    stem = tokens.stem(word)
    near = [known for slips, known in spelling.near(stem, _plain_words()) if slips == _ONE_SLIP]
    return near[0] + word[len(stem) :] if len(near) == 1 else None


@functools.cache
def _plain_words() -> frozenset[str]:
    return frozenset(word for word in forms.load().known | speech.load().fillers if word.isalpha())


def _strange(words: Sequence[str], found: Mapping[int, Sequence[Mention]]) -> list[tuple[int, int]]:
    """Return the stretches of words that are neither names nor words of any form."""
    named = {place for there in found.values() for mention in there for place in range(mention.start, mention.end)}
    stretches: list[tuple[int, int]] = []
    for place, word in enumerate(words):
        is_verb = word.endswith("ed") and words[max(0, place - 1)] in _BEFORE_VERBS
        if place in named or is_verb or is_ordinary(word):
            continue
        if stretches and stretches[-1][1] == place:
            stretches[-1] = (stretches[-1][0], place + 1)
        else:
            stretches.append((place, place + 1))
    return [] if any(end - start > _MOST_STRANGE for start, end in stretches) else stretches


def is_ordinary(word: str) -> bool:
    """Tell whether a word is known as a word of the forms or of the language."""
    return is_word(word) or speech.is_plain(word)


def is_word(word: str) -> bool:
    """Tell whether a word is known as a word, so that it need not be a name."""
    talk, table = speech.load(), forms.load()
    stem = tokens.stem(word)
    return (
        speech.is_filler(word, talk)
        or stem in talk.body | talk.marking
        or forms.is_known(word, table)
        or forms.asks_by_itself(word, table)
    )
