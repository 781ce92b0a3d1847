"""One passage laid out for reading: its folded text, its mentions, its clauses, and who it is about.

All offsets in here count from the start of the passage.
"""

from __future__ import annotations

import functools
import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Concatenate, Generic, ParamSpec, TypeVar

from kg.extraction import forms
from kg.extraction.patterns import Places
from kg.extraction.phrases import Phrases
from kg.records import Concept, Mention, Passage, Span

PROFESSIONAL = frozenset({"label"})
"""Kinds of source written for professionals: headings over warnings name harms there, not conditions to care about."""

AGENTS = frozenset({"Drug", "Brand", "DrugClass"})

_ALTERNATIVES = frozenset({"alternatives"})

_CELL = 30
"""Characters behind a name within which the arrow of its own row of a table stands."""


P = ParamSpec("P")
T = TypeVar("T")


class lazy(Generic[T]):  # noqa: N801 - a decorator
    """What is found in a sentence when it is first asked for; `functools.cached_property` takes a lock for it."""

    def __init__(self, find: Callable[[Any], T]) -> None:
        self._find, self._name, self.__doc__ = find, find.__name__, find.__doc__

    def __get__(self, sentence: Sentence, owner: type | None = None) -> T:
        """Find it, and put it in its own place: it is not asked for again."""
        found = sentence.__dict__[self._name] = self._find(sentence)
        return found


def once(find: Callable[Concatenate[Sentence, P], T]) -> Callable[Concatenate[Sentence, P], T]:
    """Remember what is found in a sentence: it is asked again for every mention in it."""

    def found(sentence: Sentence, /, *args: P.args, **kwargs: P.kwargs) -> T:
        remembered, key = sentence.remembered, (find, *args)
        if key not in remembered:
            remembered[key] = find(sentence, *args, **kwargs)
        result: T = remembered[key]
        return result

    return functools.update_wrapper(found, find)


def without_references(text: str, phrases: Phrases) -> str:
    """Blank out what only points to another part of the document ("[see Warnings (5.1)]"); the length stays."""
    if "(" not in text and "[" not in text:
        return text
    for match in phrases.words["reference"].finditer(text):
        text = text[: match.start()] + " " * len(match.group()) + text[match.end() :]
    return text


