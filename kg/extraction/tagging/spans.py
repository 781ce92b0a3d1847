"""Spans that may name what is sought, and what speaks for each: the table that the forest judges.

A name counts once a document, however often it stands there; so all its occurrences are judged together.
"""

from __future__ import annotations

import functools
import math
import operator
import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from kg.extraction.candidate import Candidate
from kg.extraction.tagging import known
from kg.extraction.tagging.sequence import Lattice
from kg.extraction.tagging.tokens import OUTSIDE, Tokens
from kg.records import Span

Words = tuple[str, ...]
Place = tuple[int, int]
"""The first token of a name, and the one behind its last."""
Prior = Callable[[str], tuple[int, int]]
"""A key of `prior_keys` → in how many training documents it was sought, and in how many it stood."""

LONGEST = 14
"""Words of the longest name."""
LONGEST_PRIOR = 4
"""Words of the longest name of which training remembers how often it was right."""
_MOST_TOKENS = 22
_FAINT = 0.01
"""A span below this probability is not judged, unless the vocabulary or a rule names it."""
_FAINTEST = 0.001
_JOINING = frozenset(",/()%;-") | frozenset({"and", "or"})
_JOINED = 6
_REMEMBERED = 1_024
_LINKING = frozenset({"of", "and", "or", "with", "in", "to", "due", "the"})
_PART = re.compile(r"[a-z0-9]+")
_WORD = re.compile(r"[a-z]+|\d+")
_PROBABILITY = operator.attrgetter("probability")


class Occurrence(NamedTuple):
    """One span of tokens that may be a name.

    `probability` is that of just this span; `rival` and `longer`, `shorter` are those of the likeliest other span that
    shares a token, and of such that are longer or not; `cover` tells how likely its tokens are to be part of any name
    (least, most, mean), `before` and `after` the same of its neighbours. `marks` say who else names it.
    """

    tokens: Tokens
    first: int
    last: int
    probability: float
    cover: tuple[float, float, float]
    before: float
    after: float
    begins: float
    inner: float
    marks: frozenset[str]
    rival: float = 0.0
    rivals: float = 0.0
    longer: float = 0.0
    shorter: float = 0.0
    sibling: float = 0.0
    long_form: float = 0.0

    @property
    def start(self) -> int:
        """Where it starts, from the start of the sentence."""
        return self.tokens.starts[self.first]

    @property
    def end(self) -> int:
        """Where it ends."""
        return self.tokens.ends[self.last - 1]

    @property
    def text(self) -> str:
        """Its words as they stand in the sentence."""
        return self.tokens.sentence.text[self.start : self.end]


def words_of(text: str) -> Words:
    """Return the words that identify a name: letters and digits, lower case."""
    return tuple(_PART.findall(text.lower()))


def occurrences(tokens: Tokens, lattice: Lattice, readings: Sequence[Candidate], kind: str) -> list[Occurrence]:
    """Give the spans of one sentence that may be names: what the sequence model, the vocabulary or a rule holds one."""
    if lattice.is_empty(_FAINT):
        return []
    places: dict[Place, float] = defaultdict(float)
    for place, chance in lattice.likely(_FAINT, _MOST_TOKENS).items():
        places[_trim(tokens, *place)] += chance
    marks: dict[Place, set[str]] = defaultdict(set)
    for span, mark in _named(tokens, readings, kind):
        place = _trim(tokens, *span)
        marks[place].add(mark)
        if place not in places and place[0] < place[1]:
            chance = lattice.span(*place)
            likely = lattice.first[place[0]] + lattice.inside[place[0]] >= 2 * _FAINT
            if chance >= _FAINTEST or likely or mark in ("ruled", "otherwise"):
                places[place] = chance
    found = [
        _occurrence(tokens, lattice, place, chance, frozenset(marks[place]))
        for place, chance in sorted(places.items())
        if place[0] < place[1]
    ]
    return list(_beside(found))


def _named(tokens: Tokens, readings: Sequence[Candidate], kind: str) -> Iterator[tuple[Place, str]]:
    """Give the spans that the vocabulary or a rule names, in tokens, with who does."""
    for mention in tokens.sentence.mentions:
        if "Condition" in mention.types:
            for span, mark in ((mention.core, "core"), (mention.span, "span")):
                place = _place(tokens, span)
                if place is not None:
                    yield place, mark
    for candidate in readings:
        place = None if candidate.in_heading else _place(tokens, candidate.object.span)
        if place is not None:
            ruled = candidate.rule.kind == kind and candidate.polarity == "affirmed"
            yield place, "ruled" if ruled else "otherwise"


