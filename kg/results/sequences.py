"""Sequences of records that stay what they are: a slice of facts is facts, and each can be a frame or a page."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any, SupportsIndex, TypeVar, overload

from kg.records import Derived, Fact, Statement
from kg.results import frames, html, plain

if TYPE_CHECKING:
    from typing import Self

    import pandas as pd
    import polars as pl

T = TypeVar("T")
U = TypeVar("U")

_NAMED = 3


class Records(tuple[T, ...]):
    """Frozen records in order: a tuple that prints short, and turns into dictionaries, frames and a page.

    It equals a tuple of the same records and hashes like it.

    >>> from kg.records import Entity
    >>> drugs = Records([Entity("aspirin"), Entity("codeine"), Entity("morphine")])
    >>> drugs
    <3 records: aspirin; codeine; morphine>
    >>> drugs[1:]
    <2 records: codeine; morphine>
    >>> drugs.filter(lambda drug: "c" in drug.label) == (Entity("codeine"),)
    True
    >>> drugs[:1].to_dicts()
    [{'label': 'aspirin', 'iri': None, 'broader': None}]
    """

    noun = "record"

    def __new__(cls, records: Iterable[T] = ()) -> Self:
        """Keep the records in their order."""
        return super().__new__(cls, records)

    @overload
    def __getitem__(self, place: SupportsIndex, /) -> T: ...

    @overload
    def __getitem__(self, place: slice, /) -> Self: ...

    def __getitem__(self, place: SupportsIndex | slice, /) -> T | Self:
        """Return a record, or a part of the same type."""
        found = super().__getitem__(place)
        return self._like(found) if isinstance(place, slice) else found  # type: ignore[arg-type,return-value]

    @overload
    def __add__(self, other: tuple[T, ...], /) -> Self: ...

    @overload
    def __add__(self, other: tuple[U, ...], /) -> tuple[T | U, ...]: ...

    def __add__(self, other: tuple[Any, ...], /) -> Any:
        """Put more records behind these."""
        return self._like((*self, *other))

    def __repr__(self) -> str:
        """Say how many there are and name the first ones."""
        named = [html.short(_name(record), 60) for record in self[:_NAMED]]
        left = len(self) - len(named)
        counted = f"{len(self):,} {self.noun}{'' if len(self) == 1 else 's'}"
        more = [f"… {left:,} more"] if left else []
        return f"<{counted}: {'; '.join([*named, *more])}>" if named else f"<{counted}>"

    def filter(self, wanted: Callable[[T], object]) -> Self:
        """Return those for which `wanted` is true."""
        return self._like(record for record in self if wanted(record))

    def sorted_by(self, key: Callable[[T], Any], *, reverse: bool = False) -> Self:
        """Return them sorted by a key."""
        return self._like(sorted(self, key=key, reverse=reverse))

    def to_dicts(self) -> list[dict[str, Any]]:
        """Return each record as a dictionary that JSON can hold."""
        return [dict(found) for record in self if isinstance(found := plain.of(record), dict)]

    def to_pandas(self) -> pd.DataFrame:
        """Return a typed frame of pandas, a row for each record.

        Raises
        ------
        KgError
            When pandas is not installed.
        """
        return frames.to_pandas(self.columns())

    def to_polars(self) -> pl.DataFrame:
        """Return a typed frame of polars, a row for each record.

        Raises
        ------
        KgError
            When polars is not installed.
        """
        return frames.to_polars(self.columns())

    def columns(self) -> list[frames.Column]:
        """Return what a frame shows of the records: a column for each field, records inside them as their labels."""
        found = [dict(_flat(record)) for record in self.to_dicts()]
        names = dict.fromkeys(name for record in found for name in record)
        return [frames.guessed(name, [record.get(name) for record in found]) for name in names]

    def _repr_html_(self) -> str:
        columns = self[: html.ROWS].columns()
        rows = [list(map(_text, row)) for row in zip(*(column.values for column in columns), strict=True)]
        names = [column.name for column in columns]
        return html.table(f"{len(self):,} {self.noun}{'' if len(self) == 1 else 's'}", names, rows, len(self))

    def _like(self, records: Iterable[T]) -> Self:
        return type(self)(records)


def _name(record: object) -> str:
    """Name a record in a few words."""
    if isinstance(record, Fact | Derived | Statement):
        denied = "denied: " if getattr(record, "polarity", "") == "denied" else ""
        level = f" ({said})" if (said := record.qualifiers.get("level")) else ""
        return f"{denied}{record.subject.label} {record.kind} {record.object.label}{level}"
    label = getattr(record, "label", None) or getattr(record, "name", None)
    return str(label) if label else repr(record)


def _flat(record: dict[str, Any]) -> Iterator[tuple[str, object]]:
    """Go through the fields: an entity is its label and its IRI, other records are their fields."""
    for name, value in record.items():
        if isinstance(value, dict) and "label" in value:
            yield name, value["label"]
            yield f"{name}_iri", value.get("iri")
        elif isinstance(value, dict):
            yield from ((key, item) for key, item in _flat(value) if key not in record)
        elif not (isinstance(value, list) and any(isinstance(item, dict) for item in value)):
            yield name, value


def _text(value: object) -> str:
    if isinstance(value, list):
        return "; ".join(map(str, value))
    return "" if value is None else str(value)
