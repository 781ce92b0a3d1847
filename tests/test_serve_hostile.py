"""What strangers send to a server: it costs their own query, and reaches nothing outside of the graph."""

from __future__ import annotations

import contextlib
import functools
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests import serving

serving.needs_packages()

PREFIX = f"PREFIX : <{serving.BASE}> "
FINE = "SELECT (COUNT(*) AS ?n) FROM :clique { ?a :near ?b }"
EDGES = serving.CLIQUE * (serving.CLIQUE - 1)


def still_fine() -> None:
    """The server is the same process, and answers the next query."""
    server = serving.shared()
    os.kill(server.pid, 0)
    reply = server.query(PREFIX + FINE, "text/csv")
    assert (reply.status, reply.text) == (200, f"n\r\n{EDGES}\r\n"), reply.text


# From how many on the engine's own process ends, and how a query is made deep or long: it begins, each level or part,
# what is innermost, the end of each level, and the end of all.
DEEP: dict[str, tuple[int, str, str, str, str, str]] = {
    "groups": (2_250, "SELECT * { ", "{", "", "}", "}"),
    "optional, nested": (2_930, "SELECT * { ", "OPTIONAL { ", "", "}", "}"),
    "parentheses": (4_800, "SELECT * { FILTER", "(", "1", ")", "}"),
    "sub-selects": (2_000, "SELECT * { ", "{ SELECT * ", "{}", "}", "}"),
    "exists": (2_000, "SELECT * { FILTER ", "EXISTS { FILTER ", "(1)", "}", "}"),
    "not": (9_500, "SELECT * { FILTER(", "!", "1", "", ") }"),
    "minus signs": (4_800, "SELECT (", "-(", "1", ")", " AS ?x) {}"),
    "blank nodes": (10_000, "SELECT * { ?s ?p ", "[ <a:none> ", "1", "]", "}"),
    "lists": (10_000, "SELECT * { ?s <a:none> ", "( ", "1", ")", "}"),
    "triple terms": (10_000, "SELECT * { ?s <a:none> ", "<<( ?s ?p ", "1", ")>>", "}"),
    "paths in parentheses": (4_800, "SELECT * { <a:none> ", "(", "<a:p>", "*)", " ?o }"),
    "functions": (4_800, "SELECT (", "STR(", "1", ")", " AS ?x) {}"),
}
LONG: dict[str, tuple[int, str, str, str, str, str]] = {
    "optional, chained": (2_640, "SELECT * { ", "OPTIONAL { ?a <a:none> ?c } ", "", "", "}"),
    "or": (9_500, "SELECT * { FILTER(true ", "|| true ", "", "", ") }"),
    "and": (9_500, "SELECT * { FILTER(true ", "&& true ", "", "", ") }"),
    "plus": (6_900, "SELECT (1 ", "+ 1 ", "", "", "AS ?x) { }"),
    "union": (6_500, "SELECT * { {} ", "UNION {} ", "", "", "}"),
    "patterns": (8_300, "SELECT * { ", "?s <a:none> ?o. ", "", "", "}"),
    "objects": (8_300, "SELECT * { ?s <a:none> ?o ", ", ?o ", "", "", "}"),
    "a path of many": (8_300, "SELECT * { ?s <a:b>", "/<a:b>", "", "", " ?o }"),
    "a choice of many": (8_300, "SELECT * { ?s <a:b>", "|<a:b>", "", "", " ?o }"),
    "filters": (8_300, "SELECT * { ", "FILTER(1) ", "", "", "}"),
    "things to describe": (5_000, "DESCRIBE ", "<a:> ", "", "", ""),
}
ALL = DEEP | LONG


def made(sort: str, number: int) -> str:
    """A query of so many levels or parts."""
    _, start, one, innermost, end, last = ALL[sort]
    return f"{start}{one * number}{innermost}{end * number}{last}"


@pytest.mark.parametrize("times", [1, 10, pytest.param(100, marks=pytest.mark.slow)])
@pytest.mark.parametrize("sort", ALL)
def test_deep_and_long_queries_are_refused(sort: str, times: int) -> None:
    reply = serving.shared().query(made(sort, ALL[sort][0] * times))
    assert reply.status in {400, 413}, reply.status
    wanted = ("nested", "at most", "brackets") if reply.status == 400 else ("bytes",)
    assert any(word in reply.text for word in wanted), reply.text
    if times == 100:
        still_fine()


