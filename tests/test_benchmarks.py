"""The benchmarks' own parts: a made-up graph is a graph like others, and a page of figures is the same twice."""

from __future__ import annotations

import copy
import importlib.util
import json
from pathlib import Path
from typing import Any

import pytest

from benchmarks import all as everything
from benchmarks import noted, report, synthetic
from benchmarks.all import Variant
from benchmarks.measuring import Spent
from benchmarks.noted import Figures, program
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


LEFT_OUT = "kg: left out: a.json: is empty; name a file with text\nkg: 57 documents read, 1 left out\n"
ENDS = (
    ("done", ["kg", "build"], 0, "", ""),
    ("a build without some documents", ["kg", "build"], 1, LEFT_OUT, ""),
    (
        "a build that does not say so",
        ["kg", "build"],
        1,
        "kg: something is wrong\n",
        "status 1: kg: something is wrong",
    ),
    ("another command that says so", ["kg", "check"], 1, LEFT_OUT, "status 1: kg: 57 documents read, 1 left out"),
    ("a build that could not", ["kg", "build"], 2, LEFT_OUT, "status 2: kg: 57 documents read, 1 left out"),
    ("too long", ["kg", "build"], 137, "", "ended after 5 s"),
    ("killed before", ["kg", "build"], -9, "", "killed, for want of memory as it seems"),
)


@pytest.mark.parametrize(
    ("command", "status", "err", "problem"), [end[1:] for end in ENDS], ids=[end[0] for end in ENDS]
)
def test_a_command_has_failed_unless_it_says_what_it_left_out(
    command: list[str], status: int, err: str, problem: str
) -> None:
    taken = Spent(1.0, 6.0 if status == 137 else 1.0, 1.0, status, "", err)
    assert everything._problem(command, taken, 5.0) == problem


def figures(tmp_path: Path) -> Figures:
    """A file with a figure of 100 MB and 10 s at a million triples, and one that was ended."""
    path = tmp_path / "figures.json"
    row = {"role": "ours", "clock": [], "memory": 140.0, "found": {}, "failed": "", "left_out": "", "done": True}
    rows = [
        {**row, "name": "kg check", "runs": [10.0], "program": program()},
        {**row, "name": "other", "runs": [2.0], "program": "another"},
    ]
    groups = [{"group": "check", "size": "1M", "variants": rows}]
    path.write_text(json.dumps({"sizes": {"1M": {"triples": 1_000_000}}, "groups": groups}), "utf-8")
    return Figures(path)


def test_what_is_larger_is_foreseen_and_left_out_with_the_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = figures(tmp_path)
    assert known.foreseen("kg check", 1e7) == (100.0, 1_040.0)
    assert known.foreseen("kg check", 1e6) is None and known.foreseen("kg ask", 1e7) is None
    monkeypatch.setattr(noted, "memory_of_machine", lambda: 2_000.0)
    assert known.too_much("kg check", 1e7, 600) == ""
    assert known.too_much("kg check", 1e8, 6_000) == "needs about 10 GB of memory; the machine has 2"
    assert known.too_much("kg check", 1.2e7, 60) == "takes about 2 minutes"


def test_only_what_this_program_has_measured_is_left_when_a_run_goes_on(tmp_path: Path) -> None:
    known = figures(tmp_path)
    done = [everything._is_done(known.row("check", "1M", name)) for name in ("kg check", "other", "no such")]
    assert done == [True, False, False]
    known.put("check", "1M", Variant("other", [], runs=[3.0]).row(program(), done=True))
    known.keep("check", "1M", ["other", "kg check"])
    again = Figures(tmp_path / "figures.json")
    assert everything._is_done(again.row("check", "1M", "other"))
    assert [row["name"] for row in again.said["groups"][0]["variants"]] == ["other", "kg check"]


def test_what_was_left_out_is_in_the_table() -> None:
    said = copy.deepcopy(FIGURES)
    row = {**RUN, "name": "pyshacl", "role": "instead", "runs": [], "left_out": "takes about 9 minutes"}
    said["groups"][0]["variants"].append(row)
    assert "| pyshacl (takes about 9 minutes) | 1M | – | 0 | – | instead |  |" in report.page(said)


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


def test_labels_taken_twice_are_others_in_words_and_numbers(tmp_path: Path) -> None:
    labels = tmp_path / "labels"
    labels.mkdir()
    said = {"id": "12", "set_id": "34", "warnings": ["Watch the liver."], "openfda": {"spl_id": ["12"]}}
    (labels / "bulk.json").write_text(json.dumps({"results": [said]}), "utf-8")
    everything.sample(labels, 2, tmp_path / "twice")
    first, second = [json.loads(path.read_bytes())["results"][0] for path in sorted((tmp_path / "twice").iterdir())]
    assert first == said
    assert second == {"id": "21", "set_id": "43", "warnings": ["Watch this liver."], "openfda": {}}
