"""Patterns that are tried only where their first word stands find exactly what they find when tried everywhere."""

from __future__ import annotations

import functools
import itertools
import re
from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.extraction import format as formatting
from kg.extraction import known_beginnings, phrases, precompiled
from kg.extraction.beginnings import Beginnings, beginnings
from kg.extraction.patterns import Index, Pattern
from kg.extraction.ways import Way
from kg.vocabulary.lexicon import normalise

PAGES = sorted((Path(__file__).parent / "documents" / "development").glob("*.txt"))

# Pattern → how its matches begin: a word, `word~` for the start of one, a mark; None where that is unclear.
READ: dict[str, set[str] | None] = {
    r"\b(?:may|can) cause\b": {"may", "can"},
    r"\bcontra ?indicat": {"contra", "contraindicat~"},
    r"\bcolou?r[sz]\b": {"colors", "colorz", "colours", "colourz"},
    r"(?:also )?\b(?:is|are)": None,
    r"\b(?:also )?(?:is|are)\b": {"also", "is", "are"},
    r"\b(?:very )*rare": {"very", "rare~"},
    r"\b(?:ab)+c\b": {"ab~"},
    r"rash": None,
    r"\b(?:rash|itch|)": None,
    r"^\s*(?:these|they)\b": {"these", "they"},
    r"(?=\b(?:blocks|binds to)\b)": {"blocks", "binds"},
    r"(?=[a-z]+)\bif\b": {"if"},
    r"(?<!when )\bif\b": {"if"},
    r"(?<![\w.])\d+ mg": {"0~"},
    r"(?<![^\w])if": None,
    r"(?<!\w)(?:if|when) ": {"if", "when"},
    r", (?:an?|the) ": {"a", "an", "the"},
    r";": {";"},
    r":\s|\s-\s|\s(?:but|so)\b": {":", "-", "but", "so"},
    r"[,;]\s*": {",", ";"},
    r"\s+": None,
    r"\bcyp[0-9]a": {"cyp0a~"},
    r"\bwith .{0,40}$": {"with"},
    r"\b[a-z]+ enzymes?\b": None,
    r"(?i)\brash": None,
    r"\bun\Bsafe": {"un~"},
    r"": None,
}
NEEDED: dict[str, set[str] | None] = {
    r"\b(?:is|are) (?:also )*(?:preferred|advised)\b": {"preferred", "advised"},
    r"\b(?:is|are) (?:also )*(?:[a-z]+ preferred|to be advised)\b": {"preferred~", "advised~"},
    r"\bis ?(?:also)?preferred\b": {"~preferred~"},
    r"\b[a-z]+ enzymes?\b": {"enzyme", "enzymes"},
    r"[a-z]+ing\b": {"~ing~"},
    r"[a-z]+[ei]\b": {"~e~", "~i~"},
    r"[a-z]+\b": None,
    r"\b(?:give|use) (?:it )?(?:in|for) [a-z]{0,9}pregnan": {"~pregnan~"},
    r"\bno\b(?: more)?": {"no"},
    r"(?:not )?(?=(?:given|used) in [a-z ]*patients\b)": {"~patients~"},
}
# Pattern → the first words that another word must follow, and that word.
FOLLOWED: dict[str, tuple[set[str], set[str]]] = {
    r"\b(?:may|can) (?:also )?cause[sd]?\b": ({"may", "can"}, {"also", "cause", "causes", "caused"}),
    r"\b(?:is|are) (?:also )*(?:preferred|advised)\b": ({"is", "are"}, {"also", "preferred", "advised"}),
    r"\b(?:very )*rare\b": ({"very"}, {"very", "rare"}),
    r"\bcontra ?indicat": ({"contra"}, {"indicat~"}),
    r"\bif,? (?=they have|you)": ({"if"}, {"they", "you~"}),
    r"\bif (?=[a-z]+ly)": (set(), set()),
    r"(?=if they)": (set(), set()),
    r", (?:an?|the) (?!other)drugs?\b": ({"a", "an", "the"}, {"drug", "drugs"}),
    r"\bfor (?:(?:older|young), )*people": ({"for"}, {"older", "young", "people~"}),
    r"\bage (?:of )?\d+": ({"age"}, {"of", "0~"}),
    r"\bno\b(?: more)?": (set(), set()),
    r"\bno (?:more|[a-z]+)\b": (set(), set()),
    r"\bwith .{0,40}$": (set(), set()),
    r"\bwarn(?:ing)*s of\b": ({"warns"}, {"of"}),
    r"\bnot\s*$": (set(), set()),
}
SOUP = [
    *(
        "may",
        "can",
        "cause",
        "not",
        "no",
        "is",
        "are",
        "recommended",
        "in",
        "patients",
        "with",
        "unless",
        "also",
        "risk",
    ),
    *(
        "of",
        "and",
        "or",
        "the",
        "when",
        "if",
        "avoid",
        "used",
        "to",
        "treat",
        "which",
        "because",
        "doses",
        "should",
        "be",
    ),
    *("by", "a", "an", "5", "mg", "10%", "1 in 10", "1,000", "é", "²", "don't", "e.g.", ".", "\n", "  ", " - ", "-"),
    *(",", ";", ":", "(", ")", "*", "_"),
]


def written(ways: Iterable[Way] | None) -> set[str] | None:
    """Write ways to begin as the cases above do."""
    if ways is None:
        return None
    return {"~" * w.inside + w.word + "~" * (not w.whole) if w.word else w.mark for w in ways}


def alone(pattern: str) -> Beginnings:
    """What is read of a pattern that is no list of alternatives."""
    (found,) = beginnings(pattern)
    return found


@functools.cache
def tables() -> phrases.Phrases:
    """The tables, with the patterns of their index."""
    return phrases.load()


