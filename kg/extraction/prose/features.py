"""What stands around a name that no rule has read, in numbers that have names.

A model is taught on them: sections, what kind of name it is, the words beside it, and the wordings of the tables
wherever they stand in the sentence. What rules say of the names near it is left out: where they were not written with
a text, they say little, and a model that leans on them does worse.
"""

from __future__ import annotations

import functools
import operator
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

from kg.extraction.candidate import SentenceReading
from kg.extraction.phrases import Phrases, Rule
from kg.extraction.sentence import Sentence
from kg.extraction.subject import Subjects
from kg.records import Mention, Span

Row = dict[str, float]
Classes = Mapping[str, Sequence[int]]
"""The classes of words that stand in the same company, a fine and a coarse one."""
Found = tuple[str, Span]

WORD = re.compile(r"[a-z']+|\d+|[:;,.()!-]")
"""What counts as a word: numbers and marks, too."""
_NEAR = 3
"""Words beside a name that are looked at one by one."""
_HALF = 60
"""Characters between a wording and a name that make it count half as much."""
_LONGEST = 400
_ELSEWHERE = frozenset({"title", "item", "earlier", "asked", "heading"})
"""Rules whose objects do not stand beside their cue."""


class Cues:
    """Where the wordings of the tables stand in a sentence, whatever else their rules ask for."""

    def __init__(self, tables: Phrases) -> None:
        cues = [(rule.cue, _says(rule)) for rule in tables.rules if rule.objects not in _ELSEWHERE]
        cues += [(pattern, (f"role:{name}",)) for name, pattern in tables.roles.items()]
        self._by_bit = {bit: own for own in cues for bit in _bits(own[0].bit)}
        self._all = functools.reduce(operator.or_, self._by_bit, 0)

    def found(self, sentence: Sentence) -> list[Found]:
        """Return them, each with what it says."""
        places, result = sentence.places, dict[Found, None]()
        mask = places.possible & self._all
        while mask:
            cue, says = self._by_bit[mask & -mask]
            mask &= ~cue.bit
            for match in places.finditer(cue):
                if match.end() > match.start():
                    result.update(((name, Span(*match.span())), None) for name in says)
        return list(result)


def _bits(mask: int) -> Iterator[int]:
    while mask:
        yield mask & -mask
        mask &= mask - 1


def _says(rule: Rule) -> tuple[str, ...]:
    """Return what a rule says: its kind; its kind with polarity and level."""
    level = rule.qualifiers.get("level", "")
    denied = "-" if rule.polarity == "denied" else ""
    return f"cue:{rule.kind}", f"cue:{rule.kind}{denied}/{level}"


class Describer:
    """Describes names of one document."""

    def __init__(self, found: Sequence[SentenceReading], cues: Cues, subjects: Subjects, classes: Classes) -> None:
        self._found, self._cues, self._subjects, self._classes = found, cues, subjects, classes
        self._cues_at: dict[int, list[Found]] = {}

    @cached_property
    def _numbers(self) -> Mapping[Span, int]:
        return {item.sentence.passage.span: number for number, item in enumerate(self._found)}

    def _cues_of(self, number: int) -> list[Found]:
        if number not in self._cues_at:
            self._cues_at[number] = self._cues.found(self._found[number].sentence)
        return self._cues_at[number]

    def row(self, number: int, mention: Mention) -> Row:
        """Describe one name of a sentence."""
        row: Row = {}
        self._place(row, number, mention)
        self._names(row, number, mention)
        self._wordings(row, number, mention)
        self._words(row, number, mention)
        for concept in mention.concepts:
            row.update({f"is:{above}": 1.0 for above in self._subjects.vocabulary.ancestors(concept.iri)})
        return row

    def _place(self, row: Row, number: int, mention: Mention) -> None:
        item = self._found[number]
        sentence, passage, size = item.sentence, item.sentence.passage, len(item.sentence.normal)
        for place, kinds in enumerate(sentence.sections):
            for kind in kinds:
                row[f"sec:{kind}"] = 1.0
                if not place:
                    row[f"sec0:{kind}"] = 1.0 / len(kinds)
        row.update(dict.fromkeys((f"type:{kind}" for kind in mention.types), 1.0))
        length = mention.span.end - mention.span.start
        row |= {
            f"why:{mention.why}": 1.0,
            "sections": len(sentence.sections),
            "known": float(bool(mention.concepts)),
            "wider": float(mention.span != mention.core),
            "item": float(passage.is_item),
            "lead": float(item.lead is not None),
            "position": min(passage.position, 5),
            "row": float(passage.row is not None),
            "title": float(passage.title is not None),
            "in_title": float(passage.title is not None and mention.span.end <= sentence.body),
            "asked": float(sentence.question is not None),
            "finite": float(sentence.is_finite),
            "length": min(size, _LONGEST),
            "size": length,
            "share": length / max(size, 1),
            "at": mention.span.start / max(size, 1),
        }

    def _names(self, row: Row, number: int, mention: Mention) -> None:
        """Count the other names of the sentence, before it and after it, in its clause and outside of it."""
        sentence = self._found[number].sentence
        clause, counts = sentence.clause(mention.span), Counter[str]()
        for other in sentence.mentions:
            if other.span.overlaps(mention.span):
                continue
            before = other.span.end <= mention.span.start
            side = ("b" if before else "a") + ("" if clause.contains(other.span) else "x")
            kinds = ("Own",) if self._subjects.is_main(other) else other.types
            counts.update(f"name:{kind}:{side}" for kind in kinds)
        row.update(counts)
        same = [m for m in sentence.mentions if m.types & mention.types]
        row["same"] = len(same)
        row["same_before"] = sum(m.span.end <= mention.span.start for m in same)

    def _wordings(self, row: Row, number: int, mention: Mention) -> None:
        item, span = self._found[number], mention.span
        clause = item.sentence.clause(span)
        for name, (start, end) in self._cues_of(number):
            if start < span.end and span.start < end:
                key, gap = f"{name}:o", 0
            elif end <= span.start:
                key, gap = f"{name}:b", span.start - end
            else:
                key, gap = f"{name}:a", start - span.end
            if start < clause.start or end > clause.end + 1:
                gap += _HALF
            row[key] = max(row.get(key, 0.0), _HALF / (_HALF + gap))
        place = self._numbers.get(item.lead.passage.span) if item.lead is not None else None
        if place is not None:
            row.update({f"lead:{name}": 1.0 for name, _ in self._cues_of(place) if name.startswith("cue:")})

    def _words(self, row: Row, number: int, mention: Mention) -> None:
        """Say which words stand before it and behind it, the nearest ones by their places, each with its classes."""
        sentence = self._found[number].sentence
        before = WORD.findall(sentence.normal[: mention.span.start])
        after = WORD.findall(sentence.normal[mention.span.end :])
        placed = [("wb", word) for word in before] + [("wa", word) for word in after]
        placed += [("w0", word) for word in (before + after)[:1]]
        for step in range(_NEAR):
            placed.append((f"w-{step + 1}", before[-step - 1] if step < len(before) else ""))
            placed.append((f"w+{step + 1}", after[step] if step < len(after) else ""))
        for place, word in placed:
            row[f"{place}:{word}"] = 1.0
            for size, own in enumerate(self._classes.get(word, ())):
                row[f"{place}~{size}:{own}"] = 1.0
        if sentence.passage.headings:
            row.update({f"h:{word}": 1.0 for word in WORD.findall(sentence.passage.headings[-1].text.lower())})
