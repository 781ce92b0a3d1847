"""The first page, search with completion, and the lists of everything that documents speak of."""

from __future__ import annotations

from collections.abc import Iterable

from kg.questions.finding import Found
from kg.web.pages.site import Asked, Page, Shown

MOST_FOUND, MOST_SUGGESTED, MOST_SHOWN_FIRST = 50, 8, 40
_DRUG, _CLASS, _CONDITION = "drug", "class", "condition or effect"
_MEDICINES = (_DRUG, "brand", _CLASS)


def home(asked: Asked) -> Shown:
    """Show what there is."""
    from kg.questions import header

    finder = asked.site.finder
    drugs, classes = finder.things(_DRUG), finder.things(_CLASS)
    subjects = {one.about.iri for one in asked.graph.documents if one.about}
    ranked = sorted(drugs, key=lambda one: (one.iri not in subjects, -one.facts, one.label))[:MOST_SHOWN_FIRST]
    values = {
        "drugs": drugs,
        "classes": classes,
        "most": sorted(ranked, key=lambda one: one.label.casefold()),
        "questions": len(header.catalogue()),
    }
    counts = {"documents": len(asked.graph.documents), "drugs": len(drugs), "classes": len(classes)}
    return Shown("home.html", "What documents say about drugs", values, "page home", lambda: counts)


def search(asked: Asked) -> Shown:
    """Show what is called as somebody typed, or nearly so."""
    typed = asked.one("q")
    found = asked.site.finder.find(typed, MOST_FOUND)
    values = {"asked": typed, "found": found, "is_cut": len(found) == MOST_FOUND}
    title = f"Search: {typed}" if typed else "Search"
    return Shown("search.html", title, values, "page search", lambda: {"query": typed, "results": written(found)})


def complete(asked: Asked) -> Shown:
    """Suggest names while somebody types."""
    types = _MEDICINES if asked.one("types") == "medicines" else ()
    typed = asked.one("q")
    found = asked.site.finder.find(typed, MOST_SUGGESTED, types)
    values = {"found": found, "prefix": asked.one("for")[:40] or "s"}
    name = "part-suggestions.html"
    return Shown(name, "", values, "page search", lambda: {"query": typed, "results": written(found)})


def written(found: Iterable[Found]) -> list[dict[str, object]]:
    """Return what was found as JSON can hold it."""
    return [{"label": o.label, "iri": o.iri, "type": o.type, "name": o.name, "facts": o.facts} for o in found]


def drugs(asked: Asked) -> Shown:
    """List the drugs."""
    return _listed(asked, "Drugs", _DRUG, "Every drug that a document here speaks of, with how many facts name it.")


def classes(asked: Asked) -> Shown:
    """List the classes."""
    return _listed(asked, "Classes of drugs", _CLASS, "Every class that a document here speaks of.")


def conditions(asked: Asked) -> Shown:
    """List the conditions."""
    about = "Every condition and effect that a document here speaks of and the vocabulary knows."
    return _listed(asked, "Conditions and effects", _CONDITION, about)


def _listed(asked: Asked, title: str, type_: str, about: str) -> Shown:
    found = asked.site.finder.things(type_)
    letters: dict[str, list[Found]] = {}
    for one in found:
        first = one.label[:1].upper()
        letters.setdefault(first if first.isalpha() else "0–9", []).append(one)
    values = {"letters": letters, "about": about}
    return Shown("list.html", title, values, "page list", lambda: {"title": title, "results": written(found)})


PAGES = (
    Page("/", home),
    Page("/search", search),
    Page("/complete", complete),
    Page("/drugs", drugs),
    Page("/classes", classes),
    Page("/conditions", conditions),
)
