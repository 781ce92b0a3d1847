"""openFDA: results of our own become documents that hold each field's text as it is; others are refused one by one."""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import Any

import pytest

from kg import reading
from kg.errors import DocumentError
from kg.extraction import extractor, sections
from kg.reading import layout
from kg.records import Document, Product

SHARED = Path(__file__).parents[2] / "shared" / "labels"
LABEL: dict[str, Any] = {
    "set_id": "11111111-aaaa-4bbb-8ccc-222222222222",
    "id": "33333333-aaaa-4bbb-8ccc-444444444444",
    "version": "7",
    "effective_time": "20240229",
    "openfda": {
        "brand_name": ["Zyqorvel"],
        "generic_name": ["SERTRALINE HYDROCHLORIDE"],
        "substance_name": ["SERTRALINE HYDROCHLORIDE"],
        "pharm_class_epc": ["Serotonin Reuptake Inhibitor [EPC]"],
        "pharm_class_moa": ["Serotonin Uptake Inhibitors [MoA]"],
        "pharm_class_cs": ["Naphthalenes [CS]"],
        "pharm_class_pe": ["Calmness [PE]"],
        "route": ["ORAL"],
    },
    "contraindications": ["4 CONTRAINDICATIONS  Glaucoma | gout.\nAsthma\u00ae \U0001f600"],
    "indications_and_usage": "1 INDICATIONS AND USAGE Zyqorvel treats panic disorder.",
    "contraindications_table": [
        "<table><tr><th>Who</th><th>Why</th></tr><tr><td>Asthma</td><td>&lt;5 &#x2022;</td></tr>"
    ],
    "spl_product_data_elements": ["Zyqorvel SERTRALINE STARCH"],
    "night_time_use_advice": ["Sleep well."],
    "night_time_code": ["42"],
    "night_time_count": 42,
    "warnings": [],
}
TEXT = """# Zyqorvel (sertraline hydrochloride)

Brand name: Zyqorvel

Pharmacologic class: Serotonin Reuptake Inhibitor, Serotonin Uptake Inhibitors, Naphthalenes

## Indications and usage

1 INDICATIONS AND USAGE Zyqorvel treats panic disorder.

## Contraindications

4 CONTRAINDICATIONS  Glaucoma | gout.
Asthma\u00ae \U0001f600

### Tables

| Who | Why |
| --- | --- |
| Asthma | <5 |

## Night time use advice

Sleep well.
"""
ID = LABEL["set_id"]


def read(content: object, folder: Path) -> list[Document | DocumentError]:
    """What a file `a.json` of this content yields."""
    path = folder / "a.json"
    path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    return list(reading.read(path))


def told(found: list[Document | DocumentError], folder: Path) -> list[str]:
    """Each document's name, and each error's line without the folder."""
    return [item.name if isinstance(item, Document) else str(item).removeprefix(f"{folder}/") for item in found]


@pytest.mark.parametrize(
    "shape", [LABEL, [LABEL], {"meta": {"results": [1]}, "results": [LABEL]}], ids=["one", "list", "bulk"]
)
def test_a_result_becomes_a_document(shape: object, tmp_path: Path) -> None:
    [document] = read(shape, tmp_path)
    assert isinstance(document, Document)
    assert document.text == TEXT
    assert (document.name, document.source_kind, document.markup) == (f"a.json#{ID}", "label", "marked")
    assert document.product == Product(
        ("Zyqorvel", "SERTRALINE HYDROCHLORIDE"),
        ("SERTRALINE HYDROCHLORIDE",),
        ("Serotonin Reuptake Inhibitor", "Serotonin Uptake Inhibitors", "Naphthalenes"),
    )
    typed = {section.span.of(document.text): section.kinds for section in document.sections}
    assert typed == {"Indications and usage": {"indications"}, "Contraindications": {"contraindications"}}


WITHOUT_ID = {key: value for key, value in LABEL.items() if key not in ("set_id", "id")}
EMPTY = {"set_id": "e", "openfda": {}, "warnings": [""]}
REMEDY = "name a file of openFDA's drug labels"
NO_LABEL = f"has no text of a label; {REMEDY}"
NOT_OPENFDA = f"a.json: is JSON, but holds no label of openFDA; {REMEDY}"

