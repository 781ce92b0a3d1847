"""The documentation tells the truth: what its pages show is run and compared, and its site is whole and asks nobody."""

from __future__ import annotations

import contextlib
import gc
import importlib.util
import io
import os
import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

import kg
from kg import cli
from kg.errors import OntologyError
from kg.graph import terms, turtle
from kg.vocabulary import reference, schema
from tests import servers, serving

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
PAGES = sorted(DOCS.rglob("*.md"))
EXECUTED = [page for page in PAGES if page.parent.name == "how-to" or page.stem == "tutorial"]
NOT_ADVICE = re.compile(r"\bnot medical\s+advice\b", re.IGNORECASE)
LINK = re.compile(r"\]\((?!https?:|#)([^)#\s]+)")
# A block of a page, with the comment above it that says what it is for.
BLOCK = re.compile(r"(?ms)^(?:<!-- (file|elsewhere|needs): ([^\n]*?) -->\n)?^```(\w+)\n(.*?)^```$")
FOOTER = '<p class="not-advice"><strong>Information about documents, not medical advice.</strong></p>'
EXPLORER, STORE = "127.0.0.1:8000", "127.0.0.1:7878"


def name_of(page: Path) -> str:
    """The name of a page below `docs`."""
    return page.relative_to(DOCS).as_posix()


# What pages show is run ---------------------------------------------------------------------------------------------


@dataclass
class Run:
    """One page at work in a folder: what it has started, where its servers really listen, what was left out."""

    folder: Path
    stack: contextlib.ExitStack
    places: dict[str, str] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)

    def block(self, purpose: str, about: str, language: str, text: str) -> None:
        """Do with a block what the comment above it and its language say."""
        if purpose == "file":
            (self.folder / about).write_text(text, "utf-8")
        elif purpose == "needs" and importlib.util.find_spec(about) is None:
            self.left_out.append(f"{about} is not installed")
        elif language == "console":
            for command, expected in commands(text):
                if purpose == "elsewhere":
                    known(command)
                else:
                    assert_shown(expected, self.command(command), command)
        elif language == "python":
            with contextlib.redirect_stdout(io.StringIO()):
                exec(compile(text, "block", "exec"), {})  # noqa: S102

    def command(self, line: str) -> str:
        """Run a command and return what it prints, data and messages together, with the places of the page."""
        line, echo, _ = line.partition("; echo $?")
        for shown, real in self.places.items():
            line = line.replace(shown, real)
        printed, code = self.ran(shlex.split(line))
        for shown, real in self.places.items():
            printed = printed.replace(real, shown)
        assert echo or code == 0, f"{line}: exit code {code}\n{printed}"
        return printed + (f"{code}\n" if echo else "")

    def ran(self, words: list[str]) -> tuple[str, int]:
        """What a command prints, and its exit code; servers go on until the page ends."""
        if words[:2] == ["oxigraph", "serve"]:
            server = self.stack.enter_context(servers.running("oxigraph", self.folder))
            self.places[STORE] = urlsplit(server.address).netloc
            return "", 0
        if words[:2] == ["kg", "serve"]:
            return self.serve(words[1:]), 0
        if words[0] == "kg":
            with io.StringIO() as both, contextlib.redirect_stdout(both), contextlib.redirect_stderr(both):
                code = cli.main(words[1:])
                return both.getvalue(), code
        program = [sys.executable, "-m", "pyshacl"] if words[0] == "pyshacl" else words[:1]
        done = subprocess.run([*program, *words[1:]], cwd=self.folder, capture_output=True, text=True, check=False)
        return done.stdout + done.stderr, done.returncode

    def serve(self, arguments: list[str]) -> str:
        """Start `kg serve` on a free port, and return the line that it prints."""
        serving.needs_packages()
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        command = [sys.executable, "-m", "kg.cli", *arguments, "--port", "0"]
        process = self.stack.enter_context(
            subprocess.Popen(
                command,
                cwd=self.folder,
                env=environment,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
            )
        )
        self.stack.callback(process.send_signal, signal.SIGINT)
        assert process.stdout is not None
        line = process.stdout.readline()
        self.places[EXPLORER] = urlsplit(line.split()[0]).netloc
        return line


