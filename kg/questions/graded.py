"""Graded answers as rows: what warrants care, with one thing or with any, and which drugs need care with some things.

One row says one level, from one origin, of one thing: who says which. `facts` are what it rests on, `why` says how a
fact about a class or about something wider concerns the drug, or which rule a derivation comes from.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from kg.care import CautionAnswer, FitTable, Item, NeedingAnswer, Saying, records, scale, words
from kg.questions.answer import Answer
from kg.questions.header import SEVERAL
from kg.questions.run import Rows
from kg.records import Entity, Fact

COLUMNS = (
    "part",
    "concern",
    "level",
    "object",
    "origin",
    "polarity",
    "qualifiers",
    "differs",
    "why",
    "documents",
    "facts",
)
NEEDING_COLUMNS = ("part", "drug", "thing", *COLUMNS[1:])
FIT_COLUMNS = ("place", "drug", "of", "level", "stated", "reason", "documents", "facts")

CONDITIONS, SUBSTANCES = "conditions, people and activities", "drugs and substances"
SAFE, DENIED = "stated safe", "said not to be so"
ONLY_FOR, NEAR = "only for something narrower", "said of something near"
FOR_EVERYONE, HARMS = "said of everyone", "unwanted effects"

Row = tuple[tuple[str, ...], tuple[Fact, ...]]


Graded = CautionAnswer | NeedingAnswer | FitTable


def answer(asked: str, form: str, understood_as: str, parameters: Mapping[str, str], found: Graded) -> Answer:
    """Give a graded answer the shape of every answer: rows, the facts of each row, a verdict and a summary."""
    if isinstance(found, CautionAnswer):
        table, facts = rows(found)
        verdict, stating = found.verdict, found.stating
    else:
        table, facts = needing_rows(found) if isinstance(found, NeedingAnswer) else fit_rows(found)
        verdict = records.STATED if any(facts) else records.NOT_STATED
        if isinstance(found, NeedingAnswer) and found.only_for and not found.drugs:
            verdict = records.RELATED
        stating = tuple(sorted({name for of_row in facts for fact in of_row for name in fact.documents}))
    return Answer(
        asked=asked,
        form=form,
        understood_as=understood_as,
        parameters=parameters,
        rows=table,
        facts=facts,
        verdict=verdict,
        summary=found.summary,
        stating=stating,
        documents=found.documents,
        graded=found,
    )


def part_of(item: Item) -> str:
    """Return the part of an answer that an item belongs to by what it concerns."""
    return SUBSTANCES if item.concern in {"drug", "substance"} else CONDITIONS


def rows(answer: CautionAnswer) -> tuple[Rows, tuple[tuple[Fact, ...], ...]]:
    """Return the rows of an answer, in its order part by part, and the facts of each row."""
    found: list[Row] = []
    for part in (CONDITIONS, SUBSTANCES):
        found += _rows(part, (item for item in answer.items if part_of(item) == part), answer.drug)
    for part, items in (
        (SAFE, answer.stated_safe),
        (ONLY_FOR, answer.only_for),
        (NEAR, answer.near),
        (FOR_EVERYONE, answer.for_everyone),
        (DENIED, answer.denied),
    ):
        found += _rows(part, items, answer.drug)
    for fact in answer.harms:
        more = _limits(fact.qualifiers.items())
        cells = ("other", "", fact.object.label, scale.STATED, fact.polarity, more, "", "", _joined(fact.documents))
        found.append(((HARMS, *cells, fact.iri), (fact,)))
    return _table(COLUMNS, found)


def needing_rows(answer: NeedingAnswer) -> tuple[Rows, tuple[tuple[Fact, ...], ...]]:
    """Return a row for each drug, thing and level, in the order of the answer, and the facts of each row."""
    found: list[Row] = []
    for part, drugs in (("", answer.drugs), (ONLY_FOR, answer.only_for)):
        for one in drugs:
            for with_thing in one.answers:
                head = (part, one.drug.label, with_thing.things[0].label)
                items = (*with_thing.items, *with_thing.only_for)
                found += [((*head, *cells[1:]), facts) for cells, facts in _rows(part, items, one.drug)]
    return _table(NEEDING_COLUMNS, found)


def fit_rows(table: FitTable) -> tuple[Rows, tuple[tuple[Fact, ...], ...]]:
    """Return a row for each cell of a table, drug by drug, and the facts of each row."""
    found: list[Row] = []
    for row in table.rows:
        for of, cell in zip(table.patient, row.cells, strict=True):
            place = "" if row.place is None else str(row.place)
            stated = "yes" if cell.is_stated else "not stated"
            iris = _joined(fact.iri for fact in cell.facts)
            cells = (place, row.drug.label, of, cell.level or "", stated, cell.reason, _joined(cell.documents), iris)
            found.append((cells, cell.facts))
    return _table(FIT_COLUMNS, found)


def _rows(part: str, items: Iterable[Item], drug: Entity) -> Iterator[Row]:
    for item in items:
        differs = _joined(item.disagreement)
        head = (part, item.concern)
        for saying in item.sayings:
            limits = _limits([*item.scope.items(), *(("effect", effect) for effect in saying.effects)])
            why = "; ".join(filter(None, (words.of_whom(saying, drug), words.because(saying.steps))))
            cells = (saying.level or "", item.object.label, saying.origin, saying.polarity, limits, differs, why)
            facts = _facts(saying)
            found = (*head, *cells, _joined(saying.documents), _joined(fact.iri for fact in facts))
            yield found, facts
        for one in item.derived:
            limits, why = _limits(item.scope.items()), f"{one.rule}: {one.why}"
            cells = (one.level or "", item.object.label, scale.DERIVED, "affirmed", limits, differs, why)
            yield (*head, *cells, _joined(one.documents), _joined(fact.iri for fact in one.facts)), one.facts


def _facts(saying: Saying) -> tuple[Fact, ...]:
    return (*saying.facts, *(step for step in saying.steps if isinstance(step, Fact)))


def _limits(pairs: Iterable[tuple[str, str]]) -> str:
    return _joined(f"{key}: {value}" for key, value in pairs if key != "level")


def _joined(values: Iterable[str]) -> str:
    return SEVERAL.join(dict.fromkeys(values))


def _table(columns: tuple[str, ...], found: list[Row]) -> tuple[Rows, tuple[tuple[Fact, ...], ...]]:
    return Rows(columns, tuple(cells for cells, _ in found)), tuple(facts for _, facts in found)
