"""What an export of one thing is about."""

from __future__ import annotations

from dataclasses import dataclass

NODES = 25
"""How many nodes a picture shows unless more are asked for."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a report or a picture is about, and what it shows.

    Attributes
    ----------
    about : str
        The drug, condition or anything else, by name in any spelling, or its IRI.
    with_quotes : bool
        Whether a report has the sentences that the texts at hand confirm.
    steps : int
        How far from it a picture goes.
    kinds : tuple of str
        The kinds of facts that a picture shows; without any, all.
    nodes : int
        The most nodes of a picture.
    """

    about: str
    with_quotes: bool = False
    steps: int = 1
    kinds: tuple[str, ...] = ()
    nodes: int = NODES
