"""What a sentence says of the statements before it: how often, what is to be done, or that nothing has to be."""

from __future__ import annotations

import functools
import hashlib
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from kg.extraction import examples, instructed, interactions, qualifiers, wording
from kg.extraction.candidate import Candidate
from kg.extraction.phrases import Phrases
from kg.extraction.sentence import PROFESSIONAL, Sentence
from kg.records import Document, Span, Statement

_GRADED = frozenset({"adverse_effect", "withdrawal_effect"})
"""Kinds of which a later sentence may say how often and how severe ("These effects are usually mild")."""
_LOOKED_BACK = 24
_FAR = 400
"""A level is carried back over at most this many characters between two sentences."""


@dataclass(slots=True)
class Carried:
    """The statements found so far, which a later sentence may take up.

    Attributes
    ----------
    document : Document
        Where they are said.
    found : list of Statement
        The statements, in their order; what is taken up is put in place of what it was.
    """

    document: Document
    found: list[Statement] = field(default_factory=list)
    _looked_at: int = 0
    _last: list[int] = field(default_factory=list)
    _denied: list[int] = field(default_factory=list)
    _group: int | None = None

    def take_up(self, sentence: Sentence, candidates: list[Candidate]) -> None:
        """Let a sentence say more of the statements before it."""
        passage = sentence.passage
        if passage.row is None:
            self._group = None
        elif passage.title is None:
            self._group = passage.span.start  # a cell alone in its row names the rows below it
        self._grade(sentence)
        self._care(sentence)
        self._level(sentence, candidates)

    def row_begins(self, sentence: Sentence) -> int:
        """Return where the row begins that a sentence stands in, or the rows that one cell names together."""
        if sentence.passage.row is None:
            return examples.row_begins(sentence)
        return sentence.passage.row.start if self._group is None else self._group

    def exemplified(self, candidate: Candidate) -> Statement | None:
        """Return what was said of the class that a candidate is an example of."""
        begin = functools.partial(self.row_begins, candidate.sentence)
        return examples.exemplified(candidate, self.found, self.document.text, begin)

    def _grade(self, sentence: Sentence) -> None:
        """Apply "these effects are usually mild" to the effects of the sentence before it."""
        more = qualifiers.carried_back(sentence) if sentence.previous is not None else {}
        if not more or sentence.previous is None:
            return
        before = wording.quotable(sentence.previous)
        for index, statement in enumerate(self.found):
            if statement.kind in _GRADED and statement.evidence.span == before and "with" not in statement.qualifiers:
                self._say_more(index, more, sentence.passage.span.end)

    def _care(self, sentence: Sentence) -> None:
        """Apply "monitor these patients closely" to those who were said to be at risk in the sentence before it."""
        if sentence.previous is None or not sentence.says("such_patients"):
            return
        level = instructed.of_such_patients(sentence)
        before = wording.quotable(sentence.previous)
        for index, statement in enumerate(self.found) if level else ():
            at_risk = statement.kind == "caution" and statement.qualifiers.get("level") == "caution"
            if at_risk and statement.polarity == "affirmed" and statement.evidence.span == before:
                self._say_more(index, {"level": level or ""}, sentence.passage.span.end, replacing=True)

    def _level(self, sentence: Sentence, candidates: list[Candidate]) -> None:
        """Give the level of "when these drugs are given together, monitor ..." to the interactions before it."""
        for index in range(self._looked_at, len(self.found)):
            self._look_at(index, sentence.phrases if sentence.source in PROFESSIONAL else None)
        if sentence.passage.is_heading:
            return
        in_row = examples.tells_what_to_do(sentence)
        if in_row:
            self._say_in_row(sentence, candidates)
        again = interactions.named_again(candidates, map(self.found.__getitem__, self._last))
        if sentence.previous is None and not (again or in_row):
            self._last = []  # "Digoxin levels rise. Intervention: Monitor digoxin levels." goes on behind a heading
            self._denied = []
            return
        if self._denied:
            self._specify_denial(sentence, candidates)
        floor = self.row_begins(sentence) if in_row and sentence.passage.row is not None else 0
        last = [i for i in self._last if self._is_open(i) and self.found[i].evidence.span.start >= floor]
        end = sentence.passage.span.end
        if not last or sentence.passage.span.start - self.found[last[0]].evidence.span.end > _FAR:
            return
        if interactions.carried_denial(sentence, candidates):
            for index in last:
                if "effect" not in self.found[index].qualifiers:
                    self._say_more(index, interactions.level_of_denial(sentence), end, "denied")
            return
        follows = self._stands_before(sentence, last[-1])
        level = interactions.carried_level(sentence, candidates, [self.found[i] for i in last], follows=follows)
        if level:
            for index in last:
                self._say_more(index, {"level": level}, end)
        elif sentence.previous is None and not again:
            self._last = []  # a cell that says what to do says it at once

    def _stands_before(self, sentence: Sentence, index: int) -> bool:
        """Tell whether a statement is said in the sentence right before."""
        before = sentence.previous
        return before is not None and self.found[index].evidence.span.end >= before.passage.span.start

    def _say_in_row(self, sentence: Sentence, candidates: list[Candidate]) -> None:
        """Give what a cell says to do to all that its row says to interact; where it names some of it, to these."""
        begin = self.row_begins(sentence)
        row = [
            index
            for index in range(max(0, len(self.found) - _LOOKED_BACK), len(self.found))
            if self._is_open(index) and self.found[index].evidence.span.start >= begin
        ]
        named = examples.named(candidates)
        if not row or any(examples.name_of(self.found[index], sentence.phrases) in named for index in row):
            return  # what names them again is taken up below
        level = interactions.carried_level(sentence, candidates, [self.found[i] for i in row], follows=True)
        for index in row if level else ():
            self._say_more(index, {"level": level or ""}, sentence.passage.span.end)

    def _is_open(self, index: int) -> bool:
        """Tell whether a statement is an interaction of which nobody has said yet what to do about it."""
        statement = self.found[index]
        is_affirmed = statement.kind == "interaction" and statement.polarity == "affirmed"
        return is_affirmed and not statement.qualifiers.get("level")

    def _specify_denial(self, sentence: Sentence, candidates: list[Candidate]) -> None:
        """Say of what was denied in the sentence before that no dose has to be changed."""
        end, denied, self._denied = sentence.passage.span.end, self._denied, []
        before = wording.quotable(sentence.previous) if sentence.previous is not None else None
        said = [self.found[index] for index in denied]
        if interactions.carried_denial(sentence, candidates, said) and (
            level := interactions.level_of_denial(sentence)
        ):
            for index in denied:
                if self.found[index].evidence.span == before and not self.found[index].qualifiers.get("level"):
                    self._say_more(index, level, end)

    def _look_at(self, index: int, phrases: Phrases | None) -> None:
        """Remember a statement if it is one of the block's last interactions: each is looked at once.

        A label, for which the tables are given, first says what happens and then, naming the drug again, what to do.
        """
        self._looked_at = index + 1
        statement = self.found[index]
        if statement.kind == "interaction" and statement.polarity == "denied":
            self._denied.append(index)
        if statement.kind != "interaction" or statement.polarity != "affirmed":
            return
        if phrases and (level := statement.qualifiers.get("level")):
            self._say_before(index, level, phrases)
        last = self.found[self._last[0]].evidence.span.start if self._last else -1
        if statement.evidence.span.start > last:
            self._last = [index]
        elif statement.evidence.span.start == last:
            self._last.append(index)

    def _say_before(self, index: int, level: str, phrases: Phrases) -> None:
        """Give what is to be done about a drug to what was said of it shortly before: "X may ... Avoid X"."""
        named, evidence = examples.name_of(self.found[index], phrases), self.found[index].evidence
        for earlier in filter(self._is_open, range(max(0, index - _LOOKED_BACK), index)):
            statement = self.found[earlier]
            near = 0 <= evidence.span.start - statement.evidence.span.end <= _FAR
            if near and examples.covers(named, examples.name_of(statement, phrases)):
                self._say_more(earlier, {"level": level}, evidence.span.end)

    def _say_more(
        self, index: int, more: dict[str, str], end: int, polarity: str | None = None, *, replacing: bool = False
    ) -> None:
        """Add qualifiers that a later sentence says; the quote then runs up to its end."""
        statement = self.found[index]
        said = {**statement.qualifiers, **more} if replacing else {**more, **statement.qualifiers}
        merged = MappingProxyType(dict(sorted(said.items())))
        quote = Span(statement.evidence.span.start, max(end, statement.evidence.span.end))
        words = quote.of(self.document.text)
        digest = hashlib.sha256(words.encode()).hexdigest()
        evidence = replace(statement.evidence, span=quote, quote=words, quote_sha256=digest)
        meant = polarity or statement.polarity
        self.found[index] = replace(statement, qualifiers=merged, evidence=evidence, polarity=meant)
