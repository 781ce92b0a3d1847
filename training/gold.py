"""The annotated labels, laid out as the reader lays out any document, with the labels that a trainer learns from."""

from __future__ import annotations

import itertools
import json
import random
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from kg.extraction import Extractor
from kg.extraction.candidate import Candidate
from kg.extraction.tagging.apply import is_alone
from kg.extraction.tagging.spans import Words, words_of
from kg.extraction.tagging.tokens import OUTSIDE, Tokens
from kg.extraction.tagging.tokens import laid as cut
from kg.reading import make_document

FOLDS = 5
SEED = 7
SHARED = 0.6
"""The share of the shorter document's runs of three words from which on two documents are of one text."""
FEWEST = 20
"""Runs that they must share at least: two short sentences are alike by chance."""

Laid = tuple[Tokens, Sequence[Candidate]]


@dataclass(frozen=True, eq=False)
class Annotated:
    """One annotated document: its sentences in scope, the label of each token, and the names it states.

    `gold` is the folder it comes from; `names` are those of the kind sought; `alone` says that it is one sentence.
    """

    gold: str
    name: str
    sentences: tuple[Laid, ...]
    labels: tuple[tuple[str, ...], ...]
    names: frozenset[Words]
    alone: bool = False


def read(
    folder: Path, kind: str, marks: Mapping[str, str], extractor: Extractor, sections: frozenset[str]
) -> list[Annotated]:
    """Read a gold folder.

    `marks` gives each annotated kind the suffix of its labels ("" for the kind that is sought). A gold that has one
    kind names each distinct mention once a section, so every occurrence of its words is labelled; a gold with several
    kinds says of each occurrence what it is.
    """
    spans: dict[str, list[dict[str, object]]] = defaultdict(list)
    for line in (folder / "spans.jsonl").read_text("utf-8").splitlines():
        span = json.loads(line)
        spans[span["document"]].append(span)
    result = []
    for path in sorted((folder / "documents").glob("*.txt")):
        document = make_document(path.name, path.read_bytes().decode())
        found = [item for item in extractor.in_scope(document, sections) if not item.sentence.asks]
        laid = tuple((tokens, item.candidates) for tokens, item in cut(found))
        own = spans[path.name]
        names = frozenset(words_of(str(s["text"])) for s in own if s["kind"] == kind) - {()}
        if len(marks) > 1:
            labels = tuple(_placed(tokens, own, marks) for tokens, _ in laid)
        else:
            labels = tuple(_projected(tokens, names) for tokens, _ in laid)
        alone = bool(found) and is_alone([item.sentence for item in found], document.text)
        result.append(Annotated(folder.name, path.name, laid, labels, names, alone))
    return result


def _placed(tokens: Tokens, spans: Iterable[Mapping[str, object]], marks: Mapping[str, str]) -> tuple[str, ...]:
    labels = [OUTSIDE] * len(tokens.words)
    offset = tokens.sentence.passage.span.start
    for span in sorted(spans, key=lambda s: int(str(s["start"])) - int(str(s["end"]))):
        start, end = int(str(span["start"])) - offset, int(str(span["end"])) - offset
        inside = [number for number, place in enumerate(tokens.starts) if start <= place < end]
        mark = marks.get(str(span["kind"]))
        if inside and mark is not None and all(labels[number] == OUTSIDE for number in inside):
            for number in inside:
                labels[number] = "I" + mark
            labels[inside[0]] = "B" + mark
    return tuple(labels)


_PARTS = re.compile(r"[a-z]+|\d+")


def _projected(tokens: Tokens, names: Iterable[Words]) -> tuple[str, ...]:
    labels = [OUTSIDE] * len(tokens.words)
    starting: dict[str, list[tuple[str, ...]]] = defaultdict(list)
    for name in names:
        parts = tuple(_PARTS.findall(" ".join(name)))
        starting[parts[0]].append(parts)
    places = [number for number, word in enumerate(tokens.words) if word.isalnum()]
    words = [tokens.words[number] for number in places]
    at = 0
    while at < len(words):
        fitting = [p for p in starting.get(words[at], ()) if tuple(words[at : at + len(p)]) == p]
        if not fitting:
            at += 1
            continue
        size = max(map(len, fitting))
        for number in range(places[at], places[at + size - 1] + 1):
            labels[number] = "I"
        labels[places[at]] = "B"
        at += size
    return tuple(labels)


def folds(documents: Iterable[Annotated], apart: bool = False) -> list[frozenset[tuple[str, str]]]:
    """Deal the documents of each gold into folds, at random but the same every time.

    With `apart`, documents that share most of their text go into the same fold, so that what is tried is never
    another maker's label of a drug that was learned from.
    """
    dealt: list[set[tuple[str, str]]] = [set() for _ in range(FOLDS)]
    by_gold: dict[str, list[Annotated]] = defaultdict(list)
    for document in documents:
        by_gold[document.gold].append(document)
    for gold, own in sorted(by_gold.items()):
        groups = _alike(own) if apart else [[document.name] for document in own]
        groups = sorted(map(sorted, groups))
        random.Random(SEED).shuffle(groups)  # noqa: S311 - not for secrets
        if apart:
            groups.sort(key=len, reverse=True)
        for number, names in enumerate(groups):
            fold = min(dealt, key=lambda d: sum(g == gold for g, _ in d)) if apart else dealt[number % FOLDS]
            fold |= {(gold, name) for name in names}
    return [frozenset(fold) for fold in dealt]


def _alike(documents: Sequence[Annotated]) -> list[list[str]]:
    """Put documents together that are of one text."""
    runs: dict[str, set[tuple[str, ...]]] = {}
    for document in documents:
        words = [tokens.words for tokens, _ in document.sentences]
        runs[document.name] = {tuple(own[at : at + 3]) for own in words for at in range(len(own) - 2)}
    group = {name: name for name in runs}

    def head(name: str) -> str:
        while group[name] != name:
            name = group[name]
        return name

    for one, other in itertools.combinations(sorted(runs), 2):
        least = min(len(runs[one]), len(runs[other]))
        if len(runs[one] & runs[other]) > max(SHARED * least, FEWEST):
            group[head(one)] = head(other)
    result: dict[str, list[str]] = defaultdict(list)
    for name in runs:
        result[head(name)].append(name)
    return list(result.values())
