"""The pages without a browser: every page in every form, what is found and what is not, and nothing trusted."""

from __future__ import annotations

import hashlib
import html
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import quote

import jsonschema
import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg import schema
from kg.graph import terms
from kg.records import Entity, Fact, Span
from kg.web.pages import assets, forms, marking, paths
from tests import explored, test_json

VALIDATOR = jsonschema.Draft202012Validator(schema.load())
WEB = Path(assets.FOLDER).parent
VENDOR = assets.FOLDER / "vendor"
DOCUMENT = "/document/lorazepam.txt"

PAGES: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("/", "page home", ("drugs", "lorazepam")),
    ("/search?q=lorazepan", "page search", ("lorazepam",)),
    ("/complete?q=loraz", "page search", ("lorazepam",)),
    ("/drugs", "page list", ("warfarin",)),
    ("/classes", "page list", ("benzodiazepine",)),
    ("/conditions", "page list", ("drowsiness",)),
    ("/documents", "page documents", ("warfarin.txt",)),
    ("/concept/lorazepam", "page drug", ("What warrants caution", "Adverse effects", "not stated")),
    ("/concept/driving", "page thing", ("Which drugs need care with it",)),
    ("/concept/benzodiazepine", "page class", ("Members", "diazepam")),
    ("/shared?class=benzodiazepine", "drugs class", ("diazepam",)),
    (DOCUMENT, "page document", ("Choose marked words",)),
    ("/compare?drug=diazepam&drug=lorazepam", "compare", ("not stated",)),
    ("/contradictions", "contradictions", ("found",)),
    ("/network?node=lorazepam", "page network", ("data-start",)),
    ("/network?from=lorazepam&to=driving", "explain", ("connected",)),
    ("/questions", "query --list", ("What warrants caution with the drug",)),
    ("/questions/cautions?drug=Ativan", "query", ("driving",)),
    ("/questions/treats?drug=lorazepam&thing=gout", "query", ("Not stated in any of",)),
    ("/query", "page sparql", ("/sparql",)),
    ("/level/avoid", "page resource", ("avoid",)),
    ("/ontology/Drug", "page resource", ("Drug",)),
    ("/graph/warfarin.txt", "page graph", ("triples",)),
)


def fact_path(kind: str = "adverse_effect") -> str:
    return paths.of_iri(explored.example().facts(kind)[0].iri)


@pytest.mark.parametrize(("target", "command", "words"), PAGES, ids=[target for target, *_ in PAGES])
def test_a_page_says_what_it_is_for_in_html_and_in_json(target: str, command: str, words: tuple[str, ...]) -> None:
    reply = explored.client().get(target)
    assert reply.status == 200 and reply.headers["content-type"] == "text/html; charset=utf-8"
    missing = [word for word in words if word not in html.unescape(reply.text)]
    assert missing == []
    if not target.startswith("/complete"):
        assert schema.NOTICE in reply.text, "every page says what it is not"
    path, mark, query = ("/index" if target == "/" else target).partition("?")
    plain = explored.client().get(f"{path}.json{mark}{query}", "text/html").json
    assert plain["command"] == command
    assert [error.message[:300] for error in VALIDATOR.iter_errors(plain)] == []
    assert plain == explored.client().get(target, "application/json").json
    if "/questions/" not in target or "gout" not in target:
        assert any(isinstance(v, list | dict | int) and v for k, v in plain.items()), "a page of nothing proves nothing"


@pytest.mark.parametrize("what", ["fact", "derived"])
def test_facts_and_what_follows_have_pages(what: str) -> None:
    graph = explored.example()
    if what == "fact":
        target = fact_path("caution")
        words = ["Where it is said", "How far it can be believed", "<mark>"]
    else:
        derived = [one for drug in graph.drugs() for i in graph.cautions(drug.label).items for one in i.derived]
        target = paths.of_iri(derived[0].iri)
        words = ["What it rests on", "no document says it"]
    reply = explored.client().get(target)
    assert reply.status == 200 and all(word in reply.text for word in words)
    plain = explored.client().get(target, "application/json").json
    assert plain["command"] == f"page {what}" and not list(VALIDATOR.iter_errors(plain))


def test_every_page_of_the_schema_is_here_and_what_does_not_fit_is_refused() -> None:
    shown = {command for _, command, _ in PAGES} | {"page fact", "page derived", "page error"}
    defined = {name.removeprefix("command-") for name in schema.load()["$defs"] if name.startswith("command-page-")}
    assert {command.replace(" ", "-") for command in shown if command.startswith("page ")} == defined
    for command, target in {command: target for target, command, _ in PAGES if command.startswith("page ")}.items():
        plain = explored.client().get(target, "application/json").json
        part = schema.load() | {"oneOf": [{"$ref": f"#/$defs/command-{command.replace(' ', '-')}"}]}
        validator = jsonschema.Draft202012Validator(part)
        refused = 0
        for place, mutant in test_json.mutants(plain):
            assert not validator.is_valid(mutant), f"{command}: {place} was changed and nobody objects"
            refused += 1
        assert refused > 5


