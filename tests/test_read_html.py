"""Web pages: what a reader of the page sees becomes text; what surrounds it, and what nobody sees, does not."""

from __future__ import annotations

import codecs
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg import extraction, reading
from kg.errors import DocumentError
from kg.reading import html
from kg.records import Document

CONTENT = "<h1>Examplin</h1><p>Examplin is a medicine in tablets that is taken with a glass of water every day.</p>"
READ = "# Examplin\n\nExamplin is a medicine in tablets that is taken with a glass of water every day.\n"

STRUCTURE = (
    ("headings", "<h2>Use</h2><p>It is used.</p><h3>Doses</h3>", "## Use\n\nIt is used.\n\n### Doses\n"),
    ("blanks and signs", "<p>a\n  b&nbsp;c &lt; &#8805; d\u200be f&shy;g</p>", "a b c < ≥ de fg\n"),
    (
        "bold lines",
        "<h2>Use</h2><p><strong>Adults</strong></p><p><b>Take it.</b></p><p><b>Children</b> do not.</p>",
        "## Use\n\n### Adults\n\nTake it.\n\nChildren do not.\n",
    ),
    ("inline markup", "<p>It is <b>not</b> for <i>chil</i>dren<u>.</u></p>", "It is not for children.\n"),
    ("line breaks", "<p>One<br>two<br/><br>three</p>", "One\ntwo\n\nthree\n"),
    ("text without blocks", "Bare words <div>in a block</div> and after", "Bare words\n\nin a block\n\nand after\n"),
    ("list", "<p>Do not use in:</p><ul><li>a<li>b</ul>", "Do not use in:\n\n- a\n- b\n"),
    ("numbered list", "<ol start=3><li>first</li><li>second</li></ol>", "- first\n- second\n"),
    (
        "nested lists",
        "<ul><li>a<ul><li>b<ol><li>c</ol></li></ul><li><p>d</p><p>e</p></ul>",
        "- a\n  - b\n    - c\n- d\n  - e\n",
    ),
    ("list of cards", "<ul><li><h3>A</h3><p>Long.</p><li><h3>B</h3></ul>", "### A\n\nLong.\n\n### B\n"),
    ("terms", "<dl><dt>Rash:</dt><dd>Call a doctor.</dd></dl>", "- Rash: Call a doctor.\n"),
    (
        "terms with long definitions",
        "<h2>Questions</h2><dl><dt>May I drive?<dd>No.<dt>Rest<dd><p>Do.</p><p>Often.</p></dl>",
        "## Questions\n\n### May I drive?\n\nNo.\n\n### Rest\n\nDo.\n\nOften.\n",
    ),
    ("details", "<details><summary>Care</summary><p>Rest.</p></details>", "## Care\n\nRest.\n"),
    ("heading that folds", "<h2><button>Care</button></h2><p>Rest.</p><button>Buy</button>", "## Care\n\nRest.\n"),
    (
        "buttons that fold",
        "<h2>Questions</h2><div><button aria-expanded=false>May I drive?</button><div><p>No.</p></div>"
        "<button aria-controls=b>Taking it with food</button><p>Do.</p><button aria-expanded=false>Show more</button>",
        "## Questions\n\n### May I drive?\n\nNo.\n\n### Taking it with food\n\nDo.\n",
    ),
    (
        "terms with several definitions",
        "<dl><dt>Often<dd>rash<dd>cough<dt>Rarely<dd>gout</dl>",
        "## Often\n\nrash\n\ncough\n\n## Rarely\n\ngout\n",
    ),
    (
        "table",
        "<table><tr><th>Effect<th>Rate<tr><td>rash<td>3%</table>",
        "| Effect | Rate |\n| --- | --- |\n| rash | 3% |\n",
    ),
    (
        "table without header",
        "<table><tr><td>rash<td>3%<tr><td>cough<td>2%</table>",
        "|  |  |\n| --- | --- |\n| rash | 3% |\n| cough | 2% |\n",
    ),
    (
        "cells that reach",
        "<table><caption>Rates</caption><thead><tr><th rowspan=2>Effect<th colspan=2>Rate<tr><th>Drug<th>None</thead>"
        "<tr><td colspan=3>Skin<tr><td rowspan=2>rash<td>3%<td>1%<tr><td>4%<td>2%</table>",
        "Rates\n\n| Effect | Rate, Drug | Rate, None |\n| --- | --- | --- |\n| Skin |  |  |\n| rash | 3% | 1% |\n"
        "| rash | 4% | 2% |\n",
    ),
    (
        "lines in cells, bars",
        "<table><tr><th>A<th>B<tr><td>rash<br>Cough<p>pain</p><td>1|2</table>",
        "| A | B |\n| --- | --- |\n| rash; Cough pain | 1¦2 |\n",
    ),
    (
        "table as frame",
        "<table><tr><td><h2>Use</h2><p>One.</p><td>Two<tr><td>Three<td>Four</table>",
        "## Use\n\nOne.\n\nTwo\n\nThree\n\nFour\n",
    ),
    (
        "powers and notes",
        "<p>10<sup>9</sup>/L, 5 mg/m<sup>2</sup>, rash<sup>2</sup>, 1<sup>st</sup>, CO<sub>2</sub></p>",
        "10⁹/L, 5 mg/m², rash, 1st, CO2\n",
    ),
    ("links to a heading itself", "<h2>Use<a href=#use>¶</a></h2><p>See #1.</p>", "## Use\n\nSee #1.\n"),
    ("reference marks", "<p>It helps.<sup><a href=#r>[1]</a></sup> It does.<sup>a</sup></p>", "It helps. It does.\n"),
    ("unclosed markup", "<p>One<p>Two <i>three<div>four", "One\n\nTwo three\n\nfour\n"),
    ("lines that look like marks", "<p># no heading</p><p>a | b | c</p>", "#no heading\n\na ¦ b ¦ c\n"),
)

