"""How fast labels are read, beside medspaCy: `python -m benchmarks.speed PATH… [--labels N] [--lexicon FOLDER]`.

Each reader is a process of its own, and they take turns at the same few labels, so that a noisy machine treats them
alike: the rules alone; with the models, which is what `kg extract PATH --format jsonl` does, from the file to the lines
of JSON; the same with a compiled lexicon; and medspaCy's sentencizer, target matcher and ConText, with the labels of
the package's vocabulary as targets. Its sentencizer takes most of its time, so it is measured with spaCy's as well. The
processor's time counts, and the clock's stands beside it. Then ours read the same labels again, and their memory must
not have grown. 1 when a budget is missed.

medspaCy needs older libraries than this project, so it has an environment of its own, whose interpreter is named:

    python3.11 -m venv other && other/bin/pip install 'medspacy>=1.3.1,<2'
    python -m benchmarks.speed PATH --medspacy other/bin/python

It loads no model: a blank English pipeline with a sentencizer and medspaCy's two components.
"""

from __future__ import annotations

import argparse
import contextlib
import itertools
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.speed_medspacy import take_turns
from kg import reading, vocabulary
from kg.cli import progress
from kg.cli.extract import as_record
from kg.errors import DocumentError
from kg.extraction import Extractor, extractor
from kg.records import Document, Reading

RULES, MODELS, LEXICON = "rules alone", "with the models", "with models and lexicon"
OWN = "medspacy_pyrush"
MEDSPACY = {"medspaCy": OWN, "medspaCy with spaCy's sentencizer": "sentencizer"}

TYPES = ("Condition", "Drug", "Brand", "DrugClass", "Substance", "Population", "Activity")
"""Types of the concepts whose labels are medspaCy's targets: the objects of most statements."""

SPEED, RATIO, MEMORY, GROWTH = 0.5, 15.0, 500.0, 1.05
"""Budgets: MB of text a second with the models; how often as fast as medspaCy; MB of memory; its growth."""

BATCH = 5
"""Labels that a reader takes before it is the next one's turn."""


@dataclass
class Reader:
    """A process that reads labels when it is told to, and what that took so far."""

    name: str
    process: subprocess.Popen[str]
    loading: float = 0.0
    megabytes: float = 0.0
    seconds: float = 0.0
    processor: float = 0.0
    memory: float = 0.0

    @property
    def speed(self) -> float:
        """MB of text a second of processor time."""
        return self.megabytes / max(self.processor, 1e-9)

    def read(self, count: int) -> dict[str, Any]:
        """Let it read the next labels."""
        assert self.process.stdin is not None  # noqa: S101 - for the type checker
        self.process.stdin.write(f"{count}\n")
        self.process.stdin.flush()
        return self.answer()

    def answer(self) -> dict[str, Any]:
        """Return what it says next."""
        assert self.process.stdout is not None  # noqa: S101 - for the type checker
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit(f"{self.name}: the process has ended; its last words stand above")
        found: dict[str, Any] = json.loads(line)
        return found


def main() -> int:
    """Print a row for each reader, the ratio, and what is over a budget."""
    parser = argparse.ArgumentParser(description="How fast labels are read, beside medspaCy.")
    parser.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="openFDA labels, or folders of them")
    parser.add_argument("--labels", type=int, default=50, metavar="N", help="read so many, 0 for all (default: 50)")
    parser.add_argument("--lexicon", type=Path, metavar="FOLDER", help="a lexicon that `kg vocabulary add` compiled")
    parser.add_argument("--medspacy", default=sys.executable, metavar="PYTHON", help="a Python that has medspaCy")
    parser.add_argument("--alone", metavar="PYTHON", help="only let medspaCy of this Python read the labels, once")
    parser.add_argument("--worker", metavar="NAME", help=argparse.SUPPRESS)
    options = parser.parse_args()
    labels = options.labels or None
    if options.worker:
        take_turns(_work(options.worker, options.paths, labels, options.lexicon))
        return 0
    if options.alone:
        return _alone(options.alone, options.paths, labels)
    count = sum(1 for _ in _documents(options.paths, labels))
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
        readers = []
        for name, command in _commands(options, Path(folder)):
            process = stack.enter_context(subprocess.Popen(command, stdin=-1, stdout=-1, text=True))
            readers.append(Reader(name, process))
            readers[-1].loading = readers[-1].answer()["processor"]
        _take_turns(readers, count)
        grown = {reader.name: _again(reader, count) for reader in readers if reader.name not in MEDSPACY}
        for reader in readers:
            assert reader.process.stdin is not None  # noqa: S101 - for the type checker
            reader.process.stdin.close()
    return _report(readers, count, grown)


def _commands(options: argparse.Namespace, folder: Path) -> Iterator[tuple[str, list[str]]]:
    """Give the readers and how they are started; medspaCy gets texts and targets as files."""
    own = [sys.executable, "-m", "benchmarks.speed", *map(str, options.paths), "--labels", str(options.labels)]
    yield RULES, [*own, "--worker", RULES]
    yield MODELS, [*own, "--worker", MODELS]
    if options.lexicon:
        yield LEXICON, [*own, "--lexicon", str(options.lexicon), "--worker", LEXICON]
    command = [options.medspacy, "-c", "import medspacy.context, medspacy.target_matcher"]
    if subprocess.run(command, check=False, capture_output=True).returncode:
        print(f"medspaCy is left out, {options.medspacy} cannot import it: `--help` says how to install and name it")
        return
    given = _given(folder, options.paths, options.labels or None)
    for name, sentencizer in MEDSPACY.items():
        yield name, [options.medspacy, *given, sentencizer]


