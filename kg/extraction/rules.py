"""Wordings meet a sentence: every rule that fits gives candidates, and one reading of each mention is kept."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from kg.extraction import agents, apposed, choice, findings, mentions, other_roles, passing
from kg.extraction.candidate import Candidate
from kg.extraction.phrases import Phrases, Rule
from kg.extraction.screening import Screen
from kg.extraction.sentence import AGENTS, PROFESSIONAL, Sentence
from kg.records import Mention, Span
from kg.vocabulary.lexicon import normalise

_IN_HEADINGS = frozenset({"brand_name"})
"""Kinds that a heading itself may state ("Lisinopril (Zestril, Prinivil)")."""

_SAFETY = frozenset({"warnings", "contraindications", "pregnancy"})
"""Sections whose headings may name what is to be cared about."""

SAFETY = frozenset({"contraindication", "caution", "interaction"})
"""Kinds whose objects may be any group ("drugs that ..."); what a drug itself belongs to, or treats, has a name."""

BY_FORM = SAFETY | {"drug_class"}
"""Kinds whose objects may have a form rather than a name: "drugs that ...", "an S1P receptor modulator"."""

_CARE = frozenset({"contraindication", "caution"})
"""Kinds whose list of patients may go on behind the clause: "..., or in patients with ..."."""

_HARMS = frozenset({"adverse_effect", "withdrawal_effect"})
"""Kinds whose lists stand under the parts of the body that the effects concern ("Nervous system disorders")."""

_NO_NAME = frozenset({"Target", "Therapy", "Measurement", "KineticProperty"})
"""Types of names that a finding without a name of its own may hold: "an enzyme variant", "radiotherapy of a part"."""

_BACK = 2
"""Sentences back in which the patients may be named that "these patients" takes up."""

_FAR = 110
"""A cue and its first object stand at most this many characters apart (about 18 words)."""

_OPEN_END = re.compile(r"[^.;]{0,90}$")


def screen(tables: Phrases) -> Screen:
    """Return what tells which rules of the tables may apply to a sentence."""
    return Screen(tables, _IN_HEADINGS, SAFETY, BY_FORM)


def candidates(sentence: Sentence, lead: Sentence | None, screen: Screen) -> list[Candidate]:
    """Apply every rule to a sentence and keep one reading of each mention."""
    phrases = screen.tables
    inside = screen.inside(sentence)
    listed = sentence.passage.position == 0 or phrases.words["further_item"].match(sentence.normal)
    under = screen.under(lead, sentence) if lead is not None and listed else 0
    if not inside | under or sentence.asks or (lead is not None and lead.says("signs_follow")):
        return []
    found: list[Candidate] = []
    taken_up: list[Candidate] = []
    for rule in screen.each(inside | under):
        cues = sentence.places.finditer(rule.cue) if inside & rule.cue.bit else []
        above = lead.places.finditer(rule.cue) if lead is not None and under & rule.cue.bit else []
        if not (cues or above) or not _applies(rule, sentence, lead if above else None, is_below=not cues):
            continue
        if rule.objects == "earlier":
            taken_up += _taken_up(rule, sentence, cues, phrases)
            continue
        if rule.objects == "asked":
            taken_up += _asked(rule, sentence, cues, phrases)
            continue
        if cues:
            found += _in_sentence(rule, sentence, cues, phrases)
        if lead is not None and above:
            found += _from_lead(rule, sentence, lead, above, phrases)
    if not (found or taken_up) or sentence.is_noise:
        return []
    found = [c for c in found if not other_roles.plays_one(c, phrases)]
    if any(c.rule.kind == "caution" and not c.in_heading for c in found):
        found = [c for c in found if not c.in_heading or c.rule.agent]  # of each of two drugs its own is said
    return choice.resolved(found) + taken_up


def _applies(rule: Rule, sentence: Sentence, lead: Sentence | None, *, is_below: bool) -> bool:
    """Tell whether a rule may be tried on a sentence; `is_below` where its cue stands only above it."""
    if rule.kind in _HARMS and findings.names_organs(sentence):
        return False
    if rule.kind == "contraindication" and sentence.says("barred_itself"):
        return False
    said_in = lead if is_below and lead is not None else sentence
    previous = said_in.question if rule.objects == "asked" else said_in.previous or said_in.question
    if rule.previous and not (previous and rule.previous.search(previous.normal)):
        return False
    if not rule.requires or sentence.places.search(rule.requires) is not None:
        return True
    if rule.kind in _CARE or lead is None or lead.source in PROFESSIONAL:
        return False  # an item's own words say how much care it needs
    return lead.places.search(rule.requires) is not None


def _in_sentence(
    rule: Rule, sentence: Sentence, cues: Iterable[re.Match[str]], phrases: Phrases
) -> Iterator[Candidate]:
    if rule.objects in ("title", "item"):
        span = _title_or_item(rule, sentence)
        if span is not None:
            meant = "denied" if sentence.says("denies") else rule.polarity
            for mention in _objects(rule, sentence, span, span.start, phrases):
                yield Candidate(rule, sentence, mention, Span(0, 0), span, meant, sentence)
        return
    for match in cues:
        if rule.objects == "whole" and match.start():
            break
        if not agents.stands(rule.agent, sentence, Span(*match.span())):
            continue
        reasoned = rule.kind in _CARE and rule.open != "list" and not rule.weak
        if reasoned and sentence.says_apart("explains", *match.span()):
            continue
        arguments = list(_arguments(rule, sentence, match, phrases))
        above = [] if arguments or rule.kind != "caution" else _above(rule, sentence, match)
        polarity = _polarity(rule, sentence, match) if arguments or above else None
        if polarity is None:
            continue
        cue = Span(*match.span())
        for mention in above:
            yield Candidate(rule, sentence, mention, cue, cue, polarity, sentence, in_heading=True)
        for mention, scope in arguments:
            own = _section_polarity(rule, sentence, mention) if rule.objects == "whole" else polarity
            if own is not None:
                yield Candidate(rule, sentence, mention, cue, scope, own, sentence)


def _taken_up(rule: Rule, sentence: Sentence, cues: Iterable[re.Match[str]], phrases: Phrases) -> Iterator[Candidate]:
    """A sentence that takes up the patients of the one or two before it: "... in these patients"."""
    for match in cues:
        cue, polarity = Span(*match.span()), _polarity(rule, sentence, match)
        if sentence.says("patients_with", 0, match.start()):
            continue  # "in patients who become ..., and monitor these patients": they are named here
        earlier = sentence.previous
        for _ in range(_BACK):
            if earlier is None or polarity is None:
                return
            asked = [earlier.whole] if earlier.asks else []  # "Pregnant? Ask first."
            spans = asked or findings.patients(earlier, len(earlier.normal), phrases)
            found = [(m, span) for span in spans for m in _objects(rule, earlier, span, span.start, phrases)]
            yield from (Candidate(rule, earlier, m, cue, span, polarity, sentence) for m, span in found)
            earlier = None if found else earlier.previous


def _asked(rule: Rule, sentence: Sentence, cues: Iterable[re.Match[str]], phrases: Phrases) -> Iterator[Candidate]:
    """A sentence that answers a question says its own of what the question names: "Can I drive? Better not."."""
    question = sentence.question
    if question is None:
        return
    for match in cues:
        found = _objects(rule, question, question.whole, 0, phrases)
        cue = Span(*match.span())
        yield from (Candidate(rule, question, m, cue, question.whole, rule.polarity, sentence) for m in found)


def _above(rule: Rule, sentence: Sentence, match: re.Match[str]) -> list[Mention]:
    """Give what the heading names, for a caution that names nothing itself."""
    words = sentence.phrases.words
    other = words["begins_another_clause"].search(sentence.normal, match.end())
    end = min(other.start() if other else len(sentence.text), sentence.clause(Span(*match.span())).end)
    behind = [m for m in sentence.mentions if match.end() <= m.core.start < end]
    named = any(
        not m.types & AGENTS or not words["of_the_drug"].fullmatch(sentence.normal, match.end(), m.core.start)
        for m in behind
    )
    titled = sentence.body and not any(m.span.end <= sentence.body for m in sentence.agents)  # not "Ramipril: avoid"
    if sentence.source in PROFESSIONAL or named or titled or rule.objects == "whole":
        return []
    return [m for m in sentence.above if m.types & rule.types and not m.types & AGENTS and _is_heading(m, sentence)]


def _is_heading(mention: Mention, sentence: Sentence) -> bool:
    """Whether a heading consists of little more than the mention, so that it can be an object."""
    heading = sentence.passage.headings[-1]
    if not heading.sections <= _SAFETY:
        return False
    return 2 * (mention.span.end - mention.span.start) >= heading.span.end - heading.span.start


def _from_lead(
    rule: Rule, sentence: Sentence, lead: Sentence, cues: Iterable[re.Match[str]], phrases: Phrases
) -> Iterator[Candidate]:
    """A list item under a sentence that introduces it takes the sentence's reading."""
    for match in cues:
        scope = lead.after(match.end())
        rest = lead.normal[match.end() :].rstrip(" :*_")
        if lead.inside(scope, rule.types) or not _OPEN_END.match(rest) or phrases.words["closes"].search(rest):
            continue
        polarity = _polarity(rule, lead, match)
        if polarity is None:
            continue
        title = sentence.passage.title
        whom = phrases.words["patients_with"].match(sentence.normal) if rule.kind in _CARE else None
        if title is not None:
            span = _relative(title.span, sentence)
        elif whom is not None:
            span = sentence.after(whom.end())
        else:
            span = sentence.after(-1) if sentence.stops[:1] != (0,) else Span(0, len(sentence.normal))
        opened = rule if rule.open or title is None else replace(rule, open="name")
        found = _objects(opened, sentence, span, 0, phrases)
        if not found and not any(m.span.overlaps(span) for m in (*sentence.mentions, *sentence.groups)):
            span = Span(0, len(sentence.normal))  # "have or have had asthma": its first part names nothing
            found = _objects(opened, sentence, span, 0, phrases)
        for mention in found:
            yield Candidate(rule, sentence, mention, Span(*match.span()), span, polarity, lead)


