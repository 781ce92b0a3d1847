"""How telling the words of a question are: which form is likely asked with them, and whether any is.

`queries/telling.tsv` weighs, for each form, words, pieces and pairs of words and the types of the names among them. The
weights are learned from the tables of questions that forms may be written with, from the wordings of the forms, and
from questions that are to be refused: `python -m training.questions`. It is a logistic regression over the forms that
take such names as a question has; being refused is one of the choices. Wordings that are found in the question speak
for their forms beside that.
"""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from kg import resources
from kg.errors import QueryError
from kg.questions import forms, senses, tokens
from kg.questions.forms import Form
from kg.questions.mentions import Group, Reading
from kg.questions.saying import Said, readings

REFUSED = "(refused)"
"""Stands where a form might: the question is none that is answered."""

FORMS = "(forms)"
"""Begins the line of the table that names the forms, which the other lines number."""

PARTS = 10
"""A weight is written in tenths."""

STRANGE = "#strange"
"""Says that a question has words that no question had which was learned from."""

_TYPES = ("Activity", "Population", "Substance", "Therapy", "Measurement", "Condition")
# So likely must a form be, by the words and names; and one that no wording with the question's "not" is of.
_LEAST_LIKELY, _LEAST_LIKELY_DENIED = 0.2, 0.5
# By so much must more speak for a form than for none.
_RATHER = 0.8
# How far the words are trusted; what each word of a wording of the form adds, that a wording fits altogether, each word
# of a name that is read as one, and each word that says of a name what it is to the question ("without", "who takes").
# Fitted on questions that no wording and no weight was made with.
_TRUST, _A_WORD, _FITS, _A_NAME, _A_MARK = 0.73, 0.67, 1.5, 0.3, 1.0
_MOST_WORDING = 5
_NEAR = 3
_BEGIN, _END, _PAIR, _APART, _PIECE = "^", "$", "_", "__", "~"
_PIECE_LONG = 4
_NO_WORD, _PARTS_OF_NONE = _PIECE + senses.MARK, frozenset({_PAIR, senses.AND, "{"})


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

    def weights(self, feature: str) -> Mapping[str, float]:
        """Tell how much a feature speaks for forms, or against them."""
        if feature not in self._read:
            parts = self.rows.get(feature, "").split()
            numbered = zip(parts[::2], parts[1::2], strict=True)
            self._read[feature] = {self.names[int(form)]: int(weight) / PARTS for form, weight in numbered}
        return self._read[feature]

    def speaks(self, word: str, form: str) -> float:
        """Tell how much a word (its root) and what it says speak for a form."""
        return sum(self.weights(one).get(form, 0.0) for one in (word, *senses.of_word(word)))

    def known(self, features: Iterable[str]) -> list[str]:
        """Return the features that were learned; words that were not are told of together."""
        found = [feature for feature in features if feature in self.rows]
        return [*found, *strange(features, self.rows)]

    def scores(self, known: Sequence[str]) -> dict[str, float]:
        """Tell how much the features speak for each form."""
        found: dict[str, float] = {}
        for feature in known:
            for form, weight in self.weights(feature).items():
                found[form] = found.get(form, 0.0) + weight
        length = math.sqrt(len(known) + 1)
        return {form: score / length for form, score in found.items()}


def strange(features: Iterable[str], known: Container[str]) -> list[str]:
    """Return a feature that stands for words that are not known, and another one where they are several."""
    words = [f for f in features if f not in known and f[0] not in _NO_WORD and not _PARTS_OF_NONE.intersection(f)]
    return [STRANGE + more for more in ("", "s")[: len(words)]]


def features(reading: Reading) -> frozenset[str]:
    """Return what is telling of a reading: its words, pieces of them, the types of its names, and pairs of both."""
    counts = reading.counts
    return of_tokens([_slot(token) if isinstance(token, Group) else token for token in reading.tokens], counts)


def of_tokens(said: Sequence[str], counts: Mapping[str, int], *, is_whole: bool = True) -> frozenset[str]:
    """Return the features of words and slots, of what they say, and of how many names there are.

    Of a part of a question what stands at its ends is left out.
    """
    roots = [token if token[0] == "{" else tokens.root(token) for token in said]
    framed = [_BEGIN, *roots, _END] if is_whole else roots
    near = {a + _PAIR + b for a, b in itertools.pairwise(framed)}
    apart = {a + _APART + b for a, b in zip(framed, framed[2:], strict=False) if a == _BEGIN or "{" in a + b}
    pieces = {piece for token in said if token[0] != "{" for piece in _pieces(token)}
    number = how_many(counts)
    return frozenset({*roots, number} | near | apart | pieces | senses.features(roots, number))


