"""Answers: what was understood, what the documents say, how many of them, and where."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

from kg.questions.run import Rows
from kg.results import html, plain
from kg.results.facts import Facts
from kg.schema import NOTICE

if TYPE_CHECKING:
    import networkx as nx
    import pandas as pd
    import polars as pl

    from kg.care import CautionAnswer, FitTable, NeedingAnswer
    from kg.records import Fact

__all__ = ["BOTH", "DENIED", "NOTICE", "NOT_STATED", "RELATED", "STATED", "Answer", "Part"]

STATED, DENIED, BOTH, RELATED, NOT_STATED = "stated", "denied", "stated and denied", "only related", "not stated"
PARTLY = "stated in part"
"""The verdict where a question names several things or drugs, and not all that it asks is stated."""

_NOTHING: Mapping[str, object] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Part:
    """Rows of an answer that belong together, and the facts of each row; the title is empty where there is one part."""

    title: str
    rows: Rows
    facts: tuple[tuple[Fact, ...], ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to a question in plain words.

    Attributes
    ----------
    asked : str
        The question as it was asked.
    form : str
        The name of the question form, one of `queries/forms.toml`.
    understood_as : str
        The question as it was understood, with the names that the vocabulary prefers.
    parameters : mapping
        The parameters of the question, by name.
    rows : Rows
        The answer's rows, in order.
    facts : tuple of tuples of Fact
        For each row the facts that it rests on, with their evidence, and with quotes where the texts are at hand.
    verdict : str
        "stated", "denied", "stated and denied", "stated of something wider" (a class, a wider condition), "follows",
        "only related" (of something narrower), "not stated", or "stated in part" where several things are asked about.
    summary : str
        One sentence that says how many of the documents state or deny it. Nothing stated is neither "no" nor "safe".
    stating : tuple of str
        The documents behind the rows.
    documents : tuple of str
        All documents that were asked: those that speak of the drug.
    graded : CautionAnswer, NeedingAnswer, FitTable or None
        The same as graded care, where the question is about care: items, levels, who says which, what follows.
    understood : mapping
        How the question was understood: form, drugs, things, what is left out, what was taken for misspelt.
    truncated : bool
        Whether there is more than is shown.
    """

    asked: str
    form: str
    understood_as: str
    parameters: Mapping[str, str]
    rows: Rows
    facts: tuple[tuple[Fact, ...], ...]
    verdict: str
    summary: str
    stating: tuple[str, ...]
    documents: tuple[str, ...]
    graded: CautionAnswer | NeedingAnswer | FitTable | None = None
    understood: Mapping[str, object] = field(default_factory=lambda: _NOTHING)
    truncated: bool = False

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of the rows."""
        return self.rows.columns

    @property
    def is_found(self) -> bool:
        """Whether documents say something about what was asked, be it a denial or about something related."""
        return self.verdict != NOT_STATED

    @property
    def notice(self) -> str:
        """What every answer has to say about itself."""
        return NOTICE

    def parts(self) -> tuple[Part, ...]:
        """Return the rows by their column `part`, in order, without that column; all in one where there is none."""
        if "part" not in self.columns:
            return (Part("", self.rows, self.facts),) if len(self.rows) else ()
        place = self.columns.index("part")
        columns = self.columns[:place] + self.columns[place + 1 :]
        grouped: dict[str, list[int]] = {}
        for number, row in enumerate(self.rows):
            grouped.setdefault(row[place], []).append(number)
        return tuple(
            Part(
                title,
                Rows(columns, tuple(_without(self.rows.rows[number], place) for number in numbers), self.truncated),
                tuple(self.facts[number] for number in numbers),
            )
            for title, numbers in grouped.items()
        )

    def to_facts(self) -> Facts:
        """Return the facts that the rows rest on, each once, in order."""
        return Facts(dict.fromkeys(fact for facts in self.facts for fact in facts))

    def to_dicts(self) -> list[dict[str, object]]:
        """Return the rows as dictionaries, in order, each with its evidence."""
        return [
            {**row, "evidence": list(_evidence(facts))}
            for row, facts in zip(self.rows.to_dicts(), self.facts, strict=True)
        ]

    def to_pandas(self) -> pd.DataFrame:
        """Return the rows as a frame of pandas; see `Rows.to_pandas`."""
        return self.rows.to_pandas()

    def to_polars(self) -> pl.DataFrame:
        """Return the rows as a frame of polars; see `Rows.to_pandas`."""
        return self.rows.to_polars()

    def to_networkx(self) -> nx.MultiDiGraph[str]:
        """Return the facts that the rows rest on as a directed multigraph; see `Facts.to_networkx`."""
        return self.to_facts().to_networkx()

    def __repr__(self) -> str:
        """Say how the question was understood, and what the documents say of it."""
        return f"<{html.short(self.understood_as)}: {self.verdict}, {html.short(self.summary)}>"

    def _repr_html_(self) -> str:
        title = f"{self.understood_as} {self.summary}"
        return html.table(title, self.columns, self.rows.rows)

    def to_dict(self) -> dict[str, object]:
        """Return what can be written as JSON: every row with its evidence."""
        return {
            "asked": self.asked,
            "form": self.form,
            "understood_as": self.understood_as,
            "understood": dict(self.understood),
            "parameters": dict(self.parameters),
            "verdict": self.verdict,
            "summary": self.summary,
            "truncated": self.truncated,
            "stating": list(self.stating),
            "documents": list(self.documents),
            "rows": self.to_dicts(),
            "notice": self.notice,
        }


def _without(row: tuple[str, ...], place: int) -> tuple[str, ...]:
    return row[:place] + row[place + 1 :]


def _evidence(facts: tuple[Fact, ...]) -> Iterator[dict[str, object]]:
    seen: set[tuple[object, ...]] = set()
    for fact in facts:
        for item in fact.evidence:
            if (key := (item.document, item.span, item.object_span)) not in seen:
                seen.add(key)
                yield plain.evidence(item)
