"""How telling the words of a question are: which form is likely asked with them, where no wording fits.

`queries/telling.tsv` weighs, for each form, words, pairs of words and the types of the names among them. The weights
are learned from the tables of questions that forms may be written with, from the wordings of the forms, and from
questions that are to be refused: `python -m training.questions`. It is a logistic regression over the forms that take
such names as a question has; being refused is one of the choices.
"""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from kg import resources
from kg.errors import QueryError
from kg.questions import forms, speech, tokens
from kg.questions.forms import Form
from kg.questions.mentions import Group, Reading
from kg.questions.saying import Said, readings

REFUSED = "(refused)"
"""Stands where a form might: the question is none that is answered."""

FORMS = "(forms)"
"""Begins the line of the table that names the forms, which the other lines number."""

STRANGE = "#strange"
"""Says that a question has words that no question had which was learned from."""

_TYPES = ("Activity", "Population", "Substance", "Therapy", "Measurement", "Condition")
_ENDINGS = ("ing", "ed", "ly", "es")
_SHORTEST, _LONGEST = 3, 7
# A form that no wording fits must be so probable, by the words and names.
_LEAST_LIKELY = 0.3
_LEAST_LIKELY_BARE = 0.6  # where no wording of the form is in it
# Where one fits: so likely is the form that is meant instead of one that is at most so likely; and so likely is none.
_RATHER, _HARDLY = 0.5, 0.05
_SURELY, _DOUBTFUL = 0.6, 0.25
# What a wording in it adds to what speaks for a form, each of its words, and each word of a name that is read as one.
_A_WORDING, _A_WORD, _A_NAME = 2.0, 0.3, 0.2
_MOST_WORDING = 5
_BEGIN, _END, _PAIR, _APART = "^", "$", "_", "__"


@dataclass(frozen=True, slots=True, eq=False)
class Telling:
    """For each feature of a question how much it speaks for each form, or against it.

    Attributes
    ----------
    rows : mapping
        The features, and the numbers of forms with their weights, as text: few of many are ever looked at.
    names : tuple of str
        The forms by their numbers.
    """

    rows: Mapping[str, str]
    names: tuple[str, ...]
    _read: dict[str, dict[str, float]] = field(default_factory=dict)

    def weight(self, feature: str, form: str) -> float:
        """Tell how much a feature speaks for a form."""
        if feature not in self._read:
            parts = self.rows.get(feature, "").split()
            numbered = zip(parts[::2], parts[1::2], strict=True)
            self._read[feature] = {self.names[int(form)]: float(weight) for form, weight in numbered}
        return self._read[feature].get(form, 0.0)

    def known(self, features: Iterable[str]) -> list[str]:
        """Return the features that were learned; words that were not are told of together."""
        found = [feature for feature in features if feature in self.rows]
        return [*found, *strange(features, self.rows)]

    def score(self, known: Sequence[str], form: str) -> float:
        """Tell how much the features speak for a form."""
        return sum(self.weight(feature, form) for feature in known) / math.sqrt(len(known) + 1)


def strange(features: Iterable[str], known: Container[str]) -> list[str]:
    """Return a feature that stands for words that are not known, and another one where they are several."""
    words = [f for f in features if f not in known and _PAIR not in f and "{" not in f]
    return [STRANGE + more for more in ("", "s")[: len(words)]]


def features(reading: Reading) -> frozenset[str]:
    """Return what is telling of a reading: its words without endings, the types of its names, and pairs of both."""
    counts = reading.counts
    tokens = [_slot(token) if isinstance(token, Group) else root(token) for token in reading.tokens]
    return of_tokens(tokens, counts)


def of_tokens(tokens: Sequence[str], counts: Mapping[str, int]) -> frozenset[str]:
    """Return the features of words and slots, and of how many names there are."""
    framed = [_BEGIN, *tokens, _END]
    near = {a + _PAIR + b for a, b in itertools.pairwise(framed)}
    apart = {a + _APART + b for a, b in zip(framed, framed[2:], strict=False) if a == _BEGIN or "{" in a + b}
    return frozenset({*tokens, how_many(counts)} | near | apart)


def how_many(counts: Mapping[str, int]) -> str:
    """Return the feature that says how many names a question has of each slot."""
    most = {forms.DRUG: 2, forms.THING: 2, forms.WITHOUT: 1, forms.TAKEN: 1}
    return "#" + "".join(str(min(counts.get(slot, 0), limit)) for slot, limit in most.items())


def _slot(group: Group) -> str:
    first = group.mentions[0]
    if group.slot == forms.DRUG:
        return forms.CLASS if first.is_a("DrugClass") else forms.DRUG
    if group.slot != forms.THING:
        return group.slot
    if first.slot == forms.DRUG:
        return forms.KIND
    return "{" + next((type_ for type_ in _TYPES if first.is_a(type_)), "thing") + "}"


