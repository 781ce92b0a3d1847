"""The page of all figures: `python -m benchmarks.report [FIGURES.json]` writes `docs/benchmarks.md` and its picture.

It only reads what `python -m benchmarks.all` has written; the same figures give the same bytes.
"""

from __future__ import annotations

import argparse
import io
import json
import statistics
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.measuring import exponent, figure, middle, table

DOCS = Path("docs")
PAGE, PICTURE = "benchmarks.md", "benchmarks-growth.svg"
TITLES = {
    "build": "Building, and building again",
    "load": "Opening",
    "ask": "Questions to an open graph",
    "cold": "A question from a cold start",
    "check": "Judging",
    "verify": "Verifying every byte",
    "exports": "Writing for others",
    "push": "Sending to a server",
}
ROLES = {"ours": "", "instead": "instead", "limit": "least"}
LABEL = 1_000
"""A size without a letter is a number of labels; the picture and the exponents go by triples."""

DRAWN = (
    "kg build, everything",
    "kg build, one document says more",
    "open, store on disk",
    "open, Turtle alone",
    "questions, warm",
    "kg check",
    "kg verify",
    "export turtle",
)
HEAD = """# What everything costs, and how it grows

*Information about documents, not medical advice. Made by `python -m benchmarks.report` from the figures of
`python -m benchmarks.all`.*

Seconds are processor time: of the work alone, or of the whole process where a command is named (`kg …`). Each figure is
the median of its runs, with the least and the most, and each run is a process of its own; memory is the most that this
process had. "Instead" is what a user would take without this package, "least" what the same cannot do without; they
took their turns in the same run, and the last column says how many times as long they took (below 1: they were
quicker). Sizes without a letter are drug labels, those with M millions of triples that were made up
(`benchmarks.synthetic`). What was left out is named with the reason; what it took at the largest smaller size tells
what it would take.
"""


class Row(NamedTuple):
    """One figure of the table."""

    group: str
    size: str
    variant: Mapping[str, Any]

    @property
    def seconds(self) -> float:
        """The median of its runs."""
        return float(statistics.median(self.variant["runs"]))


def page(said: Mapping[str, Any]) -> str:
    """Write the page."""
    machine = said["machine"]
    versions = ", ".join(f"{name} {version}" for name, version in sorted(said["with"].items()))
    load = f"{machine['load']:.0f} others waiting for them" if machine["load"] >= 1 else "nothing else at work"
    where = f"{machine['processors']} processors, {load}; Python {machine['python']}, {versions}.\n"
    return "\n".join([HEAD, where, _sizes(said), *_groups(said), *_growth(said)]).rstrip() + "\n"


def picture(said: Mapping[str, Any]) -> bytes:
    """Draw how costs grow with the number of triples, both on scales of powers of ten."""
    import matplotlib
    from matplotlib.figure import Figure

    settings = {"svg.fonttype": "path", "svg.hashsalt": "drug-facts", "text.usetex": False, "path.simplify": False}
    with matplotlib.rc_context(settings):
        sheet = Figure(figsize=(8, 5.5), layout="constrained")
        axes = sheet.add_subplot()
        for number, name in enumerate(DRAWN):
            points = [(triples, seconds) for triples, seconds, _ in _points(said, name)]
            if len(points) > 1:
                marker = "osD^vP*X"[number]
                axes.plot(*zip(*points, strict=True), marker=marker, label=name, linewidth=1.5)
        axes.set(xscale="log", yscale="log", xlabel="triples", ylabel="seconds of processor time")
        axes.grid(visible=True, which="major", color="#dddddd")
        if axes.lines:
            axes.legend(fontsize=8, loc="upper left")
        stream = io.BytesIO()
        sheet.savefig(stream, format="svg", metadata={"Date": None, "Creator": None})
    return b"\n".join(line.rstrip() for line in stream.getvalue().splitlines()) + b"\n"


def order(size: str) -> float:
    """Give the place of a size among others, by about how many triples it has.

    >>> sorted(["10M", "5", "571", "1M"], key=order)
    ['5', '571', '1M', '10M']
    """
    return float(size[:-1]) * 1e6 if size.endswith("M") else float(size) * LABEL


def _rows(said: Mapping[str, Any], group: str | None = None) -> list[Row]:
    found = [
        Row(one["group"], one["size"], variant)
        for one in sorted(said["groups"], key=lambda one: order(one["size"]))
        for variant in one["variants"]
        if group in (None, one["group"])
    ]
    return [row for row in found if row.variant["runs"] or row.variant.get("left_out")]


