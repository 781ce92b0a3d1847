"""Reading with several processes: the same as with one, whatever dies; and nothing is left behind."""

from __future__ import annotations

import ast
import itertools
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

import kg
from kg import cli, extraction, reading
from kg.errors import DocumentError, KgError, VocabularyError
from kg.extraction import parallel
from kg.extraction.parallel import keys, lanes, local, versions, wire, worker
from kg.graph import disk
from kg.graph import manifest as manifests
from kg.reading import make_document
from kg.records import Document, Product, Reading, Section, Span
from tests import poisoned

ROOT = Path(__file__).resolve().parents[1]
OWN = sorted((ROOT / "tests" / "documents" / "development").glob("[a-z]*.txt"))[:4]
PAGE = "Sertraline may cause nausea. Sertraline is used to treat panic disorder.\n"
OTHER = "Warfarin may cause bleeding. Do not use it in pregnancy.\n"


def written(folder: Path, *names: str, text: str = PAGE) -> Path:
    """Write small documents."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, name in enumerate(names):
        page = f"<html><body><main><p>{text}</p></main></body></html>" if name.endswith(".html") else text
        (folder / name).write_text(page if number % 2 else page.replace(PAGE, OTHER), "utf-8")
    return folder


def labels(path: Path, count: int) -> Path:
    """Write a file of many labels."""
    result = [
        {
            "id": f"label-{number}",
            "openfda": {"brand_name": ["Zoloft"], "generic_name": ["SERTRALINE"]},
            "contraindications": [f"Sertraline is contraindicated in patients who take pimozide. Case {number}."],
            "adverse_reactions": ["The most common adverse reactions were nausea, insomnia and dizziness."],
        }
        for number in range(count)
    ]
    path.write_text(json.dumps({"results": result}), "utf-8")
    return path


def told(results: Iterator[Reading | DocumentError]) -> list[object]:
    """What comes out, errors as their lines."""
    return [str(r) if isinstance(r, DocumentError) else r for r in results]


def contents(folder: Path) -> dict[str, bytes]:
    """Every file of a folder that was built, without the store: it may be deleted at any time, and holds times."""
    files = (p for p in sorted(folder.rglob("*")) if p.is_file() and disk.STORE_FOLDER not in p.parts)
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in files if p.name != manifests.MANIFEST_FILE}


# The same as in one process -----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Pages, a file of many labels, a web page, and what cannot be read."""
    folder = tmp_path_factory.mktemp("mixed")
    written(folder, "a.txt", "b.html", "c.md")
    (folder / "empty.txt").write_text("")
    (folder / "no drug.txt").write_text("Nothing is said here about anything.\n")
    (folder / "packed.gz").write_bytes(b"\x1f\x8b")
    (folder / "wrong.json").write_text("{")
    (folder / "wrong.pdf").write_bytes(b"%PDF-1.7 and nothing else")
    written(folder / "twice", "a.txt", text=OTHER)
    written(folder / "twice", "c.md")
    labels(folder / "labels.json", 12)
    return [folder, *OWN]


def test_what_is_read_is_what_one_process_reads(mixed: list[Path]) -> None:
    alone = told(extraction.extract_files(mixed))
    assert sum(isinstance(line, str) for line in alone) >= 5
    assert sum(isinstance(item, Reading) for item in alone) >= 15
    assert told(parallel.readings(mixed, jobs=3)) == alone


def test_documents_at_hand_go_the_same_way() -> None:
    pages = [make_document(f"{n}.txt", text) for n, text in enumerate((PAGE, OTHER, "Take it with food.\n"))]
    given: list[Document | DocumentError] = [*pages[:2], DocumentError("x.txt", "is odd", "mend it"), *pages[2:]]
    for drug in (None, "warfarin"):
        alone = told(extraction.extract_documents(given, drug))
        assert told(parallel.statements_of(given, drug, jobs=2)) == alone


