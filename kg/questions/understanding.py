"""Understanding a question: its form, the drugs and things in it, what is to be left out, and what was misspelt."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from kg.errors import NotUnderstoodError, UnknownNameError
from kg.questions import forms, mentions, speech, telling
from kg.questions.forms import DRUG, TAKEN, THING, WITHOUT, Form
from kg.questions.mentions import Group, Mention, Reading
from kg.questions.names import MEDICINES, Named, Names

_LONGEST_QUESTION = 400
_MOST_WORDS = 70
_MOST_STRANGE = 3
# Logarithms: a form that no wording fits must be so much likelier than by chance, and than the next form.
_LEAST_LIKELY = 1.0
_LEAST_AHEAD = 1.0
_NEAREST = 5
_OPTIONAL = re.compile(r"\[([^\]]*)\]")


@dataclass(frozen=True, slots=True)
class Thing:
    """What a question names beside drugs; a condition and a group of people may share a name."""

    named: tuple[Named, ...]

    @property
    def label(self) -> str:
        """The name that the vocabulary prefers."""
        return self.named[0].label

    @property
    def labels(self) -> frozenset[str]:
        """All names that it goes by."""
        return frozenset(named.label for named in self.named)


@dataclass(frozen=True, slots=True)
class Understood:
    """A question in terms of the graph.

    Attributes
    ----------
    form : Form
        What is asked.
    drugs : tuple of Named
        The drugs and classes that it is asked about, in the order of the question.
    things : tuple of Thing
        Conditions, people, activities, foods; of a patient the drugs that are taken, too.
    either : bool
        Whether one of the things is enough.
    without : tuple of Thing
        What is to be left out.
    corrected : tuple of pairs of str
        Names that were misspelt, and what they were taken for.
    """

    form: Form
    drugs: tuple[Named, ...] = ()
    things: tuple[Thing, ...] = ()
    either: bool = False
    without: tuple[Thing, ...] = ()
    corrected: tuple[tuple[str, str], ...] = ()

    @property
    def is_pair(self) -> bool:
        """Whether a second drug stands where a thing might."""
        return self.form.pair and len(self.drugs) == 2 and not self.things

    @property
    def sentence(self) -> str:
        """The question with the names that the vocabulary prefers, and what was taken for what."""
        given = {
            DRUG: _listed([named.label for named in self.drugs], "and"),
            THING: _listed([thing.label for thing in self.things], "or" if self.either else "and"),
            WITHOUT: _listed([thing.label for thing in self.without], "or"),
        }
        if self.is_pair:
            given |= {DRUG: self.drugs[0].label, THING: self.drugs[1].label}
        slots = {slot: value for slot, value in given.items() if value}
        sentence = _OPTIONAL.sub(lambda part: part[1] if any(s in part[1] for s in slots) else "", self.form.understood)
        for slot, value in slots.items():
            sentence = sentence.replace(slot, value)
        notes = "".join(f" (“{typed}” taken as {label})" for typed, label in self.corrected)
        return sentence[:1].upper() + sentence[1:] + notes

    def to_dict(self) -> dict[str, object]:
        """Return what can be written as JSON."""
        return {
            "form": self.form.name,
            "sentence": self.sentence,
            "drugs": [named.label for named in self.drugs],
            "things": [thing.label for thing in self.things],
            "things_joined_by": "or" if self.either else "and",
            "without": [thing.label for thing in self.without],
            "corrected": [{"typed": typed, "taken_as": label} for typed, label in self.corrected],
        }


def understand(question: str, names: Names) -> Understood:
    """Find the form of a question and the names in it.

    Raises
    ------
    NotUnderstoodError
        When no form accounts for every word, or the question is of a kind that no document answers.
    UnknownNameError
        When a form fits, but nothing in the graph has the name in it, or several things nearly have.
    """
    table, talk = forms.load(), speech.load()

    def is_word(word: str) -> bool:
        return _is_word(word, table)

    words = forms.words(question) if len(question) <= _LONGEST_QUESTION else []
    spelt = forms.spelt(question) if words else []
    if not words or len(words) > _MOST_WORDS or len(spelt) != len(words):
        raise _not_understood(question, "is empty" if not question.strip() else "is not understood", (), ())
    refused = speech.refusal(words, talk)
    if refused is not None:
        raise NotUnderstoodError(_shown(question), refused.why, refused.remedy)
    found: dict[int, list[Mention]] = {}
    strange: list[tuple[int, int]] = []
    for said in _with_and_without_asides(words, spelt, talk):
        words, spelt = said
        for thorough in (False, True):
            found = mentions.find(words, spelt, names, talk, is_word, thorough=thorough)
            strange = _strange(words, found, table) if thorough else []
            if len(strange) <= _MOST_STRANGE:
                best = _best(words, found, table, names, strange)
                if best is not None:
                    return best
    if not strange and not speech.has_second(words, talk):
        likely = _likely(words, found, table)
        understood = _understood(*likely, names) if likely is not None else None
        if understood is not None and "{" not in understood.sentence:
            return understood
    raise _not_understood(
        question,
        "is not understood",
        tuple(dict.fromkeys(words[place] for start, end in strange for place in range(start, end))),
        words,
    )


def _with_and_without_asides(
    words: list[str], spelt: list[str], talk: speech.Speech
) -> Iterator[tuple[list[str], list[str]]]:
    yield words, spelt
    shorter = speech.without_asides(words, spelt, talk)
    if shorter != (words, spelt):
        yield shorter


def _best(
    words: Sequence[str],
    found: Mapping[int, Sequence[Mention]],
    table: forms.Forms,
    names: Names,
    strange: Sequence[tuple[int, int]],
) -> Understood | None:
    """Return the reading whose form accounts for most words; raise where that needs a name that is not known."""
    talk = speech.load()
    fillers = speech.fillers(words, talk)
    best: tuple[tuple[int, bool, int, int, int], Reading, Form] | None = None
    for mentioned in _supposed(words, found, names, list(strange)):
        for reading in mentions.readings(words, mentioned, lambda word: _is_word(word, table), talk):
            counts = reading.counts
            broken = sum(_is_broken(mention) for slot in forms.SLOTS for mention in reading.of(slot))
            for match in forms.match(
                reading.words, counts, table, fillers | talk.body if reading.is_about_more() else fillers
            ):
                named = sum(m.end - m.start for slot in forms.SLOTS for m in reading.of(slot))
                place = table.forms.index(match.form)
                rank = (-broken, match.form.first, match.weight + reading.extra, named, -place)
                if best is None or rank > best[0]:
                    best = (rank, reading, match.form)
    if best is None:
        return None
    _, reading, form = best
    for slot in forms.SLOTS:
        for mention in reading.of(slot):
            if mention.error is not None:
                raise mention.error
    return _understood(form, reading, names)


def _likely(
    words: Sequence[str], found: Mapping[int, Sequence[Mention]], table: forms.Forms
) -> tuple[Form, Reading] | None:
    """Return the form that is by far the most likely one by the words of a question with names, and its reading.

    Where no wording fits, this is how it may be understood. Words that change what is asked forbid it ("not"), and so
    does a word that asks something by itself, but not of this form.
    """
    counted, talk = telling.load(), speech.load()
    best: dict[str, tuple[float, int, Form, Reading]] = {}
    for reading in mentions.readings(words, found, lambda word: _is_word(word, table), talk):
        plain = [word for word in reading.words if word not in forms.SLOTS]
        is_told = reading.is_about_more() or not talk.body.intersection(map(forms.stem, plain))
        if not reading.groups or reading.of(WITHOUT) or not is_told or table.negations.intersection(plain):
            continue
        asking = [word for word in plain if forms.asks_by_itself(word, table)]
        text = "".join(f"{word if word in forms.SLOTS else forms.stem(word)} " for word in reading.words)
        named = sum(m.end - m.start for group in reading.groups for m in group.mentions)
        for form in table.forms:
            if not form.admits(reading.counts) or not all(counted.is_asked_with(word, form.name) for word in asking):
                continue
            rank = (counted.likelihood(reading.words, form.name), named)
            if (form.name not in best or rank > best[form.name][:2]) and not forms.is_ruled_out(form, text):
                best[form.name] = (*rank, form, reading)
    ranked = sorted(best.values(), key=lambda one: -one[0])
    if not ranked or ranked[0][0] < _LEAST_LIKELY or (len(ranked) > 1 and ranked[0][0] - ranked[1][0] < _LEAST_AHEAD):
        return None
    return ranked[0][2:]


def _is_broken(mention: Mention) -> int:
    """Tell how far a name is from being known: 0 where it is, 1 where something is spelt nearly so, else 2."""
    if mention.error is None:
        return 0
    return 1 if mention.is_near else 2


def _understood(form: Form, reading: Reading, names: Names) -> Understood:
    medicines = [m for m in reading.of(DRUG) if m.slot == DRUG]
    drugs = dict.fromkeys(m.named[0] for m in medicines)
    things = [group for group in reading.groups if group.slot in {THING, TAKEN}]
    seconds = [m for group in things for m in group.mentions if m.slot == DRUG] if form.pair else []
    if seconds and forms.KIND not in form.takes and not names.is_subject(medicines[0].named[0].iri):
        drugs = dict.fromkeys(
            sorted([*drugs, *(m.named[0] for m in seconds)], key=lambda d: not names.is_subject(d.iri))
        )
    drugs |= dict.fromkeys(m.named[0] for m in seconds)
    rest = [m for group in things for m in group.mentions if m not in seconds]
    everything = [*medicines, *seconds, *rest]
    return Understood(
        form=form,
        drugs=tuple(drugs),
        things=tuple(dict.fromkeys(Thing(m.named) for m in rest)),
        either=_either(reading),
        without=tuple(dict.fromkeys(Thing(m.named) for m in reading.of(WITHOUT))),
        corrected=tuple(dict.fromkeys(m.corrected for m in everything if m.corrected)),
    )


def _either(reading: Reading) -> bool:
    """Tell whether "or" stands between things."""
    places = [place for place, token in enumerate(reading.tokens) if isinstance(token, Group) and token.slot == THING]
    between = reading.tokens[places[0] : places[-1]] if places else ()
    return "or" in between or any(g.either for g in reading.groups if g.slot == THING)


def _supposed(
    words: Sequence[str], found: Mapping[int, Sequence[Mention]], names: Names, strange: list[tuple[int, int]]
) -> Iterator[dict[int, Sequence[Mention]]]:
    """Give the names found, and what the strange words could name beside them: a drug, then a thing."""
    if not strange:
        yield dict(found)
        return
    (start, end), rest = strange[0], strange[1:]
    for slot in (DRUG, THING):
        guess = _guess(start, end, words, names, slot)
        for other in _supposed(words, found, names, rest):
            yield {**other, start: [guess]}


def _guess(start: int, end: int, words: Sequence[str], names: Names, slot: str) -> Mention:
    """Return a name that nobody knows: what it was taken for, or the error that it is."""
    typed = " ".join(words[start:end])
    if slot == DRUG:
        found = names.nearest(typed)
        if found is not None:
            return Mention(start, end, slot, (found,), corrected=(typed, found.label))
    try:
        names.drug(typed) if slot == DRUG else names.entity(typed)
    except UnknownNameError as error:
        is_near = any(bool(named.types.intersection(MEDICINES)) == (slot == DRUG) for _, named in names.near(typed))
        return Mention(start, end, slot, (), error=error, is_near=is_near)
    return Mention(start, end, slot, names.find(typed))


def _strange(words: Sequence[str], found: Mapping[int, Sequence[Mention]], table: forms.Forms) -> list[tuple[int, int]]:
    """Return the stretches of words that are neither names nor words of any form."""
    named = {place for there in found.values() for mention in there for place in range(mention.start, mention.end)}
    stretches: list[tuple[int, int]] = []
    for place, word in enumerate(words):
        if place in named or _is_word(word, table):
            continue
        if stretches and stretches[-1][1] == place:
            stretches[-1] = (stretches[-1][0], place + 1)
        else:
            stretches.append((place, place + 1))
    return [] if any(end - start > _MOST_STRANGE for start, end in stretches) else stretches


def _is_word(word: str, table: forms.Forms) -> bool:
    talk = speech.load()
    stem = forms.stem(word)
    return speech.is_filler(word, talk) or stem in talk.body or stem in talk.marking or forms.is_known(word, table)


def can_be_asked() -> tuple[tuple[str, tuple[str, ...]], ...]:
    """List what can be asked, by groups: one sentence for each form, with DRUG and THING where names go."""
    grouped: dict[str, dict[str, None]] = {}
    for form in forms.load().forms:
        grouped.setdefault(form.group, {})[form.plain] = None
    return tuple((group, tuple(sentences)) for group, sentences in grouped.items())


def nearest_forms(words: Sequence[str]) -> tuple[str, ...]:
    """Return the few sentences that can be asked and share most telling words with a question, then the usual ones."""
    table, talk = forms.load(), speech.load()
    said = {forms.stem(word) for word in words} - talk.fillers
    shared = {
        place: said & {need for wording in form.wordings for group in wording.needs for need in group}
        for place, form in enumerate(table.forms)
    }
    among = Counter(word for found in shared.values() for word in found)
    scores = {place: sum(1 / among[word] for word in found) for place, found in shared.items() if found}
    near = [table.forms[place] for place in sorted(scores, key=lambda place: (-scores[place], place))]
    usual = [form for name in table.usual for form in table.forms if form.name == name]
    return tuple(dict.fromkeys(form.plain for form in (*near, *usual)))[:_NEAREST]


def _not_understood(question: str, problem: str, strange: tuple[str, ...], words: Sequence[str]) -> NotUnderstoodError:
    because = f" (no form has the words: {', '.join(strange[:5])})" if strange else ""
    near = " ".join(nearest_forms(words))
    return NotUnderstoodError(_shown(question), problem + because, f"ask for instance: {near} (`kg ask` lists all)")


def _shown(question: str) -> str:
    shown = " ".join(question.split())
    return f'"{shown if len(shown) <= 80 else shown[:80] + "…"}"'


def _listed(labels: Sequence[str], join: str) -> str:
    if len(labels) < 2:
        return "".join(labels)
    return f"{', '.join(labels[:-1])} {join} {labels[-1]}"
