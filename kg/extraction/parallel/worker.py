"""A worker: a process that reads one document after another, told what to read by its standard input.

It speaks in frames, eight bytes of length and then the content. It ends at once, whatever it is doing, when its input
ends: when the program that started it closes it, or is killed itself, no worker is left behind.
"""

from __future__ import annotations

import gc
import json
import os
import queue
import sys
import threading
from pathlib import Path
from typing import IO

from kg.errors import KgError
from kg.extraction import extractor
from kg.extraction.parallel import versions, wire

_LENGTH, _LONGEST = 8, 1 << 32
_SELDOM = 50_000, 50, 50  # cycles are looked for as seldom as the command line does


def main() -> None:
    """Load everything once, say so, and answer requests until there are no more."""
    incoming, outgoing = os.fdopen(0, "rb", closefd=False), os.fdopen(int(sys.argv[2]), "wb")
    settings = json.loads(read_frame(incoming))
    requests: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(incoming, requests), daemon=True).start()
    lexicon = Path(settings["lexicon"]) if settings["lexicon"] else None
    try:
        extractor(lexicon)
        reply = wire.ready(versions.version(lexicon))
    except KgError as error:
        reply = wire.failed(error)
    gc.freeze()
    gc.set_threshold(*_SELDOM)
    while True:
        try:
            write_frame(outgoing, reply)
        except OSError:  # nobody is there any more
            os._exit(0)
        reply = wire.answer(requests.get(), lexicon)


def read_frame(stream: IO[bytes]) -> bytes:
    """Read one frame.

    Raises
    ------
    EOFError
        When the stream ends before the frame does, or this is no frame.
    """
    length = int.from_bytes(_exactly(stream, _LENGTH))
    if length > _LONGEST:
        raise EOFError
    return _exactly(stream, length)


def write_frame(stream: IO[bytes], content: bytes) -> None:
    """Write one frame."""
    stream.write(len(content).to_bytes(_LENGTH))
    stream.write(content)
    stream.flush()


def _exactly(stream: IO[bytes], length: int) -> bytes:
    content = stream.read(length)
    if len(content) < length:
        raise EOFError
    return content


def _listen(incoming: IO[bytes], requests: queue.SimpleQueue[bytes]) -> None:
    try:
        while True:
            requests.put(read_frame(incoming))
    except (EOFError, OSError):
        os._exit(0)


def command() -> list[str]:
    """Return the command that starts a worker with the modules of this program, and none of the current folder."""
    # From here on, what any module prints goes where errors go: it must not come between the frames.
    code = (
        "import json, os, sys; sys.path[:] = json.loads(sys.argv[1]); sys.argv.append(str(os.dup(1))); os.dup2(2, 1); "
        "from kg.extraction.parallel import worker; worker.main()"
    )
    return [sys.executable, "-P", "-c", code, json.dumps(sys.path)]
