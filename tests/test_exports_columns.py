"""Parquet and XLSX: columns and cells, read back by readers that did not write them."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest

import kg
from kg import exports
from kg.errors import GraphError
from kg.exports import tabular
from tests import exported

NO_PARQUET = "pyarrow is not installed; install drug-facts[parquet]"
NO_XLSX = "xlsxwriter is not installed; install drug-facts[xlsx]"
NO_READER = "the reader is not installed; install drug-facts[test-exports]"


@pytest.fixture(scope="module")
def graph() -> kg.Graph:
    return exported.whole()


def expected(graph: kg.Graph) -> list[dict[str, str | int | None]]:
    """The rows of the table of facts, numbers as numbers and what is empty as nothing."""
    return [
        {
            name: (int(row[name]) if name in tabular.NUMBERS else row[name]) if row.get(name) else None
            for name in tabular.columns()
        }
        for row in tabular.rows(graph)
    ]


def literal_or_iri(row: dict[str, Any]) -> tuple[str, str, str, str]:
    """The terms of a row in the notation of N-Quads."""
    value: ox.NamedNode | ox.Literal
    if row["object_kind"] == "literal":
        datatype = None if row["language"] else ox.NamedNode(row["datatype"])
        value = ox.Literal(row["object"], datatype=datatype, language=row["language"])
    else:
        value = ox.NamedNode(row["object"])
    return f"<{row['graph']}>", f"<{row['subject']}>", f"<{row['predicate']}>", str(value)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("reader", ["duckdb", "polars"])
def test_parquet_is_read_back(reader: str, graph: kg.Graph, tmp_path: Path) -> None:
    pytest.importorskip("pyarrow", reason=NO_PARQUET)
    library = pytest.importorskip(reader, reason=NO_READER)

    def read(path: Path) -> list[dict[str, Any]]:
        if reader == "polars":
            rows: list[dict[str, Any]] = library.read_parquet(path).to_dicts()
            return rows
        found = library.execute("SELECT * FROM read_parquet(?)", [str(path)])
        names = [column[0] for column in found.description]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]

    quads, facts = (read(path) for path in exported.written(graph, tmp_path, "parquet", with_quotes=True))
    assert facts == expected(graph)
    assert [row for row in facts if row["quote"]]
    assert {literal_or_iri(row) for row in quads} == {
        (str(q.graph_name), str(q.subject), str(q.predicate), str(q.object))
        for q in exported.leaving(exports.quotes.within(graph).store)
    }


def test_parquet_holds_no_quote_unless_it_is_asked_for(graph: kg.Graph, tmp_path: Path) -> None:
    pytest.importorskip("pyarrow", reason=NO_PARQUET)
    parquet = pytest.importorskip("pyarrow.parquet", reason=NO_PARQUET)
    quads, facts = (parquet.read_table(path).to_pylist() for path in exported.written(graph, tmp_path, "parquet"))
    assert not [row for row in facts if row["quote"]]
    quotes = {proof.quote for fact in graph.facts() for proof in fact.evidence}
    assert not quotes & {row["object"] for row in quads}


def sheets(path: Path) -> tuple[Any, list[tuple[Any, ...]]]:
    openpyxl = pytest.importorskip("openpyxl", reason=NO_READER)
    book = openpyxl.load_workbook(io.BytesIO(path.read_bytes()))
    return book, list(book["facts"].iter_rows())


@pytest.mark.filterwarnings("ignore")
def test_a_workbook_is_read_back(graph: kg.Graph, tmp_path: Path) -> None:
    pytest.importorskip("xlsxwriter", reason=NO_XLSX)
    (path,) = exported.written(graph, tmp_path, "xlsx", with_quotes=True)
    book, rows = sheets(path)
    names = [cell.value for cell in rows[0]]
    assert [dict(zip(names, (cell.value for cell in row), strict=True)) for row in rows[1:]] == expected(graph)
    assert book.sheetnames == ["facts", "about"]
    assert "not medical advice" in book["about"]["A1"].value


@pytest.mark.filterwarnings("ignore")
def test_no_cell_is_a_formula(graph: kg.Graph, tmp_path: Path) -> None:
    pytest.importorskip("xlsxwriter", reason=NO_XLSX)
    (path,) = exported.written(graph, tmp_path, "xlsx")
    _, rows = sheets(path)
    cells = [cell for row in rows for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} == {"s", "n"}
    risky = [cell for cell in cells if str(cell.value).startswith(("=", "+", "-", "@"))]
    assert risky
    assert all(cell.quotePrefix for cell in risky)


REFUSED = (
    ("ring the \x07 bell", r"U\+0007, which XLSX cannot hold"),
    ("a" * 40_000, "has a text of 40,000 characters, and a cell holds 32,767; export to csv or parquet instead"),
)


@pytest.mark.parametrize(("words", "message"), REFUSED, ids=["control character", "long"])
def test_a_workbook_refuses_what_it_cannot_hold(words: str, message: str, tmp_path: Path) -> None:
    pytest.importorskip("xlsxwriter", reason=NO_XLSX)
    graph = exported.graph_of([("advice", words, {"topic": "storage"}, "affirmed")])
    with pytest.raises(GraphError, match=message):
        exported.written(graph, tmp_path, "xlsx", with_quotes=True)
    assert list(tmp_path.iterdir()) == []


def test_a_missing_library_is_named_with_its_remedy(
    graph: kg.Graph, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    for name, module in (("parquet", "pyarrow"), ("xlsx", "xlsxwriter")):
        with pytest.raises(GraphError) as caught:
            exported.written(graph, tmp_path, name)
        line = f"{name}: needs {module}, which is not installed; pip install 'drug-facts[{name}]'"
        assert str(caught.value) == line
    assert list(tmp_path.iterdir()) == []
