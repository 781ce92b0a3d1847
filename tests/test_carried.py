"""Levels that stand behind a heading go back to the drug named again, and to no other."""

from __future__ import annotations

from pathlib import Path

import pytest

from kg import extraction
from kg.records import Reading

ABOVE = "# Sertraline\n\n## Interactions\n\nStrong CYP3A4 inducers may lower the level of sertraline.\n\n"

CASES = {
    "### Management\n\nAvoid use with strong CYP3A4 inducers.\n": "avoid",
    "### Management\n\nClosely monitor use with strong CYP3A4 inducers.\n": "monitor",
    "### Management\n\nNo dose adjustment is needed with strong CYP3A4 inducers.\n": None,
    "### Management\n\nAvoid use with digoxin.\n": None,
    "### Management\n\nIt is not known why.\n\nAvoid use with strong CYP3A4 inducers.\n": None,
}


@pytest.mark.parametrize(("below", "level"), CASES.items())
def test_levels_behind_a_heading(below: str, level: str | None, tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(ABOVE + below, encoding="utf-8")
    (reading,) = extraction.extract_files([page])
    assert isinstance(reading, Reading)
    said = {s.evidence.object_text: s.qualifiers.get("level") for s in reading.statements if s.kind == "interaction"}
    assert said["Strong CYP3A4 inducers"] == level
