"""What the fallback never reads over: denials, exceptions, other roles, sections that say nothing of a kind."""

from __future__ import annotations

import functools
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from kg import resources
from kg.extraction import other_roles
from kg.extraction.candidate import Candidate
from kg.extraction.phrases import Phrases
from kg.extraction.sentence import Sentence, once

_CLEARED = frozenset({"interaction"})
_BACK = 80
"""Characters before a name in which an exception may stand."""


@dataclass(frozen=True)
class Guards:
    """The words of `ontology/models/prose.toml`, the kinds that bid or forbid, and the sections that say nothing."""

    words: Mapping[str, re.Pattern[str]]
    bidding: frozenset[str]
    silent: frozenset[str]


@functools.cache
def load() -> Guards:
    """Load the words that come with the package."""
    path = resources.folder("ontology") / "models" / "prose.toml"
    found = tomllib.loads(path.read_text("utf-8"))
    patterns = {name: re.compile(found[name]) for name in ("excepted", "denied", "cleared", "feared", "vague")}
    return Guards(patterns, frozenset(found["bidding"]), frozenset(found["silent"]))


@functools.cache
def _never(tables: Phrases) -> Mapping[str, frozenset[str]]:
    """Return, for each kind, the sections under which it is never stated."""
    kinds = {kind for section in tables.sections for kind in section.kinds}
    return {kind: frozenset(s.name for s in tables.sections if kind in s.kinds) for kind in kinds}


def is_open(sentence: Sentence, lead: Sentence | None) -> bool:
    """Tell whether a sentence may state anything that no rule has read."""
    if sentence.asks or sentence.passage.is_heading or sentence.is_noise:
        return False
    return not sentence.under(load().silent) and not (lead is not None and lead.says("signs_follow"))


def adds_nothing(candidate: Candidate, read: Iterable[Candidate]) -> bool:
    """Tell whether a rule says the same in the sentence (a title and its text), or the object names nothing."""
    if load().words["vague"].fullmatch(candidate.object.span.of(candidate.sentence.normal)):
        return True
    concepts = set(candidate.object.concepts)
    return any(other.rule.kind == candidate.rule.kind and concepts & set(other.object.concepts) for other in read)


def refuses(candidate: Candidate, lead: Sentence | None) -> bool:
    """Tell whether words forbid to read a statement of this kind where nothing but chance speaks for it."""
    guards, sentence, kind = load(), candidate.sentence, candidate.rule.kind
    if sentence.under(_never(sentence.phrases).get(kind, frozenset())):
        return True
    bids = kind in guards.bidding
    said = (sentence,) if lead is None else (sentence, lead)
    if not bids and any(_says(own, "denied") for own in said):
        return True
    if (bids or kind in _CLEARED) and any(_says(own, "cleared") for own in said):
        return True
    start = candidate.object.span.start
    before = sentence.normal[max(0, start - _BACK) : start]
    if guards.words["excepted"].search(before) or (bids and guards.words["feared"].search(before)):
        return True
    return other_roles.plays_one(candidate, sentence.phrases)


@once
def _says(sentence: Sentence, name: str) -> bool:
    return load().words[name].search(sentence.normal) is not None
