"""Train the models of `ontology/models` on annotated labels, or say how good such models are on labels unseen.

    python -m training.train GOLD --cross-validate [--model MODEL] [--nested]
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

from kg.extraction import Extractor, tagging
from kg.extraction.tagging.spans import Words, words_of
from kg.reading import make_document
from training import gold, learn

ROOT = Path(__file__).resolve().parent.parent

TASKS = (
    learn.Task(
        "adverse_effect", "adverse_effect", "adverse-effects", {"adverse_effect": ""},
        frozenset({"adverse_effects", "warnings"}), absolute=0.1, squared=0.2,
    ),
    learn.Task(
        "indication", "indication", "indications", {"indication": ""}, frozenset({"indications"}),
        absolute=0.02, squared=0.5, alone=False,
    ),
    learn.Task(
        "indication_phrase", "indication", "indication-sentences",
        {"indication": "", "indication_outcome": "X", "not_recommended": "N"}, frozenset({"indications"}),
        absolute=0.02, squared=0.5, alone=True,
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
            right += sum(_near(own, names) for own in said)
            hit += sum(_near(own, said) for own in names)
        else:
            right += len(names & said)
            hit += len(names & said)
    precision, recall = right / max(predicted, 1), hit / max(expected, 1)
    return precision, recall, 2 * precision * recall / max(precision + recall, 1e-9)


def _near(own: Words, others: frozenset[Words] | set[Words]) -> bool:
    words = set(own)
    return any(words <= set(other) or set(other) <= words for other in others)


def measure(found: Found) -> float:
    """Say how good names are: exact and overlapping alike."""
    return f1(found)[2] + f1(found, overlap=True)[2]


def main() -> None:
    """Run one of the two ways."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("gold", type=Path)
    parser.add_argument("--cross-validate", action="store_true")
    parser.add_argument("--nested", action="store_true")
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--model", choices=[task.name for task in TASKS])
    arguments = parser.parse_args()
    extractor = Extractor(taggers=())
    for task in TASKS:
        if arguments.model and task.name != arguments.model:
            continue
        documents = gold.read(arguments.gold / task.gold, task.kind, task.marks, extractor, task.sections)
        parts = gold.folds(documents)
        if arguments.cross_validate:
            cross_validate(documents, task, parts, arguments.nested, arguments.gold)
        if arguments.write:
            made = learn.tagger(documents, task, parts, measure)
            place = ROOT / "ontology" / "models" / f"{task.name}.json.gz"
            place.parent.mkdir(exist_ok=True)
            place.write_bytes(tagging.encode(made, provenance(documents, task)))
            print(place, place.stat().st_size, "bytes, threshold", made.threshold)


def provenance(documents: Sequence[gold.Annotated], task: learn.Task) -> dict[str, object]:
    """Say what a model was made of, and how."""
    return {
        "gold": task.gold,
        "documents": len(documents),
        "names": sum(len(d.names) for d in documents),
        "sequence": f"python-crfsuite {version('python-crfsuite')}, c1 {task.absolute}, c2 {task.squared}",
        "forest": f"lightgbm {version('lightgbm')}, {learn.TREES} trees of {learn.LEAVES} leaves",
    }


def cross_validate(documents: list[gold.Annotated], task: learn.Task, parts: Parts, nested: bool, folder: Path) -> None:
    """Print the figures of models on documents that they had not seen."""
    began = time.perf_counter()
    if nested:
        show("statements of documents unseen", through_the_pipeline(documents, task, parts, folder))
        return
    found = learn.out_of_fold(documents, task, parts)
    print(
        f"  {time.perf_counter() - began:.0f} s; reached by candidates:",
        sum(len(i.document.names & set(i.by_name)) for i in found) / sum(len(i.document.names) for i in found),
    )
    tagged = {
        (i.document.gold, i.document.name): (
            i.document.names,
            {w for w, o in i.by_name.items() if any(x.tagged for x in o)},
        )
        for i in found
    }
    show("sequence model alone", tagged)
    chances = learn.stacked(found, parts)
    threshold = learn.best_threshold(found, chances, measure)
    pairs = {
        (i.document.gold, i.document.name): (i.document.names, {w for w, p in own.items() if p >= threshold})
        for i, own in zip(found, chances, strict=True)
    }
    show(f"with the forest, threshold {threshold}", pairs)


def through_the_pipeline(
    documents: list[gold.Annotated], task: learn.Task, parts: Parts, folder: Path
) -> dict[tuple[str, str], tuple[frozenset[Words], set[Words]]]:
    """Extract every document with a model that has seen none of its fold, and collect what its statements name."""
    said: dict[tuple[str, str], set[Words]] = {}
    for part in parts:
        rest = [d for d in documents if (d.gold, d.name) not in part]
        made = learn.tagger(rest, task, [other for other in parts if other is not part], measure)
        extractor = Extractor(taggers=(made,))
        for name, document in sorted(part):
            path = folder / name / "documents" / document
            found = extractor.extract(make_document(document, path.read_bytes().decode()), "this drug")
            said[name, document] = {
                words_of(s.evidence.object_text) for s in found if s.kind == task.kind and s.polarity == "affirmed"
            }
        print("  a fold is done", flush=True)
    return {(d.gold, d.name): (d.names, said[d.gold, d.name]) for d in documents}


def show(title: str, pairs: dict[tuple[str, str], tuple[frozenset[Words], set[Words]]]) -> None:
    """Print precision, recall and F1 of each gold."""
    for name in sorted({folder for folder, _ in pairs}):
        own = [pair for (folder, _), pair in pairs.items() if folder == name]
        exact, overlap = f1(own), f1(own, overlap=True)
        print(
            f"{title}: {name}: exact "
            + " ".join(f"{x:.3f}" for x in exact)
            + "  overlap "
            + " ".join(f"{x:.3f}" for x in overlap),
            flush=True,
        )


if __name__ == "__main__":
    main()
