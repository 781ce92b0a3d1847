"""Qualifiers: what the clause, an item's title and the headings say beside the object."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Mapping

from kg.extraction import instructed, populations
from kg.extraction.candidate import Candidate
from kg.extraction.phrases import Phrases
from kg.extraction.populations import goes_on
from kg.extraction.sentence import Sentence, once
from kg.records import Span
from kg.vocabulary.lexicon import normalise

_FINDING = frozenset({"Condition"})
POPULATED = frozenset(
    {"indication", "adverse_effect", "withdrawal_effect", "contraindication", "caution", "dosage", "interaction"}
)
"""Kinds of statement that may hold for one population only."""

SECTION_DEFAULT = 45
"""Rules of lower priority give a kind by the section alone; the words beside the object then decide the level."""

_NEAREST = frozenset({"frequency", "severity"})
"""Qualifiers of which a clause may hold several: the one nearest to the object is its own."""

_HEADINGS = 512
"""Headings about which it is remembered what they say: those of some documents."""
_TRAILING = 45
"""A limiting phrase behind its object stands at most this many characters away."""

_BESIDE = 3
"""What a drug is used for is said in front of its object or right behind it ("migraine prevention")."""

_OTHER_USES = frozenset({"prevention", "adjunct"})

_HARMS = frozenset({"adverse_effect", "withdrawal_effect"})
"""Kinds that are said to be frequent or rare, serious or mild."""

_OF_WHOLE = frozenset({"indication", "caution"})
"""Kinds whose object may be a title, of which all of its text speaks."""

_GRADED = frozenset({"adverse_effect", "withdrawal_effect", "contraindication", "caution", "indication"})


def of(candidate: Candidate) -> dict[str, str]:
    """Collect the qualifiers of one candidate: from its rule, its mention, its clause, its title and headings."""
    rule = candidate.rule
    found = dict(rule.qualifiers)
    if candidate.object.severity and rule.kind in _GRADED:
        found["severity"] = candidate.object.severity
    explicit = {**_of_lead(candidate), **_in_words(candidate)}
    if rule.priority >= SECTION_DEFAULT and (rule.kind == "caution" or "level" in rule.qualifiers):
        told = explicit.pop("level", None)  # the wording itself has said the level
        if told in instructed.INSTRUCTIONS and _only_asked_to_tell(candidate):
            found["level"] = told
    above = _in_headings(candidate)
    if "frequency" in above and not explicit.get("frequency", "").isidentifier():
        explicit.pop("frequency", None)  # the heading's word is the frequency, a figure in brackets explains it
    found.update(explicit)
    for name, value in above.items():
        found.setdefault(name, value)
    if rule.kind in _HARMS and "severity" in above and "severity" not in explicit:
        found["severity"] = above["severity"]  # "severe rash" under "Serious side effects" is a serious one
    if rule.kind == "caution" and (level := instructed.level(candidate, found.get("level"))):
        found["level"] = level
    if rule.kind == "advice":
        found |= _topic(candidate)
    if rule.qualifiers.get("use") in _OTHER_USES and _told_for_another_use(candidate):
        found.pop("use")
    if candidate.polarity == "denied":
        for name in ("approval", "frequency"):  # what is not indicated is neither on nor off the label
            found.pop(name, None)
    if rule.kind in POPULATED and not candidate.in_heading:
        person = populations.of(candidate)
        if person is not None:
            found["population"] = person
    return found


def _only_asked_to_tell(candidate: Candidate) -> bool:
    """Tell whether a list only asks to be told of a drug: "tell your doctor if you take: phenytoin, whose ..."."""
    rule, is_item = candidate.rule, candidate.said_in is not candidate.sentence
    return is_item and rule.kind == "interaction" and rule.qualifiers.get("level") == "caution"


def _topic(candidate: Candidate) -> dict[str, str]:
    """Return the topic that the instruction's own words tell: what is urgent, how the rest is thrown away."""
    sentence, span = candidate.sentence, candidate.object.span
    if span.start < 0 or candidate.in_heading:
        return {}
    if sentence.says_apart("urgent", *span):
        return {"topic": "emergency"}
    end = sentence.normal.find(";", span.end)
    end = sentence.clause(span).end if end < 0 else end
    return {"topic": "storage"} if sentence.says_apart("disposal", span.start, end) else {}


