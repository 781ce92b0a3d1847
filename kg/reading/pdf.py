"""PDF files with text: product information, leaflets, articles. One file is one document."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kg.errors import DocumentError
from kg.reading import pdf_columns, pdf_flow, pdf_lines, pdf_text, plain
from kg.reading.document import make_document
from kg.reading.page import Page
from kg.reading.product import make_product
from kg.records import Document, Product

FEWEST_LETTERS = 10
"""Letters that a file with text has at least."""

MOST_UNKNOWN = 0.1
"""Share of characters that may have no meaning in Unicode."""

_UNKNOWN = re.compile("[\ufffd\ue000-\uf8ff\x00-\x08\x0e-\x1f]")
_LETTER = re.compile(r"[^\W\d_]")
_FILE_NAME = re.compile(r"Microsoft Word|\.(?:docx?|pdf|indd|rtf|qxd)\b|^untitled|^\W*$", re.IGNORECASE)
_INN = re.compile(r"\s*(?P<name>[^,]{2,80}?)\s*,?\s*\bINN\b\s*[-:–]?\s*(?P<substances>.{3,200})")
_AND = re.compile(r"\s*(?:/|,|;|\+|\band\b)\s*")


def read(content: bytes, place: str, name: str) -> Iterator[Document]:
    """Read a PDF as one document, in reading order and without running heads and page numbers.

    Raises
    ------
    DocumentError
        When the file is no PDF, cut off, broken or locked, unfolds to more than any document has, or has no text.
    """
    file = pdf_text.read(content, place)
    widths = pdf_lines.Widths.measured(file.pages)
    parts = [pdf_columns.find(pdf_lines.arrange(page, number, widths)) for number, page in enumerate(file.pages)]
    page = Page()
    pdf_flow.write(parts, page, widths)
    letters = len(_LETTER.findall(page.text))
    unknown = len(_UNKNOWN.findall(page.text))
    if letters + unknown < FEWEST_LETTERS:
        raise DocumentError(place, "has no text (scanned pages)", "run text recognition (OCR) on it first")
    if unknown > MOST_UNKNOWN * (letters + unknown):
        problem = "its letters cannot be told (its fonts name no characters)"
        raise DocumentError(place, problem, "run text recognition (OCR) on it, or name another copy")
    title = "" if _FILE_NAME.search(file.title) else file.title
    product = _product(title)
    text = plain.check_text(_UNKNOWN.sub("", page.text), place)
    yield make_document(name, text, "marked", "product information" if product else "PDF", product, title=title or None)


def _product(title: str) -> Product | None:
    """Return the product that a title of the European Medicines Agency names: "Name, INN-substance"."""
    match = _INN.fullmatch(title)
    if not match:
        return None
    return make_product([match["name"]], _AND.split(match["substances"]), [])
