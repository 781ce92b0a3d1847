"""The tools: each calls what the Python API calls, and writes it as an answer with its quotes checked."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from kg.assistants import arguments, cautious, finding
from kg.assistants.answer import NOTICE, Answer, Line, Parameter, Question, Thing
from kg.assistants.arguments import Arguments, Paged
from kg.assistants.desk import FACTS, MOST_BYTES, Desk, Quotes, count, short, thing
from kg.care import scale
from kg.errors import KgError, UnknownNameError
from kg.graph import terms
from kg.network.explanation import Hop, Path
from kg.network.view import Edge
from kg.questions import header, run
from kg.records import Fact

NOT_STATED = "not stated"
_NAMED = frozenset({"Drug", "DrugClass"})


@dataclass(frozen=True, slots=True)
class Found:
    """What a tool found: entries, written where they are shown; `truncated` where it has cut something itself."""

    verdict: str
    summary: str
    entries: Sequence[Callable[[Quotes], Line]]
    about: Fact | None = None
    truncated: bool = False


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool: its name, what it is for, what it takes, and what it does."""

    name: str
    title: str
    description: str
    takes: type[Arguments]
    run: Callable[..., Found] = field(repr=False)


def answer(desk: Desk, tool: Tool, asked: Arguments) -> Answer:
    """Run a tool, and write what of its answer is shown: so many entries and so many bytes.

    Raises
    ------
    KgError
        When it cannot be answered.
    """
    found = tool.run(desk, asked)
    quotes = desk.quotes()
    lines: list[Line] = []
    offset = asked.offset if isinstance(asked, Paged) else 0
    most = asked.limit if isinstance(asked, Paged) else len(found.entries)
    about = quotes.fact(found.about, 0) if found.about is not None else None
    quotes.left_out = False
    room = MOST_BYTES
    with desk.asking:  # facts are read where they are shown
        for entry in found.entries[offset : offset + most]:
            seen = quotes.unverified, quotes.left_out
            line = entry(quotes)
            room -= len(line.model_dump_json(exclude_defaults=True).encode())
            if room < 0 and lines:
                quotes.unverified, quotes.left_out = seen
                break
            lines.append(line)
    total = len(found.entries)
    return Answer(
        notice=NOTICE,
        verdict=found.verdict,
        summary=found.summary,
        documents_looked_at=len(desk.graph.documents),
        total=total,
        shown=len(lines),
        truncated=found.truncated or quotes.left_out or len(lines) < total,
        unverified=quotes.unverified,
        about=about,
        lines=tuple(lines),
    )


def not_stated(desk: Desk, more: str = "") -> str:
    """Say that no document says it, which is not the same as "no"."""
    looked = f"{count(len(desk.graph.documents))} looked at{more}"
    return f'Not stated in these documents ({looked}). What is not stated is unknown: neither "yes" nor "no".'


def _find_entity(desk: Desk, asked: arguments.FindEntity) -> Found:
    with desk.asking:
        matches = finding.find(desk.graph, asked.name)
    if not matches:
        return Found(NOT_STATED, f"Nothing is called so. {not_stated(desk)}", ())
    exact = sum(match.how == finding.NAME for match in matches)
    summary = f"{exact} of these {len(matches):,} are called so" if exact else "Nothing is called exactly so; these are"
    summary += ", the nearest first." if exact else " spelt nearly so, or have it in their name, the nearest first."
    return Found("found", summary, [match.line for match in matches])


def _cautions(desk: Desk, asked: arguments.Cautions) -> Found:
    if asked.min_level is not None:
        scale.check_level(asked.min_level)
    with desk.asking:
        drug, is_mended = desk.drug(asked.drug)
        said = cautious.ask(desk, drug, asked.about, asked.min_level, asked.population)
    entries = cautious.entries(said)
    of_drug = f", {len(said.documents):,} of them speak{'s' if len(said.documents) == 1 else ''} of it"
    if not entries:
        told = not_stated(desk, of_drug)
    else:
        told = (
            f"{said.verdict.capitalize()}: {len(entries):,} entries from {count(len(said.stating))}; "
            f"{count(len(desk.graph.documents))} looked at{of_drug}. What is not listed is not stated."
        )
    return Found(said.verdict, _mended(told, is_mended, said.drug.label), entries)


def _mended(told: str, is_mended: bool, label: str) -> str:
    return f"Understood as {label}, the only name that is spelt nearly so. {told}" if is_mended else told


