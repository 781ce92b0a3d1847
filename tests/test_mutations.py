"""Mutants: every property of every kind of fact, of evidence, selectors and documents is spoilt, and seen by `check`.

Each mutant is a small world of its own (a document, two facts, their evidence, an invented drug) in which one triple
was dropped, retyped, misdirected, left dangling or doubled. All worlds are judged in one run; a mutant is caught when
a finding names something of its world. The untouched worlds among them must stay without findings.
"""

from __future__ import annotations

import functools
import hashlib
import itertools
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import pyoxigraph as ox
import pytest

from kg import assembly, vocabulary
from kg.agreement import copies
from kg.graph import encode, terms
from kg.graph import store as stores
from kg.reading import make_document
from kg.records import Entity, Evidence, Span, Statement
from kg.validation import Finding, Report, check
from kg.vocabulary import schema

OBJECTS = {
    "brand_name": ("Klonopin", "Valium"),
    "drug_class": ("benzodiazepine", "barbiturate"),
    "mechanism": ("GABA-A receptor", "NMDA receptor"),
    "pharmacologic_effect": ("anxiolytic effect", "sedative effect"),
    "indication": ("panic disorder", "seizure"),
    "adverse_effect": ("drowsiness", "dizziness"),
    "withdrawal_effect": ("tremor", "anxiety"),
    "contraindication": ("liver disease", "porphyria"),
    "caution": ("depression", "kidney disease"),
    "interaction": ("alcohol", "sertraline"),
    "dosage": ("panic disorder", "seizure"),
    "pharmacokinetics": ("a long stay", "a short stay"),
    "pregnancy_category": ("D", "X"),
    "alternative": ("psychotherapy", "sertraline"),
    "advice": ("a slow goodbye", "a dry place"),
}
QUALIFIERS = {
    "level": ("monitor", "avoid"),
    "severity": ("severe", "mild"),
    "frequency": ("rare", "common"),
    "frequencyFigure": ("12 %", "13 %"),
    "population": ("older adults", "children"),
    "with": ("alcohol", "sertraline"),
    "approval": ("off_label", "labelled"),
    "use": ("adjunct", "treatment"),
    "effect": ("drowsiness", "dizziness"),
    "stage": ("initial", "maximum"),
    "dose": ("0.25 mg", "0.5 mg"),
    "doseFrequency": ("twice daily", "once daily"),
    "route": ("oral", "rectal"),
    "authority": ("FDA", "TGA"),
    "topic": ("stopping", "storage"),
    "condition": ("within 14 days", "within 7 days"),
}
WHAT_NO_CHECK_CAN_SEE = {
    # A title or a kind of source is what somebody wrote; nothing in the graph or the text says otherwise.
    "document dcterms:title misdirect",
    "document drugs:sourceKind misdirect",
}
EVERY_KIND_ALIKE = ("document", "term", "selector")
"""Parts of a world that do not depend on the kind: they are spoilt for one kind only."""
OPERATIONS = ("drop", "retype", "misdirect", "dangle", "double")
LENGTH = 80
FIRST = "w00000.txt"
Triple = tuple[ox.NamedNode, ox.NamedNode, ox.NamedNode | ox.Literal]


@dataclass(frozen=True)
class Mutant:
    """One spoilt triple: where it stands, what was done to it, and what stands there now."""

    kind: str
    part: str
    operation: str
    triple: Triple | None
    instead: Triple | None

    @property
    def name(self) -> str:
        """What was done, without the kind."""
        prefix = {iri: name for name, iri in terms.PREFIXES.items()}
        spoilt = self.triple or self.instead
        iri = spoilt[1].value if spoilt else ""
        cut = max(iri.rfind("#"), iri.rfind("/")) + 1
        return f"{self.part} {prefix.get(iri[:cut], '')}:{iri[cut:]} {self.operation}"


@dataclass(frozen=True)
class World:
    """A document, its text, and what the graph says about it."""

    name: str
    text: str
    triples: tuple[Triple, ...]
    about: tuple[Triple, ...]


