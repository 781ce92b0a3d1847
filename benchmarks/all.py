"""Everything that is measured, in one command: `python -m benchmarks.all --labels FOLDER [--sizes 5 57 571 1M 10M]`.

For each size a graph is built, of drug labels (so many; 57 are a fixed tenth, and `--sizes 1142 --groups build` takes
each label twice, the second time with other words, so that nothing is remembered) or made up (so many triples), and
loading, building, building again, questions, checks, verification and exports are measured on it. What a user would
take instead, and the least that it can cost, take their turns in the same run. Every run is a process of its own, so
that its memory is its own too.

The figures go to a file of JSON after each run. With `--resume` those that are there already are not taken again if the
same program took them, so that all of it can be run in pieces; with `--work` the graphs are kept for that. What would
need more than the machine's memory, or more time than it may take, by what it took at the largest smaller size, is left
out, and the file says so. The exit code is 1 when something failed. `python -m benchmarks.report` makes the page of it.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from importlib import util
from pathlib import Path
from typing import Any

from benchmarks import measuring
from benchmarks.measuring import command_line, module, spent
from benchmarks.noted import Figures, Row, program

OUT = Path("docs") / "benchmarks.json"
SIZES = ("5", "57", "571", "1M", "10M")
EXPORTS = ("nquads", "turtle", "jsonld", "rdfxml", "csv", "graphml", "kgx", "nanopub", "parquet")
BESIDE_OTHERS = ("nquads", "turtle", "jsonld", "rdfxml")
"""Formats that rdflib and pyoxigraph write as well."""
QUESTION = "what warrants caution with warfarin?"
CHANGES = {
    "kg build, one document worded anew": ("description", "The tablets of lot {number} are round."),
    "kg build, one document says more": ("warnings", "Use with caution in patients with grade {number} gout."),
}
"""Changes of one document: the field of a label that a sentence is put into."""

OTHER_WORDS = {"the": "this", "with": "having", "patients": "persons", "may": "can", "of": "about"}
"""Words of which any long sentence has one, and what stands in their place where labels are taken twice."""

ENDED = "ended after"
"""How a failure is told that only took too long."""

LONG = 30.0
"""Seconds of the processor after which something is not repeated."""

RDFLIB_LIMIT = "5"
"""Seconds that rdflib's engine has for a query."""

_LEFT_OUT = re.compile(r"^kg: [\d,]+ documents? read, ([\d,]+) left out$", re.MULTILINE)
"""How a build says that it built, without some documents."""


@dataclass
class Variant:
    """One way to do something: ours, what a user would take instead, or the least that it can cost.

    `seconds` are of the processor; of the work alone where the process says so, of the whole process otherwise.

    Attributes
    ----------
    name, command, role
        What it is called, what is run, and what it is to us.
    reads : Path or None
        A file that the command reads, and the command that writes it is `made_by`; that is not counted.
    left_out : str
        Why it is not run.
    runs, clock, memory, found, failed
        What came out.
    """

    name: str
    command: list[str]
    role: str = "ours"
    reads: Path | None = None
    made_by: list[str] = field(default_factory=list)
    left_out: str = ""
    runs: list[float] = field(default_factory=list)
    clock: list[float] = field(default_factory=list)
    memory: float = 0.0
    found: dict[str, Any] = field(default_factory=dict)
    failed: str = ""

    @property
    def is_broken(self) -> bool:
        """Whether it failed otherwise than by taking too long."""
        return bool(self.failed) and not self.failed.startswith(ENDED)

    def run(self, limit: float) -> None:
        """Do it once."""
        if self.reads is not None and not self.reads.is_file():
            made = spent(self.made_by)
            if made.status:
                self.failed = f"{self.reads.name} cannot be made: status {made.status}"
                return
        taken = spent(self.command, limit)
        self.memory = max(self.memory, taken.memory)
        self.failed = _problem(self.command, taken, limit)
        self.runs.append(taken.processor)
        if self.failed:
            return
        if self.command[2:3] in (["benchmarks.measures"], ["benchmarks.speed"]):
            self.found = measuring.said(taken)
            self.memory = float(self.found.get("memory", self.memory))
            self.runs[-1] = float(self.found.get("seconds", taken.processor))
        elif taken.status:
            self.found = {"left_out": int(_LEFT_OUT.findall(taken.err)[-1].replace(",", ""))}
        self.clock.append(taken.clock)

    def row(self, by: str, *, done: bool) -> dict[str, Any]:
        """Return it as it is noted: what `by` measured, and whether that is all."""
        names = ("name", "role", "left_out", "runs", "clock", "memory", "found", "failed")
        return {name: getattr(self, name) for name in names} | {"program": by, "done": done}