def indexed() -> list[Pattern]:
    """Every pattern of the tables that is looked up by its first words."""
    table = tables()
    return [
        *(r.cue for r in table.rules),
        *(q.pattern for q in table.qualifiers),
        *table.roles.values(),
        *(f.pattern for f in table.forms),
        *table.words.values(),
    ]


@pytest.mark.parametrize("pattern", list(READ))
def test_reads_how_matches_begin(pattern: str) -> None:
    found = beginnings(pattern)
    clear = all(own.loose == frozenset() for own in found)
    assert written(frozenset().union(*(own.first for own in found)) if clear else None) == READ[pattern]


@pytest.mark.parametrize("pattern", list(NEEDED))
def test_reads_what_every_match_holds(pattern: str) -> None:
    assert written(next(iter(alone(pattern).needed), None)) == NEEDED[pattern]


def test_each_alternative_needs_words_of_its_own() -> None:
    found = beginnings(r"\b(?:avoid|stop) [a-z ]*with milk\b|\btake it with [a-z]+ water\b|[a-z]+ [a-z]+")
    needed = [[written(ways) for ways in own.needed] for own in found]
    assert [own[:2] for own in needed] == [[{"milk"}, {"avoid", "stop"}], [{"water"}, {"take"}], []]


def test_branches_of_which_one_needs_nothing_need_nothing() -> None:
    assert alone(r"\b(?:with milk|[a-z]+ [a-z]+) today").needed == alone(r"[a-z]+ today").needed


@pytest.mark.parametrize("pattern", list(FOLLOWED))
def test_reads_what_follows_the_first_word(pattern: str) -> None:
    found = alone(pattern)
    assert (written(found.followed), written(found.second)) == FOLLOWED[pattern]


def test_most_cues_are_read() -> None:
    # One that begins where its passage does is tried at a single place.
    unread = [rule.name for rule in tables().rules if rule.cue.loose and not rule.cue.pattern.startswith("^")]
    assert len(unread) < len(tables().rules) / 10, unread


@pytest.mark.slow
def test_what_is_known_of_the_tables_patterns_is_what_is_read_off_them() -> None:
    if old := [place.name for place, _ in formatting.outdated()]:
        pytest.fail(f"{', '.join(old)}: not of the tables; repair it: {formatting.COMMAND}", pytrace=False)


def test_what_was_compiled_beforehand_is_what_python_makes_of_the_tables_patterns() -> None:
    found = {own: precompiled.kept(own) for own in formatting.patterns()}
    if set(found.values()) == {None}:
        pytest.skip("no pattern is kept for the engine of this Python")
    assert all(own == re.compile(pattern) for pattern, own in found.items())


def test_a_pattern_that_is_not_kept_is_compiled() -> None:
    assert precompiled.kept(r"\bzyq{3}\b") is None
    assert precompiled.compiled(r"\bzyq{3}\b") == re.compile(r"\bzyq{3}\b")
    with pytest.raises(re.error):
        precompiled.compiled("(zyq")


def test_nothing_is_kept_for_another_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    own = min(formatting.patterns())
    monkeypatch.setattr(precompiled, "ENGINES", frozenset())
    precompiled._content.cache_clear()
    try:
        assert precompiled.kept(own) is None
        assert precompiled.compiled(own) == re.compile(own)
    finally:
        precompiled._content.cache_clear()


@pytest.mark.parametrize("pattern", sorted({*READ, *NEEDED, *FOLLOWED}))
def test_how_a_pattern_begins_is_written_and_read(pattern: str) -> None:
    own = beginnings(pattern)
    assert known_beginnings.decode(known_beginnings.encode(own)) == own


def assert_same(pattern: Pattern, index: Index, text: str, start: int = 0, end: int | None = None) -> None:
    """Assert that a pattern finds the same with and without its index."""
    everywhere = pattern.finditer(text, start, len(text) if end is None else end)
    assert [m.span() for m in index.places(text).finditer(pattern, start, end)] == [m.span() for m in everywhere]


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_finds_the_same_in_pages(path: Path) -> None:
    index = tables().index
    for line in normalise(path.read_text("utf-8").replace("\n", "\r")).split("\r")[:3]:
        places = index.places(line)
        for pattern in indexed():
            assert [m.span() for m in places.finditer(pattern)] == [m.span() for m in pattern.finditer(line)]


@given(st.lists(st.sampled_from(SOUP), max_size=30), st.sampled_from(["", " "]), st.data())
@settings(max_examples=100, deadline=None)
def test_finds_the_same_between_any_places(words: list[str], blank: str, data: st.DataObject) -> None:
    text = blank.join(words)
    start, end = sorted(data.draw(st.tuples(*[st.integers(0, len(text))] * 2)))
    for pattern in data.draw(st.lists(st.sampled_from(indexed()), min_size=20, max_size=20)):
        assert_same(pattern, tables().index, text)
        assert_same(pattern, tables().index, text, start, end)


@pytest.mark.parametrize("source", [*READ, *FOLLOWED, r"^if (?:rash|may)|^may", r"^if|may cause", "^", r"^[|(]|; -"])
def test_finds_the_same_for_every_kind_of_pattern(source: str) -> None:
    pattern = Pattern(source)
    index = Index([Pattern(r"\bother\b"), pattern])
    for words in itertools.product(("if", "rash", "may cause", ", the 5 mg", "; -", "cyp3a4"), repeat=3):
        for blank in (" ", ""):
            text = blank.join(words)
            assert_same(pattern, index, text)
            assert_same(pattern, index, text, 2, len(text) - 1)


def test_a_pattern_without_an_index_is_tried_everywhere() -> None:
    assert_same(Pattern(r"\bif\b"), Index([]), "what if, if so")
