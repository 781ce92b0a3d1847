"""Understanding a question: its form, the drugs and things in it, what is to be left out, and what was misspelt."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from kg.errors import NotUnderstoodError, UnknownNameError
from kg.graph import terms
from kg.questions import canonical, clauses, forms, mentions, saying, speech, telling, tokens
from kg.questions.forms import DRUG, TAKEN, THING, WITHOUT, Form
from kg.questions.mentions import Group, Mention, Reading
from kg.questions.names import MEDICINES, Named, Names
from kg.questions.saying import Said

_LONGEST_QUESTION = 400
_MOST_WORDS = 70
_MOST_STRANGE = 3
_NEAREST = 5
_OF_WHOM, _NOT_SELECTED = "see of whom it is said", "the answer is not narrowed to it"
_PEOPLE, _CLASS = "Population", "DrugClass"
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

    @property
    def is_people(self) -> bool:
        """Whether it is a group of people."""
        return any(_PEOPLE in named.types for named in self.named)


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
    beside : tuple of Thing
        What the answer does not select by: people of whom it is asked, whom its rows show, and what it passes over.
    """

    form: Form
    drugs: tuple[Named, ...] = ()
    things: tuple[Thing, ...] = ()
    either: bool = False
    without: tuple[Thing, ...] = ()
    corrected: tuple[tuple[str, str], ...] = ()
    beside: tuple[Thing, ...] = ()

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
        notes += "".join(
            f" ({'in ' if one.is_people else ''}{one.label}: {_OF_WHOM if one.is_people else _NOT_SELECTED})"
            for one in self.beside
        )
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
            "beside": [people.label for people in self.beside],
            "corrected": [{"typed": typed, "taken_as": label} for typed, label in self.corrected],
        }


def understand(question: str, names: Names) -> Understood:
    """Find the form of a question and the names in it.

    Raises
    ------
    NotUnderstoodError
        When no form accounts for the question, or it is of a kind that no document answers.
    UnknownNameError
        When a form fits, but nothing in the graph has the name in it, or several things nearly have.
    """
    talk = speech.load()
    whole, is_short = question, len(question) <= _LONGEST_QUESTION
    question, asks_why = clauses.without_answered(question, talk) if is_short else ("", False)
    words = tokens.words(question)
    spelt = tokens.spelt(question) if words else []
    if not words or len(words) > _MOST_WORDS or len(spelt) != len(words):
        raise _not_understood(whole, "is empty" if not whole.strip() else "is not understood", (), ())
    refused = speech.refusal(words, talk, lambda: saying.has_drug(words, spelt, names))
    if refused is not None:
        raise NotUnderstoodError(_shown(whole), refused.why, refused.remedy)
    understood, strange = _whole(question, words, spelt, names)
    if understood is None:
        unknown = tuple(dict.fromkeys(words[place] for start, end in strange for place in range(start, end)))
        raise _not_understood(whole, "is not understood", unknown, words)
    asked = [understood.form] if not speech.has_second(words, talk) else _asked(question, understood, names)
    widest = next((form for form in asked if {one.name for one in asked} <= form.contains | {form.name}), None)
    if widest is None or (asks_why and not understood.form.tells_why):
        raise NotUnderstoodError(_shown(whole), "asks several things at once", "ask one at a time")
    if understood.form.name in widest.contains:
        return replace(understood, form=widest)
    return _exactly(understood, words)


def _exactly(understood: Understood, words: Sequence[str]) -> Understood:
    """Return the question as the form that says more of it, if there is one; what that says by itself is left out."""
    things = understood.things
    counts = {DRUG: len(understood.drugs), THING: len(things), WITHOUT: len(understood.without)}
    counts[forms.PEOPLE] = sum(thing.is_people for thing in things)
    counts[forms.CLASS] = sum(_CLASS in drug.types for drug in understood.drugs)
    form = canonical.form(understood.form, words, counts, [thing.labels for thing in things])
    if form is None:
        return understood
    takes_things = THING in form.takes or forms.PEOPLE in form.takes
    drugs = sorted(understood.drugs, key=lambda drug: forms.KIND in form.takes and _CLASS in drug.types)
    return replace(understood, form=form, drugs=tuple(drugs), things=things if takes_things else ())


def _whole(
    question: str, words: list[str], spelt: list[str], names: Names
) -> tuple[Understood | None, Sequence[tuple[int, int]]]:
    """Return how a question is understood, if it is; and stretches of words that nobody knows."""
    table = forms.load()
    said: list[Said] = []
    fitting: Understood | None = None
    unknown: UnknownNameError | None = None
    for one in saying.ways(question, words, spelt, names):
        try:
            fits = len(one.strange) <= _MOST_STRANGE
            fitting = _best(one.words, one.found, table, names, one.strange) if fits else None
        except UnknownNameError as error:
            unknown = unknown or error
        if fitting is not None:
            said = [one]
            break
        said += [one] if one.is_thorough else []
    known = [mended for one in said if (mended := saying.mended(one, names)) is not None]
    if not known and fitting is not None:
        return fitting, ()
    best = telling.weigh(known, fitting.form.name if fitting is not None else "").best
    if best is not None:
        is_fitting = fitting is not None and best.form == fitting.form
        understood = fitting if is_fitting else _understood(best.form, best.reading, names)
        if understood is not None and "{" not in understood.sentence:
            return understood, ()
    if fitting is None:
        _raise_misspelt(said, names)
        if unknown is not None:
            raise unknown
    return None, said[0].strange


