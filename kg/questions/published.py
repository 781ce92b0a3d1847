"""The questions for others: a page for readers, and `sh:SPARQLSelectExecutable`s for whoever speaks SHACL.

Both are made of the question files and of nothing else: `python -m kg.questions.published` writes them anew.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

import pyoxigraph as ox

from kg import resources
from kg.graph import terms, turtle
from kg.questions import header
from kg.questions.header import Parameter, Question

PAGE = "docs/questions.md"
EXECUTABLES = "queries/questions.ttl"
COMMAND = "python -m kg.questions.published"

QUESTION = terms.BASE + "question/"
_PREFIXES = {**terms.PREFIXES, "question": QUESTION, "sh": terms.SHACL}
_CLASSES = {
    "Drug": terms.DRUGS + "Medicine",
    "DrugClass": terms.DRUGS + "DrugClass",
    "Entity": terms.DRUGS + "Entity",
    "Topic": terms.DRUGS + "ListedValue",
    "Level": terms.DRUGS + "ListedValue",
    "Kind": terms.DRUGS + "FactKind",
    "Document": terms.DRUGS + "Document",
}
_MEANINGS = {
    "Drug": "a drug, by its generic name or a brand, or a class of drugs",
    "DrugClass": "a class of drugs",
    "Entity": "a drug, condition, group of people, activity, food or anything else that has a name in the graph",
    "Topic": "a topic of advice",
    "Level": "a level of care",
    "Kind": "a kind of fact",
    "Document": "a document, by its file name",
    "Text": "any text",
}


def executables(questions: Iterable[Question]) -> bytes:
    """Publish questions as SHACL executables: each with its SELECT, its prefixes and its parameters.

    >>> b"sh:SPARQLSelectExecutable" in executables([header.question("brands")])
    True
    """
    return turtle.write(
        (triple for question in questions for triple in _executable(question)),
        f"The questions of queries/questions as SHACL executables; written by `{COMMAND}`. CC0 1.0.",
        _PREFIXES,
    )


def page(questions: Iterable[Question], rows: Mapping[str, tuple[str, ...]]) -> str:
    """Describe questions for readers; `rows` are those that each gives over the small graph of the tests."""
    found = sorted(questions, key=lambda question: question.name)
    lines = [
        "# Questions",
        "",
        f"The {len(found)} questions that come with the package (`kg query --list`): the files of `queries/questions`.",
        "Parameters are names in any spelling, or IRIs. What no document says is not in the rows: no row is never a",
        "“no”. The rows shown are those over the small graph of the tests; columns that hold identifiers are left out.",
        "**Information about what documents say, not medical advice.**",
        f"This page is generated: `{COMMAND}` writes it anew.",
        "",
        *(f"- [{question.name}](#{question.name}): {question.title}" for question in found),
    ]
    for question in found:
        lines += ["", *_section(question, rows.get(question.name) or rows.get(f"{question.name} wider", ()))]
    return "\n".join(lines) + "\n"


def _section(question: Question, rows: tuple[str, ...]) -> Iterable[str]:
    yield from (f"## {question.name}", "", f"**{question.title}.** {question.why}", "")
    if question.parameters:
        yield from ("| parameter | is | example |", "| --- | --- | --- |")
        yield from (f"| `{p.name}` | {_MEANINGS[p.type]} | {p.example} |" for p in question.parameters)
        yield ""
    several = [f"`{column.name}`{' (several)' if column.several else ''}" for column in question.columns]
    yield f"Columns: {', '.join(several)}."
    if question.limit:
        yield f"At most {question.limit} rows are given; whether there are more is said."
    yield from ("", "```console", f"$ {_call(question)}", "```", "")
    if rows:
        yield from ("```text", *rows, "```", "")
    yield from ("```sparql", _body(question.sparql), "```")


def _call(question: Question) -> str:
    return " ".join(["kg query", question.name, *(f"--param {_quoted(p)}" for p in question.parameters)])


def _quoted(parameter: Parameter) -> str:
    text = f"{parameter.name}={parameter.example}"
    return f'"{text}"' if " " in text else text


def _body(sparql: str) -> str:
    """Return the query without its header: the page says it in words."""
    return re.sub(r"\A(?:#[^\n]*\n|\s*\n)+", "", sparql).rstrip("\n")


def _executable(question: Question) -> Iterable[turtle.Triple]:
    node = ox.NamedNode(QUESTION + question.name)

    def said(predicate: str, value: ox.NamedNode | ox.Literal) -> turtle.Triple:
        return node, ox.NamedNode(predicate), value

    yield said(terms.RDF_TYPE, ox.NamedNode(terms.SHACL + "SPARQLExecutable"))
    yield said(terms.RDF_TYPE, ox.NamedNode(terms.SHACL + "SPARQLSelectExecutable"))
    yield said(terms.RDFS + "label", ox.Literal(question.title, language="en"))
    yield said(terms.RDFS + "comment", ox.Literal(question.why, language="en"))
    yield said(terms.SHACL + "prefixes", ox.NamedNode(terms.DRUGS))
    yield said(terms.SHACL + "select", ox.Literal(question.sparql))
    for order, parameter in enumerate(question.parameters):
        child = ox.NamedNode(f"{node.value}/{parameter.name}")
        yield said(terms.SHACL + "parameter", child)
        yield child, ox.NamedNode(terms.RDF_TYPE), ox.NamedNode(terms.SHACL + "Parameter")
        yield child, ox.NamedNode(terms.SHACL + "path"), ox.NamedNode(f"{QUESTION}parameter/{parameter.name}")
        yield child, ox.NamedNode(terms.SHACL + "order"), ox.Literal(str(order), datatype=_INTEGER)
        yield child, ox.NamedNode(terms.SHACL + "name"), ox.Literal(parameter.name)
        yield child, ox.NamedNode(terms.SHACL + "description"), ox.Literal(_MEANINGS[parameter.type], language="en")
        yield child, ox.NamedNode(terms.SKOS + "example"), ox.Literal(parameter.example)
        if parameter.type == "Text":
            yield child, ox.NamedNode(terms.SHACL + "datatype"), ox.NamedNode(terms.XSD + "string")
        else:
            yield child, ox.NamedNode(terms.SHACL + "class"), ox.NamedNode(_CLASSES[parameter.type])


_INTEGER = ox.NamedNode(terms.XSD + "integer")


def expected(place: Path) -> dict[str, tuple[str, ...]]:
    """Read the file of expected rows: a name in brackets, then its rows; `NAME wider` is of the wider test graph."""
    found: dict[str, list[str]] = {}
    for line in place.read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            rows = found.setdefault(line.strip("[]"), [])
        elif line and not line.startswith("#"):
            rows.append(line)
    return {name: tuple(rows) for name, rows in found.items()}


def main() -> None:
    """Write the page and the executables of a checkout."""
    root = resources.folder("queries").parent
    questions = [header.question(name) for name in header.catalogue()]
    rows = expected(root / "tests" / "questions" / "expected.txt")
    (root / PAGE).parent.mkdir(exist_ok=True)
    (root / PAGE).write_text(page(questions, rows), encoding="utf-8")
    (root / EXECUTABLES).write_bytes(executables(questions))


if __name__ == "__main__":
    main()