def _in_words(candidate: Candidate) -> dict[str, str]:
    sentence, kind = candidate.sentence, candidate.rule.kind
    found = _in_clause(candidate) | {k: v for k, v in candidate.rule.qualifiers.items() if k == "frequency"}
    if candidate.in_heading:
        return found
    graded = not sentence.is_finite or sentence.phrases.words["graded_entry"].match(sentence.normal) is not None
    if kind in _HARMS and "frequency" not in found and graded:
        found.update(_at_start(sentence, kind) or _of_part(sentence, kind, candidate.object.span.start))
    figure = sentence.phrases.words["figure_after"].match(sentence.normal, candidate.object.span.end)
    by_word = found.get("frequency", "").isidentifier() or "frequency" in _in_headings(candidate)
    if figure and kind in ("adverse_effect", "withdrawal_effect") and not by_word:
        found["frequency"] = sentence.text[figure.start("figure") : figure.end("figure")]
    return found


@once
def _at_start(sentence: Sentence, kind: str) -> Mapping[str, str]:
    """Return the frequency that a list without a verb begins with: "Common: tremor; thirst; weight gain"."""
    found = instructed.said(sentence, kind, sentence.whole)
    told = (cue for cue, match in found if not sentence.normal[: match.start()].strip(" *_>"))
    return {cue.name: cue.value for cue in told if cue.name == "frequency" and cue.value}


def _of_part(sentence: Sentence, kind: str, place: int) -> Mapping[str, str]:
    """Return the frequency that a part of such a list begins with: "common nausea, rash; rare jaundice, hepatitis"."""
    start = sentence.normal.rfind(";", 0, place) + 1
    found = instructed.said(sentence, kind, Span(start, place))
    told = (cue for cue, match in found if not sentence.normal[start : match.start()].strip(" *_>"))
    return {cue.name: cue.value for cue in told if cue.name == "frequency" and cue.value}


def _of_lead(candidate: Candidate) -> dict[str, str]:
    """Return what the sentence says which introduces a list, or which the one with the object takes up.

    The level of what a drug interacts with, and how often and how serious harms are: "Rare, serious effects are:".
    """
    lead, kind = candidate.said_in, candidate.rule.kind
    if lead is candidate.sentence:
        if kind not in _HARMS or lead.previous is None or not lead.says("takes_up_harms"):
            return {}
        lead = lead.previous  # "Serious side effects are rare. They include ..."
    wanted = _NEAREST if kind in _HARMS else frozenset({"level"}) if kind == "interaction" else None
    if not wanted:
        return {}
    found = matches(lead, kind, lead.whole, Span(len(lead.normal), len(lead.normal)))
    return {name: value for name, value in found.items() if name in wanted}


def _in_clause(candidate: Candidate) -> dict[str, str]:
    sentence, kind = candidate.sentence, candidate.rule.kind
    if candidate.in_heading:
        return matches(sentence, kind, sentence.clause(candidate.cue), candidate.cue)
    clause = sentence.clause(candidate.object.span)
    if candidate.rule.objects in ("title", "item"):
        clause = Span(0, len(sentence.normal))
    if sentence.normal[clause.start : clause.start + 1] == ":":  # "Those of unknown frequency are: headache, ..."
        clause = Span(sentence.clause(Span(clause.start - 1, clause.start)).start, clause.end)
    if candidate.said_in is sentence and candidate.cue.end > candidate.cue.start:
        around = sentence.clause(candidate.cue)
        clause = Span(min(clause.start, around.start), max(clause.end, around.end))
    if kind in _HARMS:
        further = sentence.phrases.words["graded_further"].match(sentence.normal, clause.end)
        clause = Span(clause.start, further.end() if further else clause.end)
    if kind in _OF_WHOLE and candidate.object.span.end <= sentence.body:
        clause = sentence.whole  # "Muscle spasms: it is used along with rest", "Porphyria | may set it off; avoid"
    if kind == "interaction" and candidate.object.span.end <= sentence.body and sentence.passage.is_item:
        clause = sentence.whole  # "Insulin: low sugar becomes more likely; lower its dose"
    elif kind == "interaction":
        ends = _independent(sentence)
        start = max((end + 1 for end in ends if end < candidate.object.span.start), default=0)
        clause = Span(start, min((e for e in ends if e >= candidate.object.span.end), default=len(sentence.normal)))
    return matches(sentence, kind, clause, candidate.object.span)


