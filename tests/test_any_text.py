"""Arbitrary text through every reader of text: what is quoted is a slice of what was read, and nothing breaks."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator
from html import escape
from pathlib import Path

import pytest
from fpdf import FPDF
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kg.errors import DocumentError
from kg.extraction import extract_files
from kg.reading import READERS
from kg.records import Document, Reading
from tests.test_extraction import check_invariants

SAID = "Zoloft can cause nausea."
NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def xml(text: str) -> str:
    """A text as XML holds it."""
    return escape(NOT_IN_XML.sub(" ", text))


FRAMES: dict[str, Callable[[str], str]] = {
    ".txt": lambda text: f"{text}\n\n{SAID}\n{text}",
    ".md": lambda text: f"# {text}\n\n{SAID}\n\n- {text}\n\n| a | b |\n| --- | --- |\n| {text} | {SAID} |\n",
    ".html": lambda text: (
        f"<!DOCTYPE html><html><head><title>Zoloft</title></head><body><main><h1>Zoloft {escape(text)}</h1>"
        f"<p>{SAID} {text}</p><ul><li>{escape(text)}</li><li>{SAID}</li></ul><p>{text}<p>{SAID}</main></body></html>"
    ),
    ".xml": lambda text: (
        '<document xmlns="urn:hl7-org:v3"><title>Zoloft</title><component><structuredBody><component><section>'
        f'<code code="34084-4"/><title>{xml(text)}</title><text><paragraph>{SAID} {xml(text)}</paragraph><list><item>'
        f"{xml(text)}</item><item>{SAID}</item></list><table><tr><td>{xml(text)}</td><td>{SAID}</td></tr></table>"
        "</text></section></component></structuredBody></component></document>"
    ),
    ".json": lambda text: json.dumps(
        {"results": [{"set_id": "s-1", "openfda": {"brand_name": [text]}, "warnings": [f"{text} {SAID} {text}"]}]}
    ),
}
"""How a text stands in a file of each format; one sentence in it is always the same."""

MARKUP = ("<", ">", "&amp;", "</p>", "<b>", "<!--", "|", "#", "*", "- ", ":", "%")
BLANKS = ("\n", "\n\n", "\r\n", "\t", "\x1f", "\x85", "\u2028", "\xa0", "\xad", "\ufeff")
WORDS = ("Zoloft", "may cause", "rash", "not", "≥ 5 mg", "İ", "ﬁ", "e\u0301", "\U0001f48a", "“", "’")
PIECES = st.sampled_from((*MARKUP, *BLANKS, *WORDS))
TEXTS = st.one_of(
    st.text(max_size=200), st.lists(PIECES, max_size=40).map(" ".join), st.lists(PIECES, max_size=40).map("".join)
)


ENDINGS = [ending for ending in (*FRAMES, ".pdf") if ending in READERS]


def sheet(text: str) -> bytes:
    """A PDF in which a text stands, as far as its font has the letters."""
    made = FPDF()
    made.add_page()
    made.set_font("helvetica", size=11)
    shown = NOT_IN_XML.sub(" ", text).encode("latin-1", "replace").decode("latin-1")
    for words in ("Zoloft", shown, SAID, f"- {shown}", SAID):
        made.multi_cell(0, text=words, new_x="LMARGIN", new_y="NEXT")
    return bytes(made.output())


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for one file at a time."""
    return tmp_path_factory.mktemp("any")


@pytest.mark.parametrize("ending", ENDINGS)
@given(text=TEXTS)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_quotes_are_slices_of_any_text_in_any_format(folder: Path, ending: str, text: str) -> None:
    for result in read(folder / f"any{ending}", text):
        if isinstance(result, DocumentError):
            assert "internal error" not in str(result)
        else:
            check_document(result.document)
            check_invariants(result.document, list(result.statements))


def read(file: Path, text: str) -> Iterator[Reading | DocumentError]:
    """Read a file in which a text stands."""
    content = sheet(text) if file.suffix == ".pdf" else FRAMES[file.suffix](text).encode(errors="replace")
    file.write_bytes(content)
    return extract_files([file], "sertraline")


def check_document(document: Document) -> None:
    """Assert what holds of every document: its hash is that of its text, its headings lie in the text."""
    assert document.sha256 == hashlib.sha256(document.text.encode()).hexdigest()
    assert document.title
    for section in document.sections:
        assert section.span.of(document.text).strip()
        assert 0 <= section.span.start < section.span.end <= len(document.text)


@pytest.mark.parametrize("ending", ENDINGS)
def test_what_always_stands_there_is_read(ending: str, folder: Path) -> None:
    (result,) = read(folder / f"any{ending}", "Some words.")
    assert not isinstance(result, DocumentError), result
    assert "nausea" in {statement.object.label for statement in result.statements}