def _place(tokens: Tokens, span: Span) -> Place | None:
    """Return the tokens that a span consists of, if it does."""
    first, last = bisect_left(tokens.starts, span.start), bisect_left(tokens.ends, span.end)
    size = len(tokens.starts)
    if first < size and last < size and tokens.starts[first] == span.start and tokens.ends[last] == span.end:
        return first, last + 1
    return None


def _occurrence(tokens: Tokens, lattice: Lattice, place: Place, chance: float, marks: frozenset[str]) -> Occurrence:
    start, end = place
    first, inside = lattice.first, lattice.inside
    cover = [a + b for a, b in zip(first[start:end], inside[start:end], strict=True)]
    return Occurrence(
        tokens, start, end,
        probability=min(chance, 1.0),
        cover=(min(cover), max(cover), sum(cover) / len(cover)),
        before=first[start - 1] + inside[start - 1] if start else 0.0,
        after=inside[end] if end < len(inside) else 0.0,
        begins=first[start],
        inner=max(first[start + 1 : end], default=0.0),
        marks=marks,
    )  # fmt: skip


def _trim(tokens: Tokens, start: int, end: int) -> Place:
    words = tokens.words
    while start < end and not words[start][0].isalnum():
        start += 1
    while end > start and not words[end - 1][0].isalnum():
        end -= 1
    return start, end


def _beside(found: list[Occurrence]) -> Iterator[Occurrence]:
    """Add what stands beside or across: rivals, the neighbours of a coordination, the long form of an abbreviation.

    `found` are in the order of their places.
    """
    for own in found:
        words, first, last = own.tokens.words, own.first, own.last
        rival = rivals = longer = shorter = sibling = long_form = 0.0
        for other in found:
            begin, end, chance = other.first, other.last, other.probability
            if begin < last and first < end:
                if other is not own:
                    rival, rivals = max(rival, chance), rivals + chance
                    if end - begin > last - first:
                        longer = max(longer, chance)
                    else:
                        shorter = max(shorter, chance)
            elif begin - last > _JOINED:
                break
            elif first - end <= _JOINED:
                gap = words[end:first] if end <= first else words[last:begin]
                if _joins(gap):
                    sibling = max(sibling, chance)
                if gap == ("(",) and end < first and last - first == 1:
                    long_form = max(long_form, chance)
        yield own._replace(
            rival=rival, rivals=rivals, longer=longer, shorter=shorter, sibling=sibling, long_form=long_form
        )


@functools.lru_cache(_REMEMBERED)  # nearly always a comma or "and"
def _joins(gap: Words) -> bool:
    """Tell whether some words may stand between the members of a list."""
    return all(word in _JOINING or word.isdigit() for word in gap)


def names(found: Sequence[Occurrence]) -> dict[Words, list[Occurrence]]:
    """Put the occurrences of one name together."""
    by_words: dict[Words, list[Occurrence]] = defaultdict(list)
    for own in found:
        words = words_of(own.text)
        if 0 < len(words) <= LONGEST:
            by_words[words].append(own)
    return dict(by_words)


def stated(
    by_name: Mapping[Words, Sequence[Occurrence]], chances: Iterable[float], threshold: float
) -> list[Occurrence]:
    """Return the occurrences of the names that reach the threshold; of those that share words, the likeliest."""
    ranked = [
        (chance * own.probability, own)
        for found, chance in zip(by_name.values(), chances, strict=True)
        if chance >= threshold
        for own in found
    ]
    kept: dict[int, list[Occurrence]] = defaultdict(list)
    for _, own in sorted(ranked, key=lambda item: (-item[0], item[1].first, item[1].last)):
        beside = kept[id(own.tokens)]
        if not any(own.first < other.last and other.first < own.last for other in beside):
            beside.append(own)
    return [own for beside in kept.values() for own in sorted(beside, key=lambda o: o.first)]


def prior_keys(words: Words) -> tuple[str, str, str]:
    """Return the keys under which training counts a name: the name, its first and its last word."""
    whole = " ".join(words) if len(words) <= LONGEST_PRIOR else ""
    return whole, f"{words[0]} …", f"… {words[-1]}"


