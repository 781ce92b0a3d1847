"""SPL: labels of our own become the text that stands beside them; what is no label is refused with a reason."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import NamedTuple

import pytest

from kg import reading
from kg.errors import DocumentError, OntologyError
from kg.extraction import extractor, sections
from kg.reading import label_sections, layout, safe_xml, spl
from kg.records import Document, Product

LABELS = Path(__file__).parent / "labels"
WRITTEN = sorted(path.stem for path in LABELS.glob("*.xml"))
SHARED = Path(__file__).parents[2] / "shared" / "spl"
HEAD = '<document xmlns="urn:hl7-org:v3"><component><structuredBody><component><section>'
TAIL = "</section></component></structuredBody></component></document>"


def read_bytes(content: bytes) -> Document:
    """The document of an SPL file's bytes."""
    return next(iter(spl.read(content, "a.xml", "a.xml")))


def rendered(markup: str) -> list[str]:
    """The lines that the narrative of one section becomes, below the title."""
    return read_bytes(f"{HEAD}<text>{markup}</text>{TAIL}".encode()).text.splitlines()[2:]


def known() -> sections.SectionTable:
    """What the package knows of headings."""
    return sections.SectionTable(extractor().tables)


@pytest.mark.parametrize("name", WRITTEN)
def test_a_label_becomes_the_text_beside_it(name: str) -> None:
    document = read_bytes((LABELS / f"{name}.xml").read_bytes())
    assert document.text == (LABELS / f"{name}.md").read_text("utf-8")
    assert (document.source_kind, document.markup) == ("label", "marked")


class About(NamedTuple):
    """What a label's data and codes say of it."""

    product: Product | None
    sections: dict[str, str]


ABOUT = {
    "prescription": About(
        Product(("Zyqorvel XR", "Zyqorvel"), ("SERTRALINE",), ("Serotonin Reuptake Inhibitor",)),
        {
            "INDICATIONS AND USAGE": "indications",
            "CONTRAINDICATIONS": "contraindications",
            "WARNINGS AND PRECAUTIONS": "warnings",
            "ADVERSE REACTIONS": "adverse_effects",
            "Overdosage": "overdose",
        },
    ),
    "otc-kit": About(
        Product(("Warm Days",), ("IBUPROFEN", "CHLORPHENIRAMINE")),
        {
            "Purpose": "purpose",
            "Warnings": "warnings",
            "Do not use": "contraindications",
            "Stop use and ask a doctor": "stop_use",
            "Directions": "administration dosage",
        },
    ),
    "plain-titled": About(None, {}),
}


@pytest.mark.parametrize("name", WRITTEN)
def test_codes_type_headings_and_data_name_the_product(name: str) -> None:
    document = read_bytes((LABELS / f"{name}.xml").read_bytes())
    assert document.product == ABOUT[name].product
    typed = {section.span.of(document.text): " ".join(sorted(section.kinds)) for section in document.sections}
    assert typed == ABOUT[name].sections


def test_coded_headings_reach_the_passages() -> None:
    document = read_bytes((LABELS / "otc-kit.xml").read_bytes())
    above = {
        passage.span.of(document.text): [heading.sections for heading in passage.headings]
        for passage in layout.passages(document, known())
    }
    assert above["with gout"][-2:] == [{"warnings"}, {"contraindications"}]
    assert above["1 tablet"][-3] == {"administration", "dosage"}


KIT = """<subject><manufacturedProduct><manufacturedProduct><name>Penfill</name>
  <asEntityWithGeneric><genericMedicine><name>Insulin</name></genericMedicine></asEntityWithGeneric>
  <part><partProduct><name>Swab</name><ingredient classCode="ACTIB"><ingredientSubstance><name>ALCOHOL</name>
  </ingredientSubstance></ingredient></partProduct></part>
  <part><partProduct><name>Pen</name><ingredient classCode="ACTIB"><ingredientSubstance><name>INSULIN</name>
  </ingredientSubstance></ingredient></partProduct></part></manufacturedProduct></manufacturedProduct></subject>"""
OLD = """<subject><manufacturedProduct><manufacturedMedicine><name>Oldan</name><activeIngredient>
  <activeIngredientSubstance><name>SENNA</name></activeIngredientSubstance></activeIngredient></manufacturedMedicine>
  </manufacturedProduct></subject>"""
