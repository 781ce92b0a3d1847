"""Copies: documents with nearly the same text are found and count once.

Two texts are copies where they share at least 60 % of all their runs of five words (Jaccard index, letter case and
marks left aside). The figure is measured, on 571 drug labels: those of different drugs that were written after the same
model reach 0.55 and no more, the same label under another name of its drug stays at or above 0.68, and the same label
listed twice reaches 0.97. Texts of fewer than 50 runs are copies only where all runs are the same, since such a text
can share most of its words with another by chance.

Copies of copies are copies: a text that was changed step by step is still one text, so a group is everything that a
chain of copies connects, whatever the order. A chain can join texts that are not alike themselves; that makes fewer
documents independent, which is the careful side.

The groups are found when a graph is built, while the texts are at hand, and are kept with the documents
(`drugs:sameTextAs`, the group's first document by name), so that they are the same with and without texts. A graph
that has no such record is judged by its texts, or where one of them is missing by the hashes of its quotes; these
differ where the name of the drug does, so that a copy under another name is not recognised then.
"""

from __future__ import annotations

import hashlib
import heapq
import itertools
import re
from array import array
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from kg.graph import encode
from kg.graph.encode import Source

if TYPE_CHECKING:
    from kg.graph.readable import Readable
    from kg.records import Document, Fact

RUN = 5
"""Words that make a run."""

ALIKE = 0.6
"""The share of common runs from which two texts are copies."""

SHORT = 50
"""Texts of fewer runs are copies only where they are the same."""

FEW_QUOTES = 10
"""Documents with fewer quotes are not judged by them."""

RECORDED, BY_TEXTS, BY_QUOTES = "recorded", "texts", "quotes"

_SKETCH = 64  # copies share a fifth of their 64 smallest runs but for once in a thousand million times
_WORD = re.compile(r"\w+")
_PRIME = (1 << 61) - 1
_FACTORS = tuple(pow(1_000_003, n, _PRIME) for n in range(RUN, 0, -1))

Rows = tuple[tuple[str, ...], tuple[tuple[str, ...], ...], tuple[tuple["Fact", ...], ...]]
"""The columns of a result, its rows, and the facts behind each row."""


class Texts(Protocol):
    """The texts at hand, as `kg.evidence` has them."""

    def text(self, document: str) -> tuple[str | None, str, str]:
        """Return the text of a document, or None, with the reason."""


class Told(Protocol):
    """What a graph must offer so that copies are found in it."""

    @property
    def store(self) -> Readable:
        """The store with everything in it."""

    @property
    def documents(self) -> tuple[Source, ...]:
        """What is known about the documents."""

    @property
    def texts(self) -> Texts:
        """The texts at hand."""


@dataclass(frozen=True, slots=True)
class Copies:
    """Which documents have the same text.

    Attributes
    ----------
    first : mapping
        Document → the first document of its group by name; itself where it has no copy.
    basis : str
        What was compared: "recorded" (found at build), "texts" or "quotes".
    """

    first: Mapping[str, str]
    basis: str = RECORDED

    @property
    def groups(self) -> tuple[tuple[str, ...], ...]:
        """The groups of two and more documents, sorted."""
        return tuple(group for group in self.all_groups if len(group) > 1)

    @property
    def all_groups(self) -> tuple[tuple[str, ...], ...]:
        """All groups, those of one document too, sorted."""
        found: dict[str, list[str]] = {}
        for name in sorted(self.first):
            found.setdefault(self.first[name], []).append(name)
        return tuple(tuple(found[name]) for name in sorted(found))

    def of(self, document: str) -> str:
        """Return the first document of a document's group; a document that is not known stands for itself."""
        return self.first.get(document, document)

    def voices(self, documents: Iterable[str]) -> tuple[str, ...]:
        """Return the first documents of the groups that documents belong to, sorted."""
        return tuple(sorted({self.of(name) for name in documents}))

    def independent(self, documents: Iterable[str]) -> int:
        """Return how many of some documents are left when copies of one text count once.

        >>> Copies({"a": "a", "b": "a", "c": "c"}).independent(["a", "b", "c"])
        2
        """
        return len(self.voices(documents))

    @property
    def summary(self) -> str:
        """One sentence that says how many documents are copies."""
        total, groups = len(self.first), self.groups
        if not groups:
            return f"None of {_count(total, 'document')} is a copy of another."
        texts = len(self.all_groups)
        return (
            f"{_count(total, 'document')} hold {_count(texts, 'text')}: "
            f"{sum(map(len, groups))} of them are copies, in {_count(len(groups), 'group')}."
        )

    def rows(self) -> Rows:
        """Return a row for each group of two and more documents; no facts stand behind them."""
        rows = tuple((group[0], "; ".join(group[1:]), str(len(group))) for group in self.groups)
        return ("document", "copies", "count"), rows, tuple(() for _ in rows)


