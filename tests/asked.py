"""A small graph for questions: three pages of our own about one drug, with agreement, contradiction and denial."""

from __future__ import annotations

import functools

from kg import assembly, evidence
from kg.agreement import copies
from kg.api import Graph
from kg.graph import encode
from kg.graph import store as stores
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


@functools.cache
def graph() -> Graph:
    """Build the graph of the three pages, once."""
    pages = [made.page(name, said) for name, said in PAGES.items()]
    documents = [document for document, _ in pages]
    facts = assembly.assemble([statement for _, statements in pages for statement in statements])
    sources = copies.described(documents, facts)
    return Graph(stores.from_quads(encode.quads(facts, sources)), evidence.texts_of(sources, documents), sources)
