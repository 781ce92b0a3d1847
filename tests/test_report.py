"""The report of one drug: read by parsers that are not ours, nothing in it runs, everyone can read it, it prints."""

from __future__ import annotations

import importlib.util
import itertools
import re
import shutil
import subprocess
import tomllib
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import lxml.html
import pyoxigraph as ox
import pypdf
import pytest
import turbohtml

import kg
from kg import profiles
from kg.exports import report
from kg.graph import store as stores
from kg.graph import terms
from kg.reading import language
from kg.schema import NOTICE
from tests import exported, made

ROOT = Path(__file__).resolve().parents[1]
STYLE = ROOT / "kg" / "exports" / "templates" / "report.css"
BROWSER = shutil.which("chromium") or shutil.which("chromium-browser")
NO_BROWSER = pytest.mark.skipif(BROWSER is None, reason="no chromium is installed")
HOSTILE = (
    "<script>window.XSS = 1</script>",
    '" onmouseover="window.XSS=1',
    "</style></title><img src=x onerror=window.XSS=1>",
    "{{ 7 * 7 }}{% raw %}",
    "'; } body { display: none } /*",
    "javascript:window.XSS=1",
)


@pytest.fixture(scope="module")
def graph() -> kg.Graph:
    return exported.whole()


def parsed(page: str) -> lxml.html.HtmlElement:
    return lxml.html.document_fromstring(page.encode())


def text(element: lxml.html.HtmlElement) -> str:
    return " ".join(element.text_content().split())


@pytest.mark.parametrize("packaged", [True, False])
def test_every_fact_is_there_once_with_its_documents(packaged: bool, graph: kg.Graph) -> None:
    of = kg.load() if packaged else graph
    page = of.report("Klonopin")
    rows = parsed(page).xpath("//tr[@data-fact]")
    facts = {fact.iri: fact for fact in of.drug("clonazepam").facts()}
    assert Counter(row.get("data-fact") for row in rows) == Counter(list(facts))
    for row in rows:
        fact = facts[row.get("data-fact")]
        what = row.xpath("ancestor::tbody//th[@scope='rowgroup']")[0]
        assert text(what).startswith(" ".join(fact.object.label.split()))
        said = len(fact.documents)
        assert text(row.xpath(".//span[@class='count']")[0]) == f"{said} document{'' if said == 1 else 's'}"
        assert len(row.xpath("./td[last()]/a")) == said
        assert ("denied" in text(row)) == (fact.polarity == "denied")
    others = turbohtml.parse(page).find_all("tr")
    assert {row.attrs.get("data-fact") for row in others} - {None} == set(facts)


def test_documents_are_listed_with_their_hashes(graph: kg.Graph) -> None:
    page = parsed(graph.report("clonazepam"))
    rows = page.xpath("//tr[@data-document]")
    shown = {row.get("data-document"): text(row.xpath("./td[@class='sum']")[0]) for row in rows}
    assert shown == {source.name: source.sha256 for source in graph.documents}
    targets = {one.get("id") for one in page.xpath("//*[@id]")}
    assert {link.get("href")[1:] for link in page.xpath("//a[starts-with(@href, '#')]")} <= targets


def test_sentences_are_there_where_they_are_asked_for_and_nowhere_else(graph: kg.Graph) -> None:
    assert "tells of" not in graph.report("clonazepam")
    assert not parsed(graph.report("clonazepam")).xpath("//blockquote")
    page = parsed(graph.report("clonazepam", with_quotes=True))
    quotes = page.xpath("//blockquote")
    assert len(quotes) == sum(len(fact.evidence) for fact in graph.drug("clonazepam").facts())
    for quote in quotes:
        said = text(quote.getnext())
        place = re.search(r"\[\d\] (\S+), under A page of our own, characters (\d+)–(\d+)", said)
        assert place is not None
        whole = graph.text(place[1])
        assert whole is not None
        assert quote.text_content() == whole[int(place[2]) : int(place[3])]
        assert quote.get("lang") == "en"
    bare = exported.graph_of(made.ONE_OF_EACH, quotes=False)
    assert not parsed(bare.report("clonazepam", with_quotes=True)).xpath("//blockquote")


