"""Train what tells the section that a heading announces (`ontology/models/headings`), or say how good it is.

    python -m training.headings [--write]

It learns from `training/headings.tsv`: headings worded for it, as many kinds of writers would word them, none of them
taken from a page. A multinomial logistic regression; figures are of ten parts, each read by a model of the others.
"""

from __future__ import annotations

import argparse
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
TRIED = (0.5, 0.6, 0.7, 0.8)

Worded = Sequence[tuple[str, str]]
"""Headings, each behind the section that it announces."""


def worded() -> list[tuple[str, str]]:
    """Read the headings."""
    lines = TABLE.read_text("utf-8").splitlines()[1:]
    return [(section, heading) for section, heading in (line.split("\t") for line in lines)]


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


def left_out(rows: Worded) -> list[tuple[str, str, float]]:
    """Judge each heading by a model of those in other parts: what it announces, what it is taken for, how likely."""
    result = []
    for part in range(PARTS):
        model = learned([row for number, row in enumerate(rows) if number % PARTS != part])
        for section, heading in rows[part::PARTS]:
            found = headings.chances(heading, model)
            best = max(found, key=lambda name: found[name])
            result.append((section, best, found[best]))
    return result


def main() -> None:
    """Print the figures; write the model if asked to."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true")
    arguments = parser.parse_args()
    rows = worded()
    judged = left_out(rows)
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
