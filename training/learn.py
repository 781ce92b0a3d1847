"""Learning: python-crfsuite fits the sequence model, LightGBM the forest, as `kg.extraction.tagging` reads them."""

from __future__ import annotations

import functools
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import lightgbm
import numpy as np
import pycrfsuite

from kg.extraction.tagging import Tagger, features, spans
from kg.extraction.tagging import table as described
from kg.extraction.tagging.forest import Forest
from kg.extraction.tagging.sequence import UNIT, SequenceModel
from training import whole
from training.gold import Annotated

TREES, LEAVES, RATE, SMALLEST_LEAF = 300, 20, 0.04, 30
SEEDS = (1, 2, 3)
"""So many forests are planted, and what they say is averaged."""
SEEN_AT_LEAST = 2
"""Priors are kept of what stood in at least so many documents."""


@dataclass(frozen=True, eq=False)
class Task:
    """What is learned: a model's name and kind, the gold folder, the marks of its kinds, and its sections.

    `by_overlap` says that a name counts where its words hold those of a name of the gold, or are held by them; `wide`
    that its forest looks at what stands around a name, too; `nearly` how right the forest is told that a name is which
    only so counts.
    """

    name: str
    kind: str
    gold: str
    marks: Mapping[str, str]
    sections: frozenset[str]
    alone: bool | None = None
    by_overlap: bool = False
    wide: bool = False
    nearly: float = 0.0


@dataclass(frozen=True, eq=False)
class Family:
    """Tasks that learn from each other: one sequence model is fitted for all, with the penalties of its weights.

    Every feature counts once for all tasks and once for its own (H. Daumé III, "Frustratingly easy domain
    adaptation", 2007), so that what is common to the golds is learned from all of them. The sum of both is the model
    of a task.
    """

    tasks: tuple[Task, ...]
    absolute: float
    squared: float
    iterations: int = 80

    def task(self, document: Annotated) -> Task:
        """Return the task whose gold a document is of."""
        return next(task for task in self.tasks if task.gold == document.gold)


@functools.cache
def _items(document: Annotated, own: str) -> list[pycrfsuite.ItemSequence]:
    found = (features.of_tokens(tokens) for tokens, _ in document.sentences)
    if not own:
        return [pycrfsuite.ItemSequence(lists) for lists in found]
    return [pycrfsuite.ItemSequence([[*names, *(own + name for name in names)] for names in lists]) for lists in found]


def _domain(family: Family, task: Task) -> str:
    return f"{task.name}/" if len(family.tasks) > 1 else ""


def sequence_model(documents: Sequence[Annotated], family: Family, task: Task) -> SequenceModel:
    """Fit the weights of features and transitions; the same documents are fitted once."""
    return _sequence_models(frozenset(documents), family)[task.name]


@functools.cache
def _sequence_models(chosen: frozenset[Annotated], family: Family) -> dict[str, SequenceModel]:
    documents = sorted(chosen, key=lambda d: (d.gold, d.name))
    trainer = pycrfsuite.Trainer(verbose=False)
    for document in documents:
        own = _domain(family, family.task(document))
        for items, labels in zip(_items(document, own), document.labels, strict=True):
            trainer.append(items, labels)
    trainer.set_params(
        {
            "c1": family.absolute,
            "c2": family.squared,
            "max_iterations": family.iterations,
            "feature.minfreq": 2,
            "feature.possible_transitions": True,
        }
    )
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "model.crfsuite")
        trainer.train(path)
        tagger = pycrfsuite.Tagger()
        tagger.open(path)
        found = tagger.info()
        tagger.close()
    return {task.name: _of_task(found, family, task) for task in family.tasks}


def _of_task(found: Any, family: Family, task: Task) -> SequenceModel:
    labels = tuple(sorted(found.labels, key=lambda label: (label != "B", label != "I", label)))
    place = {label: number for number, label in enumerate(labels)}
    domains = [own for other in family.tasks if (own := _domain(family, other))]
    mine = _domain(family, task)
    sums: dict[str, list[float]] = {}
    for (name, label), weight in found.state_features.items():
        domain = next((own for own in domains if name.startswith(own)), "")
        if domain in ("", mine):
            sums.setdefault(name.removeprefix(domain), [0.0] * len(labels))[place[label]] += weight
    weights = {name: [round(own * UNIT) for own in row] for name, row in sums.items()}
    transitions = [[round(found.transitions.get((a, b), 0.0) * UNIT) for b in labels] for a in labels]
    return SequenceModel(labels, {name: row for name, row in weights.items() if any(row)}, transitions)


