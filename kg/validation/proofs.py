"""Evidence as it should be: exactly one of each thing that it has, read once for all who judge it.

Whatever has more or less is no proof, and is looked at piece by piece.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from kg.graph import terms, written
from kg.validation.data import Data
from kg.validation.stretches import Stretch, Stretches

SOURCE, NAME = terms.OA + "hasSource", terms.DCTERMS + "identifier"
QUOTE, OBJECT, HEADING = terms.OA + "hasSelector", terms.DRUGS + "objectSelector", terms.DRUGS + "headingSelector"
HASH, RULE = terms.DRUGS + "quoteSha256", terms.DRUGS + "rule"


class Proof(NamedTuple):
    """One piece of evidence: its document by IRI and name, its stretches of the text, its hash and its rule."""

    document: str
    name: str
    quote: Stretch
    object: Stretch
    heading: Stretch | None
    sha256: str
    rule: str


def read(data: Data, places: Stretches) -> dict[str, Proof | None]:
    """Read all evidence, sorted; None for what has not exactly one of each thing, or more than one heading."""
    evidence = data.typed.get(terms.DRUGS + "Evidence", ())
    return dict(zip(evidence, _read(data, places, evidence), strict=True))


def _read(data: Data, places: Stretches, evidence: list[str] | tuple[()]) -> Iterator[Proof | None]:
    names = {document: data.texts(document, NAME) for document in data.column(NAME)}
    sources, hashes, rules = (data.column(predicate) for predicate in (SOURCE, HASH, RULE))
    quotes, objects, headings = (data.column(predicate) for predicate in (QUOTE, OBJECT, HEADING))
    for iri in evidence:
        try:
            (document,), (sha256,), (rule,) = sources[iri], hashes[iri], rules[iri]
            (quote,), (object_,) = quotes[iri], objects[iri]
            (name,), (quoted,), (named,) = names[document], places[quote], places[object_]
            heading = None
            if iri in headings:
                (above,) = headings[iri]
                (heading,) = places[above]
        except (KeyError, ValueError):
            yield None
            continue
        if sha256.startswith('"') and rule.startswith('"'):
            yield Proof(document, name, quoted, named, heading, written.text(sha256), written.text(rule))
        else:
            yield None
