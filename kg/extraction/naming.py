"""What the object of a statement is called: the concept, or the document's own words under the nearest concept."""

from __future__ import annotations

from kg.extraction import own_words, wording
from kg.extraction.allergies import COMPLEMENT
from kg.extraction.sentence import pick
from kg.records import Entity, Mention
from kg.vocabulary import Vocabulary

_OF_PATIENTS = frozenset({"contraindication", "caution"})


def entity(kind: str, mention: Mention, types: frozenset[str], words: str, known: Vocabulary) -> Entity:
    """Name the object of a statement.

    Parameters
    ----------
    kind : str
        The kind of the statement.
    mention : Mention
        What is named, with the concepts that its core may be.
    types : frozenset of str
        The semantic types that are preferred among them.
    words : str
        The words of the document.
    known : Vocabulary
        The vocabulary.
    """
    own = wording.own_label(words)
    if kind in _OF_PATIENTS and mention.why == COMPLEMENT:  # an allergy to a drug is a state, not that drug
        to = mention.concepts if mention.span == mention.core else ()
        allergy = own_words.allergy(words, own, to, known)
        if allergy is not None:
            return allergy
    concept = pick(mention, types) or (mention.concepts[0] if mention.concepts else None)
    if concept is None:
        return own_words.placed(words, own, known) or Entity(own)
    (start, end), (first, last) = mention.span, mention.core
    if end - start > last - first and (mention.modified or wording.more_than_severity(mention, own)):
        return Entity(own, None, concept.iri or None)
    return Entity(concept.label, concept.iri or None)
