"""The names of a drug that the vocabulary lacks, told by how its document introduces it.

"Zyqorvel (zyqorveline) tablets" as a title, "Each tablet contains 5 mg of zyqorveline", a product's own data: such
names become names for this document alone, so that its sentences are read as those about a known drug are.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from kg import resources
from kg.extraction.abbreviations import Defined, Definition
from kg.extraction.sections import SectionTable
from kg.records import Concept, Document
from kg.vocabulary.lexicon import Lexicon

HEAD_LINES = 8
"""Lines at the head of a text that may introduce its drug."""

SHORTEST = 4
"""A name of fewer letters may be any word."""

USED_AT_LEAST = 2
"""How often a text goes on to use a name that stands alone at its head."""

LONGEST_NAME = 60
"""Characters in which a drug's name is looked for."""

_DRUG, _BRAND = frozenset({"Drug"}), frozenset({"Brand"})
_MARKS = re.compile(r"[®™*_#|]+")
_NAME = r"[A-Za-z][A-Za-z-]{3,}(?:[ ][a-z]{4,})?"
_INTRODUCED = re.compile(rf"({_NAME})(?:\s*\([a-z]+(?:-[A-Za-z]+)+\))?(?:\s*\(({_NAME})\))?")
_BOTH = re.compile(
    r"\b([A-Z][A-Za-z-]{3,})[®™]*(?:\s*\([a-z]+(?:-[A-Za-z]+)+\))?\s*\(([a-z][a-z-]{5,})((?:\s[a-z]+)?)\)"
)
_BRACKET = re.compile(r"\(([A-Za-z][A-Za-z -]{3,})\)$")
_OPENING = re.compile(r"([A-Z][a-z-]{5,})(?:\s*\(([A-Za-z-]{5,})\))?,?\s+(?:is|are|belongs|was)\b")


@dataclass(frozen=True, slots=True)
class Own:
    """What a document calls its drug: the name it goes by, and all of its names as they may be written."""

    drug: Concept
    brands: tuple[str, ...] = ()

    @property
    def names(self) -> frozenset[str]:
        """All names, in small letters."""
        return frozenset(name.casefold() for name in (self.drug.label, *self.brands))


@dataclass(frozen=True, slots=True)
class _Words:
    before: re.Pattern[str]
    behind: re.Pattern[str]
    contains: re.Pattern[str]
    acts: re.Pattern[str]
    told: re.Pattern[str]
    kinds: re.Pattern[str]
    salt: re.Pattern[str]


def own(document: Document, lexicon: Lexicon, table: SectionTable) -> Own | None:
    """Return the names of the document's own drug, where the vocabulary knows none of them."""
    if document.product is not None:
        return None
    lines = list(_head(document))
    pairs = list(_pairs(lines))
    if not any(map(functools.partial(_begins_with_drug, lexicon), lines)):
        pairs += _in_head(document.text, lexicon)
    for first, second in pairs:
        known = None if second is None or _is_known(first, lexicon, table) else _drug_at(second, lexicon)
        if known is not None and _used(first, document.text) > USED_AT_LEAST:
            return Own(known, (first,))
        if second is None or any(_is_known(name, lexicon, table) for name in (first, second)):
            continue
        generic, brand = _told_apart(first, second, document.text)
        if _used(brand, document.text) + _used(generic, document.text) > USED_AT_LEAST:
            return _named(generic, [brand])
    alone = [first for first, second in pairs if second is None]
    title = next((name for name in alone if _is_introduced(name, document.text, lexicon, table)), None)
    if title is None:
        return None
    known = _drug_behind(title, lines, document.text, lexicon)
    if known is not None:
        return Own(known, (title,))  # a brand that the vocabulary lacks, of a drug that it knows
    behind = [name for name in alone[alone.index(title) + 1 :] if name.islower()]
    contained = [match[1] for match in _words().contains.finditer(document.text)]
    for other in (*behind, *contained):
        if other.casefold() != title.casefold() and not _is_known(other, lexicon, table):
            return _named(other, [title])
    return _named(_as_written(title, document.text), [])


def _begins_with_drug(lexicon: Lexicon, line: str) -> bool:
    """Tell whether a line begins with a drug that the vocabulary knows."""
    return any(hit.span.start == 0 and any(c.types & _DRUG for c in hit.concepts) for hit in lexicon.find(line))


def _drug_behind(title: str, lines: list[str], text: str, lexicon: Lexicon) -> Concept | None:
    """Return the known drug that the lines below a title begin with, or that its product is said to contain."""
    heads = [_INTRODUCED.fullmatch(line) for line in lines]
    named = [head[1] if head else line for head, line in zip(heads, lines, strict=True)]
    places = [number for number, name in enumerate(named) if name.casefold() == title.casefold()]
    behind = [line for line in lines[places[0] + 1 :] if _is_one_name(line, lexicon)] if places else []
    told = re.finditer(_words().told.pattern.replace("NAME", re.escape(title)), text, re.IGNORECASE | re.MULTILINE)
    explained = (text[match.end() : match.end() + LONGEST_NAME] for match in told)
    contained = (match[1] for match in _words().contains.finditer(text))
    for words in (*explained, *(line.lstrip("( ") for line in behind), *contained):
        drug = _drug_at(words, lexicon)
        if drug is not None:
            return drug
    return None


def _is_one_name(line: str, lexicon: Lexicon) -> bool:
    """Tell whether a line holds nothing but one name: no "Warfarin, aspirin and lithium"."""
    words = line.strip("( )")
    return any(hit.span.of(words) == words for hit in lexicon.find(words))


