"""The options of who reads: processes of this machine, or a cluster."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

JobsOption = Annotated[
    int | None,
    typer.Option(
        "--jobs",
        "-j",
        metavar="N",
        help="Processes to read with; by default one for a few documents, more for many, at most one a processor.",
    ),
]
SchedulerOption = Annotated[
    str | None,
    typer.Option(
        metavar="ADDRESS", help="Read on the Dask cluster of a scheduler: tcp://127.0.0.1:8786, or tls://HOST:8786."
    ),
]
TlsOption = Annotated[
    Path | None,
    typer.Option(metavar="FOLDER", help="The keys of the cluster, as `kg cluster keys` makes them; or KG_TLS."),
]
LimitOption = Annotated[
    float,
    typer.Option(
        "--time-limit",
        metavar="SECONDS",
        min=0.001,
        help="Leave a document out that a worker has not read by then (not where this process reads alone).",
    ),
]
LIMIT = 600.0
"""The same as `kg.extraction.parallel.LIMIT`, which commands must not import before they need it."""
