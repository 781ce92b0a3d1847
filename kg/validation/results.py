"""What shapes say of data, whichever validator judged: one record a result, and how much each shape looked at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

_SILENT = "A shape does not hold, and does not say why. Give the shape a message."


@dataclass(frozen=True, slots=True)
class Result:
    """What a shape says about one node.

    Attributes
    ----------
    node, path, value : str
        The focus node, the property and the value by their names; empty where there is none.
    component, shape : str
        The IRI of the constraint component, and that of the shape.
    severity : str
        "violation" or "warning".
    problem, remedy : str
        What is wrong and what to do about it, as the shape's message has it.
    """

    node: str
    path: str
    value: str
    component: str
    shape: str
    severity: str
    problem: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Judged:
    """The results, and what was looked at: all focus nodes, and how many each shape has."""

    focus: set[str]
    counts: Mapping[str, int]
    results: list[Result]


def result(node: str, path: str, value: str, *, component: str, shape: str, severity: str, message: str = "") -> Result:
    """Make a result; the first sentence of the message is the problem, the rest the remedy."""
    problem, _, remedy = (message or _SILENT).partition(". ")
    problem, remedy = problem.rstrip(".") + ".", remedy or "Mend the value that it names."
    return Result(node, path, value, component, shape, severity, problem, remedy)
