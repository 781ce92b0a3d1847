"""What somebody is allergic to is no harm that a drug does; an allergy that it causes is one."""

from __future__ import annotations

from pathlib import Path

import pytest

from kg import extraction
from kg.records import Reading

CASES = {
    "Furosemide must not be used in: people with gout, as sulphonamides are known to cause attacks, people "
    "hypersensitive to furosemide, its metabolites, sulphonamides or salicylates.": set(),
    "Furosemide may cause dizziness.": {"dizziness"},
    "Furosemide may cause hypersensitivity reactions.": {"hypersensitivity"},
}


@pytest.mark.parametrize(("sentence", "harms"), CASES.items())
def test_harms_beside_allergies(sentence: str, harms: set[str], tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"# Furosemide\n\n{sentence}\n", encoding="utf-8")
    (reading,) = extraction.extract_files([page])
    assert isinstance(reading, Reading)
    agents = {"sulphonamides", "salicylates", "furosemide"}
    said = {s.evidence.object_text for s in reading.statements if s.kind == "adverse_effect"}
    assert not said & agents
    assert all(any(harm in name for name in said) for harm in harms)
