"""The tables of `ontology/phrases`: what each must accept and must refuse stands in the table itself."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from kg import resources
from kg.errors import OntologyError
from kg.extraction import extractor, phrases
from kg.reading import make_document
from kg.records import Statement

TABLES = [path for path in resources.files("ontology", "phrases/*.toml") if phrases.read_examples(path)["accept"]]
BROKEN = {
    "not TOML": ("kind = ", "not TOML"),
    "no id": ('kind = "caution"\n[[rule]]\ncue = "a"\n', "a rule needs an id and a cue"),
    "misspelt key of a table": (
        'kind = "caution"\nnot_source = ["label"]\n[[rule]]\nid = "a"\ncue = "a"\n',
        "unknown key 'not_source'",
    ),
    "misspelt key": ('kind = "caution"\n[[rule]]\nid = "a"\ncue = "a"\nobject = "after"\n', "unknown key 'object'"),
    "wrong place": ('kind = "caution"\n[[rule]]\nid = "a"\ncue = "a"\nobjects = "behind"\n', "objects = 'behind'"),
    "bad pattern": ('kind = "caution"\n[[rule]]\nid = "a"\ncue = "(a"\n', "does not compile"),
    "look-behind": ('kind = "caution"\n[[rule]]\nid = "a"\ncue = "(?<!a+)b"\n', "does not compile"),
    "unknown macro": ('kind = "caution"\n[[rule]]\nid = "a"\ncue = "<nothing> a"\n', "no macro <nothing>"),
}


def said(statement: Statement) -> set[str]:
    """Give the ways in which an example may write a statement: kind, object, some qualifiers, polarity."""
    denied = " DENIED" if statement.polarity == "denied" else ""
    words = {statement.object.label, statement.evidence.object_text, statement.evidence.object_text.lower()}
    single = {f" {key}={value}" for key, value in statement.qualifiers.items()}
    pairs = {a + b for a in single for b in single if a != b}
    return {f"{statement.kind}: {word}{tail}{denied}" for word in words for tail in {"", *single, *pairs}}


def examples(edge: str) -> Iterator[object]:
    """List the examples of one edge of all tables."""
    for path in TABLES:
        for example in phrases.read_examples(path)[edge]:
            yield pytest.param(example["text"], example["says"], id=f"{path.stem}: {example['text'][:40]}")


def drug_in(text: str) -> str | None:
    """Name a drug for sentences that say only "it"."""
    names = extractor().lexicon.find(text)
    return None if any(c.types & {"Drug", "Brand"} for hit in names for c in hit.concepts) else "modanol"


@pytest.mark.parametrize(("text", "says"), list(examples("accept")))
def test_accepts(text: str, says: list[str]) -> None:
    statements = extractor().extract(make_document("example.txt", text), drug_in(text))
    found = set().union(*(said(s) for s in statements), set())
    assert set(says) <= found


@pytest.mark.parametrize(("text", "says"), list(examples("refuse")))
def test_refuses(text: str, says: list[str]) -> None:
    statements = extractor().extract(make_document("example.txt", text), drug_in(text))
    found = set().union(*(said(s) for s in statements), set())
    assert not set(says) & found


def test_every_kind_has_both_edges() -> None:
    tables = {path.stem for path in resources.files("ontology", "phrases/*.toml")} - {
        Path(name).stem for name in phrases.SPECIAL
    }
    both = {p.stem for p in TABLES if phrases.read_examples(p)["refuse"]}
    assert both >= tables


@pytest.mark.parametrize(("content", "problem"), list(BROKEN.values()), ids=list(BROKEN))
def test_broken_tables_are_refused(tmp_path: Path, content: str, problem: str) -> None:
    for path in resources.files("ontology", "phrases/*.toml"):
        if path.name in phrases.SPECIAL:
            (tmp_path / path.name).write_bytes(path.read_bytes())
    (tmp_path / "caution.toml").write_text(content, encoding="utf-8")
    with pytest.raises(OntologyError, match=r"caution\.toml") as caught:
        phrases.load(tmp_path)
    assert problem in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("a sore wrist and 2) chills", ["a sore wrist", "chills"]),
        ("a sore hand 2) chills", ["a sore hand", "chills"]),  # its last letters join nothing
        ("vitamin b 12 deficiency", ["vitamin b 12 deficiency"]),
    ],
)
def test_numbers_part_findings(text: str, parts: list[str]) -> None:
    assert re.split(phrases.load().words["finding_separator"].pattern, text) == parts


@pytest.mark.parametrize(
    ("text", "is_noise"),
    [("call +1 800 555 01 99", True), ("in brackets (800 555 01 99)", False), ("from 10 to 20 mg", False)],
)
def test_telephone_numbers_are_noise(text: str, is_noise: bool) -> None:
    assert bool(phrases.load().words["noise"].search(text)) is is_noise


def test_what_a_table_says_at_its_head_holds_for_its_rules() -> None:
    prose = [rule for rule in phrases.load().rules if rule.name.startswith("indication_in_prose/")]
    assert prose
    assert all("label" in rule.not_sources for rule in prose)


def test_no_word_or_macro_is_left_that_nothing_reads() -> None:
    root = Path(__file__).resolve().parents[1]
    code = "".join(path.read_text("utf-8") for path in sorted((root / "kg").rglob("*.py")))
    tables = "".join(path.read_text("utf-8") for path in resources.files("ontology", "phrases/*.toml"))
    macros = tomllib.loads((resources.folder("ontology") / "phrases" / "macros.toml").read_text("utf-8"))["macro"]
    words = phrases.load().words
    assert words
    assert macros
    assert [name for name in words if f'"{name}"' not in code] == []
    assert [name for name in macros if f"<{name}>" not in tables] == []