SURROUNDINGS = (
    "<script>document.write('seen')</script><style>p {color: red}</style><noscript>seen</noscript>",
    "<template><p>seen</p></template><svg><text>seen</text></svg><iframe>seen</iframe><!-- seen -->",
    "<p hidden>seen</p><div style='color: red; display : NONE'>seen</div><p style='visibility:hidden'>seen</p>",
    "<div aria-hidden=true><p>seen</p></div><span class=sr-only>seen</span><dialog><p>seen</p></dialog>",
    "<nav><ul><li><a href=/a>seen</a></ul></nav><div role=navigation>seen</div>",
    "<header><a href=/>seen</a> at home</header><footer>seen</footer>",
    "<div id=site-footer>seen</div><div class='top-nav x'>seen</div><ul class=breadcrumb><li>seen</ul>",
    "<div class='ad-slot'><p>seen</p></div><div id=ads_box>seen</div>",
    "<div class='ad'><p>seen</p></div><div class='advert-box'>seen</div><p>Advertisement</p>",
    "<aside><p>seen</p></aside><div class='related-articles'><p>seen</p></div><div class=sidebar>seen</div>",
    "<section id=comments><p>seen</p></section><div id=disqus_thread>seen</div>",
    "<div class=cookie-banner>seen</div><div><p>seen: we use cookies. Do you accept?</p></div>",
    "<form><input value=seen><select><option>seen</select><textarea>seen</textarea><button>seen</button></form>",
    "<ul><li><a href=#a>seen one</a><li><a href=#b>seen two</a><li><a href=#c>seen three</a></ul>",
    "<h3>seen</h3><ul><li><a href=1>seen is a very long title of another page</a><li><a href=2>seen is one more title "
    "of such a page</a><li><a href=3>seen is the third of these long titles</a></ul>",
    "<p><a href=/more>seen</a></p>",
    "<div class=topbar><a href=/a>seen</a> at home</div><div class='upsell-box'>seen</div>",
    "<div class=reviews>seen</div>",
    "<div class='expander-modal' hidden>seen</div><button>seen</button>",
)

