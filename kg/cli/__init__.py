"""The command line `kg`: thin commands over what the Python API offers; data on stdout, everything else on stderr."""

from __future__ import annotations

import sys
from collections.abc import Sequence

DONE = 0
PROBLEMS = 1
CANNOT = 2
INTERRUPTED = 130
CLOSED_PIPE = 141


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code: 0 done, 1 problems found, 2 cannot.

    Every error that the user can mend is one line on stderr. Ctrl-C and a closed pipe are quiet; their codes are those
    of a process that the signal ended.
    """
    try:
        # Inside the try: Ctrl-C while the commands are imported is quiet too.
        from kg.cli.app import run

        return run(list(sys.argv[1:] if arguments is None else arguments))
    except KeyboardInterrupt:
        return INTERRUPTED
