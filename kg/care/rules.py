"""What graded care needs of the table of derivations, read without the vocabulary: an answer does not need that."""

from __future__ import annotations

import functools
import tomllib
from typing import Any

from kg import resources, vocabulary
from kg.derivation.table import FILE


@functools.cache
def _table() -> dict[str, Any]:
    return tomllib.loads((resources.folder("ontology") / FILE).read_text(encoding="utf-8"))


def inheriting() -> frozenset[str]:
    """Return the names of the rules by which a class hands on to its members what is said of it."""
    return frozenset(vocabulary.slug(rule["name"]) for rule in _table()["rule"] if rule.get("inherits"))


def widest_class() -> int:
    """Return how many drugs a class may have that hands anything on; a wider one is a heading."""
    return int(_table()["limits"]["widest_class"])