@once
def _independent(sentence: Sentence) -> list[int]:
    """Return where the sentence goes on with another main clause; one that names no drug goes on with those before."""
    found = [m.start() for m in sentence.places.finditer(sentence.phrases.words["independent"])]
    ends = [*found[1:], len(sentence.normal)]
    named = [m.span.start for m in sentence.agents]
    return [start for start, end in zip(found, ends, strict=False) if any(start < place < end for place in named)]


def matches(sentence: Sentence, kind: str, clause: Span, without: Span) -> dict[str, str]:
    """Return what the table finds in a clause, the object's own words left out."""
    found: dict[str, str] = {}
    nearest: dict[str, tuple[int, int]] = {}
    for cue, match in instructed.said(sentence, kind, clause):
        name, (start, end) = cue.name, match.span()
        if name in found and name not in _NEAREST:
            continue
        around = name == "level" and start < without.start and without.end < end  # "the dose of X has to be reduced"
        if start < without.end and without.start < end and not around:
            continue
        if name in _NEAREST and _is_of_another(sentence, match, without):
            continue
        if name == "frequency" and not cue.value and _counts_something_else(sentence, match, without):
            continue
        distance = max(without.start - end, start - without.end)
        behind = start > without.end and distance > _TRAILING
        if name == "frequency" and start >= without.end and _set_off(sentence, match):
            continue  # "flushing and, less often, hypotension": it is said of what follows
        if name == "condition" and sentence.normal[start:end].split()[:2] == without.of(sentence.normal).split()[:2]:
            continue  # "clearance 30 to 50 mL/min and clearance 50 to 80 mL/min"
        if name == "condition" and _limits_others(sentence, match, without, behind):
            continue  # "drowsiness, ... and dependence with long-term use": it limits the last ones only
        apart = start - without.end > _BESIDE or sentence.normal[without.end : start].strip() in (",", ";")
        if cue.value == "prevention" and apart:
            continue  # "treatment of asthma and prevention of attacks": it is said of what follows
        if cue.value in _OTHER_USES and _is_of_another_use(sentence, *sorted((without, Span(start, end)))):
            continue
        rank = (distance, start - end) if name in _NEAREST else (0, 0)
        if name not in found or rank < nearest[name]:
            words = " ".join(sentence.text[start:end].split())
            found[name] = cue.value or (words.lower() if name == "condition" else words)
            nearest[name] = rank
    return found


def _is_of_another(sentence: Sentence, match: re.Match[str], about: Span) -> bool:
    """Tell whether words say of another name how often or how serious it is.

    They stand in brackets behind it ("nausea (in 1 of 10) and rash"), are part of it ("life-threatening bleeding"),
    take it up ("gout, which may be serious, and rash") or stand in another main clause ("fits may occur, and rash is
    rare").
    """
    place, others = match.start(), [m for m in sentence.mentions if not m.span.overlaps(about)]
    opened = sentence.normal.rfind("(", 0, place + 1)
    if opened >= 0 and ")" not in sentence.normal[opened:place]:
        alone = sentence.normal[opened : match.end() + 1] == f"({match.group().strip('()')})" or match.group()[0] == "("
        if any(opened - 1 <= m.span.end <= opened for m in others) or (alone and opened > about.end + 1):
            return True
    words = sentence.phrases.words
    for other in others:
        if not other.types & _FINDING or words["grade_alone"].fullmatch(sentence.normal, *other.span):
            continue
        if other.span.overlaps(Span(*match.span())) or other.span.start == match.end() + 1:
            return not words["renamed"].fullmatch(sentence.normal, other.span.end, max(other.span.end, about.start - 1))
    taken_up = sentence.places.apart(words["takes_up_last"], max(0, place - _TRAILING), place)
    if taken_up:
        start = max(0, place - _TRAILING) + taken_up.start()
        if not about.end <= start + 1 or any(about.end <= m.span.start and m.span.end <= start + 1 for m in others):
            return True
    between = sorted((about, Span(*match.span())))
    return goes_on(sentence, *between)


