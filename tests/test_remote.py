"""A server that misbehaves is named on one line, gives no part of an answer, and learns nothing that it must not."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import shutil
import ssl
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs

import pyoxigraph as ox
import pytest

import kg
from kg import cli
from kg.errors import GraphError, QueryError
from kg.graph.remote import layout, login, push, store, wire
from kg.graph.remote.store import RemoteStore
from kg.graph.remote.wire import Wire
from kg.questions import run
from tests import servers
from tests.servers import Reply

JSON = {"Content-Type": "application/sparql-results+json"}
FIRST, LAST = ox.NamedNode("urn:a"), ox.NamedNode("urn:b")


def results(*rows: dict[str, str], names: tuple[str, ...] = ("s", "p", "o")) -> bytes:
    """Write rows of IRIs, and of literals where they are no IRI."""
    bindings = [
        {name: {"type": "uri" if ":" in value else "literal", "value": value} for name, value in row.items()}
        for row in rows
    ]
    return json.dumps({"head": {"vars": list(names)}, "results": {"bindings": bindings}}).encode()


def manifest(*names: str, complete: bool = True) -> bytes:
    """Write what a server holds that says of some graphs that they are there."""
    held = layout.Pushed(dict.fromkeys((*names, layout.UNION.value), layout.EMPTY), complete=complete)  # type: ignore[arg-type]
    return results(*({"s": str(t.subject)[1:-1], "p": t.predicate.value, "o": t.object.value} for t in held.triples()))  # type: ignore[union-attr]


def always(status: int, headers: dict[str, str], body: bytes) -> Callable[..., Reply]:
    return lambda *_: (status, headers, body)


CHALLENGE = {"WWW-Authenticate": 'Basic realm="x"'}
NO_PUSH = results()
# What a server answers, and what is said of it.
ANSWERS: dict[str, tuple[Reply, str]] = {
    "asks who": ((401, CHALLENGE, b""), "the server wants to know who asks .401.; set KG_SERVER_USER and"),
    "forbids": ((403, {}, b""), "the server refuses .403.; set KG_SERVER_USER"),
    "has no such place": ((404, {}, b"no"), "the server answers 404"),
    "says what is wrong": (
        (400, {}, b"<html><b>Query</b> is\nwrong</html>"),
        "answers 400: Query is wrong;",
    ),
    "fails": ((500, {}, b""), "the server answers 500: without a word"),
    "has a web page": ((200, {"Content-Type": "text/html"}, b"<html>"), "gives no SPARQL results .text/html."),
    "has another format": ((200, JSON, b"<sparql/>"), "gives no SPARQL results"),
    "stops within the JSON": ((200, JSON, results({"s": "urn:a"})[:-9]), "gives no SPARQL results"),
    "says less than it promised": ((200, {**JSON, "Content-Length": "999"}, NO_PUSH), "the answer breaks off"),
    "had no time for all": ((200, {**JSON, "X-SQL-State": "S1TAT"}, NO_PUSH), "gives only a part .S1TAT."),
    "holds nothing of ours": ((200, JSON, NO_PUSH), "holds no graph of this package; run `kg push GRAPH ADDRESS`"),
    "was left half-way": ((200, JSON, manifest(complete=False)), "a push to it did not come to its end"),
    "was changed": ((200, JSON, manifest("urn:g").replace(b'"0"', b'"7"')), "does not fit its own hash"),
    "is damaged": ((200, JSON, manifest("urn:g").replace(b'"0"', b'"x"')), "is damaged; push the graph again"),
    "sends elsewhere": ((302, {"Location": "http://127.0.0.2:9/x"}, b""), "sends on to http://127.0.0.2:9/x; name"),
    "sends to a file": ((307, {"Location": "file:///etc/passwd"}, b""), "sends on to file:///etc/passwd; name"),
}


@pytest.fixture(autouse=True)
def nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever runs the tests is nobody to a server."""
    monkeypatch.delenv(login.USER, raising=False)
    monkeypatch.delenv(login.PASSWORD, raising=False)


@pytest.mark.parametrize("name", ANSWERS)
def test_what_a_server_does_wrong_is_said(name: str) -> None:
    answer, wanted = ANSWERS[name]
    with servers.stub(always(*answer)) as place, pytest.raises(GraphError, match=wanted) as error:
        RemoteStore(place + "/sparql")
    assert str(error.value).startswith(place)
    assert "\n" not in str(error.value)


def test_a_server_that_is_away() -> None:
    with pytest.raises(GraphError, match="nobody answers there; start the server, or check the address"):
        RemoteStore(f"http://127.0.0.1:{servers.free_port()}/sparql")


@pytest.mark.parametrize(
    ("address", "wanted"),
    [
        ("file:///etc/passwd", "is no address of a server"),
        ("ftp://127.0.0.1/x", "is no address of a server"),
        ("http:///x", "is no address of a server"),
        ("http://127.0.0.1:x/", "is no address"),
        ("http://127.0.0.1/a b", "is no address of a server"),
        ("http://127.0.0.1/a\r\nHost: x", "is no address of a server"),
        ("http://dba:fireside@127.0.0.1/x", "a name or password stands in the address"),
        ("http://127.0.0.1/x#y", "has a fragment"),
    ],
)
def test_addresses(address: str, wanted: str) -> None:
    with pytest.raises(GraphError, match=wanted) as error:
        Wire(address)
    assert "fireside" not in str(error.value)


