"""Who each sentence of a document is about."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from kg.extraction.about import Main
from kg.extraction.sentence import AGENTS, Sentence, pick
from kg.records import Concept, Mention, Span
from kg.vocabulary import Vocabulary
from kg.vocabulary.lexicon import normalise

SHORTEST_NAME = 4
"""A product's name of fewer letters may be any word."""

_DRUGS = frozenset({"Drug", "Brand"})
_CLASSES = frozenset({"DrugClass"})
_BODY = frozenset({"Substance", "Target"})


@dataclass(frozen=True)
class Subjects:
    """Names the subject of a sentence, given the drug or product that the document is about."""

    about: Main
    vocabulary: Vocabulary

    @property
    def main(self) -> Concept:
        """The drug or product that the document is about."""
        return self.about.drug

    def is_main(self, mention: Mention) -> bool:
        """Tell whether a mention names the document's own drug: by its generic or a brand name, or by an ingredient."""
        return any(self.vocabulary.drug_of(c).iri in self.about.own for c in mention.concepts)

    def names(self, mention: Mention, subject: Concept) -> bool:
        """Tell whether a mention names a subject, be it the document's drug or another one."""
        if subject is self.main:
            return self.is_main(mention)
        return any(self.vocabulary.drug_of(c).iri == subject.iri for c in mention.concepts)

    def is_sold_as(self, words: str) -> bool:
        """Tell whether the source's data give the product this name."""
        return words.casefold() in self.about.names

    @cached_property
    def spoken_names(self) -> tuple[str, ...]:
        """The names that the source's data give the product, folded, with blanks around them."""
        return tuple(f" {normalise(name)} " for name in self.about.names if len(name) >= SHORTEST_NAME)

    def own_class(self, mention: Mention) -> bool:
        """Tell whether a mention names a class that the document's drug belongs to."""
        return any(c.iri in self._own_classes for c in mention.concepts)

    @cached_property
    def _own_classes(self) -> frozenset[str]:
        return frozenset[str]().union(*map(self.vocabulary.ancestors, self.about.own))

    def of(self, sentence: Sentence, place: int) -> tuple[Concept, ...]:
        """Return who is spoken of at a place of a sentence: the main drug, other drugs or classes, or nobody.

        Another agent is the subject where it stands in subject position of the clause, that is at its start or right
        before its verb, and the document's own drug does not. A class with examples speaks for each of them.
        """
        clause = sentence.clause(Span(place, place))
        agents = sentence.agents
        if sentence.phrases.words["relative_clause"].match(sentence.normal, clause.start):
            owner = next((m for m in sentence.mentions if clause.start - 2 <= m.span.end <= clause.start + 1), None)
            if owner is not None and owner.types & (AGENTS | _BODY):
                return self.named(owner)  # nobody, where it is a substance of the body that is described
            return (self.main,)
        earlier = self._of_pronoun(sentence, place)
        if earlier is not None:
            return earlier
        before = [m for m in agents if clause.start <= m.core.start < max(place, clause.start + 1)]
        if any(self.is_main(m) for m in before):
            return (self.main,)
        for last in reversed(before):
            group = self._group(sentence, before, last)
            if sentence.phrases.words["subject_verb"].match(sentence.normal, last.span.end) and self._starts(
                sentence, group[0]
            ):
                apposed = sentence.says_apart("apposed", 0, group[0].span.start)
                owner_first = (
                    self.before(sentence, sentence.normal.rfind(",", 0, group[0].span.start)) if apposed else None
                )
                return (owner_first,) if owner_first else tuple(c for m in group for c in self.named(m))
        if any(m.core.start < place and self._acts_itself(sentence, m, clause.start) for m in sentence.mentions):
            return ()
        if sentence.excluded(frozenset({"alternatives"})) and not any(self.is_main(m) for m in agents):
            return ()
        return (self.main,)

    def among(self, mentions: Iterable[Mention]) -> tuple[Concept, ...]:
        """Return who is spoken of where mentions name the drug, or nothing does: the main drug, or else those named."""
        known = list(mentions)
        if not known or any(map(self.is_main, known)):
            return (self.main,)
        return tuple(dict.fromkeys(concept for mention in known for concept in self.named(mention)))

    def _acts_itself(self, sentence: Sentence, mention: Mention, start: int) -> bool:
        """Tell whether a substance or target of the body is what the clause speaks of ("GABA calms the brain")."""
        if not mention.types & _BODY or mention.types & AGENTS or mention.core.start < start:
            return False
        follows = sentence.phrases.words["subject_verb"].match(sentence.normal, mention.span.end)
        return bool(follows) and self._starts(sentence, mention)

    def _of_pronoun(self, sentence: Sentence, place: int) -> tuple[Concept, ...] | None:
        """Return the other drug that "It ..." takes up from the sentence before, if that is whom it spoke of."""
        previous = sentence.previous
        if previous is None or not sentence.phrases.words["pronoun"].match(sentence.normal):
            return None
        if any(m.types & AGENTS and m.core.start < place for m in sentence.mentions):
            return None
        agents = previous.agents
        if not agents or any(self.is_main(m) for m in agents):
            return None
        follows = sentence.phrases.words["subject_verb"].match(previous.normal, agents[0].span.end)
        return self.named(agents[0]) if follows and self._starts(previous, agents[0]) else None

    def _group(self, sentence: Sentence, agents: list[Mention], last: Mention) -> list[Mention]:
        """Return the coordinated agents that end with `last`: "SSRIs such as sertraline or escitalopram"."""
        group = [last]
        for mention in reversed(agents[: agents.index(last)]):
            between = sentence.normal[mention.span.end : group[0].span.start]
            if not sentence.phrases.words["coordinated"].fullmatch(between):
                break
            group.insert(0, mention)
        return group

    def _starts(self, sentence: Sentence, mention: Mention) -> bool:
        return sentence.says_apart("subject_before", 0, mention.span.start)

    def named(self, mention: Mention) -> tuple[Concept, ...]:
        """Return the drug or class that a mention names."""
        concept = pick(mention, _DRUGS) or pick(mention, _CLASSES)
        return (self.vocabulary.drug_of(concept),) if concept else ()

    def before(self, sentence: Sentence, place: int) -> Concept | None:
        """Return the drug or class that a place stands right behind ("diclofenac gel (also an NSAID)")."""
        gap = 14
        agents = [m for m in sentence.agents if 0 <= place - m.span.end <= gap]
        return next(iter(self.named(agents[-1])), None) if agents else None
