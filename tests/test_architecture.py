"""The house keeps its shape: who imports whom, what imports cost, how long things are, what code must not hold."""

from __future__ import annotations

import ast
import functools
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from kg import vocabulary
from kg.reading import sentences
from kg.records import Span

ROOT = Path(__file__).resolve().parents[1]
PAGES = ROOT.parent / "shared" / "documents"
MODULES = sorted((ROOT / "kg").rglob("*.py"))

# Stage by stage; a module belongs to the longest name that it starts with and imports from its own stage or earlier
# ones. Rooms on one line stand side by side and do not import each other.
STAGES: tuple[tuple[str, ...], ...] = (
    (
        "kg.records",
        "kg.errors",
        "kg.resources",
        "kg.files",
        "kg.memory",
        "kg.schema",
        "kg.results.html",
        "kg.results.plain",
        "kg.graph.terms",
        "kg.graph.turtle",
        "kg.graph.written",
        "kg.graph.parsing",
    ),
    ("kg.vocabulary", "kg.reading"),
    ("kg.extraction",),
    ("kg.assembly", "kg.decisions", "kg.evaluation"),
    ("kg.graph",),
    ("kg.derivation", "kg.agreement"),
    ("kg.evidence", "kg.building", "kg.difference"),
    ("kg.network",),
    ("kg.results",),
    ("kg.care",),
    ("kg.profiles",),
    ("kg.validation", "kg.questions", "kg.exports"),
    ("kg.drugs", "kg.views", "kg.loading"),
    ("kg.api",),
    ("kg",),
    ("kg.web",),
    ("kg.assistants",),
    ("kg.cli",),
)
# The foundation and the graph's own small modules may use each other.
SHARED_STAGES = (0, 3, 6)

HEAVY = (
    "lxml",
    "rdflib",
    "pyshacl",
    "networkx",
    "owlrl",
    "rich",
    "hypothesis",
    "pandas",
    "polars",
    "jsonschema",
    "starlette",
    "uvicorn",
    "dask",
    "distributed",
    "cryptography",
    "mcp",
    "pydantic",
)
# What each import may bring along: modules, not milliseconds, so that the test says the same on every machine.
IMPORTS = (
    ("import kg", (*HEAVY, "pyoxigraph", "typer", "kg.extraction", "kg.questions", "kg.validation")),
    ("import kg.cli", (*HEAVY, "pyoxigraph", "typer", "kg.extraction")),
    ("import kg.cli.app", (*HEAVY, "pyoxigraph", "kg.extraction", "kg.validation")),
    ("import kg.extraction", HEAVY),
    # A worker gives up the network before the engine starts its threads.
    ("import kg.web.sparql.worker", (*HEAVY, "pyoxigraph", "typer", "asyncio")),
)
# Words that name a condition and something of the program as well: kinds of sections, and pieces of words whose
# American and British spellings differ.
ORDINARY = frozenset(
    {
        "overdose",
        "withdrawal",
        "pregnancy",
        "diarrhea",
        "diarrhoea",
        "edema",
        "oedema",
        "tumor",
        "tumour",
        "labor",
        "labour",
    }
)
LONGEST_MODULE = 400
LONGEST_FUNCTION = 60


def name_of(path: Path) -> str:
    """The dotted name of a module file."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


NAMES = frozenset(map(name_of, MODULES))


def room_of(module: str) -> tuple[int, str]:
    """The stage of a module, and its room there: the longest name that it starts with."""
    rooms = [
        (len(room), stage, room)
        for stage, names in enumerate(STAGES)
        for room in names
        if module == room or (module.startswith(f"{room}.") and room != "kg")
    ]
    assert rooms, f"{module} has no stage: give it one in STAGES"
    return max(rooms)[1:]


def imports(path: Path) -> Iterator[tuple[int, str]]:
    """The modules of this package that a file imports, anywhere in it, with the line; typing-only imports left out."""
    waiting: list[ast.AST] = [ast.parse(path.read_text("utf-8"))]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            waiting.extend(node.orelse)
            continue
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names if alias.name.split(".")[0] == "kg")
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: imports are absolute"
            if node.module and node.module.split(".")[0] == "kg":
                for alias in node.names:
                    full = f"{node.module}.{alias.name}"
                    yield node.lineno, full if full in NAMES else node.module
        waiting.extend(ast.iter_child_nodes(node))


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_imports_go_down_the_corridor(path: Path) -> None:
    stage, room = room_of(name_of(path))
    for line, target in imports(path):
        target_stage, target_room = room_of(target)
        beside = target_stage == stage and target_room != room and stage not in SHARED_STAGES
        assert target_stage <= stage and not beside, f"{path}:{line}: {name_of(path)} must not import {target}"


@pytest.mark.parametrize(("statement", "unwanted"), IMPORTS, ids=[statement for statement, _ in IMPORTS])
def test_an_import_brings_nothing_that_it_does_not_need(statement: str, unwanted: tuple[str, ...]) -> None:
    code = f"{statement}\nimport sys\nprint('\\n'.join(sys.modules))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(run.stdout.split())
    assert sorted(loaded.intersection(unwanted)) == []


LISTENER = """
import sys
def heard(event, arguments):
    if event.startswith("socket.") and event != "socket.gethostname":
        raise RuntimeError(event)
