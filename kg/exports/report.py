"""A report of one drug: one HTML file that needs nothing else, to be read on any screen and to be printed.

Everything that comes from documents is escaped, whatever it holds; the file has no script, asks nothing of any server,
and links only to addresses of the web. The same facts give the same bytes.
"""

from __future__ import annotations

import functools
import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from kg import profiles
from kg.care import scale, words
from kg.exports import identifiers
from kg.exports.asked import Asked
from kg.profiles import Entry, Group, Line, Profile
from kg.reading import language
from kg.records import Derived, Entity, Fact
from kg.vocabulary import schema

if TYPE_CHECKING:
    import jinja2

    from kg.api import Graph

_TEMPLATES = Path(__file__).parent / "templates"
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_NO_PICTURE = "\N{REPLACEMENT CHARACTER}"
_WEB = re.compile(r"https?://[^\s<>\"'`\\]+\Z")
_ORIGINS = {
    scale.STATED: "",
    scale.CLASS: "Said of a class that it belongs to",
    scale.VOCABULARY: "Said of something wider",
    scale.DERIVED: "Follows from what is stated",
}


class Quoted(NamedTuple):
    """A quote as it is shown: around the object's words what stands before and after them, and the place."""

    document: str
    language: str
    before: str
    object: str
    after: str
    heading: str
    start: int
    end: int


Row = tuple[str, Line | Quoted | Derived]
"""A row of a table: what it is ("line", "quote", "derived"), and the record that it shows."""


def encode(graph: Graph, asked: Asked) -> bytes:
    """Write what documents say of a drug as one HTML file; see `html`."""
    return html(graph, asked.about, with_quotes=asked.with_quotes).encode()


def html(graph: Graph, drug: str, *, with_quotes: bool = False) -> str:
    """Return what documents say of a drug as one page of HTML, sentences only where `with_quotes` asks for them.

    Raises
    ------
    UnknownNameError
        When no drug, brand or class is called so.
    """
    profile = profiles.profile(graph, drug)
    languages = {one.source.name: language.tag(graph.text(one.source.name) or "") for one in profile.documents}

    def rows(entry: Entry) -> list[Row]:
        found: list[Row] = []
        for line in entry.lines:
            found.append(("line", line))
            found += [("quote", quote) for quote in _quotes(line.fact, languages)] if with_quotes else []
        return [*found, *(("derived", one) for one in entry.derived)]

    running = f"{profile.drug.label}: what {words.count(profile.speaking, 'document')} say"
    environment = _environment()
    style = environment.get_template("report.css").render(running=running, notice=profile.notice)
    return environment.get_template("report.html.jinja").render(
        profile=profile,
        number=profile.numbers,
        shown={fact.iri for fact in profile.facts},
        scale=tuple(_levels(profile)),
        rows=rows,
        told=functools.partial(_told, profile.drug),
        style=environment.filters["unescaped"](style),
    )


@functools.cache
def _environment() -> jinja2.Environment:
    """Make the environment once: everything is escaped, and a name that is not there is an error."""
    import jinja2
    from markupsafe import Markup

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        finalize=lambda value: value if isinstance(value, Markup) or not isinstance(value, str) else visible(value),
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "anchor": anchor,
        "count": words.count,
        "css": lambda text: Markup(css_string(text)),  # noqa: S704 (letters, digits and escapes of them)
        "spaced": identifiers.spaced,
        "title": _title,
        "unescaped": Markup,
        "words": lambda text: (text or "").replace("_", " "),
    }
    environment.tests |= {"graded": lambda fact: fact.kind in scale.CARE_KINDS, "link": is_link}
    return environment


def visible(text: str) -> str:
    r"""Return a text with its control characters as pictures of them: HTML has no way to write these.

    >>> visible("a\x00b\x07"), visible("two\nlines")
    ('a\u2400b\u2407', 'two\nlines')
    """
    return _CONTROL.sub(
        lambda match: chr(0x2400 + ord(match[0])) if match[0] < " " else "\N{REPLACEMENT CHARACTER}", text
    )


def css_string(text: str) -> str:
    r"""Return a text as a string of CSS, in which nothing but letters and digits stands for itself.

    >>> print(css_string('a"} </style>'))
    "a\22 \7d \20 \3c \2f style\3e "
    """
    return '"' + "".join(one if one.isascii() and one.isalnum() else f"\\{ord(one):x} " for one in visible(text)) + '"'


def is_link(iri: str) -> bool:
    """Tell whether an IRI is an address of the web that a page may link to.

    >>> is_link("https://example.org/x?y"), is_link("javascript:alert(1)"), is_link('http://x" onclick="y')
    (True, False, False)
    """
    return _WEB.match(iri) is not None


def anchor(iri: str) -> str:
    """Return the name of a fact's place in the page."""
    return "fact-" + hashlib.sha256(iri.encode()).hexdigest()[:12]


def _title(group: Group) -> str:
    return ": ".join(filter(None, (_ORIGINS[group.origin], group.title)))


def _told(drug: Entity, fact: Fact) -> str:
    """Say a fact in a line; the drug of the page is named in its title."""
    said = words.rests_on(fact)
    return ("denied: " if fact.polarity == profiles.DENIED else "") + (
        said.removeprefix(f"{drug.label}: ") if fact.subject == drug else said
    )


def _levels(profile: Profile) -> Iterator[tuple[str, str, int]]:
    """Give the levels of care, most severe first, with the number of things that documents put there."""
    graded = (group for section in profile.sections if section.is_graded for group in section.groups)
    found: Counter[str] = Counter()
    for group in graded:
        if group.polarity != profiles.DENIED and group.origin != scale.DERIVED:
            found[group.key] += len(group.entries)
    for level in sorted(schema.load().levels.values(), key=lambda one: -(one.rank or 0)):
        yield level.name, level.label, found[level.name]


def _quotes(fact: Fact, languages: Mapping[str, str]) -> Iterator[Quoted]:
    """Give the quotes of a fact that the texts at hand confirm."""
    for proof in fact.evidence:
        if proof.quote is None:
            continue
        start, end = (place - proof.span.start for place in proof.object_span)
        around = proof.quote[:start], proof.quote[start:end], proof.quote[end:]
        place = (proof.heading_text or "", proof.span.start, proof.span.end)
        yield Quoted(proof.document, languages.get(proof.document, ""), *around, *place)