def _raise_misspelt(said: Sequence[Said], names: Names) -> None:
    """Raise where a word that nobody knows is nearly the name of a drug."""
    for one in said:
        for typed in (one.words[place] for start, end in one.strange for place in range(start, end)):
            if any(named.types.intersection(MEDICINES) for _, named in names.near(typed)):
                names.drug(typed)


def _asked(question: str, understood: Understood, names: Names) -> list[Form]:
    """Return what the parts of a question ask, each by itself; a drug named once is meant in all."""
    asked = [clause for clause in clauses.cut(question, speech.load()) if clause.asks]
    found: dict[str, Form] = {}
    for clause in asked if len(asked) > 1 and all(_has_matter(clause, names) for clause in asked) else ():
        for extra in ([], [word for drug in understood.drugs[:1] for word in tokens.words(drug.label)]):
            words, spelt = [*clause.words, *extra], [*clause.spelt, *extra]
            try:
                form = _best(words, saying.thorough(words, spelt, names), forms.load(), names, ())
            except UnknownNameError:
                form = None
            if form is not None:
                found.setdefault(form.form.name, form.form)
                break
    return [*found.values()] or [understood.form]


def _has_matter(clause: clauses.Clause, names: Names) -> bool:
    """Tell whether a part of a question names something, or asks something by itself ("how should it be stored")."""
    table = forms.load()
    asks = any(forms.asks_by_itself(word, table) for word in clause.words)
    return asks or bool(saying.thorough(list(clause.words), list(clause.spelt), names))


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
        for reading in mentions.readings(words, mentioned, saying.is_word, talk):
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
            if not mention.named:  # this raises, and says what is spelt nearly so: costly, and wanted here alone
                typed = " ".join(words[mention.start : mention.end])
                names.drug(typed) if slot == DRUG else names.entity(typed)
    return _understood(form, reading, names)


def _is_broken(mention: Mention) -> int:
    """Tell how far a name is from being known: 0 where it is, 1 where something is spelt nearly so, else 2."""
    if mention.named:
        return 0
    return 1 if mention.is_near else 2


def _understood(form: Form, reading: Reading, names: Names) -> Understood:
    # Where no patient is asked about, what is taken already is one of the drugs.
    asked = {DRUG, TAKEN} if TAKEN in form.takes and THING not in form.understood else {DRUG}
    medicines = [m for group in reading.groups if group.slot in asked for m in group.mentions if m.slot == DRUG]
    drugs = dict.fromkeys(m.named[0] for m in medicines)
    things = [group for group in reading.groups if group.slot in {THING, TAKEN} - asked]
    seconds = [m for group in things for m in group.mentions if m.slot == DRUG] if form.pair else []
    if seconds and forms.KIND not in form.takes and not names.is_subject(medicines[0].named[0].iri):
        drugs = dict.fromkeys(
            sorted([*drugs, *(m.named[0] for m in seconds)], key=lambda d: not names.is_subject(d.iri))
        )
    drugs |= dict.fromkeys(m.named[0] for m in seconds)
    drugs = _without_classes(drugs, form, names)
    rest = [m for group in things for m in group.mentions if m not in seconds]
    everything = [*medicines, *seconds, *rest]
    passed = [m for m in rest if any(map(m.is_a, form.beside)) and not m.is_a(_PEOPLE)]
    return Understood(
        form=form,
        drugs=tuple(drugs),
        things=tuple(dict.fromkeys(Thing(m.named) for m in rest if m not in passed)),
        either=_either(reading),
        without=tuple(dict.fromkeys(Thing(m.named) for m in reading.of(WITHOUT))),
        corrected=tuple(dict.fromkeys(m.corrected for m in everything if m.corrected)),
        beside=tuple(dict.fromkeys(Thing(m.named) for m in (*reading.beside, *passed))),
    )


def _without_classes(drugs: dict[Named, None], form: Form, names: Names) -> dict[Named, None]:
    """Leave out a class that only says what a drug beside it is ("the fluoroquinolone ciprofloxacin")."""
    if forms.CLASS in form.takes or forms.KIND in form.takes or len(drugs) < 2:
        return drugs
    rest = [one for one in drugs if not any(names.is_within(other.iri, one.iri) for other in drugs if other != one)]
    return dict.fromkeys(rest) if len(rest) >= form.takes[DRUG][0] else drugs


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
    """Return a name that nobody knows as it stands: what it was taken for, or that it names nothing."""
    typed = " ".join(words[start:end])
    if slot == DRUG:
        meant = names.nearest(typed)
        if meant is not None:
            return Mention(start, end, slot, (meant,), corrected=(typed, meant.label))
    found = [named for named in names.find(typed) if terms.is_entity(named.iri)]
    if slot == DRUG:
        is_drug = any(named.types.intersection(MEDICINES) or names.is_subject(named.iri) for named in found)
        found = [names.drug(typed)] if is_drug else []
    is_near = any(bool(named.types.intersection(MEDICINES)) == (slot == DRUG) for _, named in names.near(typed))
    return Mention(start, end, slot, tuple(found), is_near=is_near)


def can_be_asked() -> tuple[tuple[str, tuple[str, ...]], ...]:
    """List what can be asked, by groups: one sentence for each form, with DRUG and THING where names go."""
    grouped: dict[str, dict[str, None]] = {}
    for form in forms.load().forms:
        grouped.setdefault(form.group, {})[form.plain] = None
    return tuple((group, tuple(sentences)) for group, sentences in grouped.items())


def nearest_forms(words: Sequence[str]) -> tuple[str, ...]:
    """Return the few sentences that can be asked and share most telling words with a question, then the usual ones."""
    table, talk = forms.load(), speech.load()
    said = {tokens.stem(word) for word in words} - talk.fillers
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