def test_no_redirect_is_followed() -> None:
    hits: list[str] = []

    def listen(method: str, path: str, *_: object) -> Reply:
        hits.append(f"{method} {path}")
        return 200, JSON, manifest()

    with servers.stub(listen) as other, servers.stub(always(302, {"Location": other + "/sparql"}, b"")) as place:
        for ask in (lambda: RemoteStore(place + "/sparql"), lambda: push.graph_store(Wire(place + "/sparql"), None)):
            with pytest.raises(GraphError, match="sends on to"):
                ask()
    assert hits == []


@pytest.mark.parametrize(
    "sparql",
    [
        "SELECT * { SERVICE <PLACE> { ?s ?p ?o } }",
        "SELECT * { SERVICE SILENT <PLACE> { ?s ?p ?o } }",
        "SELECT * { \\u0053ERVICE <PLACE> { ?s ?p ?o } }",
        "SELECT * { { SELECT * { SERVICE ?g { ?s ?p ?o } } } }",
        "SELECT * FROM <PLACE> { ?s ?p ?o }",
        "SELECT * FROM NAMED <file:///etc/passwd> { GRAPH ?g { ?s ?p ?o } }",
        "LOAD <PLACE>",
    ],
)
def test_a_query_reaches_no_other_place(sparql: str) -> None:
    hits: list[str] = []

    def answer(_: str, path: str, *__: object) -> Reply:
        hits.append(path)
        return 200, JSON, manifest()

    with servers.stub(answer) as place:
        graph = RemoteStore(place + "/sparql")
        with pytest.raises(QueryError, match="reaches out of the graph"):
            run.run_text(graph, sparql.replace("PLACE", place + "/other"))
    assert hits == ["/sparql"]


def test_too_long_and_too_late(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "MAXIMUM_BYTES", 100)
    with servers.stub(always(200, JSON, b" " * 200)) as place, pytest.raises(GraphError, match="more than 100 bytes"):
        RemoteStore(place)
    monkeypatch.setattr(wire, "TIMEOUT", 0.05)

    def late(*_: object) -> Reply:
        time.sleep(0.5)
        return 200, JSON, manifest()

    with servers.stub(late) as place, pytest.raises(GraphError, match="no full answer within"):
        RemoteStore(place)


def of_server(rows: int, limit: int, counts: str) -> Callable[..., Reply]:
    """A server that has so many rows, gives at most `limit` at once, and counts what it likes."""

    def answer(_: str, __: str, ___: dict[str, str], body: bytes) -> Reply:
        query = parse_qs(body.decode())["query"][0]
        if "COUNT(" in query:
            return 200, JSON, results({"n": counts}, names=("n",))
        if layout.PUSHED.value in body.decode().replace("%2F", "/").replace("%3A", ":"):
            return 200, JSON, manifest()
        found = re.search(r"LIMIT (\d+) OFFSET (\d+)", query)
        start = int(found[2]) if found else 0
        given = range(start, min(rows, start + limit))
        return 200, JSON, results(*({"s": f"urn:s{n}", "o": f"urn:o{n}"} for n in given), names=("s", "o"))

    return answer


@pytest.mark.parametrize(
    ("rows", "limit", "counts", "is_whole"),
    [
        (30, 1000, "30", True),
        (100, 1000, "100", True),
        (1700, 1000, "1700", True),
        (1030, 200, "1030", True),
        (1700, 1000, "1800", False),
        (1234, 1100, "1200", False),
        (200, 1000, "201", False),
    ],
)
def test_an_answer_is_whole_or_an_error(rows: int, limit: int, counts: str, is_whole: bool) -> None:
    with servers.stub(of_server(rows, limit, counts)) as place:
        found = RemoteStore(place)
        if is_whole:
            assert sum(1 for _ in found.quads_for_pattern(None, FIRST, None, store.DEFAULT)) == rows
        else:
            with pytest.raises(GraphError, match=r"gives [0-9,]+ of [0-9,]+ rows; raise the server's limit of rows"):
                list(found.quads_for_pattern(None, FIRST, None, store.DEFAULT))


def hashed(kind: str, *parts: str) -> str:
    return hashlib.new(kind, ":".join(parts).encode()).hexdigest()