def _title_or_item(rule: Rule, sentence: Sentence) -> Span | None:
    title = sentence.passage.title
    if rule.objects == "title":
        if title is None:
            return None
        if sentence.body >= len(sentence.normal.rstrip()):
            return None  # a title with nothing behind it is the heading of the list below it
        if rule.kind in _HARMS and sentence.phrases.words["organ_class"].match(normalise(title.text)):
            return None
        span = _relative(title.span, sentence)
        announces = rule.kind != "interaction" and bool(title.sections) and bool(rule.sections)
        named = any(mention.span.overlaps(span) for mention in sentence.mentions)
        return None if announces and (len(sentence.normal.split()) > 12 or not named) else span
    if sentence.passage.position or (title is None and not sentence.passage.is_item):
        return None
    if title is not None and not title.sections & rule.sections:
        return None  # "Rash: ..." is for the rule on titles; "Common: rash, nausea" is a list under a heading
    bare = not sentence.says("finite_verb", sentence.body)
    return Span(sentence.body, len(sentence.normal)) if bare else None


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
        blanks = len(match["object"]) - len(match["object"].lstrip())
        span = Span(match.start("object") + blanks, match.end("object"))
        inside = next((m for m in sentence.inside(span, rule.types) if m.span == span), None)
        yield inside or Mention(span, span, (), frozenset(), why="wording"), span
        return
    if rule.objects == "heading":
        end = rule.until.search(sentence.normal, match.end()) if rule.until else None
        named = Span(match.end(), end.start() if end else len(sentence.normal))
        found = _objects(rule, sentence, named, named.start, phrases)
        covered = sum(m.span.end - m.span.start for m in found)
        yield from ((m, named) for m in found if 2 * covered > named.end - named.start)
        return
    if rule.objects == "apposed":
        classes = sentence.inside(sentence.whole, rule.types)
        yield from ((m, m.span) for m in classes if match.start() == 0 and apposed.drug_behind(sentence, m))
        return
    if rule.objects in ("whole", "named"):
        whole = Span(sentence.body if rule.objects == "whole" else 0, len(sentence.normal))
        if match.start() == 0 or rule.objects == "whole":
            found = _objects(rule, sentence, whole, whole.start, phrases)
            if rule.objects == "whole":
                word = "explained" if sentence.source in PROFESSIONAL else "subordinate"
                found = [m for m in found if not sentence.says_apart(word, 0, m.core.start)]
            if rule.agent == "beside":
                found = [m for m in found if agents.beside(m, sentence)]
                found = [m for m in found if rule.kind not in _HARMS or not findings.is_borne(m, sentence)]
            yield from ((m, sentence.clause(m.span)) for m in found)
        return
    if rule.kind in _CARE and rule.objects == "before" and rule.open == "finding":
        for span in findings.patients(sentence, match.start(), phrases):
            yield from ((m, span) for m in _objects(rule, sentence, span, span.start, phrases))
    for whole in _scopes(rule, sentence, match):
        end = rule.until.search(sentence.normal, whole.start) if rule.until else None  # it may look past the scope
        limit = min(end.start(), whole.end) if end and whole.start == match.end() else whole.end
        scope = Span(whole.start, limit)
        near = match.end() if scope.start == match.end() else match.start()
        found = _objects(rule, sentence, scope, near, phrases)
        if rule.kind in _CARE and rule.open == "finding" and whole.start == match.end():
            found = [*findings.begun(sentence, match, rule.types), *found]
        yield from ((mention, scope) for mention in found)
        if rule.kind in _CARE and whole.start == match.end():
            for further in findings.reach(sentence, whole, phrases)[1:]:
                stop = rule.until.search(sentence.normal, further.start) if rule.until else None
                more = Span(further.start, min(stop.start(), further.end)) if stop else further
                yield from ((m, more) for m in _objects(rule, sentence, more, more.start, phrases))
        if found and rule.objects != "both":
            return


