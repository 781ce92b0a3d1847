"""Bad input: one clear line on stderr that names place and remedy, exit 2, no traceback, nothing half written."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

import pytest

from kg import cli

PAGE = "Sertraline is used to treat panic disorder.\n"


class Case(NamedTuple):
    """A command line, the whole line it must answer with (`*`: any words), the files it meets."""

    name: str
    arguments: str
    line: str
    files: dict[str, bytes] = {}  # noqa: RUF012


def said(text: str) -> bytes:
    """The bytes of a text file."""
    return text.encode()


CASES = (
    Case("missing", "extract no.txt", "no.txt: no such file or folder; check the path"),
    Case("empty", "extract a.txt", "a.txt: the file is empty; name a file with text", {"a.txt": b""}),
    Case("blank", "extract a.txt", "a.txt: the file is empty; name a file with text", {"a.txt": b" \n\n\t"}),
    Case("binary", "extract a.txt", "a.txt: the file is binary; name a text file", {"a.txt": b"\x7fELF\xff\x00" * 9}),
    Case("control", "extract a.txt", "a.txt: the file is binary; name a text file", {"a.txt": b"text \x00\x01" * 99}),
    Case(
        "huge line",
        "extract a.txt",
        "a.txt: a line has 250000 characters; break lines to at most 200000",
        {"a.txt": b"word " * 50_000},
    ),
    Case(
        "latin-1",
        "extract a.txt",
        "a.txt: not UTF-8 (byte 3 is 0xe9); save it as UTF-8",
        {"a.txt": "caf\u00e9 and tea".encode("latin-1")},
    ),
    Case("utf-16", "extract a.txt", "a.txt: the text is UTF-16; save it as UTF-8", {"a.txt": PAGE.encode("utf-16")}),
    Case(
        "unknown ending",
        "extract a.docx",
        "a.docx: no reader for .docx; use .markdown .md .text .txt",
        {"a.docx": b"PK"},
    ),
    Case(
        "folder without documents",
        "extract empty",
        "empty: the folder holds no document; put .markdown .md .text .txt files into it",
        {"empty/picture.png": b"\x89PNG"},
    ),
    Case(
        "no drug named",
        "extract a.txt",
        "a.txt: names no drug of the vocabulary; name its drug with --drug",
        {"a.txt": b"Nothing is said here about anything."},
    ),
    Case(
        "misspelt format",
        "extract a.txt --format jsnol",
        "--format: no format 'jsnol'; use jsonl or table (did you mean jsonl?)",
        {"a.txt": said(PAGE)},
    ),
    Case(
        "unknown command",
        "extrat a.txt",
        "no such command 'extrat'*; `kg --help` shows what it takes",
    ),
    Case(
        "unknown option",
        "extract a.txt --formt table",
        "no such option: --formt*; `kg extract --help` shows what it takes",
    ),
    Case("no path", "extract", "missing argument 'PATH'; `kg extract --help` shows what it takes"),
    Case(
        "build: no target",
        "build a.txt",
        "--out: one folder to write to is needed; name it with --out or with --facts",
        {"a.txt": said(PAGE)},
    ),
    Case(
        "build: missing folder",
        "build a.txt --out no/such.kg",
        "no/such.kg: cannot be written (No such file or directory); name a folder you may write",
        {"a.txt": said(PAGE)},
    ),
    Case(
        "build: a target that is something else",
        "build a.txt --out pictures",
        "pictures: exists and is no folder of facts; name a new folder",
        {"a.txt": said(PAGE), "pictures/cat.png": b"\x89PNG"},
    ),
    Case(
        "build: the name of a file",
        "build a.txt --out a.txt",
        "a.txt: exists and is no folder of facts; name a new folder",
        {"a.txt": said(PAGE)},
    ),
    Case(
        "build: one bad document among good ones",
        "build . --out my.kg",
        "b.txt: the file is empty; name a file with text",
        {"a.txt": said(PAGE), "b.txt": b""},
    ),
    Case(
        "build: missing decisions",
        "build a.txt --out my.kg --decisions no.tsv",
        "no.tsv: cannot be read (No such file or directory); name a readable file",
        {"a.txt": said(PAGE)},
    ),
    Case(
        "build: malformed decisions",
        "build a.txt --out my.kg --decisions d.tsv",
        "d.tsv:1: the header is not that of decisions; use decision document kind polarity subject object start end "
        "object_start object_end qualifiers reason, tabs between",
        {"a.txt": said(PAGE), "d.tsv": b"what,why\n"},
    ),
)


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_bad_input_is_one_clear_line(
    case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, content in case.files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(content)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("KG_DOCUMENTS", raising=False)

    code = cli.main(case.arguments.split())

    output = capsys.readouterr()
    assert re.fullmatch(re.escape(f"kg: {case.line}\n").replace(r"\*", ".*"), output.err), output.err
    assert output.out == ""
    assert code == 2
    left = {path.relative_to(tmp_path).as_posix(): path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    assert left == case.files
