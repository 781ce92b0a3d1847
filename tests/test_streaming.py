"""Many documents in one run: one at a time, each costs itself only, and at the end it is said what was left out."""

from __future__ import annotations

import gc
import json
import os
import pty
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from kg import cli, extraction, reading
from kg.cli import progress
from kg.errors import DocumentError, OntologyError
from kg.extraction import Extractor, extract_files
from kg.reading import make_document, plain
from kg.records import Document, Reading, Statement

PAGE = b"Sertraline may cause nausea. Sertraline is used to treat panic disorder.\n"
OTHER = b"Warfarin may cause bleeding.\n"
NO_DRUG = b"Nothing is said here about anything.\n"
NAMES_NONE = "names no drug of the vocabulary; name its drug with --drug"


def write(folder: Path, files: dict[str, bytes]) -> Path:
    """Write files into a folder."""
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


def names(results: Iterator[Reading | DocumentError]) -> list[str]:
    """The names of the documents that were read, and the errors."""
    return [str(r) if isinstance(r, DocumentError) else r.document.name for r in results]


class Case(NamedTuple):
    """A run of `kg extract`: its files, what it is given, what it must say on stderr, its exit code, who is printed."""

    name: str
    files: dict[str, bytes]
    arguments: str
    err: str
    code: int
    documents: tuple[str, ...] = ()


SAME = "one/a.txt"
CASES = (
    Case("all read", {"a.txt": PAGE, "b.txt": OTHER}, ".", "", 0, ("a.txt", "b.txt")),
    Case("in the order given", {"a.txt": PAGE, "b.txt": OTHER}, "b.txt a.txt", "", 0, ("b.txt", "a.txt")),
    Case("the same file twice", {"a.txt": PAGE}, "a.txt . a.txt", "", 0, ("a.txt",)),
    Case("the same name and text", {"one/a.txt": PAGE, "two/a.txt": PAGE}, ".", "", 0, ("a.txt",)),
    Case("the same text, two names", {"a.txt": PAGE, "b.txt": PAGE}, ".", "", 0, ("a.txt", "b.txt")),
    Case(
        "the same name, two texts",
        {"one/a.txt": PAGE, "two/a.txt": OTHER},
        ".",
        "kg: left out: two/a.txt: another document has the same name: one/a.txt; rename one of them\n"
        "kg: 1 document read, 1 left out\n",
        1,
        ("a.txt",),
    ),
    Case(
        "one of three is bad",
        {"a.txt": PAGE, "b.txt": b"", "c.txt": OTHER},
        ".",
        "kg: left out: b.txt: the file is empty; name a file with text\nkg: 2 documents read, 1 left out\n",
        1,
        ("a.txt", "c.txt"),
    ),
    Case(
        "the reasons are kept together",
        {"a.txt": NO_DRUG, "b.txt": b"", "c.txt": NO_DRUG, "d.txt": PAGE},
        ".",
        f"kg: left out: a.txt: {NAMES_NONE}\nkg: left out: c.txt: {NAMES_NONE}\n"
        "kg: left out: b.txt: the file is empty; name a file with text\nkg: 1 document read, 3 left out\n",
        1,
        ("d.txt",),
    ),
    Case("the only one is bad", {"a.txt": b""}, ".", "kg: a.txt: the file is empty; name a file with text\n", 2),
    Case(
        "all are bad",
        {"a.txt": b"", "b.txt": NO_DRUG},
        ".",
        f"kg: left out: a.txt: the file is empty; name a file with text\nkg: left out: b.txt: {NAMES_NONE}\n"
        "kg: no document can be read, 2 left out\n",
        2,
    ),
    Case(
        "a missing path costs the run before anything is printed",
        {"a.txt": PAGE},
        "a.txt b.txt",
        "kg: b.txt: no such file or folder; check the path\n",
        2,
    ),
)


