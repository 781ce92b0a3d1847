"""One passage laid out for reading: its folded text, its mentions, its clauses, and who it is about.

All offsets in here count from the start of the passage.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from kg.extraction.phrases import Phrases
from kg.records import Concept, Mention, Passage, Span

AGENTS = frozenset({"Drug", "Brand", "DrugClass"})


@dataclass(frozen=True)
class Sentence:
    """A passage, ready to be read.

    Attributes
    ----------
    passage : Passage
        Where it stands.
    text, normal : str
        Its words as stored and folded, of equal length.
    mentions : tuple of Mention
        The names in it; spans count from the start of the passage.
    phrases : Phrases
        The tables.
    previous : Sentence or None
        The sentence before it in the same block.
    above : tuple of Mention
        The names in the nearest heading; spans count from the start of the document.
    """

    passage: Passage
    text: str
    normal: str
    mentions: tuple[Mention, ...]
    phrases: Phrases
    previous: Sentence | None = None
    above: tuple[Mention, ...] = ()

    @cached_property
    def sections(self) -> tuple[frozenset[str], ...]:
        """The section kinds of each heading above, the nearest first; headings that announce nothing are left out."""
        above = [self.passage.title] if self.passage.title else []
        above += reversed(self.passage.headings)
        return tuple(h.sections for h in above if h.sections)

    def in_section(self, kinds: frozenset[str]) -> bool:
        """Tell whether the nearest heading that announces anything announces one of these kinds."""
        return bool(self.sections) and bool(self.sections[0] & kinds)

    def under(self, kinds: frozenset[str]) -> bool:
        """Tell whether any heading above announces one of these kinds."""
        return any(section & kinds for section in self.sections)

    def excluded(self, kinds: frozenset[str]) -> bool:
        """Tell whether some heading above announces nothing but these kinds."""
        return any(section <= kinds for section in self.sections)

    @property
    def asks(self) -> bool:
        """Whether it is a question, which states nothing."""
        return self.text.rstrip(" *_\"'”’)").endswith("?")

    @cached_property
    def body(self) -> int:
        """Where the words after the item's own title begin."""
        title = self.passage.title
        if title is None:
            return 0
        end = title.span.end - self.passage.span.start
        rest = re.match(r"[\s*_:–-]*", self.text[end:])
        return end + (rest.end() if rest else 0)

    @cached_property
    def stops(self) -> tuple[int, ...]:
        """Where a new clause or a part with another role begins: no list of objects goes on past such a place."""
        found = {m.start() for m in self.phrases.words["clause"].finditer(self.normal)}
        found |= {m.start() for m in self.phrases.words["part"].finditer(self.normal)}
        if 0 < self.body < len(self.normal):
            found.add(self.body)
        inner = {place for m in self.mentions for place in found if m.core.start < place < m.core.end}
        return tuple(sorted(found - inner))

    @cached_property
    def clauses(self) -> tuple[int, ...]:
        """Where the clauses begin; a few words before the first verb ("In rare cases, ...") are no clause."""
        bounds: list[int] = []
        last = 0
        for match in self.phrases.words["clause"].finditer(self.normal):
            ahead = self.normal[last : match.start()]
            if len(ahead.split()) > 4 or self.phrases.words["finite_verb"].search(ahead) or ":" in match.group():
                bounds.append(match.start())
            last = match.start()
        return tuple(bounds)

    def after(self, place: int) -> Span:
        """Return the scope of a cue that ends at `place`: up to the next stop."""
        title_end = self.body if 0 < self.body <= place + 3 else -1  # "Brand names: ..." is one clause
        colon = place if self.normal[place : place + 1] == ":" else -1  # "tell your doctor if you: have gout, ..."
        ends = (stop for stop in self.stops if stop >= place and stop not in (title_end, colon, colon + 1))
        end = next(ends, len(self.normal))
        return Span(place, end)

    def before(self, place: int) -> Span:
        """Return the scope of a cue that starts at `place`: back to the last stop."""
        auxiliary = self.phrases.words["auxiliary"]  # "X can ...": the verb's own helpers are no boundary
        before = (stop for stop in self.stops if not auxiliary.fullmatch(self.normal, stop, place))
        return Span(max((stop for stop in before if stop < place), default=0), place)

    def clause(self, span: Span) -> Span:
        """Return the clause around a span: from the last to the next boundary between clauses."""
        start = max((b for b in self.clauses if b <= span.start), default=0)
        end = min((b for b in self.clauses if b >= span.end), default=len(self.normal))
        return Span(start, end)

    def says_safe(self, span: Span) -> bool:
        """Tell whether a wording at `span` may be taken to say that something is safe: plainly, or not at all."""
        words = self.phrases.words
        if words["safe_on_condition"].search(self.normal):
            return False
        return not words["safe_denied"].search(self.normal, *self.clause(span))

    def inside(self, scope: Span, types: frozenset[str]) -> list[Mention]:
        """Return the mentions of the given types that lie in a scope."""
        return [m for m in self.mentions if scope.start <= m.core.start and m.core.end <= scope.end and m.types & types]


def pick(mention: Mention, types: frozenset[str]) -> Concept | None:
    """Return the concept of a mention that has one of the types."""
    return next((c for c in mention.concepts if c.types & types), None)