def independent_documents(fact: Fact, copies: Copies) -> int:
    """Return how many documents say a fact when copies of one text count once."""
    return copies.independent(fact.documents)


def copies_of(graph: Told) -> Copies:
    """Return the copies among the documents of a graph: as recorded, else by texts, else by quotes."""
    sources = graph.documents
    if sources and all(source.same_text_as for source in sources):
        return Copies({source.name: source.same_text_as for source in sources})
    texts = {source.name: text for source in sources if (text := graph.texts.text(source.name)[0]) is not None}
    if len(texts) == len(sources):
        return Copies(by_texts(texts), BY_TEXTS)
    return Copies(_by_quotes(graph.store, [source.name for source in sources]), BY_QUOTES)


def recorded(sources: Iterable[Source], documents: Iterable[Document]) -> tuple[Source, ...]:
    """Say of each document which is the first of its text, from the texts of all."""
    first = by_texts({document.name: document.text for document in documents})
    return tuple(replace(source, same_text_as=first.get(source.name, source.name)) for source in sources)


def described(documents: Iterable[Document], facts: Iterable[Fact]) -> tuple[Source, ...]:
    """Say what each document is, what it is about, and which is the first of its text, sorted by name."""
    documents = tuple(documents)
    return recorded(encode.describe(documents, facts), documents)


@dataclass(frozen=True, slots=True)
class Sketch:
    """The smallest hashes of a text's runs and their number: enough to tell which texts are worth comparing."""

    smallest: tuple[int, ...]
    runs: int

    def may_be_copy(self, other: Sketch) -> bool:
        """Tell whether the sizes of two texts allow them to be copies."""
        least, most = sorted((self.runs, other.runs))
        return least == most if least < SHORT else least >= ALIKE * most


def sketch(marks: Collection[int]) -> Sketch:
    """Return the sketch of a text by the hashes of its runs."""
    return Sketch(tuple(heapq.nsmallest(_SKETCH, marks)), len(marks))


def by_texts(texts: Mapping[str, str]) -> dict[str, str]:
    """Group documents by their texts: document → first document of its group."""
    words: dict[str, int] = {}
    marks = {name: array("Q", sorted(runs(texts[name], words))) for name in sorted(texts)}
    sketches = {name: sketch(found) for name, found in marks.items()}
    return by_sketches(sketches, lambda one, other: _are_copies(marks[one], marks[other], SHORT))


def by_sketches(sketches: Mapping[str, Sketch], are_copies: Callable[[str, str], bool]) -> dict[str, str]:
    """Group documents without having all their texts in memory: `are_copies` compares the texts of two of them."""

    def compared(one: str, other: str) -> bool:
        return sketches[one].may_be_copy(sketches[other]) and are_copies(one, other)

    return _grouped(sketches, compared)


def are_alike(one: str, other: str) -> bool:
    """Tell whether two texts are copies of each other."""
    words: dict[str, int] = {}
    return _are_copies(runs(one, words), runs(other, words), SHORT)


