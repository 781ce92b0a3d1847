"""PDF files: what a page breaks is put together, what stands around the text is left out, bad files are refused."""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from fpdf import FPDF
from hypothesis import given, settings
from hypothesis import strategies as st

from kg import reading
from kg.errors import DocumentError
from kg.extraction import phrases
from kg.extraction.sections import SectionTable
from kg.reading import layout, pdf, pdf_flow, pdf_text
from kg.records import Document, Product

SHARED = Path(__file__).resolve().parents[2] / "shared"
LEAFLETS = ("karvea.pdf", "xenical.pdf")

PROSE = (
    "Examplin is taken once a day with a glass of water. Who forgets a dose takes the next one at the usual time. "
    "The tablets are swallowed whole, because the film on them is made so that the stomach does not open it too early. "
)


class Sheet(FPDF):
    """A PDF made for a test; `head` and `foot` stand on every page."""

    head = ""
    foot = ""

    def header(self) -> None:
        if self.head:
            self.set_font("Helvetica", size=8)
            self.text(20, 10, self.head)
            self.set_y(25)

    def footer(self) -> None:
        if self.foot:
            self.set_font("Helvetica", size=8)
            self.text(100, 290, self.foot.format(self.page_no()))

    def say(self, text: str, style: str = "", size: int = 11, indent: float = 0) -> None:
        """Write a paragraph."""
        self.set_font("Times", style, size)
        self.set_x(self.l_margin + indent)
        self.multi_cell(0, 5, text, align="L", new_x="LMARGIN", new_y="NEXT")

    def gap(self) -> None:
        """Leave a line free."""
        self.ln(5)


def sheet(write: Callable[[Sheet], object], head: str = "", foot: str = "") -> bytes:
    """Make a PDF of what `write` writes on its first page."""
    made = Sheet()
    made.head, made.foot = head, foot
    made.add_page()
    write(made)
    return bytes(made.output())


def read(content: bytes) -> Document:
    """Read a PDF that must be one document."""
    (document,) = pdf.read(content, "a.pdf", "a.pdf")
    return document


def text(write: Callable[[Sheet], object], head: str = "", foot: str = "") -> str:
    """Read back what `write` writes."""
    return read(sheet(write, head, foot)).text


def test_lines_of_a_paragraph_are_joined_and_paragraphs_parted() -> None:
    def write(made: Sheet) -> None:
        made.say(PROSE)
        made.gap()
        made.say("A second paragraph is short.")
        made.say("So is a third one.")

    parts = [PROSE.strip(), "A second paragraph is short.", "So is a third one."]
    assert text(write) == "\n\n".join(parts) + "\n"


def test_headings_are_known_by_weight_size_and_number() -> None:
    def write(made: Sheet) -> None:
        made.say("Examplin tablets", size=18)
        made.say("4. Clinical particulars", "B")
        made.say("4.3 Contraindications", "B")
        made.say("Older people")
        made.say(PROSE)
        made.gap()
        made.say("Driving and machines", "B")
        made.say(PROSE)
        made.say("This whole sentence is bold, but it ends as sentences do.", "B")

    kept = re.findall(r"^(#*) ?(.*)$", text(write), re.MULTILINE)
    assert [(len(mark), words) for mark, words in kept if mark] == [
        (1, "Examplin tablets"),
        (2, "4. Clinical particulars"),
        (3, "4.3 Contraindications"),
        (5, "Older people"),
        (4, "Driving and machines"),
    ]
    assert kept[-2] == ("", "This whole sentence is bold, but it ends as sentences do.")


