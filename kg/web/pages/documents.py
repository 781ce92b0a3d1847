"""The page of a document: its text with everything that is said in it marked in place, and the list of documents."""

from __future__ import annotations

import re
from collections import Counter

from kg import evidence
from kg.errors import QueryError
from kg.graph import terms
from kg.records import Span, Statement
from kg.results import plain
from kg.vocabulary import schema
from kg.web.pages import describing, forms, marking
from kg.web.pages.site import Asked, Page, Shown

_AT = re.compile(r"(\d{1,9})-(\d{1,9})")
_WHY = {
    evidence.ABSENT: "The text of this document is not at hand",
    evidence.CHANGED: "Another version of this document is at hand",
    evidence.UNREADABLE: "The text of this document cannot be read",
}


def make(asked: Asked) -> Shown:
    """Show a document."""
    name = asked.values["name"]
    graph = asked.graph
    view = graph.document(name)
    statements = list(view.statements())
    text, state, _ = graph.texts.text(name)
    at = _at(asked.one("at"))
    chosen = [s for s in statements if at is not None and _touches(s, at)]
    if asked.is_part and asked.form is forms.HTML:
        values: dict[str, object] = {"chosen": chosen, "at": at, "iris": _iris(asked, chosen)}
        return Shown("part-at.html", name, values, part="part-at.html")
    kinds = Counter(s.kind for s in statements)
    values = {
        "source": view.source,
        "has_text": text is not None,
        "why": _WHY.get(state, ""),
        "pieces": marking.pieces(text, statements) if text is not None else [],
        "statements": statements,
        "kinds": [(kind, kinds[kind]) for kind in schema.load().kinds if kinds[kind]],
        "chosen": chosen,
        "at": at,
        "iris": _iris(asked, statements if text is None else chosen),
        "graph_path": "/graph/" + terms.document(name).removeprefix(terms.DOCUMENT),
    }

    def written() -> dict[str, object]:
        source = view.source
        about = {
            "name": source.name,
            "title": source.title,
            "source_kind": source.source_kind,
            "sha256": source.sha256,
            "length": source.length,
            "about": plain.entity(source.about) if source.about else None,
            "same_text_as": source.same_text_as or None,
        }
        return {"document": about, "text": state, "statements": [plain.statement(s) for s in statements]}

    rdf = describing.of_graph(graph, terms.document(name), terms.graph(name))
    return Shown("document.html", view.title or name, values, "page document", written, rdf, "part-at.html")


def _iris(asked: Asked, statements: list[Statement]) -> dict[Statement, str]:
    """Return the IRI of the fact of each statement."""
    wanted = set(statements)
    found: dict[Statement, str] = {}
    if not wanted:
        return found
    name = statements[0].evidence.document
    for fact in asked.graph.facts(document=name):
        for item in fact.evidence:
            said = Statement(fact.kind, fact.subject, fact.object, item, fact.polarity, fact.qualifiers)
            if item.document == name and said in wanted:
                found[said] = fact.iri
    return found


def _at(written: str) -> Span | None:
    if not written:
        return None
    match = _AT.fullmatch(written)
    if match is None or int(match[1]) >= int(match[2]):
        raise QueryError("at", f"{written[:40]!r} is no place in a text", "write where it begins and ends, as in 10-20")
    return Span(int(match[1]), int(match[2]))


def _touches(said: Statement, at: Span) -> bool:
    """Tell whether a statement's words overlap a place, or its sentence is the place."""
    return said.evidence.object_span.overlaps(at) and (
        said.evidence.span == at or at.contains(said.evidence.object_span) or said.evidence.object_span.contains(at)
    )


def every(asked: Asked) -> Shown:
    """List the documents."""

    def written() -> dict[str, object]:
        listed = [
            {
                "name": s.name,
                "title": s.title,
                "source_kind": s.source_kind,
                "about": s.about.label if s.about else None,
            }
            for s in asked.graph.documents
        ]
        return {"documents": listed}

    return Shown("documents.html", "Documents", {}, "page documents", written)


PAGES = (Page("/documents", every), Page("/document/{name:path}", make, is_iri=True))
