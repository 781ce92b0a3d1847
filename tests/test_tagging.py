"""The statistical tagger: sums and probabilities held against slow and plain reckoning, and the shipped models."""

from __future__ import annotations

import functools
import gzip
import itertools
import math
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.errors import OntologyError
from kg.extraction import Extractor, abbreviations, tagging
from kg.extraction.tagging import apply, around, features, known, spans, whole
from kg.extraction.tagging.forest import Forest
from kg.extraction.tagging.sequence import UNIT, SequenceModel
from kg.extraction.tagging.tokens import Tokens
from kg.extraction.tagging.tokens import laid as cut
from kg.reading import make_document
from kg.records import Span

TEXT = (
    "ADVERSE REACTIONS\n\nThe most common reactions (10 %) were nausea, severe headache and rash. "
    "Hepatic failure has been reported; patients with a history of gout were not studied.\n"
)


TWICE = "of,type,2,diabetes,mellitus,and,diabetes,mellitus,head,aches,diabetes,,mellitus"
TEXT_WITH_NAMES = "patients with seasonal allergic rhinitis or chronic myeloid leukaemia were asked"


@functools.cache
def reader() -> Extractor:
    """Return an extractor that needs no models."""
    return Extractor(taggers=())


def laid(text: str) -> list[Tokens]:
    """Lay a text out as the tagger sees it."""
    found = reader().readings(make_document("page.txt", text))
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


def every_span(own: SequenceModel, tokens: Tokens) -> dict[tuple[int, int], float]:
    """Add up the chances of every sequence of labels, span by span."""
    scores = plain_scores(own, tokens)
    size, total = len(tokens.words), 0.0
    chances: dict[tuple[int, int], float] = {}
    for path in itertools.product(range(len(own.labels)), repeat=size):
        score = sum(scores[i][label] for i, label in enumerate(path))
        score += sum(own.transitions[a][b] / UNIT for a, b in itertools.pairwise(path))
        total += math.exp(score)
        for start in range(size):
            if own.labels[path[start]] == "B":
                end = start + 1
                while end < size and own.labels[path[end]] == "I":
                    end += 1
                chances[start, end] = chances.get((start, end), 0.0) + math.exp(score)
    return {place: chance / total for place, chance in chances.items()}


@pytest.mark.parametrize("labels", [("B", "I", "O"), ("B", "I", "BX", "O")])
def test_spans_have_the_chances_of_all_label_sequences(labels: tuple[str, ...]) -> None:
    short = laid("Rash or gout.\n\nNausea. Pain (severe).")
    own = model(short, labels, seed=3)
    for tokens, lattice in zip(short, own.lattices(short), strict=True):
        expected = every_span(own, tokens)
        assert lattice.likely(0.0, 99) == pytest.approx(expected)
        assert [lattice.span(*place) for place in expected] == pytest.approx(list(expected.values()))
        begins = [sum(p for (start, _), p in expected.items() if start == place) for place in range(len(tokens.words))]
        assert lattice.first == pytest.approx(begins)


def test_a_known_name_is_the_longest_that_no_mark_cuts() -> None:
    names = [("type", "2", "diabetes", "mellitus"), ("diabetes", "mellitus"), ("head", "ache"), ("of",)]
    kept = {known.hash_of(words): number + 1 for number, words in enumerate(names) if known.is_kept(words)}
    own = known.decode(known.encode(kept, ("one", "two")), "names")
    assert own.sources == ("one", "two")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(known, "load", lambda: own)
        text = TWICE.split(",")
        assert known.longest(text) == [(1, 5, 1), (6, 8, 2), (8, 10, 3)]
        assert known.masks([("diabetes", "mellitus"), ("diabetes",), (), ("of",)]) == [2, 0, 0, 0]
        assert known.longest([]) == []
        assert known.masks([]) == []


@pytest.mark.parametrize(
    "content", [b"", b"\x1f\x8bbroken", gzip.compress(b'{"format":9}\n', mtime=0), gzip.compress(b"[]\n", mtime=0)]
)
def test_what_is_no_list_of_names_is_refused(content: bytes) -> None:
    with pytest.raises(OntologyError, match=r"^names: no list of known names .*; make it again$"):
        known.decode(content, "names")


def test_the_shipped_list_knows_names_and_not_their_neighbours() -> None:
    words = TEXT_WITH_NAMES.split()
    assert [" ".join(words[a:b]) for a, b, _ in known.longest(words) if b - a > 1] == [
        "seasonal allergic rhinitis", "chronic myeloid leukaemia",
    ]  # fmt: skip


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


@pytest.mark.parametrize(("wide", "weights"), [(False, {}), (True, {"b": -3, "drug": 2})])
def test_a_model_is_written_the_same_way_every_time_and_read_back(wide: bool, weights: dict[str, int]) -> None:
    own = tagging.Tagger(
        "adverse_effect", frozenset({"warnings"}), model(laid(TEXT)),
        Forest([0], [-1], [0.0], [0], [0], [0.1], 0), {"rash": [1, 2]}, 0.4, "model/any", wide=wide, whole=weights,
    )  # fmt: skip
    content = tagging.encode(own, {"from": "nowhere"})
    assert content == tagging.encode(own, {"from": "nowhere"})
    back = tagging.decode(content, "model")
    assert tagging.encode(back, {"from": "nowhere"}) == content
    assert back.wide is wide
    assert back.whole == weights


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "model.json.gz: not a model"),
        (b"\x1f\x8bbroken", "model.json.gz: not a model"),
        (gzip.compress(b'{"format":99}', mtime=0), "model.json.gz: a model of format 99; train one of format 3"),
        (gzip.compress(b"[]", mtime=0), "model.json.gz: not a model"),
    ],
    ids=["empty", "no gzip", "another format", "no object"],
)
def test_what_is_no_model_is_refused(content: bytes, says: str) -> None:
    with pytest.raises(OntologyError) as raised:
        tagging.decode(content, "model.json.gz")
    assert str(raised.value).startswith(says)
    assert "\n" not in str(raised.value)