@pytest.mark.parametrize("command", ["extract", "build --out my.kg"])
@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_a_run_over_many(
    case: Case, command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(write(tmp_path, case.files))
    code = cli.main([*command.split(), *case.arguments.split()])
    out, err = capsys.readouterr()
    built = Path("my.kg", "texts")
    if command == "extract":
        found = tuple(dict.fromkeys(json.loads(line)["document"] for line in out.splitlines()))
        assert found == case.documents
    else:
        assert sorted(p.name for p in built.iterdir()) == sorted(case.documents) if built.exists() else case.code == 2
        err = re.sub(r"my\.kg: .*\n", "", err)
    assert (err, code) == (case.err, case.code)


@pytest.mark.parametrize("more", [0, 1, 500])
def test_many_equal_reasons_are_counted(more: int, capsys: pytest.CaptureFixture[str]) -> None:
    watch = progress.Watch()
    for number in range(progress.LISTED + more):
        watch.leave_out(DocumentError(f"{number}.txt", "the file is empty", "name a file with text"))
        watch.leave_out(DocumentError(f"{number}.json", f"not JSON (line {number})", "mend it"))
    assert watch.close() == 2
    lines = capsys.readouterr().err.splitlines()
    grouped = [line for line in lines if " more: " in line]
    assert grouped == ([f"kg: left out: {more} more: the file is empty; name a file with text"] if more else [])
    assert sum(".txt: " in line for line in lines) == progress.LISTED
    assert sum(".json: " in line for line in lines) == progress.LISTED + more
    assert lines[-1] == f"kg: no document can be read, {2 * (progress.LISTED + more):,} left out"


def test_statements_come_by_document_and_place(tmp_path: Path) -> None:
    write(tmp_path, {"b.txt": OTHER, "a.txt": PAGE * 3})
    read = [r for r in extract_files([tmp_path]) if isinstance(r, Reading)]
    assert [r.document.name for r in read] == ["a.txt", "b.txt"]
    for result in read:
        assert {s.evidence.document for s in result.statements} == {result.document.name}
        places = [(s.evidence.span, s.evidence.object_span) for s in result.statements]
        assert places == sorted(places)
    assert len(read[0].statements) > len(read[1].statements) > 0


def test_one_document_is_held_at_a_time(tmp_path: Path) -> None:
    write(tmp_path, {f"{number:02}.txt": PAGE for number in range(30)} | {f"bad{n}.txt": b"" for n in range(30)})
    most = 0
    gc.freeze()  # what other tests have left is not looked through sixty times
    try:
        for result in extract_files([tmp_path]):
            if isinstance(result, DocumentError):
                assert (result.__traceback__, result.__context__, result.__cause__) == (None, None, None)
            gc.collect()
            most = max(most, sum(isinstance(thing, Document) for thing in gc.get_objects()))
    finally:
        gc.unfreeze()
    assert 0 < most <= 3


class Fault(NamedTuple):
    """Something that goes wrong inside with the second of three documents, and what becomes of it."""

    name: str
    error: Exception
    expected: str


FAULTS = (
    Fault("a fault of ours", IndexError("no such"), "cannot be read (internal error: IndexError at test_streaming.py:"),
    Fault("too deep", RecursionError(), "cannot be read (internal error: RecursionError at test_streaming.py:"),
    Fault("no memory", MemoryError(), "cannot be read (internal error: MemoryError at test_streaming.py:"),
    Fault("a document's own", DocumentError("b.txt", "is odd", "mend it"), "b.txt: is odd; mend it"),
)


@pytest.mark.parametrize("fault", FAULTS, ids=[fault.name for fault in FAULTS])
def test_a_fault_in_extraction_costs_one_document(
    fault: Fault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, {"a.txt": PAGE, "b.txt": OTHER, "c.txt": PAGE})
    real = Extractor.extract

    def faulty(self: Extractor, document: Document, drug: str | None = None) -> list[Statement]:
        if document.name == "b.txt":
            raise fault.error
        return real(self, document, drug)

    monkeypatch.setattr(Extractor, "extract", faulty)
    first, second, third = names(extract_files([tmp_path]))
    assert (first, third) == ("a.txt", "c.txt")
    assert second.startswith("b.txt: ")
    assert fault.expected in second


@pytest.mark.parametrize("fault", FAULTS, ids=[fault.name for fault in FAULTS])
def test_a_fault_in_a_reader_costs_the_rest_of_one_file(
    fault: Fault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def faulty(content: bytes, place: str, name: str) -> Iterator[Document]:
        yield make_document(f"{name}#1", plain.decode(content, place))
        raise fault.error

    monkeypatch.setitem(reading.READERS, ".several", faulty)
    write(tmp_path, {"a.txt": PAGE, "b.several": OTHER, "c.txt": PAGE})
    first, second, third, last = names(extract_files([tmp_path]))
    assert (first, second, last) == ("a.txt", "b.several#1", "c.txt")
    assert fault.expected in third
    assert str(tmp_path / "b.several") in third or third.startswith("b.txt: is odd")


@pytest.mark.parametrize("error", [OntologyError("a.toml:3", "is odd", "mend it"), KeyboardInterrupt()], ids=repr)
def test_what_concerns_every_document_ends_the_run(
    error: BaseException, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def faulty(*_: object) -> list[Statement]:
        raise error

    monkeypatch.setattr(Extractor, "extract", faulty)
    with pytest.raises(type(error)):
        list(extract_files([write(tmp_path, {"a.txt": PAGE})]))


def test_one_file_may_hold_a_document_twice_but_not_two_of_a_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def pair(content: bytes, place: str, name: str) -> Iterator[Document]:
        for line in content.splitlines():
            yield make_document(f"{name}#1", plain.decode(line, place))

    monkeypatch.setitem(reading.READERS, ".several", pair)
    file = write(tmp_path, {"a.several": PAGE + PAGE + OTHER}) / "a.several"
    same = f"{file} (a.several#1): another document has the same name: {file}; rename one of them"
    assert names(extract_files([file])) == ["a.several#1", same]


def test_documents_at_hand_go_the_same_way() -> None:
    page, error = make_document("a.txt", PAGE.decode()), DocumentError("b.txt", "is odd", "mend it")
    assert names(extraction.extract_documents([page, error])) == ["a.txt", "b.txt: is odd; mend it"]


# A process of its own ------------------------------------------------------------------------------------------------


def start(*arguments: str | Path, stderr: int = subprocess.PIPE) -> subprocess.Popen[bytes]:
    """Start a command as a process of its own."""
    command = [sys.executable, "-m", "kg.cli", *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=stderr, env={**os.environ, "TERM": "xterm"})


def test_a_document_is_printed_before_the_next_one_is_read_and_ctrl_c_is_quiet(tmp_path: Path) -> None:
    waiting = write(tmp_path, {"a.txt": PAGE}) / "b.txt"
    os.mkfifo(waiting)  # reading it waits until somebody writes
    with start("extract", tmp_path / "a.txt", waiting) as process:
        assert process.stdout is not None
        assert json.loads(process.stdout.readline())["document"] == "a.txt"
        writer = os.open(waiting, os.O_WRONLY)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate()
        os.close(writer)
    assert (err, process.returncode) == (b"", cli.INTERRUPTED)
    assert all(json.loads(line)["document"] == "a.txt" for line in out.splitlines())


def on_terminal(*arguments: str | Path) -> str:
    """Run a command whose stderr is a terminal, and return what appears there."""
    ours, theirs = pty.openpty()
    with start(*arguments, stderr=theirs) as process:
        os.close(theirs)
        process.communicate()
    shown = b""
    while True:
        try:
            piece = os.read(ours, 4096)
        except OSError:  # Linux says so when nobody holds the other end any more
            break
        if not piece:
            break
        shown += piece
    os.close(ours)
    return shown.decode()


SUMMARY = r"2 documents, 0\.0 MB, 0\.\d\d MB/s\r\n"
TERMINALS = (
    ("shown", ("extract",), {"b.txt": OTHER}, rf"(\r\x1b\[K([^\r\n]*MB/s)?)*{SUMMARY}"),
    ("off", ("extract", "--quiet"), {"b.txt": OTHER}, ""),
    (
        "quiet about progress, not about what is left out",
        ("extract", "--quiet"),
        {"b.txt": b""},
        r"kg: left out: \S*b\.txt: the file is empty; .*\r\nkg: 1 document read, 1 left out\r\n",
    ),
)


@pytest.mark.parametrize(("command", "files", "expected"), [t[1:] for t in TERMINALS], ids=[t[0] for t in TERMINALS])
def test_progress_is_for_terminals(
    command: tuple[str, ...], files: dict[str, bytes], expected: str, tmp_path: Path
) -> None:
    shown = on_terminal(*command, write(tmp_path, {"a.txt": PAGE, **files}))
    assert re.fullmatch(expected, shown), shown
