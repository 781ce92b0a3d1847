"""openFDA: drug labels as JSON, one or many in a file; the text of a field stands in its document as it is."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from kg.errors import DocumentError
from kg.reading import json_results, label_sections, safe_xml
from kg.reading.document import make_document
from kg.reading.json_results import Result
from kg.reading.label_sections import LabelSection
from kg.reading.narrative import Narrative
from kg.reading.page import Page
from kg.reading.product import make_product, write_head
from kg.records import Document, Product

LONGEST_ID = 80
LONGEST_VALUE = 1_000_000
"""Code points of one text of a label; the longest have some 100,000."""

MOST_STRANGERS = 20
"""Results without a label that a file may begin with before it is given up."""

_TABLE = "_table"
_MARKS = ("openfda", "set_id", "spl_set_id", "spl_product_data_elements")
_REMEDY = "name a file of openFDA's drug labels"
_NO_LABEL = "has no text of a label"
_UNSTORABLE = re.compile("[\x00-\x08\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_PROSE = re.compile(r"\S\s+\S")


def read(content: bytes, place: str, name: str) -> Iterator[Document | DocumentError]:
    """Read a bulk file, a list of results or a single result, one document each (`file.json#set_id`).

    A result that is no label gives an error, and the others are still read.

    Raises
    ------
    DocumentError
        When the file is not JSON (any more, from some place on) or holds no label at all.
    """
    strangers: list[DocumentError] = []
    has_label, used = False, set[str]()
    for number, result in enumerate(json_results.results(json_results.decode(content, place), place), 1):
        identifier = _distinct(_identifier(result.value) or str(number), used)
        found = _document(result, f"{place}#{identifier}", f"{name}#{identifier}")
        if has_label or isinstance(found, Document):
            yield from strangers
            yield found
            strangers, has_label = [], True
        elif len(strangers) < MOST_STRANGERS:
            strangers.append(found)
        else:
            break
    if not has_label:
        if len(strangers) == 1 and strangers[0].problem != _NO_LABEL:
            raise strangers[0]
        raise DocumentError(place, "is JSON, but holds no label of openFDA", _REMEDY)


def _document(result: Result, place: str, name: str) -> Document | DocumentError:
    if result.problem:
        return DocumentError(place, result.problem, _REMEDY)
    if not isinstance(result.value, dict):
        return DocumentError(place, _NO_LABEL, _REMEDY)
    try:
        fields = list(_fields(result.value, place))
        if not any(field.is_own for field in fields):
            return DocumentError(place, _NO_LABEL, _REMEDY)
        page, product = Page(), _product(result.value.get("openfda"))
        title = write_head(page, product, name)
        for field in fields:
            _write(page, field, place)
    except DocumentError as error:
        return error
    return make_document(name, page.text, "marked", "label", product, page.sections, title)


class _Field(NamedTuple):
    """A section of a result: what it is, its texts, its tables; whether it is one by which a label is known."""

    section: LabelSection
    values: list[str]
    tables: list[str]
    is_own: bool


def _fields(result: Mapping[str, object], place: str) -> Iterator[_Field]:
    """Give the fields that hold text: those of a label in its order, then others under a readable name.

    openFDA gives lists of texts; a single text that any other JSON may have, such as its "description", makes no
    label unless the result bears openFDA's marks.
    """
    known = label_sections.by_field()
    names = dict.fromkeys(name.removesuffix(_TABLE) for name in result)
    is_marked = not result.keys().isdisjoint(_MARKS)
    for name in [*(n for n in known if n in names), *(n for n in names if n not in known)]:
        section = known.get(name) or LabelSection("", name, frozenset(), _readable(name), True)
        if not section.is_read or name == "openfda":
            continue
        given = result.get(name)
        values = _texts(given)
        if values is None and name in known:
            raise DocumentError(place, f"its field {name} holds no text", _REMEDY)
        if name not in known:
            values = [value for value in values or () if _PROSE.search(value)]
        tables = _texts(result.get(name + _TABLE)) or []
        longest = max(map(len, [*(values or ()), *tables]), default=0)
        if longest > LONGEST_VALUE:
            raise DocumentError(
                place, f"its field {name} is a line of {longest} characters", "no label is; leave it out"
            )
        if values or tables:
            is_own = name in known and (isinstance(given, list) or is_marked or bool(section.kinds))
            yield _Field(section, values or [], tables, is_own and any(map(_PROSE.search, values or ())))


def _write(page: Page, field: _Field, place: str) -> None:
    page.heading(2, field.section.heading, field.section.kinds)
    for value in field.values:
        page.verbatim(_UNSTORABLE.sub("\ufffd", value))
    if field.tables:
        page.heading(3, "Tables")
    for table in field.tables:
        root = safe_xml.parse_text(f"<text>{_UNSTORABLE.sub(' ', table)}</text>", place, repair=True)
        Narrative(page, level=4).write(root)


def _texts(value: object) -> list[str] | None:
    """Return the strings of a field that is a string or a list of strings; None for anything else."""
    values = [value] if isinstance(value, str) else [] if value is None else value
    if not isinstance(values, list) or not all(isinstance(item, str) for item in values):
        return None
    return [item for item in values if item.strip()]


def _product(data: object) -> Product | None:
    if not isinstance(data, dict):
        return None

    def listed(*keys: str) -> list[str]:
        return [text for key in keys for text in _texts(data.get(key)) or ()]

    substances = listed("substance_name") or listed("generic_name")
    names = listed("brand_name", "generic_name")
    return make_product(names, substances, listed("pharm_class_epc", "pharm_class_moa", "pharm_class_cs"))


def _identifier(result: object) -> str:
    """Return the source's own name of a result: its set id, or that of its version."""
    if not isinstance(result, dict):
        return ""
    data = result.get("openfda")
    listed = _texts(data.get("spl_set_id")) if isinstance(data, dict) else None
    for value in (result.get("set_id"), *(listed or ()), result.get("id")):
        if isinstance(value, str) and (words := re.sub(r"[^\w.:-]+", "-", value, flags=re.ASCII).strip("-.")):
            return words[:LONGEST_ID]
    return ""


def _distinct(identifier: str, used: set[str]) -> str:
    found, count = identifier, 1
    while found in used:
        count += 1
        found = f"{identifier}-{count}"
    used.add(found)
    return found


def _readable(name: str) -> str:
    words = " ".join(re.sub(r"[\W_]+", " ", name).split())[:80]
    return (words[:1].upper() + words[1:]) or "Text"
