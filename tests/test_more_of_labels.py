"""What labels only mention: amounts that are no doses, harms that patients have had, tables that have run together."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import labelled

DOSES = "dosage_and_administration"
CASES: list[tuple[str, str, set[str], set[str]]] = [
    # section, what it says, what is to be found in it, and what must not be
    (
        DOSES,
        "The usual dose is 50 mg once daily. Add 20 mL of sterile water to the 100 mg vial to reconstitute it.",
        {"dosage 50 mg once daily"},
        {"dosage 20 mL", "dosage 100 mg"},
    ),
    (
        DOSES,
        "Take 200 mg (2 of the 100 mg tablets) once daily.",
        {"dosage 200 mg"},
        {"dosage 100 mg"},
    ),
    (
        DOSES,
        "Give 75 mg once daily. Doses greater than 150 mg were no better than the 75 mg dose.",
        {"dosage 75 mg once daily"},
        {"dosage 150 mg"},
    ),
    (
        DOSES,
        "Start with 5 mg once daily in combination with 20 mg of oral fluoxetine.",
        {"sertraline: dosage 5 mg once daily", "fluoxetine: dosage 20 mg"},
        {"sertraline: dosage 20 mg"},
    ),
    (
        DOSES,
        "Age Dose Maximum Children 5 mg/day 10 mg/day 20 mg/day Adults 20 mg/day 40 mg/day 60 mg/day Elderly 5 mg/day",
        set(),
        {"dosage 5 mg/day", "dosage 20 mg/day", "dosage 60 mg/day"},
    ),
    (
        "warnings",
        "Seizures occurred in patients treated with sertraline 100 mg daily. The dose should not exceed 200 mg daily.",
        {"dosage 200 mg daily"},
        {"dosage 100 mg daily"},
    ),
    (
        DOSES,
        "The recommended dose for depression is 50 mg once daily. If diarrhea recurs, resume at a dose of 25 mg daily.",
        {"dosage depression", "dosage 25 mg daily"},
        {"dosage diarrhea"},
    ),
    (
        DOSES,
        "Poor Metabolizers: The dose is 25 mg daily. 2.6 Management of Panic Disorder The dose is 50 mg daily.",
        {"dosage 25 mg daily", "dosage Panic Disorder"},
        {"dosage Panic Disorder in poor metabolizers"},
    ),
    (
        DOSES,
        "Children weighing 15 kg to less than 30 kg: 50 mg once daily.",
        {"dosage 50 mg once daily in 15 kg to less than 30 kg"},
        {"dosage 50 mg once daily in less than 30 kg"},
    ),
    (
        "warnings",
        "Seizures have been reported. Use caution in patients with a history of drug-induced hepatitis.",
        {"adverse_effect Seizures"},
        {"adverse_effect hepatitis"},
    ),
    (
        "warnings",
        "Monitor the ECG in patients with an additional risk for QT prolongation (e.g., low magnesium, hypokalemia).",
        set(),
        {"adverse_effect hypokalemia", "adverse_effect low magnesium"},
    ),
    (
        "warnings",
        "Avoid live vaccines during treatment, including measles, mumps, and oral polio, as infections may occur.",
        {"interaction live vaccines"},
        {"adverse_effect mumps", "adverse_effect polio"},
    ),
    (
        "warnings",
        "Check liver function at symptoms suggestive of hepatic dysfunction, such as nausea. Vomiting was reported.",
        {"adverse_effect Vomiting"},
        {"adverse_effect nausea"},
    ),
    (
        "warnings",
        "Skin cancer was seen in 3% of patients (95% CI: 1, 5). Seizures were reported in 2%; compared to 1%.",
        {"adverse_effect Seizures 2%"},
        {"adverse_effect Skin cancer 95%", "adverse_effect Seizures 1%"},
    ),
    (
        "drug_interactions",
        "In patients who are dehydrated or have renal impairment, use with ramipril may result in hyperkalemia.",
        {"interaction ramipril", "adverse_effect hyperkalemia"},
        {"adverse_effect renal impairment"},
    ),
    (
        "drug_interactions",
        "Use with lithium should avoid unintended sedation. Volume depletion (including those on diuretics) is rare.",
        set(),
        {"interaction lithium avoid", "interaction diuretics"},
    ),
    (
        "drug_interactions",
        "Drugs Affected Anticoagulants Warfarin may cause bleeding Antidiabetics Glipizide, metformin and glyburide "
        "Antivirals ritonavir Antifungals fluconazole and itraconazole Antibiotics clarithromycin Others digoxin",
        {"interaction Glipizide"},
        {"interaction Glipizide to hemorrhage", "interaction digoxin to hemorrhage"},
    ),
    (
        "drug_interactions",
        "Warfarin may cause bleeding with sertraline.",
        {"interaction Warfarin to hemorrhage"},
        set(),
    ),
    (
        "drug_interactions",
        "Sertraline has a long half-life. Probenecid did not change the renal clearance of digoxin.",
        {"pharmacokinetics long half-life"},
        {"pharmacokinetics renal clearance"},
    ),
    (
        "contraindications",
        "Known hypersensitivity to sertraline or other antidepressants.",
        {"contraindication hypersensitivity to antidepressants"},
        {"contraindication antidepressant"},
    ),
    (
        "indications_and_usage",
        "Sertraline is indicated for panic disorder in adults who are not candidates for surgery. It is not indicated "
        "for obesity.",
        {"indication panic disorder", "indication obesity denied"},
        {"indication surgery denied"},
    ),
]


@pytest.mark.parametrize(("section", "text", "wanted", "refused"), CASES, ids=[text[:40] for _, text, _, _ in CASES])
def test_what_a_label_only_mentions(
    section: str, text: str, wanted: set[str], refused: set[str], tmp_path: Path
) -> None:
    said = labelled.said(section, text, tmp_path)
    assert wanted <= said
    assert not refused & said