@pytest.mark.parametrize("kind", ["MD5", "SHA-256"])
def test_digest(kind: str) -> None:
    me, counts, name = login.Credentials('d"ba', 'fire:"side'), [], kind.replace("-", "").lower()

    def guarded(method: str, path: str, headers: dict[str, str], _: bytes) -> Reply:
        said = dict(re.findall(r'(\w+)="?((?:[^",\\]|\\.)*)', headers.get("authorization", "")))
        secret = hashed(name, me.user, "here, there", me.password)
        tail = (said.get("nc", ""), said.get("cnonce", ""), "auth", hashed(name, method, path))
        if said.get("response") != hashed(name, secret, "n0", *tail) or said["opaque"] != "o":
            ask = f'Digest realm="here, there", nonce="n0", opaque="o", qop="auth,auth-int", algorithm={kind}'
            return 401, {"WWW-Authenticate": ask}, b""
        counts.append(said["nc"])
        return 200, JSON, manifest()

    with servers.stub(guarded) as place:
        found = RemoteStore(place + "/sparql?x=1", me)
        store.manifest(found.wire)
        with pytest.raises(GraphError, match="the server refuses"):
            RemoteStore(place, login.Credentials(me.user, "wrong"))
    assert counts == ["00000001", "00000002"]


def test_basic_and_only_where_nobody_listens(monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = "Basic " + base64.b64encode(b"dba:fireside").decode()

    def guarded(_: str, __: str, headers: dict[str, str], ___: bytes) -> Reply:
        return (200, JSON, manifest()) if headers.get("authorization") == wanted else (401, CHALLENGE, b"")

    monkeypatch.setenv(login.USER, "dba")
    monkeypatch.setenv(login.PASSWORD, "fireside")
    with servers.stub(guarded) as place:
        assert len(RemoteStore(place)) == 0
    far = login.Login(login.from_environment(), "http://example.org/sparql")
    with pytest.raises(GraphError, match="the password would be sent in the clear; use an https:// address"):
        far.challenged(CHALLENGE["WWW-Authenticate"], is_safe=False)
    with pytest.raises(GraphError, match="asks for the login"):
        far.challenged("Negotiate", is_safe=True)
    assert "fireside" not in repr(login.from_environment())


def test_no_option_takes_a_password(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["push", "--help"]) == 0
    said = capsys.readouterr().out
    assert "KG_SERVER_PASSWORD" in said
    assert "--password" not in said


@pytest.mark.skipif(shutil.which("openssl") is None, reason="no openssl here to make a certificate with")
def test_a_certificate_that_nobody_vouches_for(tmp_path: Path) -> None:
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    make = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    subprocess.run([*make, "-keyout", str(key), "-out", str(certificate)], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    served = servers.stub(always(200, JSON, manifest()), context)
    with served as place, pytest.raises(GraphError, match="its certificate is not accepted"):
        RemoteStore(place.replace("http://", "https://"))


def test_where_the_graph_store_is() -> None:
    missing = b"no graph at "

    def answer(_: str, path: str, *__: object) -> Reply:
        at = path.partition("?")[0]
        return (404, {}, b"no such graph") if at == "/x/data" else (404, {}, missing + at.encode())

    with servers.stub(answer) as place:
        assert push.graph_store(Wire(place + "/x/query"), None).address == place + "/x/data"
        with pytest.raises(GraphError, match="no graph store is found beside it; name its address with --graph-store"):
            push.graph_store(Wire(place + "/y/query"), None)
        assert push.graph_store(Wire(place + "/y/query"), place + "/z").target == "/z"
        with pytest.raises(GraphError, match="is no address of a server"):
            push.graph_store(Wire(place + "/y/query"), "data")


def test_the_hash_of_a_set() -> None:
    lines = [layout.line(ox.Triple(FIRST, LAST, ox.Literal(str(n)))) for n in range(5)]

    def total(some: list[bytes]) -> layout.Held:
        found = layout.Sum()
        for line in some:
            found.add(line)
        return found.held()

    assert total(lines) == total(lines[::-1])
    assert len({total(lines), total(lines[1:]), total([*lines[1:], lines[1]]), layout.EMPTY}) == 4


@pytest.mark.parametrize("command", ["ask", "query", "fit", "explain", "compare", "contradictions", "check", "export"])
def test_every_command_says_that_a_server_is_away(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = f"http://127.0.0.1:{servers.free_port()}/sparql"
    words = {
        "ask": ["does clonazepam cause dizziness?"],
        "query": ["drugs"],
        "fit": ["clonazepam", "--patient", "pregnant"],
        "explain": ["clonazepam", "dizziness"],
        "compare": ["clonazepam", "sertraline"],
        "contradictions": ["clonazepam"],
        "check": [place],
        "export": [place, str(tmp_path / "out")],
    }
    named = [] if command in {"check", "export"} else ["--graph", place]
    assert cli.main([command, *words[command], *named]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.count("\n") == 1
    assert f"{place}: nobody answers there" in said.err


def test_a_graph_with_a_name_that_is_needed_is_not_pushed() -> None:
    taken = ox.Store()
    taken.add(ox.Quad(FIRST, LAST, FIRST, layout.UNION))
    served, wanted = servers.stub(always(200, JSON, NO_PUSH)), "is the name of a graph that a push needs"
    with served as place, pytest.raises(GraphError, match=wanted):
        push.push(taken, Wire(place), Wire(place))


def test_a_path_is_no_address(tmp_path: Path) -> None:
    (tmp_path / "http:").mkdir()
    with pytest.raises(GraphError, match=r"no such file or folder|holds no facts"):
        kg.open(tmp_path / "http:" / "nothing")
