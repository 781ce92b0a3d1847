"""Finding the vocabulary's names in a text: many strings at once, in any spelling, offsets untouched."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from kg.records import Concept, Span
from kg.vocabulary import Vocabulary

if TYPE_CHECKING:
    from kg.vocabulary.prepared import Spellings

_SAME_LENGTH = {
    0x2018: "'", 0x2019: "'", 0x201B: "'", 0x201C: '"', 0x201D: '"', 0x00A0: " ", 0x202F: " ", 0x2009: " ",
    0x2010: "-", 0x2011: "-", 0x2012: "-", 0x2013: "-", 0x2212: "-", ord("\n"): " ", ord("\t"): " ", ord("\r"): " ",
}  # fmt: skip
_INNER_HYPHEN = re.compile(r"(?<=\w)-(?=\w)")
_RUN = re.compile(r"[ *_]*(?: [ *_]|[*_]+ )[ *_]*|[*_]{2,}")
_TURNING = re.compile(r"(?:^|[^a-z])(?:non|anti|pre|post|pro|sub)[ -]$")
_BRITISH = (
    ("anemi", "anaemi"), ("hem", "haem"), ("edema", "oedema"), ("diarrhea", "diarrhoea"), ("esoph", "oesoph"),
    ("tumor", "tumour"), ("estrogen", "oestrogen"), ("fetal", "foetal"), ("fetus", "foetus"), ("leuk", "leuc"),
    ("sulf", "sulph"), ("ischem", "ischaem"), ("glycem", "glycaem"), ("lipidem", "lipidaem"), ("kalem", "kalaem"),
    ("natrem", "natraem"), ("uricem", "uricaem"), ("calcem", "calcaem"), ("pnea", "pnoea"), ("rrhea", "rrhoea"),
    ("pediatr", "paediatr"), ("gynec", "gynaec"), ("orthoped", "orthopaed"), ("color", "colour"),
    ("ization", "isation"),
    ("izing", "ising"), ("ize", "ise"), ("behavior", "behaviour"), ("cemia", "caemia"), ("anesthe", "anaesthe"),
    ("celiac", "coeliac"), ("cecal", "caecal"), ("paralyz", "paralys"), ("labor", "labour"), ("odor", "odour"),
    ("emia", "aemia"), ("emic", "aemic"), ("esthesia", "aesthesia"), ("fecal", "faecal"), ("feces", "faeces"),
    ("cesarean", "caesarean"), ("aluminum", "aluminium"), ("fiber", "fibre"), ("etiolog", "aetiolog"),
)  # fmt: skip
"""American and British spellings of the same stem, after the usual lists of medical editors."""
_SHORT_PLURAL = 5
_AMERICAN = re.compile("|".join(us for us, _ in _BRITISH))

REORDERED = frozenset({"Condition"})
"""Types whose names lists of terms turn round: "hepatic failure, acute"."""

MARKS = ",;.:)]!?"
"""What stands behind a name that is turned round: any other word would belong to what follows the comma."""

SHORT_CAPITALS = 4
"""A label in capitals of at most this many letters ("AIDS") is no word in small letters."""


class Hit(NamedTuple):
    """A name found in a text, with every concept that bears it."""

    span: Span
    concepts: tuple[Concept, ...]


def normalise(text: str) -> str:
    """Fold case, typographic marks and hyphens inside words; the length never changes.

    >>> normalise("Narrow‑Angle Glaucoma’s")
    "narrow angle glaucoma's"
    """
    lowered = text.lower()
    if len(lowered) != len(text):  # a few letters grow when they are lowered
        lowered = "".join(c.lower() if len(c.lower()) == 1 else c for c in text)
    if lowered.isascii():  # of the characters to be folded, the blanks alone
        lowered = lowered.replace("\n", " ").replace("\t", " ").replace("\r", " ")
    else:
        lowered = lowered.translate(_SAME_LENGTH)
    return _INNER_HYPHEN.sub(" ", lowered) if "-" in lowered else lowered


def variants(label: str) -> Iterator[str]:
    """Give the spellings of a label: normalised, plural and singular, British, with and without a possessive s.

    >>> sorted(variants("benzodiazepine"))
    ['benzodiazepine', 'benzodiazepines']
    """
    base = normalise(label)
    stems = {base}
    if "'s" in base:
        stems.add(base.replace("'s", ""))
    if _AMERICAN.search(base):
        stems |= {stem.replace(us, uk) for stem in stems for us, uk in _BRITISH if us in stem and uk not in stem}
    for stem in stems:
        yield stem
        yield from _numbers(stem)


def _numbers(stem: str) -> Iterator[str]:
    """Give the plural and the singular, of the last word and of the head before "of", "in" or "to"."""
    head = re.match(r"(.{4,}?)((?: of| in| to| with) .+)$", stem)
    word, rest = (head[1], head[2]) if head else (stem, "")
    if len(word) < 4 or not word[-1].isalpha():
        return
    if word.endswith(("ss", "sh", "ch", "x")):
        yield word + "es" + rest
    elif word.endswith("sis"):
        yield word[:-2] + "es" + rest
    elif word.endswith(("us", "is", "ics")):
        return
    elif word.endswith("ies"):
        yield word[:-3] + "y" + rest
    elif word.endswith("s"):
        if rest or " " in word or len(word) > _SHORT_PLURAL:  # "falls" and "fits" have no singular of the same sense
            yield word[:-1] + rest
    elif word.endswith("y") and word[-2] not in "aeou":
        yield word[:-1] + "ies" + rest
    else:
        yield word + "s" + rest


class Lexicon:
    """All spellings of a vocabulary, compiled once."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        from ahocorasick_rs import AhoCorasick, MatchKind

        self._local = vocabulary.local
        own = vocabulary if vocabulary.local is None else vocabulary.local.embedded
        spellings = own.spellings or spelled(own)
        self._concepts = tuple(own.concepts.values())
        self._surfaces, self._meanings = spellings.surfaces, spellings.meanings
        self._turned, self._capitals = spellings.turned, spellings.capitals
        self._numbers = dict(zip(self._surfaces, range(len(self._surfaces)), strict=True))
        self._known: dict[int, tuple[Concept, ...]] = {}
        self._automaton = AhoCorasick(self._surfaces, matchkind=MatchKind.Standard)

    def __len__(self) -> int:
        """Return the number of spellings."""
        return len(self._surfaces)

    def named(self, normal: str) -> tuple[Concept, ...]:
        """Return the concepts that bear exactly this name, which must be folded already."""
        number = self._numbers.get(normal)
        if number is not None:
            return self._meaning(number)
        return () if self._local is None else self._local.named(normal)

    def find(self, text: str, folded: str | None = None) -> list[Hit]:
        """Find the names in a text: whole words, longest first, none inside another, in order.

        `folded` is the text, normalised, where that is at hand.
        """
        normal, places = _single_blanks(normalise(text) if folded is None else folded)
        found = []
        size = len(normal)
        for index, start, end in self._automaton.find_matches_as_indexes(normal, overlapping=True):
            if (start and normal[start - 1].isalnum()) or (end < size and normal[end].isalnum()):
                continue
            first, last = places[start], places[end - 1] + 1
            if start and _is_turned(text, first, normal, start):
                continue
            if end < len(normal) and normal[end] not in MARKS and self._surfaces[index] in self._turned:
                continue
            if self._surfaces[index] in self._capitals and text[first:last].islower():
                continue
            found.append((first, last, index))
        if self._local is not None:
            own = len(self._surfaces)  # what has a higher number is the local lexicon's; of equals the first one stays
            for start, end, number in self._local.find(normal, text, places):
                first = places[start]
                if self._local.meaning(number) and not (start and _is_turned(text, first, normal, start)):
                    found.append((first, places[end - 1] + 1, own + number))
        return [Hit(Span(s, e), self._meaning(i)) for s, e, i in _longest(found)]

    def _meaning(self, index: int) -> tuple[Concept, ...]:
        own = len(self._surfaces)
        if index >= own and self._local is not None:
            return self._local.meaning(index - own)
        known = self._known.get(index)
        if known is None:
            meaning = self._meanings[index]
            numbers = (meaning,) if isinstance(meaning, int) else meaning
            known = self._known[index] = tuple(self._concepts[number] for number in numbers)
        return known