RUNS = (
    # jobs, hash seed, locale, time zone, whether the documents are named in the opposite order
    ("1", "0", "C", "UTC", False),
    ("2", "1", "C.UTF-8", "Asia/Kathmandu", True),
    ("3", "4242", "tr_TR.UTF-8", "America/St_Johns", False),
)


def test_a_build_gives_the_same_bytes(mixed: list[Path], tmp_path: Path) -> None:
    folders = []
    for jobs, seed, locale, zone, turned in RUNS:
        folder = tmp_path / f"{jobs}.kg"
        paths = [str(path) for path in (reversed(OWN[:2]) if turned else OWN[:2])] + [str(mixed[0] / "labels.json")]
        command = [sys.executable, "-m", "kg.cli", "build", *paths, "--facts", str(folder), "--jobs", jobs]
        environment = {**os.environ, "PYTHONHASHSEED": seed, "LC_ALL": locale, "TZ": zone}
        subprocess.run(command, check=True, env=environment, cwd=ROOT, capture_output=True)
        folders.append(contents(folder))
    assert len(folders[0]) >= 15
    assert folders[0] == folders[1] == folders[2]


def test_the_interface_takes_jobs() -> None:
    graph, alone = kg.build(OWN[:2], jobs=2), kg.build(OWN[:2])
    assert {str(quad) for quad in graph.store} == {str(quad) for quad in alone.store} != set()


def test_few_documents_are_on_their_way_at_a_time() -> None:
    taken = 0

    def pages() -> Iterator[Document]:
        nonlocal taken
        for taken in range(1, 61):
            yield make_document(f"{taken}.txt", PAGE)

    most = 0
    for given, _ in enumerate(parallel.statements_of(pages(), jobs=2), 1):
        most = max(most, taken - given)
    assert taken == 60
    assert 1 <= most <= 2 * local.AHEAD


def test_a_file_of_many_is_handed_out_document_by_document(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = []
    real = reading.read
    monkeypatch.setattr(reading, "read", lambda path: opened.append(path) or real(path))  # type: ignore[func-returns-value]
    written(tmp_path, "a.html", "b.txt")
    labels(tmp_path / "many.json", 6)
    assert len(list(parallel.readings([tmp_path], jobs=2))) == 8
    assert [path.name for path in opened] == ["many.json"]  # the others are opened by the workers


def test_a_document_goes_over_the_wire_whole() -> None:
    page = make_document("a\udcff.txt", "Heading\n\nSertraline 💊 may cause nausea ≥ 10 %.\r\n")
    product = Product(("Zoloft",), ("SERTRALINE",), ())
    section = Section(Span(0, 7), frozenset({"effects", "cautions"}))
    for document in (page, replace(page, product=product, sections=(section,))):
        request = wire.to_read(document, None)
        alone = list(extraction.extract_documents([document]))
        said = wire.reading_of(wire.answer(request, None), document)
        assert [said] == alone
        assert isinstance(said, Reading)
        assert said.statements
        assert [type(s.qualifiers) for s in said.statements] == [type(s.qualifiers) for s in alone[0].statements]  # type: ignore[union-attr]


def test_quotes_are_cut_from_the_text_that_is_here() -> None:
    document = make_document("a.txt", PAGE)
    reply = wire.answer(wire.to_read(document, None), None)
    assert b"may cause nausea." not in reply
    said = wire.reading_of(reply, document)
    assert isinstance(said, Reading)
    assert {s.evidence.quote for s in said.statements} <= {s.strip() + "." for s in PAGE.strip().split(".")}


# Deaths -------------------------------------------------------------------------------------------------------------


DEATHS = {
    "killed.txt": f"{poisoned.DIED} (SIGKILL), {poisoned.AGAIN}",
    "crashing.txt": f"{poisoned.DIED} (SIGSEGV), {poisoned.AGAIN}",
    "leaving.txt": f"{poisoned.DIED} (exit code 7), {poisoned.AGAIN}",
    "killed.html": f"{poisoned.DIED} (SIGKILL), {poisoned.AGAIN}",
    "endless.txt": "is not read after 5 seconds; report it; the document is left out",
    "killed_once.txt": "",
}
"""Documents, and what is said when the worker that reads them ends; nothing where it is read the second time."""


@pytest.mark.slow
def test_a_document_that_ends_its_worker_costs_itself_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", poisoned.environment(tmp_path)["PYTHONPATH"])
    names = [*DEATHS, *(f"{letter}.txt" for letter in "abcdfgmnoz")]
    monkeypatch.chdir(written(tmp_path / "pages", *names))
    paths = sorted(map(Path, names))
    alone = told(extraction.extract_files(paths))
    expected = [
        f"{path}: {DEATHS[path.name]}" if DEATHS.get(path.name) else said
        for path, said in zip(paths, alone, strict=True)
    ]
    assert told(parallel.readings(paths, jobs=2, limit=5)) == expected
    assert poisoned.workers(os.getpid()) == []


@pytest.mark.slow
def test_a_worker_that_is_killed_between_and_amid_documents_is_made_up_for() -> None:
    pages = [make_document(f"{number}.txt", (PAGE + OTHER) * 20) for number in range(40)]
    alone = told(extraction.extract_documents(pages))
    results, killed = [], 0
    for result in parallel.statements_of(pages, jobs=2):
        results.append(result)
        if len(results) % 12 == 1:  # what was read when the last one was killed is there: none is killed twice over it
            for process in poisoned.workers(os.getpid())[:1]:
                process.send_signal(signal.SIGKILL)
                killed += 1
    assert killed >= 3
    assert told(iter(results)) == alone


def test_all_that_is_read_alone_is_read_alone() -> None:
    gate, inside, seen = lanes.Gate(), 0, []

    def visit(number: int) -> None:
        nonlocal inside
        alone = number % 5 == 0
        with gate.alone() if alone else gate.among_others():
            inside += 1
            time.sleep(0.002)
            seen.append((alone, inside))
            inside -= 1

    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(visit, range(60)))
    assert len(seen) == 60
    assert {count for alone, count in seen if alone} == {1}
    assert max(count for alone, count in seen if not alone) > 1