def commands(text: str) -> Iterator[tuple[str, str]]:
    """The commands of a block, each with what the page shows below it."""
    for part in re.split(r"(?m)^\$ ", text)[1:]:
        command, _, shown = part.partition("\n")
        yield command, shown


def known(command: str) -> None:
    """Fail where a command that is not run here does not exist, or lacks one of its options."""
    words = shlex.split(command)
    assert words[0] == "kg", command
    options = [word for word in words if word.startswith("--")]
    named = words[1 : words.index(options[0])] if options else words[1:]
    with io.StringIO() as shown, contextlib.redirect_stdout(shown), contextlib.redirect_stderr(shown):
        code = cli.main([*named, "--help"])
        told = shown.getvalue()
    assert code == 0, told
    assert not [option for option in options if not re.search(rf"{option}\b", told)], told


def assert_shown(expected: str, printed: str, command: str) -> None:
    """Fail where something else was printed than a page shows; `...` stands for anything, other silence for silence."""
    wanted, got = ("\n".join(map(str.rstrip, text.splitlines())).strip("\n") for text in (expected, printed))
    pattern = re.escape(wanted).replace(r"\.\.\.", r"[\s\S]*?")
    assert re.fullmatch(pattern, got), f"$ {command}\n{got}\n-- and the page shows --\n{wanted}"


@pytest.mark.slow
@pytest.mark.parametrize("page", EXECUTED, ids=name_of)
def test_what_a_page_shows_is_what_happens(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "tests").symlink_to(ROOT / "tests")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("KG_DOCUMENTS", raising=False)
    monkeypatch.setenv("KG_VOCABULARY", "none")
    monkeypatch.setenv("COLUMNS", "100")  # the width of what pages show
    text = page.read_text("utf-8")
    blocks = BLOCK.findall(text)
    assert any(language == "console" for _, _, language, _ in blocks)
    with contextlib.ExitStack() as stack:
        run = Run(tmp_path, stack)
        for block in blocks:
            run.block(*block)
        for address in re.findall(rf"`(http://{EXPLORER}/[^`]*)`", text):
            place = urlsplit(address)
            reply = serving.Server(f"http://{run.places[EXPLORER]}", 0).ask("GET", f"{place.path}?{place.query}")
            assert reply.status == 200, f"{address}: {reply.status}"
    gc.collect()  # what a page left of a query may be thrown away in this thread alone
    if run.left_out:
        pytest.skip(f"all but this was run: {', '.join(run.left_out)}")


def test_other_output_is_noticed() -> None:
    for expected, printed in (
        ("a\n", "a\n"),
        ("a\n...\n", "a\nb\nc\n"),
        ("a ... c\n", "a b c  \n"),
        ("", ""),
        ("...\n", "a\n"),
    ):
        assert_shown(expected, printed, "")
    for expected, printed in (("a\n", "b\n"), ("a\n", "a\nb\n"), ("", "a\n"), ("a\n...\n", "b\n"), ("a\nb\n", "a\n")):
        with pytest.raises(AssertionError):
            assert_shown(expected, printed, "")


def test_commands_that_do_not_exist_are_noticed() -> None:
    known("kg cluster scheduler --host 192.0.2.1")
    for command in ("kg cluster scheduler --hosts x", "kg serves my.kg", "rm my.kg"):
        with pytest.raises(AssertionError):
            known(command)


# Pages --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_a_page_says_what_it_is_and_its_links_lead_somewhere(page: Path) -> None:
    text = page.read_text("utf-8")
    assert NOT_ADVICE.search(text), f"{name_of(page)}: say that it is information about documents, not medical advice"
    prose = re.sub(r"(?ms)^```.*?^```$", "", text)
    assert [link for link in LINK.findall(prose) if not (page.parent / unquote(link)).exists()] == []


