"""Spans that may name what is sought, and what speaks for each: the table that the forest judges.

A name counts once a document, however often it stands there; so all its occurrences are judged together.
"""

from __future__ import annotations

import math
import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from kg.extraction.candidate import Candidate
from kg.extraction.tagging.tokens import Tokens
from kg.records import Span

Words = tuple[str, ...]
Place = tuple[int, int]
"""The first token of a name, and the one behind its last."""
Prior = Callable[[str], tuple[int, int]]
"""A key of `prior_keys` → in how many training documents it was sought, and in how many it stood."""

LONGEST = 12
"""Words of the longest name."""
LONGEST_PRIOR = 4
"""Words of the longest name of which training remembers how often it was right."""
_FAINT = 0.02
"""A span below this probability is not judged."""
_LEVELS = (0.1, 0.25, 0.5)
_JOINING = frozenset(",/()%;-") | frozenset({"and", "or"})
_JOINED = 6
_PART = re.compile(r"[a-z0-9]+")


class Occurrence(NamedTuple):
    """One span of tokens that may be a name."""

    tokens: Tokens
    first: int
    last: int
    probability: float
    cover: float
    after: float
    before: float
    inner: float
    tagged: bool
    ruled: bool
    ruled_otherwise: bool
    named: bool
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


def words_of(text: str) -> Words:
    """Return the words that identify a name: letters and digits, lower case."""
    return tuple(_PART.findall(text.lower()))


def occurrences(
    tokens: Tokens, first: Sequence[float], inside: Sequence[float], readings: Sequence[Candidate], kind: str
) -> list[Occurrence]:
    """Give the spans of one sentence that may be names, by the probabilities of "B" and "I" of each token."""
    if max(first, default=0.0) < _FAINT:
        return []
    places: dict[Place, set[str]] = defaultdict(set)
    for start, end in _stretches(first, inside, _LEVELS[0]):  # no name is likely enough to reach out of them
        places[start, end].add("")
        part = first[start:end], inside[start:end]
        for begin, stop in _runs(*part, None):
            places[start + begin, start + stop].add("tagged")
        for level in _LEVELS:
            for begin, stop in [*_runs(*part, level), *_stretches(*part, level)]:
                places[start + begin, start + stop].add("")
    for candidate in readings:
        place = None if candidate.in_heading else _place(tokens, candidate.object.span)
        if place is not None and candidate.polarity == "affirmed":
            places[place].add("ruled" if candidate.rule.kind == kind else "otherwise")
    for mention in tokens.sentence.mentions:
        if "Condition" in mention.types:
            for span in {mention.core, mention.span}:
                place = _place(tokens, span)
                if place is not None:
                    places[place].add("named")
    for _, end in list(places):
        if _abbreviation(tokens, end):
            places[end + 1, end + 2].add("")
    trimmed: dict[Place, set[str]] = defaultdict(set)
    for place, marks in places.items():
        trimmed[_trim(tokens, *place)] |= marks
    found = [
        _occurrence(tokens, start, end, marks, first, inside)
        for (start, end), marks in sorted(trimmed.items())
        if start < end
    ]
    return [o for o in _beside(found) if o.probability >= _FAINT / 10 or o.long_form >= _FAINT]


def _place(tokens: Tokens, span: Span) -> Place | None:
    """Return the tokens that a span consists of, if it does."""
    first, last = bisect_left(tokens.starts, span.start), bisect_left(tokens.ends, span.end)
    size = len(tokens.starts)
    if first < size and last < size and tokens.starts[first] == span.start and tokens.ends[last] == span.end:
        return first, last + 1
    return None


def _abbreviation(tokens: Tokens, end: int) -> bool:
    """Whether a word in capitals stands in brackets behind a name that ends here: "bone pain (BP)"."""
    around = tokens.words[end : end + 3]
    return len(around) == 3 and around[0] == "(" and around[2] == ")" and tokens.shapes[end + 1] == "A"


def _occurrence(
    tokens: Tokens, start: int, end: int, marks: set[str], first: Sequence[float], inside: Sequence[float]
) -> Occurrence:
    after = inside[end] if end < len(inside) else 0.0
    within = min(inside[start + 1 : end], default=1.0)
    return Occurrence(
        tokens, start, end,
        probability=first[start] * within * (1 - after),
        cover=min(b + i for b, i in zip(first[start:end], inside[start:end], strict=True)),
        after=after,
        before=first[start - 1] + inside[start - 1] if start else 0.0,
        inner=max(first[start + 1 : end], default=0.0),
        tagged="tagged" in marks,
        ruled="ruled" in marks,
        ruled_otherwise="otherwise" in marks,
        named="named" in marks,
    )  # fmt: skip


def _runs(first: Sequence[float], inside: Sequence[float], level: float | None) -> Iterator[Place]:
    """Cut the tokens into names: a new one begins where "B" is likelier than "I"."""
    start = None
    for number, (b, i) in enumerate(zip(first, inside, strict=True)):
        if level is None:
            outside = 1 - b - i
            begins, goes_on = b > max(i, outside), i > max(b, outside)
        else:
            begins, goes_on = b > max(level, 0.8 * i), i > level
        if start is not None and (begins or not goes_on):
            yield start, number
            start = None
        if begins or (goes_on and start is None):
            start = number
    if start is not None:
        yield start, len(first)


