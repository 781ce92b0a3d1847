"""Whom a statement holds for: a population named in its clause, in an item's title, or where a list is introduced."""

from __future__ import annotations

from collections.abc import Iterator

from kg.extraction.candidate import Candidate
from kg.extraction.sentence import AGENTS, PROFESSIONAL, Sentence, once, pick
from kg.records import Mention, Span

_FINDING = frozenset({"Condition"})
_POPULATION = frozenset({"Population"})
_CARE = frozenset({"caution", "contraindication"})
"""Kinds whose objects are groups and conditions themselves: a list of them goes on with others of its kind."""
_OF_THE_ILL = frozenset({"adverse_effect", "withdrawal_effect", "indication"})
"""Kinds that may hold for people by their illness: what harms or helps them is something else."""

_ONE_WORD = 16
_HARMS = frozenset({"adverse_effect", "withdrawal_effect"})

_NEAR = 40
"""Characters in front of a population in which is told that something holds for it."""


def of(candidate: Candidate) -> str | None:
    """Return whom a statement holds for, where anyone is named; a population is no population's."""
    if candidate.object.types & _POPULATION:
        return None
    return _named(candidate) or _ill(candidate) or _inside(candidate) or _in_title(candidate) or _introduced(candidate)


def name_of(mention: Mention, sentence: Sentence, about: Mention | None = None) -> str:
    """Return what a population is called: its concept's label, or its words where they say more ("frail older people").

    `about` is what the statement is about, which is no part of it; without one, only what people take belongs to them.
    """
    span = _whole(mention, sentence, about)
    concept = pick(mention, _POPULATION)
    near = max(0, span.start - _ONE_WORD)
    too = sentence.places.apart(sentence.phrases.words["adults_too"], near, span.start)
    if too is not None and sentence.source in PROFESSIONAL:
        return sentence.normal[near + too.start() : span.end]
    if concept is not None and span == mention.span:
        return concept.label
    return " ".join(span.of(sentence.normal).split())


def _named(candidate: Candidate) -> str | None:
    """Return a population named in the same clause after "in", "for", "among" and the like.

    The nearest one behind the object is preferred, else the last one before it.
    """
    sentence, about = candidate.sentence, candidate.object
    if not sentence.types & _POPULATION:
        return None
    people = [m for m in _populations(sentence) if m.span != about.span]
    heads = {m.span.start - 1 for m in people}
    found = [m for m in people if m.span.end not in heads and _holds_for(m, candidate)]  # "adult men" are men
    behind = [m for m in found if m.span.start >= about.span.end]
    chosen = behind[:1] or found[-1:]
    return name_of(chosen[0], sentence, about) if chosen else None


def _populations(sentence: Sentence) -> Iterator[Mention]:
    return (m for m in sentence.mentions if m.types & _POPULATION and not m.types & _FINDING)


def _holds_for(mention: Mention, candidate: Candidate) -> bool:
    """Tell whether a statement holds for a population that its sentence names."""
    sentence, about, words = candidate.sentence, candidate.object, candidate.sentence.phrases.words
    clause = sentence.clause(about.span)
    if about.span.end <= sentence.body and not _names(sentence, Span(sentence.body, mention.span.start)):
        clause = sentence.whole  # "Focal fits: in patients aged 16 or older"
    further = words["continues"].match(sentence.normal, mention.span.end) if mention.span < about.span else None
    if further and further.end() <= about.span.start:
        return False  # "older people and people with gout" are two groups
    behind = about.core.end if about.core.end <= mention.core.start else 0
    place = _whole(mention, sentence, about).start
    before = max(behind, place - _NEAR), place
    narrowed = mention.core.start > about.core.start and sentence.says_apart("narrowed", *before)
    if not (narrowed or clause.start <= mention.core.start < max(clause.end, candidate.scope.end)):
        return False
    if behind and _carries_another(mention, sentence):
        return False  # "in gout, in children with asthma, and in ...": they are the children of one of the list
    if candidate.rule.kind in _CARE and behind and sentence.says_apart("another_group", *before):
        return False  # "in gout or for the elderly"
    if goes_on(sentence, *sorted((about.span, mention.span))):
        return False
    if behind and _befalls_another(mention.span, sentence):
        return False
    if words["of_women"].fullmatch(mention.span.of(sentence.normal)) and words["done_by_women"].search(
        about.span.of(sentence.normal)
    ):
        return False
    by_itself = mention.why == "age_group" and mention.span.of(sentence.normal).startswith("from ")
    told = sentence.says_apart("population_before", *before) or sentence.says_apart("people_treated", *before)
    return by_itself or told


