"""How answers are laid out: each sentence once in full, steps of paths as arrows, rows that go on below the first."""

from __future__ import annotations

import pytest

from kg.cli import answers, quoting
from kg.records import Evidence, Span

LONG = "Serious harms have been reported with this medicine, among them " + ", ".join(f"harm {n}" for n in range(30))


def _evidence(quote: str | None, start: int = 0, document: str = "a.txt") -> Evidence:
    return Evidence(document, Span(start, start + 9), "0" * 64, Span(start, start + 4), "harm", "rule", quote=quote)


def test_a_sentence_is_quoted_in_full_once() -> None:
    said = quoting.Said({"a.txt": 1, "b.txt": 2})
    assert [*said.by([_evidence(LONG), _evidence(LONG, 50)])] == [("[1] ", f"“{LONG}”")]
    again = [*said.by([_evidence(LONG), _evidence("Short.")])]
    assert again[0][1].startswith("“Serious harms have been reported")
    assert again[0][1].endswith("…” (as above)")
    assert again[1] == ("[1] ", "“Short.”")
    assert [*said.by([_evidence("Short."), _evidence(LONG, document="b.txt")])] == [
        ("[1] ", "“Short.”"),
        ("[2] ", f"“{LONG}”"),
    ]


def test_without_texts_places_are_given() -> None:
    said = quoting.Said({"a.txt": 1})
    found = [_evidence(None), _evidence(None, 50)]
    assert [*said.by(found)] == [("[1] ", "0–9 “harm”"), ("[1] ", "50–59 “harm”")]


@pytest.mark.parametrize(
    ("step", "told"),
    [
        ({"direction": "forwards"}, "a — may cause → b"),
        ({"direction": "backwards"}, "a ← may cause — b"),
        (
            {"direction": "forwards", "polarity": "denied", "level": "adjust_dose"},
            "denied: a — may cause (adjust dose) → b",
        ),
        ({"direction": "forwards", "qualifiers": "with: c"}, "a — may cause → b (with: c)"),
        ({"direction": "forwards", "relation": "vocabulary: broader"}, "a — is a kind of → b"),
    ],
)
def test_steps_of_paths_are_arrows(step: dict[str, str], told: str) -> None:
    assert answers.step({"from": "a", "relation": "may_cause", "to": "b", **step}) == told
