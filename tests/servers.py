"""SPARQL servers of others, started on the loopback with ports that are free, and a stub that misbehaves as it is told.

A server that cannot be installed here is skipped, with the reason.
"""

from __future__ import annotations

import http.client
import shutil
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from kg.graph.remote import login, push
from kg.graph.remote.wire import Wire

CREDENTIALS = login.Credentials("dba", "fireside")
ENGINES = ("oxigraph", "virtuoso")
_LONGEST_START = 60.0

_INI = """
[Database]
DatabaseFile = {folder}/v.db
ErrorLogFile = {folder}/v.log
LockFile = {folder}/v.lck
TransactionFile = {folder}/v.trx
xa_persistent_file = {folder}/v.pxa
TempStorage = TempDatabase
[TempDatabase]
DatabaseFile = {folder}/t.db
TransactionFile = {folder}/t.trx
[Parameters]
ServerPort = 127.0.0.1:{sql}
DisableUnixSocket = 1
NumberOfBuffers = 10000
MaxDirtyBuffers = 6000
CheckpointInterval = 0
ThreadsPerQuery = 1
[HTTPServer]
ServerPort = 127.0.0.1:{http}
ServerRoot = {folder}
ServerThreads = 5
MaxKeepAlives = 5
KeepAliveTimeout = 10
[SPARQL]
ResultSetMaxRows = 10000
MaxQueryExecutionTime = 120
"""
"""As Debian has it where it matters: no answer has more than 10,000 rows."""


class Server:
    """A server that was started, with its address for queries."""

    def __init__(self, address: str, command: list[str]) -> None:
        self.address, self._command = address, command
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, and wait until it answers."""
        self._process = subprocess.Popen(
            self._command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        end = time.monotonic() + _LONGEST_START
        while not self._answers():
            assert self._process.poll() is None, f"{self._command[0]} ended with {self._process.returncode}"
            assert time.monotonic() < end, f"{self._command[0]} does not answer"
            time.sleep(0.1)

    def kill(self) -> None:
        """End it at once, as a power cut would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def wire(self) -> Wire:
        """Return a connection to it."""
        return Wire(self.address, CREDENTIALS)

    def graph_store(self) -> Wire:
        """Return a connection to its graph store."""
        return push.graph_store(self.wire(), None, lambda address: Wire(address, CREDENTIALS))

    def _answers(self) -> bool:
        wire = Wire(self.address)
        connection = http.client.HTTPConnection(wire.host, wire.port, timeout=5)
        try:
            connection.request("GET", "/")
            return connection.getresponse().status > 0
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()


def free_port() -> int:
    """Return a port of the loopback that nobody uses."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


def oxigraph(folder: Path) -> Server:
    """Make ready the server of the package `oxigraph`, with its data in a folder."""
    program = Path(sys.executable).with_name("oxigraph")
    command = str(program) if program.exists() else shutil.which("oxigraph")
    if command is None:
        pytest.skip("no oxigraph server here: pip install 'drug-facts[servers]'")
    port = free_port()
    arguments = ["serve", "--location", str(folder / "data"), "--bind", f"127.0.0.1:{port}"]
    return Server(f"http://127.0.0.1:{port}/query", [command, *arguments])


def virtuoso(folder: Path) -> Server:
    """Make ready Virtuoso, with settings and data of its own in a folder."""
    command = shutil.which("virtuoso-t")
    if command is None:
        pytest.skip("no Virtuoso here: apt-get install virtuoso-opensource-7-bin")
    port = free_port()
    settings = folder / "virtuoso.ini"
    settings.write_text(_INI.format(folder=folder, sql=free_port(), http=port), encoding="utf-8")
    begin = [command, "+configfile", str(settings), "+foreground"]
    # makes the database, changes the password and ends
    made = [*begin, "+pwdold", "dba", "+pwddba", CREDENTIALS.password]
    subprocess.run(made, check=True, capture_output=True, timeout=120)
    return Server(f"http://127.0.0.1:{port}/sparql", begin)


@contextmanager
def running(engine: str, folder: Path) -> Iterator[Server]:
    """Run a server for a while."""
    server = {"oxigraph": oxigraph, "virtuoso": virtuoso}[engine](folder)
    try:
        server.start()
        yield server
    finally:
        server.kill()


Reply = tuple[int, dict[str, str], bytes]


@contextmanager
def stub(
    reply: Callable[[str, str, dict[str, str], bytes], Reply], context: ssl.SSLContext | None = None
) -> Iterator[str]:
    """Run a server that answers as a function tells; a `Content-Length` of its own is sent as it is."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _any(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            named = {name.lower(): value for name, value in self.headers.items()}
            status, headers, said = reply(self.command, self.path, named, body)
            self.send_response(status)
            for name, value in {"Content-Length": str(len(said)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(said)
            if headers.get("Content-Length", str(len(said))) != str(len(said)):
                self.close_connection = True

        do_GET = do_POST = do_PUT = do_DELETE = _any  # noqa: N815 names of the library

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
