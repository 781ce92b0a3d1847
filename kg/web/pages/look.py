"""How pages look: the templates, which escape everything, and the few words that they share."""

from __future__ import annotations

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from kg import schema as written
from kg.care import scale
from kg.graph import encode, terms
from kg.records import Entity, Evidence
from kg.vocabulary import schema
from kg.web.pages import assets, paths

TEMPLATES = Path(__file__).resolve().parents[1] / "templates"

_UNSAID = "no level given"


def environment() -> Environment:
    """Return the templates; what is not defined is an error, and nothing is trusted to be HTML."""
    env = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    env.filters.update(
        words=words, count=count, path=path_of, level=level, tail=tail, pieces=pieces, kind=kind,
        document=paths.of_document, exact=exact, severity=severity, question=paths.of_question,
    )  # fmt: skip
    env.globals.update(
        static=assets.url, notice=written.NOTICE, levels=tuple(schema.load().levels.values()),
        steps=tuple(range(1, len(schema.load().levels) + 1)), url=paths.with_query, place=paths.of_place,
        path_of_iri=paths.of_iri, is_web=paths.is_web, rank=scale.rank,
    )  # fmt: skip
    return env


def compile_all(env: Environment) -> None:
    """Read all templates, so that nobody waits for it."""
    for name in env.list_templates():
        env.get_template(name)


def words(value: object) -> str:
    """Return a value of a closed list as words.

    >>> words("not_recommended")
    'not recommended'
    """
    return str(value).replace("_", " ")


def count(number: int, noun: str, plural: str = "") -> str:
    """Return a number with its noun.

    >>> count(1, "document"), count(1234, "class", "classes")
    ('1 document', '1,234 classes')
    """
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def path_of(entity: Entity) -> str:
    """Return the path of a thing, be it a concept or words of a document."""
    return paths.of_iri(encode.node_of(entity).value)


def level(value: str | None) -> str:
    """Return a level of care in words."""
    return _UNSAID if value is None else words(value)


def severity(value: str | None) -> int:
    """Return how many of the steps of the scale of care a level fills."""
    return scale.rank(value)


def kind(name: str) -> str:
    """Return a kind of fact as the ontology calls it, in small letters."""
    known = schema.load().kinds.get(name)
    return known.label[:1].lower() + known.label[1:] if known and not known.label.isupper() else words(name)


def tail(iri: str) -> str:
    """Return the last part of an IRI, to be put behind the path of its kind."""
    for prefix in (terms.FACT, terms.DERIVED, terms.EVIDENCE):
        if iri.startswith(prefix):
            return iri.removeprefix(prefix)
    return iri


def pieces(evidence: Evidence) -> tuple[str, str, str] | None:
    """Return a quote in three pieces: before the object's words, these, and after; None where there is no quote."""
    if evidence.quote is None:
        return None
    start = evidence.object_span.start - evidence.span.start
    end = evidence.object_span.end - evidence.span.start
    return evidence.quote[:start], evidence.quote[start:end], evidence.quote[end:]


def exact(text: str) -> Markup:
    """Return a text that a browser shows as it is: it would read a carriage return as a line feed.

    >>> str(exact("a<b\\r\\n"))
    'a&lt;b&#13;\\n'
    """
    return Markup(str(escape(text)).replace("\r", "&#13;"))  # noqa: S704
