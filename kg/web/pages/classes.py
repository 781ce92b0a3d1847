"""The page of a class of drugs: who belongs to it, what its members share, and what is said of the class itself."""

from __future__ import annotations

from kg.drugs import ClassView
from kg.results import plain
from kg.web.pages import describing, things
from kg.web.pages.site import WALKING, Asked, Page, Shown

SHARE, MOST = 0.8, 60
_FEWEST = 2


def make(asked: Asked) -> Shown:
    """Show a class of drugs."""
    graph = asked.graph
    drug_class = things.entity(asked, asked.iri)
    view = ClassView(graph, drug_class)
    members = tuple(view.members())
    above = things.above_of(asked, drug_class)
    of_class, said_of = tuple(view.facts()), tuple(view.said_of())
    values = {
        "drug_class": drug_class,
        "members": members,
        "above": above[:12],
        "of_class": things.by_level(of_class),
        "said_of": things.by_level(tuple(fact for fact in said_of if fact.kind != "drug_class")),
        "fewest": _FEWEST,
        "share": round(SHARE * 100),
        "most": MOST,
    }

    def written() -> dict[str, object]:
        return {
            "class": plain.entity(drug_class),
            "members": [plain.entity(one) for one in members],
            "broader": [plain.entity(one) for one in above],
            "facts": [plain.fact(fact) for fact in of_class],
            "said_of": [plain.fact(fact) for fact in said_of],
        }

    rdf = describing.triples(graph, asked.iri)
    return Shown("class.html", drug_class.label, values, "page class", written, rdf)


def shared(asked: Asked) -> Shown:
    """Show what the members of a class share: a walk through the whole network, fetched when the page is open."""
    from kg import network

    name = asked.one("class")
    pattern = network.class_pattern(asked.graph, name, SHARE)
    values = {"pattern": pattern, "share": round(SHARE * 100), "members": len(pattern.members)}
    return Shown("shared.html", pattern.title, values, "drugs class", pattern.to_dict, part="part-shared.html")


PAGES = (Page("/shared", shared, lane=WALKING),)