# Errors that concern every document --------------------------------------------------------------------------------


def test_a_lexicon_that_is_none_ends_the_run(tmp_path: Path) -> None:
    with pytest.raises(VocabularyError, match="no such lexicon"):
        list(parallel.statements_of([make_document("a.txt", PAGE)], lexicon=tmp_path / "none", jobs=2))
    assert poisoned.workers(os.getpid()) == []


@pytest.mark.parametrize(("jobs", "scheduler"), [(0, None), (-1, None), (2, "tcp://127.0.0.1:1")])
def test_numbers_that_cannot_be(jobs: int, scheduler: str | None) -> None:
    with pytest.raises(KgError, match=r"^jobs: "):
        list(parallel.statements_of([], jobs=jobs, scheduler=scheduler))


def test_workers_of_another_version_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    ours = versions.version()
    versions.check(ours, ours, "worker")
    for name in ours:
        with pytest.raises(KgError, match=rf"^host:1: reads with another {name} \(other\)"):
            versions.check({**ours, name: "other"}, ours, "host:1")
    monkeypatch.setattr(versions, "version", lambda lexicon=None: {**ours, "ontology": "0123"})  # noqa: ARG005
    with pytest.raises(KgError, match=r"^worker: reads with another ontology"):
        list(parallel.statements_of([make_document("a.txt", PAGE)], jobs=2))


def test_a_version_tells_lexicons_apart(tmp_path: Path) -> None:
    found = {versions.version()["vocabulary"]}
    for content in ("a", "b"):
        (tmp_path / content).mkdir()
        (tmp_path / content / "names").write_text(content)
        found.add(versions.version(tmp_path / content)["vocabulary"])
    assert len(found) == 3