def test_bullets_are_items_and_what_wraps_belongs_to_them() -> None:
    def write(made: Sheet) -> None:
        made.say("Do not take it:")
        for indent, mark, words in (
            (0, "\x95", "if you are allergic to it, " + PROSE.split(".")[2].strip().lower()),
            (0, "\x95", "with"),
            (8, "-", "alcohol"),
            (8, "-", "opium"),
            (0, "\x95", "if you drive"),
        ):
            made.set_font("Times", size=11)
            made.set_x(made.l_margin + indent)
            made.cell(6, 5, mark.encode("latin-1").decode("cp1252") if mark == "\x95" else mark)
            left = made.l_margin
            made.set_left_margin(made.get_x())
            made.multi_cell(120, 5, words, align="L")
            made.set_left_margin(left)
            made.ln(5)
        made.gap()
        made.say("After the list.")

    made = Sheet()
    made.core_fonts_encoding = "cp1252"  # for the bullet
    made.add_page()
    write(made)
    lines = read(bytes(made.output())).text.splitlines()
    assert [line for line in lines if line] == [
        "Do not take it:",
        "- if you are allergic to it, " + PROSE.split(".")[2].strip().lower(),
        "- with",
        "  - alcohol",
        "  - opium",
        "- if you drive",
        "After the list.",
    ]


@pytest.mark.parametrize("borders", ["ALL", "HORIZONTAL_LINES", "NONE"])
def test_tables_become_rows(borders: str) -> None:
    def write(made: Sheet) -> None:
        made.set_font("Times", size=11)
        made.cell(0, 5, "How often effects were seen:", new_x="LMARGIN", new_y="NEXT")
        rows = [
            ("Effect", "Examplin", "Placebo"),
            ("headache that does not go away", "12 %", "3 %"),
            ("rash", "4 %", "1 %"),
        ]
        with made.table(col_widths=(20, 20, 20), width=90, borders_layout=borders) as table:
            for row in rows:
                table.row(row)
        made.cell(0, 5, "After the table.")

    assert text(write) == (
        "How often effects were seen:\n\n| Effect | Examplin | Placebo |\n| --- | --- | --- |\n"
        "| headache that does not go away | 12 % | 3 % |\n| rash | 4 % | 1 % |\n\nAfter the table.\n"
    )


def test_boxes_around_text_are_no_tables() -> None:
    def write(made: Sheet) -> None:
        made.rect(8, 8, 190, 60)
        made.say(PROSE)

    assert text(write) == PROSE.strip() + "\n"


def test_columns_are_read_one_after_the_other() -> None:
    def write(made: Sheet) -> None:
        made.set_font("Times", size=11)
        with made.text_columns(ncols=2, gutter=10) as columns:
            for number in range(30):
                columns.write(f"Sentence {number} of the story says what follows sentence {number - 1} of it. ")

    found = [int(number) for number in re.findall(r"Sentence (\d+)", text(write))]
    assert found == list(range(30))


def test_columns_drawn_line_by_line_are_read_one_after_the_other() -> None:
    def write(made: Sheet) -> None:
        made.set_font("Times", size=11)
        for number in range(12):
            for x, name in ((20, "left"), (110, "right")):
                made.text(x, 30 + 5 * number, f"line {number} of the {name} column goes on with")

    found = re.findall(r"line (\d+) of the (left|right)", text(write))
    assert found == [(str(number), name) for name in ("left", "right") for number in range(12)]


def test_running_heads_and_page_numbers_are_left_out_and_paragraphs_go_on() -> None:
    def write(made: Sheet) -> None:
        made.say(PROSE * 60)

    found = text(write, head="Examplin, version 7", foot="Page {} of 9")
    assert found == (PROSE * 60).strip() + "\n"


def test_what_stands_above_only_two_pages_is_kept() -> None:
    def write(made: Sheet) -> None:
        made.say(PROSE)
        made.add_page()
        made.say(PROSE)

    assert text(write, head="Examplin tablets").count("Examplin tablets") == 2


def test_words_broken_at_the_end_of_a_line_are_joined_only_where_that_is_safe() -> None:
    def write(made: Sheet) -> None:
        for line in ("hypertension and long-term use", "hyper-", "tension and long-", "term use, non-", "sense"):
            made.say(line)

    made = text(write).replace("\n\n", "\n")
    assert "hypertension and long-term use" in made
    joiner = pdf_flow.Joiner(["hypertension", "long-term use"])
    assert joiner.joined(["in hyper-", "tension it"]) == "in hypertension it"
    assert joiner.joined(["in long-", "term use"]) == "in long-term use"
    assert joiner.joined(["such non-", "sense"]) == "such non-sense"
    assert joiner.joined(["of type-", "1 diabetes"]) == "of type-1 diabetes"
    assert joiner.joined(["5 -", "10 mg"]) == "5 - 10 mg"


