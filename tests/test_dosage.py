"""Doses in directions: amounts of pieces and spoons, who they are for, which of them is the most."""

from __future__ import annotations

from pathlib import Path

import pytest

from kg import extraction
from kg.records import Reading

ABOVE = "# Cetirizine\n\n## Directions\n\n"
GROWN = "adults and children 12 years and over"

CASES: dict[str, list[tuple[str, dict[str, str]]]] = {
    "Adults: take 2 caplets every 6 hours.": [("2 caplets every 6 hours", {"population": "adults"})],
    "Take one tablet daily.": [("one tablet daily", {"frequency": "daily"})],
    "Children 6 to 11 years: take ½ tablet twice a day.": [("½ tablet twice a day", {"frequency": "twice a day"})],
    "Take 2 tablets (10 mg) once daily.": [("2 tablets (10 mg) once daily", {"dose": "2 tablets (10 mg)"})],
    "Take 2 teaspoonfuls (10 mL) every 4 hours.": [
        ("2 teaspoonfuls (10 mL) every 4 hours", {"dose": "2 teaspoonfuls (10 mL)"})
    ],
    # what may not be exceeded, and what is only behind such words
    f"do not take more than directed {GROWN} take 1 softgel every 8 hours do not take more than 3 softgels a day": [
        ("1 softgel every 8 hours", {"population": GROWN}),
        ("3 softgels a day", {"population": GROWN, "stage": "maximum"}),
    ],
    "Do not give more than 4 lozenges a day.": [("4 lozenges a day", {"stage": "maximum"})],
    "Take 1 tablet after the first loose stool.": [("1 tablet", {})],
    "The first dose is 1 tablet.": [("1 tablet", {"stage": "initial"})],
    # whom an amount is for: named right behind it, or last before it
    "Take 1 tablet daily in older adults.": [("1 tablet daily", {"population": "older adults"})],
    "Adults: 2 tablets daily. Children: 1 tablet daily.": [
        ("2 tablets daily", {"population": "adults"}),
        ("1 tablet daily", {"population": "children"}),
    ],
    "Adults, including the elderly: take 5 mg once daily.": [("5 mg once daily", {"population": "adults"})],
    # no doses: a strength, a cup, and what is felt is not what a dose is for
    "Each tablet contains 10 mg of cetirizine.": [],
    "Swallow it with two cups of water.": [],
    "Use no more than one lozenge at a time, as that may cause heartburn, hiccups and nausea.": [
        ("one lozenge", {"stage": "maximum"})
    ],
}


@pytest.mark.parametrize(("below", "expected"), CASES.items())
def test_doses_in_directions(below: str, expected: list[tuple[str, dict[str, str]]], tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(ABOVE + below + "\n", encoding="utf-8")
    (reading,) = extraction.extract_files([page])
    assert isinstance(reading, Reading)
    said = [s for s in reading.statements if s.kind == "dosage"]
    assert [s.evidence.object_text for s in said] == [words for words, _ in expected]
    for statement, (_, qualifiers) in zip(said, expected, strict=True):
        assert qualifiers.items() <= statement.qualifiers.items()
        if "stage" not in qualifiers:
            assert statement.qualifiers.get("stage") is None