def _drug_at(words: str, lexicon: Lexicon) -> Concept | None:
    """Return the known drug that words begin with."""
    hits = (hit for hit in lexicon.find(words) if hit.span.start == 0)
    return next((concept for hit in hits for concept in hit.concepts if concept.types & _DRUG), None)


def of_product(names: Iterable[str], label: str, lexicon: Lexicon) -> Own:
    """Return the names of a product whose drug the vocabulary lacks, those left out that mean something else."""
    free = [name for name in names if len(name) >= SHORTEST and not lexicon.find(name)]
    return _named(label, [name for name in free if name.casefold() != label.casefold()])


def with_names(defined: Defined, own: Own) -> Defined:
    """Put the names of a document's own drug among those that it defines; they hold from its beginning."""
    meanings = dict(defined.meanings)
    brands = {brand: Concept("", brand, (brand,), _BRAND, drug=own.drug.iri or None) for brand in own.brands}
    for name, concept in [*brands.items(), *([] if own.drug.iri else [(own.drug.label, own.drug)])]:
        if len(name) >= SHORTEST:
            for written in {name, name.lower(), name.upper(), name.title(), name.capitalize()}:
                meanings[written] = [Definition(-1, (concept,))]
    return Defined.of(meanings)


def _named(label: str, brands: list[str]) -> Own:
    return Own(Concept("", " ".join(label.split()), (), _DRUG), tuple(brands))


def _head(document: Document) -> Iterator[str]:
    """Give the title and the first lines, each without what stands around a name."""
    words = _words()
    raw = [document.title] if document.title != document.name else []
    raw += [line for line in document.text[:4_000].splitlines() if line.strip()][:HEAD_LINES]
    for line in raw:
        clean = "" if words.kinds.fullmatch(" ".join(line.split())) else words.salt.sub("", bare(line))
        behind = _BRACKET.search(_MARKS.sub(" ", line).rstrip(" ."))
        if clean and behind and "(" not in clean:  # "Zyqorvel 5 mg tablets (zyqorveline)": the form stands between
            clean = f"{clean} ({words.salt.sub('', behind[1])})"
        if clean:
            yield clean


def bare(title: str) -> str:
    """Return a title without what stands around the name of a drug or class in it.

    >>> bare("What you need to know about Zoloft 50 mg tablets"), bare("NSAIDs: an overview")
    ('Zoloft', 'NSAIDs')
    """
    words = _words()
    clean = " ".join(_MARKS.sub(" ", title.strip("| ").split(" | ")[0]).split()).replace(" )", ")")
    while (plain := words.before.sub("", clean)) != clean:  # "Your guide to treatment with ..."
        clean = plain
    return words.behind.sub("", clean).strip(" ,.:;–—-")


def _pairs(lines: Iterable[str]) -> Iterator[tuple[str, str | None]]:
    for line in lines:
        match = _INTRODUCED.fullmatch(line)
        if match:
            yield match[1], match[2]


def _in_head(text: str, lexicon: Lexicon) -> Iterator[tuple[str, str | None]]:
    head = text[:1_500]
    for both in _BOTH.finditer(head):
        if not (both[3] and lexicon.find(both[2] + both[3])):  # "Green (neuropathic pain)" names a use
            yield both[1], both[2]
    for paragraph in head.split("\n\n")[:3]:
        match = _OPENING.match(_MARKS.sub("", paragraph).strip())
        if match:
            yield match[1], match[2]


def _told_apart(first: str, second: str, text: str) -> tuple[str, str]:
    """Return the generic name, then the brand: the generic is written in small letters."""
    is_first = not second.islower() and _as_written(first, text).islower()
    return (_as_written(first, text), second) if is_first else (second, first)


def _as_written(name: str, text: str) -> str:
    """Return a name in small letters where the text writes it so anywhere: a capital may be that of a title."""
    return name.lower() if re.search(rf"\b{re.escape(name.lower())}\b", text) else name


def _is_introduced(name: str, text: str, lexicon: Lexicon, table: SectionTable) -> bool:
    """Tell whether a name that stands alone at the head is a drug's: the text tells what it does, how it is taken."""
    if _is_known(name, lexicon, table) or _used(name, text) <= USED_AT_LEAST:
        return False
    acts = _words().acts.pattern.replace("NAME", re.escape(name))
    return len(re.findall(acts, text, re.IGNORECASE)) >= USED_AT_LEAST


def _is_known(name: str, lexicon: Lexicon, table: SectionTable) -> bool:
    """Tell whether words mean something else: a name of the vocabulary in them, a section, a plural of a class."""
    return bool(lexicon.find(name)) or bool(table.sections(name)) or _words().kinds.fullmatch(name) is not None


def _used(name: str, text: str) -> int:
    return len(re.findall(rf"\b{re.escape(name)}\b", text, re.IGNORECASE))


@functools.cache
def _words() -> _Words:
    """Read how names are introduced.

    Raises
    ------
    OntologyError
        When the table is missing or not of its form.
    """
    with resources.table("drug_names.toml", "names", "give it kinds, salts, and introduced") as table:
        introduced = table["introduced"]
        salts, bases = "|".join(table["salts"].split()), ")(?<!".join(rf"\b{word}" for word in table["bases"].split())
        return _Words(
            re.compile(introduced["before"], re.IGNORECASE),
            re.compile(introduced["behind"], re.IGNORECASE),
            re.compile(introduced["contains"]),
            re.compile(introduced["acts"], re.IGNORECASE),
            re.compile(introduced["told"], re.IGNORECASE),
            re.compile(table["kinds"], re.IGNORECASE),
            re.compile(rf"(?<=\w)(?<!{bases})(?:\s+(?:{salts}))+$", re.IGNORECASE),
        )
