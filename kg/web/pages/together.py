"""Drugs side by side, and documents against each other."""

from __future__ import annotations

from kg.agreement import contradictions as found_by
from kg.agreement.compare import MOST_SIDES
from kg.errors import UnknownNameError
from kg.results import plain
from kg.web.pages import forms
from kg.web.pages.site import ASKING, WALKING, Asked, Page, Shown

MOST_ROWS, MOST_CONTRADICTIONS = 400, 200
_STATES = {
    "differs": "They differ",
    "in part": "All speak of it, with other limits",
    "same": "All say the same",
    "some": "Some say it",
    "only": "Only one says it",
}
TYPES = {
    "polarity": "One affirms what another denies",
    "level": "They ask for different care",
    "numbers": "Their figures do not meet",
    "scope": "They differ in another scope; both may be right",
    "single_source": "Only one of several documents says it",
}


def compare(asked: Asked) -> Shown:
    """Compare two to five drugs; with fewer, ask which."""
    names = asked.several("drug")
    values = {"names": names, "most": MOST_SIDES, "comparison": None, "states": _STATES}
    if len(names) < 2 and asked.form is forms.HTML:
        return Shown("compare.html", "Compare drugs", values)
    found = asked.graph.compare(*names, limit=MOST_ROWS)
    iris = [asked.graph.names.drug(name).iri for name in names]
    values |= {"comparison": found, "iris": iris}
    title = " and ".join(found.names)

    def written() -> dict[str, object]:
        return plain.evidenced(found.summary, found.truncated, *found.rows())

    return Shown("compare.html", title, values, "compare", written)


def contradictions(asked: Asked) -> Shown:
    """Show where documents contradict each other: of one drug, or of all."""
    graph, name = asked.graph, asked.one("drug")
    type_ = asked.one("type")
    if type_ and type_ not in found_by.TYPES:
        raise UnknownNameError(type_[:60], "no such type of contradiction", f"use {', '.join(found_by.TYPES)}")
    found = graph.contradictions(name or None, types=[type_] if type_ else None, limit=MOST_CONTRADICTIONS)
    groups: dict[str, list[found_by.Contradiction]] = {}
    for item in found:
        groups.setdefault(item.type, []).append(item)
    values = {"found": found, "groups": groups, "name": name, "types": TYPES, "chosen": type_}

    def written() -> dict[str, object]:
        return plain.evidenced(found.summary, found.truncated, *found.rows())

    title = f"Contradictions about {name}" if name else "Contradictions"
    return Shown("contradictions.html", title, values, "contradictions", written)


PAGES = (Page("/compare", compare, lane=ASKING), Page("/contradictions", contradictions, lane=WALKING))