@functools.lru_cache(maxsize=16384)
def root(word: str) -> str:
    """Cut a word to what its forms have in common.

    >>> root("combining"), root("combined"), root("combination")
    ('combin', 'combin', 'combina')
    """
    word = tokens.stem(word)
    ending = next((e for e in _ENDINGS if word.endswith(e) and len(word) - len(e) > _SHORTEST), "")
    return word.removesuffix(ending)[:_LONGEST].rstrip("e") or word


@functools.cache
def load() -> Telling:
    """Read the table of the package.

    Raises
    ------
    QueryError
        When the file is missing or malformed.
    """
    place = resources.folder("queries") / "telling.tsv"
    try:
        rows = [line.split("\t") for line in place.read_text(encoding="utf-8").splitlines()[1:]]
        return Telling(dict(rows[1:]), tuple(rows[0][1].split()))
    except (OSError, ValueError, IndexError) as error:
        remedy = "make it with `python -m training.questions`"
        raise QueryError(str(place), f"cannot be read ({error})", remedy) from None


@dataclass(frozen=True, slots=True)
class Weighed:
    """A form that may be meant: what speaks for it, how the question is read then, whether a wording of it is there."""

    score: float
    form: Form
    reading: Reading
    is_loose: bool


@dataclass(frozen=True, slots=True)
class Verdict:
    """All forms that may be meant, by their names, and what speaks for none."""

    forms: Mapping[str, Weighed]
    refused: float

    @property
    def best(self) -> Weighed | None:
        """The likeliest form, if there is any."""
        return max(self.forms.values(), key=lambda one: one.score, default=None)

    def probability(self, name: str) -> float:
        """Tell how likely a form is, or that none is meant."""
        score = self.refused if name == REFUSED else self.forms[name].score if name in self.forms else -math.inf
        highest = max([self.refused, *(one.score for one in self.forms.values())])
        total = math.exp(self.refused - highest) + sum(math.exp(o.score - highest) for o in self.forms.values())
        return math.exp(score - highest) / total


def weigh(said: Sequence[Said]) -> Verdict:
    """Weigh the words of a question with names for and against each form that takes such names.

    A word that changes what is asked allows those forms only of which a wording with it is there ("not"), or for which
    it speaks itself ("more").
    """
    told, talk, table = load(), speech.load(), forms.load()
    best: dict[str, Weighed] = {}
    refused = -math.inf
    for reading in {reading.words: reading for one in reversed(said) for reading in readings(one)}.values():
        plain = [word for word in reading.words if word not in forms.SLOTS]
        known = told.known(features(reading))
        refused = max(refused, told.score(known, REFUSED))
        is_told = reading.is_about_more() or not talk.body.intersection(map(tokens.stem, plain))
        if not reading.groups or not is_told:
            continue
        text = "".join(f"{word if word in forms.SLOTS else tokens.stem(word)} " for word in reading.words)
        named = sum(m.end - m.start for group in reading.groups for m in group.mentions)
        loosely = {one.form.name: one.weight for one in forms.match(reading.words, reading.counts, table, None)}
        comparing = {root(word) for word in plain if word in table.comparing}
        denying = table.negations.intersection(plain)
        for form in table.forms:
            is_open = form.admits(reading.counts) and (not denying or _is_worded(form, denying, text))
            if not is_open or any(told.weight(word, form.name) <= 0 for word in comparing):
                continue
            score = told.score(known, form.name) + _A_NAME * named
            if form.name in loosely:
                score += _A_WORDING + _A_WORD * min(loosely[form.name], _MOST_WORDING)
            better = form.name not in best or score > best[form.name].score
            if better and not forms.is_ruled_out(form, text):
                best[form.name] = Weighed(score, form, reading, form.name in loosely)
    return Verdict(best, refused)


def _is_worded(form: Form, words: frozenset[str], text: str) -> bool:
    """Tell whether a wording of a form that has certain words is in a text of stems."""
    return any(words <= wording.words and forms.fits(wording, text) for wording in form.wordings)


def likeliest(verdict: Verdict) -> tuple[Form, Reading] | None:
    """Return the form that is by far the most likely one, and the reading: where no wording fits, it may be meant."""
    best = verdict.best
    if best is None:
        return None
    least = _LEAST_LIKELY if best.is_loose or best.form.plainest else _LEAST_LIKELY_BARE
    return (best.form, best.reading) if verdict.probability(best.form.name) >= least else None


def rather(verdict: Verdict, form: Form) -> tuple[Form, Reading] | None:
    """Return the form that is meant rather than one whose wording fits: likely itself, while that one is hardly so."""
    best = verdict.best
    if best is None or form.first or form.name not in verdict.forms or verdict.probability(form.name) > _HARDLY:
        return None
    return (best.form, best.reading) if verdict.probability(best.form.name) >= _RATHER else None


def is_refused(verdict: Verdict, form: Form) -> bool:
    """Tell whether a question is none that is answered, although a wording fits."""
    is_weighed = form.name in verdict.forms and not form.first
    return is_weighed and verdict.probability(REFUSED) >= _SURELY and verdict.probability(form.name) <= _DOUBTFUL
