"""Everything that is measured, in one command: `python -m benchmarks.all --labels FOLDER [--sizes 5 57 571 1M 10M]`.

For each size a graph is built, of drug labels (so many; 57 are a fixed tenth) or made up (so many triples), and
loading, building, building again, questions, checks, verification and exports are measured on it. What a user would
take instead, and the least that it can cost, take their turns in the same run. Every run is a process of its own, so
that its memory is its own too.

The figures go to a file of JSON after each group; groups that are measured again take the place of the old ones, so a
run that was broken off is gone on with by `--sizes` and `--groups`. `python -m benchmarks.report` makes the page of it.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from importlib import metadata, util
from pathlib import Path
from typing import Any

from benchmarks import measuring
from benchmarks.measuring import command_line, module, spent

OUT = Path("docs") / "benchmarks.json"
SIZES = ("5", "57", "571", "1M", "10M")
LABELS = 571
EXPORTS = ("nquads", "turtle", "jsonld", "rdfxml", "csv", "graphml", "kgx", "nanopub", "parquet")
BESIDE_RDFLIB = ("nquads", "turtle")
QUESTION = "what warrants caution with warfarin?"
CHANGES = {
    "kg build, one document worded anew": ("description", "The tablets of lot {number} are round."),
    "kg build, one document says more": ("warnings", "Use with caution in patients with grade {number} gout."),
}
"""Changes of one document: the field of a label that a sentence is put into."""

LONG = 30.0
"""Seconds of the processor after which something is not repeated."""

RDFLIB_LIMIT = "5"
"""Seconds that rdflib's engine has for a query."""


