"""The pages in a real browser: search, opening, expanding, marking, asking, the keyboard; nothing hostile runs.

Skipped with the reason where Playwright or Chromium is not there. One browser and one server serve all tests of a
process. `KG_PICTURES=docs/images` keeps the pictures that the documentation shows.
"""

from __future__ import annotations

import contextlib
import html
import json
import os
import shutil
import struct
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from kg import cli
from kg.questions import header
from kg.web.pages import paths
from tests import explored

sync_api = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed (extra test-web)")
axe_api = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed (extra test-web)")
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium on this machine (apt-get install chromium)"),
]
FLAGS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync", "--disable-extensions", "--mute-audio"),
)
DESKTOP, TELEPHONE = {"width": 1280, "height": 800}, {"width": 390, "height": 800}
WAIT = 15_000


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A browser with a profile of its own that is thrown away."""
    with sync_api.sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield Browser(launched)
        launched.close()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The whole application, endpoint included, on a folder that was built from our own pages."""
    from kg.web.app import create_app
    from kg.web.context import Settings

    folder = tmp_path_factory.mktemp("explorer")
    pages = [str(explored.EXAMPLES / name) for name in explored.NAMES] + list(map(str, explored.quarrel(folder)))
    built = folder / "my.kg"
    assert cli.main(["build", *pages, "--out", str(built), "--vocabulary", "none", "--jobs", "1"]) == 0
    with explored.served(create_app(built, Settings(workers=1))) as address:
        yield address


class Seen:
    """What went wrong while a page was open: messages of the console, and requests to other hosts."""

    def __init__(self, page: Any, address: str) -> None:
        self.problems: list[str] = []
        self._is_looking = True
        page.on("console", lambda m: self._add(m.type in ("error", "warning"), f"console: {m.text}"))
        page.on("pageerror", lambda error: self._add(True, f"error: {error}"))
        page.on("request", lambda r: self._add(not r.url.startswith((address, "data:", "blob:")), f"asks {r.url}"))

    def stop(self) -> None:
        """Look no longer: the page is opened for something else."""
        self._is_looking = False

    def _add(self, is_problem: bool, text: str) -> None:
        if is_problem and self._is_looking:
            self.problems.append(text[:400])


class Browser:
    """A browser with one window for each set of options, since opening one costs more than most tests."""

    def __init__(self, launched: Any) -> None:
        self.launched = launched
        self._contexts: dict[tuple[tuple[str, Any], ...], Any] = {}

    def page(self, **options: Any) -> Any:
        """Open a fresh page."""
        key = tuple(sorted(options.items()))
        if key not in self._contexts:
            self._contexts[key] = self.launched.new_context(viewport=DESKTOP, reduced_motion="reduce", **options)
        page = self._contexts[key].new_page()
        page.set_default_timeout(WAIT)
        return page


@contextlib.contextmanager
def opened(browser: Browser, address: str, path: str, *, is_clean: bool = True, **options: Any) -> Iterator[Any]:
    """Open a page; whatever goes wrong on it fails the test."""
    page = browser.page(**options)
    try:
        seen = Seen(page, address)
        page.goto(address + path)
        yield page
        assert not is_clean or seen.problems == []
    finally:
        page.close()


def until(page: Any, expression: str) -> None:
    """Wait until something is so; asked from here, since the pages forbid scripts that are made of text."""
    deadline = time.monotonic() + WAIT / 1000
    while not page.evaluate(expression):
        assert time.monotonic() < deadline, f"never came true: {expression}"
        time.sleep(0.02)


@pytest.fixture(scope="module")
def reader(browser: Browser) -> Iterator[Any]:
    """One page of the browser in which one page of the site after the other is opened."""
    page = browser.page()
    yield page
    page.close()


EVERY = (
    ("home", "/"),
    ("search", "/search?q=benzodiazepins"),
    ("drugs", "/drugs"),
    ("documents", "/documents"),
    ("drug", "/concept/lorazepam"),
    ("condition", "/concept/driving"),
    ("class", "/concept/benzodiazepine"),
    ("document", "/document/lorazepam.txt?at=0-400"),
    ("compare", "/compare?drug=diazepam&drug=lorazepam"),
    ("contradictions", "/contradictions"),
    ("network", "/network?node=lorazepam"),
    ("paths", "/network?from=lorazepam&to=driving"),
    ("questions", "/questions"),
    ("question", "/questions/cautions?drug=Ativan"),
    ("sparql", "/query?example=documents"),
    ("resource", "/level/avoid"),
    ("graph", "/graph/warfarin.txt"),
    ("not found", "/concept/lorazepan"),
)