def test_the_reference_of_the_ontology_is_current() -> None:
    assert (ROOT / reference.PAGE).read_text("utf-8") == reference.page(), "run `python -m kg.vocabulary.reference`"


def test_the_reference_names_everything_that_can_be_said() -> None:
    page = reference.page()
    rows = {row.split("`")[1]: row for row in page.splitlines() if re.match("[|] `drugs:[^`]+`<br>", row)}
    for iri, said in turtle.read(ROOT / "ontology" / "drugs.ttl").items():
        if iri.startswith(terms.DRUGS) and terms.SKOS + "definition" in said:
            row = rows[f"drugs:{iri.removeprefix(terms.DRUGS)}"].replace("\\", "")
            for key in (terms.RDFS + "label", terms.SKOS + "definition", terms.SKOS + "example"):
                assert said[key][0] in row, iri
            for end in ("domain", "range"):
                for other in said.get(terms.RDFS + end, ()):
                    assert f":{re.split('[/#]', other)[-1]}`" in row, iri
    language = schema.load()
    for kind in language.kinds.values():
        assert f"`drugs:{kind.short_edge.removeprefix(terms.DRUGS)}`" in page
    by_rank = sorted(language.levels.values(), key=lambda level: -(level.rank or 0))
    assert re.findall(r"(?m)^\| \d+ \| `level:(\w+)`", page) == [level.name for level in by_rank]
    assert all(f"`{value.label}" in page or f"<br>{value.label} |" in page for value in language.values.values())


def test_a_term_without_its_definition_is_refused(tmp_path: Path) -> None:
    whole = (ROOT / "ontology" / "drugs.ttl").read_text("utf-8")
    path = tmp_path / "drugs.ttl"
    path.write_text(whole.replace('rdfs:label "claim"@en ;', "", 1), "utf-8")
    with pytest.raises(OntologyError, match="Claim: it has 0 times its label"):
        reference.page(path)


def test_every_public_name_is_in_the_reference_of_the_interface() -> None:
    told = re.findall(r"(?m)^\.\. auto\w+:: (\w+)$", (DOCS / "api.md").read_text("utf-8"))
    assert sorted(told) == sorted(kg.__all__)


def test_every_threat_names_tests_that_there_are() -> None:
    text = (DOCS / "threat-model.md").read_text("utf-8").partition("## Threat by threat")[2]
    rows = [line for line in text.splitlines() if line.startswith("| ")][2:]
    assert len(rows) >= 20
    for row in rows:
        named = re.findall(r"`(test_\w+)::(test_\w+)`", row)
        assert named, row
        for file, test in named:
            assert f"def {test}(" in (ROOT / "tests" / f"{file}.py").read_text("utf-8"), f"{file}::{test}"


def test_every_promise_of_the_threat_model_names_a_test() -> None:
    text = (DOCS / "threat-model.md").read_text("utf-8").partition("## Threat by threat")[0]
    rows = re.findall(r"(?m)^\| (?!promise |---)([^|]+) \| ([^|]+) \|$", text)
    assert len(rows) >= 25
    for promise, tests in rows:
        assert re.search(r"\]\(\.\./tests/test_\w+\.py\)", tests), f"{promise}: which test checks it?"
    named = set(re.findall(r"\[(\w+)\]\(\.\./tests/(test_\w+)\.py\)", text))
    for shown, file in named:
        assert file == f"test_{shown}", shown
        assert "\ndef test_" in (ROOT / "tests" / f"{file}.py").read_text("utf-8"), file


# The site -----------------------------------------------------------------------------------------------------------

LOADS = {"script": "src", "img": "src", "iframe": "src", "source": "src", "video": "src", "object": "data"}
STYLE = re.compile(r"""url\(\s*["']?([^"')]+)|@import\s+["']([^"']+)""")


