"""Train the fallback for prose (`ontology/models/prose`), or say how good it is on pages of writers unseen.

    python -m training.prose LABELS [--pages FOLDER] [--write]

LABELS is the folder of openFDA labels, of whose texts the classes of words are made (`training/words.py`): nothing in
them is annotated.

It learns from the pages and sentences of `tests` that may be looked at, and from the five pages of FOLDER, where they
are at hand. The rules were written with these, and leave little to learn: so each document is read several times, each
time with a part of the rules left out, as if nobody had thought of their wordings. Figures leave one writer's set out.
"""

from __future__ import annotations

import argparse
import random
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path

import lightgbm
import numpy as np
import scipy.sparse

from kg import reading
from kg.errors import DocumentError
from kg.extraction import Extractor, assemble, interactions, phrases, prose
from kg.extraction.candidate import Candidate
from kg.extraction.prose import features, guards
from kg.records import Document
from tests import scoring
from training import words
from training.learn import flat

ROOT = Path(__file__).resolve().parent.parent
PLACE = ROOT / "ontology" / "models" / "prose" / "prose.json.gz"
COPIES = (("rules", 1.0), ("rules", 0.5), ("rules", 0.3), ("tables", 0.5), ("tables", 0.5), ("rules", 0.5))
"""How each document is read: which share of the rules, or of the tables' kinds, is left."""
TRIED = (3, 4, 5)
"""The readings on which a model is tried."""
OWN = ("development", "other_kinds", "patients", "professionals")
"""The sets of our own pages."""
FEWEST = 8
"""Documents that a feature stands in at least."""
RIGHT = 0.85
"""The share of right statements that a kind must reach here, to reach four in five on pages nobody has seen: what is
left out here still has its like in the tables."""
TREES, LEAVES, RATE, SMALLEST_LEAF = 120, 15, 0.08, 20

Sets = Mapping[str, list[tuple[Document, list[scoring.Item]]]]


@dataclass(frozen=True, eq=False)
class Example:
    """A name that no rule of a reading has read, described, whether it states a kind, and its sentence's number."""

    group: str
    copy: int
    document: str
    kind: str
    row: features.Row
    right: bool
    place: int


def sets(five: Path | None) -> dict[str, list[tuple[Document, list[scoring.Item]]]]:
    """Return the annotated documents, by who wrote them."""
    found: dict[str, list[tuple[Document, list[scoring.Item]]]] = defaultdict(list)
    for folder in ("development", "other_kinds"):
        for path in sorted((ROOT / "tests/documents" / folder).iterdir()):
            if path.suffix in (".txt", ".md"):
                writer = path.name.split("_")[0]
                group = writer if writer in ("patients", "professionals") else folder
                found[group].append((scoring.document_of(path), scoring.own_expectation(path)))
    for name in ("patients", "professionals"):
        documents, items = scoring.worded(ROOT / "tests/sentences" / f"{name}.tsv")
        found[f"sentences of {name}"] = [(d, [i for i in items if i.document == d.name]) for d in documents]
    if five is not None:
        gold = scoring.page_expectation(ROOT / "tests/gold/clonazepam_pages.jsonl")
        pages = map(scoring.document_of, reading.find([five]))
        found["five"] = [(page, gold[page.name].items) for page in pages if page.name in gold]
    return dict(found)


def reader(number: int) -> Extractor:
    """Return an extractor with a part of the rules."""
    what, share = COPIES[number]
    tables, dice = phrases.load(), random.Random(number)  # noqa: S311 - not for secrets
    kept: dict[object, bool] = {}
    rules = []
    for rule in tables.rules:
        key = rule.name if what == "rules" else (rule.name.split("/")[0], rule.kind)
        if kept.setdefault(key, dice.random() < share):
            rules.append(rule)
    return Extractor(tables=replace(tables, rules=tuple(rules)), taggers=())


def examples(given: Sets, number: int, classes: features.Classes) -> Iterator[Example]:
    """Read documents with a part of the rules, and give the names that are left, each with each kind it may state."""
    extractor = reader(number)
    for group, documents in given.items():
        for document, gold in documents:
            try:
                _, found, subjects = extractor.laid(document)
            except DocumentError:
                continue
            own = interactions.own_groups((i.sentence for i in found), subjects, (), extractor.tables)
            describer = features.Describer(found, extractor.cues, subjects, classes)
            for place, item in enumerate(found):
                for mention in prose.open_names(item, subjects):
                    row: features.Row | None = None
                    for kind, types in prose.TYPES.items():
                        candidate = prose.candidate(item, mention, kind)
                        if not mention.types & types or guards.refuses(candidate, item.lead):
                            continue
                        right = _is_right(candidate, assemble.Builder(document, subjects, own), gold)
                        if right is not None:
                            row = row or describer.row(place, mention)
                            yield Example(group, number, document.name, kind, row, right, place)


def _is_right(candidate: Candidate, builder: assemble.Builder, gold: Iterable[scoring.Item]) -> bool | None:
    """Tell whether the statement that would be made is expected; None where none is made, or it is doubtful."""
    builder.add(candidate.sentence, [candidate], [])
    made = [scoring.from_record(statement) for statement in builder.statements()]
    if not made:
        return None
    met = [item for item in gold if any(scoring.meets(item, own) for own in made)]
    if met and all(item.doubtful for item in met):
        return None
    return bool(met)


def names_of(rows: Iterable[Example]) -> tuple[str, ...]:
    """Return the features that stand in enough documents."""
    seen: dict[str, set[str]] = defaultdict(set)
    for example in rows:
        for name, value in example.row.items():
            if value:
                seen[name].add(example.document)
    return tuple(sorted(name for name, documents in seen.items() if len(documents) >= FEWEST))


