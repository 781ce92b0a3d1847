"""The records that the stages hand on: document, passage, mention, statement, reading, fact. All frozen.

Every offset counts code points of the document's text exactly as stored, half-open: `text[start:end]`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import NamedTuple

NO_QUALIFIERS: Mapping[str, str] = MappingProxyType({})


class Span(NamedTuple):
    """A stretch of a document's text.

    >>> Span(3, 7).contains(Span(4, 7))
    True
    """

    start: int
    end: int

    def contains(self, other: Span) -> bool:
        """Tell whether `other` lies inside this span."""
        return self.start <= other[0] and other[1] <= self.end

    def overlaps(self, other: Span) -> bool:
        """Tell whether the two spans share at least one code point."""
        return self.start < other[1] and other[0] < self.end

    def of(self, text: str) -> str:
        """Return the slice of `text`."""
        return text[self.start : self.end]


@dataclass(frozen=True, slots=True)
class Product:
    """What a source's own data says of the product that a document is about, in the source's spelling.

    `names` are brand or product names, `substances` the active ingredients (several make a combination product),
    `classes` the pharmacologic classes that the source assigns.
    """

    names: tuple[str, ...] = ()
    substances: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()


class Section(NamedTuple):
    """A heading of which the source's own codes say what it announces: the heading's words, and the section kinds."""

    span: Span
    kinds: frozenset[str]


@dataclass(frozen=True, slots=True)
class Document:
    """A document as it was read: its text is stored with the graph, and every offset fits this text.

    Attributes
    ----------
    name : str
        The file name (`file#id` where a file holds several documents).
    text : str
        The text, never normalised.
    title : str
        The first heading, or the file name where there is none.
    source_kind : str
        What kind of source it is, for instance "web page" or "label".
    markup : str
        The layout rules of the text: "plain", "markdown", or "marked" (Markdown in which every heading has its mark,
        so that no other line is taken for one).
    sha256 : str
        SHA-256 of the text's UTF-8, in hexadecimal.
    product : Product or None
        What the source's own data says of the product; None where there is no such data.
    sections : tuple of Section
        The headings that the source's own codes type; all others are typed by their words.
    """

    name: str
    text: str
    title: str
    source_kind: str
    markup: str
    sha256: str
    product: Product | None = None
    sections: tuple[Section, ...] = ()


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading, a list item's title, or a table's column name, with the section kinds it announces."""

    text: str
    span: Span
    sections: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Passage:
    """One sentence, list item or table cell, with what stands above it.

    Attributes
    ----------
    span : Span
        Where it is.
    headings : tuple of Heading
        The headings above it, outermost first; an item's own title is not among them.
    title : Span or None
        The item's own title ("Dizziness" in "Dizziness: patients may feel ..."), inside `span`.
    lead : Span or None
        The sentence that introduces the list that this item belongs to ("Use with caution in patients with:").
    block : int
        The number of the paragraph or item that it belongs to.
    position : int
        Its place among the sentences of its block, from 0.
    is_item : bool
        Whether it belongs to a list item or a table cell.
    is_heading : bool
        Whether it is a heading itself, in which only names are read.
    row : Span or None
        The row that a table cell stands in.
    """

    span: Span
    headings: tuple[Heading, ...] = ()
    title: Heading | None = None
    lead: Span | None = None
    block: int = 0
    position: int = 0
    is_item: bool = False
    is_heading: bool = False
    row: Span | None = None


@dataclass(frozen=True, slots=True)
class Concept:
    """One thing with a name in the vocabulary: a drug, a brand, a class, a condition, a population and so on.

    `types` are local names of the ontology's classes ("Drug", "Condition"); `broader` are IRIs; `drug` is the IRI of
    the drug that a brand belongs to; `topic` is what an instruction is about ("storage"); `matches` are the IRIs that
    public vocabularies give the same concept.
    """

    iri: str
    label: str
    labels: tuple[str, ...]
    types: frozenset[str]
    broader: tuple[str, ...] = ()
    drug: str | None = None
    topic: str | None = None
    matches: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Mention:
    """A name in the text: its span, the concepts that bear it (none where the vocabulary has none), and why it is one.

    `span` is as long as the meaning ("severe liver disease"); `core` is the part that the vocabulary knows.
    `modified` says that the words beyond the core change the meaning ("history of", "-related conditions").
    """

    span: Span
    core: Span
    concepts: tuple[Concept, ...]
    types: frozenset[str]
    severity: str | None = None
    modified: bool = False
    why: str = "vocabulary"


