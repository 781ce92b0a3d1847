"""Derivation: what follows from stated facts by the rules of `ontology/derivations.toml`, apart from what is said."""

from __future__ import annotations

from collections.abc import Iterable

from kg import vocabulary as vocabularies
from kg.derivation import engine, table
from kg.derivation.decode import read
from kg.derivation.table import Rule, Table
from kg.records import Derived, Fact
from kg.vocabulary import Vocabulary

__all__ = ["Rule", "Table", "derive", "read"]


def derive(
    facts: Iterable[Fact], vocabulary: Vocabulary | None = None, rules: Table | None = None
) -> tuple[Derived, ...]:
    """Return what follows from stated facts, sorted by drug, kind and object.

    Parameters
    ----------
    facts : iterable of Fact
        Everything that documents say; denied facts lead to nothing, and outrank what they deny.
    vocabulary : Vocabulary, optional
        The one that the facts were made with, by default that of the package.
    rules : Table, optional
        Other rules than the package's.
    """
    return engine.derive(facts, vocabulary or vocabularies.load(), rules or table.load())