@pytest.mark.parametrize("sort", ALL)
def test_queries_that_are_just_allowed_are_answered(sort: str) -> None:
    number = {"sub-selects": 60, "triple terms": 30}.get(sort, 60 if sort in DEEP else 98)
    reply = serving.shared().query(made(sort, number), "*/*")
    assert reply.status == 200, reply.text


NEIGHBOURS = "SELECT ?b FROM :clique { :nNUMBER :near ?b } ORDER BY ?b"
EDGE = "FROM :clique { ?a :near ?b } LIMIT"
NEAR = "SELECT * FROM :clique { ?a :near ?b . ?c :near ?d . ?e :near ?f }"
ENDLESS = {
    "a cross join that is counted": "SELECT (COUNT(*) AS ?n) FROM :clique { ?a :near ?b . ?c :near ?d . ?e :near ?f }",
    "a cross join that is ordered": NEAR + " ORDER BY ?f ?a",
    "a cross join that is joined into a text": NEAR.replace("*", "(GROUP_CONCAT(STR(?a)) AS ?n)", 1),
    "a cross join of different rows": NEAR.replace("*", "(COUNT(DISTINCT *) AS ?n)", 1),
    "stars of stars": "SELECT (COUNT(*) AS ?n) FROM :clique { ?a ((:near*)*)* ?b . ?b ((:near*)*)* ?c }",
    "a filter that is never true": NEAR.replace("}", "FILTER(STR(?a) = CONCAT(STR(?f), 'x')) }"),
    "a text that doubles": "SELECT (STRLEN(?z) AS ?n) { BIND('xxxxxxxxxxxxxxxx' AS ?b0) "
    + " ".join(f"BIND(CONCAT(?b{i}, ?b{i}) AS ?b{i + 1})" for i in range(60))
    + " BIND(?b60 AS ?z) }",
}


@pytest.mark.slow
@pytest.mark.parametrize("sort", ENDLESS)
def test_queries_without_end_are_ended(sort: str) -> None:
    server = serving.shared()
    before = server.resident()
    start = time.monotonic()
    reply = server.query(PREFIX + ENDLESS[sort])
    assert time.monotonic() - start < 2 + 1 + 5, "the limit of two seconds, and what a busy machine adds"
    assert reply.status == 503, reply.text
    assert "timeout" in reply.text or "memory" in reply.text, reply.text
    assert "bindings" not in reply.text
    still_fine()
    assert server.resident() - before < 20


@pytest.mark.parametrize("accept", ["application/sparql-results+json", "application/sparql-results+xml", "text/csv"])
def test_an_answer_over_its_limit_is_an_error_and_never_a_part(accept: str) -> None:
    server = serving.shared()
    over = server.query(f"{PREFIX} SELECT ?a ?b {EDGE} 3001", accept)
    assert over.status == 400 and "more than 3,000 rows" in over.text
    just = server.query(f"{PREFIX} SELECT ?a ?b {EDGE} 3000", accept)
    assert just.status == 200
    graph = server.query(PREFIX + "CONSTRUCT FROM :clique WHERE { ?a :near ?b }", "text/turtle")
    assert graph.status == 400 and "more than 3,000 triples" in graph.text


@contextlib.contextmanager
def listener() -> Iterator[tuple[int, list[object]]]:
    """A port of this machine, and everybody who came."""
    came: list[object] = []
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        listening.settimeout(0.05)
        done = threading.Event()

        def listen() -> None:
            while not done.is_set():
                with contextlib.suppress(TimeoutError):
                    connection, address = listening.accept()
                    came.append(address)
                    connection.close()

        thread = threading.Thread(target=listen)
        thread.start()
        try:
            yield listening.getsockname()[1], came
        finally:
            time.sleep(0.1)
            done.set()
            thread.join()