Judged = tuple[list[tuple[str, Mutant]], set[str], dict[str, World], Report]


def world(number: int, kind: str) -> World:
    """Make a world: two facts of one kind about an invented drug, each with its own evidence in one document."""
    name, drug = f"w{number:05d}.txt", Entity(f"inventine {number:05d}")
    first, second = (_numbered(word, kind, number) for word in OBJECTS[kind])
    lines = [
        f"Heading {number:05d}",
        f"{drug.label} and {first} are in one line.",
        f"{drug.label} and {second} in another.",
    ]
    text = "\n\n".join(line.ljust(LENGTH, ".") for line in lines)
    document = make_document(name, text)
    statements = [
        _statement(document.name, text, kind, drug, word, place) for place, word in enumerate((first, second))
    ]
    facts = assembly.assemble(statements)
    sources = copies.described([document], facts)
    triples = tuple(dict.fromkeys(encode.statements(facts, name)))
    return World(name, text, triples, tuple(encode.sources(sources)))


def _numbered(word: str, kind: str, number: int) -> str:
    """Give words that the vocabulary lacks the number of the world, so that no two worlds share a term."""
    listed = schema.load().kind(kind).listed_objects
    return word if listed or vocabulary.load().find(word) else f"{word} inventine {number:05d}"


def _statement(name: str, text: str, kind: str, drug: Entity, word: str, place: int) -> Statement:
    start = (LENGTH + 2) * (place + 1)
    at = text.index(word, start)
    quote = text[start : start + LENGTH]
    proof = Evidence(
        document=name,
        span=Span(start, start + LENGTH),
        quote_sha256=hashlib.sha256(quote.encode()).hexdigest(),
        object_span=Span(at, at + len(word)),
        object_text=word,
        rule=f"{kind}/invented",
        heading=Span(0, 13),
    )
    known = vocabulary.load()
    qualifiers = {}
    for qualifier in schema.load().kind(kind).qualifiers:
        local = qualifier.iri.removeprefix(terms.DRUGS)
        if local != "frequencyFigure" or place:  # a statement has one word for how often: a band, or a figure
            qualifiers[qualifier.name] = QUALIFIERS[local][0]
    listed = schema.load().kind(kind).listed_objects
    concept = None if listed else known.find(word)
    return Statement(kind, drug, Entity(word, concept.iri if concept else None), proof, qualifiers=qualifiers)


def mutants(original: World, kind: str) -> Iterator[Mutant]:
    """Spoil every triple of the first fact, its evidence and selectors, its edge, its terms and its document."""
    figures = {s.value for s, p, _ in original.triples if p.value == terms.DRUGS + "frequencyFigure"}
    objects = {s.value: o.value for s, p, o in original.triples if p.value == terms.DRUGS + "object"}
    facts = sorted(_facts(original), key=lambda fact: (fact in figures, objects[fact]))  # the same in every world
    for place, fact in enumerate(facts):
        mine = _reached(original, fact)
        for triple in (*original.triples, *original.about):
            edge = triple[1].value in _edges()
            part = "short edge" if edge else _part(triple[0])
            skipped = (part in EVERY_KIND_ALIKE and kind != "caution") or (
                place and not triple[1].value.endswith("frequencyFigure")
            )
            if not skipped and (edge or triple[0].value in mine):
                for operation, instead in _spoil(original, triple):
                    yield Mutant(kind, part, operation, None if operation == "double" else triple, instead)


def _reached(original: World, fact: str) -> set[str]:
    """The nodes that a fact is made of: itself, its evidence, selectors, terms, and the document."""
    found, waiting = set(), [fact]
    own = {t[0].value for t in (*original.triples, *original.about)} - {f for f in _facts(original) if f != fact}
    while waiting:
        node = waiting.pop()
        found.add(node)
        for s, p, o in original.triples:
            if s.value == node and isinstance(o, ox.NamedNode) and o.value in own - found and p.value not in _edges():
                waiting.append(o.value)
    return found