def _scopes(rule: Rule, sentence: Sentence, match: re.Match[str]) -> Iterator[Span]:
    """Give the stretches that the objects of a cue may stand in, in the order in which they are looked at."""
    if rule.objects == "clause":
        yield Span(sentence.clause(Span(*match.span())).start, match.start())
    if rule.objects == "beside":
        yield from (Span(m.core.start, match.start()) for m in sentence.mentions if m.core.end == match.start())
    if rule.objects in ("before", "both", "around"):
        yield sentence.before(match.start())
    if rule.objects in ("after", "both", "around"):
        yield sentence.after(match.end())
    if rule.objects in ("before", "around"):
        yield from _subject_scope(rule, sentence, match.start())


def _section_polarity(rule: Rule, sentence: Sentence, mention: Mention) -> str | None:
    """Say how a mention is meant that only its section gives a kind; a use of which nothing is known is none."""
    clause = sentence.said_of(mention.span)
    if rule.kind == "indication" and sentence.says_apart("unknown", clause.start, mention.core.start):
        return None
    word = "section_denies" if rule.kind == "interaction" else "denies"
    if sentence.says(word, clause.start if sentence.body == 0 else 0, clause.end):
        return "denied"
    deniable = rule.kind in ("adverse_effect", "indication", "withdrawal_effect")
    if deniable and sentence.says_apart("denied_before", clause.start, mention.core.start):
        return "denied"
    return rule.polarity