@dataclass(frozen=True)
class Judged:
    """The possible names of one document, found by a sequence model that had not seen it."""

    document: Annotated
    by_name: Mapping[spans.Words, Sequence[spans.Occurrence]]


def judged(documents: Sequence[Annotated], model: SequenceModel, task: Task) -> list[Judged]:
    """Let a sequence model find the possible names of documents."""
    bare = Tagger(task.kind, task.sections, model, Forest([], [], [], [], [], [], 0), {}, 0.0, "")
    return [Judged(d, spans.names(bare.occurrences(d.sentences)) if d.sentences else {}) for d in documents]


def out_of_fold(
    documents: Sequence[Annotated], family: Family, task: Task, parts: Sequence[frozenset[tuple[str, str]]]
) -> list[Judged]:
    """Judge every document of a task by a sequence model trained on the other folds of the whole family."""
    result = []
    for part in parts:
        own = [d for d in documents if (d.gold, d.name) in part and d.gold == task.gold]
        rest = [d for d in documents if (d.gold, d.name) not in part]
        if own:
            result += judged(own, sequence_model(rest, family, task), task)
    return result


def counts(found: Sequence[Judged]) -> dict[str, tuple[int, int]]:
    """Count in how many documents each key of `spans.prior_keys` was right, and in how many it stood."""
    right: Counter[str] = Counter()
    seen: Counter[str] = Counter()
    for item in found:
        own_right, own_seen = _own_counts(item)
        right.update(own_right)
        seen.update(own_seen)
    return {key: (right[key], count) for key, count in seen.items() if count >= SEEN_AT_LEAST}


def _own_counts(item: Judged) -> tuple[Counter[str], Counter[str]]:
    right: Counter[str] = Counter()
    seen: Counter[str] = Counter()
    for words in item.by_name:
        for key in spans.prior_keys(words):
            if key:
                seen[key] += 1
                right[key] += words in item.document.names
    return right, seen


def table(item: Judged, priors: Mapping[str, tuple[int, int]], trained_on: bool, wide: bool) -> list[list[float]]:
    """Describe the names of a document; of a document that the priors were counted on, its own share is taken out."""
    right, seen = _own_counts(item) if trained_on else (Counter(), Counter())

    def prior(key: str) -> tuple[int, int]:
        a, b = priors.get(key, (0, 0))
        return max(0, a - right[key]), max(0, b - seen[key])

    return described(item.by_name, prior, wide)


def near(own: spans.Words, others: Iterable[spans.Words]) -> bool:
    """Tell whether the words of a name hold those of another, or are held by them."""
    words = set(own)
    return any(words <= set(other) or set(other) <= words for other in others)


def forest(found: Sequence[Judged], priors: Mapping[str, tuple[int, int]], task: Task) -> Forest:
    """Fit the trees that judge names."""
    rows = [row for item in found for row in table(item, priors, True, task.wide)]
    right = [_right(words, item.document.names, task) for item in found for words in item.by_name]
    data, answers = np.asarray(rows, dtype=float), np.asarray(right, dtype=float)
    objective = "cross_entropy" if task.nearly else "binary"
    return flat([tree for seed in SEEDS for tree in _planted(data, answers, objective, seed)], 1 / len(SEEDS))


def _right(words: spans.Words, names: frozenset[spans.Words], task: Task) -> float:
    """Say how right a name is, from 0 to 1."""
    if words in names:
        return 1.0
    almost = 1.0 if task.by_overlap else task.nearly
    return almost if almost and near(words, names) else 0.0


def _planted(rows: Any, right: Any, objective: str, seed: int) -> list[Mapping[str, object]]:
    """Grow trees whose thresholds are drawn at random: they say less each, and together hold better of what is new."""
    booster = lightgbm.train(
        {
            "objective": objective, "num_leaves": LEAVES, "learning_rate": RATE, "min_data_in_leaf": SMALLEST_LEAF,
            "lambda_l2": 2.0, "feature_fraction": 0.5, "bagging_fraction": 0.8, "bagging_freq": 1, "seed": seed,
            "extra_trees": True, "deterministic": True, "force_row_wise": True, "num_threads": 1, "verbose": -1,
        },
        lightgbm.Dataset(rows, right),
        num_boost_round=TREES,
    )  # fmt: skip
    trees: list[Mapping[str, object]] = booster.dump_model()["tree_info"]
    return trees


