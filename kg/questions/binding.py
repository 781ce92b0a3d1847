"""Values for the parameters of a question: IRIs take the place of their variables before the query is planned.

SHACL and SPARQL's own drafts say the same of a variable that is bound beforehand: it is replaced wherever it stands.
Oxigraph's `substitutions` gives the same answers, but plans the query as if nothing were known, and so begins with
all facts of a kind instead of with those of one drug. The text is cut into tokens, a variable is replaced as a whole
token by an IRI that Oxigraph has accepted, and a query in which that could go wrong is left as it is.
"""

from __future__ import annotations

import functools
import itertools
import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from kg.questions import guard

if TYPE_CHECKING:
    import pyoxigraph as ox

_PLAIN_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`\x00-\x20?$]*")


def bind(sparql: str, values: Mapping[str, ox.NamedNode | ox.Literal]) -> tuple[str, frozenset[str]]:
    """Return the query with IRIs in the place of variables, and the variables that have been replaced.

    `sparql` is what `guard.check` gave. The variables stay bound in the result. Literals are never put into a text.

    >>> import pyoxigraph as ox
    >>> bind("SELECT ?s ?x { ?s ?p ?x }", {"x": ox.NamedNode("https://example.org/a")})[0]
    'SELECT ?s ?x { ?s ?p <https://example.org/a> BIND(<https://example.org/a> AS ?x) }'
    """
    import pyoxigraph as ox

    wanted = {
        name: f"<{value.value}>"
        for name, value in values.items()
        if isinstance(value, ox.NamedNode) and _PLAIN_IRI.fullmatch(value.value)
    }
    parts = _parts(sparql, tuple(wanted)) if wanted else None
    if parts is None:
        return sparql, frozenset()
    return "".join(wanted[part[0]] if isinstance(part, tuple) else part for part in parts), frozenset(wanted)


@functools.lru_cache(maxsize=128)
def _parts(sparql: str, wanted: tuple[str, ...]) -> tuple[str | tuple[str], ...] | None:
    """Give the pieces of the new text, the names of variables among them, or None where a variable must stay one.

    They are the same whatever the values are, and so a text is cut only once.
    """
    parts: list[str | tuple[str]] = []
    depth = 0
    forms: list[str] = []  # the words outside of all groups
    before = ("", "")  # the two tokens before this one
    closing = -1
    in_values = False
    within = 0  # the depth of a query within the query
    for match in guard.TOKEN.finditer(sparql):
        sort, token = match.lastgroup, match[0]
        parts.append(token)
        if sort == "skip":
            continue
        word = token.lower()
        if word == "{":
            depth += 1
            in_values = False
        elif word == "}":
            depth -= 1
            within = 0 if depth < within else within
            closing = len(parts) - 1 if depth == 0 else closing
        elif sort == "word" and depth == 0:
            forms.append(word)
        elif sort == "word" and word == "select":
            within = within or depth
        elif sort == "word":
            in_values = word == "values"
        elif sort == "iri" and ("?" in token or "$" in token):
            return None  # "<" may have compared two variables
        elif sort == "variable" and token[1:] in wanted and depth > 0:
            if within or in_values or before[1] == "as" or before == ("bound", "("):
                return None  # a query within the query has variables of its own
            parts[-1] = (token[1:],)
        before = (before[1], word)
    if closing < 0 or depth or not forms or [f for f in forms if f in _FORMS] != ["select"]:
        return None
    parts[closing:closing] = [piece for name in wanted for piece in ("BIND(", (name,), f" AS ?{name}) ")]
    return tuple(_joined(parts))


def _joined(parts: list[str | tuple[str]]) -> Iterator[str | tuple[str]]:
    """Put pieces of text that stand beside each other together."""
    for is_text, pieces in itertools.groupby(parts, lambda part: isinstance(part, str)):
        if is_text:
            yield "".join(map(str, pieces))
        else:
            yield from pieces


_FORMS = frozenset({"select", "ask", "construct", "describe", "values"})