OF_IRIS = (
    ("/concept/lorazepam", terms.CONCEPT + "lorazepam", ("prefLabel", "subject")),
    ("/concept/driving", terms.CONCEPT + "driving", ("prefLabel",)),
    ("/concept/ativan", terms.CONCEPT + "ativan", ("brandOf",)),
    (DOCUMENT, terms.document("lorazepam.txt"), ("sha256", "polarity")),
    ("/ontology/Drug", terms.DRUGS + "Drug", ("label",)),
)


@pytest.mark.parametrize("form", forms.RDF, ids=lambda form: form.name)
@pytest.mark.parametrize(("path", "iri", "said"), OF_IRIS, ids=[path for path, *_ in OF_IRIS])
def test_an_iri_is_to_be_had_as_rdf(path: str, iri: str, said: tuple[str, ...], form: forms.Form) -> None:
    reply = explored.client().get(path, f"{form.media_type}, text/html;q=0.5")
    assert reply.status == 200 and reply.headers["content-type"].startswith(form.media_type)
    assert reply.body == explored.client().get(path + form.ending).body
    quads = list(ox.parse(reply.body, form.rdf))
    assert ox.NamedNode(iri) in {quad.subject for quad in quads}
    predicates = {re.split("[/#]", quad.predicate.value)[-1] for quad in quads}
    assert predicates.issuperset(said)
    assert all(quad.subject.value.startswith("http") for quad in quads), "no blank nodes"


def test_a_piece_of_evidence_leads_to_its_place_in_the_document() -> None:
    graph = explored.example()
    evidence = next(q for q in graph.store.quads_for_pattern(None, ox.NamedNode(terms.DRUGS + "rule"), None))
    path = paths.of_iri(str(getattr(evidence.subject, "value", "")))
    reply = explored.client().get(path)
    assert reply.status == 303 and reply.headers["location"].startswith("/document/")
    assert explored.client().get(path, "text/turtle").status == 200


REFUSED = (
    ("/concept/lorazepan", 404, "lorazepam"),
    ("/document/lorazepan.txt", 404, "lorazepam"),
    ("/nowhere", 404, "no such page"),
    ("/concept/%00", 404, "not"),
    ("/concept/..%2F..%2Fetc", 404, "Not found"),
    ("/entity?iri=javascript:alert(1)", 404, "Not found"),
    ("/entity?iri=", 404, "Not found"),
    ("/fact/0000", 404, "Not found"),
    ("/compare?drug=lorazepam&drug=Ativan", 404, "different"),
    ("/compare?drug=lorazepam&drug=diazepan", 404, "diazepam"),
    ("/compare.json?drug=lorazepam", 404, "two to 5"),
    ("/contradictions?type=odd", 404, "polarity"),
    ("/questions/odd", 404, "question"),
    ("/questions/cautions?drug=lorazepan", 400, "lorazepam"),
    (f"{DOCUMENT}?at=20-10", 400, "10-20"),
    (f"{DOCUMENT}?at=x", 400, "10-20"),
    ("/network?node=lorazepan", 404, "lorazepam"),
    ("/static/../pages/site.py", 404, "no such file"),
    ("/search?q=" + "x" * 5_000, 414, "4000"),
)


@pytest.mark.parametrize(("target", "status", "words"), REFUSED, ids=[target[:50] for target, *_ in REFUSED])
def test_what_cannot_be_shown_is_a_page_that_helps(target: str, status: int, words: str) -> None:
    reply = explored.client().get(target)
    assert reply.status == status and words in html.unescape(reply.text)
    assert "Traceback" not in reply.text and "ETag" not in reply.headers
    if target.startswith(("/static", "/compare.json")) or status == 414:
        return
    assert schema.NOTICE in reply.text
    plain = explored.client().get(target, "application/json")
    assert plain.json["command"] == "page error" and plain.status >= 400
    assert [error.message for error in VALIDATOR.iter_errors(plain.json)] == []


def test_a_form_that_is_not_offered_is_refused() -> None:
    assert explored.client().get("/drugs", "text/turtle").status == 406
    assert explored.client().get("/concept/lorazepam", "image/png").status == 406
    assert explored.client().get("/concept/lorazepam", "image/png, */*;q=0.1").status == 200


