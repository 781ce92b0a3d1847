"""`kg cluster`: starts the parts of a Dask cluster so that nobody else can speak with them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import typer

from kg import cli
from kg.cli import screen, workers
from kg.errors import KgError

app = typer.Typer(help="Start a scheduler and workers for --scheduler, and make their keys.", no_args_is_help=True)

LOOPBACK = "127.0.0.1"
HostOption = Annotated[
    str, typer.Option(metavar="ADDRESS", help="Where it listens; anywhere but on this machine, keys are needed.")
]


@app.command("keys")
def keys_command(place: Annotated[Path, typer.Argument(metavar="FOLDER", help="A new folder.")]) -> int:
    """Make the keys of a new cluster: copy the folder to each host, and show it to nobody else."""
    from kg.extraction.parallel import keys

    keys.make(place)
    screen.note(f"{place}: keys for a year; who has this folder can run programs on the cluster.")
    return cli.DONE


@app.command("scheduler")
def scheduler_command(
    host: HostOption = LOOPBACK,
    port: Annotated[int, typer.Option(min=0, max=65535, metavar="N", help="The port that it listens on.")] = 8786,
    tls: workers.TlsOption = None,
) -> int:
    """Start a scheduler, which hands documents out to its workers; encrypted where keys are named."""
    from kg.extraction.parallel import keys

    place = "kg cluster scheduler"
    named = tls is not None or bool(os.environ.get(keys.VARIABLE))
    folder = keys.folder(place, tls) if named or not keys.is_loopback(host) else None
    return _run("dask_scheduler", place, ["--host", host, "--port", str(port)], folder)


@app.command("worker")
def worker_command(
    scheduler: Annotated[str, typer.Argument(metavar="SCHEDULER", help="Its address, as tcp://127.0.0.1:8786.")],
    host: HostOption = LOOPBACK,
    threads: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="Documents read at a time; by default one a processor.")
    ] = None,
    tls: workers.TlsOption = None,
) -> int:
    """Start a worker, which reads documents; it is started again should it die."""
    from kg.extraction.parallel import keys

    folder = keys.checked(scheduler, tls)
    if folder is None and not keys.is_loopback(host):
        remedy = "use tls:// and keys (kg cluster keys), or leave --host out"
        raise KgError(host, "a worker that is not encrypted must not listen beyond this machine", remedy)
    if keys.is_loopback(host) and not keys.is_loopback(urlsplit(scheduler).hostname or ""):
        raise KgError(host, "is not where a scheduler on another host finds this worker", "name one with --host")
    number = ["--nthreads", str(threads)] if threads else []
    return _run("dask_worker", "kg cluster worker", [scheduler, "--host", host, *number], folder)


def _run(part: str, name: str, arguments: list[str], folder: Path | None) -> int:
    """Run a part of Dask in this process, with no pages for browsers; the answer to "are you well?" stays here."""
    from importlib import import_module

    from kg.extraction.parallel import keys

    try:
        import dask

        command = import_module(f"distributed.cli.{part}").main
    except ImportError:
        raise KgError(name, "needs Dask, which is not installed", keys.INSTALL) from None
    dask.config.set(
        {f"distributed.{role}.http.routes": ["distributed.http.health"] for role in ("scheduler", "worker")}
        # What a worker holds is small: it is never pickled to the disk.
        | {f"distributed.worker.memory.{threshold}": False for threshold in ("target", "spill")}
    )
    # Dask's own default for workers is to answer browsers on every interface.
    arguments += ["--no-dashboard", "--dashboard-address", f"{LOOPBACK}:0"]
    arguments += ["--protocol", "tls" if folder else "tcp"]
    if folder:
        for option, file in (("--tls-ca-file", keys.CA), ("--tls-cert", keys.CERTIFICATE), ("--tls-key", keys.KEY)):
            arguments += [option, str(folder / file)]
    return int(command.main(arguments, name, standalone_mode=False) or cli.DONE)