MENU = "<h2>Menu</h2><ul>" + "".join(f"<li><a href={name}>{name}</a>" for name in "abcdefgh") + "</ul>"

KEPT = (
    "<aside class='warning-box'><p>KEPT</p></aside>",
    "<div class='has-navy-colour unrelated'>KEPT</div>",
    "<details><p>KEPT</p></details>",
    "<p hidden=until-found>KEPT</p>",
    "<div style='display:block'>KEPT</div>",
    "<div class='accordion-collapse' hidden><p>KEPT</p></div>",
    "<div role=tabpanel style='display:none' aria-hidden=true><p>KEPT</p></div>",
    "<button class=accordion-button aria-expanded=false>KEPT</button>",
    "<p>Some have:</p><ul><li><a href=1>KEPT</a><li><a href=2>rash</a><li><a href=3>cough</a></ul>",
    "<p>See <a href=1>KEPT</a> for more.</p>",
    "<form><p>KEPT</p></form>",
)


def read(content: str | bytes, name: str = "page.html") -> Document:
    """Read a page that must be one document."""
    (document,) = html.read(content.encode() if isinstance(content, str) else content, name, name)
    return document


@pytest.mark.parametrize(("markup", "text"), [case[1:] for case in STRUCTURE], ids=[case[0] for case in STRUCTURE])
def test_structure_is_kept(markup: str, text: str) -> None:
    assert read(f"<!DOCTYPE html><title>T</title><body><main>{markup}").text == text


@pytest.mark.parametrize(
    "frame", ["<main>{}{}</main>", "{}<div><article>{}</article></div>", "<div>{}{}</div>", "{}{}"]
)
@pytest.mark.parametrize("surrounding", SURROUNDINGS, ids=range(len(SURROUNDINGS)))
def test_what_surrounds_the_content_is_left_out(surrounding: str, frame: str) -> None:
    assert read(f"<body>{frame.format(surrounding, CONTENT)}").text == READ
    if "<article>" not in frame:
        assert read(f"<body>{frame.format(CONTENT, surrounding)}").text == READ


@pytest.mark.parametrize("markup", KEPT, ids=range(len(KEPT)))
def test_content_that_looks_like_its_surroundings_is_kept(markup: str) -> None:
    assert "KEPT" in read(f"<body><main>{CONTENT}{markup}</main>").text
    assert "KEPT" in read(f"<body>{CONTENT}{markup}").text


def test_short_links_are_a_menu_unless_the_page_or_a_colon_says_otherwise() -> None:
    assert read(f"<body><h1>A</h1><div>{MENU}</div>{CONTENT}").text == f"# A\n\n{READ}"
    assert "- h" in read(f"<body><main><h1>A</h1><div>{MENU}</div>{CONTENT}").text
    listed = MENU.replace("<h2>Menu</h2>", "<p>Some have:</p>")
    assert "- h" in read(f"<body><h1>A</h1><div>{listed}</div>{CONTENT}").text


def test_a_name_never_costs_the_whole_page() -> None:
    assert read(f"<body class='nav ads'><div class='social-widget sidebar'>{CONTENT}</div>").text == READ


def test_a_title_outside_the_main_part_is_written_first() -> None:
    document = read("<title>Site</title><header><h1>Examplin</h1><a href=/>x</a></header><main><p>It helps.</p></main>")
    assert document.text == "# Examplin\n\nIt helps.\n"
    assert document.title == "Examplin"


@pytest.mark.parametrize(
    ("markup", "title"),
    [
        ("<title>Examplin - Uses | A site</title><p>It helps.", "Examplin"),
        ("<title>Other</title><h1>Examplin <small>tablets</small></h1><p>It helps.", "Examplin tablets"),
        ("<h2>Examplin</h2><p>It helps.", "Examplin"),
    ],
)
def test_the_title_is_that_of_the_page(markup: str, title: str) -> None:
    assert read(markup).title == title


