"""XLSX: the facts for people who live in spreadsheets, a row for each place that says them.

Every cell is a text or a number and none a formula, whatever it begins with, and stays so when it is edited. It loses
what `csv` loses. A cell holds 32,767 characters and a sheet 1,048,576 rows: more is refused, never cut.
"""

from __future__ import annotations

import datetime
import io
from typing import TYPE_CHECKING

from kg.errors import GraphError
from kg.exports import rdfxml, tabular

if TYPE_CHECKING:
    from kg.api import Graph

LONGEST_CELL = 32_767
MOST_ROWS = 1_048_576
NOTE = "What documents say, not medical advice. What is not listed is not stated: that is never 'no' or 'safe'."

_OPTIONS = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
# The day of writing is no fact, and the same facts are to give the same bytes.
_NO_DAY = datetime.datetime(2000, 1, 1, tzinfo=datetime.UTC)


def encode(graph: Graph) -> bytes:
    """Write a workbook with a sheet of facts and a sheet that says what they are.

    Raises
    ------
    GraphError
        When a text has a control character or is too long for a cell, or there are more rows than a sheet has.
    """
    import xlsxwriter

    names, rows = tabular.columns(), list(tabular.rows(graph))
    if len(rows) >= MOST_ROWS:
        raise GraphError("xlsx", f"{len(rows):,} rows are more than a sheet holds", "export to csv or parquet instead")
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream, _OPTIONS)
    book.set_properties({"title": "Drug facts", "comments": NOTE, "created": _NO_DAY})
    bold, plain = book.add_format({"bold": True}), book.add_format({"quote_prefix": True})
    sheet = book.add_worksheet("facts")
    for column, name in enumerate(names):
        sheet.write_string(0, column, name, bold)
    for line, row in enumerate(rows, start=1):
        for column, name in enumerate(names):
            value = row.get(name, "")
            if name in tabular.NUMBERS and value:
                sheet.write_number(line, column, int(value))
            elif value:
                _check(value, row["fact"])
                sheet.write_string(line, column, value, plain if tabular.is_formula(value) else None)
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, len(rows), len(names) - 1)
    book.add_worksheet("about").write_string(0, 0, NOTE)
    book.close()
    return stream.getvalue()


def _check(text: str, place: str) -> None:
    rdfxml.check(text, place, "XLSX")
    if len(text.encode("utf-16-le")) // 2 > LONGEST_CELL:
        problem = f"has a text of {len(text):,} characters, and a cell holds {LONGEST_CELL:,}"
        raise GraphError(place, problem, "export to csv or parquet instead")
