"""Answers as people read them: documents numbered, names instead of IRIs, grouped by part and level, with evidence."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from kg.cli import quoting, screen
from kg.graph import terms

if TYPE_CHECKING:
    from kg.api import Graph
    from kg.graph.encode import Source
    from kg.questions.answer import Answer
    from kg.questions.graded import Graded
    from kg.records import Evidence, Fact

GROUPS = ("part", "kind", "level")
_DEPTH = 2
_FOR_PROGRAMS = ("fact", "rule")
_CLOSED = (*GROUPS, "polarity", "match", "stage", "approval", "source_kind", "value", "type")
_NAMED = ("object", "drug")
_DOCUMENTS = ("documents", "document")
_SEVERAL = "; "
_NOT_SAID = (*_DOCUMENTS, *_FOR_PROGRAMS, "facts", "match", "start", "end", "words", "count")
_AFFIRMED, _DENIED = "affirmed", "denied"
_INDENT = "    "
_STEP = frozenset({"from", "relation", "to", "direction"})
_STEPS = {"vocabulary: broader": "is a kind of", "vocabulary: brandOf": "is a brand of"}

_Words = tuple[str, tuple[str, ...]]
"""The name of a row, and what narrows it down."""


def page(answer: Answer, graph: Graph, room: int, *, is_whole: bool = False) -> str:
    """Lay out an answer: what was understood, how many documents say so, what they say and where.

    A long graded answer is cut, and says so, unless the whole is wanted.
    """
    head = [*screen.wrap(f"Understood as: {answer.understood_as}", room), *screen.wrap(answer.summary, room)]
    parts = ["\n".join(head) + "\n"]
    columns, rows = answer.columns, answer.rows.rows
    if answer.graded is not None:
        parts.extend(graded(answer.graded, graph, room, is_whole=is_whole))
    elif any(answer.facts):
        proofs = [_evidence(facts) for facts in answer.facts]
        numbered = numbers({e.document for found in proofs for e in found})
        quoted = any(e.quote is not None for found in proofs for e in found)
        lay_out = _paragraphs if quoted else _places
        parts.append(lay_out(columns, rows, proofs, numbered, room))
        parts.append(sources(graph.documents, numbered, room))
        parts.extend(_missing(proofs, graph, room))
    elif rows:
        numbered = {} if "title" in columns else numbers(used(columns, rows))
        parts.append(table(columns, rows, numbered, room))
        if numbered:
            parts.append(sources(graph.documents, numbered, room))
    return "\n".join([*parts, f"{answer.notice}\n"])


def graded(found: Graded, graph: Graph, room: int, *, is_whole: bool = False) -> Iterator[str]:
    """Lay out a graded answer: what it says, the documents it refers to, what is not shown and why."""
    from kg.cli import caring

    laid = caring.body(found, room, is_whole=is_whole)
    if laid.lines:
        yield "\n".join(laid.lines) + "\n"
        yield sources(graph.documents, laid.numbers, room)
    yield from _missing([laid.shown], graph, room)
    if laid.cut:
        yield "(cut: --all shows everything)\n"


def table(columns: Sequence[str], rows: Sequence[Sequence[str]], numbered: Mapping[str, int], room: int) -> str:
    """Lay out the rows of a question of the catalogue."""
    shown = [i for i, name in enumerate(columns) if not _says_nothing(name, [row[i] for row in rows])]
    names = ["in" if numbered and columns[i] in _DOCUMENTS else columns[i] for i in shown]
    cells = [[_cell(columns[i], row[i], numbered) for i in shown] for row in rows]
    return screen.table(names, cells, room, _groups(names))


def own_table(columns: Sequence[str], rows: Sequence[Sequence[str]], room: int) -> str:
    """Lay out the rows of a user's own query: every column, IRIs as prefixed names."""
    return screen.table(columns, [[short(cell) for cell in row] for row in rows], room)