def test_what_is_not_stated_is_said_to_be_so() -> None:
    only = exported.graph_of([("caution", "driving", {"level": "avoid"}, "affirmed")], ["a.txt"])
    page = parsed(only.report("clonazepam"))
    said = {section.xpath("./h2")[0].get("id"): section for section in page.xpath("//section")}
    for key in {plan.key for plan in profiles.PLAN} - {"care"}:
        words = "Not stated in the one document that speaks of clonazepam. That means neither “no” nor “safe”."
        assert text(said[key].xpath("./p[@class='not-stated']")[0]) == words
    assert not said["care"].xpath(".//p[@class='not-stated']")
    scale = [text(one) for one in said["care"].xpath(".//ul[@class='scale']/li")]
    assert scale[:3] == ["contraindicated: not stated", "avoid: 1", "not recommended: not stated"]


def test_what_is_denied_stands_apart(graph: kg.Graph) -> None:
    page = parsed(graph.report("clonazepam"))
    denied = page.xpath("//tr[@data-polarity='denied']")
    assert len(denied) == len(graph.drug("clonazepam").denied()) > 0
    for row in denied:
        heading = row.xpath("preceding::h3[1]")[0]
        assert text(heading).casefold().endswith("said not to be so")


def test_what_follows_is_marked_and_opens_to_what_it_rests_on() -> None:
    packaged = kg.load()
    page = parsed(packaged.report("clonazepam"))
    follows = page.xpath("//tr[@data-derived]")
    expected = [one for item in packaged.cautions("clonazepam").items for one in item.derived]
    assert Counter(row.get("data-derived") for row in follows) == Counter(one.iri for one in expected)
    assert all("no document says it in these words" in text(row) for row in follows)
    assert all(row.xpath(".//a[starts-with(@href, '#fact-')]") for row in follows)


def hostile() -> kg.Graph:
    """A graph whose labels, qualifiers, documents and names are all hostile."""
    said: list[made.Said] = []
    for words in HOSTILE:
        said += [("caution", words, {"level": "avoid", "population": words}, "affirmed")]
        said += [("advice", words, {"topic": "storage"}, "denied"), ("brand_name", words, {}, "affirmed")]
    made_of = exported.graph_of(said, HOSTILE)
    node = ox.NamedNode(terms.CONCEPT + "clonazepam")
    store = ox.Store()
    store.extend(iter(made_of.store))
    for iri in ("javascript:window.XSS=1", "https://example.org/x", "data:text/html,<b>".replace("<", "%3C")):
        match = ox.NamedNode(terms.SKOS + "exactMatch")
        store.add(ox.Quad(node, match, ox.NamedNode(iri.replace(">", "%3E")), stores.DEFAULT))
    return kg.Graph(store, made_of.texts)


def test_nothing_of_a_document_becomes_a_part_of_the_page() -> None:
    graph = hostile()
    for quotes in (False, True):
        page = parsed(graph.report("clonazepam", with_quotes=quotes))
        assert not page.xpath("//script|//img|//iframe|//object|//embed|//link|//base|//form|//*[@src]|//*[@style]")
        assert len(page.xpath("//style")) == len(page.xpath("//title")) == 1
        names = {name for element in page.iter("*") for name in element.attrib}
        assert not [name for name in names if name.startswith("on")]
        targets = [link for link in page.xpath("//a") if not link.get("href").startswith("#")]
        assert [link.get("href") for link in targets if "example.org" in link.get("href")] == ["https://example.org/x"]
        for link in targets:
            assert link.get("href").startswith(("https://", "http://"))
            assert link.get("rel") == "noopener noreferrer"
        shown = text(page)
        for words in HOSTILE:
            assert words in shown
        if quotes:
            assert page.xpath("//blockquote")


def test_the_name_of_a_drug_cannot_leave_its_string_of_css() -> None:
    for words in HOSTILE:
        escaped = report.css_string(words)
        inner = escaped[1:-1]
        assert re.fullmatch(r"(?:[A-Za-z0-9]|\\[0-9a-f]{1,6} )*", inner)
        back = re.sub(r"\\([0-9a-f]{1,6}) ", lambda match: chr(int(match[1], 16)), inner)
        assert back == words


def levels(page: lxml.html.HtmlElement) -> list[int]:
    return [int(one.tag[1]) for one in page.xpath("//h1|//h2|//h3|//h4")]


def test_headings_tables_and_languages_are_marked(graph: kg.Graph) -> None:
    page = parsed(graph.report("clonazepam", with_quotes=True))
    assert page.get("lang") == "en"
    found = levels(page)
    assert found.count(1) == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(found))
    assert all(one.get("scope") in {"col", "row", "rowgroup", "colgroup"} for one in page.xpath("//th"))
    assert all(one.xpath("./caption") and one.xpath("./thead") for one in page.xpath("//table"))
    ids = [one.get("id") for one in page.xpath("//*[@id]")]
    assert len(ids) == len(set(ids))
    first = page.xpath("//body//*[normalize-space(text())]")[0]
    assert text(first).startswith(NOTICE)