def _stretches(first: Sequence[float], inside: Sequence[float], level: float) -> Iterator[Place]:
    """Give the stretches of tokens that are likely to be part of any name."""
    start = None
    for number, (b, i) in enumerate(zip(first, inside, strict=True)):
        if b + i > level:
            start = number if start is None else start
        elif start is not None:
            yield start, number
            start = None
    if start is not None:
        yield start, len(first)


def _trim(tokens: Tokens, start: int, end: int) -> tuple[int, int]:
    words = tokens.words
    while start < end and not words[start][0].isalnum():
        start += 1
    while end > start and not words[end - 1][0].isalnum():
        end -= 1
    return start, end


def _beside(found: list[Occurrence]) -> Iterator[Occurrence]:
    """Add what stands beside: the likeliest neighbour in a coordination, and the long form of an abbreviation."""
    for own in found:
        words = own.tokens.words
        sibling = long_form = 0.0
        for other in found:
            gap = (
                words[other.last : own.first] if other.last <= own.first
                else words[own.last : other.first] if other.first >= own.last
                else None
            )  # fmt: skip
            if gap is None or len(gap) > _JOINED:
                continue
            if all(word in _JOINING or word.isdigit() for word in gap):
                sibling = max(sibling, other.probability)
            if gap == ("(",) and other.last < own.first and own.last - own.first == 1:
                long_form = max(long_form, other.probability)
        yield own._replace(sibling=sibling, long_form=long_form) if sibling or long_form else own


def names(found: Sequence[Occurrence]) -> dict[Words, list[Occurrence]]:
    """Put the occurrences of one name together."""
    by_words: dict[Words, list[Occurrence]] = defaultdict(list)
    for own in found:
        words = words_of(own.tokens.sentence.text[own.start : own.end])
        if 0 < len(words) <= LONGEST:
            by_words[words].append(own)
    return dict(by_words)


def prior_keys(words: Words) -> tuple[str, str, str]:
    """Return the keys under which training counts a name: the name, its first and its last word."""
    whole = " ".join(words) if len(words) <= LONGEST_PRIOR else ""
    return whole, f"{words[0]} …", f"… {words[-1]}"


def rows(by_name: Mapping[Words, Sequence[Occurrence]], prior: Prior) -> list[list[float]]:
    """Describe every name of a document in numbers, in the order of the mapping."""
    best = {words: max(o.probability for o in found) for words, found in by_name.items()}
    tagged = {words: set(words) for words, found in by_name.items() if any(o.tagged for o in found)}
    result = []
    for words, found in by_name.items():
        own = set(words)
        longer = [best[other] for other, theirs in tagged.items() if own < theirs]
        shorter = [best[other] for other, theirs in tagged.items() if theirs < own]
        result.append([*_row(words, found, longer, shorter, prior), len(tagged), len(by_name)])
    return result


def _row(
    words: Words, found: Sequence[Occurrence], longer: list[float], shorter: list[float], prior: Prior
) -> list[float]:
    likely = sorted((o.probability for o in found), reverse=True)
    any_of = 1 - math.prod(1 - min(p, 0.999) for p in likely)
    sentences = [o.tokens.sentence for o in found]
    sections = {kind for s in sentences for kind in (s.sections[0] if s.sections else ())}
    (right, seen), (right_first, seen_first), (right_last, seen_last) = map(prior, prior_keys(words))
    count = len(found)
    tagged = sum(o.tagged for o in found)
    first = [o.tokens.sentence.text[o.start : o.end] for o in found]
    return [
        _log_odds(likely[0]), _log_odds(sum(likely) / count), _log_odds(any_of), likely[-1],
        likely[1] if count > 1 else -1.0, max(o.cover for o in found), min(o.after for o in found),
        min(o.before for o in found), min(o.inner for o in found), count, tagged, tagged / count,
        any(o.ruled for o in found), any(o.ruled_otherwise for o in found), any(o.named for o in found),
        len(words), sum(map(len, words)),
        max(longer, default=0.0), len(longer), max(shorter, default=0.0), len(shorter),
        right, seen, (right + 0.3) / (seen + 1),
        (right_last + 0.5) / (seen_last + 1), seen_last,
        (right_first + 0.5) / (seen_first + 1), seen_first,
        max(o.sibling for o in found), sum(o.sibling for o in found) / count, max(o.long_form for o in found),
        any(s.passage.is_item for s in sentences), any(s.passage.is_heading for s in sentences),
        all(s.passage.is_heading for s in sentences), "adverse_effects" in sections, "warnings" in sections,
        sum(t[:1].isupper() for t in first) / count, sum(t.isupper() for t in first) / count,
    ]  # fmt: skip


def _log_odds(probability: float) -> float:
    bounded = min(max(probability, 1e-6), 1 - 1e-6)
    return round(math.log(bounded / (1 - bounded)), 6)
