"""Measure a local lexicon: `python -m benchmarks.vocabulary FILE… [--text PATH…] [--repeats N]`.

Compiling (a new process), loading, memory and finding (new processes again), and beside them the same surfaces in an
Aho-Corasick automaton, which has to be built anew each time. The median of all runs; 1 when over a budget.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.measuring import command_line, held, module, said, spent

BUDGETS = {"compile, s": 30.0, "load, s": 0.5, "memory with all loaded, MB": 400.0}


def main() -> int:
    """Print each figure with its budget."""
    parser = argparse.ArgumentParser(description="What a local lexicon costs.")
    parser.add_argument("files", nargs="+", metavar="FILE|NAME")
    parser.add_argument("--text", nargs="*", type=Path, default=[], metavar="PATH", help="Texts to find names in.")
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args()
    if options.files[0] in _MEASURES:  # a process of its own: `load LEXICON`, `automaton LEXICON`
        print(json.dumps(_MEASURES[options.files[0]](Path(options.files[1]), options.text)))
        return 0
    over = 0
    with tempfile.TemporaryDirectory() as folder:
        lexicon = Path(folder) / "lexicon"
        runs = [_compiled(options.files, lexicon) for _ in range(options.repeats)]
        _print("compile, s", [run[0] for run in runs])
        _print("compile, processor s", [run[1] for run in runs])
        over += statistics.median(run[0] for run in runs) > BUDGETS["compile, s"]
        made = json.loads((lexicon / "manifest.json").read_text("utf-8"))
        size = sum(path.stat().st_size for path in lexicon.glob("*") if path.is_file())
        print(f"{made['concepts']:,} concepts, {made['names']:,} surfaces, {size / 1e6:.1f} MB on disk")
        for measure in _MEASURES:
            found = [_alone(measure, lexicon, options.text) for _ in range(options.repeats)]
            for name in found[0]:
                over += _print(f"{name}", [run[name] for run in found])
    return int(over > 0)


def _compiled(files: list[str], lexicon: Path) -> tuple[float, float]:
    """Compile once; give the time on the clock and that of the processor."""
    taken = spent(command_line("vocabulary", "add", *files, "--out", lexicon))
    return taken.clock, taken.processor


def _alone(measure: str, lexicon: Path, texts: list[Path]) -> dict[str, float]:
    return said(spent(module("vocabulary", measure, lexicon, "--text", *texts)))


def _load(lexicon: Path, texts: list[Path]) -> dict[str, float]:
    from kg import vocabulary
    from kg.vocabulary import compiled
    from kg.vocabulary.lexicon import Lexicon

    embedded = vocabulary.load()
    start = time.perf_counter()
    both = compiled.open_beside(lexicon, embedded)
    found = {"load, s": time.perf_counter() - start}
    text = _read(texts)
    for name, known in (("the package's own", embedded), ("with the lexicon", both)):
        names = Lexicon(known)
        found[f"find, {name}, MB/s"] = _speed(text, lambda line, names=names: len(names.find(line)))
    assert both.local is not None  # noqa: S101 - for the type checker: it was opened just now
    for number in range(len(both.local)):
        both.local.meaning(number)
    found["memory with all loaded, MB"] = held()
    return found


def _automaton(lexicon: Path, texts: list[Path]) -> dict[str, float]:
    import marisa_trie
    from ahocorasick_rs import AhoCorasick, MatchKind

    from kg.vocabulary.lexicon import normalise

    surfaces = marisa_trie.Trie().mmap(str(lexicon / "names.trie")).keys()
    before, start = held(), time.perf_counter()
    automaton = AhoCorasick(surfaces, matchkind=MatchKind.Standard)
    found = {"automaton, load, s": time.perf_counter() - start, "automaton, memory, MB": held() - before}
    speed = _speed(_read(texts), lambda line: len(automaton.find_matches_as_indexes(normalise(line), overlapping=True)))
    return {**found, "automaton, find (no boundaries, no concepts), MB/s": speed}


_MEASURES: dict[str, Callable[[Path, list[Path]], dict[str, Any]]] = {"load": _load, "automaton": _automaton}


def _read(texts: list[Path]) -> list[str]:
    return [line for path in texts for line in path.read_text("utf-8", errors="replace").split("\n") if line.strip()]


def _speed(lines: list[str], find: Callable[[str], int]) -> float:
    if not lines:
        return 0.0
    start = time.process_time()
    for line in lines:
        find(line)
    return sum(map(len, lines)) / 1e6 / (time.process_time() - start)


def _print(name: str, values: list[float]) -> bool:
    median = statistics.median(values)
    budget = BUDGETS.get(name)
    print(f"{name}: {median:.3g}" + (f" (budget {budget:g})" if budget else ""))
    return budget is not None and median > budget


if __name__ == "__main__":
    sys.exit(main())
