"""An answer as text: what is taken from documents stands between double quotes, escaped as in JSON."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterator, Mapping

from kg.assistants.answer import Answer, Evidence, Line, Question, Said, Thing
from kg.results import html

_UNSEEN = frozenset({"Cc", "Cf", "Co", "Cs", "Zl", "Zp"})


def write(found: Answer) -> str:
    """Write an answer."""
    return "\n".join(_lines(found)) + "\n"


def _lines(found: Answer) -> Iterator[str]:
    yield found.summary
    if found.about is not None:
        yield f"Fact: {_said(found.about)}"
    for number, line in enumerate(found.lines, 1):
        places = list(map(_place, line.evidence))
        yield f"{number}. {'; '.join([*_head(line), *places])}"
        for fact in line.facts:
            yield from _fact(fact, "   - ")
        for fact in line.against:
            yield from _fact(fact, "   - to the contrary: ")
    if found.unverified:
        yield f"{found.unverified} places are shown without quote, since it could not be checked; each says why."
    if found.shown < found.total:
        yield f"Cut: {found.shown:,} of {found.total:,} entries are shown; `offset` and `limit` show others."
    elif found.truncated:
        yield "Cut: not all facts and places of these entries are shown; `evidence` gives all places of a fact."
    yield found.notice


def _head(line: Line) -> Iterator[str]:
    """Write what an entry has beside facts."""
    levels = " (also " + ", ".join(map(_words, line.levels[1:])) + ")" if len(line.levels) > 1 else ""
    ends = f"{_thing(line.start)} – {_thing(line.end)}" if line.start and line.end else ""
    parts = [
        _words(line.part or ""),
        f"hop {line.hop}" if line.hop else "",
        ends,
        line.relation or "",
        f"{_words(line.level)}{levels}" if line.level else "",
        _thing(line.thing) if line.thing else "",
        ", ".join(line.types),
        f"fits by {line.match}" if line.match else "",
        f"if {_cells(line.quoted_scope)}" if line.quoted_scope else "",
        f"not known whether {_cells(line.quoted_pending)}" if line.quoted_pending else "",
        f"origin: {line.origin}" if line.origin else "",
        f"by rule: {'; '.join(line.rules)}" if line.rules else "",
        f"documents differ in {', '.join(line.disagreement)}" if line.disagreement else "",
        _cells(line.quoted),
        _question(line.question) if line.question else "",
        _more(line),
    ]
    return filter(None, parts)


def _more(line: Line) -> str:
    if line.facts_total is None or line.facts_total <= len(line.facts):
        return ""
    return f"{len(line.facts)} of {line.facts_total} facts shown"


def _question(said: Question) -> str:
    given = ", ".join(f"{one.name} ({one.type}, such as {quoted(one.example)})" for one in said.parameters)
    return f"{said.name}: {said.title}. {said.why} Takes {given or 'nothing'}."


def _fact(said: Said, mark: str) -> Iterator[str]:
    yield mark + _said(said)
    for place in said.evidence:
        yield f"     {_place(place)}"


def _said(said: Said) -> str:
    denied = "denied: " if said.polarity == "denied" else ""
    level = f" [{_words(said.level)}]" if said.level else ""
    limits = f" ({_cells(said.quoted_qualifiers)})" if said.quoted_qualifiers else ""
    shown = (
        ""
        if len(said.evidence) == said.evidence_total
        else f"; {len(said.evidence)} of {said.evidence_total} places shown"
    )
    documents = f"{said.documents} document{'' if said.documents == 1 else 's'}"
    about = f"{denied}{_thing(said.subject)} – {_words(said.kind)} – {_thing(said.object)}"
    return f"{about}{level}{limits}; in {documents}{shown}; {said.fact}"


def _place(said: Evidence) -> str:
    where = f"{quoted(said.document)}, {said.start} to {said.end}"
    if said.quote is None:
        return f"{where}: no quote ({said.check})"
    heading = f" under {quoted(said.heading.quote)}" if said.heading and said.heading.quote else ""
    return f"{where}{heading}: {quoted(said.quote)}"


def _thing(said: Thing) -> str:
    return _words(said.label) if said.label is not None else quoted(said.quoted or "")


def _cells(cells: Mapping[str, str]) -> str:
    return ", ".join(f"{_words(name)} {quoted(value)}" for name, value in cells.items())


def _words(text: str) -> str:
    """Write words of ours, or of a vocabulary, so that they cannot be taken for the end of a quote."""
    return html.clean(text).replace('"', "'").replace("_", " ")


def quoted(text: str) -> str:
    r"""Write words of a document: between double quotes, on one line, with nothing in them that is not seen.

    >>> print(quoted('so-called "safe"\n\u202edoses'))
    "so-called \"safe\"\n\u202edoses"
    """
    return seen(json.dumps(text, ensure_ascii=False))


def seen(text: str) -> str:
    r"""Write what is not seen (line ends, controls, what turns the direction) as JSON escapes it.

    >>> print(seen("two\nlines"))
    two\nlines
    """
    if all(unicodedata.category(letter) not in _UNSEEN for letter in text):
        return text
    return "".join(json.dumps(letter)[1:-1] if unicodedata.category(letter) in _UNSEEN else letter for letter in text)
