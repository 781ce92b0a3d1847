"""Drugs that are most alike by what documents say of them, and why.

The likeness of two drugs is the weighted Jaccard index (P. Jaccard 1912; with weights, M. Ružička 1958) of their sets
of features: the sum of the weights of the features that they share, over the sum of the weights of all that either has.
A feature is a kind and an object that is affirmed ("may cause drowsiness"). Its weight is its inverse document
frequency (K. Spärck Jones 1972): ``ln(N / n)``, N being the number of drugs and n the number of those that have the
feature. What all drugs have weighs nothing, what two have weighs most. The index lies between 0 and 1; it compares
what is *stated*: two drugs on which documents say little are alike in little.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

from kg.network import results
from kg.network.results import Line, Result, Walked
from kg.network.view import CLASS_TYPE, Edge, View
from kg.records import Entity

LEFT_OUT = frozenset({"brand_name", "dosage", "pregnancy_category", "advice"})
"""Kinds that tell how a drug is sold and given, not what it is and does."""

MAXIMUM_DRUGS = 1_000
Feature = tuple[str, str]


@dataclass(frozen=True, slots=True)
class SharedFeature:
    """A feature that two drugs share, its weight, and the facts of the one and the other."""

    kind: str
    object: Entity
    weight: float
    edges: tuple[Edge, ...]


@dataclass(frozen=True, slots=True)
class Alike:
    """A drug that is like the one asked for: its likeness, how many features they share, and the weightiest of them."""

    drug: Entity
    score: float
    count: int
    shared: tuple[SharedFeature, ...]

    @property
    def edges(self) -> tuple[Edge, ...]:
        """The facts of the features that are shown."""
        return tuple(edge for feature in self.shared for edge in feature.edges)


@dataclass(frozen=True, kw_only=True)
class MostAlike(Result):
    """The drugs most alike to one, the most alike first."""

    columns: ClassVar[tuple[str, ...]] = ("drug", "likeness", "in_common", "kind", "object", "weight", "documents")
    drug: Entity
    others: tuple[Alike, ...]

    @property
    def title(self) -> str:
        """What was asked."""
        return f"Which drugs are most like {self.drug.label} by what documents say?"

    def lines(self) -> Iterator[Line]:
        """Give a row for each shared feature, drug by drug."""
        for other in self.others:
            for feature in other.shared:
                documents = results.cell(results.said_in(feature.edges))
                label, weight = feature.object.label, f"{feature.weight:.2f}"
                drug = (other.drug.label, f"{other.score:.3f}", str(other.count))
                yield Line((*drug, feature.kind, label, weight, documents), feature.edges)


class _Index(NamedTuple):
    """What all drugs have: features of a drug, drugs of a feature, weights, and the whole weight of a drug."""

    features: Mapping[str, tuple[Feature, ...]]
    drugs: Mapping[Feature, tuple[str, ...]]
    weights: Mapping[Feature, float]
    whole: Mapping[str, float]


def alike(graph: Walked, drug: str, limit: int = 10, *, why: int = 5) -> MostAlike:
    """Find the drugs that are most alike to one by what documents say; the module's documentation has the formula.

    Parameters
    ----------
    graph : Graph
        The graph to walk.
    drug : str
        A drug or class by name in any spelling, or by IRI.
    limit : int
        How many drugs.
    why : int
        How many shared features are shown for each, the weightiest first.

    Raises
    ------
    UnknownNameError
        When no drug is called so.
    QueryError
        When a number is out of range.
    """
    results.in_range("limit", limit, MAXIMUM_DRUGS)
    results.in_range("why", why, MAXIMUM_DRUGS)
    view = graph.view
    node = results.drug(graph, drug)
    index = _index(view)
    own = index.features.get(node) or tuple(sorted(_features(view, node)))
    common: dict[str, float] = {}
    numbers: dict[str, int] = {}
    for feature in own:
        for other in index.drugs.get(feature, ()):
            common[other] = common.get(other, 0.0) + index.weights[feature]
            numbers[other] = numbers.get(other, 0) + 1
    mine = index.whole.get(node, math.fsum(index.weights.get(feature, 0.0) for feature in own))
    scores = {
        other: round(shared / (mine + index.whole[other] - shared), 12)
        for other, shared in common.items()
        if other != node and shared > 0
    }
    ranked = sorted(scores, key=lambda other: (-scores[other], view.label(other), other))
    documents = view.documents(node)
    found = f"{results.count(len(ranked), 'drug')} share something that not all have" if ranked else ""
    shown = tuple(
        Alike(view.entity(o), scores[o], numbers[o], _shared(view, index, node, o, why)) for o in ranked[:limit]
    )
    return MostAlike(
        drug=view.entity(node),
        others=shown,
        truncated=len(ranked) > limit,
        summary=_summary(found, shown, documents, view.label(node)),
        documents=documents,
        open=graph.fact,
    )


def _summary(found: str, shown: Sequence[Alike], documents: Sequence[str], label: str) -> str:
    if not shown:
        return results.conclude("", (), documents, label)
    most = f"most alike is {shown[0].drug.label} ({shown[0].score:.2f} of 1)"
    asked = f"{results.count(len(documents), 'document')} that speak of {label}"
    return f"{found} with {label}; {most}. What is compared is what is stated, here in the {asked}."


def _features(view: View, drug: str) -> dict[Feature, list[Edge]]:
    found: dict[Feature, list[Edge]] = {}
    for edge in view.facts(drug):
        if edge.kind not in LEFT_OUT and edge.level not in results.REASSURING:
            found.setdefault((edge.kind, edge.object), []).append(edge)
    return found


def _index(view: View) -> _Index:
    if "alike" not in view.kept:
        drugs: dict[Feature, list[str]] = {}
        features: dict[str, tuple[Feature, ...]] = {}
        for drug in view.subjects():
            if CLASS_TYPE not in view.types(drug):
                features[drug] = tuple(sorted(_features(view, drug)))
                for feature in features[drug]:
                    drugs.setdefault(feature, []).append(drug)
        weights = {feature: math.log(len(features) / len(having)) for feature, having in drugs.items()}
        whole = {drug: math.fsum(weights[feature] for feature in has) for drug, has in features.items()}
        view.kept["alike"] = _Index(features, {f: tuple(d) for f, d in drugs.items()}, weights, whole)
    return view.kept["alike"]  # type: ignore[return-value]


def _shared(view: View, index: _Index, drug: str, other: str, why: int) -> tuple[SharedFeature, ...]:
    one, two = _features(view, drug), _features(view, other)
    both = sorted(one.keys() & two.keys(), key=lambda feature: (-index.weights[feature], feature))
    return tuple(
        SharedFeature(kind, view.entity(thing), index.weights[kind, thing], (*one[kind, thing], *two[kind, thing]))
        for kind, thing in both[:why]
    )