TWO_MOIETIES = """<subject><manufacturedProduct><manufacturedProduct><name>Twoan</name><ingredient classCode="ACTIB">
  <ingredientSubstance><name>SALT OF BOTH</name>
  <activeMoiety><activeMoiety><name>ONE</name></activeMoiety></activeMoiety>
  <activeMoiety><activeMoiety><name>OTHER</name></activeMoiety></activeMoiety></ingredientSubstance></ingredient>
  </manufacturedProduct></manufacturedProduct></subject>"""


@pytest.mark.parametrize(
    ("data", "product"),
    [
        (KIT, Product(("Penfill",), ("INSULIN",))),
        (OLD, Product(("Oldan",), ("SENNA",))),
        (TWO_MOIETIES, Product(("Twoan",), ("SALT OF BOTH",))),
        ("<subject><manufacturedProduct/></subject>", None),
    ],
    ids=["a swab in a kit", "the older elements", "two moieties", "no names"],
)
def test_product_data(data: str, product: Product | None) -> None:
    content = f'{HEAD}<code code="48780-1"/>{data}</section></component><component><section><text>x y</text>{TAIL}'
    assert read_bytes(content.encode()).product == product


@pytest.mark.parametrize(
    ("markup", "lines"),
    [
        ("10<sup>-6</sup> cm<sup>2</sup>", ["10⁻⁶ cm²"]),
        ("rash<sup>a,b</sup> pain<sup>®</sup>", ["rash [a,b] pain®"]),
        ("vitamin B<sub>12</sub>", ["vitamin B12"]),
        ("over\u00adlong\u200b word", ["overlong word"]),
        ("one.<br/>two<br/>three", ["one.", "two three"]),
        ("<paragraph>see:<br/>• a • b</paragraph>", ["see:", "", "- a", "- b"]),
        ("<content styleCode='bold'>Zyqorvel</content> is sold.", ["Zyqorvel is sold."]),
        ("<content styleCode='bold'>DO NOT CRUSH.</content>", ["DO NOT CRUSH."]),
        ("<content><paragraph>inside</paragraph></content>", ["inside"]),
        ("<paragraph># a mark</paragraph>", ["#a mark"]),
        ("<paragraph>***</paragraph><paragraph>a</paragraph>", ["a"]),
        ("<list><caption>Signs:</caption><item>a</item><item revised='delete'>b</item></list>", ["Signs:", "", "- a"]),
        ("<footnote>n</footnote>a<footnote>m</footnote>", ["†a‡", "", "† n", "", "‡ m"]),
        ("<table><tr><td>a</td><td>5</td></tr></table>", ["|  |  |", "| --- | --- |", "| a | 5 |"]),
        ("<table><tr><td>a|b</td><td>5</td></tr></table>", ["|  |  |", "| --- | --- |", "| a¦b | 5 |"]),
        (
            "<table><tr><td rowspan='9999' colspan='9999'>a</td></tr><tr><td>b</td></tr></table>",
            ["a", "", "b"],
        ),
    ],
)
def test_markup(markup: str, lines: list[str]) -> None:
    assert rendered(markup) == lines