@pytest.mark.parametrize(("name", "path"), EVERY, ids=[name for name, _ in EVERY])
def test_every_page_is_clean_for_everyone(reader: Any, site: str, name: str, path: str) -> None:
    """No message in the console, no other host, no finding of axe in light and dark, no page wider than a telephone."""
    page = reader
    seen = Seen(page, site)
    page.set_viewport_size(DESKTOP)
    page.goto(site + path)
    if name == "sparql":
        page.click("#run")
        page.wait_for_selector("#results table td")
    page.evaluate("document.querySelectorAll('main details').forEach((one, n) => { one.open = n < 3 })")
    until(page, "document.querySelectorAll('.htmx-request').length === 0")
    found = {"light": axe_api.Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]}
    page.emulate_media(color_scheme="dark")  # the same axe, which is in the page now, looks at what differs
    found["dark"] = page.evaluate("axe.run({runOnly: ['color-contrast'], resultTypes: ['violations']})")["violations"]
    page.emulate_media(color_scheme="light")
    findings = [f"{s}: {one['id']}: {one['nodes'][0]['html'][:200]}" for s, all_ in found.items() for one in all_]
    page.set_viewport_size(TELEPHONE)
    widest = page.evaluate("document.documentElement.scrollWidth")
    seen.stop()
    problems = [one for one in seen.problems if not (name == "not found" and "404" in one)]
    assert findings == [] and problems == []
    assert widest <= TELEPHONE["width"], "the page is wider than a telephone"


def test_search_completes_with_the_keyboard_and_leads_to_the_page(browser: Browser, site: str) -> None:
    with opened(browser, site, "/drugs") as page:
        page.keyboard.press("/")
        page.keyboard.type("lorazepa")
        page.wait_for_selector("#q-list [role=option]")
        assert page.get_attribute("#q", "aria-expanded") == "true"
        page.keyboard.press("ArrowDown")
        chosen = page.get_attribute("#q", "aria-activedescendant")
        assert page.get_attribute(f"#{chosen}", "aria-selected") == "true"
        page.keyboard.press("Escape")
        assert page.is_hidden("#q-list")
        page.keyboard.press("ArrowDown")
        page.wait_for_selector("#q-list [role=option]")
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        page.wait_for_url("**/concept/lorazepam")
        assert page.inner_text("h1") == "lorazepam"


def test_a_fact_opens_to_its_quotes_with_the_keyboard(browser: Browser, site: str) -> None:
    with opened(browser, site, "/concept/lorazepam") as page:
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.className") == "skip"
        page.keyboard.press("Enter")
        page.focus("#care details summary")
        assert page.locator("#care details").first.locator("blockquote").count() == 0
        page.keyboard.press("Enter")
        page.wait_for_selector("#care details[open] blockquote mark")
        quote_ = page.locator("#care details[open] blockquote").first.inner_text()
        text = (explored.EXAMPLES / "lorazepam.txt").read_text("utf-8")
        assert quote_ in text, "a quote is a slice of the text"
        page.locator("#care details[open] figcaption a").first.click()
        page.wait_for_url("**/document/**")
        page.wait_for_selector("#at .statements li")
        assert page.locator(".text [aria-current=true], .text .here").count() >= 1


def test_words_of_a_document_say_what_they_mean_and_the_text_stays_as_it_is(browser: Browser, site: str) -> None:
    with opened(browser, site, "/document/lorazepam.txt") as page:
        assert page.evaluate("document.getElementById('text').textContent") == (
            explored.EXAMPLES / "lorazepam.txt"
        ).read_text("utf-8")
        mark = page.locator(".text .mark.k-caution").first
        words = mark.inner_text()
        mark.focus()
        page.keyboard.press("Enter")
        page.wait_for_selector("#at .statements li")
        assert "caution" in page.inner_text("#at").casefold() and words
        assert page.url.endswith("/document/lorazepam.txt"), "the page stays, the place is told beside the text"
        assert mark.get_attribute("aria-current") == "true"
        page.uncheck("[data-kind=caution]")
        assert "unmarked" in (mark.get_attribute("class") or "")
        page.check("[data-kind=caution]")
        assert "unmarked" not in (mark.get_attribute("class") or "")


def test_a_document_can_be_read_without_scripts(browser: Browser, site: str) -> None:
    with opened(browser, site, "/document/lorazepam.txt", java_script_enabled=False) as page:
        page.locator(".text .mark").first.click()
        assert "?at=" in page.url and page.locator("#at .statements li").count() >= 1
        page.goto(f"{site}/concept/lorazepam")
        page.locator("#care details summary").first.click()
        page.locator("#care details[open] .quotes a").first.click()
        assert page.locator("blockquote mark").count() >= 1


