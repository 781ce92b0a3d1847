"""Questions in plain words: a question form and its names are found, the question is run, the answer says how sure.

There is no language model: `queries/forms.toml` holds the forms. A question that none of them accounts for, word by
word, is refused with a list of what can be asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Protocol

from kg.errors import NotUnderstoodError
from kg.graph import terms
from kg.questions import forms, graded, header, run
from kg.questions.answer import BOTH, DENIED, NOT_STATED, RELATED, STATED, Answer
from kg.questions.forms import DRUG, Form, Match
from kg.questions.names import MEDICINES, Named, Names
from kg.questions.run import Rows

if TYPE_CHECKING:
    import pyoxigraph as ox

    from kg.graph.encode import Source
    from kg.records import Fact

_LONGEST_QUESTION = 400
_LONGEST_NAME = 6
_UNKNOWN_WORDS = 3
_RELATED = frozenset({"narrower", "wider", "stopping"})


class Asked(Protocol):
    """What a graph must offer to be asked."""

    @property
    def store(self) -> ox.Store:
        """The store with everything in it."""

    @property
    def names(self) -> Names:
        """The names in the store."""

    @property
    def documents(self) -> tuple[Source, ...]:
        """What is known about the documents."""

    def fact(self, iri: str) -> Fact:
        """Return a fact by its IRI, with quotes where the texts are at hand."""


@dataclass(frozen=True, slots=True)
class Understood:
    """A question in terms of the graph: its form, and the names in it."""

    form: Form
    drug: Named | None
    thing: tuple[Named, ...]
    parameters: Mapping[str, str]

    @property
    def sentence(self) -> str:
        """The question with the names that the vocabulary prefers."""
        sentence = self.form.understood
        if self.drug is not None:
            sentence = sentence.replace(DRUG, self.drug.label)
        if self.thing:
            sentence = sentence.replace("{thing}", self.thing[0].label)
        return sentence[:1].upper() + sentence[1:]


def ask(question: str, graph: Asked) -> Answer:
    """Answer a question in plain words.

    Parameters
    ----------
    question : str
        For instance "What conditions warrant caution with Klonopin?".
    graph : Graph
        The graph to ask.

    Raises
    ------
    NotUnderstoodError
        When no form accounts for every word; the error lists what can be asked.
    UnknownNameError
        When a form fits, but nothing in the graph has the name in it.
    """
    understood = understand(question, graph.names)
    form, parameters = understood.form.question, understood.parameters
    if form in graded.FORMS:
        return graded.answer(question, form, understood.sentence, parameters, graded.ask(graph, form, parameters))
    asked = header.question(understood.form.question)
    rows = run.run(graph.store, asked, understood.parameters, names=graph.names)
    documents = tuple(_documents(graph.store, understood.drug))
    cache: dict[str, Fact] = {}
    facts = tuple(tuple(_facts(row, graph, cache)) for row in rows.to_dicts())
    stating = _stating(rows)
    verdict = _verdict(rows)
    return Answer(
        asked=question,
        form=understood.form.question,
        understood_as=understood.sentence,
        parameters=understood.parameters,
        rows=rows,
        facts=facts,
        verdict=verdict,
        summary=_summary(verdict, rows, documents, understood),
        stating=stating,
        documents=documents,
    )


def understand(question: str, names: Names) -> Understood:
    """Find the form of a question and the names in it.

    Raises
    ------
    NotUnderstoodError
        When no form accounts for every word.
    UnknownNameError
        When a form fits, but nothing in the graph has the name in it.
    """
    table = forms.load()
    words = forms.words(question) if len(question) <= _LONGEST_QUESTION else []
    if not words:
        raise _not_understood(question, "is empty" if not question.strip() else "is not understood", ())
    unresolved: list[tuple[Named | None, Match]] = []
    for thorough in (False, True):
        readings = list(_readings(words, names, table, thorough=thorough))
        for drug, match in readings:
            found = _resolve(drug, match, names, thorough=thorough)
            if found is not None:
                return found
        unresolved = readings or unresolved
    mentioned = {place for start, end, _ in _mentions(words, names, table.fillers) for place in range(start, end)}
    if len(mentioned) < 2:
        _complain_of_thing((match.thing for _, match in unresolved), names, table)
    _complain_of_drug(words, mentioned, names, table)
    strange = [w for place, w in enumerate(words) if place not in mentioned and not forms.is_known(w, table)]
    raise _not_understood(question, "is not understood", tuple(dict.fromkeys(strange)))


def can_be_asked() -> tuple[str, ...]:
    """List what can be asked, one sentence for each form, with DRUG and THING where names go."""
    sentences = (form.understood.replace(DRUG, "DRUG").replace("{thing}", "THING") for form in forms.load().forms)
    return tuple(dict.fromkeys(sentences))


def _readings(
    words: list[str], names: Names, table: forms.Forms, *, thorough: bool
) -> Iterator[tuple[Named | None, Match]]:
    """Give the ways to read a question: the drugs of the graph before all others, the most telling form first."""
    for start, end, named in _mentions(words, names, table.fillers, thorough=thorough):
        for match in forms.match([*words[:start], DRUG, *words[end:]], table):
            yield named, match
    for match in forms.match(words, table):  # forms about no particular drug come after all others
        yield None, match


def _mentions(
    words: list[str], names: Names, fillers: frozenset[str], *, thorough: bool = False
) -> list[tuple[int, int, Named]]:
    """Find drugs, brands and classes: longest first, none inside another; what the graph speaks of comes first."""
    found: list[tuple[int, int, Named]] = []
    taken: set[int] = set()
    for length in range(min(_LONGEST_NAME, len(words)), 0, -1):
        for start in range(len(words) - length + 1):
            phrase = words[start : start + length]
            if taken.intersection(range(start, start + length)) or {phrase[0], phrase[-1]} & fillers:
                continue
            medicines = [n for n in names.find(" ".join(phrase), thorough=thorough) if n.types.intersection(MEDICINES)]
            if medicines:
                taken.update(range(start, start + length))
                found.append((start, start + length, names.drug(" ".join(phrase))))
    return sorted(found, key=lambda m: (not names.is_subject(m[2].iri), "DrugClass" in m[2].types, m[0]))


def _resolve(drug: Named | None, match: Match, names: Names, *, thorough: bool) -> Understood | None:
    form = match.form
    parameters = dict(form.fixed)
    thing: tuple[Named, ...] = ()
    if drug is not None:
        parameters["drug"] = drug.iri
    wanted = match.thing or form.fixed.get("thing", "")
    if wanted:
        named = [n for n in names.find(wanted, thorough=thorough) if terms.is_entity(n.iri)]
        if not named or (drug is None and any(n.types.intersection(MEDICINES) for n in named)):
            return None
        thing = names.entity(wanted)
        parameters["thing"] = wanted
    return Understood(form, drug, thing, MappingProxyType(parameters))


def _complain_of_thing(things: Iterable[str], names: Names, table: forms.Forms) -> None:
    """Name the words that would have to be a condition, person, activity or food for the question to have a form.

    Raises
    ------
    UnknownNameError
        When there are such words, few enough to be a name.
    """
    for thing in things:
        words = thing.split()
        if len(words) <= _UNKNOWN_WORDS and not any(forms.is_known(word, table) for word in words):
            names.entity(thing)


def _complain_of_drug(words: list[str], mentioned: set[int], names: Names, table: forms.Forms) -> None:
    """Name the words that would have to be a drug for the question to have a form.

    Raises
    ------
    UnknownNameError
        When there are such words.
    """
    for length in range(1, _UNKNOWN_WORDS + 1):
        for start in range(len(words) - length + 1):
            phrase = words[start : start + length]
            if mentioned or any(forms.is_known(word, table) for word in phrase):
                continue
            fitting = forms.match([*words[:start], DRUG, *words[start + length :]], table)
            if any(not match.thing or names.find(match.thing) for match in fitting):
                names.drug(" ".join(phrase))


def _not_understood(question: str, problem: str, strange: tuple[str, ...]) -> NotUnderstoodError:
    shown = " ".join(question.split())
    shown = shown if len(shown) <= 80 else shown[:80] + "…"
    because = f" (no form has the words: {', '.join(strange[:5])})" if strange else ""
    return NotUnderstoodError(f'"{shown}"', problem + because, "what can be asked: " + " ".join(can_be_asked()))


def _facts(row: Mapping[str, str], graph: Asked, cache: dict[str, Fact]) -> Iterator[Fact]:
    iris = row.get("fact") or row.get("facts") or ""
    for iri in iris.split(header.SEVERAL):
        if iri.startswith(terms.FACT):
            if iri not in cache:
                cache[iri] = graph.fact(iri)
            yield cache[iri]


def _documents(store: ox.Store, drug: Named | None) -> Iterator[str]:
    """Give the names of the documents that speak of the drug, in whatever role, or of all documents."""
    from urllib.parse import unquote

    import pyoxigraph as ox

    node, union = ox.NamedNode, ox.DefaultGraph()
    if drug is None:
        found = {quad.subject for quad in store.quads_for_pattern(None, node(terms.DRUGS + "sha256"), None, union)}
    else:
        source, evidence = node(terms.OA + "hasSource"), node(terms.DRUGS + "evidence")
        found = set()
        roles = [node(terms.DRUGS + role) for role in ("subject", "object", "with")]
        about = [quad for role in roles for quad in store.quads_for_pattern(None, role, node(drug.iri), union)]
        for fact in about:
            for proof in store.quads_for_pattern(fact.subject, evidence, None, union):
                if isinstance(proof.object, ox.NamedNode):
                    quads = store.quads_for_pattern(proof.object, source, None, union)
                    found.update(quad.object for quad in quads if isinstance(quad.object, ox.NamedNode))
    yield from sorted(unquote(str(getattr(n, "value", "")).removeprefix(terms.DOCUMENT)) for n in found)


def _stating(rows: Rows) -> tuple[str, ...]:
    column = next((name for name in ("documents", "document") if name in rows.columns), None)
    cells = rows.column(column) if column else ()
    return tuple(sorted({name for cell in cells for name in cell.split(header.SEVERAL) if name}))


def _verdict(rows: Rows) -> str:
    if not len(rows):
        return NOT_STATED
    if "polarity" not in rows.columns:
        return STATED
    dicts = rows.to_dicts()
    own = [row for row in dicts if row.get("match") not in _RELATED]
    if not own:
        return RELATED
    polarities = {row["polarity"] for row in own}
    if len(polarities) > 1 and "match" in rows.columns:
        return BOTH
    return DENIED if polarities == {"denied"} else STATED


def _summary(verdict: str, rows: Rows, documents: tuple[str, ...], understood: Understood) -> str:
    """Say how many documents state it, deny it, or say nothing."""
    about = f" that speak{'s' if len(documents) == 1 else ''} of {understood.drug.label}" if understood.drug else ""
    if not documents:
        return f"No document speaks of {understood.drug.label}." if understood.drug else "There is no document."
    total = f"the {len(documents)} documents{about}" if len(documents) > 1 else f"the one document{about}"
    if verdict == NOT_STATED:
        return f"Not stated in any of {total}." if len(documents) > 1 else f"Not stated in {total}."
    thing = understood.thing[0].label if understood.thing else understood.form.fixed.get("thing", "it")
    if verdict == RELATED:
        related = f"something related is, in {len(_stating(rows))}"
        return f"Not stated of {thing} itself in any of {total}; {related}."
    if "polarity" not in rows.columns:
        return f"From {len(_stating(rows)) or len(documents)} of {total}."
    own = [row for row in rows.to_dicts() if row.get("match") not in _RELATED]
    counts = {polarity: _count(own, polarity) for polarity in ("affirmed", "denied")}
    if len(documents) == 1:
        verbs = [verb for verb, polarity in (("stated", "affirmed"), ("denied", "denied")) if counts[polarity]]
        return f"{' and '.join(verbs).capitalize()} in {total}."
    stated = f"Stated in {counts['affirmed']}" if counts["affirmed"] else ""
    denied = f"{'denied' if stated else 'Denied'} in {counts['denied']}" if counts["denied"] else ""
    return f"{', '.join(part for part in (stated, denied) if part)} of {total}."


def _count(rows: Iterable[Mapping[str, str]], polarity: str) -> int:
    cells = (row.get("documents") or row.get("document") or "" for row in rows if row["polarity"] == polarity)
    return len({name for cell in cells for name in cell.split(header.SEVERAL) if name})