TOO_DEEP = "a.json: its JSON is nested too deeply; no label is; leave the file out"


def bulk(*results: object) -> bytes:
    """The bytes of a bulk file."""
    return json.dumps({"meta": {}, "results": results}).encode()


@pytest.mark.parametrize(
    ("content", "lines"),
    [
        (bulk(LABEL, LABEL, LABEL), [f"a.json#{ID}", f"a.json#{ID}-2", f"a.json#{ID}-3"]),
        (bulk(LABEL, WITHOUT_ID), [f"a.json#{ID}", "a.json#2"]),
        (bulk(WITHOUT_ID | {"openfda": {"spl_set_id": ["s/../t"]}}), ["a.json#s-..-t"]),
        (bulk(WITHOUT_ID | {"id": "v"}), ["a.json#v"]),
        (bulk(WITHOUT_ID | {"set_id": "x" * 999}), ["a.json#" + "x" * 80]),
        (bulk(3, LABEL, EMPTY), [f"a.json#1: {NO_LABEL}", f"a.json#{ID}", f"a.json#e: {NO_LABEL}"]),
        (
            bulk(LABEL, {"set_id": "n", "warnings": [5]}),
            [f"a.json#{ID}", f"a.json#n: its field warnings holds no text; {REMEDY}"],
        ),
        (
            json.dumps([LABEL, {"set_id": "n", "warnings": "a b", "x": 0}]).replace(": 0", ": " + "9" * 5000).encode(),
            [f"a.json#{ID}", f"a.json#n: holds a number of 5000 digits; {REMEDY}"],
        ),
        (
            bulk(LABEL, LABEL)[:-40],
            [f"a.json#{ID}", "a.json:1: no well-formed JSON (*); fetch the file again"],
        ),
        (bulk(LABEL) + b"]", [f"a.json#{ID}", "a.json:1: no well-formed JSON (extra data, *); fetch the file again"]),
        (b'{"results": [' + b"[" * 100_000, [TOO_DEEP]),
        (b'{"warnings": "a b", "x": ' + b"[" * 100_000, [TOO_DEEP]),
        (b"", ["a.json: the file is empty; name a file with text"]),
        (b"\xef\xbb\xbf \n", ["a.json: the file is empty; name a file with text"]),
        (b"\xff\xfe", ["a.json: the file is empty; name a file with text"]),
        (b'{"warnings": "\xff"}', ["a.json: not UTF-8 (byte 14 is 0xff); save it as UTF-8"]),
        (b"word", ["a.json:1: no well-formed JSON (expecting value, column 1); fetch the file again"]),
        (b'{"a": 1,}', ["a.json:1: no well-formed JSON (*); fetch the file again"]),
        (b'{"a" 1}', ["a.json:1: no well-formed JSON (*); fetch the file again"]),
        (b'{"a": 1} x', ["a.json:1: no well-formed JSON (extra data, column 10); fetch the file again"]),
        (b"[1 2]", ["a.json:1: no well-formed JSON (*); fetch the file again"]),
        (b"[]", [NOT_OPENFDA]),
        (b"{}", [NOT_OPENFDA]),
        (b"17", [NOT_OPENFDA]),
        (b'{"results": 3}', [NOT_OPENFDA]),
        (b'{"results": []}', [NOT_OPENFDA]),
        (json.dumps(list(range(1000))).encode(), [NOT_OPENFDA]),
        (bulk(EMPTY), [NOT_OPENFDA]),
        (b'{"name": "x", "description": "Makes words of numbers."}', [NOT_OPENFDA]),
        (bulk({"openfda": {}, "generic_name": "Gold salt", "route": ["ORAL"]}), [NOT_OPENFDA]),
        (bulk({"openfda": {}, "description": "A salt of gold."}), ["a.json#1"]),
        (bulk({"description": ["A salt of gold."]}), ["a.json#1"]),
        (
            bulk(LABEL, {"set_id": "n", "warnings": ["word " * 300_000]}),
            [f"a.json#{ID}", "a.json#n: its field warnings is a line of 1500000 characters; no label is; leave it out"],
        ),
        (b'{"set_id": "n", "warnings": {"a": "b"}}', [f"a.json#n: its field warnings holds no text; {REMEDY}"]),
    ],
)  # fmt: skip
def test_what_a_file_yields(content: bytes, lines: list[str], tmp_path: Path) -> None:
    said = told(read(content, tmp_path), tmp_path)
    assert len(said) == len(lines)
    for line, expected in zip(said, lines, strict=True):
        before, _, after = expected.partition("*")
        assert line.startswith(before) and line.endswith(after) and (after or line == before), line


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        ("a \ud800 b", "a \ufffd b"),
        ("a \x00 b\x1f", "a \ufffd b\ufffd"),
        ("tab\there\u00a0\u00ad and ", "tab\there\u00a0\u00ad and "),
        ("# no heading\n| no | row\n", "# no heading\n| no | row\n"),
    ],
)
def test_a_text_is_kept_character_by_character(value: str, kept: str, tmp_path: Path) -> None:
    [document] = read({"warnings": value}, tmp_path)
    assert isinstance(document, Document)
    assert document.text == f"# a.json#1\n\n## Warnings\n\n{kept}\n"
    document.text.encode()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_encodings(encoding: str, tmp_path: Path) -> None:
    [document] = read(json.dumps(LABEL, ensure_ascii=False).encode(encoding), tmp_path)
    assert isinstance(document, Document) and document.text == TEXT


