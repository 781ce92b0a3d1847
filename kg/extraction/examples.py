"""What is said of a class holds for its examples, and what a row of a table tells to do for all that the row names."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterable, Iterator, Sequence

from kg.extraction.candidate import Candidate
from kg.extraction.phrases import Phrases
from kg.extraction.sentence import Sentence, once
from kg.records import Statement
from kg.vocabulary.lexicon import normalise

_COMBINED = frozenset({"interaction", "contraindication"})
_FAR = 1_000
"""A class may stand at most this many characters before its examples."""
_HEADINGS = 512
"""Headings about which it is remembered what they say: those of some documents."""
_WORD = re.compile(r"[a-z0-9]+")


def name(words: str, phrases: Phrases) -> frozenset[str]:
    """Return the words by which a class is known, whatever their order; "drugs" and the like are left out."""
    filler = phrases.words["name_filler"]
    return frozenset(word.removesuffix("s") for word in _WORD.findall(words) if not filler.fullmatch(word))


def name_of(statement: Statement, phrases: Phrases) -> frozenset[str]:
    """Return the words by which what a statement is about is known."""
    return name(normalise(statement.evidence.object_text), phrases)


def covers(general: frozenset[str], special: frozenset[str]) -> bool:
    """Tell whether what is said of one name holds for another: of inhibitors, and so of strong inhibitors."""
    return bool(general) and general <= special


def named(candidates: Iterable[Candidate]) -> set[frozenset[str]]:
    """Return the names of what a sentence says to interact."""
    found = (c for c in candidates if c.rule.kind == "interaction")
    return {name(c.object.span.of(c.sentence.normal), c.sentence.phrases) for c in found}


def may_mean(sentence: Sentence, candidates: Iterable[Candidate], before: Iterable[Statement]) -> bool:
    """Tell whether a sentence may speak of the drugs before it: it names none, or calls one of them much the same."""
    names = named(candidates)
    earlier = [name_of(statement, sentence.phrases) for statement in before]
    return not names or any(one & other for one in names for other in earlier)


@once
def tells_what_to_do(sentence: Sentence) -> bool:
    """Tell whether a sentence is in the cell of a row that says what to do, as in tables that have run together."""
    headings, words = sentence.passage.headings, sentence.phrases.words
    if bool(headings) and _says_what_to_do(headings[-1].text, sentence.phrases):
        return True
    if words["told_in_cell"].match(sentence.normal):
        return True
    goes_on = sentence.previous is not None and not words["other_cell"].match(sentence.normal)
    return goes_on and sentence.previous is not None and tells_what_to_do(sentence.previous)


@functools.lru_cache(_HEADINGS)  # the same few headings stand over all the sentences of a document
def _says_what_to_do(heading: str, phrases: Phrases) -> bool:
    return phrases.words["what_to_do"].match(normalise(heading)) is not None


def row_begins(sentence: Sentence) -> int:
    """Return where the row begins that a sentence stands in: with its paragraph, or with the title above its cell."""
    names_cell, headings = sentence.phrases.words["names_cell"], sentence.passage.headings
    in_cell = bool(headings) and names_cell.match(normalise(headings[-1].text)) is not None
    if in_cell or sentence.passage.is_item:
        titles = (h.span.start for h in headings if h.text and not names_cell.match(normalise(h.text)))
        return max(titles, default=sentence.passage.span.start)
    first = sentence
    while first.previous is not None:
        first = first.previous
    return first.passage.span.start


def exemplified(
    candidate: Candidate, said: Sequence[Statement], text: str, row_begins: Callable[[], int]
) -> Statement | None:
    """Return what was said of the class that a sentence gives examples of: "avoid strong inhibitors. Examples are".

    `text` is that of the document. The cell of a row that holds examples gives them of what its row speaks of, which
    begins where `row_begins` says.
    """
    sentence = candidate.sentence
    passage, gives = sentence.passage, sentence.phrases.words["gives_examples"]
    names_examples = sentence.phrases.words["names_examples"]
    lead = normalise(passage.lead.of(text)) if passage.lead else ""
    match = gives.search(sentence.normal)
    if match is not None and match.end() <= candidate.object.span.start:
        shown = sentence.normal[match.end() : candidate.object.span.start]
    elif lead and (match := gives.search(lead)) is not None:
        shown = f"{normalise(passage.title.text)}:" if passage.title else lead[match.end() :]
    elif passage.row is not None and passage.title and names_examples.match(normalise(passage.title.text)):
        shown = sentence.normal[sentence.body : candidate.object.span.start]
    else:
        return None
    group = (match and match["group"]) or _class_before_colon(shown)
    if match is None or match.start() == 0:
        floor = row_begins()
    elif sentence.previous is not None:
        floor = sentence.previous.passage.span.start
    else:
        return None
    told = list(_told_since(floor, said, passage.span.start))
    own = candidate.object.span.of(sentence.normal)
    leads = sentence.normal.startswith(":", candidate.object.span.end)  # it is the class, and its examples follow
    meant = next((s for s in told if _is_meant(group or own, s, sentence.phrases)), None)
    return meant if group or leads or meant else next(iter(told), None)


def _told_since(floor: int, said: Sequence[Statement], place: int) -> Iterator[Statement]:
    """Give what was said since a place of what interacts, and how much care it asks, the latest first."""
    for statement in reversed(said):
        evidence = statement.evidence
        if evidence.span.end < floor or place - evidence.object_span.end > _FAR:
            return
        telling = statement.kind == "contraindication" or bool(statement.qualifiers.get("level"))
        if statement.kind in _COMBINED and telling and evidence.span.start >= floor:
            yield statement


def _class_before_colon(words: str) -> str:
    """Return the class that examples stand behind, with a colon between: "strong inhibitors: ..."."""
    return words.rpartition(":")[0].rpartition(":")[2].strip(" ;,.")


def _is_meant(group: str, statement: Statement, phrases: Phrases) -> bool:
    told, meant = normalise(statement.evidence.object_text), name(group, phrases)
    known = name(told, phrases)
    several = phrases.words["name_coordinated"].search(told) is not None
    return meant == known or (meant <= known and several) or (known <= meant and group.endswith(told))