@dataclass
class Variant:
    """One way to do something: ours, what a user would take instead, or the least that it can cost.

    `seconds` are of the processor; of the work alone where the process says so, of the whole process otherwise.
    """

    name: str
    command: list[str]
    role: str = "ours"
    runs: list[float] = field(default_factory=list)
    clock: list[float] = field(default_factory=list)
    memory: float = 0.0
    found: dict[str, Any] = field(default_factory=dict)
    failed: str = ""

    @property
    def fine(self) -> tuple[int, ...]:
        """The exit codes of success; a build that left documents out has found problems, and built."""
        return (0, 1) if "build" in self.command else (0,)

    def run(self, limit: float) -> None:
        """Do it once."""
        taken = spent(self.command, limit)
        self.memory = max(self.memory, taken.memory)
        if taken.status not in self.fine:
            self.failed = f"ended after {limit:.0f} s" if taken.status in (-9, 137) else f"status {taken.status}"
            self.runs.append(taken.processor)
            return
        if self.command[2:3] in (["benchmarks.measures"], ["benchmarks.speed"]):
            self.found = measuring.said(taken)
            self.memory = float(self.found.get("memory", self.memory))
        self.runs.append(float(self.found.get("seconds", taken.processor)))
        self.clock.append(taken.clock)


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
    step = len(found) // number
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    for place, one in enumerate(found[step // 2 :: step][:number]):
        (target / f"label-{place:04}.json").write_text(json.dumps({"results": [one]}), "utf-8")


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
    if place.options.medspacy and place.triples <= place.options.most_beside:
        reader = ["speed", str(place.labels), "--labels", "0", "--alone", place.options.medspacy]
        yield Variant("medspaCy: names and ConText, no graph", module(*reader), "instead")
    yield plain


def load(place: Place) -> Iterator[Variant]:
    """Open a graph until it answers."""
    yield Variant("open, store on disk", place.measure("load_store"))
    in_memory = place.triples <= place.options.most_checked
    if in_memory:
        yield Variant("open, Turtle alone", place.measure("load_turtle"))
    if place.triples <= place.options.most_beside:
        yield Variant("rdflib: Turtle read into memory", place.measure("rdflib_load"), "instead")
    yield Variant("pyoxigraph: store opened unchecked", place.measure("pyoxigraph_store"), "limit")
    if in_memory:
        yield Variant("pyoxigraph: Turtle read into memory", place.measure("pyoxigraph_turtle"), "limit")


def ask(place: Place) -> Iterator[Variant]:
    """Ask questions of an open graph, and one from a cold start."""
    yield Variant("questions, warm", place.measure("ask"))
    if place.triples <= place.options.most_beside:
        yield Variant("rdflib: the same queries", place.measure("rdflib_ask", RDFLIB_LIMIT), "instead")
    yield Variant("pyoxigraph: the same queries", place.measure("pyoxigraph_ask"), "limit")


def cold(place: Place) -> Iterator[Variant]:
    """Ask one question from a cold start."""
    yield Variant("kg ask, cold start", command_line("ask", QUESTION, "--graph", place.graph))
    yield Variant("python: start and end", [sys.executable, "-c", "pass"], "limit")


def check(place: Place) -> Iterator[Variant]:
    """Judge a graph, and read every byte of it."""
    if place.triples <= place.options.most_checked:
        yield Variant("kg check", place.measure("check"))
        yield Variant("kg check, shapes alone", place.measure("shapes_check"))
        if place.triples <= place.options.most_shapes:
            yield Variant("pyshacl: the same shapes alone", place.measure("pyshacl_check"), "instead")
        yield Variant("pyoxigraph: every quad read", place.measure("pyoxigraph_read"), "limit")


def verify(place: Place) -> Iterator[Variant]:
    """Read every byte of a graph."""
    yield Variant("kg verify", command_line("verify", place.graph))
    if place.triples <= place.options.most_checked:
        yield Variant("kg verify --quads", command_line("verify", "--quads", place.graph))
    files = [str(path) for path in sorted(place.graph.rglob("*")) if path.is_file()]
    yield Variant("sha256sum: the same files", ["xargs", "-a", str(_listed(place, files)), "sha256sum"], "limit")


def exports(place: Place) -> Iterator[Variant]:
    """Write a graph in the formats of others."""
    folder = place.graph.with_suffix(".exports")
    for form in EXPORTS:
        if place.triples > place.options.most_checked or (form == "parquet" and not util.find_spec("pyarrow")):
            continue
        yield Variant(f"export {form}", place.measure("export", folder / f"{form}.{form}", form))
        if form in BESIDE_RDFLIB:
            if place.triples <= place.options.most_beside:
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
    parser.add_argument("--most-beside", type=float, default=400_000, metavar="TRIPLES", help="for rdflib, medspaCy")
    parser.add_argument("--most-shapes", type=float, default=400_000, metavar="TRIPLES", help="for pyshacl")
    parser.add_argument(
        "--most-checked", type=float, default=3_000_000, metavar="TRIPLES", help="for check, exports, all in memory"
    )
    parser.add_argument("--work", type=Path, metavar="FOLDER", help="where graphs are kept, to go on with them")
    parser.add_argument("--out", type=Path, default=OUT)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for size in options.sizes:
            work = (options.work or Path(folder)).resolve()
            place = Place(size, work / f"{size}.labels", work / f"{size}.kg", options)
            _prepare(place)
            for name in GROUPS:
                if name in options.groups:
                    _note(options.out, name, place, _measured(name, place))
            if options.work is None:
                shutil.rmtree(place.graph)
    return 0


def _prepare(place: Place) -> None:
    """See to it that there are documents, and a graph unless it is built next."""
    if not place.is_made_up and not place.labels.is_dir():
        sample(place.options.labels, int(place.size), place.labels)
    if "build" not in place.options.groups and not place.graph.is_dir():
        spent(next(build(place)).command)


def _measured(name: str, place: Place) -> list[Variant]:
    """Let all variants of a group take their turns; what takes long is not repeated, what fails is not either."""
    found = list(GROUPS[name](place))
    for number in range(place.options.repeats):
        for one in found:
            if number and (one.failed or one.runs[0] > LONG):
                continue
            if one.name in CHANGES:
                _change_one(place.labels, number, *CHANGES[one.name])
            _clear(place, one)
            one.run(place.options.limit)
            print(f"{place.size:>4} {one.name:44} {one.runs[-1]:9.3f} s {one.memory:7.0f} MB {one.failed}", flush=True)
            _clear(place, one)
    return found


def _clear(place: Place, one: Variant) -> None:
    """Take away what a run writes beside the graph; nothing is exported onto what is there."""
    for suffix in (".data", ".exports"):
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


def _note(out: Path, group: str, place: Place, variants: Sequence[Variant]) -> None:
    """Put figures into the file, in the place of older ones of the same group and size."""
    said: dict[str, Any] = json.loads(out.read_bytes()) if out.is_file() else {"sizes": {}, "groups": []}
    said["machine"] = {"processors": os.cpu_count(), "python": platform.python_version(), "load": os.getloadavg()[2]}
    said["with"] = {name: metadata.version(name) for name in ("pyoxigraph", "rdflib", "pyshacl", "networkx")}
    if group == "build" or place.size not in said["sizes"]:
        said["sizes"][place.size] = measuring.said(spent(place.measure("size")))
    kept = [one for one in said["groups"] if (one["group"], one["size"]) != (group, place.size)]
    rows = [{key: value for key, value in asdict(one).items() if key != "command"} for one in variants]
    said["groups"] = [*kept, {"group": group, "size": place.size, "variants": rows}]
    out.write_text(json.dumps(said, indent=1, sort_keys=True) + "\n", "utf-8")


if __name__ == "__main__":
    sys.exit(main())
