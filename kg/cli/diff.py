"""`kg diff`: what differs between two builds, fact by fact, and why."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kg import cli
from kg.cli import screen

if TYPE_CHECKING:
    from kg.difference import Difference, Differences
    from kg.records import Fact

FORMATS = ("table", "json", "csv")
_MARKS = {"added": "+", "removed": "-", "changed": "~"}
_COLUMNS = ("what", "subject", "kind", "object", "before", "after", "documents", "causes", "fact")


def command(
    old: Annotated[Path, typer.Argument(metavar="OLD", help="A folder of facts.")],
    new: Annotated[Path, typer.Argument(metavar="NEW", help="Another one, built later or with something else.")],
    output_format: screen.FormatOption = "table",
) -> int:
    """List the facts that were added, removed and changed, each with its cause; exit code 1 when there are any."""
    screen.check_format(output_format, FORMATS)
    from kg import difference

    found = difference.differences(old, new)
    if output_format == "json":
        screen.write(screen.as_json("diff", _record(found)))
    elif output_format == "csv":
        screen.write(screen.as_csv(_COLUMNS, [[str(value) for value in _row(one).values()] for one in found.facts]))
    else:
        for one in found.facts:
            screen.write(_line(one) + "\n")
    counts = ", ".join(f"{sum(one.what == what for one in found.facts):,} {what}" for what in _MARKS)
    documents = (
        f"{len(found.documents_added):,} added, {len(found.documents_removed):,} removed, "
        f"{len(found.documents_changed):,} changed"
    )
    derived = f"{found.derived_added:,} conclusions more and {found.derived_removed:,} less"
    screen.note(f"Facts: {counts}, {found.reworded:,} worded anew. Documents: {documents}. {derived}.")
    return cli.DONE if found.is_empty else cli.PROBLEMS


def _line(one: Difference) -> str:
    row = _row(one)
    said = " → ".join(filter(None, (row["before"], row["after"]))) if one.what == "changed" else _said(one.fact)
    level = f" ({said})" if said else ""
    where = ", ".join(one.documents) or "the same documents"
    return f"{_MARKS[one.what]} {row['subject']} {row['kind']} {row['object']}{level} · {where} · {row['causes']}"


def _row(one: Difference) -> dict[str, str]:
    fact = one.fact
    before, after = (_said(side) if side else "" for side in (one.before, one.after))
    if one.what == "changed" and before == after:
        before, after = (
            f"said by {screen.count(len(side.documents), 'document')}" for side in (one.before, one.after) if side
        )
    return {
        "what": one.what,
        "subject": fact.subject.label,
        "kind": fact.kind,
        "object": fact.object.label,
        "before": before,
        "after": after,
        "documents": "; ".join(one.documents),
        "causes": " or ".join(one.causes),
        "fact": fact.iri,
    }


def _said(fact: Fact) -> str:
    denied = ["denied"] if fact.polarity == "denied" else []
    return "; ".join(denied + [f"{name}: {value}" for name, value in fact.qualifiers.items()]) or "no qualifiers"


def _record(found: Differences) -> dict[str, object]:
    return {
        "facts": [_row(one) | {"documents": list(one.documents), "causes": list(one.causes)} for one in found.facts],
        "reworded": found.reworded,
        "derived_added": found.derived_added,
        "derived_removed": found.derived_removed,
        "documents_added": list(found.documents_added),
        "documents_removed": list(found.documents_removed),
        "documents_changed": list(found.documents_changed),
    }
