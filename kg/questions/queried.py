"""Answers that a question of `queries/questions` gives: its rows, the facts of each row, and how many documents."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from kg.graph import terms
from kg.questions import header, run
from kg.questions.answer import BOTH, DENIED, NOT_STATED, RELATED, STATED, Answer
from kg.questions.names import Named, Names
from kg.questions.run import Rows
from kg.records import Fact

if TYPE_CHECKING:
    from kg.agreement.copies import Copies
    from kg.evidence import Texts
    from kg.graph.decode import Reader
    from kg.graph.encode import Source
    from kg.graph.readable import Readable
    from kg.network.view import View
    from kg.questions.remembered import Remembered

_RELATED = frozenset({"narrower", "wider", "stopping"})
_MILDER = {"contraindications": ("cautions", ("avoid", "not_recommended"))}
"""Questions after something strict: the one that holds what is said less strictly, and the levels meant."""


class Asked(Protocol):
    """What a graph must offer to be asked."""

    @property
    def store(self) -> Readable:
        """The store with everything in it."""

    @property
    def reader(self) -> Reader:
        """What reads facts from the store."""

    @property
    def names(self) -> Names:
        """The names in the store."""

    @property
    def remembered(self) -> Remembered | None:
        """The answers that it remembers; None where it may change."""

    @property
    def documents(self) -> tuple[Source, ...]:
        """What is known about the documents."""

    @property
    def texts(self) -> Texts:
        """The texts at hand."""

    @property
    def view(self) -> View:
        """The network; only the questions that walk it read it."""

    def copies(self) -> Copies:
        """Return which documents have the same text."""

    def fact(self, iri: str) -> Fact:
        """Return a fact by its IRI, with quotes where the texts are at hand."""


@dataclass(frozen=True, slots=True)
class About:
    """What one run of a question is about: a drug, and a thing with all that bears its name; and its words."""

    form: str
    sentence: str
    drug: Named | None = None
    thing: tuple[Named, ...] = ()


def answer(graph: Asked, question: str, about: About, fixed: Mapping[str, str]) -> Answer:
    """Run a question of the catalogue.

    A question that takes no thing is narrowed to the facts that speak of it.
    """
    asked = header.question(question)
    wanted = {parameter.name for parameter in asked.parameters}
    given = dict(fixed)
    for name in {"drug", "class"} & wanted if about.drug is not None else ():
        given[name] = about.drug.iri if about.drug is not None else ""
    takes_thing = "thing" in wanted and "thing" not in given
    rows = _rows(graph, asked, given, [named.iri for named in about.thing] if takes_thing else [])
    cache: dict[str, Fact] = {}
    facts = tuple(tuple(_facts(row, graph, cache)) for row in rows.to_dicts())
    if about.thing and not takes_thing:
        rows, facts = narrowed(rows, facts, about.thing)
    documents = tuple(documents_about(graph.store, about.drug))
    verdict = _verdict(rows)
    summary = _summary(verdict, rows, documents, about, fixed)
    if verdict == NOT_STATED and about.drug is not None and documents and question in _MILDER:
        summary = " ".join([summary, *_milder(graph, question, about.drug)])
    return Answer(
        asked="",
        form=about.form,
        understood_as=about.sentence,
        parameters=given | ({"thing": about.thing[0].label} if about.thing else {}),
        rows=rows,
        truncated=rows.truncated,
        facts=facts,
        verdict=verdict,
        summary=summary,
        stating=_stating(rows),
        documents=documents,
    )


def _rows(graph: Asked, question: header.Question, given: Mapping[str, str], things: list[str]) -> Rows:
    every = [{**given, **({"thing": thing} if thing else {})} for thing in things or [""]]
    results = [run.run(graph.store, question, v, names=graph.names, remembered=graph.remembered) for v in every]
    # what two concepts of one name have in common is said once
    return Rows(results[0].columns, tuple(dict.fromkeys(row for result in results for row in result.rows)))


def narrowed(
    rows: Rows, facts: tuple[tuple[Fact, ...], ...], thing: Iterable[Named]
) -> tuple[Rows, tuple[tuple[Fact, ...], ...]]:
    """Keep the rows whose facts, or whose cells where there are none, speak of something."""
    labels = {named.label for named in thing}
    kept = [
        (row, found)
        for row, found in zip(rows.rows, facts, strict=True)
        if any(labels & {fact.object.label, fact.subject.label, *fact.qualifiers.values()} for fact in found)
        or (not found and labels & {part.rpartition(": ")[2] for cell in row for part in cell.split(header.SEVERAL)})
    ]
    return Rows(rows.columns, tuple(row for row, _ in kept)), tuple(found for _, found in kept)


def _facts(row: Mapping[str, str], graph: Asked, cache: dict[str, Fact]) -> Iterator[Fact]:
    iris = row.get("fact") or row.get("facts") or ""
    for iri in iris.split(header.SEVERAL):
        if iri.startswith(terms.FACT):
            if iri not in cache:
                cache[iri] = graph.fact(iri)
            yield cache[iri]


def documents_about(store: Readable, drug: Named | None) -> Iterator[str]:
    """Give the names of the documents that speak of the drug, in whatever role, or of all documents."""
    from urllib.parse import unquote

    import pyoxigraph as ox

    node, union = ox.NamedNode, ox.DefaultGraph()
    if drug is None:
        found = {quad.subject for quad in store.quads_for_pattern(None, node(terms.DRUGS + "sha256"), None, union)}
    else:
        source, evidence = node(terms.OA + "hasSource"), node(terms.DRUGS + "evidence")
        found = set()
        roles = [node(terms.DRUGS + role) for role in ("subject", "object", "with")]
        about = [quad for role in roles for quad in store.quads_for_pattern(None, role, node(drug.iri), union)]
        for fact in about:
            for proof in store.quads_for_pattern(fact.subject, evidence, None, union):
                if isinstance(proof.object, ox.NamedNode):
                    quads = store.quads_for_pattern(proof.object, source, None, union)
                    found.update(quad.object for quad in quads if isinstance(quad.object, ox.NamedNode))
    yield from sorted(unquote(str(getattr(n, "value", "")).removeprefix(terms.DOCUMENT)) for n in found)


def _stating(rows: Rows) -> tuple[str, ...]:
    column = next((name for name in ("documents", "document") if name in rows.columns), None)
    cells = rows.column(column) if column else ()
    return tuple(sorted({name for cell in cells for name in cell.split(header.SEVERAL) if name}))


def _verdict(rows: Rows) -> str:
    if not len(rows):
        return NOT_STATED
    if "polarity" not in rows.columns:
        return STATED
    dicts = rows.to_dicts()
    own = [row for row in dicts if row.get("match") not in _RELATED]
    if not own:
        return RELATED
    polarities = {row["polarity"] for row in own}
    if len(polarities) > 1 and "match" in rows.columns:
        return BOTH
    return DENIED if polarities == {"denied"} else STATED


def _summary(verdict: str, rows: Rows, documents: tuple[str, ...], asked: About, fixed: Mapping[str, str]) -> str:
    """Say how many documents state it, deny it, or say nothing."""
    drug = asked.drug.label if asked.drug else ""
    about = f" that speak{'s' if len(documents) == 1 else ''} of {drug}" if drug else ""
    if not documents:
        return f"No document speaks of {drug}." if drug else "There is no document."
    total = f"the {len(documents)} documents{about}" if len(documents) > 1 else f"the one document{about}"
    if verdict == NOT_STATED:
        return f"Not stated in any of {total}." if len(documents) > 1 else f"Not stated in {total}."
    thing = asked.thing[0].label if asked.thing else fixed.get("thing", "it")
    if verdict == RELATED:
        related = f"something related is, in {len(_stating(rows))}"
        return f"Not stated of {thing} itself in any of {total}; {related}."
    if "polarity" not in rows.columns:
        return f"From {len(_stating(rows)) or len(documents)} of {total}."
    own = [row for row in rows.to_dicts() if row.get("match") not in _RELATED]
    counts = {polarity: _count(own, polarity) for polarity in ("affirmed", "denied")}
    if len(documents) == 1:
        verbs = [verb for verb, polarity in (("stated", "affirmed"), ("denied", "denied")) if counts[polarity]]
        return f"{' and '.join(verbs).capitalize()} in {total}."
    stated = f"Stated in {counts['affirmed']}" if counts["affirmed"] else ""
    denied = f"{'denied' if stated else 'Denied'} in {counts['denied']}" if counts["denied"] else ""
    return f"{', '.join(part for part in (stated, denied) if part)} of {total}."


def _milder(graph: Asked, question: str, drug: Named) -> Iterator[str]:
    """Say what is told of a drug less strictly than was asked, within which limits, and how to see it."""
    from kg.care import words

    other, levels = _MILDER[question]
    asked = header.question(other)
    rows = run.run(graph.store, asked, {"drug": drug.iri}, names=graph.names, remembered=graph.remembered).to_dicts()
    said: dict[str, dict[str, None]] = {level: {} for level in levels}
    for row in rows:
        if row["level"] in said and row["polarity"] == "affirmed":
            limits = [
                part for part in row["qualifiers"].split(header.SEVERAL) if part and not part.startswith("effect: ")
            ]
            said[row["level"]][row["object"] + (f" ({'; '.join(limits)})" if limits else "")] = None
    found = [f"{words.level(level)}: {', '.join(objects)}" for level, objects in said.items() if objects]
    if found:
        yield f"Said less strictly: {'; '.join(found)} (see what warrants caution with {drug.label})."


def _count(rows: Iterable[Mapping[str, str]], polarity: str) -> int:
    cells = (row.get("documents") or row.get("document") or "" for row in rows if row["polarity"] == polarity)
    return len({name for cell in cells for name in cell.split(header.SEVERAL) if name})
