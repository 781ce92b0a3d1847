"""The graded answer to what warrants caution, as the entries of an answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from kg import care
from kg.assistants.answer import Line
from kg.assistants.desk import Desk, Quotes, short, thing
from kg.care import CautionAnswer, scale
from kg.care.records import Item
from kg.derivation import table
from kg.records import Fact

PARTS: Mapping[str, str] = {
    "items": "warrants care",
    "stated_safe": "stated to be harmless by documents, which is not advice",
    "denied": "denied",
    "only_for": "holds only for something narrower",
    "near": "said of something near; whether it holds is not known",
    "for_everyone": "said of everyone",
}
"""The parts of an answer by their names in `CautionAnswer`, in order."""

HARMS = "unwanted effect that documents state"


def ask(
    desk: Desk, drug: str, about: str | None = None, min_level: str | None = None, population: str | None = None
) -> CautionAnswer:
    """Ask what warrants care with a drug.

    Raises
    ------
    UnknownNameError
        When nothing is called `about`, or `population`.
    """
    if population is not None:
        population = desk.entity(population)
    if about is not None and "://" in about:
        desk.known(about)
    with desk.telling(about or drug):
        return care.cautions(desk.graph, drug, min_level=min_level, in_population=population, about=about)


def entries(said: CautionAnswer) -> list[Callable[[Quotes], Line]]:
    """Return what writes each entry of an answer, in its order."""
    found = [_entry(item, words) for part, words in PARTS.items() for item in getattr(said, part)]
    return [*found, *map(_harm, said.harms)]


def _entry(item: Item, part: str) -> Callable[[Quotes], Line]:
    def line(quotes: Quotes) -> Line:
        facts = item.facts
        against = tuple({fact.iri: fact for one in item.against for fact in one.facts}.values())
        levels = {one.level for one in item.sayings} | {one.level for one in item.derived}
        return Line(
            part=part,
            thing=thing(item.object),
            level=item.level,
            levels=tuple(sorted(filter(None, levels), key=scale.rank, reverse=True)),
            origin=item.origin,
            rules=tuple(dict.fromkeys(_titles(item))),
            disagreement=item.disagreement,
            quoted_scope={name: short(value) for name, value in item.scope.items()},
            quoted_pending={name: short(value) for name, value in item.pending.items()},
            independent=item.independent,
            facts=quotes.facts(facts),
            facts_total=len(facts),
            against=quotes.facts(against),
            against_total=len(against) or None,
        )

    return line


def _titles(item: Item) -> Iterator[str]:
    """Give the rules in the words of their table; their reasons hold names, which may be words of documents."""
    known = {rule.name: rule.title for rule in table.load().rules}
    for derived in item.derived:
        yield known.get(derived.rule, "a rule of another version")


def _harm(fact: Fact) -> Callable[[Quotes], Line]:
    return lambda quotes: Line(part=HARMS, thing=thing(fact.object), facts=quotes.facts((fact,)), facts_total=1)
