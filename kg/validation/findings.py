"""What a check found: one record a problem, and the report that holds them all."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

VIOLATION = "violation"
WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Finding:
    """One problem: where it is, what is wrong there, and what to do about it.

    Attributes
    ----------
    severity : str
        "violation" (the graph is wrong) or "warning" (somebody should look).
    where : str
        The IRI of the node that has the problem; empty where the whole graph has it.
    fact : str
        The fact it belongs to, in words ("clonazepam - caution - liver disease"); empty where there is none.
    document : str
        The name of the document it belongs to; empty where there is none.
    problem : str
        What is wrong, one sentence.
    remedy : str
        What to do about it, one sentence.
    source : str
        Who says so: the IRI of a shape, or the name of a check.
    value : str
        The value that is wrong, where the source names one.
    """

    severity: str
    where: str
    fact: str
    document: str
    problem: str
    remedy: str
    source: str
    value: str = ""

    @property
    def order(self) -> tuple[str, ...]:
        """Its place among others: violations first, then by document, fact and source."""
        return (self.severity, self.document, self.fact, self.where, self.source, self.value, self.problem)


@dataclass(frozen=True, slots=True)
class Looked:
    """How many focus nodes a shape judged."""

    shape: str
    focus_nodes: int


@dataclass(frozen=True, slots=True)
class Report:
    """All findings, and how much was looked at: nothing passes because nothing was judged.

    Attributes
    ----------
    findings : tuple of Finding
        Sorted, violations first.
    fact_nodes : int
        How many nodes are facts.
    focus_nodes : int
        How many of them some shape looks at.
    documents : int
        How many documents there are.
    checked_quotes : int
        How many quotes were compared with the text of their document.
    unchecked_quotes : int
        How many could not be, because the text is not at hand.
    checked_copies : int
        Of how many documents the record of copies was found again from the texts.
    unchecked_copies : int
        Of how many it could not be, because a text is not at hand.
    shapes : int
        How many shapes judged.
    queries : int
        How many check queries ran.
    validator : str
        Which validator judged by the shapes: "fast", "pyshacl" (the reference), or "both".
    reason : str
        Why the reference did although the fast one was wanted.
    judged : tuple of Looked
        How many focus nodes each shape judged; a shape that others refer to has none of its own.
    """

    findings: tuple[Finding, ...]
    fact_nodes: int = 0
    focus_nodes: int = 0
    documents: int = 0
    checked_quotes: int = 0
    unchecked_quotes: int = 0
    checked_copies: int = 0
    unchecked_copies: int = 0
    shapes: int = 0
    queries: int = 0
    validator: str = ""
    reason: str = ""
    judged: tuple[Looked, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong; warnings alone do not make a graph wrong."""
        return not any(finding.severity == VIOLATION for finding in self.findings)

    def counts(self) -> dict[str, int]:
        """Return how many findings there are of each severity.

        >>> Report((Finding("warning", "", "", "", "", "", ""),)).counts()
        {'violation': 0, 'warning': 1}
        """
        found = Counter(finding.severity for finding in self.findings)
        return {severity: found[severity] for severity in (VIOLATION, WARNING)}


def of_graph(problem: str, remedy: str, source: str, value: str = "") -> Finding:
    """Make a finding that is about the whole graph."""
    return Finding(VIOLATION, "", "", "", problem, remedy, source, value)