@dataclass(frozen=True, slots=True)
class Evidence:
    """Where a document says it: the quote, the object's words inside it, and the heading that carries the meaning.

    `quote` is None where the text is not at hand; the offsets and the hash stay.
    """

    document: str
    span: Span
    quote_sha256: str
    object_span: Span
    object_text: str
    rule: str
    heading: Span | None = None
    quote: str | None = None
    heading_text: str | None = None


@dataclass(frozen=True, slots=True)
class Entity:
    """What a statement is about: a concept of the vocabulary, or the document's own words (`iri` is None then)."""

    label: str
    iri: str | None = None
    broader: str | None = None


@dataclass(frozen=True, slots=True)
class Statement:
    """What one passage of one document says about one drug."""

    kind: str
    subject: Entity
    object: Entity
    evidence: Evidence
    polarity: str = "affirmed"
    qualifiers: Mapping[str, str] = field(default_factory=lambda: NO_QUALIFIERS)

    def __hash__(self) -> int:
        """Hash what is hashable of it, so that it can be in sets."""
        return hash((self.kind, self.subject, self.object, self.evidence))


@dataclass(frozen=True, slots=True)
class Reading:
    """One document that was read to its end, and what it says, in the order of its places."""

    document: Document
    statements: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class Fact:
    """Statements of the same content put together, with all their evidence.

    >>> fact = Fact("caution", Entity("clonazepam"), Entity("glaucoma"), (), qualifiers={"level": "avoid"})
    >>> fact.level
    'avoid'
    """

    kind: str
    subject: Entity
    object: Entity
    evidence: tuple[Evidence, ...]
    polarity: str = "affirmed"
    qualifiers: Mapping[str, str] = field(default_factory=lambda: NO_QUALIFIERS)
    iri: str = ""

    def __hash__(self) -> int:
        """Hash what is hashable of it, so that it can be in sets; equal ones have equal names."""
        return hash((self.kind, self.subject, self.object, self.iri))

    @property
    def level(self) -> str | None:
        """The level of care: that of the qualifier, or `contraindicated` for a contraindication."""
        return "contraindicated" if self.kind == "contraindication" else self.qualifiers.get("level")

    @property
    def documents(self) -> tuple[str, ...]:
        """The names of the documents that say it, sorted."""
        return tuple(sorted({item.document for item in self.evidence}))


@dataclass(frozen=True, slots=True)
class Link:
    """A step from the vocabulary, not from a document: `narrower` is a kind of `broader`, or one of its members."""

    narrower: Entity
    broader: Entity


@dataclass(frozen=True, slots=True)
class Derived:
    """What follows from facts by a rule, and is said by no document in these words.

    Attributes
    ----------
    rule : str
        The rule's name in the table of derivations.
    why : str
        The rule's reason in one sentence, with the names filled in.
    kind : str
        What kind of fact it would be if a document said so ("caution", "adverse_effect").
    subject, object : Entity
        The drug, and what it concerns.
    facts : tuple of Fact
        The stated facts that it rests on, with their evidence; never empty.
    links : tuple of Link
        The steps in the vocabulary that it rests on.
    outranked_by : tuple of Fact
        What documents say of the same drug and object themselves, at another level or denied: it comes first.
    qualifiers : mapping
        As of a fact; the level of care under `level`.
    """

    rule: str
    why: str
    kind: str
    subject: Entity
    object: Entity
    facts: tuple[Fact, ...]
    links: tuple[Link, ...] = ()
    qualifiers: Mapping[str, str] = field(default_factory=lambda: NO_QUALIFIERS)
    iri: str = ""
    outranked_by: tuple[Fact, ...] = ()

    def __hash__(self) -> int:
        """Hash what is hashable of it, so that it can be in sets; equal ones have equal names."""
        return hash((self.kind, self.subject, self.object, self.iri))

    @property
    def level(self) -> str | None:
        """The level of care, as of a fact."""
        return "contraindicated" if self.kind == "contraindication" else self.qualifiers.get("level")

    @property
    def documents(self) -> tuple[str, ...]:
        """The names of the documents behind it, sorted."""
        return tuple(sorted({name for fact in self.facts for name in fact.documents}))
