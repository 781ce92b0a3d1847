"""Who answers what: for each question form without a question of the catalogue, the function that answers it.

Every one takes a graph and what was understood and gives an `Answer`. The functions of the rooms before (`kg.care`,
`kg.network`, `kg.agreement`) are imported when they are needed: a simple question must not wait for them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from itertools import combinations
from types import MappingProxyType
from typing import Protocol

from kg.errors import QueryError
from kg.questions import combined, queried, told
from kg.questions.answer import NOT_STATED, STATED, Answer
from kg.questions.names import Named
from kg.questions.queried import About, Asked
from kg.questions.run import Rows
from kg.questions.told import Facts, Told, Wanted
from kg.questions.understanding import Thing, Understood

_MOST_COMPARED = 5


class Answerer(Protocol):
    """Answers one form."""

    def __call__(self, graph: Asked, understood: Understood, /) -> Answer:
        """Answer a question that was understood."""


class Result(Protocol):
    """What the rooms before give: a sentence, and rows with the facts behind each."""

    @property
    def summary(self) -> str:
        """One sentence."""

    @property
    def truncated(self) -> bool:
        """Whether something was cut off."""

    def rows(self) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...], Facts]:
        """Return columns, rows, and the facts behind each row."""


def answer(graph: Asked, asked: str, understood: Understood) -> Answer:
    """Answer a question that was understood, by the function of its form, or by its question of the catalogue."""
    found = FUNCTIONS.get(understood.form.name, _by_query)(graph, understood)
    return replace(
        found,
        asked=asked,
        form=understood.form.name,
        understood_as=understood.sentence,
        understood=MappingProxyType(understood.to_dict()),
    )


def name_of(thing: Thing) -> str:
    """Return what the rooms before find a thing by: its IRI, or its label where several bear the name."""
    return thing.named[0].iri if len(thing.named) == 1 else thing.label


def tabled(graph: Asked, understood: Understood, result: Result, *, thing: Thing | None = None) -> Answer:
    """Give a result the shape of every answer; with a thing, only the rows that speak of it."""
    columns, cells, facts = result.rows()
    rows = Rows(columns, tuple(cells))
    if thing is not None:
        rows, facts = queried.narrowed(rows, facts, thing.named)
    documents = {name for drug in understood.drugs for name in queried.documents_about(graph.store, drug)}
    return Answer(
        asked="",
        form=understood.form.name,
        understood_as=understood.sentence,
        parameters={f"drug {number}": drug.iri for number, drug in enumerate(understood.drugs, 1)},
        rows=rows,
        facts=facts,
        verdict=STATED if any(facts) else NOT_STATED,
        summary=result.summary,
        stating=tuple(sorted({name for of_row in facts for fact in of_row for name in fact.documents})),
        documents=tuple(sorted(documents)),
        truncated=result.truncated,
    )


def _by_query(graph: Asked, understood: Understood) -> Answer:
    """Run the question of the form, once for each drug and each thing."""
    form = understood.form

    def one(drug: Named | None, thing: Thing | None) -> Answer:
        about = About(form.name, understood.sentence, drug, thing.named if thing else ())
        return queried.answer(graph, form.question, about, form.fixed)

    return combined.each(understood, one)


def _drugs_by_query(graph: Asked, understood: Understood) -> Answer:
    """Run a question that asks for drugs; with a class, keep those that belong to it."""
    found = _by_query(graph, replace(understood, drugs=()))
    if not understood.drugs:
        return found
    members = set(told.narrower(graph, [drug.iri for drug in understood.drugs]))
    is_kept = [any(fact.subject.iri in members for fact in facts) for facts in found.facts]
    rows = Rows(found.columns, tuple(row for row, kept in zip(found.rows, is_kept, strict=True) if kept))
    facts = tuple(facts for facts, kept in zip(found.facts, is_kept, strict=True) if kept)
    verdict = found.verdict if len(rows) else NOT_STATED
    stating = tuple(sorted({name for of_row in facts for fact in of_row for name in fact.documents}))
    kind = " and ".join(drug.label for drug in understood.drugs)
    where = f"in {len(stating)} of the {len(found.documents)} documents" if facts else "in any document"
    summary = f"{verdict.capitalize()} of drugs of the class {kind} {where}."
    return replace(found, rows=rows, facts=facts, verdict=verdict, stating=stating, summary=summary)


def _cautions(graph: Asked, understood: Understood) -> Answer:
    from kg import care
    from kg.questions import graded

    def one(drug: Named | None, thing: Thing | None) -> Answer:
        iri = drug.iri if drug else ""
        found = care.cautions(graph, iri, in_population=name_of(thing) if thing else None)
        return graded.answer("", understood.form.name, understood.sentence, {"drug": iri}, found)

    return combined.each(understood, one)


def _care(graph: Asked, understood: Understood) -> Answer:
    from kg import care
    from kg.questions import graded

    form = understood.form

    def one(drug: Named | None, thing: Thing | None) -> Answer:
        iri, name = drug.iri if drug else "", name_of(thing) if thing else form.fixed["thing"]
        found = care.care(graph, iri, name)
        return graded.answer("", form.name, understood.sentence, {"drug": iri, "thing": name}, found)

    return combined.each(understood, one)


def _drugs_needing_care(graph: Asked, understood: Understood) -> Answer:
    from kg import care
    from kg.care import needing
    from kg.questions import graded

    things = [name_of(thing) for thing in understood.things]
    combine, limit = ("or" if understood.either else "and"), (None if understood.drugs else needing.LIMIT)
    found = care.drugs_needing_care(graph, things, combine, limit)
    if understood.drugs:  # a class of which they are to be
        members = set(told.narrower(graph, [drug.iri for drug in understood.drugs]))
        drugs = tuple(one for one in found.drugs if (one.drug.iri or "") in members)
        beside = tuple(one for one in found.only_for if (one.drug.iri or "") in members)
        found = replace(found, drugs=drugs, total=len(drugs), only_for=beside, only_for_total=len(beside))
    return graded.answer("", understood.form.name, understood.sentence, {"thing": "; ".join(things)}, found)


def _fit(graph: Asked, understood: Understood) -> Answer:
    from kg import care
    from kg.questions import graded

    patient = [name_of(thing) for thing in understood.things]
    found = care.fit(graph, [drug.iri for drug in understood.drugs], patient)
    return graded.answer("", understood.form.name, understood.sentence, {"patient": "; ".join(patient)}, found)


def _explain(graph: Asked, understood: Understood) -> Answer:
    from kg import network

    def one(drug: Named | None, thing: Thing | None) -> Answer:
        ends = (drug.iri if drug else "", name_of(thing) if thing else "")
        return tabled(graph, understood, network.explain(graph, *ends))

    return combined.each(understood, one)


def _alike(graph: Asked, understood: Understood) -> Answer:
    from kg import network

    return tabled(graph, understood, network.alike(graph, understood.drugs[0].iri))


def _alternatives(graph: Asked, understood: Understood) -> Answer:
    """Walk the network where there is something to be used for or to be avoided; else give what documents name."""
    if not understood.things and not understood.without:
        return _by_query(graph, understood)
    from kg import network

    avoiding = [name_of(thing) for thing in understood.without]

    def one(drug: Named | None, thing: Thing | None) -> Answer:
        use = name_of(thing) if thing else None
        return tabled(graph, understood, network.alternatives(graph, drug.iri if drug else "", use, avoiding))

    return combined.each(understood, one)


def _interactions_among(graph: Asked, understood: Understood) -> Answer:
    """Give what is said of each pair; of a single pair the same as where one is asked about with the other."""
    if len(understood.drugs) == 2 and not understood.things:
        return _care(graph, replace(understood, drugs=understood.drugs[:1], things=(Thing(understood.drugs[1:]),)))
    from kg import network

    taken = [name_of(thing) for thing in understood.things]
    return tabled(graph, understood, network.interactions_among(graph, [*(d.iri for d in understood.drugs), *taken]))


def _shared_risks(graph: Asked, understood: Understood) -> Answer:
    from kg import network

    pairs = list(combinations(understood.drugs, 2))
    thing = understood.things[0] if understood.things else None
    answers = [tabled(graph, understood, network.shared_risks(graph, a.iri, b.iri), thing=thing) for a, b in pairs]
    if len(answers) == 1:
        return answers[0]
    return combined.together(answers, [f"{a.label} and {b.label}" for a, b in pairs])


def _class_pattern(graph: Asked, understood: Understood) -> Answer:
    from kg import network

    return tabled(graph, understood, network.class_pattern(graph, understood.drugs[0].iri))


def _compare(graph: Asked, understood: Understood) -> Answer:
    from kg.agreement import compare

    if len(understood.drugs) > _MOST_COMPARED:
        number = len(understood.drugs)
        raise QueryError("the question", f"compares {number} drugs", f"name {_MOST_COMPARED} at most")
    thing = understood.things[0] if understood.things else None
    found = compare.compare(graph, *(drug.label for drug in understood.drugs))
    return tabled(graph, understood, found, thing=thing)


def _contradictions(graph: Asked, understood: Understood) -> Answer:
    from kg.agreement import contradictions

    def one(drug: Named | None, thing: Thing | None) -> Answer:
        about = (drug.label if drug else None, thing.label if thing else None)
        return tabled(graph, understood, contradictions.contradictions(graph, *about))

    return combined.each(understood, one)


def _told(find: Callable[[Asked, Wanted], Told]) -> Answerer:
    """Answer by facts that are chosen one by one."""

    def answer_(graph: Asked, understood: Understood, /) -> Answer:
        def one(drug: Named | None, thing: Thing | None) -> Answer:
            return tabled(graph, understood, find(graph, Wanted(understood.form, drug, thing, understood.without)))

        return combined.each(understood, one)

    return answer_


FUNCTIONS: Mapping[str, Answerer] = MappingProxyType(
    {
        "alike": _alike,
        "alternatives": _alternatives,
        "alternatives_avoiding": _alternatives,
        "belief": _told(told.belief),
        "boxed_warnings": _told(told.boxed),
        "care": _care,
        "cautions": _cautions,
        "class_pattern": _class_pattern,
        "compare": _compare,
        "contradictions": _contradictions,
        "denied": _told(told.denied),
        "derived": _told(told.derived),
        "drugs_causing": _drugs_by_query,
        "drugs_for": _drugs_by_query,
        "drugs_for_without": _told(told.drugs_for_without),
        "drugs_needing_care": _drugs_needing_care,
        "explain": _explain,
        "fit": _fit,
        "interactions_among": _interactions_among,
        "shared_risks": _shared_risks,
    }
)
"""The answerer of each form that is not answered by its question alone."""