def occurrence(tokens: Tokens, first: int, last: int, probability: float) -> spans.Occurrence:
    return spans.Occurrence(tokens, first, last, probability, (0, 0, 0), 0, 0, 0, 0, frozenset())


def test_of_names_that_share_words_the_likeliest_is_stated() -> None:
    (tokens,) = laid("severe peripheral neuropathy and pain")
    places = ((0, 3, 0.2), (1, 3, 0.6), (2, 3, 0.3), (4, 5, 0.5), (3, 4, 0.9))
    found = spans.names([occurrence(tokens, *place) for place in places])
    stated = spans.stated(found, (0.9, 0.9, 0.9, 0.6, 0.1), 0.5)
    assert [own.text for own in stated] == ["peripheral neuropathy", "pain"]


def test_what_stands_around_a_name_is_told_by_its_neighbours() -> None:
    texts = laid("Indications\n\nHeadache\n\nFor headache or fever. Not for gout.")
    (heading, uses, others) = [tokens for tokens in texts if "indications" not in tokens.words]
    found = spans.names([
        occurrence(heading, 0, 1, 0.2), occurrence(uses, 1, 2, 0.9), occurrence(uses, 3, 4, 0.8),
        occurrence(others, 2, 3, 0.3),
    ])  # fmt: skip
    headache, fever, gout = around.rows(found)
    # the likeliest other name of the sentence, how many likely ones; the likeliest before, behind, and in all before
    assert headache == [0.8, 1, 0.2, 0.3, 0.2]
    assert fever == [0.9, 1, 0.2, 0.3, 0.2]
    assert gout == [-1, 0, 0.9, -1, 0.9]
    assert around.rows({}) == []


def test_names_take_the_place_of_the_phrase_that_holds_them() -> None:
    (tokens,) = laid("severe peripheral neuropathy and pain of the knee")
    phrases = [occurrence(tokens, *place, 0.9) for place in ((0, 3), (4, 8))]
    names = [occurrence(tokens, *place, 0.9) for place in ((1, 3), (3, 5))]
    assert [own.text for own in apply.narrowed(phrases, names)] == ["peripheral neuropathy", "pain of the knee"]


@pytest.mark.parametrize(
    ("text", "is_alone"),
    [
        ("For the relief of cough.", True),
        ("Uses: relief of cough, and of fever", True),
        ("For the relief of cough. Not for children.", False),
        ("It is used for the relief of cough by day, and\nfor the relief of fever by night.", True),
        ("It is used for the relief of cough.\n\nIt is used for the relief of fever.", False),
    ],
)
def test_a_section_of_one_sentence_is_known(text: str, is_alone: bool) -> None:
    page = make_document("page.txt", f"Indications\n\n{text}\n")
    sentences = reader().sentences(page)
    assert apply.is_alone(sentences, page.text) is is_alone


WHOLE = (
    ("Clonazepam is indicated for the treatment of panic disorder.", True),
    ("Sertraline tablets are indicated, beside a diet, for the relief of heartburn in adults.", True),
    ("It is not indicated for acute pain: see the boxed warning for other uses.", False),
    ("The studies were of patients with gout who had been treated for years and were then observed.", False),
)


@pytest.mark.parametrize(("text", "is_whole"), WHOLE)
def test_a_sentence_that_says_what_a_section_does_is_told_from_one_of_many(text: str, is_whole: bool) -> None:
    (own,) = [tagger for tagger in tagging.load() if tagger.alone]
    found = laid(f"INDICATIONS AND USAGE\n\n{text}\n")
    assert whole.is_whole(found, own.whole) is is_whole
    assert not whole.is_whole(found, {}), "without weights nothing is"
    assert not whole.is_whole([], own.whole), "nor is no sentence"


MEANINGS = (
    ("bleeding", "hemorrhage"),
    ("SJS", "Stevens-Johnson syndrome"),
    ("Stevens-Johnson syndrome (SJS)", "Stevens-Johnson syndrome"),
    ("were seen", None),
)


@pytest.mark.parametrize(("words", "label"), MEANINGS, ids=[words for words, _ in MEANINGS])
def test_a_span_inside_a_longer_name_has_its_own_meaning(words: str, label: str | None) -> None:
    text = "Serious bleeding problems and Stevens-Johnson syndrome (SJS) were seen."
    own = reader()
    (sentence,) = own.sentences(make_document("a.txt", text))
    named = functools.partial(own.named, text, abbreviations.defined(text, own.lexicon))
    start = text.index(words)
    mention = apply.mention_at(sentence, Span(start, start + len(words)), named)
    assert [concept.label for concept in mention.concepts] == ([label] if label else [])


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