def test_a_page_that_has_not_changed_is_not_sent_again() -> None:
    first = explored.client().get("/concept/lorazepam")
    tag = first.headers["etag"]
    assert explored.client().get("/concept/lorazepam", if_none_match=tag).status == 304
    assert explored.client().get("/concept/lorazepam", if_none_match='"other"').status == 200
    assert explored.client().get("/concept/lorazepam", "application/json").headers["etag"] != tag
    assert first.headers["vary"] == "Accept"


def test_brands_lead_to_their_drug_in_the_form_that_was_asked_for() -> None:
    assert explored.client().get("/concept/ativan").headers["location"] == "/concept/lorazepam"
    assert explored.client().get("/concept/ativan.json").headers["location"] == "/concept/lorazepam.json"


def test_not_stated_is_never_shown_as_safe_and_denied_is_shown_as_denied() -> None:
    graph = explored.example()
    denied = next(fact for fact in graph.facts(polarity="denied") if fact.subject.iri)
    for target in (paths.of_iri(denied.iri), paths.of_iri(denied.subject.iri or "")):
        assert 'class="denied"' in explored.client().get(target).text
    words = html.unescape(explored.client().get("/questions/treats?drug=lorazepam&thing=gout").text)
    assert "neither “no” nor “safe”" in words.replace("that is ", "")


def test_the_text_of_a_document_is_shown_unaltered() -> None:
    for graph, name in ((explored.example(), "lorazepam.txt"), (explored.hostile(), explored.HOSTILE_NAME)):
        reply = explored.Client(graph).get(f"/document/{quote(name, safe='')}")
        body = reply.text.partition('aria-label="The text of the document">')[2].partition("</div>")[0]
        assert html.unescape(re.sub(r"<[^>]*>", "", body)) == graph.text(name)
        assert body.count('class="mark') >= 4


def test_a_document_without_its_text_says_so() -> None:
    import kg

    with_texts = explored.example()
    graph = kg.Graph(with_texts.store)
    reply = explored.Client(graph).get(DOCUMENT)
    assert "not at hand" in reply.text and 'id="text"' not in reply.text
    assert explored.Client(graph).get(DOCUMENT, "application/json").json["text"] == "text not at hand"
    assert "the text is not at hand" in explored.Client(graph).get(fact_path()).text


@pytest.mark.parametrize("what", ["labels", "texts", "document", "fact", "search", "network", "compare"])
def test_nothing_of_a_graph_becomes_markup(what: str) -> None:
    graph, client = explored.hostile(), explored.Client(explored.hostile())
    caution = next(fact for fact in graph.facts("caution"))
    target = {
        "labels": "/concept/clonazepam",
        "texts": paths.of_document(explored.HOSTILE_NAME),
        "document": "/documents",
        "fact": paths.of_iri(caution.iri),
        "search": f"/search?q={quote(explored.PAYLOAD)}",
        "network": "/network?node=clonazepam",
        "compare": f"/compare?drug={quote(explored.PAYLOAD)}",
    }[what]
    text = client.get(target).text
    assert "XSS" in text, "a page without the payload proves nothing"
    assert outside(text) == []


