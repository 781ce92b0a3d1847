"""Comparing: what two or more documents, drugs or builds all say, what only some say, and where they differ."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from kg.agreement import contradictions
from kg.agreement.copies import Copies, Rows
from kg.agreement.sides import Side, iri, scope, side, stated
from kg.errors import UnknownNameError
from kg.graph import decode
from kg.records import Entity

if TYPE_CHECKING:
    from kg.agreement.sides import Stated
    from kg.records import Fact

MOST_SIDES = 5
DIFFERS, PARTLY, SAME, SOME, ONE = "differs", "in part", "same", "some", "only"
STATES = (DIFFERS, PARTLY, SAME, SOME, ONE)
"""They differ; all speak of it with other qualifiers; all say the same; some say it; one says it. In this order."""

_LEVELLED = frozenset({"contraindication", "caution"})
_NOTHING = "not stated"
_EVERY_DRUG = Entity("each of them", "urn:drug-facts:each")

Key = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Compared:
    """One thing that at least one side speaks of.

    Attributes
    ----------
    state : str
        One of `STATES`.
    kind : str
        The kind of fact; "care" for contraindications and cautions, which stand on one scale.
    subject : Entity or None
        The drug where documents or builds are compared; None where drugs are.
    object : Entity
        What is said of it.
    sides : tuple of Side or None
        For each that is compared, in order, what it says; None where it says nothing of it, which is not "no".
    differences : tuple of str
        The types of contradiction between them ("polarity", "level", "numbers", "scope").
    """

    state: str
    kind: str
    subject: Entity | None
    object: Entity
    sides: tuple[Side | None, ...]
    differences: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Comparison:
    """What was compared ("documents", "drugs" or "builds"), by name, and the things they speak of; see `Compared`."""

    what: str
    names: tuple[str, ...]
    found: tuple[Compared, ...]
    counts: Mapping[str, int]

    @property
    def total(self) -> int:
        """How many things there are."""
        return sum(self.counts.values())

    @property
    def truncated(self) -> bool:
        """Whether some were cut off."""
        return len(self.found) < self.total

    def of(self, state: str) -> tuple[Compared, ...]:
        """Return the things of a state."""
        return tuple(item for item in self.found if item.state == state)

    @property
    def summary(self) -> str:
        """One sentence that counts the states; what one does not mention it does not deny."""
        names = f"{', '.join(self.names[:-1])} and {self.names[-1]}"
        words = {DIFFERS: "they differ on", PARTLY: "agree in part on", SAME: "say the same of", SOME: "some speak of"}
        words[ONE] = "only one speaks of"
        counts = ", ".join(f"{words[state]} {self.counts[state]:,}" for state in STATES if self.counts.get(state))
        cut = f"; {len(self.found):,} of {self.total:,} are shown" if self.truncated else ""
        return f"{names}: {counts or 'nothing is stated of any'}{cut}; what one does not mention is not stated there."

    def rows(self) -> Rows:
        """Return a row for each thing with what each side says, and the facts behind it."""
        drug = () if self.what == "drugs" else ("drug",)
        columns = ("state", "kind", *drug, "object", *_columns(self.names), "differences")
        rows = tuple(
            (
                item.state,
                item.kind,
                *((item.subject.label,) if item.subject is not None else ()),
                item.object.label,
                *(one.value if one is not None else _NOTHING for one in item.sides),
                "; ".join(item.differences),
            )
            for item in self.found
        )
        facts = tuple(tuple(f for one in item.sides if one is not None for f in one.facts) for item in self.found)
        return columns, rows, facts


def compare(graph: Stated, *names: str, limit: int = 1000) -> Comparison:
    """Compare documents of a graph by their names, or drugs by any of theirs.

    Parameters
    ----------
    graph : Graph
        The graph.
    names : str
        Two to five names, all of documents or all of drugs.
    limit : int
        The most things that are returned; those that only one side speaks of are cut off first.

    Raises
    ------
    UnknownNameError
        When there are too few or too many names, two of them mean the same, or one means nothing.
    """
    known = {source.name for source in graph.documents}
    _check(names, names)
    reader, copies = graph.reader, graph.copies()
    if known.issuperset(names):
        told = [(name, reader.facts(document=name)) for name in names]
        return _with_quotes(_compared("documents", told, copies, limit), graph)
    drugs = [graph.names.drug(name) for name in names]
    _check(names, [drug.iri for drug in drugs])
    told = [(drug.label, reader.facts(subject=drug.iri)) for drug in drugs]
    return _with_quotes(_compared("drugs", told, copies, limit), graph)


def compare_builds(builds: Sequence[tuple[str, Stated]], limit: int = 1000) -> Comparison:
    """Compare graphs, each with the name that it is shown by.

    Raises
    ------
    UnknownNameError
        When there are too few or too many.
    """
    names = [name for name, _ in builds]
    _check(names, names)
    told = [(name, decode.Reader(graph.store).facts()) for name, graph in builds]
    first = {name: voice for _, graph in reversed(builds) for name, voice in graph.copies().first.items()}
    return _compared("builds", told, Copies(first), limit)


def compare_facts(what: str, told: Sequence[tuple[str, Iterable[Fact]]], copies: Copies) -> Iterator[Compared]:
    """Compare facts, those of each side under its name, in no particular order."""
    groups: dict[Key, list[list[Fact]]] = {}
    for place, (_, facts) in enumerate(told):
        for fact in facts:
            groups.setdefault(_key(fact, what), [[] for _ in told])[place].append(fact)
    differences = _differences(groups, what)
    for key, sides in groups.items():
        first = min((fact for facts in sides for fact in facts), key=lambda fact: fact.iri)
        shown = tuple(
            side(_value(facts), facts, copies, [name] if what == "documents" else None) if facts else None
            for (name, _), facts in zip(told, sides, strict=True)
        )
        kinds = tuple(name for name in contradictions.DEFAULT_TYPES if name in differences.get(key, ()))
        subject = None if what == "drugs" else first.subject
        yield Compared(_state(sides, kinds), key[0], subject, first.object, shown, kinds)


def _compared(what: str, told: Sequence[tuple[str, Iterable[Fact]]], copies: Copies, limit: int) -> Comparison:
    found = sorted(compare_facts(what, told, copies), key=_order)
    counts = {state: sum(item.state == state for item in found) for state in STATES}
    return Comparison(what, tuple(name for name, _ in told), tuple(found[: max(0, limit)]), counts)


def _differences(groups: Mapping[Key, list[list[Fact]]], what: str) -> dict[Key, set[str]]:
    """Find contradictions with each side for one voice, whatever documents stand behind it."""
    voiced: list[Fact] = []
    keys: dict[str, Key] = {}
    for key, sides in groups.items():
        for place, facts in enumerate(sides):
            for fact in facts if sum(map(bool, sides)) > 1 else ():
                name = f"{place} {fact.iri}"
                keys[name] = key
                proofs = tuple(replace(proof, document=str(place)) for proof in fact.evidence)
                subject = _EVERY_DRUG if what == "drugs" else fact.subject
                voiced.append(replace(fact, iri=name, subject=subject, evidence=proofs))
    found: dict[Key, set[str]] = {}
    for item in contradictions.between(voiced, Copies({})):
        for fact in (fact for one in item.sides for fact in one.facts if not item.within):
            found.setdefault(keys[fact.iri], set()).add(item.type)
    return found


def _key(fact: Fact, what: str) -> Key:
    """Return the thing that a fact is about; drugs are compared whatever they are called."""
    kind = "care" if fact.kind in _LEVELLED else fact.kind
    return kind, "" if what == "drugs" else iri(fact.subject), iri(fact.object)


def _state(sides: Sequence[list[Fact]], differences: tuple[str, ...]) -> str:
    speaking = sum(map(bool, sides))
    if speaking < len(sides):
        return ONE if speaking == 1 else DIFFERS if differences else SOME
    if differences:
        return DIFFERS
    said = {frozenset((f.kind, f.polarity, *f.qualifiers.items()) for f in facts) for facts in sides}
    return SAME if len(said) == 1 else PARTLY


def _value(facts: Iterable[Fact]) -> str:
    """Return what one side says in words: what it states, and where."""
    said = {}
    for fact in facts:
        more = [value for name, value in sorted(fact.qualifiers.items()) if name != "level"]
        words = f"{stated(fact)} ({', '.join(more)})" if more else stated(fact)
        said[words.replace("_", " ")] = (len(scope(fact)), words)
    return "; ".join(sorted(said, key=lambda words: said[words]))


def _check(names: Sequence[str], things: Sequence[str]) -> None:
    if not 2 <= len(names) <= MOST_SIDES:
        remedy = f"name two to {MOST_SIDES} documents, drugs or builds"
        raise UnknownNameError(" ".join(names) or "compare", f"{len(names)} cannot be compared", remedy)
    for place, thing in enumerate(things):
        if thing in things[:place]:
            problem = f"is the same as {names[things.index(thing)]}"
            raise UnknownNameError(names[place], problem, "name two that are different")


def _columns(names: Iterable[str]) -> Iterator[str]:
    """Name a column for each side; a name that a column has already gets a star."""
    taken = {"state", "kind", "drug", "object", "differences"}
    for name in names:
        while name in taken:
            name += "*"
        taken.add(name)
        yield name


def _order(item: Compared) -> tuple[object, ...]:
    speaking = tuple(one is None for one in item.sides)
    subject = item.subject.label.casefold() if item.subject is not None else ""
    return (STATES.index(item.state), subject, speaking, item.kind, item.object.label.casefold(), iri(item.object))


def _with_quotes(found: Comparison, graph: Stated) -> Comparison:
    def shown(one: Side | None) -> Side | None:
        return None if one is None else replace(one, facts=tuple(graph.fact(fact.iri) for fact in one.facts))

    items = (replace(item, sides=tuple(map(shown, item.sides))) for item in found.found)
    return replace(found, found=tuple(items))
