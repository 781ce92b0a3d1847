"""The command line: what goes where, in which form, with which exit code."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from kg import cli
from kg.cli import screen

ROOT = Path(__file__).resolve().parents[1]
PAGES = ROOT / "tests" / "documents" / "development"
NOT_ADVICE = "not medical advice"


def kg(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> tuple[int, str, str]:
    """Run a command in this process: exit code, stdout, stderr."""
    code = cli.main([str(argument) for argument in arguments])
    output = capsys.readouterr()
    return code, output.out, output.err


@pytest.fixture(autouse=True)
def screen_of_eighty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every test has a screen of 80 columns and no documents at hand, wherever it runs."""
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.delenv("KG_DOCUMENTS", raising=False)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A graph built from pages of our own."""
    folder = tmp_path_factory.mktemp("graph") / "my.kg"
    assert cli.main(["build", str(PAGES / "warfarin.txt"), str(PAGES / "ibuprofen.txt"), "--out", str(folder)]) == 0
    return folder


# Wide characters take two columns, combining ones none; words too long for a column are cut.
TABLES = (
    (("a", "b"), (("x", "y"),), 40, "a  b\n─  ─\nx  y\n"),
    (("empty", "b"), (("", "y"),), 40, "b\n─\ny\n"),
    (("a",), (("日本",), ("e\u0301",)), 40, "a\n────\n日本\ne\u0301\n"),
    (("name", "words"), (("n", "one two three"),), 16, "name  words\n────  ──────────\nn     one two\n      three\n"),
    (("words",), (("abcdefghijkl",),), 9, "words\n─────────\nabcdefghi\njkl\n"),
    (("a_b", "c"), (("steer\x1b[31m", "1"),), 40, "a b         c\n──────────  ─\nsteer [31m  1\n"),
)


@pytest.mark.parametrize(("columns", "rows", "room", "expected"), TABLES)
def test_tables(columns: tuple[str, ...], rows: tuple[tuple[str, ...], ...], room: int, expected: str) -> None:
    assert screen.table(columns, rows, room) == expected


def test_a_table_that_cannot_fit_becomes_blocks() -> None:
    columns = [f"column {letter}" for letter in "abcdef"]
    rows = [[f"value {letter}" for letter in "abcdef"]]
    shown = screen.table(columns, rows, 40)
    assert shown.splitlines()[0] == "column a  value a"
    assert max(map(len, shown.splitlines())) <= 40


@pytest.mark.parametrize("room", [40, 60, 80, 100, 120])
def test_no_line_is_wider_than_the_screen(
    room: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", str(room))
    code, out, _ = kg(capsys, "extract", PAGES, "--format", "table")
    assert code == 0
    assert max(map(len, out.splitlines())) <= room


def test_extract_prints_the_contract_one_statement_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = kg(capsys, "extract", PAGES / "zolpidem.txt", PAGES / "warfarin.txt")
    assert (code, err) == (0, "")
    records = [json.loads(line) for line in out.splitlines()]
    assert records
    texts = {path.name: path.read_text("utf-8") for path in PAGES.iterdir()}
    for record in records:
        assert list(record) == [
            "document", "kind", "polarity", "subject", "object", "qualifiers", "start", "end", "quote", "heading",
        ]  # fmt: skip
        text, thing = texts[record["document"]], record["object"]
        assert text[record["start"] : record["end"]] == record["quote"]
        assert text[thing["start"] : thing["end"]] == thing["text"]
        assert record["start"] <= thing["start"] < thing["end"] <= record["end"]
        assert set(record["subject"]) == {"label", "iri"}
        if record["heading"]:
            assert text[record["heading"]["start"] : record["heading"]["end"]] == record["heading"]["text"]
    places = [(record["document"] != "zolpidem.txt", record["start"]) for record in records]
    assert places == sorted(places)


def test_extract_takes_the_drug_of_a_document_that_names_none(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "page.txt").write_text("It is used to treat panic disorder.\n", "utf-8")
    code, out, _ = kg(capsys, "extract", tmp_path, "--drug", "Zoloft")
    assert code == 0
    assert json.loads(out)["subject"]["label"] == "sertraline"


def test_no_argument_shows_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = kg(capsys)
    assert (code, err) == (0, "")
    for command in ("ask", "query", "extract", "build", "check", "export"):
        assert f"  {command} " in out
    assert NOT_ADVICE in out


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = kg(capsys, "--version")
    assert (code, err) == (0, "")
    assert out.startswith("drug-facts ")


def start(*arguments: str | Path, stdout: int = subprocess.PIPE) -> subprocess.Popen[str]:
    """Start a command as a process of its own."""
    command = [sys.executable, "-m", "kg.cli", *map(str, arguments)]
    return subprocess.Popen(command, stdout=stdout, stderr=subprocess.PIPE, text=True)


def test_a_closed_pipe_is_quiet() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with start("extract", PAGES, stdout=writing) as process:
        os.close(writing)
        _, err = process.communicate()
    assert err == ""
    assert process.returncode == cli.CLOSED_PIPE


@pytest.fixture
def endless(tmp_path: Path) -> Iterator[Path]:
    """A document whose reading waits: a named pipe that nobody writes to."""
    pipe = tmp_path / "page.txt"
    os.mkfifo(pipe)
    yield pipe


def test_ctrl_c_is_quiet(endless: Path) -> None:
    with start("extract", endless) as process:
        # The moment the command opens the pipe, it is past its imports and waits in the middle of its work.
        writer = os.open(endless, os.O_WRONLY)
        process.send_signal(signal.SIGINT)
        time.sleep(0)
        _, err = process.communicate()
        os.close(writer)
    assert err == ""
    assert process.returncode == cli.INTERRUPTED


def test_characters_that_the_output_cannot_take_are_escaped(tmp_path: Path) -> None:
    (tmp_path / "page.txt").write_text("Sertraline is used to treat “naïve” panic disorder – often.\n", "utf-8")
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    command = [sys.executable, "-m", "kg.cli", "extract", str(tmp_path), "--format", "table"]
    done = subprocess.run(command, env=environment, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.isascii()


def test_build_says_what_it_wrote_on_stderr(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = kg(capsys, "build", PAGES / "zolpidem.txt", "--facts", tmp_path / "facts")
    assert (code, out) == (0, "")
    assert "1 document" in err
    assert not (tmp_path / "facts" / "texts").exists()
    assert (tmp_path / "facts" / "statements" / "zolpidem.txt.ttl").is_file()
