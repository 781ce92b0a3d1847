"""Derivation: what follows from stated facts by the rules of `ontology/derivations.toml`, apart from what is said."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from kg import vocabulary as vocabularies
from kg.derivation import engine, table
from kg.derivation.authority import mainly
from kg.derivation.decode import read
from kg.derivation.engine import Setting, follows
from kg.derivation.members import Hierarchy
from kg.derivation.table import Rule, Table
from kg.records import Derived, Entity, Fact
from kg.vocabulary import Vocabulary

__all__ = ["Rule", "Setting", "Table", "common", "derive", "follows", "mainly", "read", "setting"]


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


def common(facts: Iterable[Fact], vocabulary: Vocabulary | None = None) -> list[Fact]:
    """Return those facts from which something may follow about other subjects than their own."""
    hierarchy, rules = Hierarchy(vocabulary or vocabularies.load()), table.load()
    return [fact for fact in facts if engine.is_common(fact, hierarchy, rules)]


def setting(
    facts: Iterable[Fact],
    subjects: Mapping[str, Entity],
    mainly: Mapping[str, str],
    vocabulary: Vocabulary | None = None,
) -> Setting:
    """Put together what `follows` must know beside the facts about one subject (see `kg.derivation.engine.setting`)."""
    known = vocabulary or vocabularies.load()
    return engine.setting(facts, subjects, mainly, known, table.load(), Hierarchy(known))
