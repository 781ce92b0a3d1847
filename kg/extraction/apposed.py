"""A class right in front of the drug that belongs to it: "the statin simvastatin", "your statin (simvastatin)"."""

from __future__ import annotations

from kg.extraction.sentence import Sentence
from kg.records import Mention

_DRUGS = frozenset({"Drug", "Brand"})
_JOINTS = (" ", " (", ", ")


def drug_behind(sentence: Sentence, mention: Mention) -> Mention | None:
    """Return the drug that a class is said of by standing in front of it; none where it is one of the drugs itself."""
    if mention.types & _DRUGS:
        return None
    words = sentence.phrases.words
    for drug in sentence.mentions:
        between = sentence.normal[mention.span.end : drug.span.start]
        if between not in _JOINTS or not drug.types & _DRUGS:
            continue
        if between == " (" or (between == " " and not mention.span.of(sentence.normal).endswith("s")):
            return drug
        if between != ", ":
            return None  # "Statins Simvastatin ...": a heading that has run into its sentence
        determined = sentence.says_apart("determined", 0, mention.span.start)  # "your new antifungal, terbinafine, ..."
        return drug if determined and words["apposition_ends"].match(sentence.normal, drug.span.end) else None
    return None
