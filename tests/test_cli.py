"""The command line: what goes where, in which form, with which exit code."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
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


@pytest.mark.parametrize("command", [("extract",), ("build", "--out", "my.kg")])
def test_a_bad_document_costs_itself_only(
    command: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "pages"
    folder.mkdir()
    shutil.copy(PAGES / "warfarin.txt", folder)
    (folder / "empty.txt").write_bytes(b"")
    (folder / "weather.txt").write_text("Nothing is said here about anything that is a drug.", encoding="utf-8")
    code, out, err = kg(capsys, command[0], folder, *command[1:])
    assert code == 1
    assert f"kg: left out: {folder / 'empty.txt'}: the file is empty; name a file with text\n" in err
    assert "kg: left out: weather.txt: names no drug of the vocabulary; name its drug with --drug\n" in err
    assert "warfarin" in (out or (tmp_path / "my.kg" / "documents.ttl").read_text(encoding="utf-8"))


def test_a_title_names_a_drug_that_the_vocabulary_lacks(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = tmp_path / "page.txt"
    page.write_text("Zyqorvel\n\nIt may cause nausea.\n", encoding="utf-8")
    code, out, _ = kg(capsys, "extract", page)
    assert code == 0
    assert [json.loads(line)["subject"] for line in out.splitlines()] == [{"label": "Zyqorvel", "iri": None}]


def test_no_argument_shows_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = kg(capsys)
    assert (code, err) == (0, "")
    for command in ("ask", "query", "extract", "build", "check", "export", "evaluate"):
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
        _, err = process.communicate()
        os.close(writer)
    assert err == ""
    assert process.returncode == cli.INTERRUPTED


# What the shell does before it starts the command, and what the command then says.
OUTPUTS = (
    ("full", "> /dev/full", 2, "kg: the output: cannot be written (No space left on device); write it elsewhere\n"),
    ("closed", ">&-", cli.CLOSED_PIPE, ""),
)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
@pytest.mark.parametrize(("shell", "code", "line"), [case[1:] for case in OUTPUTS], ids=[case[0] for case in OUTPUTS])
def test_an_output_that_takes_nothing(shell: str, code: int, line: str) -> None:
    command = f"{shlex.quote(sys.executable)} -m kg.cli extract {shlex.quote(str(PAGES))} {shell}"
    done = subprocess.run(["/bin/sh", "-c", command], stderr=subprocess.PIPE, text=True, check=False)
    assert (done.stderr, done.returncode) == (line, code)


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


QUESTION = "what interacts with Coumadin?"


def test_an_answer_shows_the_sentences_where_the_texts_are_at_hand(
    built: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = kg(capsys, "ask", QUESTION, "--graph", built)
    assert (code, err) == (0, "")
    assert "warfarin" in out.splitlines()[0]
    assert "“" in out
    assert "not at hand" not in out
    assert out.count(NOT_ADVICE) == 1
    assert max(map(len, out.splitlines())) <= 80


def test_an_answer_says_where_when_the_texts_are_not_at_hand(
    built: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bare = tmp_path / "bare.kg"
    shutil.copytree(built, bare, ignore=shutil.ignore_patterns("texts"))
    code, out, _ = kg(capsys, "ask", QUESTION, "--graph", bare)
    assert code == 0
    assert "(text not at hand: --documents FOLDER shows the sentences)" in out
    assert re.search(r"\[1\] \d+–\d+ “", out)

    _, with_texts, _ = kg(capsys, "ask", QUESTION, "--graph", bare, "--documents", PAGES)
    assert "not at hand" not in with_texts


def test_a_changed_document_is_reported_and_never_quoted(
    built: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (PAGES / "warfarin.txt").read_text("utf-8")
    (tmp_path / "warfarin.txt").write_text(text.replace("warfarin", "Warfarin"), "utf-8")
    _, out, _ = kg(capsys, "ask", QUESTION, "--graph", built, "--documents", tmp_path)
    assert "another version of the document" in " ".join(out.split())


def test_an_answer_as_json_holds_the_evidence(built: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = kg(capsys, "ask", QUESTION, "--graph", built, "--format", "json")
    answer = json.loads(out)
    assert code == 0
    assert NOT_ADVICE in err
    assert answer["rows"]
    for row in answer["rows"]:
        for evidence in row["evidence"]:
            text = (PAGES / evidence["document"]).read_text("utf-8")
            assert text[evidence["start"] : evidence["end"]] == evidence["quote"]


def test_an_answer_as_csv_says_where(built: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = kg(capsys, "ask", QUESTION, "--graph", built, "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(out)))
    assert code == 0
    assert NOT_ADVICE in err
    assert rows
    assert all(re.match(r"(warfarin|ibuprofen)\.txt#char=\d+,\d+", row["places"]) for row in rows)


def test_what_no_document_states_is_not_denied(built: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = kg(capsys, "ask", "does warfarin treat gout?", "--graph", built)
    assert code == 1
    assert "Not stated in" in out
    assert NOT_ADVICE in out


def test_a_question_that_is_not_understood_is_told_what_can_be_asked(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = kg(capsys, "ask", "will", "it", "rain?")
    assert (code, out) == (2, "")
    assert err.startswith('kg: "will it rain?": is not understood; ask for instance: What warrants caution with DRUG')
    assert err.count("\n") == 1


@pytest.mark.parametrize("arguments", [["ask"], ["ask", "--forms"]])
def test_what_can_be_asked_is_listed_by_groups(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = kg(capsys, *arguments)
    lines = out.splitlines()
    assert (code, err) == (0, "")
    assert lines.index("Care") < lines.index("  What warrants caution with DRUG (in THING)?") < lines.index("Uses")


@pytest.mark.parametrize(
    ("question", "code"),
    [
        ("does warfarin cause bleeding?", 0),
        ("does warfarine cause bleeding?", 0),
        ("does warfarin cause gout?", 1),
        ("does zorblaxin cause gout?", 2),
        ("is warfarin cheaper than aspirin?", 2),
    ],
)
def test_exit_codes_of_answers(question: str, code: int, built: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert kg(capsys, "ask", question, "--graph", built)[0] == code


@pytest.mark.parametrize("question", ["cautions", "interactions", "dosage", "agreement", "evidence", "pregnancy"])
@pytest.mark.parametrize("room", [80, 120])
def test_a_page_of_the_catalogue_fits_the_screen(
    question: str, room: int, built: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", str(room))
    thing = ["--condition", "bleeding"] if question == "evidence" else []
    code, out, err = kg(capsys, "query", question, "--drug", "Coumadin", *thing, "--graph", built)
    assert (code, err) == (0, "")
    assert out.count(NOT_ADVICE) == 1
    assert max(map(len, out.splitlines())) <= room
    assert "https://" not in out


def test_a_query_of_ones_own(built: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    own = tmp_path / "mine.rq"
    own.write_text(
        '# title: What the drug treats\n# parameter: drug Drug "Coumadin"\n'
        "PREFIX drugs: <https://w3id.org/drug-facts/ontology/>\n"
        "SELECT DISTINCT ?drug ?object { ?drug drugs:treats ?object } ORDER BY ?object\n",
        "utf-8",
    )
    code, out, _ = kg(capsys, "query", own, "--drug", "ADVIL", "--graph", built)
    assert code == 0
    assert "concept:" in out

    code, out, err = kg(capsys, "query", own, "--param", "drug=ibuprofen", "--graph", built, "--format", "json")
    assert code == 0
    assert NOT_ADVICE in err
    assert all(row["object"].startswith("https://w3id.org/drug-facts/") for row in json.loads(out)["rows"])


def test_the_catalogue_is_listed_with_parameters(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = kg(capsys, "query", "--list", "--format", "json")
    names = [question["question"] for question in json.loads(out)["questions"]]
    assert code == 0
    assert "cautions" in names
    assert names == sorted(names)
    assert "drug=" in kg(capsys, "query", "--list")[1]


def test_check_says_what_it_looked_at(built: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = kg(capsys, "check", built)
    assert (code, out) == (0, "")
    seen = re.match(r"(\d+) of (\d+) fact nodes are focus nodes; (\d+) quotes checked; ", err)
    assert seen
    assert seen[1] == seen[2] != "0"
    assert int(seen[3]) > 0


def test_check_says_who_judged_and_how_much_each_shape_looked_at(
    built: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for validator in ("fast", "pyshacl", "both"):
        code, out, err = kg(capsys, "check", built, "--validator", validator, "--shapes")
        assert (code, out) == (0, "")
        assert re.search(rf"shapes judged by {validator}, \d+ of them met [\d,]+ focus nodes, ", err)
        assert re.search(r"(?m)^ +[1-9]\d*  \S+/shapes/fact-polarity$", err)
        assert re.search(r"(?m)^ +0  \S+/shapes/is-medicine$", err)
    code, out, err = kg(capsys, "check", built, "--validator", "fats")
    assert (code, out) == (2, "") and "use fast, pyshacl, both" in err


def test_check_finds_problems_and_names_place_and_remedy(
    built: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = tmp_path / "broken.kg"
    shutil.copytree(built, broken)
    page = broken / "statements" / "warfarin.txt.ttl"
    page.write_text(re.sub(r"(?m)^ *drugs:polarity .*\n", "", page.read_text("utf-8"), count=1), "utf-8")
    code, out, err = kg(capsys, "check", broken)
    assert code == 1
    assert "remedy" in out
    assert "warfarin.txt" in out
    assert "Not valid" in err
    report = json.loads(kg(capsys, "check", broken, "--format", "json")[1])
    assert report["ok"] is False
    assert report["findings"]


def test_an_empty_graph_is_a_problem(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "empty.ttl").write_text("", "utf-8")
    code, out, _ = kg(capsys, "check", tmp_path / "empty.ttl")
    assert code == 1
    assert "empty" in out


def test_export_writes_one_file_a_format(built: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = kg(capsys, "export", built, tmp_path / "out", "--format", "ttl,jsonld,graphml,csv")
    assert (code, out) == (0, "")
    written = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert written == ["my.csv", "my.graphml", "my.jsonld", "my.ttl"]
    assert len(err.splitlines()) == len(written)
    assert kg(capsys, "check", tmp_path / "out" / "my.ttl", "--documents", PAGES)[0] == 0
