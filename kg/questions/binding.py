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
from dataclasses import dataclass, field
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
    cut = _Cut(frozenset(wanted))
    for match in guard.TOKEN.finditer(sparql):
        sort, token = match.lastgroup, match[0]
        cut.parts.append(token)
        if sort not in {None, "skip"} and not cut.fits(str(sort), token):
            return None
    if cut.closing < 0 or cut.depth or not cut.forms or [f for f in cut.forms if f in _FORMS] != ["select"]:
        return None
    cut.parts[cut.closing : cut.closing] = [p for name in wanted for p in ("BIND(", (name,), f" AS ?{name}) ")]
    return tuple(_joined(cut.parts))


@dataclass(slots=True)
class _Inner:
    """A query within the query. It has variables of its own but for those that it selects.

    One of those that is to be replaced is left out of what it selects and groups by: it has one value there.
    """

    depth: int
    shown: set[str] = field(default_factory=set)
    kept: int = 0
    brackets: int = 0
    part: str = "select"


@dataclass(slots=True)
class _Cut:
    """A text that is being cut, and where in it the last token stands."""

    wanted: frozenset[str]
    parts: list[str | tuple[str]] = field(default_factory=list)
    depth: int = 0
    closing: int = -1
    forms: list[str] = field(default_factory=list)  # the words outside of all groups
    before: tuple[str, str] = ("", "")  # the two tokens before this one
    in_values: bool = False
    inner: list[_Inner] = field(default_factory=list)

    def fits(self, sort: str, token: str) -> bool:
        """Look at the next token, the last of the parts; tell whether variables can still be replaced."""
        word = token.lower()
        fits = True
        if word in {"{", "}"}:
            fits = self._brace(word)
        elif sort == "word" and self.depth == 0:
            self.forms.append(word)
        elif sort == "word":
            self.in_values = word == "values"
            fits = self._word(word)
        elif sort == "iri":
            fits = "?" not in token and "$" not in token  # "<" may have compared two variables
        elif sort == "variable" and self.depth > 0:
            fits = self._variable(token[1:])
        elif self._is_between and word in {"(", ")"}:
            self.inner[-1].brackets += 1 if word == "(" else -1
        elif self._is_between and word == "*":
            fits = not self.inner[-1].shown
        self.before = (self.before[1], word)
        return fits

    @property
    def _is_between(self) -> bool:
        """Whether this is the head or the end of an inner query, outside of its group."""
        return bool(self.inner) and self.inner[-1].depth == self.depth

    def _brace(self, mark: str) -> bool:
        if mark == "{":
            self.in_values = False
            if self._is_between and self.inner[-1].part == "select":
                self.inner[-1].part = "where"
                if self.inner[-1].shown and not self.inner[-1].kept:
                    return False  # nothing would be selected
            self.depth += 1
            return True
        self.depth -= 1
        if self.depth == 0:
            self.closing = len(self.parts) - 1
        if self.inner and self.depth < self.inner[-1].depth:
            ended = self.inner.pop()
            return not (ended.part == "group" and ended.shown and not ended.kept)  # nothing to group by
        return True

    def _word(self, word: str) -> bool:
        if word == "select":
            self.inner.append(_Inner(self.depth))
        elif self._is_between and self.inner[-1].part != "select" and word in _ENDS:
            inner = self.inner[-1]
            if inner.part == "group" and inner.shown and not inner.kept:
                return False
            inner.part, inner.kept = word, 0
            return not (inner.shown and word in _CUTS)
        return True

    def _variable(self, name: str) -> bool:
        if self._is_between:
            inner = self.inner[-1]
            if name not in self.wanted:
                inner.kept += 1
            elif inner.part not in {"select", "group"} or inner.brackets:
                return False
            elif inner.part == "select" or name in inner.shown:
                inner.shown.add(name)
                self.parts[-1] = ""
            return True
        if name not in self.wanted:
            return True
        if self.in_values or self.before[1] == "as" or self.before == ("bound", "("):
            return False
        if not all(name in inner.shown for inner in self.inner):
            return False
        self.parts[-1] = (name,)
        return True


_ENDS = frozenset({"group", "having", "order", "limit", "offset", "values"})
"""What may stand after the group of a query."""

_CUTS = frozenset({"limit", "offset", "values"})
"""Where rows are cut off, those of one value are not what is left of those of all."""


def _joined(parts: list[str | tuple[str]]) -> Iterator[str | tuple[str]]:
    """Put pieces of text that stand beside each other together."""
    for is_text, pieces in itertools.groupby(parts, lambda part: isinstance(part, str)):
        if is_text:
            yield "".join(map(str, pieces))
        else:
            yield from pieces


_FORMS = frozenset({"select", "ask", "construct", "describe", "values"})
