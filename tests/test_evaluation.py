"""`kg evaluate`: figures worked out by hand on small gold, the judge's figures on the shared gold, clear errors."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pytest

import kg
from kg import cli, evaluation
from kg.evaluation import figures
from tests import written

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared"
JUDGE = SHARED / "tools" / "score.py"
GOLD = SHARED / "gold"

# Mentions ------------------------------------------------------------------------------------------------------------

PAGES = {
    "a.txt": "Warfarin\n\nWarfarin may cause severe nausea, skin rash and Nausea.\n",
    "b.txt": "Sertraline\n\nSertraline may cause dry mouth.\n",
}
MARKED = (
    ("a.txt", "adverse_effect", "severe nausea"),
    ("a.txt", "adverse_effect", "skin rash"),
    ("b.txt", "adverse_effect", "dry mouth"),
    ("b.txt", "adverse_effect", "Dry-Mouth"),
    ("a.txt", "none", "Warfarin"),
)


def gold_folder(folder: Path, spans: str | None = None) -> Path:
    """Write a small gold folder."""
    (folder / "gold" / "documents").mkdir(parents=True)
    for name, text in PAGES.items():
        (folder / "gold" / "documents" / name).write_text(text, "utf-8")
    marked = [
        {"document": name, "kind": kind, "start": PAGES[name].find(text), "end": 0, "text": text}
        for name, kind, text in MARKED
    ]
    (folder / "gold" / "spans.jsonl").write_text(written.lines(marked) if spans is None else spans, "utf-8")
    return folder / "gold"


def said_of(name: str, words: str, **more: Any) -> dict[str, Any]:
    """A statement about one of the pages."""
    return written.statement(name, PAGES[name], words) | more


class MentionCase(NamedTuple):
    """Statements, and the figures that they must get: right exactly, right by overlap, found by overlap, predicted."""

    name: str
    statements: Sequence[dict[str, Any]]
    figures: tuple[int, int, int, int]
    broken: int = 0


MENTIONS = (
    MentionCase("nothing said", (), (0, 0, 0, 0)),
    MentionCase("to the letter", (said_of("a.txt", "skin rash"), said_of("b.txt", "dry mouth")), (2, 2, 2, 2)),
    MentionCase("a part of it", (said_of("a.txt", "rash"),), (0, 1, 1, 1)),
    MentionCase("more than it", (said_of("a.txt", "cause severe nausea"),), (0, 1, 1, 1)),
    MentionCase("case and twice", (said_of("a.txt", "Nausea"), said_of("a.txt", "nausea")), (0, 1, 1, 1)),
    MentionCase("in the other page", (said_of("a.txt", "Warfarin"),), (0, 0, 0, 1)),
    MentionCase("of another kind", (said_of("a.txt", "skin rash", kind="caution"),), (0, 0, 0, 0)),
    MentionCase("denied", (said_of("a.txt", "skin rash", polarity="denied"),), (0, 0, 0, 0)),
    MentionCase("a page that is not there", (said_of("a.txt", "skin rash", document="c.txt"),), (0, 0, 0, 0)),
    MentionCase("a folder before the name", (said_of("a.txt", "skin rash", document="x/a.txt"),), (1, 1, 1, 1)),
    MentionCase("another quote", (said_of("a.txt", "skin rash", quote="skin"),), (0, 0, 0, 1), 1),
    MentionCase("no place", (said_of("a.txt", "skin rash", object={"start": None}),) * 2, (0, 0, 0, 2), 2),
    MentionCase("outside the quote", (said_of("a.txt", "skin rash", object={"start": 0, "end": 8}),), (0, 0, 0, 1), 1),
    MentionCase("beyond the text", (said_of("a.txt", "skin rash", start=900, end=990),), (0, 0, 0, 1), 1),
)


@pytest.mark.parametrize("case", MENTIONS, ids=[case.name for case in MENTIONS])
def test_mentions(case: MentionCase, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    gold = gold_folder(tmp_path)
    told = tmp_path / "said.jsonl"
    told.write_text(written.lines(case.statements), "utf-8")
    code = cli.main(["evaluate", str(gold), str(told), "--format", "json"])
    out, err = capsys.readouterr()
    score = json.loads(out)
    exact, overlap = score["exact"], score["overlap"]
    assert (exact["right"], overlap["right"], overlap["found"], exact["predicted"]) == case.figures
    assert (exact["gold"], exact["found"], overlap["predicted"], overlap["gold"]) == (
        3,
        case.figures[0],
        *case.figures[3:],
        3,
    )
    assert (score["kind"], score["documents"], score["broken"]) == ("adverse_effect", 2, case.broken)
    assert (code, err) == (1 if case.broken else 0, "")
    if JUDGE.is_file():
        assert judged(gold, told) == table(gold, told, capsys)


def judged(gold: Path, told: Path, *options: str) -> list[str]:
    """What the judge prints."""
    command = [sys.executable, str(JUDGE), str(gold), str(told), *options]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.splitlines()


def table(gold: Path, told: Path, capsys: pytest.CaptureFixture[str], *options: str) -> list[str]:
    """What `kg evaluate` prints."""
    cli.main(["evaluate", str(gold), str(told), *options])
    return capsys.readouterr().out.splitlines()


def test_the_most_frequent_errors_come_first(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    gold = gold_folder(tmp_path)
    told = tmp_path / "said.jsonl"
    invented = [said_of("a.txt", "may cause"), said_of("b.txt", "may cause"), said_of("a.txt", "Warfarin")]
    told.write_text(written.lines(invented), "utf-8")
    assert table(gold, told, capsys, "--errors", "2") == [
        "gold: kind adverse_effect, 2 documents, 3 statements, 0 with broken offsets",
        "exact    precision 0.000  recall 0.000  F1 0.000  (predicted 3, gold 3)",
        "overlap  precision 0.000  recall 0.000  F1 0.000  (predicted 3, gold 3)",
        "missed: dry mouth (1); severe nausea (1)",
        "invented: may cause (2); warfarin (1)",
    ]
    assert table(gold, told, capsys, "--kind", "none")[0].startswith("gold: kind none, 2 documents, 0 statements")


def test_documents_are_read_where_no_statements_are_given(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    gold = gold_folder(tmp_path)
    told = tmp_path / "said.jsonl"
    assert cli.main(["extract", str(gold / "documents")]) == 0
    told.write_text(capsys.readouterr().out, "utf-8")
    assert cli.main(["evaluate", str(gold)]) == 0
    own = capsys.readouterr()
    assert own.out.splitlines() == table(gold, told, capsys)
    assert "recall 1.000" in own.out
    assert own.err == ""

    (gold / "documents" / "c.txt").write_text("Nothing is said here about anything.\n", "utf-8")
    assert cli.main(["evaluate", str(gold)]) == 1
    out, err = capsys.readouterr()
    assert "3 documents" in out
    assert err.splitlines() == [
        "kg: left out: c.txt: names no drug of the vocabulary; name its drug with --drug",
        "kg: 2 documents read, 1 left out",
    ]


def test_the_python_interface_says_what_was_left_out(tmp_path: Path) -> None:
    gold = gold_folder(tmp_path)
    assert evaluation.evaluate(gold).left_out == ()
    (gold / "documents" / "c.txt").write_bytes(b" ")
    assert [error.problem for error in evaluation.evaluate(gold).left_out] == ["the file is empty"]
    assert kg.evaluate(str(gold), drug="Zoloft", kind="none").documents == 3


@pytest.mark.skipif(not JUDGE.is_file(), reason=f"the judge and its gold are not at hand ({JUDGE} is absent)")
@pytest.mark.parametrize("name", ["adverse-effects", "indications", "indication-sentences"])
def test_the_shared_gold_gets_the_judge_s_figures(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    gold, told = GOLD / name, tmp_path / "said.jsonl"
    spans = [json.loads(line) for line in (gold / "spans.jsonl").read_text("utf-8").splitlines()]
    texts = {path.name: path.read_bytes().decode() for path in sorted((gold / "documents").glob("*.txt"))}
    some = [spans[i] for i in range(0, len(spans), 3)]
    marked = [
        {
            "document": span["document"],
            "kind": spans[0]["kind"],
            "polarity": "denied" if number % 11 == 10 else "affirmed",
            # A third to the letter, a third one word less, a third broken or moved.
            "object": {"start": span["start"] + number % 3, "end": span["end"] + (number % 5 == 4)},
            "start": span["start"],
            "end": span["end"],
            "quote": texts[span["document"]][span["start"] : span["end"]],
        }
        for number, span in enumerate(some)
    ]
    told.write_text(written.lines(marked), "utf-8")
    ours, theirs = table(gold, told, capsys, "--errors", "9"), judged(gold, told, "--errors", "9")
    assert ours[:3] == theirs[:3]
    assert "0 with broken" not in ours[0]
    numbers = [[part.rpartition(" ")[2] for part in line.split("; ")] for line in ours[3:]]
    assert numbers == [[part.rpartition(" ")[2] for part in line.split("; ")] for line in theirs[3:]]


SAID = said_of("a.txt", "skin rash")
WHAT = "give what `kg extract --format jsonl` prints"
BAD = (
    written.Bad("no such gold", {}, "no.jsonl", "no.jsonl: no such file or folder; check the path"),
    written.Bad(
        "no spans",
        {"x/documents/a.txt": "Text"},
        "x",
        "x/spans.jsonl: cannot be read (No such file or directory); name a readable file",
    ),
    written.Bad(
        "nothing marked",
        {"gold/spans.jsonl": "\n"},
        "gold",
        "gold/spans.jsonl: marks no mention; name a folder of gold with mentions",
    ),
    written.Bad(
        "no JSON",
        {"gold/spans.jsonl": "{}x\n"},
        "gold",
        "gold/spans.jsonl:1: no JSON object; put one JSON object on each line",
    ),
    written.Bad(
        "no object",
        {"gold/spans.jsonl": "[]\n"},
        "gold",
        "gold/spans.jsonl:1: no JSON object; put one JSON object on each line",
    ),
    written.Bad(
        "too deep",
        {"gold/spans.jsonl": "[" * 99_999},
        "gold",
        "gold/spans.jsonl:1: no JSON object; put one JSON object on each line",
    ),
    written.Bad(
        "no mention",
        {"gold/spans.jsonl": '{"kind": "x"}\n'},
        "gold",
        "gold/spans.jsonl:1: no mention: needs document, kind and text; mend the line",
    ),
    written.Bad(
        "unknown kind", {}, "gold --kind caution", "--kind: the gold marks no 'caution'; use adverse_effect or none"
    ),
    written.Bad("unknown format", {}, "gold --format csv", "--format: no format 'csv'; use table or json"),
    written.Bad(
        "no statements",
        {},
        "gold no.jsonl",
        "no.jsonl: cannot be read (No such file or directory); name a readable file",
    ),
    written.Bad(
        "a statement without a kind",
        {"s.jsonl": written.lines([SAID, {"document": "a.txt"}])},
        "gold s.jsonl",
        f"s.jsonl:2: no statement: 'object' is missing; {WHAT}",
    ),
    written.Bad(
        "an offset in words",
        {"s.jsonl": written.lines([SAID | {"start": "one"}])},
        "gold s.jsonl",
        f"s.jsonl:1: no statement: 'one' is no offset; {WHAT}",
    ),
    written.Bad(
        "a document without a name",
        {"s.jsonl": written.lines([SAID | {"document": 7}])},
        "gold s.jsonl",
        f"s.jsonl:1: no statement: 7 is no text; {WHAT}",
    ),
    written.Bad(
        "binary",
        {"s.jsonl": "\x7fELF\x00"},
        "gold s.jsonl",
        "s.jsonl:1: no JSON object; put one JSON object on each line",
    ),
)


@pytest.mark.parametrize("bad", BAD, ids=[bad.name for bad in BAD])
def test_bad_input_is_one_clear_line(
    bad: written.Bad, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    gold_folder(tmp_path)
    monkeypatch.chdir(tmp_path)
    written.refused(bad, tmp_path, capsys)


def test_figures_of_nothing_are_nought() -> None:
    nothing = figures.Figures()
    assert (nothing.precision, nothing.recall, nothing.f1) == (0.0, 0.0, 0.0)
    assert nothing + figures.Figures(2, 1, 4, 1) == figures.Figures(2, 1, 4, 1)
