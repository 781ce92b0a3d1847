"""The errors that this package raises on purpose: one line each, naming the place, the rule and the remedy."""

from __future__ import annotations


class KgError(Exception):
    """Something that the user can mend.

    Parameters
    ----------
    place : str
        Where it is: a file, a file and line, an argument.
    problem : str
        What is wrong there.
    remedy : str
        What to do about it.
    """

    def __init__(self, place: str, problem: str, remedy: str) -> None:
        super().__init__(place, problem, remedy)
        self.place, self.problem, self.remedy = place, problem, remedy

    def __str__(self) -> str:
        """`place: problem; remedy`, always on one line."""
        return " ".join(f"{self.place}: {self.problem}; {self.remedy}".split())


class DocumentError(KgError):
    """A document cannot be read."""


class OntologyError(KgError):
    """A file of the ontology (concepts, phrases, shapes) is not what it must be."""


class VocabularyError(KgError):
    """A public vocabulary, or what was compiled from some, cannot be read, written or trusted."""


class QueryError(KgError):
    """A query file, its header, its parameters or its SPARQL is wrong."""


class UnknownNameError(KgError):
    """A drug, question, format or document that nobody here knows."""


class NotUnderstoodError(KgError):
    """A question in words that matches none of the question forms."""


class GraphError(KgError):
    """A graph cannot be read, written or trusted."""
