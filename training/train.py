"""Train the models of `ontology/models` on annotated labels, or say how good such models are on labels unseen.

    python -m training.train GOLD --cross-validate [--model MODEL] [--nested] [--apart]
    python -m training.train GOLD --write

GOLD is the folder with the gold folders (`adverse-effects`, `indications`, `indication-sentences`). Figures are of
five-fold cross-validation over documents. Without `--nested`, the sequence models whose findings the forest learns
from may have seen the documents it is then tried on (never their own): quicker, and the same to half a point.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

from kg import vocabulary as vocabularies
from kg.extraction import Extractor, tagging
from kg.extraction.tagging.spans import Words, words_of
from kg.reading import make_document
from kg.vocabulary import compiled
from training import gold, learn

ROOT = Path(__file__).resolve().parent.parent

_INDICATIONS = frozenset({"indications"})

FAMILIES = (
    learn.Family(
        (
            learn.Task(
                "adverse_effect", "adverse_effect", "adverse-effects", {"adverse_effect": ""},
                frozenset({"adverse_effects", "warnings"}),
            ),
        ),
        absolute=0.1, squared=0.2,
    ),
    learn.Family(
        (
            learn.Task(
                "indication", "indication", "indications", {"indication": ""}, _INDICATIONS,
                alone=False, wide=True, nearly=0.3,
            ),
            learn.Task(
                "indication_phrase", "indication", "indication-sentences",
                {"indication": "", "indication_outcome": "X", "not_recommended": "N"}, _INDICATIONS,
                alone=True, by_overlap=True,
            ),
        ),
        absolute=0.1, squared=0.1,
    ),
)  # fmt: skip

Found = Sequence[tuple[frozenset[Words], set[Words]]]
Parts = Sequence[frozenset[tuple[str, str]]]


def f1(found: Found, overlap: bool = False) -> tuple[float, float, float]:
    """Return precision, recall and F1 of the distinct names of documents, exact or with overlap of words."""
    right = hit = predicted = expected = 0
    for names, said in found:
        predicted, expected = predicted + len(said), expected + len(names)
        if overlap:
            right += sum(learn.near(own, names) for own in said)
            hit += sum(learn.near(own, said) for own in names)
        else:
            right += len(names & said)
            hit += len(names & said)
    precision, recall = right / max(predicted, 1), hit / max(expected, 1)
    return precision, recall, 2 * precision * recall / max(precision + recall, 1e-9)


def measure(task: learn.Task) -> learn.Measure:
    """Say how good names are for a task: exact and overlapping alike, or overlapping only."""

    def sum_of(found: Found) -> float:
        return f1(found, overlap=True)[2] + (0.0 if task.by_overlap else f1(found)[2])

    return sum_of


def main() -> None:
    """Run one of the two ways."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("gold", type=Path)
    parser.add_argument("--cross-validate", action="store_true")
    parser.add_argument("--nested", action="store_true")
    parser.add_argument("--apart", action="store_true", help="labels that share most of their text share a fold")
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--model", choices=[task.name for family in FAMILIES for task in family.tasks])
    parser.add_argument("--vocabulary", type=Path, help="a compiled lexicon to try the models beside")
    arguments = parser.parse_args()
    extractor = Extractor(taggers=())
    for family in FAMILIES:
        if arguments.model and arguments.model not in {task.name for task in family.tasks}:
            continue
        documents = [
            document
            for task in family.tasks
            for document in gold.read(arguments.gold / task.gold, task.kind, task.marks, extractor, task.sections)
        ]
        parts = gold.folds(documents, arguments.apart)
        if arguments.cross_validate and arguments.nested:
            through_the_pipeline(documents, family, parts, arguments.gold, arguments.vocabulary)
        elif arguments.cross_validate:
            for task in family.tasks:
                cross_validate(documents, family, task, parts)
        if arguments.write:
            for task in family.tasks:
                made = learn.tagger(documents, family, task, parts, measure(task))
                place = ROOT / "ontology" / "models" / f"{task.name}.json.gz"
                place.parent.mkdir(exist_ok=True)
                place.write_bytes(tagging.encode(made, provenance(documents, family, task)))
                print(place, place.stat().st_size, "bytes, threshold", made.threshold, flush=True)


def provenance(documents: Sequence[gold.Annotated], family: learn.Family, task: learn.Task) -> dict[str, object]:
    """Say what a model was made of, and how."""
    own = [d for d in documents if d.gold == task.gold]
    return {
        "gold": task.gold,
        "beside": [other.gold for other in family.tasks if other is not task],
        "documents": len(own),
        "names": sum(len(d.names) for d in own),
        "sequence": f"python-crfsuite {version('python-crfsuite')}, c1 {family.absolute}, c2 {family.squared}",
        "forest": f"lightgbm {version('lightgbm')}, {len(learn.SEEDS)} × {learn.TREES} trees of {learn.LEAVES} leaves",
    }


def cross_validate(documents: list[gold.Annotated], family: learn.Family, task: learn.Task, parts: Parts) -> None:
    """Print the figures of models on documents that they had not seen."""
    began = time.perf_counter()
    found = learn.out_of_fold(documents, family, task, parts)
    print(
        f"  {time.perf_counter() - began:.0f} s; reached by candidates:",
        sum(len(i.document.names & set(i.by_name)) for i in found) / sum(len(i.document.names) for i in found),
    )
    chances = learn.stacked(found, parts, task)
    threshold = learn.best_threshold(found, chances, measure(task))
    pairs = [(i.document.names, learn.stated(i, own, threshold)) for i, own in zip(found, chances, strict=True)]
    show(f"names judged, threshold {threshold}: {task.gold}", pairs)


def through_the_pipeline(
    documents: list[gold.Annotated], family: learn.Family, parts: Parts, folder: Path, lexicon: Path | None
) -> None:
    """Extract every document with models that have seen none of its fold, and print what the statements name."""
    package = vocabularies.load()
    vocabulary = package if lexicon is None else compiled.open_beside(lexicon, package)
    said: dict[tuple[str, str], set[Words]] = {}
    for part in parts:
        rest = [d for d in documents if (d.gold, d.name) not in part]
        others = [other for other in parts if other is not part]
        made = [learn.tagger(rest, family, task, others, measure(task)) for task in family.tasks]
        extractor = Extractor(vocabulary, taggers=tuple(made))
        for name, document in sorted(part):
            kind = next(task.kind for task in family.tasks if task.gold == name)
            path = folder / name / "documents" / document
            found = extractor.extract(make_document(document, path.read_bytes().decode()), "this drug")
            said[name, document] = {
                words_of(s.evidence.object_text) for s in found if s.kind == kind and s.polarity == "affirmed"
            }
        print("  a fold is done", flush=True)
    for task in family.tasks:
        pairs = [(d.names, said[d.gold, d.name]) for d in documents if d.gold == task.gold]
        show(f"statements of documents unseen: {task.gold}", pairs)


def show(title: str, pairs: Found) -> None:
    """Print precision, recall and F1."""
    exact, overlap = f1(pairs), f1(pairs, overlap=True)
    print(
        f"{title}: exact " + " ".join(f"{x:.3f}" for x in exact) + "  overlap " + " ".join(f"{x:.3f}" for x in overlap),
        flush=True,
    )


if __name__ == "__main__":
    main()
