"""Wordings meet a sentence: every rule that fits gives candidates, and one reading of each mention is kept."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from kg.extraction import mentions
from kg.extraction.phrases import Phrases, Rule
from kg.extraction.sentence import AGENTS, Sentence
from kg.records import Mention, Span

EXCLUSIVE = frozenset(
    {"indication", "adverse_effect", "withdrawal_effect", "contraindication", "caution", "dosage", "alternative"}
)
"""Kinds of which one mention can be the object of one only: what treats is not what harms."""

_FAR = 110
"""A cue and its first object stand at most this many characters apart (about 18 words)."""

_OPEN_END = re.compile(r"[^.;]{0,90}$")


@dataclass(frozen=True, slots=True)
class Candidate:
    """One reading: a rule, the sentence that holds the object, the object, and where the cue stands.

    `cue` is a span of `said_in`, which is the sentence itself or the one that introduces the list it belongs to.
    """

    rule: Rule
    sentence: Sentence
    object: Mention
    cue: Span
    scope: Span
    polarity: str
    said_in: Sentence

    @property
    def distance(self) -> int:
        """How far the object is from the cue, in characters; 0 where they overlap or stand in two passages."""
        if self.said_in is not self.sentence:
            return 0
        return max(0, self.object.core.start - self.cue.end, self.cue.start - self.object.core.end)


def candidates(sentence: Sentence, lead: Sentence | None, phrases: Phrases) -> list[Candidate]:
    """Apply every rule to a sentence and keep one reading of each mention."""
    if phrases.words["noise"].search(sentence.normal):
        return []
    found: list[Candidate] = []
    for rule in phrases.rules:
        if not _applies(rule, sentence):
            continue
        found += _in_sentence(rule, sentence, phrases)
        if lead is not None and rule.carries and sentence.passage.position == 0:
            found += _from_lead(rule, sentence, lead, phrases)
    return _resolved([c for c in found if not _plays_another_role(c, phrases)])


def _applies(rule: Rule, sentence: Sentence) -> bool:
    if rule.sections and not sentence.under(rule.sections):
        return False
    if rule.not_sections and sentence.under(rule.not_sections):
        return False
    if rule.previous and not (sentence.previous and rule.previous.search(sentence.previous.normal)):
        return False
    return not rule.requires or bool(rule.requires.search(sentence.normal))


def _in_sentence(rule: Rule, sentence: Sentence, phrases: Phrases) -> Iterator[Candidate]:
    if rule.objects in ("title", "item"):
        span = _title_or_item(rule, sentence, phrases)
        if span is not None and rule.cue.search(sentence.normal):
            for mention in _objects(rule, sentence, span, span.start, phrases):
                yield Candidate(rule, sentence, mention, Span(0, 0), span, rule.polarity, sentence)
        return
    for match in rule.cue.finditer(sentence.normal):
        polarity = _polarity(rule, sentence, match, phrases)
        if polarity is None:
            continue
        cue = Span(*match.span())
        for mention, scope in _arguments(rule, sentence, match, phrases):
            yield Candidate(rule, sentence, mention, cue, scope, polarity, sentence)


def _from_lead(rule: Rule, sentence: Sentence, lead: Sentence, phrases: Phrases) -> Iterator[Candidate]:
    """A list item under a sentence that introduces it takes the sentence's reading."""
    if rule.objects not in ("after", "around", "lead"):
        return
    for match in rule.cue.finditer(lead.normal):
        scope = lead.after(match.end())
        rest = lead.normal[match.end() :].rstrip(" :*_")
        if lead.inside(scope, rule.types) or not _OPEN_END.match(rest) or phrases.words["closes"].search(rest):
            continue
        polarity = _polarity(rule, lead, match, phrases)
        if polarity is None:
            continue
        title = sentence.passage.title
        if title is not None:
            span = _relative(title.span, sentence)
        else:
            span = sentence.after(-1) if sentence.stops[:1] != (0,) else Span(0, len(sentence.normal))
        for mention in _objects(replace(rule, open=rule.open or title is not None), sentence, span, 0, phrases):
            yield Candidate(rule, sentence, mention, Span(*match.span()), span, polarity, lead)


def _title_or_item(rule: Rule, sentence: Sentence, phrases: Phrases) -> Span | None:
    title = sentence.passage.title
    if rule.objects == "title":
        return _relative(title.span, sentence) if title is not None and sentence.passage.is_item else None
    if title is not None or not sentence.passage.is_item or sentence.passage.position:
        return None
    bare = not phrases.words["finite_verb"].search(sentence.normal)
    return sentence.after(-1) if bare else None


def _relative(span: Span, sentence: Sentence) -> Span:
    offset = sentence.passage.span.start
    return Span(span.start - offset, span.end - offset)