def _befalls_another(people: Span, sentence: Sentence) -> bool:
    """Tell whether another finding is told of people right behind them: "dizziness, and in newborns restlessness"."""
    return any(m.types & _FINDING and m.span.start == people.end + 1 for m in sentence.mentions)


def _names(sentence: Sentence, place: Span) -> bool:
    """Tell whether a finding is named in a stretch."""
    return any(m.types & _FINDING and place.contains(m.span) for m in sentence.mentions)


def goes_on(sentence: Sentence, first: Span, second: Span) -> bool:
    """Tell whether another main clause begins between two places: "X may develop, and Y is rare in men"."""
    for match in sentence.places.finditer(sentence.phrases.words["next_main"], first.end, second.start):
        if sentence.phrases.words["of_the_same"].match(sentence.normal, match.end()):
            continue  # "rash is rare, but it may be serious"
        told = sentence.says_apart("finite_verb", 0, match.start())
        if told and sentence.says_apart("finite_verb", match.end(), len(sentence.normal)):
            return True
    return False


def _carries_another(mention: Mention, sentence: Sentence) -> bool:
    """Tell whether a population goes on with a list and has a finding of its own: "..., in children with asthma"."""
    words, normal = sentence.phrases.words, sentence.normal
    carries = words["carrier"].match(normal, mention.span.end) is not None
    return carries and sentence.says_apart("joins_patients", max(0, mention.core.start - 24), mention.core.start)


def _ill(candidate: Candidate) -> str | None:
    """Return people by what they have, told behind the object: "prevents strokes in people with fibrillation"."""
    sentence, about, words = candidate.sentence, candidate.object, candidate.sentence.phrases.words
    combined = bool(about.types & AGENTS)
    if (candidate.rule.kind not in _OF_THE_ILL and not combined) or about.span.end <= sentence.body:
        return None  # "Anxiety disorder: for people with lasting worry" describes it
    if not _tells_of_people(sentence):
        return None
    harmed = candidate.rule.kind in _HARMS
    for mention in sentence.mentions:
        if not mention.types & _FINDING or mention.span.start < about.span.end:
            continue
        if goes_on(sentence, about.span, mention.span):
            break
        place = max(about.span.end, mention.span.start - _NEAR)
        match = sentence.places.apart(words["people_who_have"], place, mention.span.start)
        start = place + match.start() if match else mention.span.start
        if match and sentence.says_apart("population_before", max(about.span.end, start - _NEAR), start):
            return " ".join(sentence.normal[start : mention.span.end].split())
        alone = sentence.normal[about.span.end : mention.span.start] == " in "
        seen = harmed and (sentence.says_apart("seen_in", place, start) or _behind_drug(sentence, mention))
        if (combined and alone) or seen:
            return " ".join(mention.span.of(sentence.normal).split())
    return None if combined else _people_told(sentence, about)


def _behind_drug(sentence: Sentence, mention: Mention) -> bool:
    """Tell whether an illness stands behind a drug's name: "haemolysis occurs with primaquine in favism"."""
    before = mention.span.start - len(" in ")
    is_told = sentence.normal[before : mention.span.start] == " in "
    return is_told and any(m.span.end == before for m in sentence.agents)


def _people_told(sentence: Sentence, about: Mention) -> str | None:
    """Return people by their own words, behind the object or at the sentence's head: "in patients on dialysis"."""
    words = sentence.phrases.words
    behind = words["people_told"].finditer(sentence.normal, about.span.end)
    first = words["people_first"].match(sentence.normal)
    for match in (*behind, first):
        if match is None or Span(*match.span("who")).overlaps(about.span):
            continue
        who = Span(*match.span("who"))
        by_drug = words["people_by_drug"].search(match["who"]) or any(m.span.overlaps(who) for m in sentence.agents)
        if about.span.end <= who.start and _befalls_another(who, sentence):
            continue
        if not by_drug and not goes_on(sentence, *sorted((about.span, who))):
            return " ".join(match["who"].split())
    return None


@once
def _tells_of_people(sentence: Sentence) -> bool:
    """Tell whether a sentence may tell of people, or of something seen in an illness."""
    return any(sentence.says(word) for word in ("people_word", "found_in"))


