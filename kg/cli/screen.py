"""Everything that the command line prints: data to stdout, notes to stderr, tables that fit the terminal."""

from __future__ import annotations

import contextlib
import csv
import difflib
import io
import json
import os
import shutil
import sys
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Annotated, TextIO

import typer

from kg import schema
from kg.errors import KgError, UnknownNameError
from kg.results import html

NOT_ADVICE = "Information about what documents say, not medical advice."
ANSWER_FORMATS = ("table", "json", "csv")
FormatOption = Annotated[str, typer.Option("--format", metavar="|".join(ANSWER_FORMATS), help="How to print.")]


clean = html.clean

_GAP = "  "
_NARROWEST = 9


class ClosedPipeError(Exception):
    """The reader of our output has left (`kg … | head`)."""


class OutputError(KgError):
    """Our output cannot be written, for instance because the disk is full."""


def write(text: str) -> None:
    """Write data to stdout.

    Raises
    ------
    ClosedPipeError
        When nobody reads it any more. A type of its own, because the command line library ends the process with
        code 1 when it sees the original.
    OutputError
        When it cannot be written for any other reason.
    """
    _hand_over(lambda stream: stream.write(text))


def flush() -> None:
    """Hand over what is buffered; see `write`."""
    _hand_over(lambda stream: stream.flush())


def note(line: str) -> None:
    """Write one line to stderr, whatever line ends and control characters are in it; nobody hears of a failure."""
    with contextlib.suppress(OSError, AttributeError):
        sys.stderr.write(clean(line) + "\n")
        sys.stderr.flush()


def is_terminal(stream: TextIO | None) -> bool:
    """Tell whether somebody looks at what is written to a stream."""
    try:
        return stream is not None and stream.isatty()
    except ValueError:  # it is closed
        return False


def has_status_line() -> bool:
    """Tell whether stderr is a terminal that can write one line over another."""
    return is_terminal(sys.stderr) and os.environ.get("TERM") != "dumb"


def status(line: str) -> None:
    """Show a line on the terminal of stderr in the place of the one before; an empty one only takes that away."""
    with contextlib.suppress(OSError, AttributeError):
        sys.stderr.write("\r\x1b[K" + clean(line)[: width() - 1])
        sys.stderr.flush()


def _hand_over(action: Callable[[TextIO], object]) -> None:
    try:
        action(sys.stdout)
    except (BrokenPipeError, AttributeError):  # no attribute: the process was started without an output
        raise ClosedPipeError from None
    except OSError as error:
        raise OutputError("the output", f"cannot be written ({error.strerror})", "write it elsewhere") from None


def count(number: int, noun: str) -> str:
    """Return a number with its noun.

    >>> count(1, "document"), count(0, "document")
    ('1 document', '0 documents')
    """
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def check_format(wanted: str, known: Sequence[str]) -> str:
    """Return the format when it is known.

    Raises
    ------
    UnknownNameError
        Otherwise, with the known ones and the closest.
    """
    if wanted in known:
        return wanted
    close = difflib.get_close_matches(wanted, known, n=1)
    hint = f" (did you mean {close[0]}?)" if close else ""
    raise UnknownNameError("--format", f"no format {wanted!r}", f"use {' or '.join(known)}{hint}")


def as_json(command: str, said: Mapping[str, object]) -> str:
    """Return what a command says as JSON, in the envelope that `kg/schema/output.json` describes."""
    return json.dumps(schema.enveloped(command, said), ensure_ascii=False, indent=2) + "\n"