@dataclass(frozen=True, eq=False)
class Sentence:
    """A passage, ready to be read.

    Attributes
    ----------
    passage : Passage
        Where it stands.
    text : str
        Its words as stored.
    places : Places
        Where the patterns of the tables may match in its folded words, which are as long.
    mentions : tuple of Mention
        The names in it; spans count from the start of the passage.
    phrases : Phrases
        The tables.
    previous : Sentence or None
        The sentence before it in the same block.
    above : tuple of Mention
        The names in the nearest heading; spans count from the start of the document.
    source : str
        What kind of source the document is, as `Document.source_kind` says.
    row : str
        The words of the row that its table cell stands in.
    question : Sentence or None
        The question that it may answer, be it the heading above or the sentence before.
    """

    passage: Passage
    text: str
    places: Places
    mentions: tuple[Mention, ...]
    phrases: Phrases
    previous: Sentence | None = None
    above: tuple[Mention, ...] = ()
    source: str = ""
    row: str = ""
    question: Sentence | None = None

    @lazy
    def normal(self) -> str:
        """Its words, folded."""
        return self.places.text

    @lazy
    def remembered(self) -> dict[object, Any]:
        """What `once` has found in it."""
        return {}

    @lazy
    def whole(self) -> Span:
        """All of it."""
        return Span(0, len(self.normal))

    @lazy
    def sections(self) -> tuple[frozenset[str], ...]:
        """The section kinds of each heading above, the nearest first; headings that announce nothing are left out."""
        if self.turns_to_alternatives:
            return (_ALTERNATIVES,)
        above = [self.passage.title] if self.passage.title else []
        above += reversed(self.passage.headings)
        return tuple(h.sections for h in above if h.sections)

    @lazy
    def turns_to_alternatives(self) -> bool:
        """Whether it, or one before it in its paragraph, leaves the section: "If it does not suit you, ... instead"."""
        if self.source in PROFESSIONAL:
            return False
        before = self.previous is not None and self.previous.turns_to_alternatives
        return before or (bool(self.agents) and self.says("turns_to_alternatives"))

    @lazy
    def agents(self) -> list[Mention]:
        """The drugs, brands and classes that it names."""
        return [mention for mention in self.mentions if mention.types & AGENTS]

    @lazy
    def types(self) -> frozenset[str]:
        """The semantic types of all its mentions."""
        return _types(self.mentions)

    @lazy
    def groups(self) -> tuple[Mention, ...]:
        """What has a form rather than a name ("drugs that ..."); it may lie over names of `mentions`."""
        return tuple(forms.groups(self.places, list(self.mentions), self.phrases))

    @lazy
    def types_of_forms(self) -> frozenset[str]:
        """The semantic types that its groups may have, beside those of its mentions."""
        return forms.types(self.places, self.mentions, self.phrases)

    @lazy
    def types_of_groups(self) -> frozenset[str]:
        """The semantic types of all its groups."""
        return _types(self.groups)

    @lazy
    def types_above(self) -> frozenset[str]:
        """The semantic types of the names in the nearest heading."""
        return _types(self.above)

    @lazy
    def _announced(self) -> frozenset[str]:
        return frozenset[str]().union(*self.sections)

    def under(self, kinds: frozenset[str]) -> bool:
        """Tell whether any heading above announces one of these kinds."""
        return not self._announced.isdisjoint(kinds)

    def excluded(self, kinds: frozenset[str]) -> bool:
        """Tell whether some heading above announces nothing but these kinds."""
        return any(section <= kinds for section in self.sections)

    def says(self, word: str, start: int = 0, end: int | None = None) -> bool:
        """Tell whether words of a class of the tables stand between two places."""
        return self.places.search(self.phrases.words[word], start, end) is not None

    def says_apart(self, word: str, start: int, end: int) -> bool:
        """Tell whether they stand in the stretch between two places, which is read as a text of its own."""
        return self.places.apart(self.phrases.words[word], start, end) is not None

    def adds_to_risk(self, span: Span) -> bool:
        """Tell whether words are listed as what makes a harm likelier: "risk factors for seizure, such as ..."."""
        listed = self.phrases.roles["risk_factor_listed"]
        return self.places.may_match(listed) and self.places.apart(listed, 0, span.start) is not None

    @property
    def asks(self) -> bool:
        """Whether it is a question, which states nothing."""
        return self.text.rstrip(" *_\"'”’)").endswith("?")

    @lazy
    def is_finite(self) -> bool:
        """Whether it has a finite verb."""
        return self.says("finite_verb")

    @lazy
    def is_noise(self) -> bool:
        """Whether it is advertising or a page's furniture."""
        return self.says("noise")

    @lazy
    def body(self) -> int:
        """Where the words after the item's own title begin."""
        title = self.passage.title
        if title is None:
            return 0
        end = title.span.end - self.passage.span.start
        rest = re.match(r"[\s*_:–-]*", self.text[end:])
        return end + (rest.end() if rest else 0)

    @lazy
    def stops(self) -> tuple[int, ...]:
        """Where a new clause or a part with another role begins: no list of objects goes on past such a place."""
        found = {m.start() for m in self._clause_matches}
        found |= {m.start() for m in self.places.finditer(self.phrases.words["part"])}
        found -= {m.core.start - 1 for m in self.mentions if m.why == "age_group"}  # "not for under-18s"
        if 0 < self.body < len(self.normal):
            found.add(self.body)
        if found:
            found = _not_inside(found, (m.core for m in self.mentions))
            found = _outside(found, self.asides)
        if found:  # finding groups takes long
            found = _not_inside(found, (m.span for m in self.groups))
        return tuple(sorted(found))

    @lazy
    def asides(self) -> tuple[Span, ...]:
        """The conditions in brackets that a list goes on behind: what they name is no member of it."""
        if "(" not in self.text:
            return ()
        return tuple(Span(*m.span()) for m in self.places.finditer(self.phrases.words["aside"]))

    @lazy
    def _clause_matches(self) -> list[re.Match[str]]:
        return list(self.places.finditer(self.phrases.words["clause"]))

    @lazy
    def clauses(self) -> tuple[int, ...]:
        """Where the clauses begin; a few words before the first verb ("In rare cases, ...") are no clause."""
        bounds: list[int] = []
        last = 0
        for match in self._clause_matches:
            start = match.start()
            words = len(self.normal[last:start].split())
            if words > 4 or ":" in match.group() or self.says_apart("finite_verb", last, start):
                bounds.append(start)
            last = start
        return tuple(bounds)

    def after(self, place: int) -> Span:
        """Return the scope of a cue that ends at `place`: up to the next stop."""
        title_end = self.body if 0 < self.body <= place + 3 else -1  # "Brand names: ..." is one clause
        colon = place if self.normal[place : place + 1] == ":" else -1  # "tell your doctor if you: have gout, ..."
        stops = self.stops
        for index in range(bisect_left(stops, place), len(stops)):
            if stops[index] not in (title_end, colon, colon + 1):
                return Span(place, stops[index])
        return Span(place, len(self.normal))

    def before(self, place: int) -> Span:
        """Return the scope of a cue that starts at `place`: back to the last stop."""
        # "X can ...": the verb's own helpers are no boundary; nor is what only stands between: "X, if rare, ..."
        auxiliary, aside = self.phrases.words["auxiliary"], self.phrases.words["set_off_before_verb"]
        stops = self.stops
        for index in range(bisect_left(stops, place) - 1, -1, -1):
            if auxiliary.fullmatch(self.normal, stops[index], place):
                continue
            if not aside.fullmatch(self.normal, stops[index], place):
                return Span(stops[index], place)
        return Span(0, place)

    def said_of(self, span: Span) -> Span:
        """Return what is said of a span: its clause; in a table run together, the cells behind it in its row."""
        clause, arrow = self.clause(span), self.phrases.words["arrow"]
        if not arrow.search(self.normal):
            return clause
        following = arrow.search(self.normal, min(span.end + _CELL, len(self.normal)))
        return Span(span.start, following.start() if following else len(self.normal))

    def clause(self, span: Span) -> Span:
        """Return the clause around a span: from the last to the next boundary between clauses."""
        bounds = self.clauses
        if not bounds:
            return self.whole
        first, last = bisect_right(bounds, span.start), bisect_left(bounds, span.end)
        return Span(bounds[first - 1] if first else 0, bounds[last] if last < len(bounds) else len(self.normal))

    def says_safe(self, span: Span) -> bool:
        """Tell whether a wording at `span` may be taken to say that something is safe: plainly, or not at all."""
        clause = self.clause(span)
        denied = self.says("safe_denied", clause.start, span.start) or self.says("safe_denied", span.end, clause.end)
        apart = self.says("safe_on_condition", 0, span.start) or self.says("safe_on_condition", span.end)
        return not denied and not apart  # "safe if you are pregnant" is a wording of its own

    def inside(self, scope: Span, types: frozenset[str]) -> list[Mention]:
        """Return the mentions of the given types that lie in a scope, but not those of an aside in it."""
        start, end = scope
        found = [m for m in self.mentions if start <= m.core.start and m.core.end <= end and m.types & types]
        if not found or not self.asides:
            return found
        passed = [aside for aside in self.asides if start <= aside.start]
        return [m for m in found if not any(aside.contains(m.core) for aside in passed)]

    def groups_inside(self, scope: Span, types: frozenset[str]) -> list[Mention]:
        """Return the mentions of the given types in a scope, a group in place of the names that it holds."""
        groups = [g for g in self.groups if scope.contains(g.span) and g.types & types]
        hiding = [*groups, *(g for g in self.groups if g.types & AGENTS)]  # "drugs that cause bleeding" name no finding
        names = [m for m in self.inside(scope, types) if not any(g.span.overlaps(m.span) for g in hiding)]
        return sorted([*groups, *names], key=lambda m: m.span)


def _outside(places: set[int], asides: Iterable[Span]) -> set[int]:
    """Leave out the places of asides, their beginnings too."""
    for start, end in asides:
        places = {place for place in places if not start <= place < end}
    return places


def _not_inside(places: set[int], names: Iterable[Span]) -> set[int]:
    """Leave out the places inside names."""
    for start, end in names:
        if end - start > 1:
            places = {place for place in places if not start < place < end}
    return places


def _types(mentions: Iterable[Mention]) -> frozenset[str]:
    return frozenset[str]().union(*[mention.types for mention in mentions])


def pick(mention: Mention, types: frozenset[str]) -> Concept | None:
    """Return the concept of a mention that has one of the types."""
    for concept in mention.concepts:
        if concept.types & types:
            return concept
    return None