def _facts_between(desk: Desk, asked: arguments.FactsBetween) -> Found:
    with desk.asking:
        ends = desk.entity(asked.a), desk.entity(asked.b)
    with desk.walking:  # the network of a large graph takes seconds to be read; nobody else waits for that
        said = desk.graph.explain(*ends, max_hops=asked.max_hops, limit=3)
    paths = said.paths()
    entries = [
        _hop(desk, path, f"path {number}", place, hop)
        for number, path in enumerate(paths, 1)
        for place, hop in enumerate(path.hops, 1)
    ]
    entries += [_edges(desk, "denied between the two", (edge,)) for edge in said.denied]
    is_cut = said.truncated or any(hop.count > FACTS for path in paths for hop in path.hops)
    direct = any(len(path.hops) == 1 for path in paths)
    if not entries:
        return Found(NOT_STATED, not_stated(desk, f"; no path of at most {asked.max_hops} hops"), (), None, is_cut)
    verdict = "stated" if direct else "connected by way of others" if paths else "denied"
    verdict += " and denied" if direct and said.denied else ""
    summary = (
        f"{verdict.capitalize()}: {len(paths)} paths, the shortest first, and {len(said.denied)} denials, in "
        f"{count(len(said.stating))} of {len(desk.graph.documents):,} looked at. A path of several hops is no "
        "statement of any document; each hop is."
    )
    return Found(verdict, summary, entries, truncated=is_cut)


def _hop(desk: Desk, path: Path, part: str, place: int, hop: Hop) -> Callable[[Quotes], Line]:
    ends = thing(hop.start), thing(hop.end)
    return _edges(desk, part, hop.edges, hop.count, place, ends, round(path.strength, 4))


def _edges(
    desk: Desk,
    part: str,
    edges: Sequence[Edge],
    total: int = 1,
    hop: int | None = None,
    ends: tuple[Thing, Thing] | None = None,
    strength: float | None = None,
) -> Callable[[Quotes], Line]:
    """Return what writes a hop: its facts, or the step of the vocabulary that it is."""

    def line(quotes: Quotes) -> Line:
        said = tuple(desk.graph.fact(edge.iri) for edge in edges if edge.is_said)
        steps = sorted({f"vocabulary: {edge.iri}" for edge in edges if not edge.is_said})
        return Line(
            part=part,
            hop=hop,
            start=ends[0] if ends else None,
            end=ends[1] if ends else None,
            relation="; ".join(steps) or None,
            strength=strength,
            facts=quotes.facts(said),
            facts_total=total - len(steps),
        )

    return line


def _evidence(desk: Desk, asked: arguments.EvidenceOf) -> Found:
    with desk.asking:
        fact = desk.fact(asked.fact)
    entries = [lambda quotes, place=place: Line(evidence=(quotes.place(place),)) for place in fact.evidence]
    summary = (
        f"{'Denied' if fact.polarity == 'denied' else 'Stated'} at {len(entries):,} places in "
        f"{count(len(fact.documents))} of {len(desk.graph.documents):,} looked at; each was compared with the stored "
        "text for this answer."
    )
    return Found("denied" if fact.polarity == "denied" else "stated", summary, entries, fact)


def _list_questions(_: Desk, asked: arguments.ListQuestions) -> Found:
    words = asked.containing.lower().split()
    wanted = [
        one
        for one in map(header.question, header.catalogue())
        if all(word in f"{one.name} {one.title} {one.why}".lower() for word in words)
    ]
    summary = f"{len(wanted)} of {len(header.catalogue())} questions; run_question answers them."
    return Found("found" if wanted else "nothing found", summary, [_described(one) for one in wanted])


def _described(one: header.Question) -> Callable[[Quotes], Line]:
    question = Question(
        name=one.name,
        title=one.title,
        why=one.why,
        parameters=tuple(Parameter(name=p.name, type=p.type, example=p.example) for p in one.parameters),
        columns=tuple(column.name for column in one.columns),
    )
    return lambda _: Line(question=question)


def _run_question(desk: Desk, asked: arguments.RunQuestion) -> Found:
    question = header.question(asked.question)  # of the catalogue: a file is not read here
    types = {parameter.name: parameter.type for parameter in question.parameters}
    mended = []
    with desk.asking:
        values = dict(asked.parameters)
        for name, value in values.items():
            if types.get(name) in _NAMED:
                values[name], is_mended = desk.drug(value)
                mended += [name] if is_mended else []
            elif types.get(name) == "Entity":
                values[name] = desk.entity(value)
            elif "://" in value and types.get(name, "Text") != "Text":
                values[name] = desk.known(value)
        # All rows are counted, so that the answer tells how many there are.
        graph = desk.graph
        every = replace(question, limit=0)
        rows = run.run(graph.store, every, values, names=graph.names, remembered=graph.remembered)
    found = _table(desk, rows.columns, [dict(zip(rows.columns, row, strict=True)) for row in rows.rows])
    if mended:
        spelling = f"Misspelt, and understood as the only name that is spelt nearly so: {', '.join(mended)}. "
        found = replace(found, summary=spelling + found.summary)
    return found


