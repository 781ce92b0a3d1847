"""Documents on several drugs: which drugs a page treats side by side, each under a heading or title of its own."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from kg.extraction.about import Main, named_alone
from kg.extraction.sentence import PROFESSIONAL, Sentence, pick
from kg.extraction.unlisted import bare
from kg.records import Concept
from kg.vocabulary import Vocabulary

OF_OTHERS = frozenset({"interactions", "alternatives", "contraindications"})
"""Sections whose headings and rows name drugs that the document is not about."""

_NUMBER = re.compile(r"^[\W\d]*(?:[A-Za-z][.)]\s+)?")
_ASIDE = re.compile(r"\s*\([^()]*\)")
_DRUGS = frozenset({"Drug", "Brand"})
_CLASSES = frozenset({"DrugClass"})

FEWEST = 2
"""Drugs that a document treats side by side."""

TITLES = 4
"""Passages at the head of a text among which its title is."""

USED = 3
"""How often a text names a drug of its title at least, if it treats it."""


def named_in(heading: str, vocabulary: Vocabulary) -> tuple[Concept, ...]:
    """Return the drugs of a heading that holds little more than their names.

    >>> from kg import vocabulary
    >>> [drug.label for drug in named_in("2. Loratadine (Claritin) – the gentle one", vocabulary.load())]
    ['loratadine']
    >>> named_in("Stopping sertraline", vocabulary.load())
    ()
    """
    plain = _ASIDE.sub("", heading)
    for words in dict.fromkeys((heading, _NUMBER.sub("", plain), bare(_NUMBER.sub("", plain)))):
        found = named_alone(words, vocabulary) if words else ()
        if found:
            return found
    return ()


@dataclass(frozen=True, slots=True)
class Peers:
    """What a document treats side by side.

    Attributes
    ----------
    drugs : frozenset of str
        The IRIs of the drugs beside its own.
    headed : mapping
        Headings that name just one of all these drugs, each with it: "Taking loratadine".
    """

    drugs: frozenset[str] = frozenset()
    headed: Mapping[str, Concept] = field(default_factory=dict)


def peers(sentences: Sequence[Sentence], main: Main, vocabulary: Vocabulary) -> Peers:
    """Find the drugs that a document treats beside the one that it is about.

    They are those of its title, and those that have a heading, column or title of their own, outside of what drugs do
    to each other; a single drug that has one, where the document's own has none, is only one that is spoken of.
    """
    if not sentences or sentences[0].source in PROFESSIONAL:
        return Peers()
    found = _of_title(sentences, vocabulary)
    known: dict[str, tuple[Concept, ...]] = {}
    for sentence in sentences:
        passage = sentence.passage
        if sentence.asks or sentence.under(OF_OTHERS):
            continue
        texts = [sentence.text] if passage.is_heading else [h.text for h in passage.headings[-3:]]
        texts += [passage.title.text] if passage.title else []
        for text in texts:
            if text not in known:
                known[text] = named_in(text, vocabulary)
            if len(known[text]) == 1:
                found.add(known[text][0].iri)
    found.discard("")
    own = found & main.own
    if len(found) < FEWEST or not (own or len(found) > FEWEST):
        return Peers()
    return Peers(frozenset(found - own), _headed(sentences, frozenset(found | main.own), vocabulary))


def _of_title(sentences: Sequence[Sentence], vocabulary: Vocabulary) -> set[str]:
    """Return the drugs that a title names side by side, where the text goes on to speak of each."""
    used = Counter(drug for sentence in sentences for drug in _drugs(sentence, vocabulary, _DRUGS | _CLASSES))
    for sentence in sentences[:TITLES]:
        types = _DRUGS | _CLASSES if sentence.says("and_other") else _DRUGS  # "X and other statins"
        drugs = list(dict.fromkeys(_drugs(sentence, vocabulary, types)))
        if sentence.passage.is_heading and len(drugs) > 1:
            return {drug for drug in drugs if used[drug] > USED}
    return set()


def _headed(sentences: Iterable[Sentence], drugs: frozenset[str], vocabulary: Vocabulary) -> dict[str, Concept]:
    """Return the headings that name just one of some drugs."""
    found: dict[str, Concept] = {}
    for sentence in sentences:
        if sentence.passage.is_heading and not sentence.under(OF_OTHERS):
            named = list(dict.fromkeys(iri for iri in _drugs(sentence, vocabulary) if iri in drugs))
            if len(named) == 1:
                found[sentence.text.strip(" *_#:")] = vocabulary.concepts[named[0]]
    return found


def _drugs(sentence: Sentence, vocabulary: Vocabulary, types: frozenset[str] = _DRUGS) -> Iterator[str]:
    for mention in sentence.mentions:
        concept = pick(mention, types)
        if concept is not None:
            yield vocabulary.drug_of(concept).iri
