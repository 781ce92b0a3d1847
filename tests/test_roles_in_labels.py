"""What sentences of labels speak of: risk factors and not effects, other drugs' doses, figures of something else."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import labelled

CASES: list[tuple[str, str, set[str], set[str]]] = [
    # section, what it says, what is to be found in it, and what must not be
    (
        "warnings",
        "Risk factors for torsade de pointes include bradycardia and hypokalemia.",
        {"caution bradycardia", "caution hypokalemia"},
        {"adverse_effect bradycardia", "adverse_effect hypokalemia"},
    ),
    (
        "warnings",
        "Sertraline may cause seizures; the risk is higher with predisposing conditions (e.g., hyponatremia, stroke).",
        {"adverse_effect seizures"},
        {"adverse_effect hyponatremia", "adverse_effect stroke"},
    ),
    (
        "warnings",
        "Factors that increase the risk of bleeding include use of corticosteroids, smoking, and older age.",
        {"interaction corticosteroids", "caution smoking"},
        {"interaction smoking"},
    ),
    (
        "warnings",
        "Sertraline is contraindicated in women with a history of breast cancer.",
        {"contraindication history of breast cancer"},
        {"adverse_effect breast cancer"},
    ),
    (
        "warnings",
        "If the tongue swells, epinephrine (0.2 mL to 0.4 mL) should be injected under the skin.",
        {"epinephrine: dosage 0.2 mL to 0.4 mL"},
        {"sertraline: dosage 0.2 mL to 0.4 mL"},
    ),
    (
        "dosage_and_administration",
        "The starting dose of sertraline is 50 mg once daily.",
        {"sertraline: dosage 50 mg once daily"},
        set(),
    ),
    (
        "warnings",
        "In a clinical trial of prevention of stroke, treatment with sertraline 50 mg daily was of no benefit.",
        set(),
        {"sertraline: dosage stroke"},
    ),
    (
        "warnings",
        "68% had neutropenia, 3% had thrombocytopenia.",
        {"adverse_effect neutropenia 68%", "adverse_effect thrombocytopenia 3%"},
        {"adverse_effect neutropenia 3%"},
    ),
    (
        "warnings",
        "Sertraline was discontinued due to rash in 2% of patients.",
        set(),
        {"adverse_effect rash 2%"},
    ),
    (
        "drug_interactions",
        "Take care with medications that are metabolized by CYP2D6 and have a narrow therapeutic window.",
        set(),
        {"pharmacokinetics metabolized by CYP2D6", "pharmacokinetics narrow therapeutic window"},
    ),
    (
        "drug_interactions",
        "Sertraline has a narrow therapeutic window.",
        {"pharmacokinetics narrow therapeutic window"},
        set(),
    ),
    (
        "drug_interactions",
        "Carbamazepine lowers the levels of sertraline and desmethylsertraline.",
        {"interaction Carbamazepine"},
        {"interaction desmethylsertraline"},
    ),
]


@pytest.mark.parametrize(("section", "text", "wanted", "refused"), CASES, ids=[text[:40] for _, text, _, _ in CASES])
def test_what_a_sentence_speaks_of(
    section: str, text: str, wanted: set[str], refused: set[str], tmp_path: Path
) -> None:
    said = labelled.said(section, text, tmp_path)
    assert wanted <= said
    assert not refused & said