def _select(desk: Desk, asked: arguments.Select) -> Found:
    return _table(desk, *desk.select(asked.sparql))


def _table(desk: Desk, columns: Sequence[str], rows: Sequence[Mapping[str, str]]) -> Found:
    """Write rows, each with the facts that it names."""
    if not rows:
        return Found(NOT_STATED, not_stated(desk), ())
    entries = [_row(desk, row) for row in rows]
    summary = f"{len(rows):,} rows of {len(columns)} columns, from {count(len(desk.graph.documents))} looked at."
    if not any(fact for row in rows for fact in _facts_of(row)):
        summary += " No column holds facts, so no row has evidence here."
    return Found("found", summary, entries)


def _row(desk: Desk, row: Mapping[str, str]) -> Callable[[Quotes], Line]:
    def line(quotes: Quotes) -> Line:
        named = list(dict.fromkeys(_facts_of(row)))
        facts = tuple(_existing(desk, named[:FACTS]))
        quotes.left_out |= len(named) > FACTS
        cells = {short(name, 60): short(value) for name, value in row.items() if value and not _is_fact(value)}
        return Line(quoted=cells, facts=quotes.facts(facts), facts_total=len(named))

    return line


def _existing(desk: Desk, named: Sequence[str]) -> Iterator[Fact]:
    for iri in named:
        try:
            yield desk.fact(iri)
        except KgError:  # a query can make any IRI
            continue


def _facts_of(row: Mapping[str, str]) -> Iterator[str]:
    for cell in row.values():
        if _is_fact(cell):
            yield from (part for part in cell.split(header.SEVERAL) if _is_fact(part))


def _is_fact(cell: str) -> bool:
    return cell.startswith(terms.FACT)


TOOLS: tuple[Tool, ...] = (
    Tool(
        "find_entity",
        "Find a name",
        "Find drugs, brands, classes, conditions, effects and so on by name, part of a name or misspelt name. Use it "
        "when another tool does not know a name.",
        arguments.FindEntity,
        _find_entity,
    ),
    Tool(
        "cautions",
        "What warrants caution with a drug",
        "What documents say warrants care with a drug, on one scale of care, most severe first: what is stated, what "
        "is said of its class, what follows by rules, what is denied and what documents state to be harmless; with "
        "`about`, with one condition, person, activity, food or drug. Every entry with its quotes.",
        arguments.Cautions,
        _cautions,
    ),
    Tool(
        "facts_between",
        "Facts between two things",
        "What documents say that connects two things: direct facts, paths over others, and denials, every hop with its "
        "quotes.",
        arguments.FactsBetween,
        _facts_between,
    ),
    Tool(
        "evidence",
        "Evidence of a fact",
        "All places where documents say a fact: document, offsets and quote, each compared with the stored text now. A "
        "place whose text is absent or changed has no quote and says why.",
        arguments.EvidenceOf,
        _evidence,
    ),
    Tool(
        "list_questions",
        "Questions that can be asked",
        "The questions that come with the package, with their parameters: indications, adverse effects, interactions, "
        "dosing, stopping, comparisons, contradictions and more.",
        arguments.ListQuestions,
        _list_questions,
    ),
    Tool(
        "run_question",
        "Ask one of the questions",
        "Answer one of the questions of `list_questions`; each row with the facts and quotes behind it.",
        arguments.RunQuestion,
        _run_question,
    ),
    Tool(
        "select",
        "Run a SPARQL query",
        "Answer a SELECT or ASK over the graph, read-only, with limits of time, memory and size. For what the "
        "questions do not answer.",
        arguments.Select,
        _select,
    ),
)


def find(name: str) -> Tool:
    """Return a tool by its name.

    Raises
    ------
    UnknownNameError
        When there is none.
    """
    for tool in TOOLS:
        if tool.name == name:
            return tool
    names = ", ".join(tool.name for tool in TOOLS)
    raise UnknownNameError("tool", f'there is no tool of the name "{short(name, 60)}"', f"use one of {names}")
