"""The page of the documentation on the ontology, from `ontology/drugs.ttl`: `python -m kg.vocabulary.reference`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from kg import resources
from kg.errors import OntologyError
from kg.graph import terms, turtle
from kg.vocabulary import schema

PAGE = "docs/ontology.md"
_HEAD = """# The ontology

<!-- Made by `python -m kg.vocabulary.reference` from ontology/drugs.ttl: change that. -->

What can be said: kinds of facts, their qualifiers, the closed lists of values, and every class and property of
[ontology/drugs.ttl](../ontology/drugs.ttl). Information about documents, not medical advice.

An affirmed fact of a kind has a short edge beside it, from subject to object, for those who only want to walk the
graph; a denied fact never has one. Names are written with the prefixes at the end.
"""
_CLASS = terms.OWL + "Class"
_PROPERTIES = frozenset(
    terms.OWL + name for name in ("ObjectProperty", "DatatypeProperty", "AnnotationProperty", "FunctionalProperty")
)
_MATCHES = tuple(terms.SKOS + name for name in ("exactMatch", "closeMatch", "broadMatch", "narrowMatch"))
_IRI = re.compile(r"`(https?://[^`]+)`")
_MARKS = re.compile(r"([\\`*_<>|\[\]])")

Said = Mapping[str, list[str]]


def page(path: Path | None = None) -> str:
    """Return the page on an ontology file, by default the package's own.

    Raises
    ------
    OntologyError
        When a class, a property or a value lacks its label, definition or example.
    """
    path = path or resources.folder("ontology") / "drugs.ttl"
    about = turtle.read(path)
    known = schema.load(path)
    parts = [_HEAD, "## Kinds of facts\n", *_table(("kind", "class", "short edge", "qualifiers"), _kinds(known))]
    parts += ["## Qualifiers\n", "In bold above: what every fact of the kind must carry.\n"]
    parts += _table(("key", "property", "value"), _qualifiers(about, known))
    parts += ["## Closed lists\n", *_lists(about)]
    classes = {iri: said for iri, said in about.items() if _CLASS in said.get(terms.RDF_TYPE, ())}
    rows = ([*_described(iri, said), _names(said.get(terms.RDFS + "subClassOf"))] for iri, said in classes.items())
    parts += ["## Classes\n", *_table(("class", "means", "for instance", "is a kind of"), rows)]
    own = {iri: said for iri, said in about.items() if _PROPERTIES.intersection(said.get(terms.RDF_TYPE, ()))}
    ends = (terms.RDFS + "domain", terms.RDFS + "range")
    rows = ([*_described(iri, said), *(_names(said.get(end)) for end in ends)] for iri, said in own.items())
    parts += ["## Properties\n", *_table(("property", "means", "for instance", "from", "to"), rows)]
    rows = (
        [_name(iri), _name(match), _name(other)]
        for iri, said in about.items()
        for match in _MATCHES
        for other in sorted(said.get(match, ()))
    )
    parts += ["## In the words of others\n", *_table(("term", "match", "theirs"), rows)]
    prefixes = _prefixes(about)
    written = _IRI.sub(lambda found: f"`{_shortened(found[1], prefixes)}`", "\n".join(parts))
    rows = ([f"`{prefix}:`", f"`{namespace}`"] for prefix, namespace in sorted(prefixes.items()))
    return "\n".join([written, "## Prefixes\n", *_table(("prefix", "namespace"), rows)]).rstrip() + "\n"


def _table(columns: Iterable[str], rows: Iterable[Iterable[str]]) -> list[str]:
    names = list(columns)
    lines = ["| " + " | ".join(cells) + " |" for cells in (names, ["---"] * len(names), *rows)]
    return [*lines, ""]


def _kinds(known: schema.Schema) -> Iterable[list[str]]:
    for kind in known.kinds.values():
        edge = _name(kind.short_edge)
        if kind.off_label_short_edge:
            edge += f"; off-label {_name(kind.off_label_short_edge)}"
        if kind.no_short_edge_for:
            edge += f"; none for {', '.join(map(_name, sorted(kind.no_short_edge_for)))}"
        named = ((q.iri.removeprefix(terms.DRUGS), q.iri in kind.required) for q in kind.qualifiers)
        carried = (f"**{name}**" if required else name for name, required in named)
        yield [f"`{kind.name}`", _name(kind.iri), edge, ", ".join(carried)]


def _qualifiers(about: Mapping[str, Said], known: schema.Schema) -> Iterable[list[str]]:
    for qualifier in known.qualifiers.values():
        if qualifier.values:
            value = _names(about[qualifier.iri][terms.DRUGS + "valueScheme"])
        else:
            value = "the document's words" if qualifier.is_text else "a concept"
        yield [f"`{qualifier.name}`", _name(qualifier.iri), value]


def _lists(about: Mapping[str, Said]) -> Iterable[str]:
    """The values of each closed list: by rank, the most severe or most frequent first, where they have ranks."""
    members: dict[str, list[str]] = {}
    for iri, said in about.items():
        for scheme in said.get(terms.SKOS + "inScheme", ()):
            members.setdefault(scheme, []).append(iri)
    for scheme, values in members.items():
        ranked = [iri for iri in values if terms.DRUGS + "rank" in about[iri]]
        if ranked:
            values.sort(key=lambda iri: -int(about[iri].get(terms.DRUGS + "rank", ["0"])[0]))
        order = "in order, the highest first" if len(ranked) == len(values) else "the ranked first" if ranked else ""
        yield f"### {_one(scheme, about[scheme], 'label').capitalize()}\n"
        yield f"{_name(scheme)}{order and f': {order}'}.\n"
        rows = ([str(place), *_described(iri, about[iri])] for place, iri in enumerate(values, 1))
        yield from _table(("", "value", "means", "for instance"), rows)


def _described(iri: str, said: Said) -> list[str]:
    label, means, example = (_one(iri, said, what) for what in ("label", "definition", "example"))
    return [f"{_name(iri)}<br>{_escaped(label)}", _escaped(means), _escaped(example)]


def _one(iri: str, said: Said, what: str) -> str:
    values = said.get((terms.RDFS if what == "label" else terms.SKOS) + what, [])
    if len(values) != 1:
        raise OntologyError(iri, f"it has {len(values)} times its {what}", "give it one in ontology/drugs.ttl")
    return values[0]


def _names(iris: Iterable[str] | None) -> str:
    return ", ".join(map(_name, iris or ()))


def _name(iri: str) -> str:
    return f"`{iri}`"


def _prefixes(about: Mapping[str, Said]) -> dict[str, str]:
    declared = (said for said in about.values() if terms.SHACL + "prefix" in said)
    return {said[terms.SHACL + "prefix"][0]: said[terms.SHACL + "namespace"][0] for said in declared}


def _shortened(iri: str, prefixes: Mapping[str, str]) -> str:
    """An IRI with the prefix of the longest namespace that it begins with."""
    fitting = ((prefix, space) for prefix, space in prefixes.items() if iri.startswith(space))
    prefix, space = max(fitting, key=lambda item: len(item[1]), default=("", ""))
    return f"{prefix}:{iri.removeprefix(space)}" if space else iri


def _escaped(text: str) -> str:
    return _MARKS.sub(r"\\\1", text)


if __name__ == "__main__":
    (Path(__file__).resolve().parents[2] / PAGE).write_text(page(), encoding="utf-8")
