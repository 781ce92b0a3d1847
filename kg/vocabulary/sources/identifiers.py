"""Identifiers: what sources write as "MESH:D000309" becomes a public IRI, through one map of prefixes."""

from __future__ import annotations

import functools
import hashlib
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from kg import resources
from kg import vocabulary as vocabularies
from kg.errors import OntologyError
from kg.graph import terms
from kg.vocabulary import format as formatting

OBO = "http://purl.obolibrary.org/obo/"
"""Where identifiers of the OBO family live: "UBERON:0000955" is `…/obo/UBERON_0000955`."""

_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\x00-\x20<>\"{}|\\^`]+")
MAXIMUM_LENGTH = 2_000
"""The longest identifier."""

_WEB = ("http://", "https://", "urn:")


@functools.cache
def tables() -> Mapping[str, Any]:
    """Read `ontology/vocabularies.toml`.

    Raises
    ------
    OntologyError
        When it is not TOML.
    """
    path = resources.folder("ontology") / "vocabularies.toml"
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise OntologyError(str(path), f"not TOML ({error})", "mend the line it names") from None


@dataclass(frozen=True)
class Identifiers:
    """The map of prefixes: those that the ontology declares for public vocabularies, in any case and usual spelling."""

    namespaces: Mapping[str, str]
    spellings: Mapping[str, str]

    def iri(self, identifier: str, default: str = "") -> str:
        """Return the IRI of an identifier; where its prefix is not declared, its name under `default`, or nothing.

        >>> identifiers().iri("MSH:D000309"), identifiers().iri("X:1")
        ('http://id.nlm.nih.gov/mesh/D000309', '')
        """
        identifier = identifier.strip()
        if len(identifier) > MAXIMUM_LENGTH:
            return ""
        if identifier.startswith(_WEB):
            return identifier if _IRI.fullmatch(identifier) else ""
        prefix, colon, local = identifier.partition(":")
        key = prefix.strip().lower()
        namespace = self.namespaces.get(self.spellings.get(key, key)) if colon else None
        if namespace is not None and local:
            return namespace + quote(local.strip(), safe="-._~")
        return default + quote(identifier.replace(":", "_", 1), safe="-._~") if default and identifier else ""

    def key(self, identifier: str) -> str:
        """Return what two spellings of one identifier have in common: its IRI, or its prefix and code.

        >>> identifiers().key("SNOMEDCT_US: 204962002")
        'snomedct:204962002'
        """
        found = self.iri(identifier)
        if found or not identifier.strip():
            return found
        prefix, colon, local = identifier.partition(":")
        key = prefix.strip().lower()
        return f"{self.spellings.get(key, key)}:{local.strip()}" if colon and local.strip() else ""


@functools.cache
def identifiers() -> Identifiers:
    """Return the map of the package."""
    own = set(terms.PREFIXES.values())
    public = {p: n for p, n in formatting.declared_prefixes().items() if n not in own and not n.startswith(terms.BASE)}
    return Identifiers(public, {k.lower(): v for k, v in tables()["prefixes"].items()})


def local(type_: str, label: str) -> str:
    """Name a concept that has no identifier after its type and label, in any case; different labels never share a name.

    >>> local("Brand", "Advil PM").removeprefix(terms.LOCAL), local("Brand", "Abc-α").removeprefix(terms.LOCAL)
    ('brand/advil-pm', 'brand/abc-02022a2c')
    """
    folded = " ".join(label.casefold().split())
    slug = vocabularies.slug(folded)
    if slug.replace("-", " ") != folded:
        slug = "-".join(filter(None, (slug, hashlib.sha256(folded.encode()).hexdigest()[:8])))
    return f"{terms.LOCAL}{vocabularies.slug(type_)}/{slug}"
