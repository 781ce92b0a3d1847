"""The questions of the catalogue, each with a form that its header makes, and the page for SPARQL of one's own."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from kg.errors import KgError
from kg.graph import terms
from kg.questions import header, run
from kg.vocabulary import schema
from kg.web.pages import paths
from kg.web.pages.site import ASKING, Asked, Page, Shown

if TYPE_CHECKING:
    from kg.questions.header import Parameter, Question

MOST_ROWS, LONGEST_TITLE = 500, 44
_SUBJECTS = (
    ("drug", "About a drug"),
    ("other", "About two drugs, a class, a document"),
    ("thing", "About a condition, an effect or something else"),
    ("whole", "About the whole graph"),
)


class Field(NamedTuple):
    """A field of a form: the parameter, its value, what can be chosen if the list is closed, what completes it."""

    name: str
    type: str
    value: str
    choices: tuple[str, ...] = ()
    types: str = ""


def catalogue(_: Asked) -> Shown:
    """List all questions."""
    questions = [header.question(name) for name in header.catalogue()]
    groups: dict[str, list[Question]] = {key: [] for key, _ in _SUBJECTS}
    for question in questions:
        groups[_subject(question)].append(question)
    values = {"groups": [(title, groups[key]) for key, title in _SUBJECTS], "number": len(questions)}
    return Shown(
        "questions.html",
        "Questions",
        values,
        "query --list",
        lambda: {"questions": list(map(header.described, questions))},
    )


def _subject(question: Question) -> str:
    types = [parameter.type for parameter in question.parameters]
    if not types:
        return "whole"
    if types[0] == "Drug":
        return "drug"
    return "thing" if types[0] == "Entity" else "other"


def ask(asked: Asked) -> Shown:
    """Show the form of a question, and its answer where everything is given."""
    question = header.question(asked.values["name"])
    given = {parameter.name: asked.one(parameter.name) for parameter in question.parameters}
    is_asked = all(given.values()) if given else True
    problem: KgError | None = None
    rows = None
    if is_asked:
        try:
            graph = asked.graph
            rows = run.run(graph.store, question, given, names=graph.names, remembered=graph.remembered)
        except KgError as error:
            problem = error
    values = {
        "question": question,
        "fields": [_field(asked, one, given[one.name]) for one in question.parameters],
        "rows": rows,
        "problem": problem,
        "most": MOST_ROWS,
        "near": asked.site.finder.near(problem.place) if problem else (),
        "given": given,
        "cells": _Cells(asked),
    }

    def written() -> dict[str, object]:
        if problem is not None:
            raise problem
        columns = list(rows.columns) if rows is not None else [column.name for column in question.columns]
        table = rows.to_dicts() if rows is not None else []
        parameters = {name: value for name, value in given.items() if value}
        return {"question": question.name, "title": question.title, "parameters": parameters} | {
            "columns": columns,
            "rows": table,
        }

    status = 200 if problem is None else 400
    title = question.title or question.name
    return Shown("question.html", title, values, "query", written, status=status)


def _field(asked: Asked, parameter: Parameter, value: str) -> Field:
    language = schema.load()
    choices: tuple[str, ...] = ()
    if parameter.type == "Level":
        choices = tuple(language.levels)
    elif parameter.type == "Kind":
        choices = tuple(language.kinds)
    elif parameter.type == "Topic":
        choices = tuple(next(q.values for q in language.qualifiers.values() if q.name == "topic" and q.values))
    elif parameter.type == "Document":
        choices = tuple(source.name for source in asked.graph.documents)
    types = "medicines" if parameter.type in ("Drug", "DrugClass") else ""
    shown = value or (parameter.example if parameter.type != "Document" else "")
    return Field(parameter.name, parameter.type, shown, choices, types)


class _Cells:
    """Cells of an answer as pages show them."""

    def __init__(self, asked: Asked) -> None:
        self._documents = {source.name: source.title or source.name for source in asked.graph.documents}

    def parts(self, column: str, cell: str) -> list[tuple[str, str, str]]:
        """Return the values of a cell: the words, where they lead if anywhere, and what they are."""
        if column == "fact" and cell.startswith(terms.BASE):
            return [("open", paths.of_iri(cell), "fact")]
        if column in ("document", "documents"):
            names = [name for name in cell.split(header.SEVERAL) if name]
            return [(_shortened(self._documents.get(name, name)), self._where(name), "document") for name in names]
        if cell.startswith(terms.BASE):
            return [(cell.rsplit("/", 1)[-1], paths.of_iri(cell), "iri")]
        return [(cell, "", column)]

    def _where(self, document: str) -> str:
        return paths.of_document(document) if document in self._documents else ""


def _shortened(title: str) -> str:
    return title if len(title) <= LONGEST_TITLE else title[:LONGEST_TITLE].rstrip() + "…"


def sparql(asked: Asked) -> Shown:
    """Show the editor for SPARQL with the questions of the package as examples."""
    chosen = asked.one("example")
    question = header.question(chosen) if chosen else None
    examples = [header.question(name) for name in header.catalogue()]
    values = {
        "examples": examples,
        "chosen": question.name if question else "",
        "query_text": _example(asked, question) if question else START,
        "prefixes": terms.PREFIXES,
    }
    said = {"endpoint": "/sparql", "examples": [header.described(one) for one in examples]}
    return Shown("sparql.html", "SPARQL", values, "page sparql", lambda: said, has_editor=True)


START = """PREFIX drugs: <https://w3id.org/drug-facts/ontology/>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>

SELECT ?drug (COUNT(DISTINCT ?fact) AS ?facts)
WHERE {
  ?fact drugs:subject/skos:prefLabel ?drug .
}
GROUP BY ?drug
ORDER BY DESC(?facts)
LIMIT 20
"""
"""What the editor holds at first."""


def _example(asked: Asked, question: Question) -> str:
    """Return a question with its examples put in; what this graph does not know stays a variable."""
    documents = asked.graph.documents
    given = {
        p.name: documents[0].name if p.type == "Document" and documents else p.example for p in question.parameters
    }
    try:
        return run.written(question, given, asked.graph.names)
    except KgError:
        return question.sparql


PAGES = (
    Page("/questions", catalogue),
    Page("/questions/{name}", ask, lane=ASKING),
    Page("/query", sparql),
)
