"""A process that answers queries of strangers, one after the other; it may be killed at any time.

It is started anew (never forked from the server, whose threads would come along), gives up the network before it loads
the engine, cannot write files, and opens the store for reading. Standard input is the socket to the server. Each
message is a head in JSON and as many bytes as the head says. The answer is complete before its first byte is sent.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import resource
import signal
import socket
import struct
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from kg.errors import QueryError
from kg.web.sparql import counting

if TYPE_CHECKING:
    import pyoxigraph as ox

HEAD = struct.Struct(">II")
_NEW_USER, _NEW_NETWORK = 0x10000000, 0x40000000
_GRACE = 5
"""Seconds after which a worker whose server is gone ends by itself."""


def main() -> int:
    """Answer until the server closes its end."""
    limits = json.loads(sys.argv[1])
    isolated = cut_off()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    with socket.socket(fileno=os.dup(0)) as server:
        try:
            store = _opened(limits["data"])
        except (OSError, ValueError) as error:
            send(server, {"ok": False, "problem": str(error)})
            return 1
        kept = resident()
        bounded = limit_memory(limits["memory"])
        send(server, {"ok": True, "isolated": isolated, "bounded": bounded})
        while True:
            try:
                asked = receive(server)[0]
            except (EOFError, OSError):
                return 0
            signal.setitimer(signal.ITIMER_REAL, limits["timeout"] + _GRACE)
            head, body = answer(store, asked, limits)
            head["spent"] = resident() - kept > limits["memory"] // 4
            send(server, head, body)
            signal.setitimer(signal.ITIMER_REAL, 0)


def cut_off() -> bool:
    """Leave the network, where the system lets us; must come before anything that starts a thread.

    Other namespaces than the user's own are tried where that one is refused: the first is open to everybody on most
    systems, the second to the superuser only.
    """
    if not sys.platform.startswith("linux"):
        return False
    unshare = ctypes.CDLL(None, use_errno=True).unshare
    return any(unshare(flags) == 0 for flags in (_NEW_USER | _NEW_NETWORK, _NEW_NETWORK))


def limit_memory(megabytes: int) -> bool:
    """Allow so much memory beyond what the open store takes."""
    try:
        pages = int(open("/proc/self/statm").read().split()[0])  # noqa: PTH123, SIM115 - pathlib costs the start 5 ms
    except OSError:
        pages = 0
    most = pages * resource.getpagesize() + megabytes * 1_000_000
    try:
        resource.setrlimit(resource.RLIMIT_AS, (most, most))
    except (OSError, ValueError):
        return False
    return sys.platform.startswith("linux")


def resident() -> int:
    """Return how many megabytes of memory are in use."""
    with contextlib.suppress(OSError), open("/proc/self/statm") as stream:  # noqa: PTH123 - as above
        return int(stream.read().split()[1]) * resource.getpagesize() // 1_000_000
    return 0


def answer(store: ox.Store, asked: dict[str, Any], limits: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
    """Answer a query, or say why not; never raises."""
    from kg.graph import terms
    from kg.questions import guard

    import pyoxigraph as ox  # isort: skip

    def known(iri: str) -> bool:
        with contextlib.suppress(ValueError):
            return store.contains_named_graph(ox.NamedNode(iri))
        return False

    try:
        sparql = guard.check(asked["sparql"], "query", known)
        dataset = _dataset(asked, known)
        found = store.query(sparql, prefixes=terms.PREFIXES, **dataset)
        if isinstance(found, ox.QueryTriples):
            return _serialised(asked, "graph", lambda form: _triples(found, form, limits))
        return _serialised(asked, "rows", lambda form: _rows(found, form, limits))
    except SyntaxError as error:
        return {"ok": False, "why": "syntax", "problem": str(error), "sparql": sparql}, b""
    except QueryError as error:
        return {"ok": False, "why": "refused", "problem": error.problem, "remedy": error.remedy}, b""
    except counting.TooMuchError as error:
        return {"ok": False, "why": "large", "problem": str(error)}, b""
    except MemoryError:
        return {"ok": False, "why": "memory"}, b""
    except (RuntimeError, ValueError, OSError, TypeError, OverflowError) as error:
        return {"ok": False, "why": "failed", "problem": str(error)}, b""


def _opened(data: str) -> ox.Store:
    import pyoxigraph as ox

    from kg.graph import terms  # noqa: F401 - loaded before the memory is limited
    from kg.questions import guard  # noqa: F401

    return ox.Store.read_only(data)


def _dataset(asked: dict[str, Any], known: Callable[[str], bool]) -> dict[str, Any]:
    """Return the dataset that the request names; the one of the query otherwise."""
    import pyoxigraph as ox

    default, named = asked["default_graphs"], asked["named_graphs"]
    for iri in (*default, *named):
        if not known(iri):
            raise QueryError("query", f"the graph <{iri[:200]}> is not here", "name a graph of this endpoint")
    if not default and not named:
        return {}
    return {"default_graph": [ox.NamedNode(i) for i in default], "named_graphs": [ox.NamedNode(i) for i in named]}


def _serialised(asked: dict[str, Any], what: str, write: Callable[[str], bytes]) -> tuple[dict[str, Any], bytes]:
    if asked[what] is None:
        return {"ok": False, "why": "unacceptable"}, b""
    return {"ok": True, "graph": what == "graph"}, write(asked[what])


def _rows(found: ox.QuerySolutions | ox.QueryBoolean, media_type: str, limits: dict[str, Any]) -> bytes:
    import pyoxigraph as ox

    form = ox.QueryResultsFormat.from_media_type(media_type)
    if form is None:
        raise ValueError(f"{media_type} is no format of rows")
    written = counting.Bounded(limits["answer_bytes"], limits["rows"], counting.COUNTERS[form.file_extension])
    found.serialize(written, form)  # type: ignore[arg-type]
    return written.whole()


def _triples(found: ox.QueryTriples, media_type: str, limits: dict[str, Any]) -> bytes:
    import pyoxigraph as ox

    from kg.graph import terms

    form = ox.RdfFormat.from_media_type(media_type)
    if form is None:
        raise ValueError(f"{media_type} is no format of graphs")
    written = counting.Bounded(limits["answer_bytes"])
    ox.serialize(counting.at_most(found, limits["rows"]), written, form, prefixes=terms.PREFIXES)  # type: ignore[arg-type]
    return written.whole()


def send(connection: socket.socket, head: dict[str, Any], body: bytes = b"") -> None:
    """Send one message."""
    text = json.dumps(head).encode()
    connection.sendall(HEAD.pack(len(text), len(body)) + text)
    if body:
        connection.sendall(body)


def receive(connection: socket.socket) -> tuple[dict[str, Any], bytes]:
    """Receive one message, however long it takes.

    Raises
    ------
    EOFError
        When the other side is gone.
    """
    sizes = HEAD.unpack(_exactly(connection, HEAD.size))
    head, body = (_exactly(connection, size) for size in sizes)
    return json.loads(head), body


def _exactly(connection: socket.socket, size: int) -> bytes:
    parts = bytearray()
    while len(parts) < size:
        part = connection.recv(min(size - len(parts), 1 << 20))
        if not part:
            raise EOFError
        parts += part
    return bytes(parts)


if __name__ == "__main__":
    sys.exit(main())