def _facts(original: World) -> set[str]:
    return {s.value for s, p, _ in original.triples if p.value == terms.DRUGS + "evidence"}


@functools.cache
def _edges() -> set[str]:
    kinds = schema.load().kinds.values()
    return {edge for kind in kinds for edge in (kind.short_edge, kind.off_label_short_edge) if edge}


def _part(node: ox.NamedNode) -> str:
    if "#char=" in node.value:
        return "selector"
    return node.value.removeprefix(terms.BASE).split("/", 1)[0]


def _spoil(original: World, triple: Triple) -> Iterator[tuple[str, Triple | None]]:
    subject, predicate, value = triple
    yield "drop", None
    if isinstance(value, ox.Literal):
        yield "retype", (subject, predicate, _retyped(value))
        other: ox.NamedNode | ox.Literal = _other_literal(value, predicate)
    else:
        is_type = predicate.value == terms.RDF_TYPE
        yield "retype", (subject, predicate, _other_class(value) if is_type else ox.Literal(value.value))
        yield "dangle", (subject, predicate, ox.NamedNode(value.value + "-nowhere"))
        other = _other_node(original, triple)
    if (subject, predicate, other) not in (*original.triples, *original.about):
        if predicate.value != terms.RDF_TYPE:
            yield "misdirect", (subject, predicate, other)
        yield "double", (subject, predicate, other)


def _retyped(value: ox.Literal) -> ox.Literal:
    if value.language or "Integer" in value.datatype.value:
        return ox.Literal(value.value)
    return ox.Literal(value.value, language="en")


def _other_literal(value: ox.Literal, predicate: ox.NamedNode) -> ox.Literal:
    local = predicate.value.removeprefix(terms.DRUGS)
    if "nteger" in value.datatype.value:
        return ox.Literal(str(int(value.value) + 1), datatype=value.datatype)
    if re.fullmatch(r"[0-9a-f]{64}", value.value):
        return ox.Literal(hashlib.sha256(value.value.encode()).hexdigest())
    words = QUALIFIERS[local][1] if local in QUALIFIERS else value.value[1:] + "x"
    return ox.Literal(words, language=value.language) if value.language else ox.Literal(words)


def _other_class(value: ox.NamedNode) -> ox.NamedNode:
    return ox.NamedNode(terms.DRUGS + ("Advice" if not value.value.endswith("Advice") else "Caution"))


def _other_node(original: World, triple: Triple) -> ox.NamedNode:
    """Return another node of the same sort: a value of the same list, a concept of the same type, a sibling."""
    _, predicate, value = triple
    if predicate.value == terms.RDF_TYPE:
        return _other_class(value) if isinstance(value, ox.NamedNode) else ox.NamedNode(terms.DRUGS + "Advice")
    assert isinstance(value, ox.NamedNode)
    language, known = schema.load(), vocabulary.load()
    local = predicate.value.removeprefix(terms.DRUGS)
    if value.value in language.values:
        stem = value.value.rsplit("/", 1)[0]
        return next(
            ox.NamedNode(iri) for iri in sorted(language.values) if iri.rsplit("/", 1)[0] == stem and iri != value.value
        )
    if local in QUALIFIERS:
        concept = known.find(QUALIFIERS[local][1])
        assert concept is not None
        return ox.NamedNode(concept.iri)
    same = {o for _, p, o in original.triples if p == predicate and o != value and isinstance(o, ox.NamedNode)}
    if same:
        return min(same, key=lambda node: node.value)
    if value.value.startswith(terms.DOCUMENT) and "#" not in value.value:
        return ox.NamedNode(terms.document(FIRST))
    return ox.NamedNode(terms.CONCEPT + "clonazepam")


