"""Effects that no vocabulary names are found by their shape and place, in every format, and have no identifier."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from fpdf import FPDF

from kg.extraction import extract_files, extractor
from kg.reading import make_document
from kg.records import Reading

ITEMS = ("floopitis", "zorbing of the toes", "quaxemia")
SENTENCES = (
    "Blorbemia, snarvelitis and trelliform oedipathy have been reported.",
    "Cases of vexilosis have been observed.",
    "The most common side effects (5% and more) were drimbosis, klatch syndrome, and worfle pneuritis.",
)
ROW = ("Tharnia", "12%", "3%")
HEAD = ("Adverse reaction", "Zoloft", "Placebo")
WANTED = {
    *ITEMS, "Blorbemia", "snarvelitis", "trelliform oedipathy", "vexilosis", "drimbosis", "klatch syndrome",
    "worfle pneuritis", "Tharnia",
}  # fmt: skip
FLAT = "6 ADVERSE REACTIONS These reactions are described elsewhere: • {} {}"
SPL = (
    '<document xmlns="urn:hl7-org:v3"><title>Zoloft</title><component><structuredBody><component><section>'
    '<code code="34084-4"/><title>ADVERSE REACTIONS</title><text>{}</text></section></component></structuredBody>'
    "</component></document>"
)


def table(cell: str) -> str:
    rows = ("".join(f"<{cell}>{words}</{cell}>" for words in row) for row in (HEAD, ROW))
    return f"<table><thead><tr>{next(rows)}</tr></thead><tbody><tr>{next(rows)}</tr></tbody></table>"


def markup(item: str, paragraph: str) -> tuple[str, str]:
    return "".join([f"<{item}>{words}</{item}>" for words in ITEMS]), "".join(
        f"<{paragraph}>{words}</{paragraph}>" for words in SENTENCES
    )


def written(ending: str) -> bytes:
    """A page of each format with the same list, sentences and table under a heading of adverse effects."""
    if ending == ".pdf":
        return sheet()
    if ending == ".md":
        rows = "".join(f"| {' | '.join(row)} |\n" for row in (HEAD, ("---",) * 3, ROW))
        items = "".join(f"- {words}\n" for words in ITEMS)
        return "\n".join(["# Zoloft\n\n## Side effects\n", items, *(f"{s}\n" for s in SENTENCES), rows]).encode()
    if ending == ".json":
        data = {
            "openfda": {"brand_name": ["Zoloft"]},
            "adverse_reactions": [
                FLAT.format(
                    " • ".join(ITEMS), f"6.1 Postmarketing Experience {SENTENCES[0]} {SENTENCES[1]} {SENTENCES[2]}"
                )
            ],
            "adverse_reactions_table": [table("td")],
        }
        return json.dumps(data).encode()
    items, sentences = markup("item" if ending == ".xml" else "li", "paragraph" if ending == ".xml" else "p")
    if ending == ".xml":
        return SPL.format(f"<list>{items}</list>{sentences}{table('td')}").encode()
    page = f"<h1>Zoloft</h1><h2>Side effects</h2><ul>{items}</ul>{sentences}{table('td')}"
    return f"<html><body><main>{page}</main></body></html>".encode()


def sheet() -> bytes:
    made = FPDF()
    made.add_page()
    for size, style, lines in (
        (18, "B", ("Zoloft",)),
        (13, "B", ("4. Possible side effects",)),
        (11, "", (*(f"- {words}" for words in ITEMS), "", *SENTENCES)),
    ):
        made.set_font("helvetica", size=size, style=style)
        for line in lines:
            made.multi_cell(0, text=line, new_x="LMARGIN", new_y="NEXT")
    with made.table() as rows:
        for row in (HEAD, ROW):
            rows.row(row)
    return bytes(made.output())


@pytest.mark.parametrize("ending", [".md", ".html", ".pdf", ".xml", ".json"])
def test_effects_without_a_name_are_found_in_every_format(ending: str, tmp_path: Path) -> None:
    path = tmp_path / f"a{ending}"
    path.write_bytes(written(ending))
    [reading] = extract_files([path], "sertraline")
    assert isinstance(reading, Reading)
    found = {s.evidence.object_text: s for s in reading.statements if s.kind == "adverse_effect"}
    assert found.keys() >= WANTED, WANTED - found.keys()
    assert not found.keys() - WANTED
    for statement in found.values():
        assert statement.object.iri is None
        assert statement.evidence.quote == statement.evidence.span.of(reading.document.text)


REFUSED = (
    "Decreases in hemoglobin, florps and zonks have been reported.",
    "Renal, glorbic and hepatic pain have been reported.",
    "Angioedema of the face, florps and zonks has been reported.",
    "In addition, nausea has been reported.",
    "In Study 1, Grade 3 or 4 nausea was reported.",
    "Blorbic and non-blorbic nausea, which may be severe, has been reported.",
)


@pytest.mark.parametrize("sentence", REFUSED)
def test_neighbours_in_other_constructions_are_no_findings(sentence: str) -> None:
    document = make_document("a.md", f"# Zoloft\n\n## Side effects\n\n{sentence}\n", "markdown")
    said = extractor().extract(document, "sertraline")
    assert [s.evidence.object_text for s in said if s.object.iri is None and s.kind == "adverse_effect"] == []


ROWS = (
    ("| Nausea | 12 % | 3 % |", "Nausea | 12 % | 3 %"),
    ("| Nausea and rash | 12 % | |", "Nausea and rash | 12 %"),
    ("| Skin | rash | common |", "Skin | rash | common"),
    (f"| Nausea | {'word ' * 150} | 3 % |", "Nausea"),
)


@pytest.mark.parametrize(("row", "quote"), ROWS, ids=range(len(ROWS)))
def test_the_row_of_a_table_is_quoted(row: str, quote: str) -> None:
    page = f"# Zoloft\n\n## Side effects\n\n| Effect | Zoloft | Placebo |\n| --- | --- | --- |\n{row}\n"
    said = extractor().extract(make_document("a.md", page, "markdown"), "sertraline")
    effects = [s for s in said if s.kind == "adverse_effect" and s.evidence.object_text.lower() in ("nausea", "rash")]
    assert effects
    assert {s.evidence.quote for s in effects} == {quote}
    assert all(page[slice(*s.evidence.span)] == quote for s in effects)
