"""Small graphs for questions: three pages of our own about one drug, with agreement, contradiction and denial; and
more pages about others, for questions that one drug does not answer."""

from __future__ import annotations

import functools
import itertools
from dataclasses import replace

from kg import assembly, derivation, evidence
from kg.agreement import copies
from kg.api import Graph
from kg.derivation import encode as conclusions
from kg.graph import encode
from kg.graph import store as stores
from kg.questions import header
from kg.records import Document, Statement
from tests import made
from tests.made import Said

PAGES: dict[str, tuple[Said, ...]] = {
    "alpha.md": (
        ("brand_name", "Klonopin", {}, "affirmed"),
        ("drug_class", "benzodiazepine", {}, "affirmed"),
        ("mechanism", "GABA-A receptor", {}, "affirmed"),
        ("pharmacologic_effect", "anxiolytic", {}, "affirmed"),
        ("indication", "panic disorder", {"approval": "labelled"}, "affirmed"),
        ("indication", "insomnia", {"approval": "off_label"}, "affirmed"),
        ("contraindication", "angle-closure glaucoma", {}, "affirmed"),
        ("contraindication", "liver disease", {"severity": "severe"}, "affirmed"),
        ("caution", "driving", {"level": "avoid"}, "affirmed"),
        ("caution", "depression", {"level": "monitor"}, "affirmed"),
        ("caution", "children", {"level": "no_data"}, "affirmed"),
        ("interaction", "alcohol", {"level": "avoid", "effect": "sedation"}, "affirmed"),
        ("interaction", "opioid", {}, "affirmed"),
        ("adverse_effect", "drowsiness", {"frequency": "common"}, "affirmed"),
        ("adverse_effect", "respiratory depression", {"with": "opioid", "severity": "serious"}, "affirmed"),
        ("adverse_effect", "weight gain", {}, "denied"),
        ("withdrawal_effect", "seizure", {}, "affirmed"),
        ("advice", "taper gradually", {"topic": "stopping"}, "affirmed"),
        ("advice", "keep it in a blue box", {"topic": "storage"}, "affirmed"),
        ("pregnancy_category", "d", {"authority": "FDA"}, "affirmed"),
        ("dosage", "panic disorder", {"stage": "initial", "dose": "0.25 mg", "frequency": "twice daily"}, "affirmed"),
        ("dosage", "panic disorder", {"stage": "maximum", "dose": "4 mg"}, "affirmed"),
        ("pharmacokinetics", "long half-life", {}, "affirmed"),
        ("alternative", "buspirone", {}, "affirmed"),
    ),
    "beta.md": (
        ("contraindication", "angle-closure glaucoma", {}, "affirmed"),
        ("caution", "liver disease", {"level": "adjust_dose"}, "affirmed"),
        ("caution", "pregnancy", {"level": "not_recommended"}, "affirmed"),
        ("caution", "breastfeeding", {"level": "stated_safe"}, "affirmed"),
        ("caution", "kidney disease", {"level": "caution"}, "affirmed"),
        ("caution", "asthma", {"level": "caution"}, "denied"),
        ("adverse_effect", "drowsiness", {"frequency": "common"}, "affirmed"),
        ("adverse_effect", "dizziness", {"frequency": "12 %", "population": "older adults"}, "affirmed"),
        ("indication", "panic disorder", {"approval": "labelled"}, "affirmed"),
        ("indication", "anxiety", {}, "denied"),
    ),
    "gamma.md": (
        ("adverse_effect", "drowsiness", {"severity": "mild"}, "affirmed"),
        ("adverse_effect", "weight gain", {}, "affirmed"),
        ("caution", "depression", {"level": "caution"}, "affirmed"),
        ("interaction", "alcohol", {"level": "avoid", "effect": "sedation"}, "affirmed"),
    ),
}

MORE: dict[str, tuple[str, tuple[Said, ...]]] = {
    "delta.md": (
        "buspirone",
        (
            ("adverse_effect", "drowsiness", {}, "affirmed"),
            ("adverse_effect", "dizziness", {}, "denied"),
            ("indication", "panic disorder", {}, "affirmed"),
            ("indication", "insomnia", {}, "denied"),
            ("interaction", "clonazepam", {"level": "caution"}, "affirmed"),
            ("interaction", "benzodiazepine", {"level": "monitor"}, "affirmed"),
            ("contraindication", "gout", {}, "affirmed"),
            ("contraindication", "liver disease", {}, "affirmed"),
            ("mechanism", "GABA-A receptor", {}, "denied"),
        ),
    ),
    "epsilon.md": (
        "benzodiazepine",
        (
            ("caution", "pregnancy", {"level": "avoid"}, "affirmed"),
            ("adverse_effect", "dependence", {}, "affirmed"),
            ("adverse_effect", "gout", {}, "denied"),
        ),
    ),
    "zeta.md": (
        "clonazepam",
        (
            ("advice", "leave out a dose that you have missed", {"topic": "administration"}, "affirmed"),
            ("adverse_effect", "seizure", {"frequency": "rare", "severity": "serious"}, "affirmed"),
            ("adverse_effect", "nausea", {"frequency": "rare", "severity": "mild"}, "affirmed"),
            ("adverse_effect", "vomiting", {"frequency": "common", "severity": "serious"}, "affirmed"),
        ),
    ),
}
"""More pages, each with what it is about."""

RULE = header.question("facts_by_rule").parameters[0].example
"""The rule that found what one of the pages says."""


@functools.cache
def graph() -> Graph:
    """Build the graph of the three pages, once."""
    return _graph([made.page(name, said) for name, said in PAGES.items()])


@functools.cache
def wider() -> Graph:
    """Build the graph of all pages, once."""
    pages = [made.page(name, said) for name, said in PAGES.items()]
    for name, (subject, said) in MORE.items():
        document, statements = made.page(name, said)
        about = made.entity_of(subject)
        statements = [replace(statement, subject=about) for statement in statements]
        if name == "zeta.md":
            statements = [replace(s, evidence=replace(s.evidence, rule=RULE)) for s in statements]
        pages.append((document, statements))
    return _graph(pages)


@functools.cache
def concluded() -> Graph:
    """Build the graph of the three pages with what follows from them, once."""
    return _graph([made.page(name, said) for name, said in PAGES.items()], concludes=True)


def _graph(pages: list[tuple[Document, list[Statement]]], *, concludes: bool = False) -> Graph:
    documents = [document for document, _ in pages]
    facts = assembly.assemble([statement for _, statements in pages for statement in statements])
    sources = copies.described(documents, facts)
    derived = conclusions.quads(derivation.derive(facts)) if concludes else ()
    store = stores.from_quads(itertools.chain(encode.quads(facts, sources), derived))
    return Graph(store, evidence.texts_of(sources, documents), sources)