BOMB = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
DEEP = "<list><item>" * 80 + "x" + "</item></list>" * 80
NO_SPL = "name the XML of a label from DailyMed or the FDA"
NO_TEXT = "a.xml: the label holds no section with text; name a whole label"
TOO_DEEP = "a.xml: elements are nested deeper than 120; no label is; leave the file out"
UTF_7 = b'<?xml version="1.0" encoding="utf-7"?>+ADwAIQ-DOCTYPE'
DECLARED = "declares a document type or an entity; remove the declaration; a label needs none"
WHOLE = f"{HEAD}<text>word word</text>{TAIL}"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "a.xml: the file is empty; name a file with text"),
        ("\ufeff \n".encode("utf-16"), "a.xml: the file is empty; name a file with text"),
        ((BOMB + WHOLE).encode(), f"a.xml: {DECLARED}"),
        ((BOMB + WHOLE).encode("utf-16"), f"a.xml: {DECLARED}"),
        ((BOMB + WHOLE).encode("utf-16-le"), f"a.xml: {DECLARED}"),
        ((BOMB + WHOLE).encode("utf-16-be"), f"a.xml: {DECLARED}"),
        ((BOMB + WHOLE).encode("utf-32"), f"a.xml: {DECLARED}"),
        (WHOLE.replace("word", "<!-- <!doctype x> -->").encode(), f"a.xml: {DECLARED}"),
        (UTF_7, "a.xml: its encoding utf-7 is not read; save it as UTF-8"),
        (b'<?xml version="1.0" encoding="ascii"?>caf\xc3\xa9', "a.xml: not ASCII (byte 41 is 0xc3); save it as UTF-8"),
        (b"<a>\xff</a>", "a.xml: not UTF-8 (byte 3 is 0xff); save it as UTF-8"),
        (WHOLE[:-30].encode(), "a.xml:1: no well-formed XML (*); fetch the file again"),
        (WHOLE.replace("word", "&lol;").encode(), "a.xml:1: no well-formed XML (*); fetch the file again"),
        (f"{HEAD}<text>{DEEP}</text>{TAIL}".encode(), TOO_DEEP),
        (f"{HEAD}<text>{DEEP.replace('x', DEEP)}</text>{TAIL}".encode(), TOO_DEEP),
        (f"{HEAD}<text>{'<br/>' * 1_000_001}</text>{TAIL}".encode(), "a.xml: has more than 1,000,000 tags; split it *"),
        (f"{HEAD}<text>{'word ' * 2_100_000}</text>{TAIL}".encode(), "a.xml: one of its texts is longer than *"),
        (b"<html><body>hi</body></html>", f"a.xml: is no SPL label (its root is <html>); {NO_SPL}"),
        (b"<document>x</document>", f"a.xml: is no SPL label (its root is <document>); {NO_SPL}"),
        (f"{HEAD}<title>Only a title</title>{TAIL}".encode(), NO_TEXT),
        (b'<document xmlns="urn:hl7-org:v3"/>', NO_TEXT),
    ],
)
def test_refused(content: bytes, message: str, tmp_path: Path) -> None:
    path = tmp_path / "a.xml"
    path.write_bytes(content)
    [found] = reading.read(path)
    assert isinstance(found, DocumentError)
    before, _, after = message.partition("*")
    said = str(found).removeprefix(f"{tmp_path}/")
    assert said.startswith(before) and said.endswith(after)


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32", "iso-8859-1", "windows-1252"]
)
def test_encodings(encoding: str) -> None:
    declared = f'<?xml version="1.0" encoding="{encoding.removesuffix("-sig")}"?>'
    assert "naïve" in read_bytes((declared + WHOLE.replace("word", "naïve")).encode(encoding)).text


def test_nothing_is_fetched_or_expanded(tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("secret")
    included = (
        f'<x xmlns:xi="http://www.w3.org/2001/XInclude"><xi:include href="{tmp_path}/secret.txt" parse="text"/></x>'
    )
    root = safe_xml.parse(included.encode(), "a.xml")
    assert "secret" not in "".join(map(str, root.itertext()))


TABLE = "code\tfield\tkinds\theading\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "label.tsv:1: the columns are not those of the table; name them code field kinds heading"),
        (TABLE + "1-1\ta\twarnings\n", "label.tsv:2: not four cells; write - where there is nothing"),
        (TABLE + "1-1\ta\t\tA\n", "label.tsv:2: not four cells; write - where there is nothing"),
        (TABLE + "-\t-\t-\tA\n", "label.tsv:2: no code and field of its own; keep one line a section"),
        (TABLE + "1-1\ta\t-\tA\n1-1\tb\t-\tB\n", "label.tsv:3: no code and field of its own; keep one line a section"),
    ],
)
def test_a_table_of_sections_that_cannot_be_read(text: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "label.tsv"
    path.write_text(text)
    with pytest.raises(OntologyError) as caught:
        label_sections.read(path)
    assert str(caught.value).removeprefix(f"{tmp_path}/") == message


def test_the_table_of_sections_speaks_of_known_kinds() -> None:
    kinds = {cue.name for cue in extractor().tables.sections}
    for section in (*label_sections.by_code().values(), *label_sections.by_field().values()):
        assert section.kinds <= kinds, section
        assert section.heading[:1].isupper(), section


@pytest.mark.skipif(not SHARED.is_dir(), reason="the labels beside the project are not here")
@pytest.mark.parametrize("name", sorted(path.name for path in SHARED.glob("*.xml")))
def test_whole_labels(name: str) -> None:
    [document] = reading.read(SHARED / name)
    assert isinstance(document, Document)
    assert document.product and document.product.substances
    lines = document.text.splitlines()
    headings = {line.lstrip("# ") for line in lines if line.startswith("#")}
    for section in document.sections:
        words = section.span.of(document.text)
        assert words and any(heading.endswith(words) for heading in headings)
    for passage in layout.passages(document, known()):
        assert passage.span.of(document.text).strip() and passage.span.end <= len(document.text)
    for above, row in itertools.pairwise(lines):  # every row has the cells of its header
        assert not (above.startswith("|") and row.startswith("|")) or above.count("|") == row.count("|")
