"""Tables (TSV, CSV): rows become entries by a map of columns, known by the header or given by the user."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from kg.errors import VocabularyError
from kg.vocabulary.sources import content, identifiers
from kg.vocabulary.sources.entry import Entry
from kg.vocabulary.sources.profiles import Row, Table, tables

MAXIMUM_CELL = 4_000_000
"""The longest cell: a million synonyms of a few letters each."""

_HEADER_LINES = 3
"""A header may stand below a line or two of something else."""

_DELIMITERS = "\t;,|"
_Values = dict[str, list[str]]


def read(data: bytes, place: str, layout: Table | None = None) -> tuple[Table, list[Entry]]:
    """Read a table by a layout, or by the well-known one that its header has.

    Raises
    ------
    VocabularyError
        When nobody knows its header, a column is missing, a row has too many cells, or it is not UTF-8.
    """
    lines = [line.rstrip("\r") for line in content.text(data, place).split("\n")]
    known, start = _known(lines, place) if layout is None else _given(layout, lines)
    header = [cell.strip() for cell in next(_cells(lines[start : start + 1], known, place, start), [])]
    for row in known.rows:
        for column in row.columns.values():
            if column not in header:
                problem = f"has no column {column!r}"
                raise VocabularyError(f"{place}:{start + 1}", problem, f"its columns are {', '.join(header)[:200]}")
    rows = list(_rows(lines[start + 1 :], header, known, place, start + 1))
    entries = [entry for row in known.rows for entry in _entries(rows, row)]
    if not entries:
        raise VocabularyError(place, "holds no concept", "check the columns and the delimiter")
    return known, entries


def delimiter(line: str) -> str:
    r"""Guess what separates the cells of a line: what occurs most often.

    >>> delimiter("id;name;other, older names")
    ';'
    """
    return max(_DELIMITERS, key=lambda mark: (line.count(mark), -_DELIMITERS.index(mark)))


def _known(lines: Sequence[str], place: str) -> tuple[Table, int]:
    for number, line in enumerate(lines[:_HEADER_LINES]):
        for table in tables():
            cells = [cell.strip() for cell in line.split(table.delimiter)]
            first = lines[number + 1] if number + 1 < len(lines) else ""
            if tuple(cells[: len(table.header)]) == table.header and first.startswith(table.begins):
                return table, number
    problem = f"no known vocabulary has the header {' '.join(lines[0].split())[:80]!r}"
    raise VocabularyError(
        f"{place}:1", problem, 'say what is where with --columns "id=COLUMN,label=COLUMN" --type TYPE'
    )


def _given(layout: Table, lines: Sequence[str]) -> tuple[Table, int]:
    wanted = {column for row in layout.rows for column in row.columns.values()}
    mark = layout.delimiter
    for number, line in enumerate(lines[:_HEADER_LINES]):
        found = mark or delimiter(line)
        if wanted <= {cell.strip().strip('"') for cell in line.split(found)}:
            return replace(layout, delimiter=found), number
    return replace(layout, delimiter=mark or delimiter(lines[0])), 0


def _cells(lines: Sequence[str], layout: Table, place: str, before: int) -> Iterator[list[str]]:
    """Give the cells of rows; only commas and semicolons come with quotes around cells."""
    if layout.delimiter == "\t":
        yield from (line.split("\t") for line in lines)
        return
    csv.field_size_limit(MAXIMUM_CELL)
    reader = csv.reader((line + "\n" for line in lines), delimiter=layout.delimiter, strict=True)
    while True:
        try:
            yield next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            where = f"{place}:{before + reader.line_num}"
            raise VocabularyError(where, f"is no row of a table ({error})", "check the delimiter") from None


def _rows(lines: Sequence[str], header: Sequence[str], layout: Table, place: str, before: int) -> Iterator[_Values]:
    """Give each row as column → values: lists are cut apart, blanks and empty values are gone."""
    lists = {
        row.columns[name]
        for row in layout.rows
        for name in ("synonyms", "same", "parents", "tree")
        if name in row.columns
    }
    for number, cells in enumerate(_cells(lines, layout, place, before), before + 1):
        if len(cells) > len(header):
            problem = f"has {len(cells)} cells under {len(header)} columns"
            raise VocabularyError(f"{place}:{number}", problem, "check the delimiter, or mend the row")
        said: _Values = {}
        for column, cell in zip(header, cells, strict=False):
            if len(cell) > MAXIMUM_CELL:
                raise VocabularyError(f"{place}:{number}", "has an enormous cell", "check the delimiter")
            parts = cell.split(layout.separator) if column in lists else (cell,)
            said[column] = [part for part in map(str.strip, parts) if part]
        if any(said.values()):
            yield said


def _entries(rows: Sequence[_Values], row: Row) -> Iterator[Entry]:
    """Give one entry for each concept; rows about the same one are put together."""
    made: dict[str, list[Entry]] = {}
    numbers = _Numbers(rows, row)
    for said in rows:
        entry = _entry(said, row, numbers)
        if entry is not None:
            made.setdefault(entry.id, []).append(entry)
    yield from map(_joined, made.values())


def _entry(said: _Values, row: Row, numbers: _Numbers) -> Entry | None:
    if row.unless is not None and row.unless.holds(said.get(row.unless.column, [])):
        return None
    values = {name: said.get(column, []) for name, column in row.columns.items()}
    if not values["label"]:
        return None
    type_ = _type(said, values, row, numbers)
    label = _cased(values["label"][0], row.case)
    given = values.get("id")
    parents = values.get("parents", [])
    return Entry(
        id=_identifier(given[0], row) if given else identifiers.local(type_ or "Concept", label),
        label=label,
        names=tuple(_cased(name, row.case) for name in values.get("synonyms", ())),
        type=type_,
        parents=(*(_identifier(parent, row) for parent in parents), *numbers.parents(said)),
        same=tuple(f"{row.same_prefix}:{same}" if row.same_prefix else same for same in values.get("same", ())),
        drug=_drug(values.get("drug", []), row),
        only_if_known=row.only_if_known,
    )


def _joined(entries: Sequence[Entry]) -> Entry:
    """Put together what several rows say of one concept."""
    first = entries[0]
    if len(entries) == 1:
        return first

    def all_of(name: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys(value for entry in entries for value in getattr(entry, name)))

    labels = tuple(entry.label for entry in entries if entry.label != first.label)
    drugs = {entry.drug for entry in entries}
    return first._replace(
        names=tuple(dict.fromkeys((*all_of("names"), *labels))),
        parents=all_of("parents"),
        same=all_of("same"),
        drug=first.drug if len(drugs) == 1 else "",  # a name of several drugs is that of none
    )


def _type(said: _Values, values: Mapping[str, list[str]], row: Row, numbers: _Numbers) -> str:
    for test in row.types:
        if test.holds(said.get(test.column, [])) and (not test.with_children or numbers.has_children(said)):
            return test.type
    for value in values.get("type", ()):
        if value.casefold() in row.values:
            return row.values[value.casefold()]
    return row.type


def _identifier(value: str, row: Row) -> str:
    """Return an identifier with its prefix, where the layout knows one."""
    for pattern, prefix in row.ids:
        if pattern.fullmatch(value):
            return f"{prefix}:{value}"
    if row.prefix and not value.lower().startswith(f"{row.prefix.lower()}:"):
        return f"{row.prefix}:{value}"
    return value


def _drug(values: Sequence[str], row: Row) -> str:
    """Return the identifier of a brand's one drug; a product of several drugs is the brand of none."""
    if not values:
        return ""
    if row.drug_prefix:
        return f"{row.drug_prefix}:{values[0]}"
    return "" if ";" in values[0] else identifiers.local("Drug", values[0])


def _cased(text: str, case: str) -> str:
    """Write what a source has in capitals as people write it."""
    if not case or not text.isupper():
        return text
    return text.lower() if case == "lower" else " ".join(word.capitalize() for word in text.split(" "))


class _Numbers:
    """The tree that numbers of rows make: "C23.888" stands under "C23"."""

    def __init__(self, rows: Sequence[_Values], row: Row) -> None:
        self._column = row.columns.get("tree", "")
        self._ids: dict[str, str] = {}
        self._above: set[str] = set()
        if not self._column:
            return
        for said in rows:
            for number in said.get(self._column, ()):
                if said.get(row.columns["id"]):
                    self._ids[number] = (
                        f"{row.prefix}:{said[row.columns['id']][0]}" if row.prefix else said[row.columns["id"]][0]
                    )
                self._above.add(number.rpartition(".")[0])

    def parents(self, said: _Values) -> Iterator[str]:
        for number in said.get(self._column, ()):
            parent = self._ids.get(number.rpartition(".")[0])
            if parent is not None:
                yield parent

    def has_children(self, said: _Values) -> bool:
        return any(number in self._above for number in said.get(self._column, ()))
