"""A made-up graph of any size: `python -m benchmarks.synthetic FOLDER --triples 1000000 [--seed 1]`.

Documents about drugs that do not exist, worded here sentence by sentence, so that every quote is a slice of its text.
What they say is of the shape that facts of drug labels have: as many facts a document, as often said twice, as many of
each kind, a sixth of the things in the documents' own words. Objects are concepts of the package's vocabulary. It goes
through the same assembly and the same writers as what is read, one document at a time, and `kg check` has nothing to
say against it. The same seed gives the same bytes.
"""

from __future__ import annotations

import argparse
import functools
import hashlib
import random
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from kg import assembly, vocabulary
from kg.building import Counts, folder
from kg.reading.document import make_document
from kg.records import NO_QUALIFIERS, Concept, Document, Entity, Evidence, Fact, Span, Statement

TRIPLES_EACH = 3_000
"""What a document gives at least, on the average of many, the union counted once."""

FACTS_EACH = 108
_SAID_AGAIN, _OWN_WORDS, _DENIED = 0.45, 0.16, 0.02
_SYLLABLES = ("ba", "do", "fi", "gu", "ke", "li", "mo", "nu", "pa", "re", "si", "to", "vu", "we", "xa", "zi")
_FEATURES = ("early", "late", "faint", "sudden", "slow", "deep", "dull", "odd", "mixed", "brief")
_LEVELS = ("avoid", "not_recommended", "caution", "monitor", "adjust_dose")
_FREQUENCIES = ("very_common", "common", "uncommon", "rare")


class Wording(NamedTuple):
    """How a kind of fact is worded: its share, the heading, the sentence, the types of its objects, its qualifiers."""

    kind: str
    share: int
    heading: str
    sentence: str
    types: frozenset[str]
    qualifiers: tuple[tuple[str, tuple[str, ...]], ...] = ()


def _types(*names: str) -> frozenset[str]:
    return frozenset(names)


WORDINGS = (
    Wording("indication", 57, "Uses", "{drug} treats {object}", _types("Condition"), (("use", ("treatment",)),)),
    Wording("contraindication", 41, "Not for", "{drug} is barred by {object}", _types("Condition", "Population")),
    Wording("caution", 105, "Care", "{drug} needs care in {object}", _types("Condition"), (("level", _LEVELS),)),
    Wording("interaction", 250, "Together", "{drug} meets {object}", _types("Drug"), (("level", _LEVELS),)),
    Wording(
        "adverse_effect", 310, "Effects", "{drug} causes {object}", _types("Condition"), (("frequency", _FREQUENCIES),)
    ),
    Wording("withdrawal_effect", 7, "Stopping", "without {drug} comes {object}", _types("Condition")),
    Wording(
        "dosage",
        155,
        "Doses",
        "{drug} is dosed for {object}",
        _types("Condition"),
        (("stage", ("initial", "maximum")),),
    ),
    Wording("drug_class", 12, "Class", "{drug} is of the {object}", _types("DrugClass")),
    Wording("pharmacokinetics", 13, "Fate", "{drug} has {object}", _types("KineticProperty")),
    Wording("advice", 30, "Advice", "{drug}: {object}", _types("Instruction"), (("topic", ("storage", "stopping")),)),
)


def documents(triples: int, seed: int = 1) -> Iterator[tuple[Document, list[Fact]]]:
    """Make documents with their facts, one after the other."""
    for number in range(max(1, round(triples / TRIPLES_EACH))):
        yield document(number, seed)


def document(number: int, seed: int = 1) -> tuple[Document, list[Fact]]:
    """Make one document; each drug has two."""
    chance = random.Random(f"{seed} {number}")  # noqa: S311 - it guards nothing
    drug = Entity(_name(number // 2))
    name = f"made-up-{number:06}.txt"
    text = [f"{drug.label.capitalize()}\n"]
    length = len(text[0])
    statements: list[Statement] = []
    shares = chance.choices(WORDINGS, [wording.share for wording in WORDINGS], k=FACTS_EACH)
    for wording in WORDINGS:
        heading = f"\n## {wording.heading}\n\n"
        title = Span(length + 4, length + 4 + len(wording.heading))
        text.append(heading)
        length += len(heading)
        for _ in range(shares.count(wording)):
            for sentence, said in _said(wording, drug, name, length, title, chance):
                text.append(sentence)
                length += len(sentence)
                statements.append(said)
    return make_document(name, "".join(text), source_kind="label"), assembly.assemble(statements)


def write(target: Path, triples: int, seed: int = 1) -> Counts:
    """Write a folder of facts as `kg build` does, with its texts and its store."""
    with folder.drafted(target, None, with_texts=True) as draft:
        for one, facts in documents(triples, seed):
            draft.add(one, facts)
        counts = draft.finish()
        draft.store({}, {})
    return counts


def _said(
    wording: Wording, drug: Entity, name: str, place: int, heading: Span, chance: random.Random
) -> Iterator[tuple[str, Statement]]:
    """Say one fact, once or twice: a sentence, and the statement that it is."""
    concept = chance.choice(_concepts(wording.types))
    object_, words = Entity(concept.label, concept.iri), concept.label
    if chance.random() < _OWN_WORDS:
        words = f"{chance.choice(_FEATURES)} {concept.label}"
        object_ = Entity(words, None, concept.iri)
    polarity = "denied" if chance.random() < _DENIED else "affirmed"
    qualifiers = {key: chance.choice(values) for key, values in wording.qualifiers} or NO_QUALIFIERS
    for _ in range(1 + (chance.random() < _SAID_AGAIN)):
        lead = f"Note {chance.randrange(100_000)}: {'not so: ' if polarity == 'denied' else ''}"
        before, _, after = wording.sentence.format(drug=drug.label, object="\0").partition("\0")
        sentence = f"{lead}{before}{words}{after}."
        quote, start = Span(place, place + len(sentence)), place + len(lead) + len(before)
        proof = Evidence(
            document=name,
            span=quote,
            quote_sha256=hashlib.sha256(sentence.encode()).hexdigest(),
            object_span=Span(start, start + len(words)),
            object_text=words,
            rule=f"made-up/{wording.kind}",
            heading=heading,
        )
        yield f"{sentence}\n", Statement(wording.kind, drug, object_, proof, polarity, qualifiers)
        place = quote.end + 1


@functools.cache
def _concepts(types: frozenset[str]) -> tuple[Concept, ...]:
    """Return the concepts of some types whose words nothing cuts, in one order."""
    found = (concept for _, concept in sorted(vocabulary.load().concepts.items()))
    return tuple(one for one in found if one.types & types and len(one.label.split()) < assembly.MAXIMUM_WORDS)


def _name(number: int) -> str:
    """Return the name of a drug that does not exist, another for each number.

    >>> _name(0), _name(300)
    ('zuqbabababa', 'zuqbadofivu')
    """
    return "zuq" + "".join(_SYLLABLES[number >> shift & 15] for shift in (12, 8, 4, 0))


def main() -> int:
    """Write a folder, and say what is in it."""
    parser = argparse.ArgumentParser(description="A made-up graph of any size.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--triples", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    counts = write(options.folder, options.triples, options.seed)
    print(f"{options.folder}: {counts.facts:,} facts, said {counts.evidence:,} times in {counts.documents:,} documents")
    return 0


if __name__ == "__main__":
    sys.exit(main())
