"""How people speak: words that change nothing, everyday words for what the vocabulary calls otherwise, and refusals.

All of it is data, in `queries/words.toml`.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from kg import resources
from kg.questions import forms, tables, tokens
from kg.questions.forms import Wording

_SHORTEST_ADVERB = 5
_SHORTEST_PART = 4
_ENDINGS = ("ing", "ed", "ly", "es")


@dataclass(frozen=True, slots=True)
class Refusal:
    """Questions that are not answered, however well they fit: why, what to do instead, and their wordings.

    With one of the wordings of `unless` in it a question is another one ("how should I come off ..."), and so it is
    with a drug in it where the refusal is `without_drugs` ("what are the symptoms of ...").
    """

    why: str
    remedy: str
    wordings: tuple[Wording, ...]
    unless: tuple[Wording, ...] = ()
    without_drugs: bool = False


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
    harming, ailing, troubles : frozensets of str
        Words that say what is done to a part of the body, how it is, and what someone has with it.
    linking, sound : frozensets of str
        What stands between a part of the body and those; and how it is not.
    raising, lowering, moving : frozensets of str
        Words that say that what is measured is high, and that it is low; and what may stand before those ("goes up").
    levels : mapping
        What is measured (stems), and what it is called where it is high and where it is low.
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
    sparing : frozenset of str
        Words (stems) beside which a name may be what is to be left out, whatever words it stands in.
    spoiling : frozenset of str
        Words (stems) of which one must be there, too, for that: what something did.
    asides : tuple of Wording
        What may stand beside a question and changes nothing, whatever words it is made of ("yes or no").
    answered, reasons : tuples of Wording
        What may be asked behind a question and every answer tells by itself ("and who says so?"); and what asks why.
    asking, tellers : frozensets of str
        Words that begin what is asked, and what is told of a person beside it.
    ages : tuple of tuples
        Groups of people: the least and the greatest age in years, and the name.
    endings : mapping
        Endings of words for a state, and those of its name in the vocabulary.
    prefixes, suffixes : tuples of str
        What may stand before and behind any word of the language.
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
    harming: frozenset[str]
    ailing: frozenset[str]
    troubles: frozenset[str]
    linking: frozenset[str]
    sound: frozenset[str]
    raising: frozenset[str]
    lowering: frozenset[str]
    moving: frozenset[str]
    levels: Mapping[tuple[str, ...], tuple[str, ...]]
    things: frozenset[str]
    names: Mapping[tuple[str, ...], tuple[str, ...]]
    spellings: tuple[tuple[str, str], ...]
    slots: Mapping[str, tuple[Wording, ...]]
    marking: frozenset[str]
    sparing: frozenset[str]
    spoiling: frozenset[str]
    asides: tuple[Wording, ...]
    answered: tuple[Wording, ...]
    reasons: tuple[Wording, ...]
    asking: frozenset[str]
    tellers: frozenset[str]
    ages: tuple[tuple[int, int, str], ...]
    endings: Mapping[str, tuple[str, ...]]
    prefixes: tuple[str, ...]
    suffixes: tuple[str, ...]
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
        glue = tokens.stems(str(read.values["glue"]))
        names = {key: _meant(row["is"]) for row in read.rows("name") for key in map(_key, tables.texts(row["said"]))}
        slots, spellings, endings, levels = map(read.named, ("slots", "spellings", "endings", "levels"))
        marks = {"{" + slot + "}": tuple(map(forms.wording, tables.texts(given))) for slot, given in slots.items()}
        return Speech(
            glue,
            frozenset(str(read.values["articles"]).split()),
            frozenset((word,) for word in tokens.stems(str(read.values["ordinary"]))),
            glue | tokens.stems(str(read.values["fillers"])),
            tokens.stems(str(read.values["body"])),
            tokens.stems(str(read.values["harming"])),
            tokens.stems(str(read.values["ailing"])),
            tokens.stems(str(read.values["troubles"])),
            tokens.stems(str(read.values["linking"])),
            tokens.stems(str(read.values["sound"])),
            tokens.stems(str(read.values["raising"])),
            tokens.stems(str(read.values["lowering"])),
            tokens.stems(str(read.values["moving"])),
            {_key(str(measured)): tables.texts(names) for measured, names in levels.items()},
            frozenset(str(read.values["things"]).split()),
            names,
            tuple((str(typed), str(known)) for typed, known in spellings.items()),
            marks,
            frozenset(word for wordings in marks.values() for wording in wordings for word in wording.words),
            tokens.stems(str(read.values["sparing"])),
            tokens.stems(str(read.values["spoiling"])),
            tuple(map(forms.wording, tables.texts(read.values["asides"]))),
            tuple(map(forms.wording, tables.texts(read.values["answered"]))),
            tuple(map(forms.wording, tables.texts(read.values["reasons"]))),
            frozenset(str(read.values["asking"]).split()),
            frozenset(str(read.values["tellers"]).split()),
            tuple((int(str(row["from"])), int(str(row["to"])), str(row["is"])) for row in read.rows("age")),
            {str(typed): tables.texts(known) for typed, known in endings.items()},
            tuple(str(read.values["prefixes"]).split()),
            tuple(str(read.values["suffixes"]).split()),
            tuple(map(forms.wording, tables.texts(read.values["second"]))),
            tuple(
                Refusal(
                    str(row["why"]),
                    str(row["remedy"]),
                    tuple(map(forms.wording, tables.texts(row["wordings"]))),
                    tuple(map(forms.wording, tables.texts(row.get("unless", ())))),
                    bool(row.get("without_drugs", False)),
                )
                for row in read.rows("refusal")
            ),
        )


def _meant(value: object) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tables.texts(value)


def _key(said: str) -> tuple[str, ...]:
    return tuple(tokens.stem(word) for word in tokens.words(said))


def named(words: Sequence[str], spelt: Sequence[str], speech: Speech) -> Iterator[str]:
    """Give the names that some words of a question may stand for, as the vocabulary might have them."""
    said = " ".join(words)
    yield said
    if said.endswith("s"):  # "MAOIs"
        yield said[:-1]
    if (owned := " ".join(spelt)) != said:
        yield owned
    yield from _of_the_body(words, speech)
    yield from _of_a_level(words, speech)
    other = said
    for typed, known in speech.spellings:
        other = other.replace(typed, known)
    if other != said:
        yield other


def _of_the_body(words: Sequence[str], speech: Speech) -> Iterator[str]:
    """Give what words may be called that say what is done to a part of the body, or how it is.

    >>> list(_of_the_body(("damages", "the", "lungs"), load())), list(_of_the_body(("weak", "heart"), load()))
    (['lung damage'], ['heart impairment', 'heart disease'])
    >>> list(_of_the_body(("kidneys", "are", "not", "great"), load()))
    ['kidney impairment', 'kidney disease']
    >>> list(_of_the_body(("kidneys", "are", "great"), load()))
    []
    >>> list(_of_the_body(("trouble", "with", "my", "liver"), load()))
    ['liver trouble', 'liver disease']
    """
    if len(words) < 2:
        return
    first, *between, last = map(tokens.stem, words)
    links = speech.linking.intersection(between)
    if links and not speech.articles.union(links).issuperset(between):
        return
    is_ailing = last in speech.sound if "not" in between else last in speech.ailing
    if links and ((first in speech.troubles and last in speech.body) or (first in speech.body and is_ailing)):
        part, trouble = (last, first) if last in speech.body else (first, "impairment")
        yield from (f"{part} {trouble}", f"{part} disease")
    if last not in speech.body or not speech.articles.issuperset(between):
        return
    if first in speech.harming:
        yield f"{last} damage"
    elif first in speech.ailing and not between:
        yield from (f"{last} impairment", f"{last} disease")


def _of_a_level(words: Sequence[str], speech: Speech) -> Iterator[str]:
    """Give what it is called that something measured is high or low.

    >>> list(_of_a_level(("raise", "my", "potassium"), load())), list(_of_a_level(("low", "blood", "sugar"), load()))
    (['hyperkalemia'], ['hypoglycemia'])
    >>> list(_of_a_level(("blood", "pressure", "up"), load()))
    ['hypertension']
    """
    first, *rest = map(tokens.stem, words)
    begin = 1 if rest and rest[0] in speech.articles else 0
    ways = ((first, rest[begin:]), (rest[-1], [first, *rest[:-1]])) if rest else ()
    for said, measured in ways:
        called = speech.levels.get(tuple(word for word in measured if word not in speech.moving))
        if called and said in speech.raising | speech.lowering:
            yield called[said in speech.lowering]


@functools.cache
def plain_words() -> frozenset[str]:
    """Return ordinary words of the language, without endings, that name nothing."""
    lines = (resources.folder("queries") / "plain.txt").read_text(encoding="utf-8").splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())


@functools.lru_cache(maxsize=16384)
def is_plain(word: str) -> bool:
    """Tell whether it is an ordinary word of the language with any ending, so that nothing is named by it alone.

    >>> is_plain("shrinking"), is_plain("nausea")
    (True, False)
    >>> is_plain("footballer"), is_plain("sleepover"), is_plain("clonazepam")
    (True, True, False)
    """
    return _is_listed(word) or (word.endswith("ly") and len(word) > _SHORTEST_ADVERB) or _is_made_of_others(word)


def _is_listed(word: str) -> bool:
    return not plain_words().isdisjoint(_bases(word)) or not load().fillers.isdisjoint(_bases(word))


def _is_made_of_others(word: str) -> bool:
    """Tell whether a word is made of listed ones: of two, or of one with what may stand before or behind any."""
    table = load()
    parts = [word.removesuffix(end) for end in table.suffixes if word.endswith(end)]
    parts += [word.removeprefix(begin) for begin in table.prefixes if word.startswith(begin)]
    whole = [one for part in parts for one in (part, part + "e", part[:-1] + "y" if part.endswith("i") else part)]
    if any(len(one) >= _SHORTEST_PART and _is_listed(one) for one in whole):
        return True
    cuts = range(_SHORTEST_PART, len(word) - _SHORTEST_PART + 1)
    return any(word[:at] in plain_words() and _is_listed(word[at:]) for at in cuts)


def of_age(word: str, speech: Speech) -> str | None:
    """Return the name of the people who are of an age ("age82"), if they have one."""
    years = word.removeprefix(tokens.AGE)
    if years == word or not years.isdigit():
        return None
    return next((name for least, most, name in speech.ages if least <= int(years) <= most), None)


def states(word: str, speech: Speech) -> Iterator[str]:
    """Give the names that a state may have of which someone has a word: "aggressive" is "aggression".

    >>> list(states("aggressive", load()))[0]
    'aggression'
    """
    for ending, others in speech.endings.items():
        if word.endswith(ending) and len(word) - len(ending) > 3:
            for other in others:
                yield word.removesuffix(ending) + other


def fillers(words: Iterable[str], speech: Speech) -> frozenset[str]:
    """Return the fillers, and the words of a question that are numbers or other endings of fillers."""
    return speech.fillers | {tokens.stem(word) for word in words if is_filler(word, speech)}


def is_filler(word: str, speech: Speech) -> bool:
    """Tell whether a word changes nothing: a filler with any ending, an adverb that no form knows, or a number."""
    if word.endswith("ly") and len(word) > _SHORTEST_ADVERB and not forms.is_known(word, forms.load()):
        return True
    is_age = word.removeprefix(tokens.AGE).isdigit() and of_age(word, speech) is None
    return word.isdigit() or is_age or any(base in speech.fillers for base in _bases(word))


def _bases(word: str) -> Iterator[str]:
    """Give the word and what it may be an ending of: "waited", "waiting" and "waits" of "wait".

    >>> [base for base in _bases("planning") if len(base) == 4]
    ['plan']
    """
    yield tokens.stem(word)
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
    text = "".join(tokens.stem(word) + " " for word in words)
    return any(forms.fits(wording, text) for wording in speech.second)


def refusal(words: Sequence[str], speech: Speech, has_drug: Callable[[], bool]) -> Refusal | None:
    """Return why a question is not answered whatever form it fits, or none."""
    text = "^ " + "".join(tokens.stem(word) + " " for word in words) + ". "
    for refused in speech.refusals:
        is_other = any(forms.fits(wording, text) for wording in refused.unless)
        if is_other or not any(forms.fits(wording, text) for wording in refused.wordings):
            continue
        if not (refused.without_drugs and has_drug()):
            return refused
    return None


def without_asides(words: Sequence[str], spelt: Sequence[str], speech: Speech) -> tuple[list[str], list[str]]:
    """Leave out what stands beside a question; where nothing else is there, leave it."""
    kept = list(zip(words, spelt, strict=True))
    for aside in speech.asides:
        text = "".join(tokens.stem(word) + " " for word, _ in kept) + ". "
        place = forms.place_of(aside, text)
        if place is not None and place[1] - place[0] < len(kept):
            del kept[place[0] : place[1]]
    return [word for word, _ in kept], [word for _, word in kept]
