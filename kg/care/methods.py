"""Graded care as methods of a graph: each calls the function of its name in `kg.care`, which documents it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kg.care import CautionAnswer, FitTable, NeedingAnswer
    from kg.care.gather import Graph


class GradedCare:
    """What a graph inherits to say what warrants care."""

    def cautions(
        self: Graph, drug: str, *, min_level: str | None = None, in_population: str | None = None
    ) -> CautionAnswer:
        """Return what warrants care with a drug: stated, said of its classes, and what follows; see `kg.care`."""
        from kg import care

        return care.cautions(self, drug, min_level=min_level, in_population=in_population)

    def care(self: Graph, drug: str, thing: str) -> CautionAnswer:
        """Return what warrants care with a drug in one condition, person or activity, or with one food or drug."""
        from kg import care

        return care.care(self, drug, thing)

    def drugs_needing_care(
        self: Graph, things: Iterable[str], combine: str = "and", limit: int | None = 50
    ) -> NeedingAnswer:
        """Return the drugs that need care with all of some things ("and") or any of them ("or")."""
        from kg import care

        return care.drugs_needing_care(self, things, combine, limit)

    def fit(self: Graph, drugs: Iterable[str], patient: Iterable[str]) -> FitTable:
        """Compare drugs for a patient: conditions, people, and drugs taken; a table with the reason in every cell."""
        from kg import care

        return care.fit(self, drugs, patient)