def _arguments(
    rule: Rule, sentence: Sentence, match: re.Match[str], phrases: Phrases
) -> Iterator[tuple[Mention, Span]]:
    """Give the objects of one occurrence of a cue, each with the scope that it stands in."""
    if rule.objects == "group":
        if match["object"] is None:
            return
        span = Span(*match.span("object"))
        inside = next((m for m in sentence.inside(span, rule.types) if m.span == span), None)
        yield inside or Mention(span, span, (), frozenset(), why="wording"), span
        return
    if rule.objects in ("whole", "named"):
        whole = Span(sentence.body if rule.objects == "whole" else 0, len(sentence.normal))
        if match.start() == 0 or rule.objects == "whole":
            yield from ((m, sentence.clause(m.span)) for m in sentence.inside(whole, rule.types))
        return
    scopes = {
        "after": [sentence.after(match.end())],
        "before": [sentence.before(match.start())],
        "around": [sentence.before(match.start()), sentence.after(match.end())],
    }.get(rule.objects, [])
    for scope in scopes:
        near = match.end() if scope.start == match.end() else match.start()
        found = _objects(rule, sentence, scope, near, phrases)
        yield from ((mention, scope) for mention in found)
        if found:
            return


def _objects(rule: Rule, sentence: Sentence, scope: Span, near: int, phrases: Phrases) -> list[Mention]:
    """Give the mentions in a scope that may be objects; the first must stand near the cue."""
    found = sentence.inside(scope, rule.types)
    backwards = near == scope.end and near != scope.start
    if found:
        gap = near - found[-1].core.end if backwards else found[0].core.start - near
        if gap > _FAR:
            return []
    if rule.open:
        others = [m for m in sentence.mentions if m not in found]
        found = sorted(
            found + mentions.unlisted(sentence.normal, scope, found + others, phrases, backwards), key=lambda m: m.span
        )
    return [m for m in found if not phrases.words["absent"].search(sentence.normal[max(0, m.span.start - 24) : m.span.start])]


def _polarity(rule: Rule, sentence: Sentence, match: re.Match[str], phrases: Phrases) -> str | None:
    """Say how the cue is meant: affirmed, denied, or (None) not said at all."""
    clause = sentence.clause(Span(*match.span()))
    before = sentence.normal[max(clause.start, match.start() - 45) : match.start()]
    whole = sentence.normal[clause.start : match.end()]
    if phrases.words["unknown"].search(whole) and rule.negation != "ignore":
        return None
    if rule.negation == "ignore" or not phrases.words["negation"].search(before):
        return rule.polarity
    if rule.negation == "drop":
        return None
    return "denied" if rule.polarity == "affirmed" else "affirmed"


def _plays_another_role(candidate: Candidate, phrases: Phrases) -> bool:
    """Whether the mention is what another drug is for, a sign of an allergy or overdose, or a comparison."""
    sentence, mention, rule = candidate.sentence, candidate.object, candidate.rule
    before = sentence.normal[: mention.core.start]
    clause = sentence.clause(mention.span)
    local = before[clause.start :]
    if rule.kind in EXCLUSIVE and rule.kind != "alternative":
        if mention.types & AGENTS and rule.kind not in ("contraindication", "caution", "dosage"):
            return True
        for name, pattern in phrases.roles.items():
            for match in pattern.finditer(local):
                start, end = match.start() + clause.start, match.end() + clause.start
                own = candidate.said_in is sentence and start < candidate.cue.end and candidate.cue.start < end
                if name == "sign_of" and rule.kind in ("adverse_effect", "indication"):
                    return True
                if name == "other_use" and not own and rule.kind != "contraindication":
                    return True
                if name == "comparison" and not own:
                    return True
    return False


def _resolved(found: Iterable[Candidate]) -> list[Candidate]:
    """Keep one reading of each mention among the exclusive kinds, and one candidate of each kind and mention."""
    best: dict[tuple[str, Span], Candidate] = {}
    for candidate in found:
        kind = candidate.rule.kind
        key = ("exclusive" if kind in EXCLUSIVE else kind, candidate.object.span)
        rival = best.get(key)
        if rival is None or _rank(candidate) < _rank(rival):
            best[key] = candidate
    spans = [c for c in best.values()]
    kept = [c for c in spans if not _swallowed(c, spans)]
    return sorted(kept, key=lambda c: (c.object.span, c.rule.kind))


def _rank(candidate: Candidate) -> tuple[int, int, str]:
    return (-candidate.rule.priority, candidate.distance, candidate.rule.name)


def _swallowed(candidate: Candidate, others: list[Candidate]) -> bool:
    """Whether an unlisted phrase lies over or in a mention that the same kind already has."""
    if candidate.object.why == "vocabulary":
        return False
    return any(
        other is not candidate
        and other.rule.kind == candidate.rule.kind
        and other.object.span.overlaps(candidate.object.span)
        and (other.object.why == "vocabulary" or _rank(other) < _rank(candidate))
        for other in others
    )