def _inside(candidate: Candidate) -> str | None:
    """Return whom a harm befalls by its own words, or by the illness told first.

    "Breathing trouble in newborns", and "in protein C deficiency the risk of tissue damage is greater".
    """
    sentence, about = candidate.sentence, candidate.object
    if candidate.rule.kind not in _HARMS:
        return None
    if not sentence.types & _POPULATION and not sentence.normal.startswith(("in ", "with ")):
        return None
    for mention in _populations(sentence):
        if about.span.contains(mention.span) and sentence.says_apart("harmed_in", about.span.start, mention.span.start):
            return name_of(mention, sentence)
    for mention in sentence.mentions:
        first = mention.types & _FINDING and sentence.says_apart("told_first", 0, mention.span.start)
        if first and sentence.phrases.words["risk_of"].fullmatch(sentence.normal, mention.span.end, about.span.start):
            return " ".join(mention.span.of(sentence.normal).split())
    return None


def _in_title(candidate: Candidate) -> str | None:
    """Return the population that the item's title names: "Children aged 2 to 16: serious rash occurs"."""
    sentence, about = candidate.sentence, candidate.object
    title = Span(0, sentence.body)
    if not sentence.body or title.overlaps(about.span) or candidate.rule.kind in _CARE:
        return None
    for mention in sentence.mentions:
        if title.contains(mention.span) and mention.types & _POPULATION and not mention.types & _FINDING:
            return name_of(mention, sentence, about)
    if candidate.rule.kind in _OF_THE_ILL and sentence.says_apart("title_taken_up", *_body(sentence)):
        named = (m for m in sentence.mentions if title.contains(m.span) and m.types & _FINDING)
        return next((" ".join(m.span.of(sentence.normal).split()) for m in named), None)
    return None


def _body(sentence: Sentence) -> Span:
    return Span(sentence.body, len(sentence.normal))


def _introduced(candidate: Candidate) -> str | None:
    """Return the population that the sentence names which introduces a list: "In adults it is used for:"."""
    lead = candidate.said_in
    if lead is candidate.sentence:
        return None
    for mention in _populations(lead):
        if lead.says_apart("population_before", max(0, mention.core.start - _NEAR), mention.core.start):
            end = len(lead.normal)
            return name_of(mention, lead, Mention(Span(end, end), Span(end, end), (), frozenset()))
    return None


def _whole(mention: Mention, sentence: Sentence, about: Mention | None) -> Span:
    """Return the words of a population with what narrows it: "frail older people", "adults with heart disease"."""
    normal, words, places = sentence.normal, sentence.phrases.words, sentence.places
    start, end = mention.span
    before = max(0, start - _NEAR)
    narrower = places.apart(words["narrower"], before, start)
    if narrower:
        start = before + narrower.start()
    if about is None:
        return Span(start, _taking(sentence, end))
    further = words["group_with"].match(normal, end)
    if further:
        had = (m for m in sentence.mentions if m.types & _FINDING and _follows(m, further.end(), normal))
        own = next((m for m in had if not m.span.overlaps(about.span)), None)
        return Span(start, own.span.end) if own and not _is_one_of(own, about, sentence) else Span(start, end)
    whose = words["group_whose"].match(normal, end) if about.span.end <= start else None
    return Span(start, whose.end() if whose else end)


def _follows(mention: Mention, place: int, normal: str) -> bool:
    """Tell whether a name follows at once, or behind one word: "with resistant epilepsy"."""
    between = normal[place : mention.span.start]
    return place <= mention.span.start + 1 and len(between) <= _ONE_WORD and between.count(" ") <= 1


def _taking(sentence: Sentence, end: int) -> int:
    """Return where a group ends that is told by what it takes: "adults who take valproate"."""
    agent = next((m for m in sentence.mentions if m.types & AGENTS and m.span.start > end), None)
    taken = agent and sentence.phrases.words["group_taking"].fullmatch(sentence.normal, end, agent.span.start)
    return agent.span.end if agent and taken else end


def _is_one_of(own: Mention, about: Mention, sentence: Sentence) -> bool:
    """Tell whether what people have is listed with the object: "adults with narcolepsy or [shift work disorder]"."""
    if about.span.start < own.span.end:
        return False
    between = sentence.normal[own.span.end : about.span.start]
    return sentence.phrases.words["list_separator"].fullmatch(between) is not None
