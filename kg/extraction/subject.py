"""Who each sentence of a document is about."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

from kg.extraction import peers
from kg.extraction.about import Main
from kg.extraction.sentence import AGENTS, PROFESSIONAL, Sentence, pick
from kg.records import Concept, Heading, Mention, Span
from kg.vocabulary import Vocabulary
from kg.vocabulary.lexicon import normalise

SHORTEST_NAME = 4
"""A product's name of fewer letters may be any word."""

_PARTS = re.compile(r"/| and ")
_DRUGS = frozenset({"Drug", "Brand"})
_CLASSES = frozenset({"DrugClass"})
_BODY = frozenset({"Substance", "Target"})
_OF_COMPANY = frozenset({"interactions", "alternatives"})


@dataclass(frozen=True)
class Subjects:
    """Names the subject of a sentence, given the drug or product that the document is about."""

    about: Main
    vocabulary: Vocabulary
    beside: peers.Peers = field(default_factory=peers.Peers)

    @property
    def main(self) -> Concept:
        """The drug or product that the document is about."""
        return self.about.drug

    def is_main(self, mention: Mention) -> bool:
        """Tell whether a mention names the document's own drug: by its generic or a brand name, or by an ingredient."""
        return any(self.vocabulary.drug_of(c).iri in self.about.own for c in mention.concepts)

    def is_member(self, mention: Mention) -> bool:
        """Tell whether a mention names a member of the class that the document is about."""
        if not self.main.types & _CLASSES:
            return False
        drugs = (self.vocabulary.drug_of(concept).iri for concept in mention.concepts)
        return any(self.main.iri in self.vocabulary.ancestors(iri) for iri in drugs if iri)

    def is_part(self, mention: Mention) -> bool:
        """Tell whether a mention names an ingredient of the document's product by the product's own name."""
        parts = _PARTS.split(self.main.label.lower())
        return len(parts) > 1 and any(c.label.lower() in parts for c in mention.concepts if c.types & _DRUGS)

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

    def at(self, sentence: Sentence) -> tuple[Concept, ...]:
        """Return whom a sentence is about that names nobody: those whose names its heading, row or column consists of.

        Elsewhere that is the document's drug, and so it is where headings name others as company or in place of it;
        what stands above these headings counts.
        """
        if sentence.source in PROFESSIONAL:
            return (self.main,)
        headings = sentence.passage.headings
        if sentence.under(peers.OF_OTHERS):
            above = itertools.takewhile(lambda heading: not heading.sections & peers.OF_OTHERS, headings)
            return next(filter(None, map(self._headed, reversed([*above]))), (self.main,))
        title = sentence.passage.title
        if title is not None and (self.beside.drugs or self.main.types & _CLASSES):
            named = self._consists_of(title.text)
            if named:
                return named
        if self.beside.drugs and (spoken := self._spoken_of_before(sentence)):
            return spoken
        for heading in reversed(headings):
            if self._names_main(heading.text) and sentence.passage.row is not None:
                break  # "Simvastatin no more than", over a column
            if named := self._headed(heading):
                return named
        return (self.main,)

    def _headed(self, heading: Heading) -> tuple[Concept, ...]:
        headed = self.beside.headed.get(heading.text)
        return (headed,) if headed is not None else self._consists_of(heading.text)

    def _spoken_of_before(self, sentence: Sentence) -> tuple[Concept, ...]:
        """Return the one of the document's drugs that was named last in the paragraph; both, where "both" are meant."""
        if len(self.beside.drugs) == 1 and sentence.says("both_drugs"):
            return (self.main, *(self.vocabulary.concepts[iri] for iri in self.beside.drugs))
        earlier = sentence.previous
        while earlier is not None:
            named = [m for m in earlier.agents if self.is_main(m) or self._is_peer(m)]
            near = [m for m in named if not earlier.says_apart("company", max(0, m.span.start - 14), m.span.start)]
            if named:
                drugs = dict.fromkeys(c for m in near for c in self.named(m))
                return tuple(drugs) if len(drugs) == 1 else ()
            earlier = earlier.previous
        return ()

    def dosed(self, sentence: Sentence, dose: str = "") -> tuple[Concept, ...]:
        """Return whose dose a sentence gives: that of the drug beside the document's which it stands right behind."""
        place = sentence.text.find(dose) if dose else -1
        if sentence.source in PROFESSIONAL and (others := self._dosed_beside(sentence, place)):
            return others
        named = next((m for m in sentence.agents if m.span.end == place - 1 and self._is_peer(m)), None)
        if named is not None:
            return self.named(named)
        return self._member(sentence) or self.at(sentence)

    def _dosed_beside(self, sentence: Sentence, place: int) -> tuple[Concept, ...]:
        """Return the other drug of a dose in a label: named right before it, or the one that its row consists of."""
        row = sentence.passage.row
        if row is not None and not sentence.says("own_limit"):
            names = (heading.text for heading in sentence.passage.headings if row.contains(heading.span))
            if others := next(filter(None, map(self._consists_of, names)), ()):
                return others
        behind = sentence.phrases.words["dose_of_other"].match(sentence.normal, place) if place >= 0 else None
        owner = next((m for m in sentence.agents if behind and m.span.start == behind.end()), None)
        if owner is not None and owner.types & _DRUGS and not (self.is_main(owner) or self.is_part(owner)):
            own = any(f" {owner.span.of(sentence.normal)} " in f" {name} " for name in self.spoken_names)
            return () if own else self.named(owner)
        before = [m for m in sentence.agents if m.span.end <= place]
        if not before or self.is_main(before[-1]) or not before[-1].types & _DRUGS:
            return ()
        between = sentence.normal[before[-1].span.end : place]
        return self.named(before[-1]) if sentence.phrases.words["dosed_behind"].fullmatch(between.rstrip()) else ()

    def with_company(self, sentence: Sentence) -> Concept:
        """Return whose interaction a sentence tells: that of its section's drug which it names, else the document's."""
        named = {self.vocabulary.drug_of(concept).iri for mention in sentence.agents for concept in mention.concepts}
        beside = next((drug for drug in self.at(sentence) if drug.iri in named), None)
        several = bool(self.beside.drugs or self.main.types & _CLASSES) or self.at(sentence)[0] is not self.main
        if beside is None and several and not any(map(self.is_main, sentence.agents)):
            return (self._member(sentence, in_company=True) or self.at(sentence))[0]
        return beside or self.main

    def _names_main(self, heading: str) -> bool:
        """Tell whether a heading speaks of the document's drug by its own name."""
        return f" {normalise(self.main.label)} " in f" {normalise(heading)} "

    @cached_property
    def _of_headings(self) -> dict[str, tuple[Concept, ...]]:
        """What is known of the headings met so far."""
        return {}

    def _consists_of(self, heading: str) -> tuple[Concept, ...]:
        """Return the drugs of a heading that holds nothing but their names: "Gabapentin and pregabalin"."""
        if heading not in self._of_headings:
            drugs = peers.named_in(heading, self.vocabulary)
            is_own = any(drug.iri in self.about.own for drug in drugs)
            self._of_headings[heading] = () if is_own else drugs
        return self._of_headings[heading]

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
            return self.at(sentence)
        earlier = self._of_pronoun(sentence, place)
        if earlier is not None:
            return earlier
        before = [m for m in agents if clause.start <= m.core.start < max(place, clause.start + 1)]
        if before and not self.is_main(before[-1]) and self._begins_anew(sentence, before[-1]):
            return self.named(before[-1])  # "If ibuprofen does not suit you, paracetamol is another choice"
        if any(self.is_main(m) for m in before):
            return self._with_equals(sentence, before) or (self.main,)
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
        if not before and clause.start and sentence.phrases.words["goes_on"].match(sentence.normal, clause.start):
            return self.of(sentence, clause.start - 1)  # "Linezolid is an antibiotic, and it must not ..."
        if sentence.excluded(frozenset({"alternatives"})) and not any(self.is_main(m) for m in agents):
            return ()
        return self._member(sentence) or self.at(sentence)

    def _begins_anew(self, sentence: Sentence, agent: Mention) -> bool:
        """Tell whether a drug is what a main clause speaks of, behind one that only names its condition."""
        fronted = sentence.says_apart("fronted_condition", 0, agent.span.start)
        return fronted and bool(sentence.phrases.words["subject_verb"].match(sentence.normal, agent.span.end))

    def _with_equals(self, sentence: Sentence, before: list[Mention]) -> tuple[Concept, ...]:
        """Return the drugs that are spoken of together with the document's: "Citalopram and paroxetine are ..."."""
        group = self._group(sentence, before, before[-1])
        drugs = all(m.types & _DRUGS for m in group) and any(map(self.is_main, group)) and len(group) > 1
        follows = sentence.phrases.words["subject_verb"].match(sentence.normal, group[-1].span.end)
        if not drugs or follows is None or not self._starts(sentence, group[0]):
            return ()
        return tuple(dict.fromkeys(concept for mention in group for concept in self.named(mention)))

    def _member(
        self, sentence: Sentence, *, in_company: bool = False, within: Span | None = None
    ) -> tuple[Concept, ...]:
        """Return the one drug that a sentence names of those that the document is about beside, or under, its own.

        "In liver disease use a lower dose of X" is said of X where the page is about X and Y, or about their class.
        """
        if not (self.beside.drugs or self.main.types & _CLASSES):
            return ()
        if sentence.excluded(_OF_COMPANY) and not in_company:
            return ()
        agents = [m for m in sentence.agents if within is None or within.contains(m.core)]
        if any(map(self.is_main, agents)):
            return ()
        near = (m for m in agents if not sentence.says_apart("company", max(0, m.span.start - 14), m.span.start))
        members = dict.fromkeys(c for m in near if self.is_member(m) or self._is_peer(m) for c in self.named(m))
        return tuple(members) if len(members) == 1 else ()

    def _is_peer(self, mention: Mention) -> bool:
        return any(self.vocabulary.drug_of(c).iri in self.beside.drugs for c in mention.concepts)

    def own_at(self, sentence: Sentence, span: Span) -> Concept:
        """Return whose advice or brand a clause of a sentence gives: the document's drug, or one of those beside it."""
        if not (self.beside.drugs or self.main.types & _CLASSES):
            return self.main
        return (self._member(sentence, within=sentence.clause(span)) or self.at(sentence))[0]

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