def used(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> set[str]:
    """Return the names of the documents that rows refer to."""
    at = [i for i, name in enumerate(columns) if name in _DOCUMENTS]
    return {name for row in rows for i in at for name in row[i].split(_SEVERAL) if name}


def numbers(documents: Iterable[str]) -> dict[str, int]:
    """Number documents: a name of twenty characters in every line would leave no room for what is said."""
    return {name: number for number, name in enumerate(sorted(documents), 1)}


def legend(documents: Sequence[Source], numbered: Mapping[str, int], room: int) -> str:
    """Say how many of the documents say so, and list them behind their numbers."""
    counted = f"Stated in {len(numbered):,} of {screen.count(len(documents), 'document')}.\n\n"
    return counted + sources(documents, numbered, room)


def short(text: str) -> str:
    """Return an IRI with its prefix, and anything else as it is.

    >>> short("https://w3id.org/drug-facts/concept/liver-disease")
    'concept:liver-disease'
    """
    for prefix, iri in terms.PREFIXES.items():
        local = text.removeprefix(iri)
        if local != text and local and "/" not in local:
            return f"{prefix}:{local}"
    return text


def words(text: str) -> str:
    """Return a value of a closed list as words.

    >>> words("not_recommended")
    'not recommended'
    """
    return text.replace("_", " ")


def _groups(names: Sequence[str]) -> list[str]:
    """The leading columns that become headings."""
    found: list[str] = []
    for name in names[:_DEPTH]:
        if name not in GROUPS:
            break
        found.append(name)
    return found


def _places(
    columns: Sequence[str],
    rows: Sequence[Sequence[str]],
    proofs: Sequence[Sequence[Evidence]],
    numbered: Mapping[str, int],
    room: int,
) -> str:
    """A line for each row, beside it where the documents say so: the texts are not at hand."""
    groups = _groups(columns)
    cells = [
        [
            *(words(row[columns.index(group)]) for group in groups),
            _said(columns, row, groups),
            "\n".join(quoting.place(evidence, numbered) for evidence in found),
        ]
        for row, found in zip(rows, proofs, strict=True)
    ]
    return screen.table([*groups, "said", "document, characters, words"], cells, room, groups)


def _paragraphs(
    columns: Sequence[str],
    rows: Sequence[Sequence[str]],
    proofs: Sequence[Sequence[Evidence]],
    numbered: Mapping[str, int],
    room: int,
) -> str:
    """A line for each row, below it the sentences that say so, each of them in full the first time.

    What rows in a row share, the name and what it begins with, stands above them once.
    """
    groups = _groups(columns)
    margin = "  " * len(groups)
    lines: list[str] = []
    above: list[str] = []
    said = quoting.Said(numbered)
    told = [
        ([words(row[columns.index(g)]) or f"no {g} given" for g in groups], _words_of(columns, row, groups))
        for row in rows
    ]
    for (headings, name), same in itertools.groupby(
        zip(told, proofs, strict=True), lambda item: (item[0][0], item[0][1][0])
    ):
        members = [(more, found) for (_, (_, more)), found in same]
        shared = _shared([more for more, _ in members])
        lines.extend(screen.headings(above, headings, room))
        above = headings
        if shared:
            lines.extend(screen.wrap(_in_brackets(name, members[0][0][:shared]), room, margin, margin + "  "))
        for more, found in members:
            text = _SEVERAL.join(more[shared:]) if shared else _in_brackets(name, more)
            inner = margin + "  " if shared else margin
            lines.extend(screen.wrap(text, room, inner, inner + "  ") if text else ())
            for number, quote in said.by(found):
                lines.extend(screen.wrap(quote, room, f"{margin}{_INDENT}{number}"))
    return "\n".join(lines) + "\n"


def _shared(rows: Sequence[Sequence[str]]) -> int:
    """Return how many of the first cells several rows have in common; none of a single row."""
    alike = (len(set(cells)) == 1 for cells in zip(*rows, strict=False))
    return sum(1 for _ in itertools.takewhile(bool, alike)) if len(rows) > 1 else 0


def _said(columns: Sequence[str], row: Sequence[str], groups: Sequence[str]) -> str:
    """What a row says in a few words: the object, and in brackets what narrows it down."""
    return _in_brackets(*_words_of(columns, row, groups))


def _in_brackets(name: str, more: Sequence[str]) -> str:
    return f"{name} ({_SEVERAL.join(more)})" if more else name


def _words_of(columns: Sequence[str], row: Sequence[str], groups: Sequence[str]) -> _Words:
    """Return the name of a row, and what narrows it down."""
    if set(columns) >= _STEP:
        return step(dict(zip(columns, row, strict=True))), ()
    values = {name: value for name, value in zip(columns, row, strict=True) if value and name not in groups}
    name = next((values.pop(name) for name in columns if name in _NAMED and name in values), "")
    if values.pop("polarity", _AFFIRMED) == _DENIED:
        name = f"{_DENIED}: {name}"
    return name, tuple(
        words(value) if column in _CLOSED else value if column == "qualifiers" else f"{words(column)}: {value}"
        for column, value in values.items()
        if column not in _NOT_SAID
    )


def step(values: Mapping[str, str]) -> str:
    """Tell a step of a path as an arrow.

    >>> step({"from": "sertraline", "relation": "adverse_effect", "to": "nausea", "direction": "forwards"})
    'sertraline — adverse effect → nausea'
    """
    left, right = ("—", "→") if values["direction"] == "forwards" else ("←", "—")
    level, more = values.get("level"), values.get("qualifiers")
    said = _STEPS.get(values["relation"], words(values["relation"])) + (f" ({words(level)})" if level else "")
    denied = f"{_DENIED}: " if values.get("polarity") == _DENIED else ""
    return f"{denied}{values['from']} {left} {said} {right} {values['to']}" + (f" ({more})" if more else "")


def _evidence(facts: Iterable[Fact]) -> list[Evidence]:
    """The evidence of a row's facts, in the order of documents and places, each place once."""
    found = {(e.document, e.span, e.object_span): e for fact in facts for e in fact.evidence}
    return [found[key] for key in sorted(found)]


def sources(documents: Iterable[Source], numbered: Mapping[str, int], room: int) -> str:
    """List documents behind their numbers."""
    titles = {document.name: document.title for document in documents}
    lines: list[str] = []
    for name, number in numbered.items():
        title = titles.get(name, name)
        lines.extend(screen.wrap(name if title == name else f"{name} ({title})", room, f"[{number}] "))
    return "\n".join(lines) + "\n"


def _missing(proofs: Iterable[Iterable[Evidence]], graph: Graph, room: int) -> Iterator[str]:
    """Say why quotes are not shown, once for each reason."""
    from kg import evidence as quotes

    reasons: dict[str, None] = {}
    for item in (item for found in proofs for item in found if item.quote is None):
        shown = graph.texts.show(item)
        if shown.state == quotes.ABSENT:
            reasons["(text not at hand: --documents FOLDER shows the sentences)"] = None
        else:
            reasons[f"(not shown: {shown.state}: {shown.detail})"] = None
    if reasons:
        yield "\n".join(line for reason in reasons for line in screen.wrap(reason, room)) + "\n"


def _says_nothing(name: str, values: Iterable[str]) -> bool:
    """Whether a column tells a reader nothing: IRIs of facts, rules, or the polarity where everything is affirmed."""
    if name == "polarity":
        return all(value == _AFFIRMED for value in values)
    return name in _FOR_PROGRAMS or any(value.startswith(terms.FACT) for value in values)


def _cell(column: str, value: str, numbered: Mapping[str, int]) -> str:
    if column in (*_DOCUMENTS, "source"):
        names = value.split(_SEVERAL)
        if all(name in numbered for name in names):
            return " ".join(f"[{numbered[name]}]" for name in names)
    return words(value) if column in _CLOSED else value
