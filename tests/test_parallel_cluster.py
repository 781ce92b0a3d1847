"""Reading on a Dask cluster of two workers: the same as in one process, whoever is killed; and no stranger gets in."""

from __future__ import annotations

import contextlib
import re
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

import kg
from kg import extraction
from kg.cli import main
from kg.errors import DocumentError, KgError
from kg.extraction import parallel
from kg.extraction.parallel import keys, versions, wire
from kg.reading import make_document
from kg.records import Document, Reading
from tests import poisoned
from tests.test_parallel import OWN, ROOT, contents, labels, told, written

pytest.importorskip("distributed", reason="Dask is not installed: pip install 'drug-facts[dask]'")

PAGE = "Sertraline may cause nausea. Sertraline is used to treat panic disorder.\n"


@dataclass(frozen=True, slots=True)
class Cluster:
    """A scheduler and two workers, as `kg cluster` starts them."""

    address: str
    tls: Path
    scheduler: subprocess.Popen[bytes]
    workers: tuple[subprocess.Popen[bytes], ...]

    def processes(self) -> list[psutil.Process]:
        """Everything that belongs to the cluster."""
        own = [psutil.Process(p.pid) for p in (self.scheduler, *self.workers)]
        return own + [child for process in own for child in process.children(recursive=True)]

    def readers(self) -> list[psutil.Process]:
        """The two processes that Dask reads in: those that its nannies start, and start again."""
        found = [c for p in self.workers for c in psutil.Process(p.pid).children() if "spawn_main" in str(c.cmdline())]
        assert len(found) == 2
        return found


