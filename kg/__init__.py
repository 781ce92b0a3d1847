"""What documents say about drugs, as facts with their evidence. Information about documents, not medical advice.

>>> import kg
>>> graph = kg.load()
>>> graph.query("documents").columns[0]
'document'
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kg.api import Graph
    from kg.drugs import ClassView, DrugView
    from kg.errors import KgError
    from kg.evaluation import Score
    from kg.questions.answer import Answer
    from kg.questions.run import Rows
    from kg.records import Derived, Entity, Evidence, Fact, Link, Statement
    from kg.results.facts import Facts
    from kg.results.sequences import Records
    from kg.views import ConditionView, DocumentView

__all__ = [
    "Answer",
    "ClassView",
    "ConditionView",
    "Derived",
    "DocumentView",
    "DrugView",
    "Entity",
    "Evidence",
    "Fact",
    "Facts",
    "Graph",
    "KgError",
    "Link",
    "Records",
    "Rows",
    "Statement",
    "build",
    "evaluate",
    "load",
    "open",
]

_HOMES = {
    "Answer": "kg.questions.answer",
    "ClassView": "kg.drugs",
    "ConditionView": "kg.views",
    "Derived": "kg.records",
    "DocumentView": "kg.views",
    "DrugView": "kg.drugs",
    "Entity": "kg.records",
    "Evidence": "kg.records",
    "Fact": "kg.records",
    "Facts": "kg.results.facts",
    "Graph": "kg.api",
    "KgError": "kg.errors",
    "Link": "kg.records",
    "Records": "kg.results.sequences",
    "Rows": "kg.questions.run",
    "Statement": "kg.records",
}


def load(documents: Path | str | None = None) -> Graph:
    """Open the facts that come with the package; with the folder of documents, evidence shows its quotes."""
    from kg import api

    return api.load(documents)


def open(path: Path | str, documents: Path | str | None = None) -> Graph:  # noqa: A001
    """Open a folder that `kg build` wrote, any RDF file with facts, or by its address what `kg push` put on a server.

    Raises
    ------
    GraphError
        When there is no such folder, file or server, or it cannot be read.
    """
    from kg import api

    return api.open_graph(path, documents)


def build(
    paths: Iterable[Path | str] | Path | str,
    *,
    drug: str | None = None,
    decisions: Path | str | None = None,
    lexicon: Path | str | None = None,
    jobs: int | None = 1,
    scheduler: str | None = None,
) -> Graph:
    """Read documents and open what they say, in memory, with its quotes.

    `drug` names the subject of documents that name none, `decisions` is a file with a reader's corrections, `lexicon` a
    folder that `kg vocabulary add` wrote. `jobs` is the number of processes to read with (None: as many as there is
    work for), `scheduler` the address of a Dask cluster that reads instead; the same facts come out.

    Raises
    ------
    DocumentError
        When a path is missing, or no document at all can be read; what else is left out stands in `Graph.left_out`.
    """
    from kg import api

    return api.build(paths, drug=drug, decisions=decisions, lexicon=lexicon, jobs=jobs, scheduler=scheduler)


def evaluate(
    gold: Path | str,
    statements: Path | str | None = None,
    *,
    labels: Path | str | None = None,
    kind: str | None = None,
    drug: str | None = None,
) -> Score:
    """Hold statements, or what is extracted from the gold's own documents, against gold: precision, recall and F1.

    `gold` is a folder with `documents/*.txt` and `spans.jsonl`, or a file on openFDA labels, which are in the folder
    `labels` then; `statements` is what `kg extract --format jsonl` printed.

    Raises
    ------
    DocumentError
        When the gold, the labels or the statements cannot be read, or do not belong together.
    UnknownNameError
        When the gold has no such kind.
    """
    from kg import evaluation

    said, texts = (None if place is None else Path(place) for place in (statements, labels))
    return evaluation.evaluate(Path(gold), said, labels=texts, kind=kind, drug=drug)


def __getattr__(name: str) -> object:
    """Import a class where it is first used, so that `import kg` costs next to nothing."""
    if name not in _HOMES:
        raise AttributeError(f"module 'kg' has no attribute {name!r}")
    import importlib

    value: object = getattr(importlib.import_module(_HOMES[name]), name)
    globals()[name] = value
    return value
