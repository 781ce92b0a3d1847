"""What a drug interacts with: which of the drugs that a sentence names, whether that is denied, what is to be done."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from kg.extraction import examples, qualifiers
from kg.extraction.candidate import Candidate
from kg.extraction.phrases import Phrases
from kg.extraction.sentence import AGENTS, PROFESSIONAL, Sentence
from kg.extraction.subject import Subjects
from kg.records import Mention, Span, Statement
from kg.vocabulary.lexicon import normalise

Groups = frozenset[str]

DOSE = "adjust_dose"
"""The level whose denial says something: no dose has to be changed."""

_DESCRIBED = frozenset({"DrugClass"})
_OF_PRODUCTS = PROFESSIONAL | {"product information"}
"""Kinds of source in which a product's own class stands for the product."""

_SECTION = frozenset({"interactions"})
_BODY = frozenset({"Substance", "Target"})


def own_groups(sentences: Iterable[Sentence], subjects: Subjects, classes: Iterable[str], phrases: Phrases) -> Groups:
    """Return the words of the groups that a document counts its own drug among: "analgesics, including tramadol".

    `classes` are those that the source's data assign; the last word of one ("Loop Diuretic") is a group as well.
    """
    names = {_folded(normalise(name)) for name in classes}
    lasts = {name.split()[-1] for name in names if name}
    found = names | {last for last in lasts if not phrases.words["generic_class"].fullmatch(last)}
    for sentence in sentences:
        words, places = sentence.phrases.words, sentence.places
        if not (places.may_match(words["among"]) or places.may_match(words["is_contraindicated"])):
            continue
        own = [m for m in sentence.mentions if m.types & AGENTS and is_own(m, sentence, subjects)]
        for mention in (*sentence.mentions, *sentence.groups):
            if not mention.types & _DESCRIBED or any(m.span.overlaps(mention.span) for m in own):
                continue
            among = words["among"].match(sentence.normal, mention.span.end)
            if among and any(0 <= m.span.start - among.end() <= 1 for m in own):
                found.add(_folded(mention.span.of(sentence.normal)))
            if words["is_contraindicated"].match(sentence.normal, mention.span.end) and mention.span.start == 0:
                found.add(_folded(mention.span.of(sentence.normal)))
    return frozenset(found)


def is_own(mention: Mention, sentence: Sentence, subjects: Subjects) -> bool:
    """Tell whether a mention speaks of the document's own drug: by a name in it, or as its therapy."""
    inside = [m for m in sentence.mentions if mention.span.contains(m.span)]
    text = mention.span.of(sentence.normal)
    described = sentence.phrases.words["relative_clause_inside"].search(text) if mention.why == "form" else None
    if described:  # "drugs that raise the level of ..." are others
        return False
    if any(subjects.is_main(m) for m in (mention, *inside)):
        return True
    becomes = sentence.phrases.words["metabolite_of"].match(text)
    if becomes and any(f"{text[becomes.end() :]} ".startswith(name[1:]) for name in subjects.spoken_names):
        return True
    return any(name in f" {text} " for name in subjects.spoken_names)


def is_interactant(candidate: Candidate, subjects: Subjects, groups: Groups) -> bool:
    """Tell whether the object is something that the drug interacts with, and not only named along with it.

    The drug itself and its own class are not, nor is a drug that another one is compared with, that stands for one
    named before ("the antibiotic"), or that is taken instead.
    """
    sentence, mention = candidate.sentence, candidate.object
    before = max(0, mention.span.start - 60), mention.span.start
    text = mention.span.of(sentence.normal)
    if sentence.phrases.words["not_an_interactant"].fullmatch(text) or is_own(mention, sentence, subjects):
        return False
    if subjects.is_member(mention) or (sentence.source in PROFESSIONAL and subjects.is_part(mention)):
        return False
    if sentence.says_apart("taken_by_some", *before):
        return False
    if sentence.says("refers") or sentence.says("laboratory"):
        return False
    if _unstudied(mention, sentence):
        return False
    if mention.types <= _BODY and sentence.says_apart("measured", *before):
        return False
    if sentence.phrases.words["harmful_habit"].fullmatch(text) and sentence.adds_to_risk(mention.span):
        return False
    own_kind = subjects.own_class(_head(mention, sentence)) or any(
        f"{_folded(text)} ".startswith(f"{group} ") for group in groups
    )
    in_general = sentence.source in _OF_PRODUCTS or candidate.rule.priority < qualifiers.SECTION_DEFAULT + 2
    if own_kind and in_general and not _among_others(mention, sentence):
        return False  # what is said of the drug's own class is said of the drug; "other benzodiazepines" are others
    if sentence.says_apart("named_before", *before) and _takes_up(mention, sentence, subjects):
        return False
    described = mention.why == "form" or not mention.types - _DESCRIBED
    if described and _is_drug_itself(mention, sentence, subjects):
        return False
    if described and sentence.says_apart("described_group", *before):
        return is_apposed(mention, sentence)
    behind = (sentence.phrases.words[word] for word in ("kept_at_hand", "names_enzyme"))
    if any(word.match(sentence.normal, mention.span.end) for word in behind):
        return False
    if sentence.says_apart("marks_people", 0, mention.span.start):
        return False
    if mention.types & _DESCRIBED and sentence.phrases.words["adjectival"].match(sentence.normal, mention.span.end):
        return False
    return not sentence.says_apart("not_with", *before)