class _Markup(HTMLParser):
    """The tags of a page with their attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))


OURS = ("/", "?", "#")
ELSEWHERE = ("https://w3id.org/", "http://www.w3.org/")


def outside(text: str) -> list[str]:
    """What a page holds that could run, or lead elsewhere."""
    markup = _Markup()
    markup.feed(text)
    found = []
    for tag, attributes in markup.tags:
        found += [
            f"{tag} {name}" for name in attributes if name.startswith("on") or name in ("style", "srcdoc", "formaction")
        ]
        found += [tag] if tag in ("iframe", "object", "embed", "base", "style") else []
        found += [f"{tag} of its own"] if tag == "script" and "src" not in attributes else []
        for name, value in attributes.items():
            if name in ("src", "href", "action", "hx-get"):
                allowed = ("/static/",) if name == "src" else (*OURS, *(ELSEWHERE if tag == "a" else ()))
                found += [f"{tag} {name}={value}"] if not value.startswith(allowed) or value.startswith("//") else []
    return found


REFUSED_MARKUP = (
    "<img src=x>",
    "<a href='javascript:1'>",
    "<p onclick=1>",
    "<script>1</script>",
    "<script src=//x>",
    "<a href='//x'>",
    "<iframe>",
    "<p style='x'>",
    "<form action='https://evil.example'>",
)


@pytest.mark.parametrize("markup", REFUSED_MARKUP)
def test_what_could_run_would_be_found(markup: str) -> None:
    assert outside(markup)


def mark(start: int, end: int, first: int, last: int) -> marking.Mark:
    fact = Fact("caution", Entity("x"), Entity(f"{start}-{end} {first}-{last}"), ())
    return marking.Mark(fact, Span(start, end), Span(first, last))


@settings(max_examples=200, deadline=None)
@given(
    st.text(max_size=60),
    st.lists(st.tuples(st.integers(-2, 70), st.integers(0, 30), st.integers(-2, 70), st.integers(0, 20)), max_size=8),
)
def test_pieces_put_together_are_the_text(text: str, places: list[tuple[int, int, int, int]]) -> None:
    said = [mark(a, a + b, c, c + d) for a, b, c, d in places]
    found = marking.pieces(text, said)
    assert "".join(piece.text for piece in found) == text
    for piece in found:
        assert piece.text == piece.span.of(text)
        for one in said:
            words = one.words
            is_inside = 0 <= words.start < words.end <= len(text) and words.contains(piece.span) and piece.text
            assert (one.fact in piece.facts) == bool(is_inside)


def test_what_is_of_others_is_what_the_manifest_says() -> None:
    manifest = json.loads((VENDOR / "manifest.json").read_text("utf-8"))
    listed: dict[str, Any] = {}
    for package in manifest:
        assert re.fullmatch(r"\d+\.\d+\.\d+", package["version"]) and package["integrity"].startswith("sha512-")
        assert package["licence"] in {"MIT", "0BSD"}
        listed |= package["files"]
    there = {path.name for path in VENDOR.iterdir()} - {"manifest.json", "README.md"}
    assert there == set(listed), "every file is in the manifest, and every one of the manifest is there"
    for name, about in listed.items():
        assert hashlib.sha256((VENDOR / name).read_bytes()).hexdigest() == about["sha256"], name


def test_pages_load_nothing_from_elsewhere_and_hold_no_scripts_or_styles_of_their_own() -> None:
    for path in (WEB / "templates").glob("*.html"):
        text = path.read_text("utf-8")
        assert not re.search(r"(?:src|href|action)=\"(?:https?:)?//", text), path.name
        assert not re.search(r"\sstyle=|\son[a-z]+=|<style|<script(?! src=)|\|\s*safe\b", text), path.name
    for path in (*assets.FOLDER.glob("*.js"), *assets.FOLDER.glob("*.css")):
        assert not re.search(r"https?://(?!w3id\.org/drug-facts/)[a-z]", path.read_text("utf-8")), path.name


@pytest.mark.parametrize("target", ["/", "/concept/lorazepam", DOCUMENT, "/query", "/network?node=lorazepam"])
def test_every_page_forbids_what_it_does_not_need(target: str) -> None:
    reply = explored.client().get(target)
    policy = dict(part.strip().split(" ", 1) for part in reply.headers["content-security-policy"].split(";"))
    assert policy["script-src"] == policy["connect-src"] == policy["default-src"] == "'self'"
    assert policy["object-src"] == policy["base-uri"] == policy["frame-ancestors"] == "'none'"
    wanted = "'self' 'unsafe-inline'" if target == "/query" else "'self'"
    assert policy["style-src"] == wanted, "only the editor writes styles into its page"
    for name in re.findall(r'(?:src|href)="(/static/[^"]+)"', reply.text):
        found = explored.client().get(name)
        assert found.status == 200 and "immutable" in found.headers["cache-control"]


FOUND = (
    ("ativan", "lorazepam", "Ativan"),
    ("lorazepan", "lorazepam", ""),
    ("loraz", "lorazepam", ""),
    ("benzodiazepins", "benzodiazepine", ""),
    ("drowsines", "drowsiness", ""),
    ("machinery", "operating machinery", ""),
    ("warfarine", "warfarin", ""),
)


@pytest.mark.parametrize(("typed", "label", "name"), FOUND)
def test_search_forgives_slips_and_finds_beginnings_of_words(typed: str, label: str, name: str) -> None:
    found = explored.client().get(f"/search.json?q={quote(typed)}").json["results"]
    assert label in [one["label"] for one in found] or name in [one["name"] for one in found]
    assert found[0]["label"] in {label, name}


@pytest.mark.parametrize("typed", ["", "zzzzqqq", "x", "%", "'"])
def test_search_finds_nothing_where_nothing_is_called_so(typed: str) -> None:
    found = explored.client().get(f"/complete.json?q={quote(typed)}").json["results"]
    assert all(one["name"].casefold().count(typed) for one in found if typed) and (typed or not found)
    page = explored.client().get(f"/search?q={quote('zzzzqqq')}")
    assert "No document here speaks of" in page.text