def as_csv(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    r"""Return rows as CSV (RFC 4180).

    >>> as_csv(["effect"], [["drowsiness, mild"]])
    'effect\r\n"drowsiness, mild"\r\n'
    """
    stream = io.StringIO()
    writer = csv.writer(stream)
    writer.writerow(columns)
    writer.writerows(rows)
    return stream.getvalue()


def width() -> int:
    """Return how many columns the screen has: the terminal's, or COLUMNS, or 100 where there is neither."""
    return max(40, shutil.get_terminal_size((100, 24)).columns)


def table(columns: Sequence[str], rows: Sequence[Sequence[str]], room: int, groups: Sequence[str] = ()) -> str:
    """Lay rows out as a table of at most `room` columns, words wrapped; as blocks where no table fits.

    A line end in a cell stays one.

    The values of the columns `groups` become headings above the rows that have them, one inside the other. Columns
    without a value are left out.

    >>> print(table(["level", "object"], [["avoid", "driving"], ["caution", "glaucoma"]], 40, ["level"]), end="")
    avoid
      driving
    <BLANKLINE>
    caution
      glaucoma
    """
    at = [columns.index(group) for group in groups]
    shown = [i for i in range(len(columns)) if i not in at and any(row[i].strip() for row in rows)]
    names = [columns[i].replace("_", " ") for i in shown]
    cells = [["\n".join(map(clean, row[i].split("\n"))) for i in shown] for row in rows]
    margin = "  " * len(at)
    widths = _widths(names, cells, room - len(margin))
    lines: list[str] = []
    if widths is not None and (len(shown) > 1 or not at):
        lines = [margin + line for line in (*_row(names, widths), _GAP.join("─" * w for w in widths))]
    above: list[str] = []
    for row, cut in zip(rows, cells, strict=True):
        named = [row[i] or f"no {columns[i]} given" for i in at]
        lines.extend(headings(above, named, room))
        above = named
        laid = _block(names, cut, room - len(margin)) if widths is None else _row(cut, widths)
        lines.extend((margin + line).rstrip() for line in laid)
    return "".join(line.rstrip() + "\n" for line in lines)


def headings(above: Sequence[str], named: Sequence[str], room: int) -> Iterator[str]:
    """The headings that change with a row, a blank line before them when others stood above."""
    changed = next((i for i in range(len(named)) if list(above[: i + 1]) != list(named[: i + 1])), None)
    if changed is None:
        return
    if above:
        yield ""
    for depth, heading in enumerate(named[changed:], changed):
        yield from wrap(heading, room, "  " * depth)


def wrap(text: str, room: int, first: str = "", rest: str | None = None) -> Iterator[str]:
    """Wrap words to `room` columns, `first` before the first line and `rest` (blanks by default) before the others.

    >>> list(wrap("may cause drowsiness", 12, "- "))
    ['- may cause', '  drowsiness']
    """
    prefix = first
    follow = " " * _columns(first) if rest is None else rest
    line = ""
    for word in clean(text).split():
        for piece in _pieces(word, max(1, room - _columns(follow))):
            if line and _columns(prefix) + _columns(line) + 1 + _columns(piece) > room:
                yield prefix + line
                prefix, line = follow, piece
            else:
                line = f"{line} {piece}" if line else piece
    if line:
        yield prefix + line


def _widths(names: Sequence[str], cells: Sequence[Sequence[str]], room: int) -> list[int] | None:
    """The width of each column, the widest made narrower until all fit; None when they cannot."""
    widths = [max(_columns(line) for row in (names, *cells) for line in row[i].split("\n")) for i in range(len(names))]
    heads = [max(_NARROWEST, _columns(name)) for name in names]
    longest = [
        max(_columns(word) for row in (names, *cells) for word in (row[i].split() or [""])) for i in range(len(names))
    ]
    available = room - len(_GAP) * (len(widths) - 1)
    # Words stay whole where that leaves room for all columns; otherwise the longest ones are cut.
    for narrowest in (list(map(max, heads, longest)), heads):
        least = list(map(min, widths, narrowest))
        if sum(least) <= available:
            break
    else:
        return None
    while sum(widths) > available:
        widest = max(range(len(widths)), key=lambda i: widths[i] - least[i])
        widths[widest] -= 1
    return widths


def _row(cells: Sequence[str], widths: Sequence[int]) -> Iterator[str]:
    wrapped = [
        [line for part in cell.split("\n") for line in wrap(part, w)] or [""]
        for cell, w in zip(cells, widths, strict=True)
    ]
    for i in range(max(map(len, wrapped))):
        parts = [lines[i] if i < len(lines) else "" for lines in wrapped]
        yield _GAP.join(part + " " * (w - _columns(part)) for part, w in zip(parts, widths, strict=True)).rstrip()


def _block(names: Sequence[str], row: Sequence[str], room: int) -> Iterator[str]:
    longest = max(map(_columns, names), default=0)
    for name, cell in zip(names, row, strict=True):
        if cell.strip():
            yield from wrap(cell, room, f"{name}{' ' * (longest - _columns(name))}  ")
    yield ""


def _columns(text: str) -> int:
    """How many columns a terminal needs for a text; wide characters take two, combining ones none."""
    if text.isascii():
        return len(text)
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def _pieces(word: str, room: int) -> Iterator[str]:
    """A word that is longer than the room, cut; any other word as it is."""
    while _columns(word) > room:
        yield word[:room]
        word = word[room:]
    yield word