@pytest.mark.parametrize(
    ("table", "lines"),
    [
        ("<table><tr><td>a<td>b</tr>", ["a b"]),
        ("no table at all", ["no table at all"]),
        (
            "<table><tr><td>&#xD800;a&#0;</td><td>&#55296 b &#x26;&#8805;</td></tr></table>",
            ["| \ufffda\ufffd | \ufffd b &≥ |"],
        ),
        ("<table><caption>C</caption><tr><td>x</td><td>1</td></tr></table> <table/>", ["C", "", "| x | 1 |"]),
    ],
)
def test_broken_tables_are_read_as_far_as_they_go(table: str, lines: list[str], tmp_path: Path) -> None:
    [document] = read({"warnings_table": table, "warnings": "some words"}, tmp_path)
    assert isinstance(document, Document)
    for line in lines:
        assert line in document.text.splitlines()


def test_a_table_that_declares_entities_costs_its_own_result_only(tmp_path: Path) -> None:
    bomb = {"set_id": "b", "warnings": "some words", "warnings_table": '<!DOCTYPE t [<!ENTITY a "b">]><table/>'}
    said = told(read([bomb, LABEL], tmp_path), tmp_path)
    assert said == [
        "a.json#b: declares a document type or an entity; remove the declaration; a label needs none",
        f"a.json#{ID}",
    ]


@pytest.mark.skipif(not SHARED.is_dir(), reason="the labels beside the project are not here")
@pytest.mark.parametrize("name", sorted(path.name for path in SHARED.glob("*.json"))[:2])
def test_whole_labels(name: str) -> None:
    raw = {result["set_id"]: result for result in json.loads((SHARED / name).read_bytes())["results"]}
    known = sections.SectionTable(extractor().tables)
    read_, left_out = 0, 0
    for document in reading.read(SHARED / name):
        if isinstance(document, DocumentError):
            left_out += 1
            continue
        read_ += 1
        texts = {
            key: value[0] for key, value in raw[document.name.partition("#")[2]].items() if isinstance(value, list)
        }
        for key, text in texts.items():
            assert key.endswith("_table") or text in document.text
        for section in document.sections:
            assert document.text[: section.span.start].endswith("# ")
            assert document.text[section.span.end] == "\n"
        if read_ % 10 == 0:
            found = layout.passages(document, known)
            assert all(passage.span.of(document.text).strip() for passage in found)
            for one, other in itertools.pairwise(found):
                assert one.span.end <= other.span.start
    assert read_ + left_out == len(raw) and left_out <= 1
