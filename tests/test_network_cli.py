"""The commands that walk: what they print, in which format, and with which exit code."""

from __future__ import annotations

import csv
import io
import json
import shlex

import pytest

from kg.cli import app

FOUND, NOTHING, CANNOT = 0, 1, 2


def run(capsys: pytest.CaptureFixture[str], line: str) -> tuple[int, str, str]:
    """Run a command line over the packaged facts."""
    code = app.run(shlex.split(line))
    return (code, *capsys.readouterr())


CASES = (
    ("explain Klonopin alcohol", FOUND, "clonazepam — interaction (avoid) → alcohol"),
    ("explain alcohol Klonopin", FOUND, "alcohol ← interaction (avoid) — clonazepam"),
    ("explain clonazepam glaucoma", FOUND, "angle-closure glaucoma — is a kind of → glaucoma"),
    ("explain clonazepam glaucoma --max-hops 1", NOTHING, "There is no path"),
    ("explain clonazepam nosuchthing", CANNOT, ""),
    ("explain clonazepam", CANNOT, ""),
    ("drugs shared clonazepam sertraline", NOTHING, "not stated is neither no nor safe"),
    ("drugs shared clonazepam Klonopin", CANNOT, ""),
    ("drugs alike clonazepam", FOUND, "buspirone: likeness 0."),
    ("drugs alternatives clonazepam --avoiding dependence", FOUND, "dependence: not stated"),
    ("drugs alternatives clonazepam --for nosuchthing", CANNOT, ""),
    ("drugs interactions clonazepam alprazolam metformin", FOUND, "clonazepam with benzodiazepine, as alprazolam"),
    ("drugs interactions metformin --add alprazolam", NOTHING, "does not mean that they do not interact"),
    ("drugs interactions metformin", CANNOT, ""),
    ("drugs class benzodiazepine --share 0.5", NOTHING, "Nothing is stated of at least 50%"),
    ("drugs class benzodiazepine --share 7", CANNOT, ""),
)


@pytest.mark.parametrize(("line", "code", "words"), CASES, ids=[case[0] for case in CASES])
def test_what_is_printed(capsys: pytest.CaptureFixture[str], line: str, code: int, words: str) -> None:
    found, out, err = run(capsys, line)
    assert found == code
    assert words in " ".join(out.split())
    assert bool(out) != bool(err), "data to stdout, problems to stderr"
    assert code == CANNOT or "not medical advice" in out
    assert code != CANNOT or err.startswith("kg: ")


FORMATS = (
    "explain Klonopin alcohol",
    "drugs alike clonazepam",
    "drugs alternatives clonazepam --for 'panic disorder' --avoiding dependence",
    "drugs interactions clonazepam alprazolam metformin",
)


@pytest.mark.parametrize("line", FORMATS)
def test_json_and_csv_say_the_same(capsys: pytest.CaptureFixture[str], line: str) -> None:
    said = json.loads(run(capsys, f"{line} --format json")[1])
    rows = list(csv.DictReader(io.StringIO(run(capsys, f"{line} --format csv")[1])))
    assert len(rows) == len(said["rows"]) > 0
    for row, told in zip(rows, said["rows"], strict=True):
        assert {name: row[name] for name in row if name != "places"} == {n: told[n] for n in told if n != "facts"}
        assert bool(row["places"]) == bool(told["facts"])
    assert {"understood_as", "summary", "truncated", "documents", "stating", "notice"} <= said.keys()


def test_documents_are_numbered_and_listed(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = run(capsys, "explain Klonopin alcohol")
    numbers = {word for word in out.split() if word.startswith("[") and word.endswith("]")}
    listed = {line.split()[0] for line in out.splitlines() if line.startswith("[")}
    assert numbers == listed


def test_what_is_cut_says_how_to_see_more(capsys: pytest.CaptureFixture[str]) -> None:
    assert "There is more than is shown: --limit N" in run(capsys, "drugs alike clonazepam --limit 1")[1]
    assert "There is more than is shown" not in run(capsys, "drugs alike clonazepam")[1]
    assert "There is more than is shown" in run(capsys, "drugs alike clonazepam --limit 1 --format csv")[2]


def test_quotes_can_be_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    assert "–" in run(capsys, "explain Klonopin alcohol")[1]
    assert "–" not in run(capsys, "explain Klonopin alcohol --quotes 0")[1]