sys.addaudithook(heard)
"""


@pytest.mark.parametrize(
    ("code", "reached"),
    [
        ("import kg, kg.cli.app, kg.extraction, kg.validation, kg.exports", False),
        ("import kg; kg.load().query('documents')", False),
        ("import urllib.request; urllib.request.urlopen('http://127.0.0.1:9/')", True),
    ],
)
def test_no_connection_is_opened_by_importing_and_asking(code: str, reached: bool) -> None:
    run = subprocess.run([sys.executable, "-c", LISTENER + code], capture_output=True, text=True, check=False, cwd=ROOT)
    assert ("RuntimeError: socket." in run.stderr) == reached == bool(run.returncode), run.stderr


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_modules_and_functions_stay_short(path: Path) -> None:
    text = path.read_text("utf-8")
    assert len(text.splitlines()) <= LONGEST_MODULE, f"{path}: split it"
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            body = node.body[1:] if ast.get_docstring(node) else node.body
            length = (node.end_lineno or node.lineno) - min((s.lineno for s in body), default=node.lineno) + 1
            assert length <= LONGEST_FUNCTION, f"{path}:{node.lineno}: {node.name} has {length} lines; split it"


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_the_code_names_no_drug_brand_or_condition(path: Path) -> None:
    known = named_things()
    tree = ast.parse(path.read_text("utf-8"))
    explanations = {id(node) for node in documentation(tree)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in explanations:
            words = re.findall(r"[a-z][a-z_-]+", node.value.casefold())
            runs = {" ".join(words[i : i + n]) for i in range(len(words)) for n in (1, 2, 3)}
            found = sorted(runs & known)
            assert not found, f"{path}:{node.lineno}: knows {found}; knowledge belongs into ontology/"


@functools.cache
def named_things() -> frozenset[str]:
    """What the vocabulary calls drugs, brands and conditions, ordinary words of programs left out."""
    types = {"Drug", "Brand", "Condition"}
    labels = {
        label.casefold()
        for concept in vocabulary.load().concepts.values()
        if concept.types & types
        for label in (concept.label, *concept.labels)
        if len(label) > 4
    }
    return frozenset(labels - ORDINARY)


def documentation(tree: ast.AST) -> Iterator[ast.Constant]:
    """Strings that explain: those that stand as a statement of their own."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            yield node.value


def project_files() -> list[Path]:
    """Every text file of the project."""
    endings = {".py", ".md", ".toml", ".ttl", ".rq", ".tsv", ".txt", ".jsonl", ".json", ".jsonld", ".yaml", ".xml"}
    skipped = {".git", ".venv", "build", "dist", "__pycache__", ".hypothesis"}
    files = [p for p in ROOT.rglob("*") if p.suffix in endings and not skipped & set(p.relative_to(ROOT).parts)]
    return sorted(files)


def runs_of_words(text: str, length: int = 9) -> set[tuple[str, ...]]:
    """Every run of so many words, whatever stands between them."""
    words = re.findall(r"\w+", text.casefold())
    return {tuple(words[i : i + length]) for i in range(len(words) - length + 1)}


@pytest.mark.skipif(not PAGES.is_dir(), reason=f"the pages are not at hand ({PAGES} is absent)")
def test_no_sentence_of_the_pages_is_in_the_project() -> None:
    theirs: set[tuple[str, ...]] = set()
    for page in PAGES.glob("*.txt"):
        text = page.read_text("utf-8")
        for span in sentences.split(text, Span(0, len(text))):
            theirs |= runs_of_words(span.of(text))
    copied = [
        f"{path.relative_to(ROOT)}: {' '.join(run)}"
        for path in project_files()
        for run in sorted(runs_of_words(path.read_text("utf-8")) & theirs)
    ]
    assert copied == []


def test_no_file_names_a_place_on_the_machine_it_was_written_on() -> None:
    roots = "|".join(("wo" + "rk", "ro" + "ot", "ho" + "me", "tm" + "p"))  # in pieces: this file is searched too
    places = re.compile(rf"(?<![\w.~])/(?:{roots})/[a-z]")
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()[:80]}"
        for path in project_files()
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if places.search(line)
    ]
    assert found == []
