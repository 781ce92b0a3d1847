"""What a model decides becomes candidates, so that all later stages are the same for rules and models."""

from __future__ import annotations

import functools
import itertools
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from kg.extraction import findings
from kg.extraction.candidate import Candidate, SentenceReading
from kg.extraction.mentions import SHAPE, types_of
from kg.extraction.patterns import Pattern
from kg.extraction.phrases import Rule
from kg.extraction.sentence import Sentence
from kg.extraction.tagging import Tagger, tokens, whole
from kg.extraction.tagging.spans import Occurrence
from kg.records import Concept, Mention, Span

Names = Callable[[Span], tuple[Concept, ...]]
"""Gives the concepts whose name the words of a span of the document are."""

_FINDING = frozenset({"Condition"})
_HARMS = frozenset({"adverse_effect"})
_BIDDEN = frozenset({"avoid", "not_recommended", "monitor", "adjust_dose"})
_PRIORITY = 40
_NEAR = 60
"""Characters before a name that may say that the patients have it not."""
_NOTHING = Pattern("(?!)")
_SENTENCE_ENDS = re.compile(r"[a-z)\]][.!?]\s+[A-Z(]")


def applied(
    found: Sequence[SentenceReading], scope: Iterable[bool], taggers: Sequence[Tagger], text: str, named: Names
) -> list[SentenceReading]:
    """Let the models of a kind decide what the sentences in their scope say of it; all else stays as the rules read it.

    A section that is one sentence has a model of its own, where there is one: it decides what is meant, and the model
    for longer sections where the names in it begin and end. Where the sentence says all that a section does, the latter
    decides alone, if it finds a name. `named` gives what the words of a span of the text mean.
    """
    inside = list(scope)
    taken = [item for item, own in zip(found, inside, strict=True) if own and not item.sentence.asks]
    if not taken:
        return list(found)
    laid = [(cut, item.candidates) for cut, item in tokens.laid(taken)]
    of_sections = [tagger for tagger in taggers if tagger.alone is not True]
    of_one = [tagger for tagger in taggers if tagger.alone]
    stated = [own for tagger in of_sections for own in tagger.find(laid)]
    if of_one and is_alone([item.sentence for item in taken], text):
        cuts = [cut for cut, _ in laid]
        if not (stated and any(whole.is_whole(cuts, tagger.whole) for tagger in of_one)):
            stated = narrowed([own for tagger in of_one for own in tagger.find(laid)], stated)
    by_sentence: dict[Span, list[Occurrence]] = defaultdict(list)
    for own in stated:
        by_sentence[own.tokens.sentence.passage.span].append(own)
    maker = (of_sections or of_one)[0]
    return [
        item._replace(candidates=decided(item, by_sentence[item.sentence.passage.span], maker, named)) if own else item
        for item, own in zip(found, inside, strict=True)
    ]


def is_alone(sentences: Iterable[Sentence], text: str) -> bool:
    """Tell whether a section is one sentence, into however many passages its headings and marks have cut it."""
    said = [s.passage.span for s in sentences if not s.passage.is_heading]
    gaps = [text[before.end - 2 : after.start + 1] for before, after in itertools.pairwise(said)]
    return not any("\n" in gap or _SENTENCE_ENDS.match(gap) for gap in gaps)


def narrowed(phrases: Iterable[Occurrence], names: Iterable[Occurrence]) -> list[Occurrence]:
    """Put the names that stand inside a phrase in its place; a phrase without one stays."""
    by_sentence: dict[int, list[Occurrence]] = defaultdict(list)
    for name in names:
        by_sentence[id(name.tokens)].append(name)
    result = []
    for own in phrases:
        within = [n for n in by_sentence[id(own.tokens)] if own.first <= n.first and n.last <= own.last]
        result += within or [own]
    return result


