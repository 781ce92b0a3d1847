"""Running questions: parameters become terms, terms are bound, SPARQL runs on Oxigraph, rows come back as text.

The default graph is the union of all graphs, here and everywhere in this package. No value is ever pasted into SPARQL.
"""

from __future__ import annotations

import difflib
import itertools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, overload

from kg.errors import QueryError
from kg.graph import terms
from kg.questions import binding, guard, header
from kg.questions.header import SEVERAL, Parameter, Question
from kg.questions.names import Names
from kg.results import frames, html

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl
    import pyoxigraph as ox

    from kg.graph.readable import Readable
    from kg.questions.remembered import Remembered

_POSITION = re.compile(r"error at (\d+):(\d+)")
_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^\s<>\"{}|\\^`]+")


@dataclass(frozen=True, slots=True)
class Rows:
    """A table of text: what a query answers. An unbound variable is an empty string; in frames it is missing.

    `truncated` tells that there are more rows: the question gives a limited number (`# limit:` in its header).

    >>> rows = Rows(("drug", "facts"), (("clonazepam", "3"), ("diazepam", "1")))
    >>> rows
    <2 rows of drug, facts>
    >>> rows[1:].to_dicts()
    [{'drug': 'diazepam', 'facts': '1'}]
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    truncated: bool = False

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.rows)

    def __iter__(self) -> Iterator[tuple[str, ...]]:
        """Go through the rows."""
        return iter(self.rows)

    @overload
    def __getitem__(self, place: int) -> tuple[str, ...]: ...

    @overload
    def __getitem__(self, place: slice) -> Rows: ...

    def __getitem__(self, place: int | slice) -> tuple[str, ...] | Rows:
        """Return a row, or a part of the table."""
        if not isinstance(place, slice):
            return self.rows[place]
        return Rows(self.columns, self.rows[place], self.truncated)

    def __repr__(self) -> str:
        """Say how many rows of which columns there are."""
        return f"<{len(self.rows):,} row{'' if len(self.rows) == 1 else 's'} of {', '.join(self.columns)}>"

    def column(self, name: str) -> tuple[str, ...]:
        """Return one column.

        Raises
        ------
        QueryError
            When there is no column of that name.
        """
        if name not in self.columns:
            raise QueryError(name, "no column of that name", "the columns are " + ", ".join(self.columns))
        place = self.columns.index(name)
        return tuple(row[place] for row in self.rows)

    def to_dicts(self) -> list[dict[str, str]]:
        """Return the rows as dictionaries, in order."""
        return [dict(zip(self.columns, row, strict=True)) for row in self.rows]

    def to_pandas(self) -> pd.DataFrame:
        """Return a frame of pandas: counts are numbers, documents lists, and levels on the scale of care.

        Raises
        ------
        KgError
            When pandas is not installed.
        """
        return frames.to_pandas(frames.of_table(self.columns, self.rows))

    def to_polars(self) -> pl.DataFrame:
        """Return a frame of polars; see `to_pandas`.

        Raises
        ------
        KgError
            When polars is not installed.
        """
        return frames.to_polars(frames.of_table(self.columns, self.rows))

    def _repr_html_(self) -> str:
        title = f"{len(self.rows):,} row{'' if len(self.rows) == 1 else 's'}"
        return html.table(title, self.columns, self.rows)


def find(name_or_file: str | Path) -> Question:
    """Return a question of the package by name, or of a user's `.rq` file.

    What is there as a file is read as a file; anything else is a name.

    Raises
    ------
    QueryError
        When the file cannot be used.
    UnknownNameError
        When it is neither.
    """
    path = Path(name_or_file)
    if isinstance(name_or_file, Path) or path.is_file():
        return header.read(path)
    name = str(name_or_file)
    known = name.removeprefix("questions/").removesuffix(".rq").replace("-", "_") in header.catalogue()
    return header.read(path) if name.endswith(".rq") and not known else header.question(name)


def run(
    store: Readable,
    question: Question | str | Path,
    parameters: Mapping[str, str] | None = None,
    *,
    names: Names | None = None,
    remembered: Remembered | None = None,
) -> Rows:
    """Answer a question.

    Parameters
    ----------
    store : Readable
        The graph.
    question : Question or str or Path
        A question record, the name of one of the package's, or a `.rq` file.
    parameters : mapping, optional
        The value of each parameter: a name in any spelling, or the IRI itself.
    names : Names, optional
        The names of the store, where they are looked up more than once.
    remembered : Remembered, optional
        The answers of the store, where it cannot change.

    Raises
    ------
    QueryError
        When a parameter is missing or unknown, or the SPARQL is wrong or not allowed.
    UnknownNameError
        When nothing is called as a parameter says.
    """
    asked = question if isinstance(question, Question) else find(question)
    values = dict(parameters or {})
    _check_parameters(asked, values)
    names = names or Names(store)
    bindings: list[dict[str, ox.NamedNode | ox.Literal]] = [{}]
    for parameter in asked.parameters:
        choices = _terms(parameter, values[parameter.name], names)
        bindings = [{**given, parameter.name: term} for given in bindings for term in choices]
    results = [answered(store, asked, given, remembered) for given in bindings]
    if len(results) == 1:
        return results[0]
    seen: dict[tuple[str, ...], None] = {}
    for result in results:  # a name that two concepts bear is asked for both
        seen.update(dict.fromkeys(result.rows))
    return Rows(results[0].columns, tuple(seen), any(result.truncated for result in results))


def answered(
    store: Readable,
    question: Question,
    bindings: Mapping[str, ox.NamedNode | ox.Literal],
    remembered: Remembered | None,
) -> Rows:
    """Run the SPARQL of a question as `execute` does, unless its answer is remembered."""

    def answer() -> Rows:
        return execute(store, question, bindings)

    return answer() if remembered is None else remembered.rows(store, question, bindings, answer)


def written(question: Question, parameters: Mapping[str, str], names: Names) -> str:
    """Return the SPARQL of a question with the terms of its parameters in it, to be asked of any endpoint.

    Raises
    ------
    QueryError
        When a parameter is missing or unknown, or the SPARQL is not allowed.
    UnknownNameError
        When nothing is called as a parameter says.
    """
    _check_parameters(question, parameters)
    given = {p.name: _terms(p, parameters[p.name], names)[0] for p in question.parameters}
    sparql, replaced = binding.bind(guard.check(question.sparql, question.place), given)
    left = {name: term for name, term in given.items() if name not in replaced}
    if not left:
        return sparql
    variables, values = (" ".join(each) for each in ((f"?{name}" for name in left), map(str, left.values())))
    return f"{sparql.rstrip()}\nVALUES ({variables}) {{ ({values}) }}\n"


def run_text(store: Readable, sparql: str, place: str = "query") -> Rows:
    """Answer a query given as text, without parameters.

    Raises
    ------
    QueryError
        When it is wrong or not allowed.
    """
    return execute(store, header.parse(sparql, place, place), {})


def execute(store: Readable, question: Question, bindings: Mapping[str, ox.NamedNode | ox.Literal]) -> Rows:
    """Run the SPARQL of a question with terms bound to its variables.

    Raises
    ------
    QueryError
        When it is wrong or not allowed, or does not give the columns that its header promises.
    """
    import pyoxigraph as ox

    sparql = guard.passed(question.sparql)
    if sparql is None:
        sparql = guard.check(question.sparql, question.place, lambda iri: _is_here(store, iri))
    sparql, replaced = binding.bind(sparql, bindings)
    substitutions: dict[ox.Variable, ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple] = {
        ox.Variable(name): term for name, term in bindings.items() if name not in replaced
    }
    result: object = None
    try:
        result = store.query(sparql, prefixes=terms.PREFIXES, substitutions=substitutions or None)
        if isinstance(result, ox.QueryBoolean):
            return Rows(("answer",), (("true" if result else "false",),))
        if isinstance(result, ox.QueryTriples):
            triples = sorted({tuple(_text(part) for part in triple) for triple in result})
            return Rows(("subject", "predicate", "object"), tuple(triples))
        if not isinstance(result, ox.QuerySolutions):
            raise TypeError("SPARQL gives a truth, triples or rows")
        variables = [variable.value for variable in result.variables]
        columns = _columns(question, variables)
        wanted = itertools.islice(result, question.limit or None)
        rows = tuple(tuple(_cell(row[column.name], column.several) for column in columns) for row in wanted)
        return Rows(tuple(column.name for column in columns), rows, next(iter(result), None) is not None)
    except SyntaxError as error:
        raise _wrong(question, str(error)) from None
    except (RuntimeError, ValueError, OSError) as error:
        raise QueryError(question.place, f"the query fails ({error})", "ask less, or otherwise") from None
    finally:
        result = None  # rows are let go where they were made: an error that somebody keeps would keep them


def _is_here(store: Readable, iri: str) -> bool:
    import pyoxigraph as ox

    try:
        return store.contains_named_graph(ox.NamedNode(iri))
    except ValueError:
        return False


def _check_parameters(question: Question, values: Mapping[str, str]) -> None:
    wanted = {parameter.name: parameter for parameter in question.parameters}
    for name in values:
        if name not in wanted:
            close = difflib.get_close_matches(name, wanted, n=1)
            known = f"did you mean {close[0]}?" if close else _takes(question)
            raise QueryError(question.name, f'there is no parameter "{name}"', known)
    for name, parameter in wanted.items():
        if not values.get(name, "").strip():
            remedy = f'name it, for instance {name}="{parameter.example}"'
            raise QueryError(question.name, f'the parameter "{name}" is missing', remedy)


def _takes(question: Question) -> str:
    names = ", ".join(parameter.name for parameter in question.parameters)
    return f"it takes {names}" if names else "it takes none"


def _terms(parameter: Parameter, value: str, names: Names) -> list[ox.NamedNode | ox.Literal]:
    import pyoxigraph as ox

    if parameter.type == "Text":
        return [ox.Literal(value)]
    if _IRI.fullmatch(value):
        return [ox.NamedNode(value)]
    if parameter.type in {"Drug", "DrugClass"}:
        return [ox.NamedNode(names.drug(value).iri)]
    if parameter.type == "Document":
        return [ox.NamedNode(names.document(value).iri)]
    if parameter.type == "Entity":
        return [ox.NamedNode(named.iri) for named in names.entity(value)]
    return [ox.NamedNode(names.listed(value, parameter.type).iri)]


def _columns(question: Question, variables: list[str]) -> tuple[header.Column, ...]:
    missing = [column.name for column in question.columns if column.name not in variables]
    if missing:
        raise QueryError(
            question.place, f'the header promises a column "{missing[0]}"', "select a variable of that name"
        )
    return question.columns or tuple(header.Column(name) for name in variables)


def _text(term: object) -> str:
    return "" if term is None else str(getattr(term, "value", term))


def _cell(term: object, several: bool) -> str:
    text = _text(term)
    # the engine joins values in the order in which it meets them; sorted, the same graph gives the same bytes
    return SEVERAL.join(sorted({part for part in text.split(SEVERAL) if part})) if several else text


def _wrong(question: Question, message: str) -> QueryError:
    found = _POSITION.search(message)
    place = f"{question.place}:{found[1]}" if found else question.place
    problem = message.split(": ", 1)[-1] if found else message
    shown = problem if len(problem) <= 160 else problem[:160] + "…"
    return QueryError(place, f"not SPARQL ({shown})", "mend the query at that line")
