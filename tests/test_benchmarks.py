"""The benchmarks' own parts: a made-up graph is a graph like others, and a page of figures is the same twice."""

from __future__ import annotations

import copy
import importlib.util
from pathlib import Path
from typing import Any

import pytest

from benchmarks import all as everything
from benchmarks import report, synthetic
from benchmarks.all import Variant
from kg import validation
from kg.graph import verification

RUN = {"runs": [2.0, 1.0, 4.0], "clock": [], "memory": 50.0, "found": {}, "failed": ""}
FIGURES: dict[str, Any] = {
    "machine": {"processors": 2, "python": "3.11", "load": 0.2},
    "with": {"rdflib": "7"},
    "sizes": {
        size: {"documents": n, "facts": 10 * n, "triples": 100 * n, "quads": 200 * n, "files_mb": 1.0, "store_mb": 2.0}
        for size, n in (("5", 5), ("57", 57), ("1M", 10_000))
    },
    "groups": [
        {
            "group": "load",
            "size": size,
            "variants": [
                {**RUN, "name": "open, Turtle alone", "role": "ours"},
                {**RUN, "name": "rdflib: Turtle read into memory", "role": "instead", "runs": [8.0 * n]},
            ],
        }
        for n, size in enumerate(("1M", "5", "57"), 1)
    ],
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("made-up") / "small.kg"
    counts = synthetic.write(target, 2 * synthetic.TRIPLES_EACH)
    assert counts.documents == 2 and counts.facts > 150 and counts.evidence > counts.facts
    return target


def test_a_made_up_graph_is_valid_and_as_it_was_written(folder: Path) -> None:
    found = validation.check(folder)
    assert found.findings == ()
    assert found.fact_nodes == found.focus_nodes > 150
    assert found.unchecked_quotes == 0 < found.checked_quotes
    verified = verification.verify(folder, quads=True)
    assert verified.ok and verified.graphs >= 4


def test_the_same_seed_gives_the_same_bytes_and_another_one_others() -> None:
    same = [[(one.text, facts) for one, facts in synthetic.documents(1, seed)] for seed in (1, 1, 2)]
    assert same[0] == same[1] != same[2]


def test_a_page_of_figures_is_the_same_twice_and_in_the_order_of_sizes() -> None:
    page = report.page(FIGURES)
    assert page == report.page(copy.deepcopy(FIGURES))
    rows = [line for line in page.splitlines() if line.startswith("| open, Turtle alone | ")]
    assert [row.split(" | ")[1] for row in rows[:3]] == ["5", "57", "1M"]
    assert "| 2.0 (1.0–4.0) | 3 | 50 |" in rows[0]
    assert "| rdflib: Turtle read into memory | 1M | 8.0 | 1 | 50 | instead | 4.0 of open, Turtle alone |" in page


@pytest.mark.skipif(importlib.util.find_spec("matplotlib") is None, reason="needs matplotlib (extra `picture`)")
def test_the_picture_is_the_same_twice() -> None:
    picture = report.picture(FIGURES)
    assert picture == report.picture(copy.deepcopy(FIGURES))
    assert b"</svg>" in picture


@pytest.mark.parametrize(
    ("code", "limit", "failed"),
    [("pass", 60.0, ""), ("import sys; sys.exit(3)", 60.0, "status 3"), ("while True: pass", 1.0, "ended after 1 s")],
)
def test_what_fails_or_takes_too_long_is_said(code: str, limit: float, failed: str) -> None:
    import sys

    one = Variant("a process", [sys.executable, "-c", code])
    one.run(limit)
    assert one.failed == failed
    assert len(one.runs) == 1 and one.memory > 1


def test_a_sample_of_labels_is_always_the_same(tmp_path: Path) -> None:
    labels = tmp_path / "labels"
    labels.mkdir()
    numbers = ", ".join(f'{{"id": "{n}"}}' for n in range(12))
    (labels / "bulk.json").write_text(f'{{"results": [{numbers}]}}', "utf-8")
    for _ in range(2):
        everything.sample(labels, 3, tmp_path / "some")
        assert [path.read_text("utf-8") for path in sorted((tmp_path / "some").iterdir())] == [
            f'{{"results": [{{"id": "{n}"}}]}}' for n in (2, 6, 10)
        ]
