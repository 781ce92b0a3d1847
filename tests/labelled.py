"""What a label of one drug with one section of a test says, as short texts that cases can name."""

from __future__ import annotations

import json
from pathlib import Path

from kg import extraction
from kg.records import Reading


def said(section: str, text: str, folder: Path) -> set[str]:
    """Return what is read in a section: "kind words", with subject, label, frequency, level, people, effect, dose."""
    label = {
        "set_id": "s-1",
        "openfda": {"generic_name": ["SERTRALINE"], "brand_name": ["Sertraline"], "substance_name": ["SERTRALINE"]},
        "indications_and_usage": ["INDICATIONS AND USAGE Sertraline is indicated for depression."],
        section: [f"{section.replace('_', ' ').upper()} {text}"],
    }
    path = folder / "labels.json"
    path.write_text(json.dumps({"results": [label]}), "utf-8")
    (reading,) = extraction.extract_files([path])
    assert isinstance(reading, Reading)
    found: set[str] = set()
    for statement in reading.statements:
        words = f"{statement.kind} {statement.evidence.object_text}"
        values = statement.qualifiers
        found |= {words, f"{statement.subject.label}: {words}", f"{statement.kind} {statement.object.label}"}
        found |= {f"{words} {values.get(name)}" for name in ("frequency", "level")}
        found |= {f"{words} in {values.get('population')}", f"{words} to {values.get('effect')}"}
        found |= {f"dosage {values.get('dose')}"} if statement.kind == "dosage" else set()
        found |= {f"{words} denied"} if statement.polarity == "denied" else set()
    return found
