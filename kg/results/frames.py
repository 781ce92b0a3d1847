"""Typed frames of pandas and polars: counts are numbers, documents are lists, levels are on the scale of care.

What is not said is missing (NA), and never "no".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from kg.errors import KgError
from kg.results import closed
from kg.vocabulary import schema

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl

    from kg.vocabulary.schema import Value

DOCUMENTS = "documents"
"""The column of a table that holds the names of documents."""

SEVERAL = "; "
"""What joins several of them in a cell."""

Type = Literal["text", "count", "texts", "list", "scale"]

_WHOLE = re.compile(r"0|-?[1-9]\d{0,17}")


@dataclass(frozen=True, slots=True)
class Column:
    """A column: texts, counts, lists of texts, or values of a closed list, which may be a scale (least first).

    >>> listed("level", ["avoid", None], ["caution", "avoid"], ordered=True).type
    'scale'
    """

    name: str
    values: tuple[object, ...]
    type: Type = "text"
    list: tuple[str, ...] = ()


def texts(name: str, values: Iterable[str | None]) -> Column:
    """Make a column of texts; an empty one is missing."""
    return Column(name, tuple(value or None for value in values))


def listed(name: str, values: Iterable[str | None], known: Sequence[str], *, ordered: bool = False) -> Column:
    """Make a column of a closed list; texts where a value is not on it, so that nothing gets lost."""
    found = tuple(value or None for value in values)
    if not {value for value in found if value}.issubset(known):
        return Column(name, found)
    return Column(name, found, "scale" if ordered else "list", tuple(known))


def scale(name: str, values: Iterable[str | None], known: Mapping[str, Value]) -> Column:
    """Make a column of a closed list of the ontology; one whose values have ranks is ordered, least first."""
    ranks = {word: value.rank for word, value in known.items()}
    ordered = sorted(known, key=lambda word: ranks[word] or 0)
    return listed(name, values, ordered, ordered=all(rank is not None for rank in ranks.values()))


def guessed(name: str, values: Sequence[object]) -> Column:
    """Make a column of what a record's field holds: counts where all are whole numbers, lists where all are lists."""
    said = [value for value in values if value is not None and value != ""]
    if said and all(isinstance(value, int) and not isinstance(value, bool) for value in said):
        return Column(name, tuple(values), "count")
    if said and all(isinstance(value, list | tuple) for value in said):
        return Column(name, tuple(_strings(value) for value in values), "texts")
    return texts(name, [None if value is None else str(value) for value in values])


def numbers_or_texts(name: str, values: Sequence[str]) -> Column:
    """Make a column of a table of text: counts where every value that is there is a whole number.

    >>> numbers_or_texts("facts", ["3", ""]).values
    (3, None)
    """
    said = [value for value in values if value]
    if said and all(map(_WHOLE.fullmatch, said)):
        return Column(name, tuple(int(value) if value else None for value in values), "count")
    return texts(name, values)


def of_table(names: Sequence[str], rows: Sequence[Sequence[str]]) -> list[Column]:
    """Return typed columns of a table of text, by what their names say they hold: documents, levels, kinds.

    >>> [column.type for column in of_table(("object", "level", "documents"), [("driving", "avoid", "a.txt; b.txt")])]
    ['text', 'scale', 'texts']
    """
    return [_typed(name, [row[place] for row in rows]) for place, name in enumerate(names)]


def to_pandas(columns: Iterable[Column]) -> pd.DataFrame:
    """Make a frame of pandas.

    Raises
    ------
    KgError
        When pandas is not installed.
    """
    try:
        import pandas as pd
    except ImportError:
        raise missing("pandas") from None
    series = {}
    for column in columns:
        if column.type in {"list", "scale"}:
            known = pd.CategoricalDtype(list(column.list), ordered=column.type == "scale")
            series[column.name] = pd.Series(list(column.values), dtype=known)
        elif column.type == "count":
            series[column.name] = pd.Series(list(column.values), dtype="Int64" if None in column.values else "int64")
        elif column.type == "texts":
            series[column.name] = pd.Series(list(column.values), dtype="object")
        else:
            series[column.name] = pd.Series(list(column.values), dtype="string")
    return pd.DataFrame(series)


def to_polars(columns: Iterable[Column]) -> pl.DataFrame:
    """Make a frame of polars.

    Raises
    ------
    KgError
        When polars is not installed.
    """
    try:
        import polars as pl
    except ImportError:
        raise missing("polars") from None
    series = []
    for column in columns:
        wanted: pl.DataType = pl.String()
        if column.type in {"list", "scale"}:
            wanted = pl.Enum(list(column.list))
        elif column.type in {"count", "texts"}:
            wanted = pl.Int64() if column.type == "count" else pl.List(pl.String)
        series.append(pl.Series(column.name, list(column.values), dtype=wanted))
    return pl.DataFrame(series)


def missing(library: str) -> KgError:
    """Make the error for a library that comes with an extra of this package."""
    return KgError(library, "is not installed", "pip install 'drug-facts[frames]'")


def _typed(name: str, values: Sequence[str]) -> Column:
    language = schema.load()
    if name == DOCUMENTS:
        return Column(name, tuple(value.split(SEVERAL) if value else [] for value in values), "texts")
    if name == "kind":
        return listed(name, values, list(language.kinds))
    if name == "polarity":
        return listed(name, values, list(language.polarities))
    if known := closed.values(name):
        return scale(name, values, known)
    return numbers_or_texts(name, values)


def _strings(value: object) -> list[str]:
    return [str(item) for item in value] if isinstance(value, list | tuple) else []