def test_pages_that_lie_on_their_side_are_read_and_marks_across_them_are_not() -> None:
    def write(made: Sheet) -> None:
        with made.rotation(90, 100, 100):
            made.set_xy(20, 100)
            made.say(PROSE)
        with made.rotation(45, 100, 200):
            made.set_font("Times", size=40)
            made.text(60, 200, "DRAFT")

    assert text(write) == PROSE.strip() + "\n"


@pytest.mark.parametrize(
    ("title", "product"),
    [
        ("Examplin, INN - exampline salt/fictine", Product(("Examplin",), ("exampline salt", "fictine"))),
        ("EXAMPLIN, INN-exampline", Product(("EXAMPLIN",), ("exampline",))),
        ("A study of innovation", None),
        ("Microsoft Word - text.doc", None),
    ],
)  # fmt: skip
def test_the_title_names_the_product(title: str, product: Product | None) -> None:
    def write(made: Sheet) -> None:
        made.set_title(title)
        made.say("Examplin", size=18)
        made.say(PROSE)

    document = read(sheet(write))
    assert document.product == product
    assert document.title == ("Examplin" if "Word" in title else title)


def locked(owner: str, user: str, method: str) -> bytes:
    """A PDF with passwords."""
    from fpdf.enums import EncryptionMethod

    def write(made: Sheet) -> None:
        made.set_encryption(owner, user, encryption_method=EncryptionMethod[method])
        made.say(PROSE)

    return sheet(write)


@pytest.mark.parametrize("method", ["RC4", "AES_128", "AES_256"])
def test_a_lock_that_only_forbids_changes_is_no_obstacle(method: str) -> None:
    assert read(locked("owner", "", method)).text == PROSE.strip() + "\n"


def made_of(*objects: bytes, root: bytes = b"1 0 R") -> bytes:
    """A PDF of the objects given, numbered from 1."""
    body, places = b"%PDF-1.7\n", []
    for number, item in enumerate(objects, 1):
        places.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, item)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    return body + b"xref\n0 %d\n0000000000 65535 f \n%strailer\n<</Size %d /Root %s>>\nstartxref\n%d\n%%%%EOF\n" % (
        len(objects) + 1,
        table,
        len(objects) + 1,
        root,
        len(body),
    )


def stream(data: bytes, entries: bytes = b"") -> bytes:
    """A stream object."""
    return b"<</Length %d %s>>stream\n%s\nendstream" % (len(data), entries, data)


FONT = b"<</Type/Font/Subtype/Type1/BaseFont/Times-Roman>>"
CATALOG = b"<</Type/Catalog/Pages 2 0 R>>"


def page_of(content: bytes, count: int = 1) -> bytes:
    """A PDF whose pages all show one content stream."""
    pages = b"<</Type/Pages/Kids[%s]/Count %d>>" % (b"3 0 R " * count, count)
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>"
    return made_of(CATALOG, pages, page, content, FONT)


WORDS = b"BT /F 11 Tf 50 700 Td (Examplin is taken once a day.) Tj ET"
WHOLE = sheet(lambda made: made.say(PROSE))


def picture(made: Sheet) -> None:
    """Draw something without text."""
    made.rect(20, 20, 50, 50, "F")


