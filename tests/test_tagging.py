"""The statistical tagger: sums and probabilities held against slow and plain reckoning, and the shipped models."""

from __future__ import annotations

import gzip
import itertools
import math
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.errors import OntologyError
from kg.extraction import extractor, tagging
from kg.extraction.tagging import features, spans
from kg.extraction.tagging.forest import Forest
from kg.extraction.tagging.sequence import UNIT, SequenceModel
from kg.extraction.tagging.tokens import Tokens
from kg.extraction.tagging.tokens import laid as cut
from kg.reading import make_document

TEXT = (
    "ADVERSE REACTIONS\n\nThe most common reactions (10 %) were nausea, severe headache and rash. "
    "Hepatic failure has been reported; patients with a history of gout were not studied.\n"
)


def laid(text: str) -> list[Tokens]:
    """Lay a text out as the tagger sees it."""
    found = extractor().readings(make_document("page.txt", text))
    return [tokens for tokens, _ in cut(found)]


def model(texts: list[Tokens], labels: tuple[str, ...] = ("B", "I", "O"), seed: int = 1) -> SequenceModel:
    """Make a model with a random weight for two thirds of the features of some texts."""
    dice = random.Random(seed)  # noqa: S311
    names = sorted({name for tokens in texts for own in features.of_tokens(tokens) for name in own})
    weights = {n: [dice.randint(-900, 900) for _ in labels] for n in names if dice.random() < 0.66}
    return SequenceModel(labels, weights, [[dice.randint(-900, 900) for _ in labels] for _ in labels])


def plain_scores(own: SequenceModel, tokens: Tokens) -> list[list[float]]:
    """Add up the weights of each token's features one by one."""
    none = [0] * len(own.labels)
    return [
        [sum(own.weights.get(name, none)[label] for name in names) / UNIT for label in range(len(own.labels))]
        for names in features.of_tokens(tokens)
    ]


def test_scores_are_the_sums_of_the_features_that_training_saw() -> None:
    texts = laid(TEXT)
    assert texts
    own = model(texts)
    for tokens, found in zip(texts, own.scores(texts), strict=True):
        for fast, slow in zip(found.tolist(), plain_scores(own, tokens), strict=True):
            assert fast == pytest.approx(slow)


@settings(max_examples=30, deadline=None)
@given(st.text(alphabet="ab ,.()1-\nAéß’", min_size=1, max_size=60))
def test_scores_hold_for_any_text(text: str) -> None:
    for tokens in laid(f"Side effects\n\n{text}"):
        own = model([tokens])
        for fast, slow in zip(own.scores([tokens])[0].tolist(), plain_scores(own, tokens), strict=True):
            assert fast == pytest.approx(slow)


def test_probabilities_are_those_of_all_label_sequences() -> None:
    short = laid("Rash or gout.\n\nNausea. Pain (severe).")
    own = model(short, seed=3)
    for tokens, fast in zip(short, own.probabilities(short), strict=True):
        scores = plain_scores(own, tokens)
        totals = [[0.0] * 3 for _ in tokens.words]
        for path in itertools.product(range(3), repeat=len(tokens.words)):
            score = sum(scores[i][label] for i, label in enumerate(path))
            score += sum(own.transitions[a][b] / UNIT for a, b in itertools.pairwise(path))
            for i, label in enumerate(path):
                totals[i][label] += math.exp(score)
        for row, total in zip(fast.tolist(), totals, strict=True):
            assert row == pytest.approx([x / sum(total) for x in total])


def test_a_forest_gives_what_walking_its_trees_gives() -> None:
    trees = Forest(
        roots=[0, 5], feature=[0, -1, 1, -1, -1, 1, -1, -1], threshold=[0.5, 0, 2.0, 0, 0, 1.0, 0, 0],
        left=[1, 1, 3, 3, 4, 6, 6, 7], right=[2, 1, 4, 3, 4, 7, 6, 7],
        value=[0, 1.0, 0, -0.5, 0.25, 0, -1.0, 0.75], depth=2,
    )  # fmt: skip

    def walked(row: list[float]) -> float:
        total = 0.0
        for node in trees.roots:
            while trees.feature[node] >= 0:
                node = (trees.left if row[trees.feature[node]] <= trees.threshold[node] else trees.right)[node]
            total += trees.value[node]
        return 1 / (1 + math.exp(-total))

    rows = [[a, b] for a in (0.0, 0.5, 0.7) for b in (0.9, 1.0, 1.5, 2.0, 3.0)]
    assert trees.probabilities(rows) == pytest.approx([walked(row) for row in rows], abs=1e-6)
    assert trees.probabilities([]) == []


def test_a_model_is_written_the_same_way_every_time_and_read_back() -> None:
    own = tagging.Tagger(
        "adverse_effect", frozenset({"warnings"}), model(laid(TEXT)),
        Forest([0], [-1], [0.0], [0], [0], [0.1], 0), {"rash": [1, 2]}, 0.4, "model/any",
    )  # fmt: skip
    content = tagging.encode(own, {"from": "nowhere"})
    assert content == tagging.encode(own, {"from": "nowhere"})
    back = tagging.decode(content, "model")
    assert tagging.encode(back, {"from": "nowhere"}) == content


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "model.json.gz: not a model"),
        (b"\x1f\x8bbroken", "model.json.gz: not a model"),
        (gzip.compress(b'{"format":99}', mtime=0), "model.json.gz: a model of format 99; train one of format 1"),
        (gzip.compress(b"[]", mtime=0), "model.json.gz: not a model"),
    ],
    ids=["empty", "no gzip", "another format", "no object"],
)
def test_what_is_no_model_is_refused(content: bytes, says: str) -> None:
    with pytest.raises(OntologyError) as raised:
        tagging.decode(content, "model.json.gz")
    assert str(raised.value).startswith(says)
    assert "\n" not in str(raised.value)


def test_names_that_share_words_count_once_by_the_longest() -> None:
    from kg.extraction.tagging import apply

    (tokens,) = laid("severe peripheral neuropathy and pain")
    made = [
        spans.Occurrence(tokens, first, last, p, 0, 0, 0, 0, True, False, False, False)
        for first, last, p in ((1, 3, 0.6), (2, 3, 0.9), (0, 3, 0.2), (4, 5, 0.5))
    ]
    text = tokens.sentence.text
    assert [s.of(text) for s in apply.outermost(made[:2] + made[3:])] == ["peripheral neuropathy", "pain"]


def test_the_shipped_models_name_their_kind_sections_and_making() -> None:
    found = tagging.load()
    assert {own.kind for own in found} == {"adverse_effect", "indication"}
    for own in found:
        assert own.sections
        assert own.name.startswith("model/")
        assert 0.1 < own.threshold < 0.9
        assert {"B", "I", "O"} <= set(own.sequence.labels)
        assert len(own.sequence.weights) > 1000
        assert not any(len(key.split()) > 8 for key in (*own.priors, *own.sequence.weights)), "no text of others"