def spelled(vocabulary: Vocabulary) -> Spellings:
    """Spell every name of a vocabulary in every way."""
    from kg.vocabulary import names  # which needs `normalise`
    from kg.vocabulary.prepared import Spellings

    written: dict[str, dict[int, None]] = {}
    derived: dict[str, dict[int, None]] = {}
    words: set[str] = set()
    turned: set[str] = set()
    reordered = names.load().reordered
    for number, concept in enumerate(vocabulary.concepts.values()):
        for label in (concept.label, *concept.labels):
            if len(label) > SHORT_CAPITALS or not label.isupper():
                words.add(label.lower())
            written.setdefault(normalise(label), {})[number] = None
            spellings = set(variants(label))
            if concept.types & REORDERED:
                orders = {order for spelling in spellings for order in reordered(spelling)}
                turned |= orders
                spellings |= orders
            for variant in spellings:
                derived.setdefault(variant, {})[number] = None
    surfaces = sorted(derived)
    # a spelling that somebody wrote down outranks a derived one
    chosen = [list(written.get(surface, derived[surface])) for surface in surfaces]
    short = (s for s in surfaces if len(s) <= SHORT_CAPITALS and s.isalpha() and s not in words)
    return Spellings(
        surfaces,
        [numbers[0] if len(numbers) == 1 else numbers for numbers in chosen],
        frozenset(surface for surface in turned if ", " in surface and surface not in written),
        frozenset(short),
    )


def _is_turned(text: str, first: int, normal: str, start: int) -> bool:
    """Tell whether a prefix with a hyphen turns the meaning of the word behind it: "non-", "anti-"."""
    return text[first - 1 : first] in "-‐‑" and _TURNING.search(normal[max(0, start - 5) : start]) is not None


def _single_blanks(text: str) -> tuple[str, Sequence[int]]:
    """Fold runs of blanks and Markdown emphasis between words to one blank; give the place of each character."""
    if not ("  " in text or "*" in text or "_" in text):
        return text, range(len(text) + 1)
    parts, places, last = [], [], 0
    for match in _RUN.finditer(text):
        parts.append(text[last : match.start()] + " ")
        places += [*range(last, match.start()), match.start()]
        last = match.end()
    parts.append(text[last:])
    places += range(last, len(text) + 1)
    return "".join(parts), places


def _longest(found: Iterable[tuple[int, int, int]]) -> Iterator[tuple[int, int, int]]:
    last = 0
    for start, end, index in sorted(found, key=lambda f: (f[0], -f[1])):
        if start >= last:
            yield start, end, index
            last = end
