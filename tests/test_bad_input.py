"""Bad input: one clear line on stderr that names place and remedy, exit 2, no traceback, nothing half written."""

from __future__ import annotations

import gzip
import re
from pathlib import Path
from typing import NamedTuple

import pytest

from kg import cli, exports

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
    Case(
        "UTF-16 cut off",
        "extract a.txt",
        "a.txt: not UTF-16 as its first bytes say (byte 88); save it as UTF-8",
        {"a.txt": PAGE.encode("utf-16")[:-1]},
    ),
    Case(
        "one endless line",
        "extract a.txt",
        "a.txt: a line has more than 200000 characters; break lines to at most 200000",
        {"a.txt": b"First line\n" + b"word " * 400_000},
    ),
    Case(
        "zip named text",
        "extract a.txt",
        "a.txt: is a compressed archive (zip); unpack it and name the documents in it",
        {"a.txt": b"PK\x03\x04\x14\x00"},
    ),
    Case(
        "gzip named Markdown",
        "extract a.md",
        "a.md: is a compressed archive (gzip); unpack it and name the documents in it",
        {"a.md": gzip.compress(PAGE.encode(), mtime=0)},
    ),
    Case("PDF named text", "extract a.txt", "a.txt: is a PDF; give it the ending .pdf", {"a.txt": b"%PDF-1.7\n"}),
    Case("text named PDF", "extract a.pdf", "a.pdf: is not a PDF; name a PDF file*", {"a.pdf": said(PAGE)}),
    Case(
        "zip named PDF",
        "extract a.pdf",
        "a.pdf: is a compressed archive (zip); unpack it and name the documents in it",
        {"a.pdf": b"PK\x03\x04\x14\x00"},
    ),
    Case(
        "gzip named web page",
        "extract a.html",
        "a.html: is a compressed archive (gzip); unpack it and name the documents in it",
        {"a.html": gzip.compress(PAGE.encode(), mtime=0)},
    ),
    Case(
        "web page in two encodings",
        "extract a.html",
        "a.html: says no encoding, and byte 18 is not UTF-8 (0xe9); save it as UTF-8",
        {"a.html": b"<p>caf\xc3\xa9</p><p>caf\xe9</p>"},
    ),
    Case(
        "archive by its name",
        "extract a.tar",
        "a.tar: is a compressed archive (tar); unpack it and name the documents in it",
        {"a.tar": b"a.txt"},
    ),
    Case(
        "another language",
        "extract a.txt",
        "a.txt: is in German; name an English document",
        {
            "a.txt": said(
                "Sertralin wird bei einer Panikst\u00f6rung und auch bei \u00c4ngsten von dem Arzt verordnet.\n"
            )
        },
    ),
    Case(
        "unknown ending",
        "extract a.docx",
        "a.docx: no reader for .docx; use *.md *.txt*",
        {"a.docx": b"PK"},
    ),
    Case(
        "folder without documents",
        "extract empty",
        "empty: the folder holds no document; put *.md *.txt* files into it",
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
        "build: no document that can be read",
        "build . --out my.kg",
        "b.txt: the file is empty; name a file with text",
        {"b.txt": b""},
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
    Case(
        "check: missing graph",
        "check no.kg",
        "no.kg: no such file or folder; name a folder that `kg build` wrote, or an RDF file",
    ),
    Case(
        "check: a folder without facts",
        "check empty",
        "empty: holds no facts; name a folder that `kg build` wrote",
        {"empty/picture.png": b"\x89PNG"},
    ),
    Case(
        "check: unknown ending",
        "check a.xlsx",
        "a.xlsx: not a known RDF format; use a folder of facts or .ttl .trig .nq .nt .jsonld .rdf",
        {"a.xlsx": b"PK"},
    ),
    Case(
        "check: malformed Turtle",
        "check a.ttl",
        "a.ttl:2: not Turtle (*); mend the line it names",
        {"a.ttl": b"\n<a> <b"},
    ),
    Case(
        "check: JSON-LD that names a context",
        "check a.jsonld",
        "a.jsonld: names a context that would have to be fetched; put the context into the file",
        {"a.jsonld": b'{"@context": "https://example.org/context.jsonld"}'},
    ),
    Case(
        "check: XML with entities",
        "check a.rdf",
        "a.rdf: declares a document type or entities; remove <!DOCTYPE and write IRIs in full",
        {"a.rdf": b'<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>'},
    ),
    Case(
        "check: misspelt format",
        "check --format tabel",
        "--format: no format 'tabel'; use table or json or csv (did you mean table?)",
    ),
    Case(
        "check: missing documents",
        "check --documents nowhere",
        "nowhere: no such folder of documents; check --documents or KG_DOCUMENTS",
    ),
    Case("query: no question", "query", "NAME: no question is named; see `kg query --list`, or name a .rq file"),
    Case(
        "query: unknown question",
        "query cautoins --drug Klonopin",
        "cautoins: there is no question of that name; did you mean cautions*",
    ),
    Case(
        "query: missing file",
        "query my.rq",
        "my.rq: cannot be read (No such file or directory); name a .rq file that you may read",
    ),
    Case(
        "query: malformed SPARQL",
        "query my.rq",
        "my.rq:2: not SPARQL (*); mend the query at that line",
        {"my.rq": b"SELECT *\n{ ?s ?p }"},
    ),
    Case(
        "query: SPARQL that reaches out",
        "query my.rq",
        "my.rq*SERVICE*; *",
        {"my.rq": b"SELECT * { SERVICE <http://127.0.0.1/> { ?s ?p ?o } }"},
    ),
    Case(
        "query: unknown drug",
        "query cautions --drug Klonopine",
        "Klonopine: no drug of that name is known; did you mean Klonopin*?",
    ),
    Case(
        "query: drug that nothing is like",
        "query cautions --drug xqzzyv",
        "xqzzyv: no drug of that name is known; check the spelling",
    ),
    Case(
        "query: missing parameter",
        "query cautions",
        'cautions: the parameter "drug" is missing; name it, for instance drug="Klonopin"',
    ),
    Case(
        "query: unknown parameter",
        "query cautions --drug Klonopin --param durg=x",
        'cautions: there is no parameter "durg"; did you mean drug?',
    ),
    Case(
        "query: a parameter without value",
        "query cautions --param drug",
        "--param: 'drug' is no parameter; write NAME=VALUE",
    ),
    Case(
        "query: missing graph",
        "query cautions --drug Klonopin --graph no.kg",
        "no.kg: no such file or folder; name a folder that `kg build` wrote, or an RDF file",
    ),
    Case(
        "export: unknown format",
        "export out --format ttl,docx",
        f"docx: no such format; known are {' '.join(form.name for form in exports.FORMATS)}",
    ),
    Case(
        "export: a file for a folder",
        "export a.txt",
        "a.txt: cannot be written (File exists); name a folder you may write",
        {"a.txt": said(PAGE)},
    ),
    Case(
        "export: missing folder above",
        "export no/such/out",
        "no/such/out: cannot be written (No such file or directory); name a folder you may write",
    ),
    Case("export: too much", "export a b c", "c: one graph and one folder are enough; name [GRAPH] FOLDER"),
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
