"""Answers that are facts chosen one by one: what is denied, what follows, how sure it is, what stands in a box."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from kg.graph import terms
from kg.questions.forms import Form
from kg.questions.header import SEVERAL
from kg.questions.names import Named
from kg.questions.queried import Asked, documents_about
from kg.questions.understanding import Thing
from kg.records import Fact

Facts = tuple[tuple[Fact, ...], ...]

_DENIED, _USE = "denied", "indication"
_CARE = frozenset({"contraindication", "caution"})
_REASSURING = frozenset({"stated_safe", "no_data"})


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for: facts about a drug, a thing, both; and what is to be left out."""

    form: Form
    drug: Named | None
    thing: Thing | None
    without: tuple[Thing, ...]

    @property
    def name(self) -> str:
        """The drug and the thing in words."""
        return " and ".join(one.label for one in (self.drug, self.thing) if one is not None)


@dataclass(frozen=True, slots=True)
class Told:
    """A sentence, columns, rows, and the facts of each row."""

    summary: str
    columns: tuple[str, ...]
    cells: tuple[tuple[str, ...], ...]
    facts: Facts
    truncated: bool = False

    def rows(self) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...], Facts]:
        """Return columns, rows, and the facts behind each row."""
        return self.columns, self.cells, self.facts


def denied(graph: Asked, wanted: Wanted) -> Told:
    """Give what documents say not to be so."""
    found = [fact for fact in _facts(graph, wanted) if fact.polarity == _DENIED]
    return _listed(graph, wanted, found, "Denied")


def boxed(graph: Asked, wanted: Wanted) -> Told:
    """Give what stands under a heading of the form's name, as far as the texts are at hand."""
    heading = wanted.form.fixed["heading"]
    facts = _facts(graph, wanted)
    found = [fact for fact in facts if any(heading in (proof.heading_text or "").casefold() for proof in fact.evidence)]
    told = _listed(graph, wanted, found, f"Stated under the heading “{heading}”")
    headless = sum(proof.quote is None for fact in facts for proof in fact.evidence)
    if headless:
        unread = f" The headings of {headless} passages are not at hand: --documents FOLDER shows them."
        return Told(told.summary + unread, told.columns, told.cells, told.facts)
    return told


def derived(graph: Asked, wanted: Wanted) -> Told:
    """Give what follows from facts by rules."""
    from kg import derivation

    iri = wanted.drug.iri if wanted.drug else None
    labels = wanted.thing.labels if wanted.thing else frozenset()
    found = [one for one in derivation.read(graph.store, iri) if not labels or one.object.label in labels]
    columns = ("kind", "level", "object", "rule", "why", "documents")
    cells = tuple((d.kind, d.level or "", d.object.label, d.rule, d.why, SEVERAL.join(d.documents)) for d in found)
    facts = tuple(tuple(graph.fact(fact.iri) for fact in d.facts) for d in found)
    if not found:
        return Told(f"Nothing follows by a rule for {wanted.name}, which is neither no nor safe.", columns, (), ())
    number = _count(len(found), "conclusion")
    summary = f"By rules {number} for {wanted.name}; no document says so in these words."
    return Told(summary, columns, cells, facts)


def belief(graph: Asked, wanted: Wanted) -> Told:
    """Give how far each fact about a drug and a thing can be believed, and what makes the number."""
    from kg.agreement import belief as beliefs

    columns = ("part", "amount", "why", "documents")
    cells: list[tuple[str, ...]] = []
    facts: list[tuple[Fact, ...]] = []
    summaries: list[str] = []
    for fact in _facts(graph, wanted):
        found = beliefs.belief(fact, beliefs.context(graph, fact))
        summaries.append(found.summary)
        title = f"{fact.kind.replace('_', ' ')}, {fact.polarity}: {found.value}"
        for part in found.parts:
            cells.append((title, f"{part.amount:+}", part.why, SEVERAL.join(part.documents)))
            facts.append(part.facts)
    if not cells:
        return _listed(graph, wanted, (), "Stated")
    return Told(" ".join(summaries), columns, tuple(cells), tuple(facts))


