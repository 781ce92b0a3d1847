"""What every tool answers with: one schema, in which the words of documents stand in fields of their own.

Whoever reads an answer may be a model that follows what it reads. So all that is taken from documents (quotes, words
that are in no vocabulary, cells of tables) is in fields whose names begin with `quot`; everything else is ours.
"""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

NOTICE = "Information about documents, not medical advice."


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Thing(_Model):
    """A drug, condition, effect and so on: `label` where a vocabulary names it, else the document's words, `quoted`."""

    label: str | None = None
    quoted: str | None = None
    iri: str | None = None


class Heading(_Model):
    """The heading that carries the meaning; `quote` is null where it is not checked, or long."""

    start: int
    end: int
    quote: str | None = None


class Evidence(_Model):
    """Where a document says it: `quote` is text[start:end] in code points, and there only if `check` is "checked"."""

    document: str
    start: int
    end: int
    check: str = Field(description='"checked" against the stored text for this answer, or why there is no quote')
    quote: str | None = None
    quote_sha256: str
    object_start: int
    object_end: int
    heading: Heading | None = None


class Said(_Model):
    """A fact: what documents say of a subject, with the first of its evidence; the tool `evidence` gives all."""

    fact: str = Field(description="its IRI, for the tool `evidence`")
    kind: str
    polarity: str
    level: str | None = Field(default=None, description="the level of care")
    subject: Thing
    object: Thing
    quoted_qualifiers: dict[str, str] = Field(default={}, description="what limits it; never leave it out")
    documents: int = Field(description="how many documents say it")
    evidence: tuple[Evidence, ...] = ()
    evidence_total: int


class Parameter(_Model):
    """What a question must be given."""

    name: str
    type: str
    example: str


class Question(_Model):
    """A question that comes with the package."""

    name: str
    title: str
    why: str
    parameters: tuple[Parameter, ...]
    columns: tuple[str, ...]


class Line(_Model):
    """One entry of an answer; which fields it has depends on the tool."""

    part: str | None = Field(default=None, description="which part of the answer it belongs to")
    thing: Thing | None = None
    types: tuple[str, ...] = ()
    match: str | None = Field(default=None, description="how a name fits: name, spelling, or part of the name")
    level: str | None = Field(default=None, description="the most severe level of care from the strongest origin")
    levels: tuple[str, ...] = Field(default=(), description="all levels that are said, the most severe first")
    origin: str | None = Field(
        default=None, description="stated, said of its class, of something wider, or derived by a rule"
    )
    rules: tuple[str, ...] = Field(
        default=(), description="the rules by which it follows; no document says it in these words"
    )
    disagreement: tuple[str, ...] = Field(default=(), description="in what the documents differ")
    quoted_scope: dict[str, str] = Field(default={}, description="what limits it; never leave it out")
    quoted_pending: dict[str, str] = Field(default={}, description="limits of which it is not known whether they hold")
    independent: int | None = Field(default=None, description="how many independent documents say it")
    hop: int | None = None
    start: Thing | None = None
    end: Thing | None = None
    relation: str | None = None
    strength: float | None = Field(default=None, description="of the path; orders paths only")
    quoted: dict[str, str] = Field(default={}, description="a row by its columns")
    question: Question | None = None
    facts: tuple[Said, ...] = ()
    facts_total: int | None = None
    against: tuple[Said, ...] = Field(default=(), description="what documents say to the contrary")
    against_total: int | None = None
    evidence: tuple[Evidence, ...] = ()


class Answer(_Model):
    """What a tool found in the documents."""

    notice: str
    verdict: str = Field(description='what can be said at all; "not stated" is not "no"')
    summary: str
    documents_looked_at: int
    total: int = Field(description="how many entries there are")
    shown: int
    truncated: bool = Field(description="there are entries, facts or evidence that are not shown here")
    unverified: int = Field(description="how many places are shown without quote, since it could not be checked")
    about: Said | None = None
    lines: tuple[Line, ...]