def test_a_worker_that_cannot_start_is_an_error_for_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "command", lambda: [sys.executable, "-c", "raise SystemExit(3)"])
    with pytest.raises(KgError, match=r"^worker: dies before it reads anything \(exit code 3\)"):
        list(parallel.statements_of([make_document("a.txt", PAGE)], jobs=2))
    monkeypatch.setattr(worker, "command", lambda: ["no such program"])
    with pytest.raises(KgError, match=r"^worker: cannot be started"):
        list(parallel.statements_of([make_document("a.txt", PAGE)], jobs=2))


# How many -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("megabytes", "processors", "expected"),
    [(0.001, 8, 1), (2.9, 8, 1), (3.1, 8, 2), (6.1, 8, 4), (600, 8, 8), (600, 1, 1)],
)
def test_the_number_of_processes_fits_the_work(
    megabytes: float, processors: int, expected: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parallel, "_processors", lambda: processors)
    for name in ("a.txt", "b.txt"):
        with (tmp_path / name).open("wb") as stream:
            stream.truncate(int(megabytes * 500_000))  # takes no room on the disk
    assert parallel.jobs_for([tmp_path, tmp_path / "a.txt"]) == expected


# A process of its own -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGKILL], ids=lambda s: s.name)
def test_no_worker_outlives_the_program(ending: signal.Signals, tmp_path: Path) -> None:
    pages = written(tmp_path / "pages", "endless.txt", "a.txt")
    command = [sys.executable, "-m", "kg.cli", "extract", str(pages / "endless.txt"), str(pages), "--jobs", "2"]
    environment = poisoned.environment(tmp_path)
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment, cwd=ROOT
    ) as process:
        found: list[psutil.Process] = []
        for _ in range(900):
            found = poisoned.workers(process.pid)
            if len(found) == 2 and all(child.cpu_times().user > 0.1 for child in found):  # they have loaded something
                break
            time.sleep(0.1)
        assert len(found) == 2
        assert [c for child in found for c in child.net_connections()] == []  # they listen to nobody
        process.send_signal(ending)
        out, err = process.communicate(timeout=120)
    assert poisoned.gone(found)
    assert (out, err) == (b"", b"")
    assert process.returncode == (cli.INTERRUPTED if ending == signal.SIGINT else -ending)


def test_leaving_early_ends_the_workers() -> None:
    endless = (make_document(f"{number}.txt", PAGE) for number in itertools.count())
    results = parallel.statements_of(endless, jobs=2)
    next(results)
    found = poisoned.workers(os.getpid())
    assert len(found) == 2
    results.close()  # type: ignore[attr-defined]
    assert poisoned.gone(found)


def test_what_a_worker_prints_does_not_come_between(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(
        "import json\nreal = json.dumps\n"
        "json.dumps = lambda *a, **k: print('hello from outside', flush=True) or real(*a, **k)\n"
    )
    code = "import sys\nfrom pathlib import Path\nfrom kg.extraction import parallel\n"
    code += "print(len([r.statements for r in parallel.readings([Path(sys.argv[1])], jobs=2)]))"
    page = written(tmp_path / "pages", "a.txt", "b.txt")
    environment = {**os.environ, "PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}"}
    # No `if __name__ == "__main__"`: workers do not run the program that starts them again.
    (tmp_path / "program.py").write_text(code)
    command = [sys.executable, str(tmp_path / "program.py"), str(page)]
    run = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    assert run.stdout.splitlines()[-1] == "2"
    assert run.stderr.count("hello from outside") >= 4  # two workers are ready and answer


def test_a_worker_takes_no_module_from_the_current_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written(tmp_path, "a.txt")
    (tmp_path / "lxml.py").write_text("raise SystemExit(9)")
    (tmp_path / "json.py").write_text("raise SystemExit(9)")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*filter(None, sys.path)])
    assert len(list(parallel.readings([Path("a.txt")], jobs=2))) == 1


# Safety -------------------------------------------------------------------------------------------------------------

UNSAFE = {"pickle", "cPickle", "dill", "cloudpickle", "joblib", "shelve", "marshal", "torch"}