def _counts_something_else(sentence: Sentence, match: re.Match[str], about: Span) -> bool:
    """Tell whether a figure is of what stands behind it, or of those in whom the drug was stopped: "60 % had rash"."""
    words = sentence.phrases.words
    ahead = match.start() >= about.end and words["figure_ahead"].match(sentence.normal, match.end()) is not None
    of_others = words["figure_of_others"].match(sentence.normal, match.end()) is not None
    if words["no_share_behind"].match(sentence.normal, match.end()):
        return True
    criterion = sentence.says_apart("no_share_before", max(0, match.start() - _TRAILING), match.start())
    return ahead or of_others or criterion or sentence.says_apart("stopped_for", 0, about.start)


def _told_for_another_use(candidate: Candidate) -> bool:
    """Tell whether a rule's own use is another one's: "preventing malaria and easing joint pain"."""
    sentence, cue, about = candidate.sentence, candidate.cue, candidate.object.span
    return candidate.said_in is sentence and cue.end <= about.start and _is_of_another_use(sentence, cue, about)


def _is_of_another_use(sentence: Sentence, first: Span, second: Span) -> bool:
    """Tell whether another use begins between two places: "preventing malaria and easing joint pain"."""
    return sentence.says_apart("other_use", first.end, second.start)


def _set_off(sentence: Sentence, match: re.Match[str]) -> bool:
    """Tell whether commas set words off from what stands before them and behind them."""
    before, after = sentence.normal[: match.start()].rstrip(), sentence.normal[match.end() : match.end() + 1]
    return after == "," and before.endswith((",", " and", " or"))


def _limits_others(sentence: Sentence, match: re.Match[str], about: Span, far: bool) -> bool:
    """Tell whether what limits a statement belongs to others of its list: "gout, or asthma unless it is stable".

    An exception that a comma sets off belongs to the whole list.
    """
    words = sentence.phrases.words
    if not words["exception"].match(match.group()):
        return far
    between = sentence.normal[about.end : match.start()].rstrip()
    separated = not between.endswith(",") and words["list_separator"].search(between) is not None
    return match.start() > about.end and separated


def _in_headings(candidate: Candidate) -> Mapping[str, str]:
    return _above(candidate.sentence, candidate.rule.kind, candidate.rule.objects == "whole")


@once
def _above(sentence: Sentence, kind: str, is_list: bool) -> Mapping[str, str]:
    """Return what the item's title and the headings above say, the nearest first."""
    passage, found = sentence.passage, dict[str, str]()
    if passage.title:
        found.update(_in_heading(passage.title.text, kind, sentence.phrases))
    above = passage.headings
    if sentence.is_finite and not passage.is_item:  # a heading over a list does not qualify every sentence of prose
        grade = sentence.phrases.words["grade"]  # but the one that grades what its section lists
        above = tuple(h for h in above[-1:] if is_list and grade.match(normalise(h.text)))
    for heading in reversed(above):
        found = {**_in_heading(heading.text, kind, sentence.phrases), **found}
    return found


@functools.lru_cache(_HEADINGS)  # the same few headings stand over all the sentences of a document
def _in_heading(text: str, kind: str, phrases: Phrases) -> Mapping[str, str]:
    normal, found = normalise(text), dict[str, str]()
    if kind in _HARMS and phrases.words["several_grades"].search(normal):
        return found
    for cue in phrases.qualifiers_of.get(kind, ()):
        if cue.headings and cue.name not in found and cue.pattern.search(normal):
            found[cue.name] = cue.value
    return found


def carried_back(sentence: Sentence) -> dict[str, str]:
    """Return what a sentence such as "These effects are usually mild" says of the effects before it."""
    words = sentence.phrases.words["carry_back"]
    match = words.match(sentence.normal) if sentence.places.may_match(words) else None
    if not match:
        return {}
    found: dict[str, str] = {}
    for name, value in _plain_words(sentence, Span(match.start(), min(len(sentence.normal), match.end() + 60))):
        found.setdefault(name, value)
    return found


def _plain_words(sentence: Sentence, span: Span) -> Iterable[tuple[str, str]]:
    for cue in sentence.phrases.qualifiers:
        if cue.name == "frequency" and cue.value and cue.pattern.search(sentence.normal, *span):
            yield cue.name, cue.value
    for word, value in sentence.phrases.modifiers.items():
        if value and f" {word} " in f"{sentence.normal[span.start : span.end].replace(',', ' ').replace('.', ' ')} ":
            yield "severity", value