def drugs_for_without(graph: Asked, wanted: Wanted) -> Told:
    """Give the drugs that are said to treat something, those first of which nothing that is to be left out is said.

    What is stated of a drug excludes it, with the facts; of the others it is not stated, which is not "no".
    """
    things = wanted.thing.named if wanted.thing else ()
    members = set(narrower(graph, [wanted.drug.iri])) if wanted.drug else None
    treating: dict[str, list[Fact]] = {}
    for fact in _with_objects(graph, things):
        is_wanted = members is None or fact.subject.iri in members
        if fact.kind == _USE and fact.polarity != _DENIED and is_wanted:
            treating.setdefault(fact.subject.label, []).append(fact)
    unwanted: dict[str, list[Fact]] = {}
    for fact in _with_objects(graph, [named for one in wanted.without for named in one.named]):
        if _is_unwanted(fact):
            unwanted.setdefault(fact.subject.label, []).append(fact)
    label = " or ".join(one.label for one in wanted.without)
    rows: list[tuple[tuple[str, ...], tuple[Fact, ...]]] = []
    for subject in sorted(treating, key=lambda drug: (drug in unwanted, drug.casefold())):
        against = unwanted.get(subject, [])
        shown = (*treating[subject], *against)
        part = f"{label} is {'' if against else 'not '}stated"
        said = SEVERAL.join(dict.fromkeys(f"{fact.kind.replace('_', ' ')}: {fact.object.label}" for fact in against))
        rows.append(((part, subject, said, SEVERAL.join(_documents(shown))), shown))
    left = len(treating.keys() - unwanted.keys())
    treated = wanted.thing.label if wanted.thing else ""
    summary = (
        f"{_count(len(rows), 'drug')} said to treat {treated}; of {left} of them {label} is not stated, which is "
        "neither no nor safe."
    )
    columns = ("part", "drug", "said", "documents")
    return Told(summary, columns, tuple(row for row, _ in rows), tuple(facts for _, facts in rows))


def _listed(graph: Asked, wanted: Wanted, found: Sequence[Fact], verb: str) -> Told:
    columns = ("kind", "level", "object", "polarity", "qualifiers", "documents", "fact")
    cells = tuple(
        (
            fact.kind,
            fact.level or "",
            fact.object.label,
            fact.polarity,
            SEVERAL.join(f"{key}: {value}" for key, value in sorted(fact.qualifiers.items()) if key != "level"),
            SEVERAL.join(fact.documents),
            fact.iri,
        )
        for fact in found
    )
    documents = list(documents_about(graph.store, wanted.drug))
    drug = wanted.drug.label if wanted.drug else ""
    speak = "speaks" if len(documents) == 1 else "speak"
    total = f"the {_count(len(documents), 'document')} that {speak} of {drug}"
    if not documents:
        summary = f"No document speaks of {drug}."
    elif not found:
        summary = f"Nothing of {wanted.name} is {verb[:1].lower()}{verb[1:]} in {total}."
    else:
        summary = f"{verb} of {wanted.name}: {_count(len(found), 'fact')}, in {len(_documents(found))} of {total}."
    return Told(summary, columns, cells, tuple((fact,) for fact in found))


def _facts(graph: Asked, wanted: Wanted) -> list[Fact]:
    """Give the facts about a drug, or those about a drug and a thing, with quotes where the texts are at hand."""
    from kg.agreement import sides

    things = [named.iri for named in wanted.thing.named] if wanted.thing else []
    found = sides.facts_on(graph.reader, wanted.drug.iri if wanted.drug else None, things)
    return [graph.fact(fact.iri) for fact in found]


def _is_unwanted(fact: Fact) -> bool:
    if fact.polarity == _DENIED or fact.level in _REASSURING:
        return False
    return fact.kind in _CARE or fact.kind.endswith("_effect")


def _with_objects(graph: Asked, things: Iterable[Named]) -> list[Fact]:
    """Give the facts whose object is one of some things, or narrower than it."""
    import pyoxigraph as ox

    found: dict[str, Fact] = {}
    for iri in narrower(graph, [named.iri for named in things]):
        place = ox.NamedNode(terms.DRUGS + "object")
        for quad in graph.store.quads_for_pattern(None, place, ox.NamedNode(iri), ox.DefaultGraph()):
            if isinstance(quad.subject, ox.NamedNode) and quad.subject.value.startswith(terms.FACT):
                found[quad.subject.value] = graph.fact(quad.subject.value)
    return [found[iri] for iri in sorted(found)]


def narrower(graph: Asked, iris: Iterable[str]) -> list[str]:
    """Return some IRIs, and those of all that is narrower."""
    import pyoxigraph as ox

    found = dict.fromkeys(iris)
    waiting = list(found)
    while waiting:
        node = ox.NamedNode(waiting.pop())
        broader = ox.NamedNode(terms.SKOS + "broader")
        for quad in graph.store.quads_for_pattern(None, broader, node, ox.DefaultGraph()):
            if isinstance(quad.subject, ox.NamedNode) and quad.subject.value not in found:
                found[quad.subject.value] = None
                waiting.append(quad.subject.value)
    return list(found)


def _documents(facts: Iterable[Fact]) -> list[str]:
    return sorted({name for fact in facts for name in fact.documents})


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
