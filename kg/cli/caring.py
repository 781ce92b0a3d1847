"""Graded care as people read it: levels as headings, who says which, what differs, what follows and from what."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kg.care import CautionAnswer, DrugInNeed, FitTable, Item, NeedingAnswer, Saying, scale, words
from kg.cli import screen
from kg.questions import graded

if TYPE_CHECKING:
    from kg.records import Derived, Entity, Evidence, Fact

FOLLOWS = "follows; no document says it in these words"
_HEADINGS = {
    scale.STATED: "",
    scale.CLASS: "said of a class that they belong to",
    scale.VOCABULARY: "said of something wider",
    scale.DERIVED: FOLLOWS,
}
MANY = 60
"""An answer of more items is shown in brief, unless all is wanted: one passage for each, drugs by their names alone."""

_FEW = 12
_FEW_DOCUMENTS = 6
_FEW_QUOTES, _FEW_QUOTES_IN_BRIEF = 2, 1
_FEW_IN_BRIEF = 8
_FEW_NAMES, _FEW_NAMES_IN_BRIEF = 40, 20
_LONG_QUOTE, _LONG_QUOTE_IN_BRIEF = 320, 200
_STEP = "  "


@dataclass
class Page:
    """A page while it is laid out: its lines, and the numbers of the documents that it refers to."""

    room: int
    is_whole: bool
    is_brief: bool = False
    numbers: dict[str, int] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)
    shown: list[Evidence] = field(default_factory=list)
    cut: int = 0

    def write(self, text: str, depth: int, rest: int = 1, mark: str = "") -> None:
        """Add a text, wrapped, at a depth."""
        margin = _STEP * depth
        self.lines.extend(screen.wrap(text, self.room, margin + mark, margin + _STEP * rest + " " * len(mark)))

    def refer(self, documents: Iterable[str]) -> str:
        """Return the numbers of documents, those of a page of dozens cut short."""
        names = list(documents)
        shown = names if self.is_whole else names[:_FEW_DOCUMENTS]
        more = f" and {len(names) - len(shown)} more" if len(names) > len(shown) else ""
        return " ".join(f"[{number}]" for number in sorted(map(self._number, shown))) + more

    def _number(self, name: str) -> int:
        return self.numbers.setdefault(name, len(self.numbers) + 1)


def body(answer: CautionAnswer | NeedingAnswer | FitTable, room: int, *, is_whole: bool) -> Page:
    """Lay out what an answer says; the page knows which documents it refers to by which number."""
    page = Page(room, is_whole)
    if isinstance(answer, FitTable):
        _fit(page, answer)
    elif isinstance(answer, NeedingAnswer):
        _needing(page, answer)
    else:
        page.is_brief = len(answer.items) > MANY and not is_whole
        _answer(page, answer)
    return page


def _answer(page: Page, answer: CautionAnswer) -> None:
    drug = answer.drug
    for part in (graded.CONDITIONS, graded.SUBSTANCES):
        items = [item for item in answer.items if graded.part_of(item) == part]
        _part(page, part, items, drug)
    parts: tuple[tuple[str, Sequence[Item]], ...] = (
        (graded.SAFE, answer.stated_safe),
        (f"only for something narrower than {words.subject_of(answer)}", answer.only_for),
        (f"said of something near; whether it holds for {words.subject_of(answer)} is not stated", answer.near),
        ("said without naming a population, and so of everyone", answer.for_everyone),
        (graded.DENIED, answer.denied),
    )
    for title, found in parts:
        _part(page, title, found, drug, is_wider_told=found not in (answer.only_for, answer.near))
    if answer.harms:
        _harms(page, answer.harms)


def _needing(page: Page, answer: NeedingAnswer) -> None:
    _in_need(page, answer.drugs, "")
    if answer.truncated:
        page.lines.append("")
        _more(page, answer.total - len(answer.drugs), 0)
    of_what = " or ".join(things[0].label for things in answer.things if things)
    _in_need(page, answer.only_for, f"only for something narrower than {of_what}")
    _more(page, answer.only_for_total - len(answer.only_for), 0)


def _in_need(page: Page, drugs: Sequence[DrugInNeed], title: str) -> None:
    above: tuple[str, str] | None = None
    for one in drugs:
        item = one.worst
        if item is None:
            continue
        heading = (title or _HEADINGS[item.origin], words.level(item.level))
        if heading != above:
            _heading(page, ": ".join(filter(None, heading)), 0)
            above = heading
        page.write(one.drug.label, 1)
        for with_thing in one.answers:
            found = (*with_thing.items, *with_thing.only_for)
            shown = found if page.is_whole else found[:_FEW_QUOTES]
            for item in shown:
                _item(page, item, one.drug, 2, is_level_shown=True)
            _more(page, len(found) - len(shown), 2)


def _fit(page: Page, table: FitTable) -> None:
    """The table with the reason in every cell, the rule of its order, and for each cell what it rests on."""
    cells = []
    for row in table.rows:
        said = [" ".join((c.reason, page.refer(c.documents))) for c in row.cells]
        cells.append([str(row.place or "–"), row.drug.label, *said])
    laid = screen.table(["", "drug", *(f"with {one}" for one in table.patient)], cells, page.room)
    page.lines.extend([*laid.splitlines(), "", *screen.wrap(table.rule, page.room)])
    for row in table.rows:
        if not any(cell.item for cell in row.cells):
            continue
        _heading(page, row.drug.label, 0)
        for of, cell in zip(table.patient, row.cells, strict=True):
            if cell.item is None:
                continue
            page.write(f"with {of}", 1)
            _item(page, cell.item, row.drug, 2, is_level_shown=True)
            _quotes(page, [f for s in _main_first(cell.item) for f in s.facts], 3)
            others = [item for item in cell.answer.items if item is not cell.item]
            shown = others if page.is_whole else others[:_FEW_QUOTES]
            for item in shown:
                _item(page, item, row.drug, 2, is_level_shown=True)
            _more(page, len(others) - len(shown), 2)


def _part(page: Page, title: str, items: Sequence[Item], drug: Entity, *, is_wider_told: bool = True) -> None:
    """A part of an answer: first what is stated, then what is said of classes and wider things, then what follows."""
    if not items:
        return
    _heading(page, title, 0)
    for origin in scale.ORIGINS:
        of_origin = [item for item in items if item.origin == origin]
        if not of_origin:
            continue
        depth = 1
        if origin != scale.STATED and (is_wider_told or origin != scale.VOCABULARY):
            _heading(page, _origin(origin, of_origin, drug), 1)
            depth = 2
        for level in sorted({item.level for item in of_origin}, key=scale.rank, reverse=True):
            here = [item for item in of_origin if item.level == level]
            if level != scale.SAFE:
                _heading(page, _level(here[0], is_denied=title == graded.DENIED), depth)
            is_long = (page.is_brief and title != graded.CONDITIONS) or (level is None and len(here) > _FEW)
            if is_long and origin != scale.DERIVED:
                _names(page, here, depth + 1)
            else:
                _groups(page, _alike(here), drug, depth + 1)


def _level(item: Item, *, is_denied: bool) -> str:
    if item.level is not None or not item.sayings:
        return words.level(item.level)
    kind = item.sayings[0].facts[0].kind
    return kind if is_denied else f"{kind} without a level"


def _origin(origin: str, items: Iterable[Item], drug: Entity) -> str:
    if origin == scale.DERIVED:
        return FOLLOWS
    if origin == scale.CLASS:
        classes = dict.fromkeys(f.subject.label for i in items for s in i.sayings for f in s.facts)
        return f"said of {', '.join(classes)}, and so of {drug.label}"
    return _HEADINGS[origin]


def _alike(items: Iterable[Item]) -> list[list[Item]]:
    """Put items together that the same passages speak of, so that no sentence is shown twice in a row."""
    groups: dict[tuple[object, ...], list[Item]] = {}
    for item in items:
        places = sorted({(e.document, e.span) for s in item.sayings for f in s.facts for e in f.evidence})
        groups.setdefault((*places, item.derived and item.object), []).append(item)
    return list(groups.values())


def _groups(page: Page, groups: Sequence[Sequence[Item]], drug: Entity, depth: int) -> None:
    few = _FEW_IN_BRIEF if page.is_brief else _FEW
    shown = groups if page.is_whole else groups[:few]
    for group in shown:
        _group(page, group, drug, depth)
    _more(page, sum(map(len, groups)) - sum(map(len, shown)), depth)


def _group(page: Page, group: Sequence[Item], drug: Entity, depth: int) -> None:
    for item in group:
        _item(page, item, drug, depth)
    _quotes(page, [f for s in _main_first(group[0]) for f in s.facts], depth + 1)


def _main_first(item: Item) -> list[Saying]:
    return sorted(item.sayings, key=lambda s: s.level != item.level)


def _item(page: Page, item: Item, drug: Entity, depth: int, *, is_level_shown: bool = False) -> None:
    """One item: its name and limits with the documents of its level, then every other level with its own."""
    main = next((s for s in item.sayings if s.level == item.level), None)
    name = ", ".join(filter(None, (item.object.label, item.when)))
    level = f"{words.level(item.level)}: " if is_level_shown else ""
    if main is None:
        page.write(f"{level}{name}", depth)
    else:
        effects = f" ({'; '.join(main.effects)})" if main.effects else ""
        page.write(f"{level}{name}{effects} {page.refer(main.documents)}", depth)
        if why := words.because(main.steps):
            page.write(f"because {why}", depth + 1)
    others = [s for s in item.sayings if s is not main]
    if item.disagreement and main is not None:
        said = "; ".join(_saying(page, s, drug) for s in (*item.sayings, *item.against))
        page.write(f"documents differ: {said}", depth + 1, mark="≠ ")
    elif page.is_brief:
        others = [s for s in others if s.level is not None]
    if (others or item.against) and not (item.disagreement and main is not None):
        page.write("; ".join(f"also {_saying(page, s, drug)}" for s in (*others, *item.against)), depth + 1)
    for one in item.derived:
        _derived(page, one, depth + 1, is_below=bool(item.sayings))
    if item.derived and not item.sayings:
        stated = {fact.iri: fact for one in item.derived for fact in one.outranked_by}
        for fact in list(stated.values())[: None if page.is_whole else _FEW_QUOTES]:
            page.write(f"stated, and comes first: {words.rests_on(fact)} {page.refer(fact.documents)}", depth + 1)


def _saying(page: Page, saying: Saying, drug: Entity) -> str:
    level = words.level(saying.level) if saying.level else f"{saying.facts[0].kind} without a level"
    what = f"denied: {level}" if saying.polarity != "affirmed" else level
    return " ".join(filter(None, (what, words.of_whom(saying, drug), page.refer(saying.documents))))


def _derived(page: Page, one: Derived, depth: int, *, is_below: bool) -> None:
    front = f"follows ({words.level(one.level)}): " if is_below else ""
    if page.is_brief or (is_below and not page.is_whole):  # where something stated stands above it, this is enough
        page.write(f"{front}{one.why} (rule: {one.rule}) {page.refer(one.documents)}", depth)
        page.cut += len(one.facts)
        return
    page.write(f"{one.why} (rule: {one.rule})", depth)
    for link in one.links:
        page.write(f"{link.narrower.label} is a kind of {link.broader.label}", depth + 1, mark="· ")
    shown = one.facts if page.is_whole else one.facts[:_FEW_QUOTES]
    for fact in shown:
        page.write(f"{words.rests_on(fact)} {page.refer(fact.documents)}", depth + 1, mark="· ")
        _quotes(page, [fact], depth + 2)
    _more(page, len(one.facts) - len(shown), depth + 1)


def _harms(page: Page, facts: Sequence[Fact]) -> None:
    """Unwanted effects, those together that the same passages name."""
    _heading(page, "unwanted effects that documents name", 0)
    groups: dict[tuple[object, ...], list[Fact]] = {}
    for fact in facts:
        groups.setdefault(tuple(sorted({(e.document, e.span) for e in fact.evidence})), []).append(fact)
    shown = list(groups.values())[: None if page.is_whole else _FEW]
    for group in shown:
        for fact in group:
            more = [f"{key}: {words.level(value)}" for key, value in fact.qualifiers.items()]
            limits = f" ({'; '.join(more)})" if more else ""
            denied = "denied: " if fact.polarity != "affirmed" else ""
            page.write(f"{denied}{fact.object.label}{limits} {page.refer(fact.documents)}", 1)
        _quotes(page, group[:1], 2)
    _more(page, len(facts) - sum(map(len, shown)), 1)


def _names(page: Page, items: Sequence[Item], depth: int) -> None:
    """Many items of which no level is given: names with the documents, without quotes."""
    few = _FEW_NAMES_IN_BRIEF if page.is_brief else _FEW_NAMES
    shown = items if page.is_whole else items[:few]
    named = [" ".join((i.object.label + (f", {i.when}" if i.when else ""), page.refer(i.documents))) for i in shown]
    page.write("; ".join(named), depth, rest=0)
    _more(page, len(items) - len(shown), depth)


def _quotes(page: Page, facts: Iterable[Fact], depth: int) -> None:
    """The passages, the same words of several documents once, one passage of each document before the others."""
    found: dict[object, list[Evidence]] = {}
    for evidence in (e for fact in facts for e in fact.evidence):
        found.setdefault(evidence.quote or (evidence.document, evidence.span), []).append(evidence)
    seen: set[str] = set()
    firsts: list[list[Evidence]] = []
    others: list[list[Evidence]] = []
    for same in found.values():
        (others if seen.issuperset(e.document for e in same) else firsts).append(same)
        seen.update(e.document for e in same)
    every = [*firsts, *others]
    few = _FEW_QUOTES_IN_BRIEF if page.is_brief else _FEW_QUOTES
    shown = every if page.is_whole else every[:few]
    for same in shown:
        page.shown.append(same[0])
        numbers = page.refer(dict.fromkeys(e.document for e in same))
        page.write(f"{numbers} {_quoted(same[0], page)}", depth, rest=2)
    if page.is_brief:
        page.cut += len(every) - len(shown)
    else:
        _more(page, len(every) - len(shown), depth, "passage")


def _quoted(evidence: Evidence, page: Page) -> str:
    """A passage with its heading; of a long one what stands around the object's words, unless all is wanted."""
    if evidence.quote is None:
        return f"{evidence.span.start}–{evidence.span.end} “{evidence.object_text}”"
    under = f" (under “{evidence.heading_text}”)" if evidence.heading_text else ""
    quote, long = evidence.quote, _LONG_QUOTE_IN_BRIEF if page.is_brief else _LONG_QUOTE
    if page.is_whole or len(quote) <= long:
        return f"“{quote}”{under}"
    start = evidence.object_span.start - evidence.span.start
    first = max(0, min(start - long // 2, len(quote) - long))
    first = quote.rfind(" ", 0, first + 1) + 1
    last = quote.find(" ", first + long)
    last = last if last >= 0 else len(quote)
    return f"“{'… ' if first else ''}{quote[first:last]}{' …' if last < len(quote) else ''}”{under}"


def _heading(page: Page, text: str, depth: int) -> None:
    if page.lines and not (page.lines[-1].strip() and depth and _depth(page.lines[-1]) < depth):
        page.lines.append("")
    page.write(text, depth)


def _depth(line: str) -> int:
    return (len(line) - len(line.lstrip())) // len(_STEP)


def _more(page: Page, number: int, depth: int, noun: str = "") -> None:
    if number > 0:
        page.cut += number
        plural = "s" if noun and number > 1 else ""
        page.write(f"… and {number:,} more {noun}{plural}", depth)