def test_every_language_that_is_told_has_a_tag() -> None:
    table = tomllib.loads((ROOT / "ontology" / "languages.toml").read_text("utf-8"))
    told = {*table["words"], *(row["language"] for row in table["script"])}
    assert told == set(table["tags"])
    assert all(re.fullmatch("[a-z]{2,3}", tag) for tag in table["tags"].values())
    assert language.tag("使用本品前请咨询医生或药师。孕妇禁用。") == "zh"


def colours(block: str) -> dict[str, str]:
    return dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6})", block))


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


PAIRS = (
    *((name, "page") for name in ("ink", "soft", "link")),
    *((name, "band") for name in ("ink", "soft")),
    *((f"{name}-ink", name) for name in ("notice", "denied", "severe", "strong", "mild", "light", "safe")),
)


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_letters_stand_out(scheme: int) -> None:
    blocks = re.findall(r":root \{(.*?)\}", STYLE.read_text("utf-8"), re.DOTALL)
    found = colours(blocks[scheme])
    assert {name for pair in PAIRS for name in pair} <= set(found)
    low = {pair: contrast(found[pair[0]], found[pair[1]]) for pair in PAIRS}
    assert not {pair: ratio for pair, ratio in low.items() if ratio < 4.5}


def browse(arguments: Iterable[str], folder: Path) -> None:
    """Run the browser on a file, with a profile of its own and without a network."""
    assert BROWSER is not None
    options = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run")
    home = f"--user-data-dir={folder / 'profile'}"
    command = [BROWSER, *options, "--proxy-server=127.0.0.1:9", home, *arguments]
    subprocess.run(command, check=True, capture_output=True, timeout=120)


@pytest.mark.slow
@NO_BROWSER
def test_every_printed_page_says_what_it_is(tmp_path: Path) -> None:
    page, paper = tmp_path / "page.html", tmp_path / "page.pdf"
    shown = profiles.profile(kg.load(), "clonazepam")
    titles = {section.title for section in shown.sections}
    titles |= {group.title for section in shown.sections for group in section.groups}
    page.write_text(kg.load().report("clonazepam"), "utf-8")
    browse(["--no-pdf-header-footer", f"--print-to-pdf={paper}", page.as_uri()], tmp_path)
    pages = pypdf.PdfReader(paper).pages
    assert len(pages) > 3
    for number, one in enumerate(pages, 1):
        width, height = float(one.mediabox.width), float(one.mediabox.height)
        assert (round(width), round(height)) == (595, 842)
        words = " ".join(one.extract_text().split())
        assert NOTICE in words
        assert "clonazepam: what 5 documents say" in words
        assert f"{number} / {len(pages)}" in words
        last = [line.strip() for line in one.extract_text().splitlines() if line.strip()]
        assert last[-1] not in titles | {"What Of whom, when, how Said in"}, f"page {number} ends in a heading"


AXE = importlib.util.find_spec("axe_playwright_python")


@pytest.mark.slow
@NO_BROWSER
@pytest.mark.skipif(AXE is None, reason="axe-playwright-python is not installed (extra test-web)")
def test_axe_finds_nothing_and_nothing_runs(tmp_path: Path) -> None:
    from axe_playwright_python.sync_playwright import Axe
    from playwright.sync_api import sync_playwright

    page = tmp_path / "page.html"
    page.write_text(hostile().report("clonazepam", with_quotes=True), "utf-8")
    asked: list[str] = []
    with (
        sync_playwright() as started,
        started.chromium.launch(executable_path=BROWSER, args=["--no-sandbox"]) as browser,
    ):
        for scheme, width in (("light", 1280), ("dark", 390)):
            view = {"width": width, "height": 900}
            context = browser.new_context(bypass_csp=True, color_scheme=scheme, viewport=view)
            shown = context.new_page()
            shown.on("request", lambda request: asked.append(request.url))
            shown.goto(page.as_uri())
            assert shown.evaluate("window.XSS") is None
            assert shown.evaluate("document.documentElement.scrollWidth") <= width
            found = Axe().run(shown)
            assert found.violations_count == 0, found.generate_report()
            context.close()
    assert asked == [page.as_uri()] * 2
