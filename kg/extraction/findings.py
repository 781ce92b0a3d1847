"""Findings by their place: what stands behind "patients with", or in a list of risk factors, has no need of a name.

"patients with tufted lips, or acral or hepatic failure": each is a finding that the vocabulary may lack.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from kg.extraction.candidate import Candidate
from kg.extraction.patterns import Places
from kg.extraction.phrases import Phrases
from kg.extraction.sentence import PROFESSIONAL, Sentence
from kg.records import Mention, Span
from kg.vocabulary.lexicon import normalise

FINDING = frozenset({"Condition"})
PEOPLE = frozenset({"Population"})
_LONGEST = 10
"""Words that a finding may have."""
_FURTHEST = 70
"""Characters between a shared head and the first adjective that shares it."""
_AHEAD = 150
"""Characters before a name that may say that it is no harm."""
_BACK = 40
"""Characters in front of a scope that its patients may stand in."""
_ABBREVIATION = re.compile(r"[A-Z][A-Za-z]{0,2}[A-Z0-9][A-Za-z0-9/-]{0,5}")


def reach(sentence: Sentence, scope: Span, phrases: Phrases) -> list[Span]:
    """Return a scope, and those that go on behind it with further patients: "..., or in patients with ..."."""
    scopes = [scope]
    words, normal = phrases.words, sentence.normal
    # "... or in patients with", "patients with ... who have", "patients with conditions that ... (e.g., ...)"
    next_to = words["continues"], words["restricts"], words["examples"]
    while True:
        end = scopes[-1].end
        match = next(filter(None, (pattern.match(normal, end) for pattern in next_to)), None)
        match = match or sentence.places.search(words["continues_later"], end)
        if match is None:
            return scopes
        scopes.append(sentence.after(match.end()))


def begun(sentence: Sentence, cue: re.Match[str], types: frozenset[str]) -> list[Mention]:
    """Return the people whose name begins in a cue: "in patients undergoing" and "patients undergoing surgery"."""
    if not types & PEOPLE:
        return []
    return [m for m in sentence.mentions if cue.start() < m.span.start < cue.end() < m.span.end and m.types & PEOPLE]


def patients(sentence: Sentence, place: int, phrases: Phrases) -> list[Span]:
    """Return what each "patients with" of the clause in front of a place says of them."""
    start = sentence.clause(Span(place, place)).start
    while start and phrases.words["patients_go_on"].match(sentence.normal, start):  # "patients with ..., who ..., may"
        start = sentence.clause(Span(start - 1, start)).start
    if sentence.says("anaphoric_group", start, place):
        start = 0  # "patients with ... were not studied, and use in these patients is ..."
    spans: list[Span] = []
    found = sentence.places.finditer(phrases.words["patients_with"], start, place)
    for match in found or sentence.places.finditer(phrases.words["or_who_have"], start, place):
        end = min(sentence.after(match.end()).end, place)
        scope = Span(match.end(), _predicate(sentence, match.end(), end, phrases))
        spans += [span for span in reach(sentence, scope, phrases) if span.end <= place]
    return spans


def _predicate(sentence: Sentence, start: int, end: int, phrases: Phrases) -> int:
    """Return where what is said of the patients begins: at a verb that "and", "or", "who" do not join to theirs."""
    for verb in sentence.places.finditer(phrases.words["finite_verb"], start, end):
        if not sentence.says("joined_verb", start, verb.start()):
            return verb.start()
    return end


def listed(
    sentence: Sentence, scope: Span, taken: list[Mention], phrases: Phrases, *, anywhere: bool = False
) -> list[Mention]:
    """Find the findings of a scope that have no name, behind "patients with" or, with `anywhere`, from its start.

    `taken` are the mentions that are known already: they are members of the lists, and heads that adjectives share.
    """
    found: list[Mention] = []
    for start, end in _lists(sentence, scope, phrases, anywhere):
        for span in _members(sentence, Span(start, end), taken, phrases):
            if not any(m.span.overlaps(span) for m in found):
                found.append(Mention(span, span, (), FINDING, modified=True, why="place"))
    return found


def _lists(sentence: Sentence, scope: Span, phrases: Phrases, anywhere: bool) -> Iterator[Span]:
    starts = [scope.start] if anywhere else []
    behind = sentence.places.finditer(phrases.words["patients_with"], max(0, scope.start - _BACK), scope.end)
    starts += [match.end() for match in behind if match.end() >= scope.start]
    for index, start in enumerate(starts):
        yield Span(start, starts[index + 1] if index + 1 < len(starts) else scope.end)


def _members(sentence: Sentence, scope: Span, taken: list[Mention], phrases: Phrases) -> Iterator[Span]:
    pieces = _pieces(sentence.places, scope, phrases)
    spans = [_shaped(sentence, piece, phrases) for piece in pieces]
    is_state = sentence.says("be_before", 0, scope.start)  # "patients who are ..."
    for index, piece in enumerate(pieces):
        own = _trimmed(sentence, piece, phrases)  # "a fast pulse in response to quinidine" names a finding of its own
        if any(m.span.overlaps(own) for m in taken) or any(aside.contains(piece) for aside in sentence.asides):
            continue
        span = spans[index]
        if span is None:
            if any(m.span.overlaps(piece) for m in taken):
                continue
            if phrases.words["generic_finding"].fullmatch(sentence.normal[slice(*_trimmed(sentence, piece, phrases))]):
                continue  # "conditions such as ..."
            if any(phrases.words["list_goes_on"].match(sentence.normal, *later) for later in pieces[index + 1 :]):
                continue
            if not any(m.types & FINDING and m.span.start >= piece.end and m.span.end <= scope.end for m in taken):
                return  # the list has ended, or is none
            continue
        suspended = sentence.text[span.end : span.end + 1] == "-"  # "volume- or salt-depleted"
        if suspended or phrases.words["adjective"].fullmatch(sentence.normal, *span):
            head = _head(index, pieces, spans, taken)
            if head is not None and head - span.start <= _FURTHEST:
                yield Span(span.start, head)
            elif is_state:
                yield span
            continue
        if is_state or not phrases.words["participle"].fullmatch(sentence.normal, *span):
            yield span


def _head(index: int, pieces: list[Span], spans: list[Span | None], taken: list[Mention]) -> int | None:
    """Return where the head ends that an adjective shares with the members behind it."""
    for piece, span in zip(pieces[index + 1 : index + 4], spans[index + 1 : index + 4], strict=True):
        known = next((m for m in taken if m.span.overlaps(piece)), None)
        if known is not None:
            return known.span.end if known.types & FINDING else None
        if span is not None and span.end - span.start > 12:
            return span.end
    return None


def _pieces(places: Places, scope: Span, phrases: Phrases) -> list[Span]:
    normal, pieces, start = places.text, [], scope.start
    for match in places.finditer(phrases.words["finding_separator"], *scope):
        pieces.append(Span(start, match.start()))
        start = match.end()
    pieces.append(Span(start, scope.end))
    return [p for p in pieces if normal[p.start : p.end].strip()]


def _trimmed(sentence: Sentence, piece: Span, phrases: Phrases) -> Span:
    """Return a piece without the words around its noun phrase."""
    normal, (start, end) = sentence.normal, piece
    lead = phrases.words["finding_leading"].match(normal, start, end)
    start = lead.end() if lead else start
    tail = phrases.words["finding_trailing"].search(normal, start, end)
    end = tail.start() if tail else end
    while start < end and not normal[start].isalnum():
        start += 1
    while end > start and not (normal[end - 1].isalnum() or normal[end - 1] in ")%'"):
        end -= 1
    return Span(start, end)


def _shaped(sentence: Sentence, piece: Span, phrases: Phrases) -> Span | None:
    """Return the finding in a piece; None where it has not the shape of one."""
    normal, (start, end) = sentence.normal, _trimmed(sentence, piece, phrases)
    words = normal[start:end].split()
    if not words or len(words) > _LONGEST:
        return None
    if len(words) == 1 and len(words[0]) < 5 and not _ABBREVIATION.fullmatch(sentence.text, start, end):
        return None
    refused = (phrases.words[word].search(normal[start:end]) for word in ("generic_finding", "not_a_finding"))
    return None if any(refused) else Span(start, end)


def is_told_of_others(candidate: Candidate) -> bool:
    """Whether a harm describes patients, or is what a condition does: "myasthenia gravis, which causes weakness"."""
    sentence, words = candidate.said_in, candidate.sentence.phrases.words
    if words["of_patients"].match(candidate.sentence.normal, candidate.object.core.start):
        return True
    if candidate.rule.objects == "after" and _is_subject(candidate.cue.start, sentence):
        return True
    if words["no_harm"].fullmatch(candidate.sentence.normal, *candidate.object.span):
        return True
    relative = words["relative_cause"].search(sentence.normal[: candidate.cue.start])
    if relative is None:
        return False
    named = next((m for m in sentence.mentions if m.span.end == relative.start() and "Condition" in m.types), None)
    return named is not None and words["patients_own"].search(sentence.normal[: named.core.start]) is not None


def is_none_of_label(sentence: Sentence, start: int) -> bool:
    """Tell whether a label's words say that what begins at a place is no harm: "a history of ulcers"."""
    return sentence.source in PROFESSIONAL and sentence.says_apart("no_harm_before", max(0, start - _AHEAD), start)


def _is_subject(place: int, sentence: Sentence) -> bool:
    """Whether a condition is what a clause with a verb at a place speaks of: "asthma may cause breathlessness"."""
    start = sentence.clause(Span(place, place)).start
    if any(start <= m.core.start < place for m in sentence.agents):
        return False
    return any(
        "Condition" in m.types and not m.types - FINDING and m.span.start - start <= 1 and 0 <= place - m.span.end <= 1
        for m in sentence.mentions
    )


def is_borne(mention: Mention, sentence: Sentence) -> bool:
    """Tell whether a condition is no harm: one that a drug is given for, or people have; or only the word for harms."""
    if sentence.phrases.words["names_no_harm"].fullmatch(sentence.normal, *mention.span):
        return True
    return sentence.says_apart("borne", max(0, mention.span.start - 30), mention.span.start)


def names_organs(sentence: Sentence) -> bool:
    """Whether it is a part of the body with its effects below or beside it, or a cell of the column that names them."""
    words, passage = sentence.phrases.words, sentence.passage
    if words["organ_class"].match(sentence.normal):
        return True
    column = passage.headings[-1].text if passage.row is not None and passage.headings else ""
    return bool(column) and words["organ_column"].match(normalise(column)) is not None
