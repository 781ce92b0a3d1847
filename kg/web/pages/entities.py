"""The page of an IRI: which page it is depends on what the graph says that it is."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import unquote

import pyoxigraph as ox

from kg.derivation import decode as conclusions
from kg.errors import UnknownNameError
from kg.graph import decode, encode, terms
from kg.questions.finding import TYPES
from kg.results import plain
from kg.vocabulary import schema
from kg.web.pages import classes, describing, drugs, forms, paths, things
from kg.web.pages.site import Asked, Moved, Page, Shown

if TYPE_CHECKING:
    from kg.api import Graph
    from kg.records import Fact

_ALL = ox.DefaultGraph()
_SPACES = ("concept", "term", "local", "link", "scheme", "ontology", "level", "polarity", "frequency")
_MORE_SPACES = ("severity", "use", "approval", "stage", "topic", "category", "derivation")
_MEDICINES = frozenset({"Drug", "Brand"})
_OTHERS = frozenset(TYPES) - _MEDICINES
MOST_VALUES = 200


def concept(asked: Asked) -> Shown | Moved:
    """Show what an IRI of the project names."""
    return of(asked, asked.iri)


def elsewhere(asked: Asked) -> Shown | Moved:
    """Show a concept whose IRI is of another vocabulary."""
    iri = asked.one("iri")
    if iri.startswith(terms.BASE):
        return Moved(paths.of_iri(iri))
    return of(asked, iri)


def of(asked: Asked, iri: str) -> Shown | Moved:
    """Show what an IRI names."""
    graph = asked.graph
    known(graph, iri)
    asked = replace(asked, iri=iri)
    types = frozenset(decode.types(graph.store, ox.NamedNode(iri)))
    if "Brand" in types and not graph.names.is_subject(iri) and (drug := _one(graph, iri, terms.DRUGS + "brandOf")):
        return Moved(paths.of_iri(drug)) if asked.form.rdf is None else resource(asked, iri)
    if "DrugClass" in types and not types & _MEDICINES:
        return classes.make(asked)
    if types & _MEDICINES or (not types & _OTHERS and graph.names.is_subject(iri)):
        return drugs.make(asked)  # documents may be about a product that no vocabulary has
    if iri.startswith((terms.CONCEPT, terms.TERM, terms.LOCAL)) or not iri.startswith(terms.BASE):
        return things.make(asked, tuple(sorted(types)))
    return resource(asked, iri)


def known(graph: Graph, iri: str) -> None:
    """See that a graph says something of an IRI.

    Raises
    ------
    UnknownNameError
        When it does not, or there can be no such IRI.
    """
    try:
        is_there = describing.is_known(graph, iri)
    except ValueError:
        is_there = False
    if not is_there:
        place = unquote(iri).removeprefix(terms.BASE)[:200] or "the address"
        raise UnknownNameError(place, "nothing in this graph is called so", "check the spelling or search for it")


def resource(asked: Asked, iri: str) -> Shown:
    """Show whatever a graph says of a node: a term of the ontology, a scheme, a value of a list."""
    graph = asked.graph
    said: dict[str, list[tuple[str, str]]] = {}
    for quad in graph.store.quads_for_pattern(ox.NamedNode(iri), None, None, _ALL):
        is_node = isinstance(quad.object, ox.NamedNode)
        if isinstance(quad.object, ox.NamedNode | ox.Literal):
            said.setdefault(quad.predicate.value, []).append((quad.object.value, "iri" if is_node else "text"))
    rows = [(name, sorted(values)) for name, values in sorted(said.items())]
    label = decode.Reader(graph.store).entity(iri).label

    def written() -> dict[str, object]:
        properties = [{"property": name, "values": [value for value, _ in values]} for name, values in rows]
        return {"iri": iri, "label": label, "properties": properties}

    values = {"iri": iri, "rows": rows, "most": MOST_VALUES, "short": short, "is_ours": _is_ours}
    return Shown("resource.html", label, values, "page resource", written, describing.with_evidence(graph, iri))


def short(iri: str) -> str:
    """Return an IRI with its prefix.

    >>> short(terms.SKOS + "broader")
    'skos:broader'
    """
    found = ((prefix, iri.removeprefix(base)) for prefix, base in terms.PREFIXES.items() if iri.startswith(base))
    return next((f"{prefix}:{local}" for prefix, local in found if local and "/" not in local), iri)


def _is_ours(iri: str) -> bool:
    return iri.startswith(terms.BASE)


def fact(asked: Asked) -> Shown:
    """Show one fact: what is said, by which documents, in which words."""
    iri = terms.FACT + asked.values["name"]
    known(asked.graph, iri)
    found: Fact = asked.graph.fact(iri)
    values = {"fact": found, "definition": schema.load().kind(found.kind).definition}
    if not asked.is_part:
        values["belief"] = asked.graph.belief(found)
    title = f"{found.subject.label}: {found.object.label}"
    rdf = describing.with_evidence(asked.graph, iri)
    return Shown("fact.html", title, values, "page fact", lambda: {"fact": plain.fact(found)}, rdf, "part-quotes.html")


def evidence(asked: Asked) -> Shown | Moved:
    """Lead from a piece of evidence to its place in the document."""
    iri = terms.EVIDENCE + asked.values["name"]
    known(asked.graph, iri)
    source = _one(asked.graph, iri, terms.OA + "hasSource")
    _, _, place = _one(asked.graph, iri, terms.OA + "hasSelector").partition("#char=")
    if asked.form is not forms.HTML or not source.startswith(terms.DOCUMENT) or "," not in place:
        return resource(asked, iri)
    start, _, end = place.partition(",")
    return Moved(paths.of_place(terms.document_name(source), int(start), int(end)))


def derived(asked: Asked) -> Shown:
    """Show what follows by a rule."""
    iri = terms.DERIVED + asked.values["name"]
    known(asked.graph, iri)
    store, subject, object_ = asked.graph.store, terms.DRUGS + "derivedSubject", terms.DRUGS + "derivedObject"
    ends = _one(asked.graph, iri, subject), _one(asked.graph, iri, object_)
    read = conclusions.Reader(store, decode.Reader(store)).read(*ends)
    found = next((one for one in read if one.iri == iri), None)
    if found is None:
        return resource(asked, iri)
    title = f"{found.subject.label}: {found.object.label}"
    plainly = {"derived": plain.derived(found)}
    rdf = describing.with_evidence(asked.graph, iri)
    return Shown("derived.html", title, {"derived": found}, "page derived", lambda: plainly, rdf)


def named_graph(asked: Asked) -> Shown:
    """Show the named graph of a document: its RDF, and where its page is."""
    name = asked.values["name"]
    iri = encode.DOCUMENTS.value if name == "documents" else terms.graph(name)
    store = asked.graph.store
    size = sum(1 for _ in store.quads_for_pattern(None, None, None, ox.NamedNode(iri)))
    if not size:
        raise UnknownNameError(name, "there is no such named graph", "look at the list of documents")
    rdf = describing.of_graph(asked.graph, iri, iri)
    is_document = any(source.name == name for source in asked.graph.documents)
    values = {"iri": iri, "size": size, "document": name if is_document else ""}
    return Shown("graph.html", name, values, "page graph", lambda: {"iri": iri, "triples": size}, rdf)


def _one(graph: Graph, iri: str, predicate: str) -> str:
    found = graph.store.quads_for_pattern(ox.NamedNode(iri), ox.NamedNode(predicate), None, _ALL)
    return min((quad.object.value for quad in found if isinstance(quad.object, ox.NamedNode)), default="")


PAGES = (
    *(Page(f"/{space}/{{name:path}}", concept, is_iri=True) for space in (*_SPACES, *_MORE_SPACES)),
    Page("/entity", elsewhere, is_iri=True),
    Page("/fact/{name}", fact, is_iri=True),
    Page("/evidence/{name}", evidence, is_iri=True),
    Page("/derived/{name}", derived, is_iri=True),
    Page("/graph/{name:path}", named_graph, is_iri=True),
)
