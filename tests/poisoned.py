"""Documents that end the worker which reads them, for tests: what does it is put into the workers from outside.

Python imports `sitecustomize` from PYTHONPATH before anything else; there, the request that names such a document is
caught where it is taken apart. The program itself knows nothing of it.
"""

from __future__ import annotations

import os
from pathlib import Path

import psutil

HOOK = """
import json, os, pathlib, signal, sys, time

def once(name):
    mark = pathlib.Path(__file__).with_name(name)
    if not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)

DEEDS = {
    "killed.txt": lambda: os.kill(os.getpid(), signal.SIGKILL),
    "crashing.txt": lambda: os.kill(os.getpid(), signal.SIGSEGV),
    "leaving.txt": lambda: os._exit(7),
    "endless.txt": lambda: time.sleep(1000),
    "killed_once.txt": lambda: once("killed"),
    "killing.txt": lambda: os.kill(os.getppid(), signal.SIGKILL),
    "killed.html": lambda: os.kill(os.getpid(), signal.SIGKILL),
}
real = json.loads

def loads(content, **options):
    result = real(content, **options)
    if sys.argv[:1] == ["-c"] and isinstance(result, dict):
        named = result.get("path") or result.get("document", [""])[0]
        wanted = os.path.basename(named)
        if wanted in DEEDS and ("document" in result or wanted.endswith(".html")):
            DEEDS[wanted]()
    return result

json.loads = loads
"""

DIED = "the worker that read it died"
AGAIN = "and again when nothing else was read; report it; the document is left out"


def environment(folder: Path) -> dict[str, str]:
    """Write the hook, and return the environment that its workers need."""
    (folder / "sitecustomize.py").write_text(HOOK, "utf-8")
    return {**os.environ, "PYTHONPATH": str(folder)}


def workers(process: int) -> list[psutil.Process]:
    """The worker processes that a process has started, or one that it has started."""
    return [child for child in psutil.Process(process).children(recursive=True) if "worker.main()" in _of(child)]


def gone(processes: list[psutil.Process]) -> bool:
    """Wait until processes are gone, some seconds at most."""
    _, alive = psutil.wait_procs(processes, timeout=20)
    return not alive


def _of(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())
    except psutil.Error:  # it has just ended
        return ""