@pytest.mark.parametrize(
    ("markup", "markup_of_text"),
    [("<h1>A</h1><h2>B</h2><p>C</p><h2>D</h2>", "marked"), ("<h1>A</h1><p>B</p><h2>C</h2>", "markdown")],
)
def test_a_page_that_marks_its_headings_has_no_others(markup: str, markup_of_text: str) -> None:
    assert read(markup + "<p>It helps.").markup == markup_of_text


FRENCH_WORD = "caf\u00e9 \u201cstrong\u201d and t\u00e9"
ENCODED = (
    ("UTF-8, nothing said", "", "utf-8"),
    ("UTF-8 with its mark", "", "utf-8-sig"),
    ("UTF-16 with its mark", '<meta charset="utf-8">', "utf-16"),
    ("Windows-1252, said", '<meta charset="windows-1252">', "cp1252"),
    (
        "Windows-1252, said as Latin-1",
        '<meta http-equiv="Content-Type" content="text/html; charset=ISO-8859-1">',
        "cp1252",
    ),
    ("UTF-8, said to be Windows-1252", '<meta charset="windows-1252">', "utf-8"),
    ("Windows-1252, said to be UTF-8", '<meta charset="utf-8">', "cp1252"),
    ("Windows-1252, nothing said", "", "cp1252"),
    ("Windows-1252, said to be nonsense", '<meta charset="no-such">', "cp1252"),
    ("Windows-1252, said to be UTF-16", '<meta charset="utf-16">', "cp1252"),
    ("said by an XML declaration", '<?xml version="1.0" encoding="windows-1252"?>', "cp1252"),
)


@pytest.mark.parametrize(("head", "encoding"), [case[1:] for case in ENCODED], ids=[case[0] for case in ENCODED])
def test_the_characters_are_what_the_bytes_are(head: str, encoding: str) -> None:
    words = f"A cup of {FRENCH_WORD} is served here every day of the week, with milk or without it as you like it best."
    words += " Nobody knows why that is so, but it has been so for many years and will be so for many more."
    assert read(f"{head}<p>{words}</p>".encode(encoding)).text == f"{words}\n"


REFUSED = (
    ("empty", b"", "the file is empty; name a file with text"),
    (
        "only markup",
        b"<p> </p><script>x</script>",
        "the page has no text; save it as a browser shows it, with its content",
    ),
    ("binary", b"<p>\x00\x01\x02" * 99, "the file is binary; name a web page"),
    (
        "Cyrillic said to be UTF-8",
        '<meta charset="utf-8"><p>Лекарство от боли</p>'.encode("cp1251"),
        "says it is utf-8, but byte 25 is not UTF-8 (0xcb); save it as UTF-8",
    ),
    (
        "Mac quotes taken for accents",
        b"<p>You don\xd5t take it with alcohol and you don\xd5t drive after it, for it makes people sleepy.</p>",
        "says no encoding, and byte 10 is not UTF-8 (0xd5); save it as UTF-8",
    ),
    (
        "Polish, nothing said",
        "<p>Nie nale\u017cy przyjmowa\u0107 tego leku, je\u015bli pacjent ma uczulenie.</p>".encode("cp1250"),
        "says no encoding, and byte 11 is not UTF-8 (0xbf); save it as UTF-8",
    ),
    (
        "seven bits",
        b"<p>\x1b$B$3$N\x1b(B",
        "says no encoding, and is neither UTF-8 nor ASCII; save it as UTF-8",
    ),
    (
        "two encodings in one file",
        "<p>café</p>".encode() + "<p>café</p>".encode("cp1252"),
        "says no encoding, and byte 18 is not UTF-8 (0xe9); save it as UTF-8",
    ),
    (
        "not what it says",
        b'<meta charset="shift_jis"><p>caf\xe9 \xff\xff</p>',
        "says it is cp932, but byte 32 is not (0xe9); save it as UTF-8",
    ),
    (
        "gives no text",
        '<meta charset="iso-8859-15"><p>\u2018caf\u00e9\u2019</p>'.encode("cp1252"),
        "says it is iso8859-15, which gives no readable text; save it as UTF-8",
    ),
    (
        "cut UTF-16",
        codecs.BOM_UTF16_LE + b"<\x00p\x00>",
        "not UTF-16 as its first bytes say (byte 6); save it as UTF-8",
    ),
    ("tags without end", b"<" * 1_000_001, "has more than 1,000,000 tags; split it into documents"),
    (
        "one endless paragraph",
        b"<p>" + b"word " * 60_000,
        "a line has 299999 characters; break lines to at most 200000",
    ),
)