OUTSIDE = (
    "SELECT * { SERVICE <URL> { ?s ?p ?o } }",
    "SELECT * { SERVICE SILENT <URL> { ?s ?p ?o } }",
    "SELECT * { BIND(<URL> AS ?u) SERVICE ?u { ?s ?p ?o } }",
    "SELECT * { VALUES ?u { <URL> } SERVICE SILENT ?u { ?s ?p ?o } }",
    "SELECT * { \\u0053ERVICE <URL> { ?s ?p ?o } }",
    "SELECT * { SERV\\U00000049CE <URL> { ?s ?p ?o } }",
    "SELECT * { sErViCe#x\n<URL> { ?s ?p ?o } }",
    "SELECT * { { SELECT * { SERVICE <URL> { ?s ?p ?o } } } }",
    "SELECT * { FILTER EXISTS { SERVICE <URL> { ?s ?p ?o } } }",
    "SELECT * { ?s ?p ?o MINUS { SERVICE <URL> { ?s ?p ?o } } }",
    "CONSTRUCT { ?s ?p ?o } { SERVICE <URL> { ?s ?p ?o } }",
    "PREFIX u: <URL> SELECT * { SERVICE u: { ?s ?p ?o } }",
    "BASE <URL> SELECT * { SERVICE <x> { ?s ?p ?o } }",
    "LOAD <URL>",
    "LOAD SILENT <URL> INTO GRAPH <a:b>",
    "L\\u004fAD <URL>",
    "SELECT * FROM <URL> { ?s ?p ?o }",
    "SELECT * FROM NAMED <URL> { GRAPH ?g { ?s ?p ?o } }",
    "PREFIX u: <URL> SELECT * FROM u: { ?s ?p ?o }",
    "BASE <URL> SELECT * FROM <x> { ?s ?p ?o }",
    "SELECT * \\u0046ROM <URL> { ?s ?p ?o }",
    "DESCRIBE <a:b> FROM <URL>",
    "ASK FROM <URL> { ?s ?p ?o }",
    "SELECT * { ?s ?p ?o } FROM <URL>",
)


@pytest.mark.parametrize("query", OUTSIDE)
def test_nothing_is_fetched(query: str) -> None:
    with listener() as (port, came):
        reply = serving.shared().query(query.replace("URL", f"http://127.0.0.1:{port}/graph.ttl"))
        assert 400 <= reply.status < 500, reply.text
    assert came == []


CANARY = "the bird that nobody may see"


@pytest.mark.parametrize("query", OUTSIDE)
def test_no_file_is_read(query: str, tmp_path: Path) -> None:
    file = tmp_path / "canary.ttl"
    file.write_text(f'<a:b> <a:c> "{CANARY}" .')
    reply = serving.shared().query(query.replace("URL", file.as_uri()), "*/*")
    assert 400 <= reply.status < 500 and CANARY not in reply.text


def test_a_dataset_of_the_request_reads_and_fetches_nothing(tmp_path: Path) -> None:
    file = tmp_path / "canary.ttl"
    file.write_text(f'<a:b> <a:c> "{CANARY}" .')
    with listener() as (port, came):
        for url in (file.as_uri(), str(file), f"http://127.0.0.1:{port}/graph.ttl"):
            for default, named in (([url], []), ([], [url])):
                query = "SELECT * { { ?s ?p ?o } UNION { GRAPH ?g { ?s ?p ?o } } }"
                reply = serving.shared().query(query, default_graph_uri=default, named_graph_uri=named)
                assert reply.status == 400 and CANARY not in reply.text
    assert came == []


@functools.cache
def can_be_cut_off() -> bool:
    code = "from kg.web.sparql import worker; print(worker.cut_off())"
    return "True" in subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout


def test_a_worker_has_no_network_even_where_a_query_slips_through() -> None:
    """The same request with and without the namespace: it is what keeps the engine here."""
    if not can_be_cut_off():
        pytest.skip("this system does not permit a network namespace; the status page of the server says so")
    code = (
        "import sys\nfrom kg.web.sparql import worker\nif sys.argv[2] == 'cut': assert worker.cut_off()\n"
        "import pyoxigraph\n"
        "try: list(pyoxigraph.Store().query('SELECT * { SERVICE <%s> { ?s ?p ?o } }' % sys.argv[1]))\n"
        "except (RuntimeError, OSError, ValueError) as e: print('no')\n"
    )
    for how, wanted in (("cut", 0), ("open", 1)):
        with listener() as (port, came):
            url = f"http://127.0.0.1:{port}/sparql"
            subprocess.run([sys.executable, "-c", code, url, how], capture_output=True, check=True, timeout=60)
        assert min(len(came), 1) == wanted, how