@pytest.fixture(scope="module")
def judged() -> Judged:
    """Make all worlds, spoil each but some, and judge them in one run."""
    plain = [world(number, kind) for number, kind in enumerate(OBJECTS)]
    worlds = {w.name: w for w in plain}
    quads = [quad for w in plain for quad in _quads(w, None)]
    spoilt: list[tuple[str, Mutant]] = []
    for original, kind in zip(plain, OBJECTS, strict=True):
        for index in range(sum(1 for _ in mutants(original, kind))):
            made = world(len(worlds), kind)
            mutant = next(itertools.islice(mutants(made, kind), index, None))
            worlds[made.name] = made
            spoilt.append((made.name, mutant))
            quads += _quads(made, mutant)
    report = check(stores.from_quads(quads), {w.name: w.text for w in worlds.values()})
    return spoilt, {w.name for w in plain}, worlds, report


def _quads(made: World, mutant: Mutant | None) -> Iterator[ox.Quad]:
    for triples, graph in ((made.triples, terms.graph(made.name)), (made.about, encode.DOCUMENTS.value)):
        name = ox.NamedNode(graph)
        touched = mutant is not None and (mutant.triple or mutant.instead) is not None
        for triple in triples:
            if not touched or mutant is None or triple != mutant.triple:
                yield ox.Quad(*triple, name)
        if mutant is not None and mutant.instead is not None:
            near = mutant.triple in triples if mutant.triple else any(t[0] == mutant.instead[0] for t in triples)
            if near:
                yield ox.Quad(*mutant.instead, name)


def _blamed(findings: tuple[Finding, ...], worlds: dict[str, World]) -> set[str]:
    """Name the worlds that findings are about."""
    owner = {
        s.value: w.name
        for w in worlds.values()
        for s, _, _ in (*w.triples, *w.about)
        if not s.value.startswith(terms.CONCEPT)
    }
    blamed = set()
    for finding in findings:
        text = " ".join((finding.where, finding.document, finding.fact, finding.value))
        blamed |= {f"w{number}.txt" for number in re.findall(r"(?:w|inventine[ -])([0-9]{5})", text)}
        blamed |= {owner[word] for word in text.split() if word in owner}
    return blamed


def test_untouched_worlds_have_no_findings(
    judged: Judged,
) -> None:
    _, plain, _, report = judged
    # Where a spoilt world points to the first one, that is named too, but never alone.
    assert [f for f in report.findings if f.document in plain and f.document != FIRST] == []
    assert [f for f in report.findings if f.where in {terms.document(name) for name in plain}] == []


def test_every_fact_is_looked_at(judged: Judged) -> None:
    report = judged[3]
    assert report.fact_nodes == report.focus_nodes > 0


def test_mutants_are_caught(judged: Judged) -> None:
    spoilt, _, worlds, report = judged
    blamed = _blamed(report.findings, worlds)
    survivors = Counter(f"{mutant.kind}: {mutant.name}" for name, mutant in spoilt if name not in blamed)
    total = len(spoilt)
    caught = total - survivors.total()
    by_operation = Counter(mutant.operation for _, mutant in spoilt)
    alive = Counter(mutant.operation for name, mutant in spoilt if name not in blamed)
    table = [f"{'operation':<12}{'mutants':>8}{'caught':>8}"]
    table += [f"{o:<12}{by_operation[o]:>8}{by_operation[o] - alive[o]:>8}" for o in OPERATIONS]
    table += [
        f"{'all':<12}{total:>8}{caught:>8}  {caught / total:.1%}",
        "survivors:",
        *(f"  {s}" for s in sorted(survivors)),
    ]
    print("\n" + "\n".join(table))  # noqa: T201 - shown by `pytest -s`, and by any failure below
    assert set(by_operation) == set(OPERATIONS)
    assert {mutant.kind for _, mutant in spoilt} == set(schema.load().kinds)
    assert caught >= 0.95 * total, "\n".join(table)
    unknown = {s for s in survivors if s.split(": ", 1)[1] not in WHAT_NO_CHECK_CAN_SEE}
    assert unknown == set(), "\n".join(table)
