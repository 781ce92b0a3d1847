"""Levels that stand behind a heading, in a row of a table or in the next sentence go back to the drug that is meant."""

from __future__ import annotations

import json
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


INTERACTIONS: dict[str, dict[str, str | None]] = {
    # the row of a table whose lines are lost: what it says to do holds for what it names, and for its examples
    "Strong CYP3A4 Inducers Clinical Impact: Strong CYP3A4 inducers lower the level of sertraline. Intervention: "
    "Increase the sertraline dose with potent CYP3A4 inducers. Examples: rifampin, phenytoin Digoxin Clinical Impact: "
    "Sertraline may raise the level of digoxin. Intervention: Monitor digoxin levels.": {
        "Strong CYP3A4 inducers": "adjust_dose",
        "rifampin": "adjust_dose",
        "phenytoin": "adjust_dose",
        "digoxin": "monitor",
    },
    "Strong CYP3A4 Inducers Clinical Impact: Strong CYP3A4 inducers lower the level of sertraline. Intervention: "
    "Avoid use with digoxin.": {"Strong CYP3A4 inducers": None, "digoxin": "avoid"},
    "Clinical Impact: Inhibitors raise the level of sertraline. Intervention: Avoid strong CYP3A4 inhibitors. Reduce "
    "the dose with weak CYP3A4 inhibitors. Examples: strong CYP3A4 inhibitors: ketoconazole": {"ketoconazole": "avoid"},
    # the sentence behind draws the conclusion, or bids at once to do something; another one does not
    "Sertraline may add to the effect of thiazides. Patients on such a diuretic should therefore be closely "
    "monitored.": {"thiazides": "monitor"},
    "Sertraline may add to the effect of thiazides. Monitor patients on diuretics.": {"thiazides": "monitor"},
    "Sertraline may add to the effect of thiazides. Patients on lithium need monitoring.": {"thiazides": None},
    # what is said of a class holds for what it covers, whatever the order of its words
    "Strong or moderate CYP3A4 inhibitors raise its level. Avoid moderate and strong CYP3A4 inhibitors.": {
        "Strong or moderate CYP3A4 inhibitors": "avoid"
    },
    "CYP3A4 inhibitors raise the level of sertraline. Avoid strong CYP3A4 inhibitors.": {"CYP3A4 inhibitors": None},
    # what a purpose avoids is not the drug
    "Monitor sertraline levels with phenytoin to avoid ineffective therapy.": {"phenytoin": "monitor"},
}


@pytest.mark.parametrize(("said", "levels"), INTERACTIONS.items())
def test_levels_in_a_label(said: str, levels: dict[str, str | None], tmp_path: Path) -> None:
    assert {name: level for name, level in _of_label(tmp_path, [said]).items() if name in levels} == levels


def test_levels_in_the_rows_that_one_cell_names(tmp_path: Path) -> None:
    rows = (
        ("Strong CYP3A4 Inducers", ""),
        ("Intervention", "Avoid strong CYP3A4 inducers."),
        ("Examples", "rifampin, phenytoin"),
        ("Digoxin", ""),
        ("Clinical Impact", "Sertraline may raise the level of digoxin."),
        ("Intervention", "Monitor its level."),
    )
    cells = "".join(f"<tr><td>{first}</td><td>{second}</td></tr>" for first, second in rows)
    found = _of_label(tmp_path, ["See the table."], [f"<table><tbody>{cells}</tbody></table>"])
    assert (found["rifampin"], found["phenytoin"], found["digoxin"]) == ("avoid", "avoid", "monitor")


def _of_label(folder: Path, said: list[str], tables: list[str] | None = None) -> dict[str, str | None]:
    """Return the levels of a label's interactions, by the words that name them."""
    label = {
        "set_id": "s-1",
        "openfda": {"generic_name": ["SERTRALINE"], "substance_name": ["SERTRALINE"]},
        "indications_and_usage": ["INDICATIONS AND USAGE Sertraline is indicated for depression."],
        "drug_interactions": ["7 DRUG INTERACTIONS " + text for text in said],
        "drug_interactions_table": tables or [],
    }
    path = folder / "labels.json"
    path.write_text(json.dumps({"results": [label]}), "utf-8")
    (reading,) = extraction.extract_files([path])
    assert isinstance(reading, Reading)
    interactions = [s for s in reading.statements if s.kind == "interaction" and s.polarity == "affirmed"]
    return {s.evidence.object_text: s.qualifiers.get("level") for s in interactions}