EVIL = (
    "^(a+)+$", "^(a|a)*$", "^(a|aa)+$", "(a*)*b", "(.*a){20}", "^(([a-z])+.)+[A-Z]([a-z])+$", "(x+x+)+y",
    "^(\\\\w+\\\\s?)*$", "(a?){50}a{50}", "([^b]*)*c",
)  # fmt: skip


@pytest.mark.parametrize("pattern", EVIL)
def test_patterns_of_strangers_take_no_time(pattern: str) -> None:
    reply = serving.shared().query(f"SELECT (REGEX('{'a' * 50_000}!', '{pattern}') AS ?v) {{ }}")
    assert reply.status == 200, reply.text


@pytest.mark.parametrize(
    "expression",
    [
        "xsd:decimal('1E+200000000')",
        "xsd:decimal('1" + "0" * 5_000 + "')",
        "xsd:integer('" + "9" * 5_000 + "')",
        "9" * 5_000 + " + 1",
        "1" + "0" * 300 + ".5 * 2",
        "1E+200000000",
        "1E+400 * 10",
        "'" + "9" * 5_000 + "'^^xsd:integer",
        "'P" + "9" * 500 + "Y'^^xsd:duration",
    ],
)
def test_numbers_that_are_small_to_write_and_huge_to_hold(expression: str) -> None:
    reply = serving.shared().query(f"PREFIX xsd: <http://www.w3.org/2001/XMLSchema#> SELECT ({expression} AS ?v) {{ }}")
    assert reply.status in {200, 400}
    assert len(reply.body) < 20_000
    still_fine()


@pytest.mark.parametrize("script", ["<script>window.XSS=1</script>", "\"'><img src=x onerror=alert(1)>"])
def test_what_scripts_a_page_is_told_as_text(script: str) -> None:
    """The endpoint answers in plain text; what is not there is a page, with its name escaped."""
    server = serving.shared()
    told = server.query("SELECT * { " + script, "text/html, */*")
    assert told.status == 400 and told.media_type == "text/plain"
    missing = server.ask("GET", f"/{script.replace(' ', '')}")
    assert missing.status == 404 and missing.media_type == "text/html"
    assert "window.XSS" in missing.text or "onerror" in missing.text, "a page without the payload proves nothing"
    assert "<script>" not in missing.text and "<imgsrc" not in missing.text
    for reply in (told, missing):
        assert reply.headers["x-content-type-options"] == "nosniff"


def test_eight_at_once_are_answered_as_one_after_the_other() -> None:
    server = serving.shared()
    queries = [PREFIX + NEIGHBOURS.replace("NUMBER", str(number)) for number in range(serving.CLIQUE)]
    serial = [server.query(query).body for query in queries]
    assert len(set(serial)) == serving.CLIQUE
    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(lambda query: server.query(query).body, queries * 2)) == serial * 2


def children(pid: int) -> list[Path]:
    """The processes that a process has started and that still run, by their place in /proc."""
    tasks = Path(f"/proc/{pid}/task").iterdir()
    return [Path("/proc", child) for task in tasks for child in (task / "children").read_text().split()]


def runs(process: Path) -> bool:
    """Whether a worker still runs; one that has ended but was not yet buried has no command line."""
    with contextlib.suppress(OSError):
        return b"kg.web" in (process / "cmdline").read_bytes()
    return False


def test_workers_end_with_a_server_that_is_killed(tmp_path: Path) -> None:
    graph = tmp_path / "one.ttl"
    graph.write_text("<a:b> <a:c> 1 .")
    command = [sys.executable, "-m", "kg.cli", "serve", str(graph), "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=serving.ROOT) as server:
        assert server.stdout is not None and server.stdout.readline()
        workers = children(server.pid)
        assert len(workers) == 2 and all(map(runs, workers))
        server.send_signal(signal.SIGKILL)
    end = time.monotonic() + 30
    while any(map(runs, workers)):
        assert time.monotonic() < end, "a worker is left over"
        time.sleep(0.05)