def test_a_picture_grows_where_one_chooses(browser: Browser, site: str) -> None:
    with opened(browser, site, "/network?node=lorazepam") as page:
        page.wait_for_selector("#picture[data-ready]")
        before = page.evaluate("window.picture.nodes().length")
        assert page.locator("#nodes li").count() == before > 5
        page.locator("#nodes button", has_text="benzodiazepine").first.focus()
        page.keyboard.press("Enter")
        until(page, f"window.picture.nodes().length > {before}")
        after = page.evaluate("window.picture.nodes().length")
        assert page.locator("#nodes li").count() == after
        assert "more in the picture" in page.inner_text("#network-status")
        node = page.evaluate(
            "window.picture.nodes().filter(n => n.data('label') === 'lorazepam')[0].renderedPosition()"
        )
        box = page.locator("#picture").bounding_box()
        page.mouse.click(box["x"] + node["x"], box["y"] + node["y"])
        until(page, "document.getElementById('network-status').textContent.includes('open already')")


def test_what_connects_two_things_is_shown_and_told_with_quotes(browser: Browser, site: str) -> None:
    with opened(browser, site, "/network") as page:
        page.fill("#from", "Ativan")
        page.fill("#to", "driving")
        page.press("#to", "Enter")
        page.wait_for_selector("#picture[data-ready]")
        assert page.evaluate("window.picture.edges().length") >= 1
        page.locator(".hops details summary").first.click()
        page.wait_for_selector(".hops blockquote mark")


def test_the_form_of_a_question_asks_it(browser: Browser, site: str) -> None:
    with opened(browser, site, "/questions/cautions") as page:
        page.fill("#f-drug", "")
        page.type("#f-drug", "ativ")
        page.wait_for_selector("#f-drug-list [role=option]")
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        assert page.input_value("#f-drug") == "lorazepam" or page.input_value("#f-drug") == "Ativan"
        page.keyboard.press("Enter")
        page.wait_for_selector("table.answer tbody tr")
        page.locator("table.answer a", has_text="open").first.click()
        page.wait_for_selector("blockquote mark")


def test_sparql_is_asked_and_a_mistake_is_told(browser: Browser, site: str) -> None:
    with opened(browser, site, "/query", is_clean=False) as page:
        page.wait_for_selector("#editor[data-ready]")
        page.locator("#editor .CodeMirror").click()
        page.keyboard.press("Control+Enter")
        page.wait_for_selector("#results table td")
        assert "rows" in page.inner_text("#result-status")
        page.evaluate("window.editor.setValue('SELECT * WHERE { ?s ?p ')")
        page.click("#run")
        until(page, "document.getElementById('result-status').textContent.includes('Not answered (400)')")
        assert "query" in page.inner_text("#results")
        page.evaluate(
            "window.editor.setValue('CONSTRUCT WHERE { ?s a <https://w3id.org/drug-facts/ontology/Document> }')"
        )
        page.click("#run")
        until(page, "document.querySelector('#results').textContent.includes('drugs:Document')")
        page.locator("#editor .CodeMirror").click()
        page.keyboard.press("Escape")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.id") == "run", "the keyboard can leave the editor"


def test_every_example_is_answered_by_the_endpoint(site: str) -> None:
    graph_knows = 0
    for name in header.catalogue():
        with urllib.request.urlopen(f"{site}/query?example={name}") as reply:  # noqa: S310
            page = reply.read().decode()
        sparql = html.unescape(page.partition('<template id="query-text">')[2].partition("</template>")[0])
        body = urllib.request.Request(  # noqa: S310
            f"{site}/sparql", sparql.encode(), {"Content-Type": "application/sparql-query", "Accept": "text/csv"}
        )
        with urllib.request.urlopen(body) as reply:  # noqa: S310
            assert reply.status == 200, name
            graph_knows += reply.read().count(b"\n") > 1
    assert graph_knows > 12, "examples that find nothing prove nothing"


def hostile_paths() -> list[str]:
    graph = explored.hostile()
    payload = quote(explored.PAYLOAD)
    return [
        "/concept/clonazepam",
        paths.of_document(explored.HOSTILE_NAME),
        "/documents",
        "/network?node=clonazepam",
        f"/search?q={payload}",
        f"/compare?drug={payload}&drug=x",
        f"/concept/{payload}",
        f"/questions/cautions?drug={payload}",
        "/questions/facts_of_document?" + f"document={quote(explored.HOSTILE_NAME)}",
        *(paths.of_iri(fact.iri) for fact in graph.facts()[:2]),
    ]


@pytest.fixture(scope="module")
def hostile_site() -> Iterator[str]:
    """The pages of a graph that would script whoever trusts it."""
    with explored.served(explored.application(explored.hostile())) as address:
        yield address


