"""What all or most drugs of a class have in common by what documents say, and who differs, in which way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

from kg.errors import QueryError
from kg.network import results
from kg.network.results import Line, Result, Walked
from kg.network.view import DENIED, Edge, View
from kg.records import Entity

KINDS = (
    *("contraindication", "caution", "interaction", "adverse_effect", "withdrawal_effect"),
    *("indication", "pharmacologic_effect", "mechanism", "pharmacokinetics", "alternative"),
)
"""The kinds that are compared, in the order of the answer. Contraindications and cautions are compared together, as
levels of care for one thing."""

NO_LEVEL = "no level"
CARE = ("contraindication", "caution")
MAXIMUM_ROWS = 5_000


@dataclass(frozen=True, slots=True)
class Shared:
    """Something that most members of a class share.

    Attributes
    ----------
    kind : str
        The kind of fact; "caution" stands for contraindications as well.
    object : Entity
        What it is about.
    level : str
        The level that most of those members state; empty where the kind has none.
    stating : tuple of Entity
        The members of which it is stated, whatever the level.
    other_level : tuple of (Entity, str)
        Members of which another level is stated, and which; of some only one that asks for no care.
    denied : tuple of Entity
        Members of which documents deny it, and none states it.
    related : tuple of Entity
        Members of which something narrower or wider is stated, and not the thing itself.
    silent : tuple of Entity
        Members of which nothing of the sort is stated, which is not "no".
    edges : tuple of Edge
        The facts behind it: those of members, and those of the class itself.
    of_class : bool
        Whether documents state it of the class itself.
    """

    kind: str
    object: Entity
    level: str
    stating: tuple[Entity, ...]
    other_level: tuple[tuple[Entity, str], ...]
    denied: tuple[Entity, ...]
    related: tuple[Entity, ...]
    silent: tuple[Entity, ...]
    edges: tuple[Edge, ...]
    of_class: bool


@dataclass(frozen=True, kw_only=True)
class ClassPattern(Result):
    """What the members of a class share: what all share first, and who differs."""

    columns: ClassVar[tuple[str, ...]] = (
        *("kind", "object", "level", "members", "other_level", "denied_of", "related_of"),
        *("not_stated_of", "of_class", "documents"),
    )
    drug_class: Entity
    members: tuple[Entity, ...]
    share: float
    shared: tuple[Shared, ...]

    @property
    def title(self) -> str:
        """What was asked."""
        return f"What do the {len(self.members)} drugs of the class {self.drug_class.label} share, and who differs?"

    def lines(self) -> Iterator[Line]:
        """Give a row for each thing that is shared."""
        for item in self.shared:
            groups = (item.denied, item.related, item.silent)
            yield Line(
                (
                    item.kind,
                    item.object.label,
                    item.level,
                    f"{len(item.stating)} of {len(self.members)}",
                    results.cell(f"{entity.label}: {level or NO_LEVEL}" for entity, level in item.other_level),
                    *(results.cell(entity.label for entity in group) for group in groups),
                    "stated" if item.of_class else "",
                    results.cell(results.said_in(item.edges)),
                ),
                item.edges,
            )


class _Said:
    """What is said of all members, by kind and object."""

    def __init__(self, view: View, members: Sequence[str]) -> None:
        self.affirmed: dict[tuple[str, str], dict[str, list[Edge]]] = {}
        self.reassuring: dict[tuple[str, str], dict[str, list[Edge]]] = {}
        self.denied: dict[tuple[str, str], dict[str, list[Edge]]] = {}
        for member in members:
            for edge in (*view.facts(member, KINDS), *view.facts(member, KINDS, DENIED)):
                asks = edge.level not in results.REASSURING
                into = self.denied if not edge.carries else self.affirmed if asks else self.reassuring
                into.setdefault(_feature(edge), {}).setdefault(member, []).append(edge)


def class_pattern(graph: Walked, class_: str, share: float = 0.8, *, limit: int = 100) -> ClassPattern:
    """Find what the members of a class share.

    Members are the drugs that a document or the vocabulary puts into the class, or into one below it, and of which
    documents say something.

    Parameters
    ----------
    graph : Graph
        The graph to walk.
    class_ : str
        A class by name in any spelling, or by IRI.
    share : float
        The part of the members of which something must be stated, above 0 and at most 1; never fewer than two members.
    limit : int
        The most rows.

    Raises
    ------
    UnknownNameError
        When no class is called so.
    QueryError
        When a number is out of range.
    """
    results.in_range("limit", limit, MAXIMUM_ROWS)
    if not 0 < share <= 1:
        raise QueryError("share", f"{share} is out of range", "give a number above 0 and at most 1")
    view = graph.view
    node = results.drug(graph, class_)
    members = view.members(node)
    said = _Said(view, members)
    least = max(2, share * len(members) - 1e-9)
    features = [f for f, stating in said.affirmed.items() if len(stating) >= least]
    shared = [_shared(view, node, members, feature, said) for feature in features]
    shared.sort(key=_order)
    documents = view.documents(*members) if members else ()
    name = view.label(node)
    of_all = sum(len(item.stating) == len(members) for item in shared)
    stated = [edge for item in shared for edge in item.edges]
    of_members = f"{results.count(len(members), 'member')} of the class {name}"
    found = f"{results.count(len(shared), 'thing')} stated of at least {share:.0%} of {of_members}, {of_all} of all"
    nothing = f"Nothing is stated of at least {share:.0%} (and of two) of {of_members}."
    return ClassPattern(
        drug_class=view.entity(node),
        members=tuple(view.entity(member) for member in members),
        share=share,
        shared=tuple(shared[:limit]),
        truncated=len(shared) > limit,
        summary=results.conclude(found, stated, documents, f"drugs of the class {name}") if shared else nothing,
        documents=documents,
        open=graph.fact,
    )


def _feature(edge: Edge) -> tuple[str, str]:
    return ("caution" if edge.kind in CARE else edge.kind, edge.object)


def _shared(view: View, node: str, members: Sequence[str], feature: tuple[str, str], said: _Said) -> Shared:
    kind, thing = feature
    stating, denying = said.affirmed[feature], said.denied.get(feature, {})
    mild = {m: edges for m, edges in said.reassuring.get(feature, {}).items() if m not in stating}
    levels = {member: results.severest(edges) for member, edges in (*stating.items(), *mild.items())}
    counts = Counter(levels[member] for member in stating)
    level = max(counts, key=lambda name: (counts[name], results.rank(name), name))
    rest = [member for member in members if member not in levels]
    denied = [member for member in rest if member in denying]
    related = [member for member in rest if member not in denying and _has_related(view, member, feature, said)]
    silent = [member for member in rest if member not in denying and member not in related]
    of_class = [e for e in view.facts(node) if _feature(e) == feature]
    edges = [e for found in (stating, mild, denying) for of_member in found.values() for e in of_member]
    edges.sort(key=lambda e: (e.subject, e.kind, e.iri))
    return Shared(
        kind=kind,
        object=view.entity(thing),
        level=level,
        stating=_entities(view, stating),
        other_level=tuple((view.entity(m), levels[m]) for m in sorted(levels) if levels[m] != level),
        denied=_entities(view, denied),
        related=_entities(view, related),
        silent=_entities(view, silent),
        edges=(*edges, *of_class),
        of_class=bool(of_class),
    )


def _has_related(view: View, member: str, feature: tuple[str, str], said: _Said) -> bool:
    kind, thing = feature
    near = {*view.above(thing), *view.below(thing)}
    return any(member in said.affirmed.get((kind, other), ()) for other in near)


def _entities(view: View, nodes: Sequence[str] | dict[str, list[Edge]]) -> tuple[Entity, ...]:
    return tuple(view.entity(node) for node in sorted(nodes))


def _order(item: Shared) -> tuple[object, ...]:
    kind = KINDS.index(item.kind)
    return (kind, -len(item.stating), -results.rank(item.level), item.object.label.casefold(), item.object.iri)