def table(rows: Sequence[Example], names: Sequence[str]) -> scipy.sparse.csr_matrix:
    """Put rows into the order of the names."""
    place = {name: number for number, name in enumerate(names)}
    cells = [(n, place[k], v) for n, own in enumerate(rows) for k, v in own.row.items() if v and k in place]
    at, column, value = zip(*cells, strict=True)
    return scipy.sparse.csr_matrix((value, (at, column)), shape=(len(rows), len(names)))


def planted(rows: Sequence[Example], names: Sequence[str]) -> lightgbm.Booster:
    """Grow the trees of a kind."""
    return lightgbm.train(
        {
            "objective": "binary", "num_leaves": LEAVES, "learning_rate": RATE, "min_data_in_leaf": SMALLEST_LEAF,
            "lambda_l2": 2.0, "feature_fraction": 0.3, "bagging_fraction": 0.8, "bagging_freq": 1, "seed": 1,
            "deterministic": True, "force_row_wise": True, "num_threads": 1, "verbose": -1,
        },
        lightgbm.Dataset(table(rows, names), np.asarray([own.right for own in rows], dtype=int)),
        num_boost_round=TREES,
    )  # fmt: skip


def left_out(rows: Sequence[Example]) -> dict[str, list[tuple[float, Example]]]:
    """Judge the examples of each set by models of the others; the five pages and those of ours are not tried."""
    result: dict[str, list[tuple[float, Example]]] = defaultdict(list)
    for group in sorted({own.group for own in rows} - {"five", "development"}):
        rest = [own for own in rows if own.group != group]
        names = names_of(rest)
        for kind in prose.TYPES:
            tried = [own for own in rows if own.group == group and own.kind == kind]
            if tried:
                trees = planted([own for own in rest if own.kind == kind], names)
                chances = trees.predict(table(tried, names)).tolist()
                together = prose.shared([(own.copy, own.document, own.place) for own in tried], chances)
                result[kind] += zip(together, tried, strict=True)
    return result


def curve(judged: Iterable[tuple[float, Example]]) -> list[tuple[float, int, int]]:
    """Return, for falling thresholds, how many statements are added and how many of them are right."""
    known = list(judged)
    result = []
    for step in range(95, 25, -5):
        added = [own.right for chance, own in known if chance >= step / 100]
        result.append((step / 100, len(added), sum(added)))
    return result


def threshold(points: Iterable[tuple[float, int, int]]) -> float | None:
    """Return the lowest threshold from which on enough is right, all higher ones alike but for the smallest counts."""
    best = None
    for step, added, right in points:
        if added >= FEWEST and right < RIGHT * added:
            break
        if added >= FEWEST:
            best = step
    return best


def main() -> None:
    """Print the figures; write the model if asked to."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("labels", type=Path, help="the folder of labels")
    parser.add_argument("--pages", type=Path, help="the folder of the five pages")
    parser.add_argument("--write", action="store_true")
    arguments = parser.parse_args()
    given = sets(arguments.pages)
    own_texts = [document.text for group in OWN for document, _ in given[group]]
    classes = words.classes([*words.of_labels(arguments.labels), *own_texts])
    rows = [own for number in range(len(COPIES)) for own in examples(given, number, classes)]
    judged = left_out(rows)
    thresholds = {}
    for kind in prose.TYPES:
        tried = [(chance, own) for chance, own in judged[kind] if own.copy in TRIED]
        thresholds[kind] = threshold(curve(tried))
        possible = sum(own.right for _, own in tried)
        shown = "  ".join(f"{step:.2f}: {right}/{added}" for step, added, right in curve(tried) if added)
        print(f"{kind}: {possible} to find, threshold {thresholds[kind]}; {shown}", flush=True)
    if arguments.write:
        names = names_of(rows)
        adopted = {kind: step for kind, step in thresholds.items() if step is not None}
        grown = {kind: planted([own for own in rows if own.kind == kind], names) for kind in adopted}
        model = model_of(grown, names, adopted, classes)
        PLACE.parent.mkdir(exist_ok=True)
        PLACE.write_bytes(prose.encode(model, provenance(given, rows)))
        print(PLACE, PLACE.stat().st_size, "bytes")


def model_of(
    boosters: Mapping[str, lightgbm.Booster],
    names: Sequence[str],
    steps: Mapping[str, float],
    classes: features.Classes,
) -> prose.Model:
    """Put the trees of all kinds over the features that one of them asks for."""
    forests = {kind: flat(booster.dump_model()["tree_info"], 1.0) for kind, booster in boosters.items()}
    used = sorted({number for forest in forests.values() for number in forest.feature if number >= 0})
    place = {old: new for new, old in enumerate(used)} | {-1: -1}
    parts = {
        kind: prose.Part(replace(forest, feature=[place[number] for number in forest.feature]), steps[kind])
        for kind, forest in forests.items()
    }
    return prose.Model(tuple(names[number] for number in used), classes, parts)


def provenance(given: Sets, rows: Sequence[Example]) -> dict[str, object]:
    """Say what the model was made of, and how."""
    return {
        "documents": {group: len(documents) for group, documents in given.items()},
        "statements": sum(len(gold) for documents in given.values() for _, gold in documents),
        "examples": len(rows),
        "words": f"{words.SIZES} classes by company, of openFDA labels and our own pages",
        "readings": [f"{share:.0%} of the {what}" for what, share in COPIES],
        "forest": f"lightgbm {version('lightgbm')}, {TREES} trees of {LEAVES} leaves",
    }


if __name__ == "__main__":
    main()