def _is_drug_itself(mention: Mention, sentence: Sentence, subjects: Subjects) -> bool:
    """Tell whether a sentence says what the drug is: "it is an inhibitor of ..., and an inducer of ..."."""
    if not sentence.says_apart("is_itself", 0, mention.span.start):
        return False
    first = next((m for m in sentence.mentions if m.types & AGENTS), None)
    return first is not None and is_own(first, sentence, subjects)


def _unstudied(mention: Mention, sentence: Sentence) -> bool:
    """Tell whether the clause says that nobody has looked at it, or that little is known, and no more than that."""
    if sentence.source in PROFESSIONAL and sentence.says("bids_first"):
        return False
    clause, words = sentence.clause(mention.span), sentence.phrases.words
    found = (sentence.places.search(words[word], clause.start) for word in ("unstudied", "little_experience"))
    return any(match is not None and match.start() < clause.end for match in found)


def _head(mention: Mention, sentence: Sentence) -> Mention:
    """Return the class that a form begins with: "antipsychotic" in "antipsychotic drug therapy"."""
    if mention.why != "form":
        return mention
    inside = (m for m in sentence.mentions if m.span.start == mention.span.start and mention.span.contains(m.span))
    return next((m for m in inside if m.types & _DESCRIBED), mention)


def is_apposed(mention: Mention, sentence: Sentence) -> bool:
    """Tell whether a graded group stands beside a drug: "ketoconazole, a strong CYP3A4 inhibitor" is both."""
    graded = sentence.says_apart("graded_group", *mention.span)
    return graded and sentence.says_apart("apposed", max(0, mention.span.start - 24), mention.span.start)


def _among_others(mention: Mention, sentence: Sentence) -> bool:
    """Whether a class is said to be others than the drug: "other benzodiazepines", "other sedatives such as ..."."""
    near, start = "others_in_label" if sentence.source in PROFESSIONAL else "others", mention.span.start
    return sentence.says_apart(near, max(0, start - 60), start) or sentence.says_apart("others_listed", 0, start)


def _takes_up(mention: Mention, sentence: Sentence, subjects: Subjects) -> bool:
    """Whether a class stands for a drug that was named before: "warfarin ... the anticoagulant"."""
    earlier = [m for m in sentence.mentions if m.span.end <= mention.span.start]
    earlier += sentence.previous.mentions if sentence.previous is not None else ()
    classes = {c.iri for c in mention.concepts}
    return any(classes & subjects.vocabulary.ancestors(c.iri) for m in earlier if m.types & AGENTS for c in m.concepts)


def denied(candidate: Candidate) -> bool:
    """Tell whether the clause says that there is no interaction, or that nothing has to be done about it."""
    sentence = candidate.said_in
    around = candidate.cue if candidate.said_in is not candidate.sentence else candidate.object.span
    clause = _clause(sentence, around)
    return sentence.says("interaction_denied", *clause) and not sentence.says("unknown", *clause)


def about_dose(candidate: Candidate) -> bool:
    """Tell whether what the clause denies is that a dose has to be changed."""
    sentence = candidate.sentence
    return sentence.says("dose_denied", *_clause(sentence, candidate.object.span))


