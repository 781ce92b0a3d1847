"""A reader's corrections: statements that were rejected and statements that were added, each with its reason."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from kg import assembly
from kg import vocabulary as vocabularies
from kg.errors import DocumentError
from kg.records import Document, Entity, Evidence, Span, Statement
from kg.vocabulary import Vocabulary

COLUMNS = (
    "decision", "document", "kind", "polarity", "subject", "object",
    "start", "end", "object_start", "object_end", "qualifiers", "reason",
)  # fmt: skip
DECISIONS = ("rejected", "added")


@dataclass(frozen=True, slots=True)
class Decision:
    """One line of the file; `place` names it. An empty cell of a rejection matches anything."""

    place: str
    cells: Mapping[str, str]

    def __getitem__(self, column: str) -> str:
        """Return a cell."""
        return self.cells[column]

    def __hash__(self) -> int:
        """Hash its place, so that it can be in sets."""
        return hash(self.place)

    @property
    def sha256(self) -> str:
        """The SHA-256 of its cells, wherever the file is."""
        return hashlib.sha256("\t".join(self.cells.values()).encode()).hexdigest()

    def matches(self, statement: Statement) -> bool:
        """Tell whether this decision is about a statement."""
        evidence = statement.evidence
        said = {
            "document": evidence.document,
            "kind": statement.kind,
            "polarity": statement.polarity,
            "subject": statement.subject.label,
            "object": statement.object.label,
            "start": str(evidence.span[0]),
            "end": str(evidence.span[1]),
            "object_start": str(evidence.object_span[0]),
            "object_end": str(evidence.object_span[1]),
        }
        if self["qualifiers"] and dict(statement.qualifiers) != qualifiers(self):
            return False
        return all(self[column] in ("", value) for column, value in said.items())


def read(path: Path) -> list[Decision]:
    """Read a file of decisions: tab-separated, with a header.

    Raises
    ------
    DocumentError
        When the file is missing, or a line has an unknown decision, a missing column or no reason.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "not UTF-8"
        raise DocumentError(str(path), f"cannot be read ({reason})", "name a readable file") from None
    lines = list(csv.reader(io.StringIO(text), delimiter="\t", quoting=csv.QUOTE_NONE))
    if not lines or tuple(lines[0]) != COLUMNS:
        raise DocumentError(
            f"{path}:1", "the header is not that of decisions", f"use {' '.join(COLUMNS)}, tabs between"
        )
    found = []
    for number, cells in enumerate(lines[1:], 2):
        place = f"{path}:{number}"
        if len(cells) != len(COLUMNS):
            raise DocumentError(place, f"has {len(cells)} cells", f"give it {len(COLUMNS)}, tabs between")
        decision = Decision(place, MappingProxyType(dict(zip(COLUMNS, (c.strip() for c in cells), strict=True))))
        if decision["decision"] not in DECISIONS:
            raise DocumentError(place, f"no decision {decision['decision']!r}", f"use {' or '.join(DECISIONS)}")
        if not decision["reason"]:
            raise DocumentError(place, "gives no reason", "say why in the last column")
        found.append(decision)
    return found


def apply(
    statements: Iterable[Statement],
    decisions: Iterable[Decision],
    documents: Iterable[Document],
    vocabulary: Vocabulary | None = None,
) -> list[Statement]:
    """Take out what was rejected and put in what was added, whose labels are those of `vocabulary`.

    Raises
    ------
    DocumentError
        When a decision matches nothing, or what it adds does not fit its document.
    """
    decided = list(decisions)
    said: dict[str, list[Statement]] = {}
    for statement in statements:
        said.setdefault(statement.evidence.document, []).append(statement)
    used: set[Decision] = set()
    kept: list[Statement] = []
    for document in documents:
        found, matching = apply_to(document, said.get(document.name, ()), decided, vocabulary)
        kept += found
        used.update(matching)
    check_used(decided, used)
    return kept


def apply_to(
    document: Document,
    statements: Iterable[Statement],
    decisions: Iterable[Decision],
    vocabulary: Vocabulary | None = None,
) -> tuple[list[Statement], list[Decision]]:
    """Apply decisions to what one document says; also give those that matched.

    Raises
    ------
    DocumentError
        When what a decision adds does not fit its document.
    """
    kept, used = list(statements), []
    for decision in decisions:
        if decision["decision"] == "added":
            if decision["document"] == document.name:
                kept.append(_added(decision, document, vocabulary or vocabularies.load()))
                used.append(decision)
            continue
        remaining = [statement for statement in kept if not decision.matches(statement)]
        if len(remaining) < len(kept):
            used.append(decision)
        kept = remaining
    return kept, used


def check_used(decisions: Iterable[Decision], used: Container[Decision]) -> None:
    """Refuse decisions that matched nothing in any document.

    Raises
    ------
    DocumentError
        When a decision is not among those that were used.
    """
    for decision in decisions:
        if decision in used:
            continue
        if decision["decision"] == "added":
            problem = f"adds to a document that is not there: {decision['document']!r}"
            raise DocumentError(decision.place, problem, "remove or mend the line")
        raise DocumentError(decision.place, "rejects a statement that nothing makes", "remove or mend the line")


def qualifiers(decision: Decision) -> dict[str, str]:
    """Read the qualifiers of a decision: `level=avoid; population=older adults`."""
    found = {}
    for part in filter(None, (p.strip() for p in decision["qualifiers"].split(";"))):
        name, mark, value = part.partition("=")
        if not mark:
            raise DocumentError(decision.place, f"{part!r} is no qualifier", "write name=value; name=value")
        found[name.strip()] = value.strip()
    return found


def _added(decision: Decision, document: Document, vocabulary: Vocabulary) -> Statement:
    span = _span(decision, "start", "end", document)
    object_span = _span(decision, "object_start", "object_end", document)
    if not span.contains(object_span):
        raise DocumentError(decision.place, "the object's place is outside the quote", "mend the offsets")
    quote = span.of(document.text)
    evidence = Evidence(
        document=document.name,
        span=span,
        quote_sha256=hashlib.sha256(quote.encode()).hexdigest(),
        object_span=object_span,
        object_text=object_span.of(document.text),
        rule="decision/added",
        quote=quote,
    )
    return Statement(
        kind=decision["kind"],
        subject=_entity(decision["subject"], vocabulary),
        object=_entity(decision["object"], vocabulary),
        evidence=evidence,
        polarity=decision["polarity"] or "affirmed",
        qualifiers=MappingProxyType(qualifiers(decision)),
    )


def _entity(label: str, vocabulary: Vocabulary) -> Entity:
    return Entity(label, assembly.find(label, vocabulary))


def _span(decision: Decision, start: str, end: str, document: Document) -> Span:
    cells = (decision[start], decision[end])
    if not all(cell.isdecimal() for cell in cells):
        raise DocumentError(decision.place, f"{start} and {end} must be numbers", "count code points from 0")
    span = Span(int(cells[0]), int(cells[1]))
    if not span.start < span.end <= len(document.text):
        raise DocumentError(decision.place, f"no text at {span.start} to {span.end}", "mend the offsets")
    return span
