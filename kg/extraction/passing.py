"""Names that a sentence only mentions: what is absent, what explains the name before it, what leads to another name."""

from __future__ import annotations

from kg.extraction.phrases import Phrases, Rule
from kg.extraction.sentence import Sentence
from kg.records import Mention

_CARE = frozenset({"contraindication", "caution"})


def taken_by(mention: Mention, sentence: Sentence) -> Mention | None:
    """Return the drug that people are said to take right behind their name: "elderly patients on lithium"."""
    agent = next((m for m in sentence.agents if m.core.start >= mention.span.end), None)
    words = sentence.phrases.words["takes"]
    return agent if agent and words.fullmatch(sentence.normal, mention.span.end, agent.core.start) else None


def explains(mention: Mention, found: list[Mention], sentence: Sentence) -> bool:
    """Tell whether a mention stands in brackets that describe the one before: "conjunctivitis (red, itchy eyes)"."""
    normal = sentence.normal
    opened = normal.rfind("(", 0, mention.span.start)
    if opened < 0 or ")" in normal[opened : mention.span.start]:
        return False
    closed = (normal.find(")", opened) + 1 or len(normal)) - 1
    described = any(m.why == "place" and opened < m.span.start < closed for m in found)
    return described and any(m.span.end <= opened and not normal[m.span.end : opened].strip(" *_") for m in found)


def is_gloss(mention: Mention, found: list[Mention], sentence: Sentence) -> bool:
    """Tell whether a mention only explains the one before it: "latent tuberculosis (TB)"."""
    normal, (start, end) = sentence.normal, mention.span
    if normal[start - 1 : start] != "(" or normal[end : end + 1] != ")":
        return False
    return any(normal[m.span.end : start] in (" (", "(") for m in found)


def named_in_passing(mention: Mention, sentence: Sentence, rule: Rule, phrases: Phrases) -> bool:
    """Tell whether a mention is absent ("without fever") or only leads to its name ("a substance called X")."""
    before = max(0, mention.span.start - 40), mention.span.start
    if sentence.says_apart("absent", *before) or (rule.kind not in _CARE and sentence.says_apart("excluded", *before)):
        return True
    done = "Activity" in mention.types  # "neither drive nor swim" forbids both
    denied = rule.kind == "interaction" or rule.polarity == "denied"  # "neither A nor B should be given", "was seen"
    if not denied and not done and sentence.says_apart("neither", *before):
        return True
    places, ahead = sentence.places, (mention.span.end, mention.span.end + 110)
    if places.begins_apart(phrases.words["renamed"], *ahead) is not None:
        return True
    return "Population" not in mention.types and places.begins_apart(phrases.words["is_sign"], *ahead) is not None
