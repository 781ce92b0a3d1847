"""Canonical Turtle and N-Quads: the same triples give the same bytes, on every machine and under every hash seed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

import pyoxigraph as ox

from kg.errors import OntologyError
from kg.graph import terms, written

Node = ox.NamedNode | ox.Literal
Triple = tuple[ox.NamedNode, ox.NamedNode, Node]

_TYPE = f"<{terms.RDF_TYPE}>"
_LOCAL = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_-])?")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_PLAIN_INTEGER = re.compile(r"[+-]?[0-9]+")


def write(triples: Iterable[Triple], comment: str = "", prefixes: Mapping[str, str] = terms.PREFIXES) -> bytes:
    """Write triples as canonical Turtle: subjects, predicates and objects sorted, only the prefixes that are used.

    >>> s, p = ox.NamedNode(terms.CONCEPT + "a"), ox.NamedNode(terms.SKOS + "prefLabel")
    >>> print(write([(s, p, ox.Literal("a", language="en"))]).decode())
    @prefix concept: <https://w3id.org/drug-facts/concept/> .
    @prefix skos: <http://www.w3.org/2004/02/skos/core#> .
    <BLANKLINE>
    concept:a
        skos:prefLabel "a"@en .
    <BLANKLINE>
    """
    names = _Names(prefixes)
    tree = _Tree()
    for subject, predicate, value in triples:
        name = "a" if predicate.value == terms.RDF_TYPE else names[predicate.value]
        tree.add(names[subject.value], name, _term(value, names))
    return _written(tree, comment, names)


def rewrite(
    triples: Iterable[tuple[str, str, str]], comment: str = "", prefixes: Mapping[str, str] = terms.PREFIXES
) -> bytes:
    """Write the same from terms as N-Triples has them (`kg.graph.lines`)."""
    names = _Names(prefixes)
    tree = _Tree()
    literals: dict[str, str] = {}
    for subject, predicate, value in triples:
        name = "a" if predicate == _TYPE else names[predicate[1:-1]]
        if value.startswith("<"):
            term = names[value[1:-1]]
        else:
            term = literals.get(value) or literals.setdefault(value, _term(written.term(value), names))
        tree.add(names[subject[1:-1]], name, term)
    return _written(tree, comment, names)


def together(pieces: Iterable[str], comment: str = "") -> bytes:
    """Write as one what canonical pieces say, as `write` gives them without a comment; nothing where they say nothing.

    A node that several of them describe must be described alike.

    >>> one, other = (f"@prefix {n}: <urn:{n}> .\\n\\n{n}:n\\n    {n}:p {n}:o .\\n" for n in "ba")
    >>> print(together([one, other]).decode())
    @prefix a: <urn:a> .
    @prefix b: <urn:b> .
    <BLANKLINE>
    a:n
        a:p a:o .
    <BLANKLINE>
    b:n
        b:p b:o .
    <BLANKLINE>
    """
    prefixes: set[str] = set()
    nodes: dict[str, str] = {}
    for piece in pieces:
        head, _, body = piece.partition("\n\n")
        prefixes.update(head.splitlines())
        nodes.update((block.partition("\n")[0], block) for block in body.removesuffix("\n").split("\n\n"))
    if not nodes:
        return b""
    said = [f"# {line}".rstrip() for line in comment.splitlines()]
    head = "\n".join([*said, *sorted(prefixes)])
    return ("\n\n".join([head, *(nodes[name] for name in sorted(nodes))]) + "\n").encode()


class _Tree(dict[str, dict[str, set[str]]]):
    """Subjects, predicates and objects as they are written."""

    def add(self, subject: str, predicate: str, value: str) -> None:
        said = self.get(subject)
        if said is None:
            said = self[subject] = {}
        values = said.get(predicate)
        if values is None:
            said[predicate] = {value}
        else:
            values.add(value)


def _written(tree: _Tree, comment: str, names: _Names) -> bytes:
    prefixes, used = names.prefixes, names.used
    lines = [f"# {line}".rstrip() for line in comment.splitlines()]
    lines += [f"@prefix {prefix}: <{prefixes[prefix]}> ." for prefix in sorted(used)]
    for subject_name in sorted(tree):
        lines += ["", subject_name]
        body = []
        for name, values in sorted(tree[subject_name].items(), key=lambda item: (item[0] != "a", item[0])):
            body.append(f"    {name} " + " ,\n        ".join(sorted(values)))
        lines.append(" ;\n".join(body) + " .")
    return ("\n".join(lines) + "\n").encode()


def read(path: Path) -> dict[str, dict[str, list[str]]]:
    """Read a Turtle file of the ontology: subject → predicate → values, all as plain strings.

    Raises
    ------
    OntologyError
        When the file is not Turtle.
    """
    about: dict[str, dict[str, list[str]]] = {}
    try:
        for triple in ox.parse(path.read_bytes(), format=ox.RdfFormat.TURTLE):
            values = about.setdefault(triple.subject.value, {})
            values.setdefault(triple.predicate.value, []).append(triple.object.value)
    except SyntaxError as error:
        raise OntologyError(str(path), f"not Turtle ({error})", "mend the line it names") from None
    return about


class _Names(dict[str, str]):
    """Writes IRIs, each once: with the longest namespace that they begin with, and the prefix counts as used."""

    def __init__(self, prefixes: Mapping[str, str]) -> None:
        super().__init__()
        self.prefixes, self.used = prefixes, set[str]()
        self._longest = sorted(prefixes.items(), key=lambda item: -len(item[1]))

    def __missing__(self, iri: str) -> str:
        found = self[iri] = self._written(iri)
        return found

    def _written(self, iri: str) -> str:
        for prefix, namespace in self._longest:
            if iri.startswith(namespace):
                local = iri[len(namespace) :]
                if _LOCAL.fullmatch(local):
                    self.used.add(prefix)
                    return f"{prefix}:{local}"
                break
        return f"<{iri}>"


def _term(term: Node, names: _Names) -> str:
    if isinstance(term, ox.NamedNode):
        return names[term.value]
    text = (
        term.value.replace("\\", "\\\\")
        .replace('"', '\\"')
        .replace("\n", "\\n")
        .replace("\r", "\\r")
        .replace("\t", "\\t")
    )
    if not text.isprintable():
        text = _CONTROL.sub(lambda m: f"\\u{ord(m.group()):04X}", text)
    if term.language:
        return f'"{text}"@{term.language}'
    datatype = term.datatype.value
    if datatype == terms.XSD + "string":
        return f'"{text}"'
    if datatype == terms.XSD + "integer" and _PLAIN_INTEGER.fullmatch(term.value):
        return term.value
    return f'"{text}"^^{names[datatype]}'