@pytest.mark.parametrize("has_policy", [True, False], ids=["with the policy", "without the policy"])
def test_what_is_hostile_does_not_run(browser: Browser, hostile_site: str, has_policy: bool) -> None:
    with opened(browser, hostile_site, "/drugs", is_clean=False, bypass_csp=not has_policy) as page:
        page.type("#q", "onerror")
        page.wait_for_selector("#q-list [role=option]")
        assert page.evaluate("window.XSS") is None
        for path in hostile_paths():
            page.goto(hostile_site + path)
            page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
            if page.locator(".text .mark").count():
                page.locator(".text .mark").first.click()
                page.wait_for_selector("#at .statements")
            until(page, "document.querySelectorAll('.htmx-request').length === 0")
            assert "XSS" in page.content(), f"{path}: a page without the payload proves nothing"
            assert page.evaluate("window.XSS") is None, path


P = explored.PAYLOAD
RESULTS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("a variable", {"head": {"vars": [P]}, "results": {"bindings": [{P: {"type": "literal", "value": "seen"}}]}}),
    ("a literal", {"head": {"vars": ["seen"]}, "results": {"bindings": [{"seen": {"type": "literal", "value": P}}]}}),
    (
        "a language",
        {
            "head": {"vars": ["seen"]},
            "results": {"bindings": [{"seen": {"type": "literal", "value": "a", "xml:lang": f"en{P}"}}]},
        },
    ),
    (
        "a datatype",
        {
            "head": {"vars": ["seen"]},
            "results": {"bindings": [{"seen": {"type": "literal", "value": "a", "datatype": f"http://x/'>{P}"}}]},
        },
    ),
    (
        "an IRI",
        {
            "head": {"vars": ["seen"]},
            "results": {
                "bindings": [
                    {"seen": {"type": "uri", "value": "javascript:window.XSS=1"}},
                    {"seen": {"type": "uri", "value": f"http://x/'>{P}"}},
                    {"seen": {"type": "bnode", "value": P}},
                ]
            },
        },
    ),
)


@pytest.mark.parametrize("has_policy", [True, False], ids=["with the policy", "without the policy"])
def test_results_of_a_query_do_not_run(browser: Browser, hostile_site: str, has_policy: bool) -> None:
    with opened(browser, hostile_site, "/query", is_clean=False, bypass_csp=not has_policy) as page:
        answer: dict[str, Any] = {}
        page.route("**/sparql", lambda r: r.fulfill(content_type="application/sparql-results+json", **answer))
        for what, body in RESULTS:
            answer["body"] = json.dumps(body)
            page.click("#run")
            until(page, "document.querySelector('#results').textContent.includes('seen')")
            page.wait_for_timeout(150)
            for link in page.locator("#results table a").all():
                assert (link.get_attribute("href") or "").startswith("http"), what
                link.evaluate("one => { one.target = '_self'; one.addEventListener('click', e => e.preventDefault()) }")
            assert page.evaluate("window.XSS") is None, what
        answer |= {"body": f"query: {P}", "status": 400, "content_type": "text/plain"}
        page.unroute("**/sparql")
        page.route("**/sparql", lambda r: r.fulfill(**answer))
        page.click("#run")
        until(page, "document.querySelector('#results').textContent.includes('query:')")
        assert page.evaluate("window.XSS") is None


def test_a_page_prints_without_what_paper_cannot_use(browser: Browser, site: str) -> None:
    with opened(browser, site, "/concept/lorazepam") as page:
        page.emulate_media(media="print", color_scheme="light")
        assert page.is_hidden(".top") and page.is_hidden(".contents")
        assert page.is_visible("#care h2") and "not medical advice" in page.inner_text("footer")
        assert page.pdf(format="A4")[:5] == b"%PDF-"


PICTURES = (
    ("drug", "/concept/lorazepam", "document.querySelector('#care details').open = true; location.hash = 'care'"),
    ("document", "/document/warfarin.txt", "document.querySelectorAll('.text .mark')[6].click()"),
    ("compare", "/compare?drug=diazepam&drug=lorazepam", ""),
    ("network", "/network?node=lorazepam", ""),
    ("question", "/questions/cautions?drug=Ativan", ""),
    ("sparql", "/query", "document.getElementById('run').click(); location.hash = 'editor'"),
)


def test_pictures_for_the_documentation(reader: Any, site: str, tmp_path: Path) -> None:
    place = Path(os.environ.get("KG_PICTURES", tmp_path))
    place.mkdir(parents=True, exist_ok=True)
    reader.set_viewport_size({"width": 1280, "height": 760})
    for name, path, action in PICTURES:
        reader.goto(site + path)
        reader.evaluate(action or "null")
        until(reader, "document.querySelectorAll('.htmx-request').length === 0")
        reader.wait_for_timeout(300)
        picture = reader.screenshot(path=place / f"{name}.png")
        assert struct.unpack(">II", picture[16:24]) == (1280, 760) and len(picture) < 200_000, name
