"""Which of some drugs ask for least care in one patient: a table with the reason in every cell, and no score."""

from __future__ import annotations

from collections.abc import Iterable

from kg.care import gather, scale
from kg.care.answers import care, things_of
from kg.care.gather import Graph
from kg.care.items import concern
from kg.care.patient import name_of
from kg.care.records import CautionAnswer, Cell, FitRow, FitTable, Item
from kg.records import Entity

UNKNOWN = "caution"
"""Where nothing is stated, a cell counts for the order as just worse than this level: unknown is never safe."""


def fit(graph: Graph, drugs: Iterable[str], patient: Iterable[str]) -> FitTable:
    """Rank drugs for a patient: the conditions, populations and activities of the patient, and the drugs taken.

    The order compares the drugs' cells from the worst to the best, as words in a dictionary are compared: the drug
    whose worst cell is less severe comes first; where they are equal, the next worst cells decide. Drugs with the same
    cells share a place. A cell counts by the most severe level that is stated, of the drug, its class or something
    wider than the condition; by what follows from a rule only where nothing is stated. A level that holds only under a
    limit that is not known of the patient ("if severe") counts half a step less. A cell in which nothing is stated
    counts as just worse than "caution"; one in which documents name no level, as "caution". A drug of which nothing is
    stated in any cell has no place and comes last.

    Parameters
    ----------
    graph : Graph
        The graph to ask.
    drugs : iterable of str
        The drugs to compare, by name or IRI.
    patient : iterable of str
        What is known of the patient, by name or IRI; a severity may stand before a condition, and words such as
        "takes" before a drug (`queries/patient.toml`).

    Raises
    ------
    UnknownNameError
        When nothing is called as a name says.
    """
    known = tuple(dict.fromkeys(name_of(graph, one) for one in patient))
    shelf = gather.shelf(graph)
    people = tuple(iri for one in known for iri in things_of(graph, one)[1] if "Population" in shelf.types(iri))
    rows: list[tuple[tuple[float, ...], Entity, tuple[Cell, ...]]] = []
    for drug in dict.fromkeys(drugs):
        cells = tuple(_cell(care(graph, drug, one, people=people)) for one in known)
        answered = (
            cells[0].answer.drug if cells else shelf.entity(drug if "://" in drug else graph.names.drug(drug).iri)
        )
        rows.append((_weights(cells), answered, cells))
    rows.sort(key=lambda row: (_is_unknown(row[2]), row[0], row[1].label.casefold(), gather.iri_of(row[1])))
    placed: list[FitRow] = []
    for number, (weights, drug_, cells) in enumerate(rows, 1):
        if _is_unknown(cells):
            placed.append(FitRow(drug_, None, cells))
            continue
        same = number > 1 and weights == rows[number - 2][0]
        placed.append(FitRow(drug_, placed[-1].place if same else number, cells))
    return FitTable(tuple(_label(graph, one) for one in known), tuple(placed))


def _label(graph: Graph, name: str) -> str:
    shelf = gather.shelf(graph)
    severity, things = things_of(graph, name)
    first = min(things, key=lambda one: scale.CONCERN_ORDER.index(concern(shelf.types(one), "")))
    return " ".join(filter(None, ((severity or "").replace("_", " "), shelf.entity(first).label)))


def _cell(answer: CautionAnswer) -> Cell:
    """Choose what decides: the worst of what is said; what is stated safe where nothing warns; then what follows."""
    said = [item for item in answer.items if item.sayings]
    follows = [item for item in answer.items if not item.sayings]
    chosen = max(said, key=heaviness, default=None)
    return Cell(answer, chosen or next(iter(answer.stated_safe), None) or next(iter(follows), None))


def heaviness(item: Item) -> float:
    """Return how much an item weighs in a table: by its worst level; where none is given, as caution."""
    levels = [s.level for s in item.sayings] or [d.level for d in item.derived]
    heaviest = max((scale.rank(level) or scale.rank(UNKNOWN) for level in levels), default=0)
    return heaviest - (0.5 if item.pending else 0)


def _is_unknown(cells: Iterable[Cell]) -> bool:
    return not any(cell.is_stated for cell in cells)


def _weights(cells: Iterable[Cell]) -> tuple[float, ...]:
    """Return the weights of a drug's cells, the worst first."""
    unknown = scale.rank(UNKNOWN) + 0.25
    return tuple(sorted((unknown if cell.item is None else heaviness(cell.item) for cell in cells), reverse=True))