@contextlib.contextmanager
def started(*arguments: str, log: Path, environment: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """Run a part of a cluster until the end of the block."""
    command = [sys.executable, "-m", "kg.cli", "cluster", *arguments]
    with log.open("wb") as stream:
        process = subprocess.Popen(command, stdout=stream, stderr=stream, env=environment, cwd=ROOT)
        try:
            yield process
        finally:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def said(log: Path, pattern: str, times: int = 1) -> str:
    """Wait until a part of the cluster says something, so many times."""
    for _ in range(1200):
        found = re.findall(pattern, log.read_text("utf-8"))
        if len(found) >= times:
            return str(found[0])
        time.sleep(0.1)
    raise AssertionError(log.read_text("utf-8"))


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Two workers with one thread each, with the hook for documents that kill, behind TLS on the loopback."""
    folder = tmp_path_factory.mktemp("cluster")
    tls = folder / "keys"
    keys.make(tls)
    # The first death of a worker of Dask is the last one that a document may cause, so that the test is quick.
    dask = {"DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "0", "DASK_TEMPORARY_DIRECTORY": str(folder / "scratch")}
    environment = {**poisoned.environment(folder), **dask, "KG_TLS": str(tls)}
    with contextlib.ExitStack() as stack:
        log = folder / "scheduler.log"
        first = stack.enter_context(started("scheduler", "--port", "0", log=log, environment=environment))
        address = said(log, r"Scheduler at: +(tls://127\.0\.0\.1:\d+)")
        worker = ("worker", address, "--threads", "1")
        workers = tuple(
            stack.enter_context(started(*worker, log=folder / f"{number}.log", environment=environment))
            for number in (1, 2)
        )
        said(log, "Register worker addr", 2)
        yield Cluster(address, tls, first, workers)


# The same as in one process -----------------------------------------------------------------------------------------


def test_what_is_read_is_what_one_process_reads(cluster: Cluster, tmp_path: Path) -> None:
    written(tmp_path, "a.txt", "b.html", "c.md")
    (tmp_path / "empty.txt").write_text("")
    (tmp_path / "no drug.txt").write_text("Nothing is said here about anything.\n")
    paths = [labels(tmp_path / "labels.json", 9), tmp_path, *OWN]
    alone = told(extraction.extract_files(paths))
    assert sum(isinstance(item, Reading) for item in alone) >= 14
    assert told(parallel.readings(paths, scheduler=cluster.address, tls=cluster.tls)) == alone
    assert not [child for p in cluster.readers() for child in p.children()]  # no process of ours stays on the cluster


def test_a_build_gives_the_same_bytes(cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, options in (("one", []), ("many", ["--scheduler", cluster.address, "--tls", str(cluster.tls)])):
        assert main(["build", *map(str, OWN), "--facts", str(tmp_path / name), *options]) == 0
    assert contents(tmp_path / "one") == contents(tmp_path / "many") != {}
    monkeypatch.setenv(keys.VARIABLE, str(cluster.tls))
    graph = kg.build(OWN[0], scheduler=cluster.address)
    assert {str(quad) for quad in graph.store} == {str(quad) for quad in kg.build(OWN[0]).store} != set()


# Deaths -------------------------------------------------------------------------------------------------------------


def test_killed_workers_are_made_up_for(cluster: Cluster) -> None:
    pages = [make_document(f"{number}.txt", OWN[0].read_text("utf-8")) for number in range(30)]
    alone = told(extraction.extract_documents(pages))
    results: list[Reading | DocumentError] = []
    orphans: list[psutil.Process] = []
    for result in parallel.statements_of(pages, scheduler=cluster.address, tls=cluster.tls):
        results.append(result)
        if len(results) == 2:
            reader = cluster.readers()[0]
            orphans += reader.children()
            reader.send_signal(signal.SIGKILL)  # a worker of Dask, with all that it had in hand
        if len(results) == 8:
            poisoned.workers(cluster.workers[1].pid)[0].send_signal(signal.SIGKILL)  # a process of ours
    assert told(iter(results)) == alone
    assert orphans
    assert poisoned.gone(orphans)


@pytest.mark.slow
def test_a_document_that_ends_its_worker_costs_itself_only(cluster: Cluster, tmp_path: Path) -> None:
    names = ["a.txt", "b.txt", "killed.txt", "killing.txt", "m.txt", "z.txt"]
    folder = written(tmp_path, *names)
    expected = told(extraction.extract_files([folder]))
    expected[names.index("killed.txt")] = f"killed.txt: {poisoned.DIED} (SIGKILL), {poisoned.AGAIN}"
    both = "the workers of the cluster that read it died"
    expected[names.index("killing.txt")] = f"killing.txt: {both}, {poisoned.AGAIN}"
    assert told(parallel.readings([folder], scheduler=cluster.address, tls=cluster.tls)) == expected


@pytest.mark.slow
def test_a_cluster_that_is_gone_is_an_error_on_one_line(tmp_path: Path) -> None:
    log = tmp_path / "log"
    environment = {**poisoned.environment(tmp_path), "DASK_DISTRIBUTED__COMM__TIMEOUTS__CONNECT": "2s"}
    pages = written(tmp_path / "pages", "a.txt", "endless.txt")
    with started("scheduler", "--port", "0", log=log, environment=environment) as scheduler:
        address = said(log, r"Scheduler at: +(tcp://127\.0\.0\.1:\d+)")
        with started("worker", address, log=tmp_path / "1.log", environment=environment) as worker:
            command = [sys.executable, "-m", "kg.cli", "extract", str(pages), "--scheduler", address]
            with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT) as ours:
                assert ours.stdout is not None
                assert b"a.txt" in ours.stdout.readline()
                scheduler.kill()
                _, err = ours.communicate(timeout=120)
            for reader in psutil.Process(worker.pid).children():  # they would wait for their scheduler
                reader.kill()
            worker.kill()
    last = err.decode().splitlines()[-1]
    assert last.startswith(f"kg: {address}: the cluster failed ("), err.decode()
    assert ours.returncode == 2


# Who may speak with it ----------------------------------------------------------------------------------------------


def test_everything_listens_on_the_loopback_alone(cluster: Cluster) -> None:
    listening = [
        connection.laddr
        for process in cluster.processes()
        for connection in process.net_connections("inet")
        if connection.status == psutil.CONN_LISTEN
    ]
    assert len(listening) >= 5  # a scheduler, two workers, two nannies
    assert {address.ip for address in listening} == {"127.0.0.1"}


def test_pages_for_browsers_are_off(cluster: Cluster) -> None:
    import http.client

    ports = {
        connection.laddr.port
        for process in cluster.processes()
        for connection in process.net_connections("inet")
        if connection.status == psutil.CONN_LISTEN
    }
    answers = {}
    for port in ports:
        for page in ("/health", "/status", "/info/main/workers.html", "/json/index.html", "/metrics"):
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
            with contextlib.suppress(OSError, http.client.HTTPException), contextlib.closing(connection):
                connection.request("GET", page)
                answers[port, page] = connection.getresponse().status
    assert {page for (_, page), status in answers.items() if status == 200} == {"/health"}


def test_who_has_no_certificate_is_refused(cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    host, port = "127.0.0.1", int(cluster.address.rpartition(":")[2])
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(cluster.tls / "ca.pem")
    context.check_hostname = False

    def first_byte() -> bytes:
        with socket.create_connection((host, port), timeout=10) as plain, context.wrap_socket(plain) as secured:
            return secured.recv(1)

    with pytest.raises((ssl.SSLError, ConnectionResetError)):
        first_byte()
    context.load_cert_chain(cluster.tls / "cert.pem", cluster.tls / "key.pem")
    assert first_byte()
    keys.make(tmp_path / "others")
    monkeypatch.setattr("kg.extraction.parallel.cluster.CONNECTING", 3)
    for address, tls in ((cluster.address, tmp_path / "others"), (cluster.address.replace("tls", "tcp"), None)):
        with pytest.raises(KgError, match="no scheduler can be reached"):
            list(parallel.statements_of([make_document("a.txt", PAGE)], scheduler=address, tls=tls))


@pytest.mark.parametrize("command", ["scheduler", "worker tcp://127.0.0.1:1"])
@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "::"])  # noqa: S104 - what must be refused
def test_nothing_listens_beyond_this_machine_without_keys(
    command: str, host: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv(keys.VARIABLE, raising=False)
    assert main(["cluster", *command.split(), "--host", host]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "keys" in line


def test_a_worker_must_be_found_by_its_scheduler(cluster: Cluster, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["cluster", "worker", "tls://192.0.2.1:8786", "--tls", str(cluster.tls)]) == 2
    assert capsys.readouterr().err.endswith("; name one with --host\n")


def test_workers_of_another_version_are_refused(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    theirs = versions.version()
    monkeypatch.setattr(versions, "version", lambda lexicon=None: {**theirs, "ontology": "0123"})  # noqa: ARG005
    with pytest.raises(KgError, match=r"^tls://127\.0\.0\.1:\d+: reads with another ontology") as caught:
        list(parallel.statements_of([make_document("a.txt", PAGE)], scheduler=cluster.address, tls=cluster.tls))
    assert not str(caught.value).startswith(f"{cluster.address}:")  # it names the worker, not the scheduler


def test_more_documents_than_a_message_should_hold_pass(cluster: Cluster) -> None:
    large: Document = make_document("a.txt", PAGE + "Take it with food.\n" + " " * 11_000_000)
    (result,) = parallel.statements_of([large], scheduler=cluster.address, tls=cluster.tls)
    assert isinstance(result, Reading)
    assert result.document == large
    assert result.statements


def test_what_was_read_is_kept_nowhere(cluster: Cluster) -> None:
    from kg.extraction.parallel.cluster import Cluster as Workers

    workers = Workers(cluster.address, None, parallel.LIMIT, cluster.tls)
    try:
        tasks = [workers.start("a.txt", wire.to_read(make_document("a.txt", PAGE), None)) for _ in range(9)]
        assert len({task.result() for task in tasks}) == 1
        assert workers.open == set()
        del tasks
        wanted: object = "not asked"
        for _ in range(100):
            # A cluster that others use holds tasks of theirs.
            wanted = workers._client.run_on_scheduler(
                lambda dask_scheduler, client: [str(t) for t in dask_scheduler.clients[client].wants_what],
                client=workers._client.id,
            )
            if not wanted:
                break
            time.sleep(0.1)
        assert wanted == []
    finally:
        workers.close()