def _problem(command: Sequence[str], taken: measuring.Spent, limit: float) -> str:
    """Say how a process failed, "" if it did not; a build that says which documents it left out has built."""
    if taken.status == 0 or (taken.status == 1 and "build" in command and _LEFT_OUT.search(taken.err)):
        return ""
    if taken.status in (-9, 137):
        return f"{ENDED} {limit:.0f} s" if taken.clock >= limit else "killed, for want of memory as it seems"
    last = taken.err.strip().splitlines()[-1:]
    return ": ".join([f"status {taken.status}", *last])[:200]


@dataclass(frozen=True)
class Place:
    """A size: where its documents and its graph are, and what is done with it."""

    size: str
    labels: Path
    graph: Path
    options: argparse.Namespace

    @property
    def is_made_up(self) -> bool:
        """Whether there are no documents to be read."""
        return self.size.endswith("M")

    @property
    def triples(self) -> int:
        """About how many triples there are."""
        return int(float(self.size[:-1]) * 1e6) if self.is_made_up else int(self.size) * 3_200

    def measure(self, name: str, *more: str | Path) -> list[str]:
        """Return the command that measures something on this graph."""
        return module("measures", name, self.graph, *more)


def sample(labels: Path, number: int, target: Path) -> None:
    """Write every so-manieth label of openFDA's files, each to a file of its own: always the same ones."""
    found = [one for path in sorted(labels.glob("*.json")) for one in json.loads(path.read_bytes())["results"]]
    if number > len(found):
        found += [_other(one) for one in found]
    step = len(found) // number
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    for place, one in enumerate(found[step // 2 :: step][:number]):
        (target / f"label-{place:04}.json").write_text(json.dumps({"results": [one]}), "utf-8")


def _other(label: dict[str, Any]) -> dict[str, Any]:
    """Make another label of one: no long sentence and no number of it is the same."""
    said = json.dumps(label)
    for word, other in OTHER_WORDS.items():
        said = said.replace(f" {word} ", f" {other} ")
    found: dict[str, Any] = json.loads(said)
    for name in {"id", "set_id"} & found.keys():
        found[name] = found[name][::-1]
    for name in ("spl_id", "spl_set_id"):
        found.get("openfda", {}).pop(name, None)
    return found


def build(place: Place) -> Iterator[Variant]:
    """Build a graph, again without a change, and with one document changed."""
    data = place.graph.with_suffix(".data")
    plain = Variant("pyoxigraph: the same Turtle loaded", place.measure("pyoxigraph_build", data), "limit")
    if place.is_made_up:
        yield Variant("made up and written", module("synthetic", place.graph, "--triples", str(place.triples)))
        yield plain
        return
    lexicon = place.options.vocabulary or "none"
    order = [str(place.labels), "--out", str(place.graph), "--vocabulary", str(lexicon), "--jobs", "1", "-q"]
    yield Variant("kg build, everything", command_line("build", *order, "--anew"))
    yield Variant("kg build, nothing changed", command_line("build", *order))
    for name in CHANGES:
        yield Variant(name, command_line("build", *order))
    reader = ["speed", str(place.labels), "--labels", "0", "--alone", place.options.medspacy or ""]
    why = "" if place.options.medspacy else "no Python that has it was named"
    yield Variant("medspaCy: names and ConText, no graph", module(*reader), "instead", left_out=why)
    yield plain


def load(place: Place) -> Iterator[Variant]:
    """Open a graph until it answers; read what was exported into a new one."""
    yield Variant("open, store on disk", place.measure("load_store"))
    yield Variant("open, Turtle alone", place.measure("load_turtle"))
    yield Variant("rdflib: Turtle read into memory", place.measure("rdflib_load"), "instead")
    yield Variant("pyoxigraph: store opened unchecked", place.measure("pyoxigraph_store"), "limit")
    yield Variant("pyoxigraph: Turtle read into memory", place.measure("pyoxigraph_turtle"), "limit")
    quads, fresh, data = (place.graph.with_suffix(end) for end in (".nq", ".loaded", ".data"))
    for found in (
        Variant("kg load, N-Quads to a folder", command_line("load", quads, "--out", fresh)),
        Variant("rdflib: N-Quads read into memory", module("measures", "rdflib_quads", quads), "instead"),
        Variant("pyoxigraph: N-Quads to a store", module("measures", "pyoxigraph_quads", quads, data), "limit"),
    ):
        found.reads, found.made_by = quads, place.measure("export", quads, "nquads")
        yield found


def push(place: Place) -> Iterator[Variant]:
    """Send a graph to a server."""
    yield Variant("kg push, all parts made ready", place.measure("push_spooled"))
    why = "" if measuring.oxigraph() else "no oxigraph server is installed"
    yield Variant("kg push, to an oxigraph server", place.measure("push"), left_out=why)
    yield Variant("pyoxigraph: graphs dumped", place.measure("pyoxigraph_graphs"), "limit")


def ask(place: Place) -> Iterator[Variant]:
    """Ask questions of an open graph, and one from a cold start."""
    yield Variant("questions, warm", place.measure("ask"))
    yield Variant("rdflib: the same queries", place.measure("rdflib_ask", RDFLIB_LIMIT), "instead")
    yield Variant("pyoxigraph: the same queries", place.measure("pyoxigraph_ask"), "limit")


def cold(place: Place) -> Iterator[Variant]:
    """Ask one question from a cold start."""
    yield Variant("kg ask, cold start", command_line("ask", QUESTION, "--graph", place.graph))
    yield Variant("python: start and end", [sys.executable, "-c", "pass"], "limit")


def check(place: Place) -> Iterator[Variant]:
    """Judge a graph, and read every byte of it."""
    yield Variant("kg check", place.measure("check"))
    yield Variant("kg check, shapes alone", place.measure("shapes_check"))
    yield Variant("pyshacl: the same shapes alone", place.measure("pyshacl_check"), "instead")
    yield Variant("pyoxigraph: every quad read", place.measure("pyoxigraph_read"), "limit")


def verify(place: Place) -> Iterator[Variant]:
    """Read every byte of a graph."""
    yield Variant("kg verify", command_line("verify", place.graph))
    yield Variant("kg verify --quads", command_line("verify", "--quads", place.graph))
    files = [str(path) for path in sorted(place.graph.rglob("*")) if path.is_file()]
    yield Variant("sha256sum: the same files", ["xargs", "-a", str(_listed(place, files)), "sha256sum"], "limit")


def exports(place: Place) -> Iterator[Variant]:
    """Write a graph in the formats of others."""
    folder = place.graph.with_suffix(".exports")
    for form in EXPORTS:
        why = "needs pyarrow, which is not installed" if form == "parquet" and not util.find_spec("pyarrow") else ""
        yield Variant(f"export {form}", place.measure("export", folder / f"{form}.{form}", form), left_out=why)
        if form in BESIDE_OTHERS:
            name = f"rdflib: {form} written"
            yield Variant(name, place.measure("rdflib_export", folder / f"r.{form}", form), "instead")
            name = f"pyoxigraph: {form} dumped"
            yield Variant(name, place.measure("pyoxigraph_export", folder / f"p.{form}", form), "limit")


GROUPS: dict[str, Callable[[Place], Iterator[Variant]]] = {
    "build": build,
    "load": load,
    "ask": ask,
    "cold": cold,
    "check": check,
    "verify": verify,
    "exports": exports,
    "push": push,
}


def main() -> int:
    """Measure groups at sizes, and write the figures."""
    parser = argparse.ArgumentParser(description="Everything that is measured.")
    parser.add_argument("--labels", type=Path, default=Path("../shared/labels"), metavar="FOLDER")
    parser.add_argument("--sizes", nargs="+", default=SIZES, metavar="SIZE", help="labels, or triples as in 1M")
    parser.add_argument("--groups", nargs="+", default=[*GROUPS], choices=[*GROUPS], metavar="GROUP")
    parser.add_argument("--vocabulary", type=Path, metavar="FOLDER", help="a compiled lexicon to read labels with")
    parser.add_argument("--medspacy", metavar="PYTHON", help="a Python that has medspaCy")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--limit", type=float, default=1_800, metavar="SECONDS", help="for each run")
    parser.add_argument("--limit-beside", type=float, default=600, metavar="SECONDS", help="for rdflib and the like")
    parser.add_argument("--resume", action="store_true", help="leave what this program has measured already")
    parser.add_argument("--work", type=Path, metavar="FOLDER", help="where graphs are kept, to go on with them")
    parser.add_argument("--out", type=Path, default=OUT)
    options = parser.parse_args()
    broken: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        for size in options.sizes:
            work = (options.work or Path(folder)).resolve()
            work.mkdir(parents=True, exist_ok=True)
            place = Place(size, work / f"{size}.labels", work / f"{size}.kg", options)
            _prepare(place)
            for name in GROUPS:
                if name in options.groups:
                    broken += _measured(name, place, Figures(options.out))
            if options.work is None:
                shutil.rmtree(place.graph)
            place.graph.with_suffix(".nq").unlink(missing_ok=True)
    for line in broken:
        print(f"failed: {line}", file=sys.stderr)
    return 1 if broken else 0


def _prepare(place: Place) -> None:
    """See to it that there are documents, and a graph unless it is built next."""
    if not place.is_made_up and not place.labels.is_dir():
        sample(place.options.labels, int(place.size), place.labels)
    first = next(build(place))
    known = Figures(place.options.out).row("build", place.size, first.name)
    if place.graph.is_dir() or ("build" in place.options.groups and not (place.options.resume and _is_done(known))):
        return
    failed = _problem(first.command, spent(first.command), place.options.limit)
    if failed:
        raise SystemExit(f"{place.size}: {first.name}: {failed}")


def _measured(group: str, place: Place, figures: Figures) -> list[str]:
    """Let all variants of a group take their turns; what takes long is not repeated, what fails is not either.

    What has failed is said.
    """
    found = list(GROUPS[group](place))
    figures.keep(group, place.size, [one.name for one in found])
    waiting = [
        one for one in found if not (place.options.resume and _is_done(figures.row(group, place.size, one.name)))
    ]
    by = program()
    for one in waiting:
        one.left_out = one.left_out or figures.too_much(one.name, place.triples, _limit(place, one))
        if one.left_out:
            print(f"{place.size:>4} {one.name:44} left out: {one.left_out}", flush=True)
            figures.put(group, place.size, one.row(by, done=False))
    for number in range(place.options.repeats):
        for one in waiting:
            if one.left_out or (number and (one.failed or one.runs[0] > LONG)):
                continue
            if one.name in CHANGES:
                _change_one(place.labels, number, *CHANGES[one.name])
            _clear(place, one)
            one.run(_limit(place, one))
            took = f"{one.runs[-1]:9.3f} s" if one.runs else f"{'':11}"
            print(f"{place.size:>4} {one.name:44} {took} {one.memory:7.0f} MB {one.failed}", flush=True)
            _clear(place, one)
            is_last = number + 1 == place.options.repeats or bool(one.runs and one.runs[0] > LONG)
            figures.put(group, place.size, one.row(by, done=not one.is_broken and (is_last or bool(one.failed))))
            if group == "build" or place.size not in figures.said["sizes"]:
                figures.size(place.size, measuring.said(spent(place.measure("size"))))
    figures.keep(group, place.size, [one.name for one in found])
    return [f"{place.size} {one.name}: {one.failed}" for one in waiting if one.is_broken]


def _is_done(row: Row | None) -> bool:
    return row is not None and bool(row.get("done")) and row.get("program") == program()


def _limit(place: Place, one: Variant) -> float:
    found: float = place.options.limit_beside if one.role == "instead" else place.options.limit
    return found


def _clear(place: Place, one: Variant) -> None:
    """Take away what a run writes beside the graph; nothing is exported onto what is there."""
    for suffix in (".data", ".exports", ".loaded"):
        shutil.rmtree(place.graph.with_suffix(suffix), ignore_errors=True)
    if any(".exports" in word for word in one.command):
        place.graph.with_suffix(".exports").mkdir()


def _change_one(labels: Path, number: int, field: str, sentence: str) -> None:
    """Put a sentence at the end of a field of one label, another one each time."""
    path = sorted(labels.glob("*.json"))[0]
    said = json.loads(path.read_bytes())
    label = said["results"][0]
    label[field] = [*label.get(field, ()), sentence.format(number=number + 1)]
    path.write_text(json.dumps(said), "utf-8")


def _listed(place: Place, files: Sequence[str]) -> Path:
    path = place.graph.with_suffix(".files")
    path.write_text("\n".join(files), "utf-8")
    return path


if __name__ == "__main__":
    sys.exit(main())