def flat(trees: Sequence[Mapping[str, object]], share: float) -> Forest:
    """Put trees as LightGBM tells them into flat lists; `share` is what each counts."""
    feature: list[int] = []
    threshold: list[float] = []
    left: list[int] = []
    right: list[int] = []
    value: list[float] = []

    def add(node: Mapping[str, object]) -> tuple[int, int]:
        place = len(feature)
        for column in (feature, threshold, left, right, value):
            column.append(0)  # type: ignore[attr-defined]
        if "leaf_value" in node:
            feature[place], left[place], right[place] = -1, place, place
            value[place] = share * float(str(node["leaf_value"]))
            return place, 0
        feature[place], threshold[place] = int(str(node["split_feature"])), float(str(node["threshold"]))
        left[place], below_left = add(node["left_child"])  # type: ignore[arg-type]
        right[place], below_right = add(node["right_child"])  # type: ignore[arg-type]
        return place, 1 + max(below_left, below_right)

    planted = [add(tree["tree_structure"]) for tree in trees]  # type: ignore[arg-type]
    roots = [place for place, _ in planted]
    return Forest(roots, feature, threshold, left, right, value, max(depth for _, depth in planted))


def probabilities(
    found: Sequence[Judged], trees: Forest, priors: Mapping[str, tuple[int, int]], wide: bool
) -> list[dict[spans.Words, float]]:
    """Let the forest judge the names of documents that it has not seen."""
    return [
        dict(zip(item.by_name, trees.probabilities(table(item, priors, False, wide)), strict=True))
        if item.by_name
        else {}
        for item in found
    ]


Measure = Callable[[Sequence[tuple[frozenset[spans.Words], set[spans.Words]]]], float]


def stated(item: Judged, chances: Mapping[spans.Words, float], threshold: float) -> set[spans.Words]:
    """Return the names that are stated, as the reader of a document would take them."""
    return {spans.words_of(own.text) for own in spans.stated(item.by_name, chances.values(), threshold)}


def best_threshold(found: Sequence[Judged], chances: Sequence[Mapping[spans.Words, float]], measure: Measure) -> float:
    """Return the threshold at which documents that the forest had not seen come out best."""
    steps = [round(0.02 * number, 2) for number in range(10, 31)]
    scored = {
        step: measure(
            [(item.document.names, stated(item, own, step)) for item, own in zip(found, chances, strict=True)]
        )
        for step in steps
    }
    smooth = {step: sum(scored.get(round(step + d, 2), scored[step]) for d in (-0.02, 0.0, 0.02)) for step in steps}
    return max(steps, key=lambda step: (smooth[step], -step))


def stacked(
    found: Sequence[Judged], parts: Sequence[frozenset[tuple[str, str]]], task: Task
) -> list[dict[spans.Words, float]]:
    """Judge every document by a forest trained on the other folds."""
    chances: dict[tuple[str, str], dict[spans.Words, float]] = {}
    for part in parts:
        rest = [i for i in found if (i.document.gold, i.document.name) not in part]
        own = [i for i in found if (i.document.gold, i.document.name) in part]
        if not own:
            continue
        priors = counts(rest)
        trees = forest(rest, priors, task)
        for item, chance in zip(own, probabilities(own, trees, priors, task.wide), strict=True):
            chances[item.document.gold, item.document.name] = chance
    return [chances[i.document.gold, i.document.name] for i in found]


def tagger(
    documents: Sequence[Annotated],
    family: Family,
    task: Task,
    parts: Sequence[frozenset[tuple[str, str]]],
    measure: Measure,
) -> Tagger:
    """Train a tagger on documents: the forest learns from sequence models that had not seen what it judges."""
    found = out_of_fold(documents, family, task, parts)
    threshold = best_threshold(found, stacked(found, parts, task), measure)
    priors = counts(found)
    return Tagger(
        task.kind, task.sections, sequence_model(documents, family, task), forest(found, priors, task),
        {key: list(value) for key, value in priors.items()}, threshold, f"model/{task.name}", task.alone, task.wide,
        whole.weights(documents, task.gold) if task.alone else {},
    )  # fmt: skip
