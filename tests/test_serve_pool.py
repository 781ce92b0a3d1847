"""The processes that answer queries: what ends one costs one query, and nothing of it stays."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import signal
import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kg import files
from kg.errors import GraphError, QueryError
from kg.questions import guard
from kg.web.context import Settings
from kg.web.problems import RequestError
from kg.web.sparql import counting, worker
from kg.web.sparql.pool import Asked, Pool
from kg.web.sparql.turns import Turns

NODES = 60
SLOW = "SELECT (COUNT(*) AS ?n) { ?a ?p ?b . ?c ?q ?d . ?e ?r ?f FILTER(STR(?a) = CONCAT(STR(?f), 'x')) }"
FINE = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
WORDS = ("plain", 'a "quoted" word', "'''", "back\\slash", "\\u0041", "line\nend", "> } DROP ALL #", "é€𝄞", "<b>")


@pytest.fixture(scope="module")
def data() -> Iterator[Path]:
    with files.temporary("kg-test") as folder:
        store = ox.Store(str(folder))
        nodes = [ox.NamedNode(f"http://example.org/{number}") for number in range(NODES)]
        near = ox.NamedNode("http://example.org/near")
        store.bulk_extend(ox.Quad(a, near, b) for a in nodes for b in nodes)
        store.bulk_extend(ox.Quad(nodes[0], ox.NamedNode("http://example.org/word"), ox.Literal(w)) for w in WORDS)
        store.flush()
        del store
        yield folder


@pytest.fixture
def pool(data: Path) -> Iterator[Pool]:
    with started(data, Settings(timeout=2, memory=300)) as pool:
        yield pool


@contextlib.contextmanager
def started(data: Path, chosen: Settings) -> Iterator[Pool]:
    pool = Pool(chosen)
    pool.start(data)
    try:
        yield pool
    finally:
        pool.close()


def until(is_so: Callable[[], bool]) -> None:
    end = time.monotonic() + 30
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.02)


def worked(pid: int) -> int:
    """How many ticks of processor time a process has taken."""
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11])


def number(pool: Pool) -> int:
    return int(pool.run(Asked(FINE, "text/csv")).body.split()[1])


TRIPLES = NODES * NODES + len(WORDS)


@pytest.fixture
def patient(data: Path) -> Iterator[Pool]:
    """A pool that does not end the slow query before it is killed."""
    with started(data, Settings(timeout=60, memory=300)) as pool:
        yield pool


def test_a_worker_that_is_killed_costs_its_own_query(patient: Pool) -> None:
    pool = patient
    victims = [process.pid for process in pool._all]
    with ThreadPoolExecutor(1) as thread:
        asked = thread.submit(pool.run, Asked(SLOW))
        until(lambda: pool.state().idle == 1)
        (busy,) = pool._all - set(pool._idle._free)
        before = worked(busy.pid)
        until(lambda: worked(busy.pid) > before + 10)  # it has the query: one that dies before is replaced
        os.kill(busy.pid, signal.SIGKILL)
        with pytest.raises(RequestError, match="ended its process") as caught:
            asked.result()
    assert caught.value.status == 503
    assert number(pool) == TRIPLES
    until(lambda: pool.state().idle == 2)
    assert len({p.pid for p in pool._all} & set(victims)) == 1


def test_workers_that_are_killed_while_idle_cost_nobody_a_query(pool: Pool) -> None:
    for process in list(pool._all):
        os.kill(process.pid, signal.SIGKILL)
    until(lambda: not any(process.runs() for process in pool._all))
    for _ in range(6):
        assert number(pool) == TRIPLES
    until(lambda: pool.state().idle == 2)


def test_a_query_that_runs_too_long_is_ended_with_its_process(pool: Pool) -> None:
    with pytest.raises(RequestError, match="timeout: it ran for more than 2 seconds") as caught:
        pool.run(Asked(SLOW))
    assert caught.value.status == 503
    assert pool.state().counts["timeout"] == 1
    assert number(pool) == TRIPLES


def test_one_client_and_all_together_have_only_so_many_queries(data: Path) -> None:
    async def crowd(pool: Pool) -> list[Any]:
        held = [asyncio.ensure_future(pool.answer(Asked(SLOW), "one")) for _ in range(2)]
        await asyncio.sleep(0)
        others = [pool.answer(Asked(FINE), client) for client in ("one", "two", "three")]
        found = await asyncio.gather(*others, return_exceptions=True)
        return [*found, *await asyncio.gather(*held, return_exceptions=True)]

    with started(data, Settings(timeout=0.5, workers=1, waiting=2, queries_of_one=2)) as pool:
        one, two, three, *held = asyncio.run(crowd(pool))
        assert (one.status, one.headers["Retry-After"]) == (429, "1")
        assert (three.status, "waiting" in str(three)) == (503, True)
        assert {getattr(reply, "status", 200) for reply in (two, *held)} <= {200, 503}
        until(lambda: pool.state().idle == 1)
        assert number(pool) == TRIPLES
        assert pool.state().waiting == 0


def test_a_query_is_given_up_when_nobody_waits_for_it(data: Path) -> None:
    async def left() -> None:
        await asyncio.sleep(0.05)

    with started(data, Settings(timeout=120, workers=1)) as pool:
        start = time.monotonic()
        with pytest.raises(RequestError):
            asyncio.run(pool.answer(Asked(SLOW), "one", left))
        assert time.monotonic() - start < 60
        until(lambda: pool.state().idle == 1)
        assert number(pool) == TRIPLES


def test_a_worker_that_has_grown_is_replaced(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with started(data, Settings(timeout=30, workers=1)) as pool:
        before = {process.pid for process in pool._all}
        assert number(pool) == TRIPLES
        assert {process.pid for process in pool._all} == before
        (process,) = pool._all
        ask = process.ask
        monkeypatch.setattr(process, "ask", lambda *given: ({**(found := ask(*given))[0], "spent": True}, found[1]))
        assert number(pool) == TRIPLES
        until(lambda: len(pool._all) == 1 and pool.state().idle == 1)
        assert not {process.pid for process in pool._all} & before
        assert number(pool) == TRIPLES


def test_a_graph_that_is_replaced_on_disk_is_not_mixed_with_the_old_one(data: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(data, tmp_path / "data"))
    with started(copy, Settings(timeout=0.5)) as pool:
        shutil.rmtree(copy)
        shutil.copytree(data, copy)
        assert number(pool) == TRIPLES
        for _ in range(2):
            with pytest.raises(RequestError, match="timeout"):
                pool.run(Asked(SLOW))
        with pytest.raises(RequestError, match="has been replaced on disk"):
            pool.run(Asked(FINE))


def test_a_store_that_cannot_be_opened_is_told(tmp_path: Path) -> None:
    pool = Pool(Settings(workers=1))
    with pytest.raises(GraphError, match="cannot be opened"):
        pool.start(tmp_path / "nothing")
    with pytest.raises(RequestError, match="starting or stopping"):
        asyncio.run(pool.answer(Asked(FINE)))


def test_closing_ends_every_process(data: Path) -> None:
    pool = Pool(Settings(timeout=60))
    pool.start(data)
    pids = [process.pid for process in pool._all]
    with ThreadPoolExecutor(1) as thread:
        asked = thread.submit(pool.run, Asked(SLOW))
        until(lambda: pool.state().idle == 1)
        pool.close()
        with pytest.raises(RequestError, match="stopping"):
            asked.result()
    for pid in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


def test_a_worker_can_neither_dump_nor_write_and_has_a_limit_of_memory(pool: Pool) -> None:
    for process in pool._all:
        lines = Path(f"/proc/{process.pid}/limits").read_text().splitlines()
        limits = {line[:26].strip(): line[26:].split()[0] for line in lines}
        assert limits["Max core file size"] == limits["Max file size"] == "0"
        assert limits["Max address space"].isdigit()
        own = Path("/proc/self/ns/net").stat().st_ino
        assert pool.state().network_isolated is (Path(f"/proc/{process.pid}/ns/net").stat().st_ino != own)
        environment = Path(f"/proc/{process.pid}/environ").read_bytes()
        assert b"HOME=" not in environment and b"KG_VOCABULARY" not in environment


def test_eight_threads_are_answered_as_one(pool: Pool) -> None:
    queries = [
        Asked(f"SELECT ?b {{ <http://example.org/{n}> <http://example.org/near> ?b }} ORDER BY ?b LIMIT {n + 1}")
        for n in range(NODES)
    ]
    serial = [pool.run(query).body for query in queries]
    assert len(set(serial)) == NODES
    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(lambda query: pool.run(query).body, queries * 27)) == serial * 27


def test_who_waits_longest_is_next() -> None:
    turns: Turns[str] = Turns()
    turns.give("a")
    assert turns.take(1) == "a"
    assert turns.take(0.01) is None
    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(turns.take, 30)
        until(lambda: len(turns._waiting) == 1)
        second = threads.submit(turns.take, 30)
        until(lambda: len(turns._waiting) == 2)
        turns.give("b")
        turns.give("c")
        turns.give("d")
        assert (first.result(), second.result(), turns.take(0)) == ("b", "c", "d")


LIMITS = {"answer_bytes": 100_000, "rows": 1_000, "memory": 100, "timeout": 5}


@given(
    text=st.text(
        st.one_of(st.sampled_from("\"'\\>}{<#\n\r\tu0041"), st.characters(codec="utf-8", exclude_characters="\x00"))
    )
)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_a_literal_holds_is_never_taken_for_a_query(text: str) -> None:
    """Terms are written by their constructor: the answer is what a filter of our own gives, and nothing changes."""
    words = {*WORDS, text}
    store = ox.Store()
    node = ox.NamedNode("http://example.org/a")
    store.extend(ox.Quad(node, node, ox.Literal(word)) for word in words)
    asked = {
        "sparql": f"SELECT ?o {{ ?s ?p ?o FILTER(?o = {ox.Literal(text)}) }}",
        "rows": "application/sparql-results+json",
    }
    head, body = worker.answer(store, {**asked, "graph": None, "default_graphs": (), "named_graphs": ()}, LIMITS)
    if not head["ok"]:
        assert head["why"] == "refused", head
        assert any(word in text.lower() for word in ("service", "load", "from")) or len(text) > 60
    else:
        (row,) = json.loads(body)["results"]["bindings"]
        assert row["o"]["value"] == text
    assert len(store) == len(words)


@given(rows=st.lists(st.text(st.sampled_from('"\\{}[],\n\r;:ab é'), max_size=8), max_size=30))
@settings(max_examples=100, deadline=None)
def test_rows_are_counted_exactly_in_every_format(rows: list[str]) -> None:
    values = " ".join(f"({ox.Literal(row)} {ox.Literal(row, language='en')})" for row in rows)
    found = f"SELECT ?a ?b ?none {{ VALUES (?a ?b) {{ {values} }} }}"
    for form in (
        ox.QueryResultsFormat.JSON,
        ox.QueryResultsFormat.XML,
        ox.QueryResultsFormat.CSV,
        ox.QueryResultsFormat.TSV,
    ):
        result = ox.Store().query(found)
        assert isinstance(result, ox.QuerySolutions)
        text = result.serialize(format=form)
        assert text is not None and counting.COUNTERS[form.file_extension](text) == len(rows)


def test_a_message_that_is_cut_is_no_message() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        worker.send(ours, {"a": 1}, b"body")
        assert worker.receive(theirs) == ({"a": 1}, b"body")
        ours.sendall(worker.HEAD.pack(10, 0) + b"{}")
        ours.shutdown(socket.SHUT_WR)
        with pytest.raises(EOFError):
            worker.receive(theirs)


HERE = {"http://example.org/here", "http://example.org/too"}


@pytest.mark.parametrize(
    ("sparql", "passes"),
    [
        ("SELECT * FROM <http://example.org/here> { ?s ?p ?o }", True),
        ("SELECT * FROM NAMED <http://example.org/too> FROM <http://example.org/here> { ?s ?p ?o }", True),
        ("PREFIX e: <http://example.org/> ASK FROM e:here { ?s ?p ?o }", True),
        ("PREFIX : <http://example.org/> DESCRIBE ?s FROM :here WHERE { ?s ?p ?o }", True),
        ("# from\nSELECT * from # <x>\n <http://example.org/here> { ?s ?p ?o }", True),
        ("SELECT * FROM <http://example.org/there> { ?s ?p ?o }", False),
        ("SELECT * FROM <http://example.org/here> FROM <file:///etc/passwd> { ?s ?p ?o }", False),
        ("PREFIX e: <http://example.org/there/> ASK FROM e:here { ?s ?p ?o }", False),
        ("PREFIX e: <http://example.org/> PREFIX e: <file:///> ASK FROM e:here { ?s ?p ?o }", False),
        ("BASE <http://example.org/> ASK FROM <here> { ?s ?p ?o }", False),
        ("ASK { ?s ?p ?o FROM <http://example.org/here> }", False),
        ("ASK FROM <http://example.org/here> { SERVICE <http://example.org/here> { } }", False),
        ("LOAD <http://example.org/here>", False),
    ],
)
def test_from_may_name_what_is_here(sparql: str, passes: bool) -> None:
    try:
        guard.check(sparql, "query", HERE.__contains__)
        assert passes
    except QueryError as error:
        assert not passes and "reaches out of the graph" in str(error)
    with pytest.raises(QueryError, match="reaches out of the graph"):
        guard.check(sparql, "query")