def decided(item: SentenceReading, stated: Sequence[Occurrence], tagger: Tagger, named: Names) -> list[Candidate]:
    """Return a sentence's candidates: those of the model's kind that it confirms, and those that it adds."""
    spans = [Span(own.start, own.end) for own in stated]
    kept, met = [], set()
    for candidate in item.candidates:
        own = candidate.rule.kind == tagger.kind and not candidate.in_heading
        if own and candidate.polarity == "affirmed" and candidate.object.span not in spans:
            if not _unheard_of(candidate) or any(span.overlaps(candidate.object.span) for span in spans):
                continue
        elif own:
            met.add(candidate.object.span)
        kept.append(candidate)
    rule = _rule(tagger.name, tagger.kind, tagger.sections)
    for span in spans:
        if span not in met and not _is_none(tagger.kind, item, span):
            mention = mention_at(item.sentence, span, named)
            whole = Span(0, len(item.sentence.normal))
            kept.append(Candidate(rule, item.sentence, mention, Span(0, 0), whole, "affirmed", item.sentence))
    return sorted(kept, key=lambda c: (c.object.span, c.rule.kind))


def _is_none(kind: str, item: SentenceReading, span: Span) -> bool:
    """Tell whether words are no harm, or no use: what the patients have, or have not."""
    if kind in _HARMS:
        return _is_of_patients(item, span)
    return item.sentence.says_apart("use_absent", max(0, span.start - _NEAR), span.start)


def _is_of_patients(item: SentenceReading, span: Span) -> bool:
    """Tell whether words are what patients have: what makes a harm likelier, or what asks for care before treatment."""
    if item.sentence.adds_to_risk(span) or findings.is_none_of_label(item.sentence, span.start):
        return True
    return any(span.overlaps(candidate.object.span) for candidate in item.candidates if _asks_for_care(candidate))


def _asks_for_care(candidate: Candidate) -> bool:
    """Tell whether a candidate says in whom the drug must not be used, or what is to be done in them."""
    rule, told_behind = candidate.rule, candidate.cue.end <= candidate.object.span.start
    if candidate.in_heading or candidate.polarity != "affirmed":
        return False
    bidden = rule.kind == "caution" and rule.qualifiers.get("level") in _BIDDEN and rule.open == "finding"
    return rule.kind == "contraindication" or (bidden and told_behind)


@functools.lru_cache
def _rule(name: str, kind: str, sections: frozenset[str]) -> Rule:
    """Return the rule that stands for a model."""
    return Rule(name, kind, _NOTHING, "named", _FINDING, priority=_PRIORITY, sections=sections)


def _unheard_of(candidate: Candidate) -> bool:
    """Whether words that neither vocabulary nor model knows stand where their shape or list says what they are.

    In running text they have the shape of a finding, or nothing in the sentence has a name that is known; in a list, an
    item is nothing but its name.
    """
    sentence = candidate.sentence
    if candidate.rule.kind not in _HARMS or candidate.object.why not in (SHAPE, "place"):
        return False
    if sentence.phrases.words["finding_shape"].search(sentence.normal, *candidate.object.span):
        return True
    if candidate.object.why == SHAPE:
        return not any(m.types & _FINDING for m in sentence.mentions)
    if candidate.rule.objects != "item" or not sentence.passage.is_item:
        return False
    return candidate.object.span.of(sentence.normal) == sentence.normal.strip(" .;,*_•-")


def mention_at(sentence: Sentence, span: Span, named: Names) -> Mention:
    """Return the mention of a span: the vocabulary's where it knows the words, or part of them.

    A name inside a longer one ("bleeding" in "serious bleeding") is no mention of its own, and is looked up.
    """
    inside = [m for m in sentence.mentions if m.types & _FINDING and span.contains(m.core)]
    exact = next((m for m in inside if m.span == span or m.core == span), None)
    if exact is not None:
        modified = exact.modified and exact.core != span
        return replace(exact, span=span, modified=modified)
    if len(inside) == 1:
        return replace(inside[0], span=span, modified=True)
    start = sentence.passage.span.start
    concepts = named(Span(start + span.start, start + span.end)) if not inside else ()
    types = types_of(concepts) if concepts else frozenset()
    if types & _FINDING:
        return Mention(span, span, concepts, types)
    return Mention(span, span, (), frozenset(), why="place")
