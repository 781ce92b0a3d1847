"""The table of commands, and what happens when one of them cannot go on."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable
from typing import Annotated

import typer

from kg import cli
from kg.cli import (
    ask,
    build,
    check,
    cluster,
    compare,
    contradictions,
    diff,
    drugs,
    evaluate,
    explain,
    export,
    extract,
    fit,
    load,
    mcp,
    push,
    query,
    screen,
    serve,
    verify,
    vocabulary,
)
from kg.errors import KgError

_COMMANDS: tuple[tuple[str, Callable[..., int]], ...] = (
    ("ask", ask.command),
    ("fit", fit.command),
    ("query", query.command),
    ("explain", explain.command),
    ("contradictions", contradictions.command),
    ("compare", compare.command),
    ("extract", extract.command),
    ("build", build.command),
    ("check", check.command),
    ("verify", verify.command),
    ("diff", diff.command),
    ("export", export.command),
    ("push", push.command),
    ("load", load.command),
    ("evaluate", evaluate.command),
    ("serve", serve.command),
    ("mcp", mcp.command),
)

app = typer.Typer(
    name="kg",
    help="Documents about drugs become statements with quotes, checked facts in RDF, and answers.",
    epilog="What documents say, not medical advice. `kg COMMAND --help` shows what a command takes.",
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for _name, _command in _COMMANDS:
    app.command(_name)(_command)
app.add_typer(drugs.app, name="drugs")
app.add_typer(vocabulary.app, name="vocabulary")
app.add_typer(cluster.app, name="cluster")


def _print_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        screen.write(f"drug-facts {version('drug-facts')}\n")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and leave.")
    ] = False,
) -> None:
    """Documents about drugs become statements with quotes, checked facts in RDF, and answers."""


def run(arguments: list[str]) -> int:
    """Run a command; turn errors into one line on stderr and an exit code."""
    # A terminal or pipe that cannot take a character gets it escaped: an answer never ends in an encoding error.
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(AttributeError):
            stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    try:
        code = app(arguments or ["--help"], prog_name="kg", standalone_mode=False)
        screen.flush()
    except screen.ClosedPipeError:
        _forget_output()
        return cli.CLOSED_PIPE
    except screen.OutputError as error:
        _forget_output()
        return _cannot(str(error))
    except KgError as error:
        return _cannot(str(error))
    except typer.TyperException as error:
        return _cannot(_usage(error))
    except typer.Abort:
        return cli.INTERRUPTED
    except OSError as error:
        place = str(error.filename) if error.filename else "kg"
        return _cannot(str(KgError(place, f"{error.strerror or error}".lower(), "check the path and your permissions")))
    return int(code or 0)


def _cannot(line: str) -> int:
    screen.note(f"kg: {line}")
    return cli.CANNOT


def _usage(error: typer.TyperException) -> str:
    """One line for a command line that is not one: what is wrong, and where the right one is shown."""
    context = getattr(error, "ctx", None)
    command = context.command_path if context is not None else "kg"
    problem = " ".join(error.format_message().split()).rstrip(".")
    return f"{problem[:1].lower()}{problem[1:]}; `{command} --help` shows what it takes"


def _forget_output() -> None:
    """Send what is still buffered nowhere, so that the interpreter's own flush at exit is quiet too."""
    with contextlib.suppress(OSError, ValueError, AttributeError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