def _clause(sentence: Sentence, around: Span) -> Span:
    """Return the clause around a span, with what introduces it where it is a list behind a colon."""
    clause = sentence.said_of(around)
    introduced = sentence.normal[clause.start : clause.start + 1] == ":" and sentence.body < clause.start
    if clause.end < len(sentence.normal) and not sentence.says("finite_verb", *clause):
        clause = Span(clause.start, sentence.clause(Span(clause.end, clause.end + 1)).end)  # "in studies with ..., "
    return Span(sentence.clause(Span(clause.start - 1, clause.start)).start, clause.end) if introduced else clause


def own_level(candidate: Candidate) -> dict[str, str]:
    """Return the level that the words right before the object say of it alone: "reduce the dose of digoxin"."""
    return {"level": DOSE} if candidate.sentence.says_apart("dose_of", 0, candidate.object.span.start) else {}


def changed_dose(candidate: Candidate) -> dict[str, str]:
    """Return the level of "the dose of digoxin should be reduced"; a severer one in its clause goes before it."""
    sentence, span = candidate.sentence, candidate.object.span
    changes = sentence.phrases.words["dose_changes"].match(sentence.normal, span.end)
    return {"level": DOSE} if changes and sentence.says_apart("dose_named", 0, span.start) else {}


def carried_denial(sentence: Sentence, candidates: Iterable[Candidate], before: Iterable[Statement] = ()) -> bool:
    """Tell whether a sentence denies the interactions of the one before it: "no dosage adjustment is necessary"."""
    found = [c for c in candidates if c.rule.kind in ("interaction", "caution")]
    if (found and not named_again(found, before)) or not sentence.under(_SECTION):
        return False
    taken_up = sentence.says("these_drugs") or sentence.says("this_change")
    return sentence.says("dose_denied") or (taken_up and sentence.says("interaction_denied"))


def level_of_denial(sentence: Sentence) -> dict[str, str]:
    """Return the level that is denied: that a dose has to be changed, or none."""
    return {"level": DOSE} if sentence.says("dose_denied") else {}


def named_again(candidates: Iterable[Candidate], before: Iterable[Statement]) -> bool:
    """Tell whether a sentence names one of the drugs that were said to interact before it."""
    found = [c for c in candidates if c.rule.kind == "interaction"]
    if not found:
        return False
    earlier, phrases = list(before), found[0].sentence.phrases
    if any(examples.covers(one, examples.name_of(s, phrases)) for one in examples.named(found) for s in earlier):
        return True
    named = {_folded(c.object.span.of(c.sentence.normal)) for c in found}
    said = {_folded(normalise(s.evidence.object_text)) for s in earlier}
    return any(f"{one} ".startswith(f"{other} ") for one in named for other in said)


def carried_level(
    sentence: Sentence, candidates: Sequence[Candidate], before: Sequence[Statement], *, follows: bool
) -> str | None:
    """Return the level that a sentence gives to what the sentences before it say.

    It takes their drugs up ("when these drugs are given together"), names one of them again, or stands in a section on
    interactions, names no drug and says what to do. One that `follows` right behind may draw the conclusion from what
    they say in a label, whatever it calls the drugs ("patients on such a diuretic should therefore be watched").
    """
    again = named_again(candidates, before)
    kinds = {c.rule.kind for c in candidates}
    if not again:
        if "caution" in kinds and not sentence.says("the_combination"):
            return None  # "advise these patients to avoid driving" is said of driving
        in_label = sentence.source in PROFESSIONAL
        concludes = in_label and (sentence.says("concludes") or sentence.says("bids_at_once"))
        in_row = examples.tells_what_to_do(sentence) and examples.may_mean(sentence, candidates, before)
        goes_on = follows and (concludes or in_row)
        taken_up = goes_on or sentence.says("these_drugs")
        if not taken_up and ("interaction" in kinds or not sentence.under(_SECTION)):
            return None
    found: Mapping[str, str] = qualifiers.matches(
        sentence, "interaction", Span(0, len(sentence.normal)), Span(len(sentence.normal), len(sentence.normal))
    )
    level = found.get("level")
    return None if level == DOSE and sentence.says("dose_denied") else level


def _folded(words: str) -> str:
    return " ".join(words.split()).removesuffix("s")