def _sizes(said: Mapping[str, Any]) -> str:
    rows = []
    for size, about in sorted(said["sizes"].items(), key=lambda item: order(item[0])):
        counts = [f"{about[name]:,}" for name in ("documents", "facts", "triples", "quads")]
        rows.append([size, *counts, figure(about["files_mb"]), figure(about["store_mb"])])
    note = "\nTriples are those of the union, quads are all that the store holds: each triple in the graph of its\n"
    note += "document and in the union, and the ontology and the vocabulary once.\n"
    return table(["size", "documents", "facts", "triples", "quads", "files, MB", "store, MB"], rows) + note


def _groups(said: Mapping[str, Any]) -> Iterator[str]:
    for group, title in TITLES.items():
        rows = _rows(said, group)
        if not rows:
            continue
        yield f"## {title}\n"
        head = ["what", "size", "s (least–most)", "runs", "memory, MB", "beside", "times ours"]
        yield table(head, (_cells(row, rows) for row in sorted(rows, key=_by_name(rows))))


def _by_name(rows: list[Row]) -> Any:
    """Order rows by what is measured, as it is measured, and by size within that."""
    names = list(dict.fromkeys(row.variant["name"] for row in rows))
    return lambda row: (names.index(row.variant["name"]), order(row.size))


def _cells(row: Row, rows: list[Row]) -> list[str]:
    one = row.variant
    if not one["runs"]:
        return [f"{one['name']} ({one['left_out']})", row.size, "–", "0", "–", ROLES[one["role"]], ""]
    ours = _ours(row, rows)
    times = f"{figure(row.seconds / ours.seconds)} of {ours.variant['name']}" if ours is not None else ""
    failed = f" ({one['failed']})" if one["failed"] else ""
    cells = [one["name"] + failed, row.size, middle(one["runs"]), str(len(one["runs"])), figure(one["memory"])]
    return [*cells, ROLES[one["role"]], times]


def _ours(row: Row, rows: list[Row]) -> Row | None:
    """Return what a figure stands beside: ours of the same words, else the first of ours that is like it."""
    same = [
        other for other in rows if other.size == row.size and other.variant["role"] == "ours" and other.variant["runs"]
    ]
    if not same or row.variant is same[0].variant:
        return None
    if row.variant["role"] == "ours":
        return same[0] if row.group == "build" else None
    words = set(row.variant["name"].replace(":", "").split())
    return max(same, key=lambda other: len(words & set(other.variant["name"].replace(",", "").split())))


def _points(said: Mapping[str, Any], name: str) -> list[tuple[float, float, float]]:
    """Return triples, seconds and memory of a figure at each size, the smallest first."""
    found = [
        row for row in _rows(said) if row.variant["name"] == name and row.variant["runs"] and not row.variant["failed"]
    ]
    sizes = said["sizes"]
    return sorted((sizes[row.size]["triples"], row.seconds, row.variant["memory"]) for row in found)


def _growth(said: Mapping[str, Any]) -> Iterator[str]:
    yield "## How costs grow\n"
    yield f"![Seconds by triples, both on scales of powers of ten]({PICTURE})\n"
    yield "The exponent of the power law that fits all sizes best: 1 is in proportion to the triples, 0 the same at"
    yield "every size. What starts a process first is flat until the work outgrows it. The last column is what memory"
    yield "grows by for each further 1,000 triples, about a third of a label, from the smallest to the largest size.\n"
    rows = []
    for name in dict.fromkeys(row.variant["name"] for row in _rows(said)):
        points = _points(said, name)
        if len(points) < 2:
            continue
        least, most = points[0], points[-1]
        more = (most[2] - least[2]) / (most[0] - least[0]) * 1e6  # MB → KB, for 1,000
        sizes = f"{least[0]:,.0f}–{most[0]:,.0f}"
        seconds = f"{exponent([(x, max(y, 1e-6)) for x, y, _ in points]):.2f}"
        rows.append([name, sizes, seconds, f"{figure(least[1])}–{figure(most[1])}", f"{max(more, 0.0):,.1f} KB"])
    yield table(["what", "triples", "exponent", "s", "memory for 1,000 triples more"], rows)


def main() -> int:
    """Write the page and the picture."""
    parser = argparse.ArgumentParser(description="The page of all figures.")
    parser.add_argument("figures", type=Path, nargs="?", default=DOCS / "benchmarks.json")
    parser.add_argument("--to", type=Path, default=DOCS, metavar="FOLDER")
    options = parser.parse_args()
    said = json.loads(options.figures.read_bytes())
    (options.to / PAGE).write_text(page(said), "utf-8")
    (options.to / PICTURE).write_bytes(picture(said))
    return 0


if __name__ == "__main__":
    sys.exit(main())