def _given(folder: Path, paths: Sequence[Path], labels: int | None) -> list[str]:
    """Write texts and targets as files for medspaCy; return its script and their names."""
    texts, targets = folder / "texts.jsonl", folder / "targets.json"
    with texts.open("w", encoding="utf-8") as stream:
        stream.writelines(f"{json.dumps(d.text)}\n" for d in _documents(paths, labels))
    targets.write_text(json.dumps(_targets()), encoding="utf-8")
    return [str(Path(__file__).with_name("speed_medspacy.py")), str(texts), str(targets)]


def _alone(python: str, paths: Sequence[Path], labels: int | None) -> int:
    """Let medspaCy with its own sentencizer read labels, and say in JSON what that took, loading included."""
    with tempfile.TemporaryDirectory() as folder:
        command = [python, *_given(Path(folder), paths, labels), OWN]
        done = subprocess.run(command, input=f"{1_000_000}\n", stdout=subprocess.PIPE, text=True, check=True)
    loading, reading_ = map(json.loads, done.stdout.splitlines())
    seconds = loading["processor"] + reading_["processor"]
    print(json.dumps({"seconds": seconds, "found": reading_["bytes"], "memory": reading_["memory"]}))
    return 0


def _work(name: str, paths: Sequence[Path], labels: int | None, lexicon: Path | None) -> Iterator[int]:
    """Read labels as `kg extract` does, over and over; give the bytes of each one's text once its lines are written."""
    own = extractor(lexicon)
    if name == RULES:
        own = Extractor(own.vocabulary, taggers=())
    documents = itertools.chain.from_iterable(_documents(paths, labels) for _ in itertools.count())
    return _written(progress.Watch(quiet=True).over(_readings(own, documents)))


def _readings(own: Extractor, documents: Iterator[Document]) -> Iterator[Reading | DocumentError]:
    for document in documents:
        try:
            yield Reading(document, tuple(own.extract(document)))
        except DocumentError:  # it names no drug: it was read all the same
            yield Reading(document, ())


def _written(readings: Iterator[Reading]) -> Iterator[int]:
    with Path(os.devnull).open("w", encoding="utf-8") as out:
        for read in readings:
            for statement in read.statements:
                out.write(json.dumps(as_record(statement), ensure_ascii=False) + "\n")
            yield len(read.document.text.encode())


def _documents(paths: Sequence[Path], labels: int | None) -> Iterator[Document]:
    found = (document for path in reading.find(paths) for document in reading.read(path))
    return itertools.islice((document for document in found if isinstance(document, Document)), labels)


def _targets() -> list[tuple[str, str]]:
    """Return the labels of the package's vocabulary, each with the type that it is looked for as."""
    found: dict[str, str] = {}
    for concept in vocabulary.load().concepts.values():
        kind = next((name for name in TYPES if name in concept.types), None)
        if kind is not None:
            found |= dict.fromkeys((concept.label, *concept.labels), kind)
    return sorted(found.items())


def _take_turns(readers: Sequence[Reader], count: int) -> None:
    """Let all readers read the same labels, some at a time."""
    for start in range(0, count, BATCH):
        for reader in readers:
            found = reader.read(min(BATCH, count - start))
            reader.megabytes += found["bytes"] / 1e6
            reader.seconds += found["seconds"]
            reader.processor += found["processor"]
            reader.memory = found["memory"]


def _again(reader: Reader, count: int) -> float:
    """Let a reader read all labels once more; return its memory then."""
    memory: float = reader.read(count)["memory"]
    return memory


def _report(readers: Sequence[Reader], count: int, again: dict[str, float]) -> int:
    print(f"{count} labels, {readers[0].megabytes:.2f} MB of text, {BATCH} at a time in turn\n")
    print("| reader | MB/s of processor time | MB/s by the clock | loading, s | memory, MB | the same labels again |")
    print("| --- | --- | --- | --- | --- | --- |")
    for reader in readers:
        clock = reader.megabytes / max(reader.seconds, 1e-9)
        twice = f"{again[reader.name]:.0f}" if reader.name in again else ""
        row = (f"{reader.speed:.3f}", f"{clock:.3f}", f"{reader.loading:.2f}", f"{reader.memory:.0f}", twice)
        print(f"| {reader.name} | {' | '.join(row)} |")
    print()
    by_name = {reader.name: reader for reader in readers}
    speed = by_name[MODELS].speed
    over = [_judged("MB/s with the models", speed, SPEED)]
    for name, other in by_name.items():
        if name in MEDSPACY:
            wanted = RATIO if MEDSPACY[name] == OWN else 1.0
            over.append(_judged(f"times as fast as {name}", speed / other.speed, wanted))
    for name, memory in again.items():
        over.append(_judged(f"MB of memory, {name}", memory, MEMORY, most=True))
        over.append(_judged(f"memory when read again, {name}", memory / by_name[name].memory, GROWTH, most=True))
    return int(any(over))


def _judged(name: str, figure: float, budget: float, *, most: bool = False) -> bool:
    """Print a figure with its budget; tell whether it is missed."""
    missed = figure > budget if most else figure < budget
    print(f"{name}: {figure:.3g} (budget {'at most' if most else 'at least'} {budget:g}{', missed' if missed else ''})")
    return missed


if __name__ == "__main__":
    sys.exit(main())