@pytest.mark.parametrize(("content", "message"), [case[1:] for case in REFUSED], ids=[case[0] for case in REFUSED])
def test_pages_that_cannot_be_read_are_refused_with_the_reason(content: bytes, message: str) -> None:
    with pytest.raises(DocumentError) as raised:
        read(content)
    assert str(raised.value) == f"page.html: {message}"


def test_xhtml_is_read_as_it_means() -> None:
    markup = '<html xml:lang="en"><head><title/><script src="x"/></head><body><p>A<br/>b</p></body></html>'
    assert read(f'<?xml version="1.0"?>\n{markup}', "page.xhtml").text == "A\nb\n"


DEEP = (
    "<div>",
    "<b><p>",
    "<ul><li>x",
    "<table><tr><td>x<td>",
    "<dl><dd>",
    "<span>",
    "<details><summary>",
    "<a href=x>",
)


@pytest.mark.parametrize("markup", DEEP)
def test_deep_nesting_costs_neither_the_process_nor_the_text(markup: str) -> None:
    assert "Sertraline helps." in read(markup * 20_000 + "<p>Sertraline helps.</p>").text


def test_a_small_table_cannot_unfold_without_end() -> None:
    cells = "".join(f"<td rowspan=999>{'word ' * 40}" for _ in range(60))
    document = read(f"<table><tr>{cells}{'<tr><td>x' * 2_000}</table>")
    assert len(document.text) < 2_000_000


def test_names_of_a_page_are_found_where_they_stand(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text(
        "<h1>Sertraline</h1><nav>Warfarin</nav><p>Sertraline is used to treat <b>panic</b> disorder.</p>", "utf-8"
    )
    (document,) = reading.read(page)
    assert isinstance(document, Document)
    (statement,) = extraction.extract([document])
    assert statement.object.label == "panic disorder"
    assert statement.evidence.object_span.of(document.text) == "panic disorder"


MARKUP = st.sampled_from(
    (
        *("<p>", "<ul>", "<li>", "</ul>", "<table>", "<tr>", "<td>", "<th>", "<td colspan=7>", "<h1>", "</h1>", "<dl>"),
        *("<dt>", "<dd>", "<br>", "<sup>", "</sup>", "<a href=#>", "</a>", "<main>", "<div class=nav>", "</div>"),
        *(
            "<details>",
            "<summary>",
            "text ",
            "&amp;",
            "\x00",
            "\ud800",
            "<",
            ">",
            "<!--",
            "-->",
            "\xad",
            "1",
            "# ",
            "- ",
        ),
        *("|", "| x |", "\n", "1. ", "\u2028", "</", "=", "'"),
    )
)


@settings(max_examples=200, deadline=None)
@given(st.lists(MARKUP, max_size=40))
def test_any_markup_is_read_or_refused(parts: list[str]) -> None:
    content = "".join(parts).encode("utf-8", "surrogatepass")
    try:
        document = read(content)
    except DocumentError as error:
        assert str(error).startswith("page.html: ")
    else:
        assert document.text.strip()
        assert read(content) == document
