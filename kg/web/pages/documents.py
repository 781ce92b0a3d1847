"""The page of a document: its text with everything that is said in it marked in place, and the list of documents."""

from __future__ import annotations

import re
from collections import Counter

from kg import evidence
from kg.errors import QueryError
from kg.graph import terms
from kg.records import Evidence, Span
from kg.results import plain
from kg.views import DocumentView
from kg.vocabulary import schema
from kg.web.pages import describing, forms, look, marking
from kg.web.pages.marking import Mark
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
    text, state, _ = graph.texts.text(name)
    at = _at(asked.one("at"))
    marks = _marks(asked, view)
    touched = [mark for mark in marks if text is None or (at is not None and _touches(mark, at))]
    chosen = [(mark.fact, proof) for mark in touched for proof in _proofs(mark, name)]
    if asked.is_part and asked.form is forms.HTML:
        return Shown("part-at.html", name, {"chosen": chosen, "at": at}, part="part-at.html")
    kinds = Counter(mark.fact.kind for mark in marks)
    values = {
        "source": view.source,
        "has_text": text is not None,
        "why": _WHY.get(state, ""),
        "pieces": marking.pieces(text, marks) if text is not None else [],
        "number": len(marks),
        "kinds": [(kind, kinds[kind]) for kind in schema.load().kinds if kinds[kind]],
        "chosen": chosen,
        "at": at,
        "names": {kind: look.kind(kind) for kind in kinds},
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
        return {"document": about, "text": state, "statements": [plain.statement(s) for s in view.statements()]}

    rdf = describing.of_graph(graph, terms.document(name), terms.graph(name))
    return Shown("document.html", view.title or name, values, "page document", written, rdf, "part-at.html")


def _marks(asked: Asked, view: DocumentView) -> list[Mark]:
    """Return what a document says with its places, in their order; only what is looked at is read whole."""
    graph = asked.graph
    found = [Mark(graph.fact(iri), *spans) for iri, *spans in graph.reader.places(view.name)]
    if not found:  # a plain file of triples has no graph for each document
        found = [
            Mark(fact, proof.span, proof.object_span)
            for fact in view.facts()
            for proof in fact.evidence
            if proof.document == view.name
        ]
    return sorted(found, key=lambda m: (m.sentence, m.words, m.fact.kind, m.fact.object.label, m.fact.iri))


def _proofs(mark: Mark, document: str) -> list[Evidence]:
    """Return the evidence of a mark, with its quote if that is at hand."""
    where = (document, mark.sentence, mark.words)
    return [one for one in mark.fact.evidence if (one.document, one.span, one.object_span) == where]


def _at(written: str) -> Span | None:
    if not written:
        return None
    match = _AT.fullmatch(written)
    if match is None or int(match[1]) >= int(match[2]):
        raise QueryError("at", f"{written[:40]!r} is no place in a text", "write where it begins and ends, as in 10-20")
    return Span(int(match[1]), int(match[2]))


def _touches(mark: Mark, at: Span) -> bool:
    """Tell whether the words of a mark overlap a place, or its sentence is the place."""
    is_there = mark.sentence == at or at.contains(mark.words) or mark.words.contains(at)
    return is_there and mark.words.overlaps(at)


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
