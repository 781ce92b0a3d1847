"""Accuracy of extraction on the five pages and on the project's own pages: the figures of the README.

    python -m benchmarks.accuracy [--errors]

`development` pages were looked at while the tables were written; `held_out` pages were not.
"""

from __future__ import annotations

import sys
from pathlib import Path

from kg import reading
from kg.extraction import extractor
from tests import scoring

ROOT = Path(__file__).resolve().parent.parent


def _row(name: str, score: scoring.Score) -> str:
    return (
        f"| {name} | {score.recall:.3f} ({score.found}/{score.expected}) "
        f"| {score.precision:.3f} ({score.right}/{score.predicted}) | {score.qualifiers:.3f} |"
    )


def main() -> None:
    """Print one Markdown table."""
    print("| pages | recall | precision | qualifiers |\n| --- | --- | --- | --- |")
    scores = {}
    pages = ROOT.parent / "shared" / "documents"
    if pages.is_dir():
        gold = scoring.page_expectation(ROOT / "tests" / "gold" / "clonazepam_pages.jsonl")
        documents = [scoring.document_of(path) for path in reading.find([pages])]
        predicted = [scoring.from_record(s) for d in documents for s in extractor().extract(d)]
        scores["the five pages on clonazepam"] = scoring.score([i for p in gold.values() for i in p.items], predicted)
    for folder in ("development", "held_out"):
        paths = sorted(p for p in (ROOT / "tests/documents" / folder).iterdir() if p.suffix in (".txt", ".md"))
        expected = [item for path in paths for item in scoring.own_expectation(path)]
        predicted = [scoring.from_record(s) for p in paths for s in extractor().extract(scoring.document_of(p))]
        scores[f"{len(paths)} own pages, {folder.replace('_', ' ')}"] = scoring.score(expected, predicted)
    for name, score in scores.items():
        print(_row(name, score))
    if "--errors" in sys.argv[1:]:
        for score in scores.values():
            print(*score.missed, *score.invented, sep="\n")


if __name__ == "__main__":
    main()
