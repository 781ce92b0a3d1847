"""What headings announce that no table has: told where it is likely, left alone where it is not."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from kg.errors import OntologyError
from kg.extraction import extractor, headings
from kg.extraction.sections import SectionTable
from kg.reading import make_document

TOLD = (
    ("Nuisances to put up with", "adverse_effects"),
    ("What people may notice", "adverse_effects"),
    ("More than 10 in 100 people", "adverse_effects"),
    ("The team should know about", "warnings"),
    ("Does not go together with", "interactions"),
    ("Not to be given in", "contraindications"),
    ("What is it good for?", "indications"),
)
LEFT = (
    "Opening hours",
    "The Harbour Street Surgery",
    "Ferrovex",
    "A short history",
    "Can I drive?",
    "Long-term use",
    "",
)


@pytest.mark.parametrize(("heading", "section"), TOLD)
def test_tells_what_a_heading_announces(heading: str, section: str) -> None:
    assert headings.announced(heading) == {section}


@pytest.mark.parametrize("heading", LEFT)
def test_leaves_alone_what_announces_nothing(heading: str) -> None:
    assert headings.announced(heading) == frozenset()


def _said(text: str) -> set[str]:
    found = extractor().extract(make_document("page.md", text, "markdown"))
    return {f"{statement.kind}: {statement.object.label}" for statement in found}


def test_a_list_below_such_a_heading_is_read() -> None:
    assert _said("# Sertraline\n\n## The team should know about\n\n- asthma\n") == {"caution: asthma"}


def test_a_page_s_title_and_what_stands_in_a_known_section_announce_nothing_so() -> None:
    assert _said("# What people may notice\n\n- asthma\n\nSertraline is old.\n") == set()
    below = "# Sertraline\n\n## Overdose\n\n### What people may notice\n\n- nausea\n"
    assert _said(below) == set()


def test_headings_below_a_coded_one_are_left_to_their_code() -> None:
    table = SectionTable(extractor().tables)
    assert table.likely("What people may notice") == {"adverse_effects"}
    assert table.below().likely("What people may notice") == frozenset()


@pytest.mark.parametrize(
    "content", [b"no zip", gzip.compress(b"{}", mtime=0), gzip.compress(json.dumps({"format": 0}).encode(), mtime=0)]
)
def test_what_is_no_model_is_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "headings.json.gz"
    path.write_bytes(content)
    with pytest.raises(OntologyError, match="headings"):
        headings.load(path)


def test_the_same_model_is_the_same_bytes() -> None:
    path = Path(headings.__file__).parents[2] / "ontology" / "models" / "headings" / "headings.json.gz"
    provenance = json.loads(gzip.decompress(path.read_bytes()))["provenance"]
    assert headings.encode(headings.load(), provenance) == path.read_bytes()