def _subject_scope(rule: Rule, sentence: Sentence, place: int) -> list[Span]:
    """The start of the clause: where what is cautioned about may stand when the cue is far behind it."""
    if rule.kind != "caution":
        return []
    start = sentence.clause(Span(place, place)).start
    first = next((stop for stop in sentence.stops if stop > start + 1), place)
    return [Span(start, min(first, place))] + ([Span(0, place)] if start else [])


def _objects(rule: Rule, sentence: Sentence, scope: Span, near: int, phrases: Phrases) -> list[Mention]:
    """Give the mentions in a scope that may be objects; the first must stand near the cue."""
    found = sentence.groups_inside(scope, rule.types) if rule.kind in SAFETY else sentence.inside(scope, rule.types)
    if not found and rule.kind in BY_FORM and sentence.source not in PROFESSIONAL:
        groups = sentence.groups_inside(scope, rule.types)
        found = [m for m in groups if not phrases.words["no_class"].search(sentence.normal, *m.span)]
    backwards = near == scope.end and near != scope.start
    if found:
        gap = near - found[-1].core.end if backwards else found[0].core.start - near
        if gap > _FAR and rule.open != "list" and rule.objects not in ("whole", "named"):
            return []
    if rule.open:
        known = set(map(id, found))
        all_names = (*sentence.mentions, *sentence.groups)
        taken = found + [m for m in all_names if id(m) not in known and m.types - _NO_NAME]
        if rule.kind == "brand_name":  # a stranger between brands is one itself, not what it is taken for elsewhere
            taken = [m for m in taken if m.why != "list"]
        if rule.open == "name":
            more = mentions.unlisted(sentence.places, scope, taken, phrases, backwards)
        elif rule.open == mentions.SHAPE:
            more = mentions.shaped(sentence.places, scope, taken, phrases)
        else:
            more = findings.listed(sentence, scope, taken, phrases, anywhere=rule.open == "list")
        found = sorted(found + more, key=lambda m: m.span)
    in_front = scope.end <= near != scope.start
    if rule.kind in _CARE and in_front and rule.open == "finding" and sentence.source in PROFESSIONAL:
        # before its verb a label names harms; what the patients have stands behind "patients with"
        found = [m for m in found if m.span.start >= sentence.body and _are_people(m, sentence)]
    found = [m for m in found if not passing.named_in_passing(m, sentence, rule, phrases)]
    if rule.kind == "indication":
        return [m for m in found if not passing.explains(m, found, sentence)]
    return [m for m in found if not passing.is_gloss(m, found, sentence)] if rule.kind in _CARE else found


def _are_people(mention: Mention, sentence: Sentence) -> bool:
    """Whether a mention names people, be it by a condition that they have: "hypertensive patients"."""
    return "Population" in mention.types or sentence.says_apart("people", *mention.span)


def _polarity(rule: Rule, sentence: Sentence, match: re.Match[str]) -> str | None:
    """Say how the cue is meant: affirmed, denied, or (None) not said at all."""
    if rule.qualifiers.get("level") == "stated_safe" and not sentence.says_safe(Span(*match.span())):
        return None
    start = sentence.clause(Span(*match.span())).start
    if rule.polarity == "denied" and sentence.says_apart("unproven", start, match.start()):
        return None
    if rule.negation == "ignore" or sentence.says_apart("gives_reason", *match.span()):
        return rule.polarity
    if sentence.says_apart("unknown", start, match.end()):
        return None
    inside = rule.polarity == "affirmed" and sentence.says_apart("negated_inside", *match.span())
    if not inside and not sentence.says_apart("negation", max(start, match.start() - 45), match.start()):
        return rule.polarity
    if rule.negation == "drop":
        return None
    return "denied" if rule.polarity == "affirmed" else "affirmed"
