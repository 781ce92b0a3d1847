"""How strong a path is: the one place where weights stand. They order paths; they are no probabilities.

The strength of a path is the product of the strengths of its hops and of the passages through its inner nodes:

- A hop that documents state: ``level × n / (n + 1)``, n being the number of documents that say it. ``level`` is the
  rank of the level of care over the highest rank (contraindicated 1, avoid 7/8, … stated safe 1/8), and 1/2 for a fact
  of a kind that has no level. Of several facts between the same two nodes the strongest counts.
- A hop of the vocabulary: 1/4, as a fact without level that one document states.
- A passage through a node with d neighbours: ``1 / log2(2 + d)``. What hundreds of drugs share connects none of them in
  particular.

Every factor is at most 1, so a longer path is never stronger than its own beginning. Denied facts have no strength.
"""

from __future__ import annotations

import math

from kg.network.results import rank
from kg.network.view import Edge
from kg.vocabulary import schema

_WITHOUT_LEVEL = 0.5


def of_hop(edge: Edge) -> float:
    """Return the strength of one fact or step of the vocabulary; 0 where one may not walk along it.

    >>> of_hop(Edge("f", "caution", "a", "b", level="avoid", documents=("x", "y", "z")))
    0.65625
    >>> of_hop(Edge("f", "caution", "a", "b", polarity="denied", level="avoid", documents=("x",)))
    0.0
    """
    if not edge.carries:
        return 0.0
    highest = max(value.rank or 0 for value in schema.load().levels.values())
    level = rank(edge.level) / highest if edge.level else _WITHOUT_LEVEL
    documents = len(edge.documents) if edge.is_said else 1
    return level * documents / (documents + 1)


def of_passage(neighbours: int) -> float:
    """Return what passing through a node with so many neighbours leaves of a path's strength.

    >>> of_passage(2), of_passage(1022)
    (0.5, 0.1)
    """
    return 1 / math.log2(2 + neighbours)
