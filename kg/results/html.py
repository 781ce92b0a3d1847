"""Results as notebooks show them: one table, every name and quote escaped, and what it is said beside it."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence

from kg.schema import NOTICE

ROWS = 20
"""How many rows a notebook shows; the others are counted."""

LONGEST = 300
"""How many characters of a cell are shown."""

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]+")


def clean(text: str) -> str:
    r"""Replace control characters: a document must not be able to steer what shows it.

    >>> clean("two\nlines \x1b[31mred")
    'two lines  [31mred'
    """
    return _CONTROL.sub(" ", text)


def short(text: str, longest: int = LONGEST) -> str:
    """Cut a text that is too long to be shown, and say so.

    >>> short("tortoise", 5)
    'torto…'
    """
    shown = clean(text)
    return shown if len(shown) <= longest else shown[:longest] + "…"


def table(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]], total: int | None = None) -> str:
    """Lay out the first rows; `total` is how many there are where not all are given.

    >>> "&lt;b&gt;" in table("1 fact", ["object"], [["<b>"]])
    True
    """
    shown = rows[:ROWS]
    left = (len(rows) if total is None else total) - len(shown)
    head = "".join(f"<th>{_cell(column.replace('_', ' '))}</th>" for column in columns)
    body = "".join("<tr>" + "".join(f"<td>{_cell(cell)}</td>" for cell in row) + "</tr>" for row in shown)
    more = f'<tr><td colspan="{len(columns)}">… and {left:,} more</td></tr>' if left else ""
    return (
        f"<table><caption>{_cell(title)}</caption><thead><tr>{head}</tr></thead>"
        f"<tbody>{body}{more}</tbody></table><p><small>{_cell(NOTICE)}</small></p>"
    )


def _cell(text: str) -> str:
    return html.escape(short(text), quote=True)