def test_nothing_is_pickled() -> None:
    for path in sorted((ROOT / "kg").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            named = {alias.name.split(".")[0] for alias in node.names} if isinstance(node, ast.Import) else set()
            if isinstance(node, ast.ImportFrom):
                named = {(node.module or "").split(".")[0], *(alias.name for alias in node.names)}
            if isinstance(node, ast.Attribute | ast.Name):
                named = {node.attr if isinstance(node, ast.Attribute) else node.id}
            assert not (named & UNSAFE or {n for n in named if n.endswith("_pickle")}), f"{path}:{node.lineno}"  # type: ignore[attr-defined]
    ours = [
        path
        for name in ("kg", "ontology", "facts", "queries", "training", "tests")
        for path in (ROOT / name).rglob("*")
    ]
    assert len(ours) > 500
    assert [path for path in ours if path.suffix in (".pkl", ".pickle", ".joblib", ".pt")] == []


ADDRESSES = (
    ("tcp://127.0.0.1:8786", None),
    ("tcp://localhost:8786", None),
    ("tcp://[::1]:8786", None),
    ("tcp://127.8.9.1:8786", None),
    ("tcp://10.0.0.5:8786", "is not encrypted, and leaves this machine; use tls://"),
    ("tcp://0.0.0.0:8786", "is not encrypted, and leaves this machine; use tls://"),
    ("tcp://localhost.example.org:8786", "is not encrypted, and leaves this machine; use tls://"),
    ("tcp://127.0.0.1.example.org:8786", "is not encrypted, and leaves this machine; use tls://"),
    ("tls://10.0.0.5:8786", "needs keys, and no folder of keys is named; name it with --tls or KG_TLS"),
    ("127.0.0.1:8786", "is no address of a scheduler; write tcp://127.0.0.1:8786"),
    ("http://127.0.0.1:8786", "is no address of a scheduler"),
    ("tcp://127.0.0.1", "is no address of a scheduler"),
    ("tcp://127.0.0.1:seven", "is no address of a scheduler"),
    ("", "is no address of a scheduler"),
)


@pytest.mark.parametrize(("address", "problem"), ADDRESSES)
def test_addresses(address: str, problem: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(keys.VARIABLE, raising=False)
    if problem is None:
        assert keys.checked(address) is None
        return
    with pytest.raises(KgError) as caught:
        keys.checked(address)
    assert problem in str(caught.value)


def test_without_dask_it_is_said_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "dask", None)
    monkeypatch.setitem(sys.modules, "distributed", None)
    for command in (["extract", str(OWN[0]), "--scheduler", "tcp://127.0.0.1:1"], ["cluster", "scheduler"]):
        assert cli.main(command) == 2
        (line,) = capsys.readouterr().err.splitlines()
        assert line.endswith("not installed; install it: pip install 'drug-facts[dask]'")


def test_keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = tmp_path / "keys"
    keys.make(place)
    assert sorted(p.name for p in place.iterdir()) == ["ca.pem", "cert.pem", "key.pem"]
    assert {p.stat().st_mode & 0o777 for p in place.iterdir()} == {0o600}
    assert place.stat().st_mode & 0o777 == 0o700
    with pytest.raises(KgError, match="holds keys already"):
        keys.make(place)
    assert keys.checked("tls://10.0.0.5:8786", place) == place
    monkeypatch.setenv(keys.VARIABLE, str(place))
    assert keys.checked("tls://10.0.0.5:8786") == place
    assert keys.checked("tcp://127.0.0.1:8786") is None
    with pytest.raises(KgError, match="keys are named; write tls://"):
        keys.checked("tcp://127.0.0.1:8786", place)
    (place / "key.pem").unlink()
    with pytest.raises(KgError, match=r"key\.pem: is missing"):
        keys.checked("tls://10.0.0.5:8786")


def test_the_option_and_its_default_say_the_same() -> None:
    from kg.cli import workers

    assert workers.LIMIT == parallel.LIMIT
