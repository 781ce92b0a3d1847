"""Where a rule's drug stands: "X eases Y" says something of X only where X is a drug, or takes one up."""

from __future__ import annotations

from collections.abc import Iterator

from kg.extraction.sentence import Sentence
from kg.records import Mention, Span

NEAR = 48
"""Code points behind a cue within which its drug stands ("can be treated with a low dose of X")."""


def named(place: str, sentence: Sentence, cue: Span) -> Iterator[Mention]:
    """Give the drugs and classes that stand where a rule wants its drug."""
    if place == "before":
        start = sentence.clause(cue).start
        agents = [m for m in sentence.agents if start <= m.core.start and m.span.end <= cue.start]
        yield from (m for m in agents if not _is_said_of(sentence, m, cue))
    else:
        zone = cue if place == "inside" else Span(cue.end, min(cue.end + NEAR, len(sentence.normal)))
        yield from (m for m in sentence.agents if zone.contains(m.core))


def stands(place: str, sentence: Sentence, cue: Span) -> bool:
    """Tell whether a drug, or a word for one, stands where a rule wants it; a telegram leaves it out."""
    if place in ("", "beside") or any(named(place, sentence, cue)):
        return True
    words = sentence.phrases.words
    if place == "before":
        start = sentence.clause(cue).start
        return words["takes_up_drug"].fullmatch(sentence.normal, start, cue.start) is not None
    zone = cue if place == "inside" else Span(cue.end, min(cue.end + NEAR, len(sentence.normal)))
    return words["named_as_it"].search(sentence.normal, *zone) is not None


def beside(mention: Mention, sentence: Sentence) -> bool:
    """Tell whether a sentence names a drug beside an object, another than the object itself."""
    return any(not mention.span.overlaps(agent.span) for agent in sentence.agents)


def _is_said_of(sentence: Sentence, mention: Mention, cue: Span) -> bool:
    """Tell whether something else is said of a drug before the cue: "X is a hormone; rest eases pain"."""
    relative = sentence.phrases.words["relative_ends"].search(sentence.normal, mention.span.end, cue.start)
    return relative is None and sentence.says("finite_verb", mention.span.end, cue.start)
