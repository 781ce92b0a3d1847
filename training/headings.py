"""Train what tells the section that a heading announces (`ontology/models/headings`), or say how good it is.

    python -m training.headings [--write]

It learns from `training/headings.tsv`: headings worded for it, as many kinds of writers would word them, none of them
taken from a page; "(a|b) c" stands for several, of which some are drawn. A multinomial logistic regression; figures are
of ten parts of the lines, each read by a model of the others.
"""

from __future__ import annotations

import argparse
import itertools
import random
import re
from collections import Counter
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from scipy import optimize, sparse

from kg.extraction import headings

ROOT = Path(__file__).resolve().parent.parent
TABLE = Path(__file__).resolve().parent / "headings.tsv"
PLACE = ROOT / "ontology" / "models" / "headings" / "headings.json.gz"
PENALTY = 0.15
ROUNDS, PARTS = 300, 10
DRAWN = 30
"""Headings that are drawn of a line with alternatives."""
_ALTERNATIVES = re.compile(r"\(([^()]*)\)")
TRIED = (0.5, 0.6, 0.7, 0.8)

Worded = Sequence[tuple[str, str]]
"""Headings, each behind the section that it announces."""


def worded() -> list[list[tuple[str, str]]]:
    """Read the headings, those of each line together."""
    dice, result = random.Random(1), []  # noqa: S311 - not for secrets
    for line in TABLE.read_text("utf-8").splitlines()[1:]:
        section, heading = line.split("\t")
        parts = [part.split("|") for part in _ALTERNATIVES.split(heading)]
        every = [" ".join("".join(chosen).split()) for chosen in itertools.product(*parts)]
        result.append([(section, own) for own in dice.sample(every, min(DRAWN, len(every)))])
    return result


def learned(rows: Worded) -> headings.Model:
    """Return the likeliest weights, kept small."""
    sections = tuple(sorted({section for section, _ in rows}))
    found = [set(headings.features(heading)) for _, heading in rows]
    names = sorted(set().union(*found))
    place = {name: number for number, name in enumerate(names)}
    cells = [(row, place[name]) for row, own in enumerate(found) for name in own]
    at, column = zip(*cells, strict=True)
    table = sparse.csr_matrix((np.ones(len(cells)), (at, column)), shape=(len(rows), len(names)))
    sought = np.zeros((len(rows), len(sections)))
    sought[np.arange(len(rows)), [sections.index(section) for section, _ in rows]] = 1

    def loss(flat: Any) -> tuple[float, Any]:
        weights = flat.reshape(len(names), len(sections))
        sums = table @ weights
        sums -= sums.max(axis=1, keepdims=True)
        logs = sums - np.log(np.exp(sums).sum(axis=1, keepdims=True))
        slope = table.T @ (np.exp(logs) - sought) + PENALTY * weights
        return float(-(logs * sought).sum() + PENALTY / 2 * (weights**2).sum()), slope.ravel()

    start = np.zeros(len(names) * len(sections))
    fitted = optimize.minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": ROUNDS}).x
    whole = np.rint(fitted.reshape(len(names), len(sections)) * headings.UNIT).astype(int).tolist()
    return headings.Model(sections, {name: tuple(own) for name, own in zip(names, whole, strict=True) if any(own)})


def left_out(lines: Sequence[Worded]) -> list[tuple[str, str, float]]:
    """Judge each heading by a model of those in other parts: what it announces, what it is taken for, how likely."""
    result = []
    for part in range(PARTS):
        rest = (line for number, line in enumerate(lines) if number % PARTS != part)
        model = learned(list(itertools.chain.from_iterable(rest)))
        for section, heading in itertools.chain.from_iterable(lines[part::PARTS]):
            found = headings.chances(heading, model)
            best = max(found, key=lambda name: found[name])
            result.append((section, best, found[best]))
    return result


def main() -> None:
    """Print the figures; write the model if asked to."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true")
    arguments = parser.parse_args()
    lines = worded()
    rows = list(itertools.chain.from_iterable(lines))
    judged = left_out(lines)
    for step in TRIED:
        told = [(section, best) for section, best, chance in judged if best != headings.OTHER and chance >= step]
        right, known = sum(a == b for a, b in told), sum(section != headings.OTHER for section, _, _ in judged)
        print(f"from {step}: {right} right of {len(told)} told, {known} to be told")
    if arguments.write:
        counts = Counter(section for section, _ in rows)
        model = learned(rows)
        PLACE.write_bytes(headings.encode(model, {"headings": dict(sorted(counts.items())), "scipy": version("scipy")}))
        print(PLACE, PLACE.stat().st_size, "bytes")


if __name__ == "__main__":
    main()