def rows(by_name: Mapping[Words, Sequence[Occurrence]], prior: Prior) -> list[list[float]]:
    """Describe every name of a document in numbers, in the order of the mapping."""
    best = {words: max(o.probability for o in found) for words, found in by_name.items()}
    as_set = {words: frozenset(words) for words in by_name}
    containing, beginning = defaultdict[str, list[Words]](list), defaultdict[str, list[Words]](list)
    for words, own in as_set.items():
        beginning[words[0]].append(words)
        for word in own:
            containing[word].append(words)
    masks = known.masks([_WORD.findall(" ".join(words)) for words in by_name])
    total = sum(best.values())
    result = []
    for (words, found), mask in zip(by_name.items(), masks, strict=True):
        own, size = as_set[words], len(words)
        wider = min([containing[word] for word in own], key=len)  # what holds all words holds the rarest one
        longer = [best[other] for other in wider if len(other) > size and own < as_set[other]]
        within = (other for word in own for other in beginning[word])
        shorter = [best[other] for other in within if len(other) < size and as_set[other] < own]
        likeliest = max(found, key=_PROBABILITY)
        row = _of_places(found, likeliest) + _of_words(words, found, likeliest, mask) + _of_counts(words, prior)
        result.append(
            [*row, max(longer, default=0.0), len(longer), max(shorter, default=0.0), len(shorter), len(by_name), total]
        )
    return result


def _of_places(found: Sequence[Occurrence], best: Occurrence) -> list[float]:
    """Say how likely a name's occurrences are, each by itself, against its rivals, and beside its neighbours."""
    (
        _, _, _, chances, covers, before, after, begins, inner, _,
        rival, _, _, _, sibling, long_form,
    ) = zip(*found, strict=True)  # fmt: skip
    likely = sorted(chances, reverse=True)
    count = len(found)
    return [
        _log_odds(likely[0]), _log_odds(sum(likely) / count),
        _log_odds(1 - math.prod([1 - min(p, 0.999) for p in likely])), likely[-1],
        likely[1] if count > 1 else -1.0, count, sum(likely),
        max(covers)[0], *best.cover, min(after), min(before),
        min(inner), max(begins),
        best.rival, best.rivals, best.longer, best.shorter, min(rival),
        max(map(operator.sub, chances, rival)),
        max(sibling), sum(sibling) / count, max(long_form),
        best.first / len(best.tokens.words), len(best.tokens.words),
    ]  # fmt: skip


def _of_words(words: Words, found: Sequence[Occurrence], best: Occurrence, mask: int) -> list[float]:
    """Say what a name looks like, who knows it, and in what sort of place it stands."""
    count = len(found)
    marked = [own.marks for own in found]
    marks = frozenset[str]().union(*marked)
    sentences = [own.tokens.sentence for own in found]
    headings = [sentence.passage.is_heading for sentence in sentences]
    sections = frozenset[str]().union(*[sentence.sections[0] for sentence in sentences if sentence.sections])
    texts = [own.text for own in found]
    tags = best.tokens.known[best.first : best.last]
    text = best.text
    return [
        len(words), sum(map(len, words)), sum(map(_LINKING.__contains__, words)),
        "and" in words or "or" in words, "(" in text, "," in text,
        "core" in marks, "span" in marks, "ruled" in marks, "otherwise" in marks,
        sum(["ruled" in own for own in marked]) / count,
        *[mask >> bit & 1 for bit in range(4)], mask != known.UNKNOWN,
        _longest_run(tags), tags[0][:1] == "I", best.tokens.known[best.last : best.last + 1][:1] == ("I",),
        any(sentence.passage.is_item for sentence in sentences), any(headings),
        all(headings), "adverse_effects" in sections, "warnings" in sections,
        sum([own[:1].isupper() for own in texts]) / count, sum(map(str.isupper, texts)) / count,
    ]  # fmt: skip


def _of_counts(words: Words, prior: Prior) -> list[float]:
    """Say how often the name, its first and its last word were right in training."""
    (right, seen), (right_first, seen_first), (right_last, seen_last) = map(prior, prior_keys(words))
    return [
        right, seen, (right + 0.3) / (seen + 1),
        (right_last + 0.5) / (seen_last + 1), seen_last, (right_first + 0.5) / (seen_first + 1), seen_first,
    ]  # fmt: skip


def _longest_run(tags: Sequence[str]) -> int:
    """Return how many tokens the longest known name inside a span has."""
    longest = run = 0
    for tag in tags:
        run = 0 if tag == OUTSIDE else run + 1 if tag[0] == "I" and run else 1
        longest = max(longest, run)
    return longest


def _log_odds(probability: float) -> float:
    bounded = min(max(probability, 1e-5), 1 - 1e-5)
    return round(math.log(bounded / (1 - bounded)), 6)
