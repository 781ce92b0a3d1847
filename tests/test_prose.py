"""The fallback for prose: what it reads that no rule does, and what it must leave alone."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from pathlib import Path

import pytest

from kg.errors import OntologyError
from kg.extraction import extractor, prose
from kg.extraction.prose import guards
from kg.extraction.tagging.forest import Forest
from kg.reading import make_document


def made(text: str, source: str = "web page") -> set[str]:
    """Return what the model alone makes of a page."""
    page = replace(make_document("page.md", text + "\n", "markdown"), source_kind=source)
    found = [s for s in extractor().extract(page) if s.evidence.rule == prose.NAME]
    for statement in found:
        evidence = statement.evidence
        assert evidence.span.of(page.text) == evidence.quote
        assert evidence.span.contains(evidence.object_span)
        assert statement.polarity == "affirmed"
    return {f"{s.kind}: {s.object.label}" for s in found}


READ = [
    ("# Warfarin\n\nAspirin swallowed on top of warfarin spells trouble.", "interaction: aspirin"),
    ("# Warfarin\n\nMind how much cranberry juice gets drunk alongside warfarin.", "interaction: cranberry juice"),
    ("# Amiodarone\n\nAmiodarone plus simvastatin: myopathy.", "interaction: simvastatin"),
    ("# Amiodarone\n\nAmiodarone plus simvastatin: myopathy.", "adverse_effect: myopathy"),
]
LEFT = [
    "# Warfarin\n\nCranberry juice can be drunk alongside warfarin.",
    "# Warfarin\n\nCranberry juice drunk alongside warfarin is not known to spell trouble.",
    "# Warfarin\n\nNo amount of cranberry juice drunk alongside warfarin spells trouble.",
    "# Warfarin\n\nIt is safe to swallow aspirin on top of warfarin.",
    "# Amiodarone\n\nAmiodarone plus simvastatin: never myopathy.",
    "# Amiodarone\n\n## If too much is taken\n\nAmiodarone plus simvastatin: myopathy.",
    "# Warfarin\n\nDoes aspirin swallowed on top of warfarin spell trouble?",
    "# Warfarin\n\nMedicines swallowed on top of warfarin spell trouble.",
]


@pytest.mark.parametrize(("text", "says"), READ)
def test_reads_what_no_rule_has_read(text: str, says: str) -> None:
    assert says in made(text)


@pytest.mark.parametrize("text", LEFT)
def test_leaves_alone_what_is_denied_cleared_or_asked(text: str) -> None:
    assert made(text) == set()


@pytest.mark.parametrize(("text", "_says"), READ)
def test_labels_are_left_to_their_own_models(text: str, _says: str) -> None:
    assert made(text, "label") == set()


def test_labels_that_are_plain_text_are_left_to_them_too() -> None:
    text, says = READ[0]
    assert says in made(f"{text}\n\n## Adverse reactions\n\nRash.")
    assert made(f"{text}\n\n## ADVERSE REACTIONS\n\nRash.") == set()


def test_what_a_rule_has_read_is_not_read_again() -> None:
    page = make_document("page.md", "# Naproxen\n\nNaproxen may cause heartburn and a rash.\n", "markdown")
    assert {s.evidence.rule == prose.NAME for s in extractor().extract(page)} == {False}


def test_rules_alone_can_be_had() -> None:
    assert type(extractor())(taggers=()).fallback is None


def test_each_kind_was_adopted_with_a_threshold_and_the_model_says_what_it_was_made_of() -> None:
    model = prose.load()
    assert set(model.parts) <= set(prose.TYPES)
    assert all(0.25 < part.threshold < 1 for part in model.parts.values())
    place = Path(prose.__file__).parents[3] / "ontology" / "models" / "prose" / "prose.json.gz"
    said = json.loads(gzip.decompress(place.read_bytes()))["provenance"]
    assert said["documents"].keys().isdisjoint({"held_out", "other_kinds_held_out"})
    assert prose.decode(prose.encode(model, said), "here") == model
    assert prose.encode(model, said) == place.read_bytes()


def test_a_level_is_that_of_the_nearest_wording() -> None:
    page = make_document("page.md", "# Codeine\n\nAsthma and codeine are a poor match.\n", "markdown")
    _, found, subjects = extractor().laid(page)
    item = found[-1]
    mention = next(m for m in item.sentence.mentions if "Condition" in m.types)
    reading = prose.candidate(item, mention, "caution")
    near = {"cue:caution/monitor:b": 0.9, "cue:caution/avoid:a": 0.4, "cue:caution/stated_safe:a": 1.0}
    assert prose.graded(reading, near).rule.qualifiers == {"level": "monitor"}
    assert prose.graded(reading, {"cue:caution:b": 1.0}).rule.qualifiers == {"level": "caution"}
    assert not subjects.is_main(mention)


@pytest.mark.parametrize(
    ("words", "denies"),
    [
        ("does not push it up", True),
        ("it doesn't", True),
        ("is not known to", True),
        ("without notice", False),
        ("nothing but knots", False),
    ],
)
def test_words_that_deny(words: str, denies: bool) -> None:
    assert bool(guards.load().words["denied"].search(words)) is denies


@pytest.mark.parametrize("content", [b"", gzip.compress(b"{}", mtime=0), gzip.compress(b'{"format": 0}', mtime=0)])
def test_what_is_no_model_is_refused(content: bytes, tmp_path: Path) -> None:
    place = tmp_path / "prose.json.gz"
    place.write_bytes(content)
    with pytest.raises(OntologyError, match="train"):
        prose.load(place)
    with pytest.raises(OntologyError, match="cannot be read"):
        prose.load(tmp_path / "none.json.gz")


def test_a_model_without_kinds_adds_nothing() -> None:
    page = make_document("page.md", READ[0][0] + "\n", "markdown")
    _, found, subjects = extractor().laid(page)
    none = prose.Model((), {}, {})
    assert prose.applied(found, subjects, extractor().cues, none) == found
    sure = prose.Model((), {}, {"interaction": prose.Part(Forest([0], [-1], [0.0], [0], [0], [9.0], 0), 0.5)})
    more = prose.applied(found, subjects, extractor().cues, sure)
    assert sum(len(item.candidates) for item in more) > sum(len(item.candidates) for item in found)
