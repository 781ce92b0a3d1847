"""Precision by family of rules, as lines for `ontology/belief.toml`.

    python -m benchmarks.belief

Measured on the gold on drug labels (contraindications, cautions, interactions; `../shared/labels`), on the project's
own pages (all kinds), and on the gold of mentions (`../shared/gold`; rules alone, since the models learned from it). A
predicted statement is right where a line of gold of its kind and polarity has its words; doubtful lines count neither
way. What is not at hand is left out, and said so.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

from kg import evaluation
from kg.evaluation import labels, mentions
from kg.evaluation.figures import near, words
from kg.extraction import extract_documents, extract_files, extractor
from kg.records import Document, Reading
from tests import scoring

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"
MODEL = "model"
LEAST = 30
"""Families of which fewer statements were judged get no figure of their own."""

Judged = Iterator[tuple[str, bool]]


def family(rule: str) -> str:
    """Return the family of a rule: what stands before the stroke; of models, each is its own."""
    return rule if rule.startswith(MODEL) else rule.partition("/")[0]


def of_labels(path: Path, folder: Path) -> Judged:
    """Judge the statements of annotated labels."""
    annotated = labels.read(path, folder)
    by_id = {label.set_id: label for label in annotated}
    documents = [d for d in evaluation._annotated(annotated) if isinstance(d, Document)]
    for reading in extract_documents(documents, None, None):
        if not isinstance(reading, Reading):
            continue
        document, label = reading.document, by_id[labels.set_id_of(reading.document.name)]
        areas = labels.places(label, document)
        for statement in reading.statements:
            evidence = statement.evidence
            if statement.kind not in ("contraindication", "caution", "interaction"):
                continue
            if not any(area.contains(evidence.object_span) for area in areas):
                continue
            said = words(evidence.object_text)
            gold = [w for w in label.wordings if (w.kind, w.polarity) == (statement.kind, statement.polarity)]
            if near(said, [w.words for w in gold if not w.doubtful]):
                yield family(evidence.rule), True
            elif not near(said, [w.words for w in gold if w.doubtful]):
                yield family(evidence.rule), False


def of_pages(folder: Path) -> Judged:
    """Judge the statements of the project's own pages."""
    paths = sorted(p for p in folder.iterdir() if p.suffix in (".txt", ".md"))
    expected = [item for path in paths for item in scoring.own_expectation(path)]
    predicted = [scoring.from_record(s) for p in paths for s in extractor().extract(scoring.document_of(p))]
    invented = Counter(item.rule for item in scoring.score(expected, predicted).invented)
    for rule, number in Counter(item.rule for item in predicted).items():
        wrong = min(number, invented[rule])
        yield from ((family(rule), place >= wrong) for place in range(number))


def of_mentions(folder: Path) -> Judged:
    """Judge what rules, not models, found in documents with marked mentions."""
    gold = mentions.read(folder)
    kind = mentions.kind_of(gold, None)
    for reading in extract_files(mentions.paths(folder), None, None):
        if isinstance(reading, Reading):
            marked = gold.kinds[kind].get(reading.document.name, frozenset())
            for statement in reading.statements:
                rule = family(statement.evidence.rule)
                if (statement.kind, statement.polarity) == (kind, "affirmed") and not rule.startswith(MODEL):
                    yield rule, bool(near(words(statement.evidence.object_text), marked))


def table(judged: Iterable[tuple[str, bool]]) -> Iterator[str]:
    """Write a line for each family, and one for all that are too few."""
    counts: dict[str, Counter[bool]] = defaultdict(Counter)
    for name, right in judged:
        counts[name][right] += 1
    for name in sorted(counts):
        right, total = counts[name][True], sum(counts[name].values())
        mark = "" if total >= LEAST else "  # too few"
        yield f"{name:24} {right / total:.2f}  {right} of {total}{mark}"


def main() -> None:
    """Print a table for each gold that is at hand."""
    parts = [
        ("labels, development", ROOT / "tests/gold/labels/development.jsonl", SHARED / "labels", of_labels),
        ("labels, untouched", ROOT / "tests/gold/labels/untouched.jsonl", SHARED / "labels", of_labels),
        ("own pages, development", ROOT / "tests/documents/development", None, of_pages),
        ("own pages, held out", ROOT / "tests/documents/held_out", None, of_pages),
        ("marked mentions, adverse effects", SHARED / "gold/adverse-effects", None, of_mentions),
        ("marked mentions, indications", SHARED / "gold/indications", None, of_mentions),
    ]
    for name, place, folder, judge in parts:
        print(f"\n{name}")
        if not place.exists() or (folder is not None and not folder.is_dir()):
            print(f"not at hand: {place}")
            continue
        for line in table(judge(place, folder) if folder is not None else judge(place)):
            print(line, flush=True)


if __name__ == "__main__":
    main()
