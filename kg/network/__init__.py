"""Traversals: the facts as a network of entities, and what can be found by walking it.

`view` reads the network from the store once; every other module walks it and gives a frozen record with rows, a
summary, `truncated`, and the facts behind each row. Nothing is imported before it is used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kg.network.explanation import Explanation, explain
    from kg.network.interactions import Interactions, interactions_among
    from kg.network.likeness import MostAlike, alike
    from kg.network.near import Neighbourhood, neighbourhood
    from kg.network.pattern import ClassPattern, class_pattern
    from kg.network.plain import to_networkx
    from kg.network.replacements import Alternatives, alternatives
    from kg.network.results import Result, Table, Walked
    from kg.network.risks import SharedRisks, shared_risks
    from kg.network.view import Edge, View, build

__all__ = [
    "Alternatives",
    "ClassPattern",
    "Edge",
    "Explanation",
    "Interactions",
    "MostAlike",
    "Neighbourhood",
    "Result",
    "SharedRisks",
    "Table",
    "View",
    "Walked",
    "alike",
    "alternatives",
    "build",
    "class_pattern",
    "explain",
    "interactions_among",
    "neighbourhood",
    "shared_risks",
    "to_networkx",
]

_HOMES = {
    "explanation": ("Explanation", "explain"),
    "interactions": ("Interactions", "interactions_among"),
    "likeness": ("MostAlike", "alike"),
    "near": ("Neighbourhood", "neighbourhood"),
    "pattern": ("ClassPattern", "class_pattern"),
    "plain": ("to_networkx",),
    "replacements": ("Alternatives", "alternatives"),
    "results": ("Result", "Table", "Walked"),
    "risks": ("SharedRisks", "shared_risks"),
    "view": ("Edge", "View", "build"),
}


def __getattr__(name: str) -> object:
    """Import what is asked for."""
    home = next((module for module, names in _HOMES.items() if name in names), None)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{home}"), name)
