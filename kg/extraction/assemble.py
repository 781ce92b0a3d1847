"""Candidates of a document become statements: subject, object, qualifiers and evidence are put together."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from operator import itemgetter
from types import MappingProxyType

from kg.extraction import (
    agents,
    apposed,
    cells,
    denials,
    interactions,
    joint_harms,
    naming,
    passing,
    qualifiers,
    replaced,
    wording,
)
from kg.extraction.candidate import Candidate
from kg.extraction.carried import Carried
from kg.extraction.dosage import Dose
from kg.extraction.sentence import AGENTS, PROFESSIONAL, Sentence, pick
from kg.extraction.subject import Subjects
from kg.records import Concept, Document, Entity, Evidence, Mention, Span, Statement

_FINDING = frozenset({"Condition"})
_INTERACTANT = AGENTS | {"Substance"}
_DRUGS = frozenset({"Drug", "Brand"})
_HARMS = frozenset({"adverse_effect"})
_ALTERNATIVES = frozenset({"alternatives"})

_OWN_SUBJECT = frozenset({"brand_name", "interaction", "advice"})
"""Kinds whose subject is the document's drug whoever else is named: the other one is the object."""


@dataclass(slots=True)
class Builder:
    """Collects the statements of one document, in its order."""

    document: Document
    subjects: Subjects
    groups: frozenset[str] = frozenset()
    _found: list[Statement] = field(default_factory=list)
    _carried: Carried = field(init=False)
    _quoted: tuple[Span | None, str, str] = (None, "", "")

    def __post_init__(self) -> None:
        """Share the statements with what a later sentence says of them."""
        self._carried = Carried(self.document, self._found)

    def statements(self) -> list[Statement]:
        """Return the statements, each content once a passage, ordered by place."""
        unique: dict[tuple[object, ...], tuple[tuple[object, ...], Statement]] = {}
        for statement in self._found:
            evidence, said = statement.evidence, sorted(statement.qualifiers.items())
            content = (statement.kind, statement.subject, evidence.object_span, statement.polarity, *said)
            unique.setdefault(content, ((evidence.span, evidence.object_span, statement.kind, said), statement))
        return [statement for _, statement in sorted(unique.values(), key=itemgetter(0))]

    def add(self, sentence: Sentence, candidates: list[Candidate], doses: list[Dose]) -> None:
        """Take in the readings of one sentence."""
        combined = [
            c
            for c in candidates
            if c.rule.kind == "interaction"
            and not wording.names_nothing(c)
            and interactions.is_interactant(c, self.subjects, self.groups)
        ]
        others = [c for c in candidates if c.rule.kind != "interaction"]
        self._carried.take_up(sentence, others + combined)
        joint = joint_harms.found(sentence, candidates, [c for c in combined if c.sentence is sentence])
        for candidate in candidates:
            if candidate.rule.kind == "interaction" or wording.names_nothing(candidate):
                continue
            if candidate.rule.kind in _HARMS and candidate.object.span in joint.only:
                continue
            if doses and candidate.rule.kind == "advice" and wording.on_dosing(candidate):
                continue
            self._found += self._made(candidate)
        for candidate in combined:
            if candidate.sentence is not sentence:  # it stands in the question that this one answers
                self._found += self._interaction(candidate, (), barred=False)
                continue
            barred = any(
                c.rule.kind == "contraindication" and c.object.span == candidate.object.span for c in candidates
            )
            self._found += self._interaction(candidate, joint.effects, barred)
        for dose in doses:
            self._found += self._dose(dose)

    # ── subjects and objects ────────────────────────────────────────────────────────────────────────────────────────

    def _own(self, mention: Mention) -> bool:
        return self.subjects.is_main(mention)

    def _subject(self, candidate: Candidate) -> tuple[Concept, ...]:
        kind = candidate.rule.kind
        if kind == "alternative":
            return (replaced.drug(candidate, self.subjects) or self.subjects.main,)
        care = kind in ("contraindication", "caution")
        of_another = candidate.sentence.under(_ALTERNATIVES)  # "if not, linezolid, which must not meet moclobemide"
        if kind in _OWN_SUBJECT or (care and candidate.object.types & AGENTS and not of_another):
            return (self.subjects.own_at(candidate.sentence, candidate.object.span),)
        if candidate.rule.kind == "drug_class" and wording.starts_with(candidate, ",( "):
            owner = self.subjects.before(candidate.sentence, candidate.cue.start)
            known = owner is not None and (owner is self.subjects.main or not wording.starts_with(candidate, " "))
            return (owner,) if owner and known else ()
        if candidate.rule.objects == "apposed":
            drug = apposed.drug_behind(candidate.sentence, candidate.object)
            known = drug is not None and (self._own(drug) or candidate.sentence.under(frozenset({"alternatives"})))
            return self.subjects.named(drug) if drug is not None and known else ()
        if candidate.in_heading and candidate.rule.agent != "before":
            return self.subjects.at(candidate.sentence)
        if candidate.rule.agent in ("after", "inside"):
            return self.subjects.among(agents.named(candidate.rule.agent, candidate.said_in, candidate.cue))
        place = (
            candidate.cue.start
            if candidate.said_in is candidate.sentence and candidate.cue.end
            else candidate.object.core.start
        )
        if candidate.rule.objects == "before":
            place = candidate.object.core.start
        found = self.subjects.of(candidate.said_in if candidate.cue.end else candidate.sentence, place)
        care = care and candidate.sentence.source in PROFESSIONAL
        if kind == "contraindication" and candidate.rule.objects in ("item", "whole"):
            # "if aspirin gave you asthma", under "Do not take": of the document's drug, or of one beside it
            return (self.subjects.own_at(candidate.sentence, candidate.object.span),)
        return found or ((self.subjects.main,) if care else ())

    def _made(self, candidate: Candidate) -> Iterator[Statement]:
        if candidate.rule.kind == "class_example":
            yield from self._class_examples(candidate)
            return
        for subject in self._subject(candidate):
            yield from self._said_of(subject, candidate)

    def _said_of(self, subject: Concept, candidate: Candidate) -> Iterator[Statement]:
        if denials.is_unproven(candidate):
            return
        candidate = denials.as_meant(candidate)
        rule, mention = candidate.rule, candidate.object
        if rule.kind in ("brand_name", "alternative"):
            drug = next((self.subjects.vocabulary.drug_of(c) for c in mention.concepts if c.types & _DRUGS), None)
            if rule.kind == "brand_name" and not self._is_brand(candidate, drug, subject):
                return
            if rule.kind == "alternative" and (
                self.subjects.names(mention, subject)
                or replaced.only_describes(candidate, self._only_describes(candidate))
            ):
                return
        if rule.kind in ("contraindication", "caution") and self._is_of_another_drug(candidate):
            return
        found = qualifiers.of(candidate)
        if rule.kind == "mechanism":
            mention = wording.with_verb(candidate)
        if rule.kind == "advice":
            concept = (
                self.subjects.vocabulary.find(rule.concept, ("Instruction",))
                if rule.concept
                else pick(mention, rule.types)
            )
            if "topic" not in found and concept is not None and concept.topic:
                found["topic"] = concept.topic
            if concept is not None:
                mention = replace(mention, concepts=(concept,), types=concept.types)
        if rule.kind == "pregnancy_category":
            found["authority"] = wording.authority(candidate.sentence)
            found = {k: v for k, v in found.items() if v}
        yield self._statement(rule.kind, subject, mention, candidate, found)

    def _is_of_another_drug(self, candidate: Candidate) -> bool:
        """Whether a care is about the drug itself, or about people who take another drug than the document's."""
        mention = candidate.object
        if mention.types & AGENTS:
            return self._own(mention)
        taken = passing.taken_by(mention, candidate.sentence) if "Population" in mention.types else None
        return taken is not None and not candidate.in_heading and not self._own(taken)

    def _is_brand(self, candidate: Candidate, drug: Concept | None, subject: Concept) -> bool:
        """Whether a name is the drug's brand: by the vocabulary, or by its capital where the vocabulary lacks it."""
        words = candidate.object.span.of(candidate.sentence.text)
        if subject is self.subjects.main and self.subjects.is_sold_as(words):
            return True
        if candidate.object.concepts:
            return drug is not None and drug.iri == subject.iri
        return words[:1].isupper() and " " not in words

    def _only_describes(self, candidate: Candidate) -> bool:
        """Whether a class is said of another drug ("clarithromycin, an antibiotic") and so is no object itself."""
        sentence, mention = candidate.sentence, candidate.object
        if not mention.types & frozenset({"DrugClass"}) or mention.types & _DRUGS:
            return False
        return sentence.says_apart("described_as", max(0, mention.span.start - 24), mention.span.start)

    def _class_examples(self, candidate: Candidate) -> Iterator[Statement]:
        """A class with its examples ("SSRIs such as sertraline") says of each example that it belongs to the class."""
        sentence = candidate.sentence
        if candidate.object.core.end + 2 < candidate.cue.start - 12:
            return
        for mention in sentence.inside(sentence.after(candidate.cue.end), _DRUGS):
            concept = pick(mention, _DRUGS)
            drug = self.subjects.vocabulary.drug_of(concept) if concept else None
            if drug is not None and (
                drug.iri in self.subjects.about.own or sentence.under(frozenset({"alternatives"}))
            ):
                yield self._statement("drug_class", drug, candidate.object, candidate, {})

    # ── interactions and the harm they name ─────────────────────────────────────────────────────────────────────────

    def _interaction(self, candidate: Candidate, effects: tuple[Mention, ...], barred: bool) -> Iterator[Statement]:
        by_section = candidate.rule.priority < qualifiers.SECTION_DEFAULT
        apposed = interactions.is_apposed(candidate.object, candidate.sentence)
        if by_section and not apposed and self._only_describes(candidate):
            return
        found = {**interactions.changed_dose(candidate), **qualifiers.of(candidate)}
        found |= interactions.own_level(candidate)
        found.pop("population", None)
        about = candidate.object.span
        if any(about.start < place < about.end for place in cells.ends(candidate.sentence)):
            return  # "methotrexate Antiviral agents": the end of one cell and the beginning of another
        effects = tuple(effect for effect in effects if cells.are_one(candidate.sentence, about, effect.span))
        if not cells.hold(candidate.sentence, about, found.get("effect", "")):
            found.pop("effect")
        if barred:
            found.pop("level", None)  # the combination is contraindicated, which says more
        agent = pick(candidate.object, _INTERACTANT)
        if agent is None and candidate.object.why == "vocabulary":
            return
        subject = self.subjects.with_company(candidate.sentence)
        if subject.iri and self.subjects.names(candidate.object, subject):
            return  # "bisoprolol levels fall with rifampicin", on a page about another drug
        meant = None if found.get("level") else self._carried.exemplified(candidate)
        if meant is not None:
            yield self._example(meant, candidate)
            return
        if candidate.polarity == "denied" or interactions.denied(candidate):
            level = {"level": interactions.DOSE} if interactions.about_dose(candidate) else {}
            refused = replace(candidate, polarity="denied")
            yield self._statement("interaction", subject, candidate.object, refused, level)
            return
        if not effects and barred:
            return  # a contraindicated combination is an interaction where its effect is said
        if not effects:
            yield self._statement("interaction", subject, candidate.object, candidate, found)
            return
        words = candidate.object.span.of(candidate.sentence.text)
        agent_label = self._named(candidate.object, _INTERACTANT, words).label
        for effect in effects:
            label = self._named(effect, _FINDING, self._words(effect, candidate.sentence)).label
            yield self._statement("interaction", subject, candidate.object, candidate, {**found, "effect": label})
            harm = replace(candidate, object=effect)
            if effect.span.start < 0:  # it stands in the sentence that introduces the list
                yield self._statement("adverse_effect", subject, effect, harm, {"with": agent_label})
                continue
            graded = {
                k: v
                for k, v in qualifiers.of(
                    replace(harm, rule=replace(harm.rule, kind="adverse_effect", types=_FINDING))
                ).items()
                if k in ("severity", "frequency")
            }
            yield self._statement("adverse_effect", subject, effect, harm, {**graded, "with": agent_label})

    def _example(self, meant: Statement, candidate: Candidate) -> Statement:
        """Say of an example what the sentence before says of its class; the quote holds both."""
        passage, mention = candidate.sentence.passage.span, candidate.object
        quote = Span(meant.evidence.span.start, passage.end)
        level = {key: value for key, value in meant.qualifiers.items() if key == "level"}
        return self._record(
            meant.kind, self.subjects.main, mention, _moved(mention.span, passage.start), quote, meant.polarity, level,
            candidate.rule.name, candidate.rule.types, meant.evidence.heading,
        )  # fmt: skip

    # ── doses ───────────────────────────────────────────────────────────────────────────────────────────────────────

    def _dose(self, dose: Dose) -> Iterator[Statement]:
        offset = dose.sentence.passage.span.start
        if dose.heading is not None:  # the object stands above: the quote runs from there to the end of the sentence
            quote, spot = Span(dose.object.span.start, dose.sentence.passage.span.end), dose.object.span
        else:
            quote, spot = wording.quotable(dose.sentence), _moved(dose.object.span, offset)
        for subject in self.subjects.dosed(dose.sentence, dose.qualifiers.get("dose", "")):
            yield self._record(
                "dosage", subject, dose.object, spot, quote, "affirmed", dose.qualifiers, dose.rule, _FINDING,
                dose.heading.span if dose.heading else None,
            )  # fmt: skip

    # ── evidence ────────────────────────────────────────────────────────────────────────────────────────────────────

    def _statement(
        self, kind: str, subject: Concept, mention: Mention, candidate: Candidate, found: dict[str, str]
    ) -> Statement:
        sentence = candidate.sentence
        offset = sentence.passage.span.start
        quote, spot = wording.quotable(sentence), _moved(mention.span, offset)
        heading = None
        if mention.span.start < 0:
            quote = Span(candidate.said_in.passage.span.start, quote.end)
        if candidate.in_heading:
            spot, heading = mention.span, sentence.passage.headings[-1].span
            quote = Span(heading.start, quote.end)
        elif candidate.said_in.passage.span.start > offset:  # "... in these patients", said of those before it
            quote = Span(quote.start, candidate.said_in.passage.span.end)
        elif candidate.said_in is not sentence:
            heading = candidate.said_in.passage.span
        elif candidate.rule.objects in ("title", "item") or candidate.rule.sections:
            heading = next((h.span for h in reversed(sentence.passage.headings) if h.sections), None)
        elif mention.span.start >= 0 and candidate.rule.previous and sentence.previous is not None:
            quote = Span(sentence.previous.passage.span.start, quote.end)
        types = _FINDING if kind == "adverse_effect" else candidate.rule.types
        name = candidate.rule.name
        return self._record(
            kind, subject, mention, spot, quote, candidate.polarity, found, name, types, heading, candidate.rule.concept
        )

    def _record(
        self, kind: str, subject: Concept, mention: Mention, spot: Span, quote: Span, polarity: str,
        found: dict[str, str], rule: str, types: frozenset[str], heading: Span | None, concept: str | None = None,
    ) -> Statement:  # fmt: skip
        text = self.document.text
        spot = wording.closed(spot, text, quote.end)
        if quote != self._quoted[0]:  # many statements have the same quote
            words = quote.of(text)
            self._quoted = quote, words, hashlib.sha256(words.encode()).hexdigest()
        _, words, digest = self._quoted
        evidence = Evidence(
            document=self.document.name,
            span=quote,
            quote_sha256=digest,
            object_span=spot,
            object_text=spot.of(text),
            rule=rule,
            heading=heading,
            quote=words,
            heading_text=heading.of(text) if heading else None,
        )
        entity = naming.entity(kind, mention, types, evidence.object_text, self.subjects.vocabulary)
        if kind == "advice" and concept and entity.iri is None:
            entity = Entity(concept)
        if kind == "brand_name" and entity.iri is None:
            entity = Entity(" ".join(evidence.object_text.split()))  # a name keeps its capitals
        return Statement(
            kind,
            Entity(subject.label, subject.iri or None),
            entity,
            evidence,
            polarity,
            MappingProxyType({name: wording.compact(found[name]) for name in sorted(found)}),
        )

    def _words(self, mention: Mention, sentence: Sentence) -> str:
        """Return the words of a mention, which may stand in the sentence that introduces this one."""
        return _moved(mention.span, sentence.passage.span.start).of(self.document.text)

    def _named(self, mention: Mention, types: frozenset[str], words: str) -> Entity:
        return naming.entity("", mention, types, words, self.subjects.vocabulary)


def _moved(span: Span, offset: int) -> Span:
    return Span(span.start + offset, span.end + offset)
