"""Dealing annotated documents into folds, and learning which single sentences are whole sections."""

from __future__ import annotations

import pytest

from kg.extraction import Extractor
from kg.extraction.tagging import whole as read
from kg.extraction.tagging.tokens import laid
from kg.reading import make_document
from training import gold, whole

TEXT = (
    "Drug {} is indicated for the relief of {} in adults who did not respond to rest, sleep and a change of diet; "
    "it may be given alone, or with another medicine that lowers uric acid by a different way."
)
DISEASES = ("gout", "cough", "migraine", "asthma", "eczema", "insomnia", "anxiety", "fever")


@pytest.fixture(scope="module")
def documents() -> list[gold.Annotated]:
    """Give pairs of documents that differ in the drug's name alone, and others that share no run of words."""
    reader = Extractor(taggers=())
    texts = {f"twin{letter}{n}": TEXT.format(letter, "gout") + f" It helps {n}." for letter in "ab" for n in range(2)}
    texts |= {name: f"{name} {name} relieves {name} only {name}." for name in DISEASES}
    found = []
    for name, text in sorted(texts.items()):
        cut = tuple(
            (tokens, item.candidates)
            for tokens, item in laid(reader.readings(make_document(name, f"Indications\n\n{text}\n")))
        )
        found.append(gold.Annotated("names", name, cut, (), frozenset()))
    return found


@pytest.mark.parametrize("apart", [False, True])
def test_every_document_is_in_one_fold(documents: list[gold.Annotated], apart: bool) -> None:
    dealt = gold.folds(documents, apart)
    assert len(dealt) == gold.FOLDS
    assert sorted(name for fold in dealt for _, name in fold) == sorted(d.name for d in documents)
    assert dealt == gold.folds(list(reversed(documents)), apart)
    assert all(dealt)


def test_documents_of_one_text_share_a_fold(documents: list[gold.Annotated]) -> None:
    dealt = gold.folds(documents, apart=True)
    twins = {("names", d.name) for d in documents if d.name.startswith("twin")}
    assert [fold & twins for fold in dealt if fold & twins] == [twins]


def test_whole_sections_are_told_from_sentences_by_how_they_are_worded() -> None:
    reader = Extractor(taggers=())

    def annotated(folder: str, text: str) -> gold.Annotated:
        cut = laid(reader.readings(make_document(text, f"Indications\n\n{text}\n")))
        return gold.Annotated(folder, text, tuple((own, item.candidates) for own, item in cut), (), frozenset(), True)

    sections = [annotated("sections", f"Drugs are indicated for {name}.") for name in DISEASES]
    sentences = [annotated("sentences", f"The patients had {name}: they were treated") for name in DISEASES]
    learned, tried = (sections[1:] + sentences[1:]), (sections[0], sentences[0])
    weights = whole.weights(learned, "sentences")
    assert weights == whole.weights(reversed(learned), "sentences")
    found = [read.is_whole([tokens for tokens, _ in document.sentences], weights) for document in tried]
    assert found == [True, False]