class Addresses(HTMLParser):
    """What a page loads by itself, and what it leads to."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.loaded: list[str] = []
        self.linked: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note the addresses of an element."""
        said = {name: value or "" for name, value in attrs}
        if tag == "a" and "href" in said:
            self.linked.append(said["href"])
        elif tag == "link" and not {"canonical", "next", "prev", "author"}.intersection(said["rel"].split()):
            self.loaded.append(said.get("href", ""))
        elif tag == "form" and "action" in said:
            self.loaded.append(said["action"])
        elif tag in LOADS and LOADS[tag] in said:
            self.loaded.append(said[LOADS[tag]])
        self.loaded += [address.strip().split()[0] for address in said.get("srcset", "").split(",") if address.strip()]
        self.loaded += styled(said.get("style", ""))


def styled(css: str) -> list[str]:
    """What a style sheet loads."""
    return [one or other for one, other in STYLE.findall(css)]


def foreign(addresses: list[str]) -> list[str]:
    """The addresses that are those of other hosts."""
    return [address for address in addresses if urlsplit(address).netloc]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The documentation as Sphinx makes it, every warning an error."""
    for name in ("sphinx", "myst_parser", "furo"):
        if importlib.util.find_spec(name) is None:
            pytest.skip(f"{name} is not installed; install drug-facts[docs]")
    place = tmp_path_factory.mktemp("site")
    options = ["-q", "-W", "--keep-going", "-b", "html", "-d", str(place / "trees")]
    command = [sys.executable, "-m", "sphinx", *options, str(DOCS), str(place / "html")]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    made = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert made.returncode == 0, made.stderr
    return place / "html"


@pytest.mark.slow
def test_the_site_is_whole_and_loads_nothing_from_elsewhere(site: Path) -> None:
    built = {path.relative_to(site).with_suffix(".md").as_posix() for path in site.rglob("*.html")}
    assert {name_of(page) for page in PAGES} <= built
    for path in sorted(site.rglob("*.html")):
        text = path.read_text("utf-8")
        found = Addresses(text)
        assert foreign(found.loaded + styled(text)) == [], path.name
        assert FOOTER in text, path.name
        for address in found.loaded + found.linked:
            place = urlsplit(address)
            if place.path and not place.scheme and not place.netloc and not place.path.startswith("data:"):
                assert (path.parent / unquote(place.path)).exists(), f"{path.name}: {address}"
    for sheet in site.rglob("*.css"):
        assert foreign(styled(sheet.read_text("utf-8"))) == [], sheet.name
    for script in site.rglob("*.js"):
        assert not re.search(r"(?:fetch|import|src\s*=)\s*\(?\s*[\"'](?:https?:)?//", script.read_text("utf-8")), script


@pytest.mark.slow
def test_public_names_have_their_place_in_the_site(site: Path) -> None:
    page = (site / "api.html").read_text("utf-8")
    assert [name for name in kg.__all__ if f'id="kg.{name}"' not in page] == []
    assert 'id="kg.Graph.ask"' in page
    assert "<cite>" not in page, "code in docstrings is shown as code"


def test_what_is_loaded_from_elsewhere_is_noticed() -> None:
    for html in (
        '<script src="https://example.org/x.js"></script>',
        '<link rel="stylesheet" href="//example.org/x.css">',
        '<img src="a.png" srcset="a.png 1x, http://example.org/b.png 2x">',
        '<p style="background: url(https://example.org/x.png)">',
        '<form action="https://example.org/">',
    ):
        assert foreign(Addresses(html).loaded), html
    own = Addresses(
        '<link rel="canonical" href="https://example.org/"><a href="https://example.org/">x</a><img src="x">'
    )
    assert foreign(own.loaded) == []
    assert foreign(styled("@import 'https://example.org/x.css';")) == ["https://example.org/x.css"]
