"""Whether a single sentence is a whole section, or one of many that was taken out of its section.

A whole section says what is indicated for what ("… is indicated for …"); a sentence taken out of one may also tell of
studies, of patients, or go on with what was said before it. What is looked at is how the sentence begins and ends,
where it says "indicated", how long it is, and whether it begins with a drug: no name, so that it holds for any drug.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kg.extraction.tagging.contexts import function_words
from kg.extraction.tagging.tokens import EDGE, Tokens

ALWAYS = "b"
"""The feature that every sentence has."""
_AGENTS = ("Drug", "Bran")
"""How the tags of drugs, their classes and their brands begin."""
_SIZES = (10, 15, 20, 30, 40, 60)
_EARLY = (5, 9, 15)
_NONE = "-"


def features(sentences: Sequence[Tokens]) -> list[str]:
    """Say what a section of one sentence looks like; headings and the marks of a list may have cut it into several."""
    said = [tokens for tokens in sentences if not tokens.sentence.passage.is_heading] or sentences
    words = [word for tokens in said for word in tokens.words]
    if not words:
        return [ALWAYS]
    place = next((number for number, word in enumerate(words) if word in function_words().saying), None)
    found = [ALWAYS, f"first={_known(words[0])}", f"shape={said[0].shapes[0]}"]
    found += [f"longer={size}" for size in _SIZES if len(words) > size]
    found += [f"has={mark}" for mark in ":(" if mark in words]
    agents = [any(kind in name for kind in _AGENTS) for name in said[0].names]
    told = {
        "parts": len(said) > 1, "digit": any(word.isdigit() for word in words), "closed": words[-1] == ".",
        "drug": any(agents), "drug<4": any(agents[:4]), "drug<1": agents[0],
    }  # fmt: skip
    found += [name for name, holds in told.items() if holds]
    if place is None:
        return [*found, "at=none"]
    around = [*words[max(0, place - 1) : place], EDGE][0], [*words[place + 1 : place + 2], EDGE][0]
    found += [f"before={_known(around[0])}", f"behind={_known(around[1])}"]
    return found + [f"at<{early}" for early in _EARLY if place < early]


def is_whole(sentences: Sequence[Tokens], weights: Mapping[str, int]) -> bool:
    """Tell whether they are likelier a whole section than a sentence of one, by weights in thousandths."""
    return sum(weights.get(name, 0) for name in features(sentences)) > 0


def _known(word: str) -> str:
    """Return a function word, or nothing of any other."""
    table = function_words()
    lists = (table.prepositions, table.reporting, table.keys, table.openings)
    return word if word == EDGE or any(word in own for own in lists) else _NONE