@functools.lru_cache(maxsize=16384)
def _pieces(word: str) -> tuple[str, ...]:
    """Cut a word into overlapping pieces, so that what is derived or misspelt still tells something.

    >>> _pieces("taper")
    ('~<tap', '~tape', '~aper', '~per>')
    """
    framed = f"<{word}>"
    return tuple(_PIECE + framed[at : at + _PIECE_LONG] for at in range(len(framed) - _PIECE_LONG + 1))


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
    """A form that may be meant: what speaks for it, how the question is read then, and how likely it must be."""

    score: float
    form: Form
    reading: Reading
    least: float


@dataclass(frozen=True, slots=True)
class Verdict:
    """All forms that may be meant, by their names, and what speaks for none."""

    forms: Mapping[str, Weighed]
    refused: float

    @property
    def best(self) -> Weighed | None:
        """The form that is meant; none where it is not likely enough, or likelier that none is meant."""
        best = max(self.forms.values(), key=lambda one: one.score, default=None)
        if best is None or best.score < self.refused + _RATHER:
            return None
        total = math.exp(self.refused - best.score) + sum(math.exp(o.score - best.score) for o in self.forms.values())
        return best if 1 / total >= best.least else None


def weigh(said: Sequence[Said], fitting: str = "") -> Verdict:
    """Weigh the words of a question with names for and against each form that takes such names.

    `fitting` is the form of which a wording accounts for all words, if there is one. A word that changes what is asked
    allows those forms only of which a wording with it is there ("not"), those that are very likely all the same, and
    those for which it speaks itself ("more").
    """
    told, table = load(), forms.load()
    best: dict[str, Weighed] = {}
    refused: float | None = None
    for reading in {reading.words: reading for one in reversed(said) for reading in readings(one)}.values():
        plain = [word for word in reading.words if word not in forms.SLOTS]
        scores = told.scores(told.known(features(reading)))
        refused = _TRUST * scores.get(REFUSED, 0.0) if refused is None else refused
        text = "".join(f"{word if word in forms.SLOTS else tokens.stem(word)} " for word in reading.words)
        named = sum(m.end - m.start for group in reading.groups for m in group.mentions)
        loosely = {id(one.form): one.weight for one in forms.match(reading.words, reading.counts, table, None)}
        comparing = {tokens.root(word) for word in plain if word in table.comparing}
        denying = table.negations.intersection(plain)
        for form in table.forms:
            compares = all(told.speaks(word, form.name) > 0 for word in comparing)
            if not form.admits(reading.counts) or not (compares or form.name == fitting):
                continue
            if "thing" in form.fixed and id(form) not in loosely:  # what it is about stands in its wordings alone
                continue
            words = min(loosely.get(id(form), 0), _MOST_WORDING)
            score = _TRUST * scores.get(form.name, 0.0) + _A_WORD * words + _A_NAME * named + _A_MARK * reading.extra
            score += _FITS if form.name == fitting else 0.0
            if (form.name in best and score <= best[form.name].score) or forms.is_ruled_out(form, text):
                continue
            is_worded = not denying or form.name == fitting or _is_worded(form, denying, text)
            if not is_worded and _is_name_denied(reading, table.negations):
                continue
            best[form.name] = Weighed(score, form, reading, _LEAST_LIKELY if is_worded else _LEAST_LIKELY_DENIED)
    return Verdict(best, -math.inf if refused is None else refused)


def _is_name_denied(reading: Reading, negations: frozenset[str]) -> bool:
    """Tell whether "not" or its like stands shortly before a class, or what is named beside drugs: "I have no gout"."""
    things = [
        at
        for at, token in enumerate(reading.tokens)
        if isinstance(token, Group) and (token.slot == forms.THING or _slot(token) == forms.CLASS)
    ]
    return any(
        not negations.isdisjoint(t for t in reading.tokens[max(0, at - _NEAR) : at] if isinstance(t, str))
        for at in things
    )


def _is_worded(form: Form, words: frozenset[str], text: str) -> bool:
    """Tell whether a wording of a form that has certain words is in a text of stems."""
    return any(words <= wording.words and forms.fits(wording, text) for wording in form.wordings)