def alike(one: str, other: str) -> float:
    """Return the share of common runs of two texts, from 0 to 1.

    >>> alike("It may cause drowsiness in some.", "it may cause drowsiness, in some")
    1.0
    """
    words: dict[str, int] = {}
    return _share(runs(one, words), runs(other, words))


def runs(text: str, words: dict[str, int]) -> set[int]:
    """Return the hashes of all runs of words of a text; `words` keeps the hashes of words from call to call.

    A text that is shorter than a run is one run.
    """
    numbers = []
    for word in _WORD.findall(text.casefold()):
        number = words.get(word)
        if number is None:
            number = words[word] = int.from_bytes(hashlib.blake2b(word.encode(), digest_size=4).digest(), "big")
        numbers.append(number)
    if 0 < len(numbers) < RUN:
        numbers += [0] * (RUN - len(numbers))
    k1, k2, k3, k4, k5 = _FACTORS
    return {
        (a * k1 + b * k2 + c * k3 + d * k4 + e * k5) % _PRIME
        for a, b, c, d, e in zip(numbers, numbers[1:], numbers[2:], numbers[3:], numbers[4:], strict=False)
    }


def _by_quotes(store: Readable, names: Iterable[str]) -> dict[str, str]:
    import pyoxigraph as ox

    from kg.graph import terms

    of_evidence = {
        quad.subject: quad.object.value
        for quad in store.quads_for_pattern(None, ox.NamedNode(terms.DRUGS + "quoteSha256"), None, ox.DefaultGraph())
        if isinstance(quad.object, ox.Literal)
    }
    quotes: dict[str, set[int]] = {}
    for quad in store.quads_for_pattern(None, ox.NamedNode(terms.OA + "hasSource"), None, ox.DefaultGraph()):
        digest = of_evidence.get(quad.subject)
        if digest is not None and isinstance(quad.object, ox.NamedNode):
            quotes.setdefault(quad.object.value, set()).add(int(digest[:15], 16))
    marks = {}
    for name in sorted(names):
        found = quotes.get(terms.document(name), set())
        marks[name] = array("Q", sorted(found) if len(found) >= FEW_QUOTES else ())
    sketches = {name: sketch(found) for name, found in marks.items()}
    return _grouped(sketches, lambda one, other: _are_copies(marks[one], marks[other], 0))


def _grouped(sketches: Mapping[str, Sketch], are_copies: Callable[[str, str], bool]) -> dict[str, str]:
    """Join documents that are copies, and name each group after its first document."""
    first = {name: name for name in sketches}

    def root(name: str) -> str:
        while first[name] != name:
            first[name] = name = first[first[name]]
        return name

    for one, other in _candidates(sketches):
        left, right = root(one), root(other)
        if left != right and are_copies(one, other):
            first[max(left, right)] = min(left, right)
    return {name: root(name) for name in sketches}


def _candidates(sketches: Mapping[str, Sketch]) -> Iterator[tuple[str, str]]:
    """Give the pairs of documents that share a fifth of their smallest marks; of copies it is three fifths."""
    holders: dict[int, list[str]] = {}
    for name in sorted(sketches):
        for mark in sketches[name].smallest:
            holders.setdefault(mark, []).append(name)
    shared = Counter(pair for names in holders.values() for pair in itertools.combinations(names, 2))
    for (one, other), number in shared.items():
        if 5 * number >= min(_SKETCH, sketches[one].runs, sketches[other].runs):
            yield one, other


def _are_copies(one: Collection[int], other: Collection[int], short: int) -> bool:
    least, most = sorted((len(one), len(other)))
    left, right = set(one), set(other)
    return left == right if least < short else least >= ALIKE * most and _share(left, right) >= ALIKE


def _share(one: set[int], other: set[int]) -> float:
    return len(one & other) / len(one | other) if one and other else 0.0


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