REFUSED = (
    ("no PDF", b"<html>", "is not a PDF; name a PDF file, or give the file the ending of what it is"),
    ("empty", b"", "is not a PDF; name a PDF file, or give the file the ending of what it is"),
    ("cut off", WHOLE[: len(WHOLE) // 2], "the PDF is cut off: its end is missing; get the whole file again"),
    ("scanned", sheet(picture), "has no text (scanned pages); run text recognition (OCR) on it first"),
    ("only a number", sheet(picture, foot="{}"), "has no text (scanned pages); run text recognition (OCR) on it first"),
    ("locked", locked("owner", "user", "RC4"), "is locked by a password; save it without the password"),
    ("locked, AES", locked("owner", "user", "AES_256"), "is locked by a password; save it without the password"),
    (
        "no objects",
        b"%PDF-1.7\nnothing\n%%EOF",
        "the file of the PDF cannot be read (PdfReadError); get the file again, or print it to a new PDF",
    ),
    (
        "too many pages",
        page_of(stream(WORDS), pdf_text.MOST_PAGES + 1),
        "has 3001 pages; split it into documents of at most 3000 pages",
    ),
    (
        "unfolds on one page",
        page_of(stream(zlib.compress(b" " * 30_000_000), b"/Filter/FlateDecode")),
        "page 1 unfolds to more than a document has; print it to a new PDF, or split it",
    ),
    (
        "unfolds over many pages",
        page_of(stream(zlib.compress(WORDS + b" " * 5_000_000), b"/Filter/FlateDecode"), 60),
        "page 12 unfolds to more than a document has; print it to a new PDF, or split it",
    ),
    (
        "folded many times",
        page_of(stream(zlib.compress(zlib.compress(b" " * 90_000_000)), b"/Filter[/FlateDecode/FlateDecode]")),
        "page 1 unfolds to more than a document has; print it to a new PDF, or split it",
    ),
    (
        "pages in a circle",
        made_of(CATALOG, b"<</Type/Pages/Kids[2 0 R]/Count 1>>"),
        "*; *",
    ),
    (
        "letters without meaning",
        page_of(stream(b"BT /F 11 Tf 50 700 Td <%s> Tj ET" % (b"01020304050607" * 9))),
        "*; *",
    ),
)


@pytest.mark.parametrize(("content", "message"), [case[1:] for case in REFUSED], ids=[case[0] for case in REFUSED])
def test_bad_files_are_refused_with_the_reason(content: bytes, message: str) -> None:
    with pytest.raises(DocumentError) as raised:
        read(content)
    expected = re.escape(f"a.pdf: {message}").replace(r"\*", ".+")
    assert re.fullmatch(expected, str(raised.value))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, len(WHOLE) - 1), st.binary(min_size=0, max_size=6)), min_size=1, max_size=9))
def test_broken_files_are_read_or_refused(changes: list[tuple[int, bytes]]) -> None:
    content = bytearray(WHOLE)
    for place, put in changes:
        content[place : place + len(put)] = put
    try:
        assert read(bytes(content)).text.strip()
    except DocumentError as error:
        assert str(error).startswith("a.pdf: ")


@pytest.mark.skipif(not SHARED.is_dir(), reason=f"the leaflets are not at hand ({SHARED} is absent)")
@pytest.mark.parametrize("name", LEAFLETS)
def test_a_product_information_is_read_with_its_sections(name: str) -> None:
    (document,) = reading.read(SHARED / "leaflets" / name)
    assert isinstance(document, Document)
    known = SectionTable(phrases.load())
    passages = layout.passages(document, known)
    headings = {p.span.of(document.text): known.sections(p.span.of(document.text)) for p in passages if p.is_heading}
    typed = {title: kinds for title, kinds in headings.items() if kinds}
    for title, kind in (
        ("Therapeutic indications", "indications"),
        ("Posology and method of administration", "dosage"),
        ("Contraindications", "contraindications"),
        ("Special warnings and precautions for use", "warnings"),
        ("Interaction with other medicinal products and other forms of interaction", "interactions"),
        ("Fertility, pregnancy and lactation", "pregnancy"),
        ("Undesirable effects", "adverse_effects"),
        ("Overdose", "overdose"),
        ("Pharmacodynamic properties", "mechanism"),
        ("Pharmacokinetic properties", "kinetics"),
        ("Possible side effects", "adverse_effects"),
    ):
        assert kind in typed[title], title
    assert document.product is not None
    assert not any(re.fullmatch(r"\d+", line) for line in document.text.splitlines())
