"""The tables of questions, and when a question of them is understood rightly."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from kg.errors import NotUnderstoodError, UnknownNameError
from kg.questions import forms, tokens, understanding
from tests import asked

FOLDER = Path(__file__).parent / "questions"
# In these the order of the drugs changes nothing.
MUTUAL = frozenset({"compare", "fit", "interactions_among", "shared_risks", "explain", "care"})
# These say a thing by themselves.
OWN_THING = frozenset({"pregnancy", "administration", "emergency"})

# The food of `administration` is its own.
OWN_FOOD = frozenset({"food"})
# These ask for what acts on a target.
OF_TARGETS = frozenset({"drugs_working_by"})

# Of two drugs and nothing else these give the same answer.
OF_A_PAIR = frozenset({"interactions_among", "care"})

# Among the forms: it is no miss where the question is refused.
MAY_BE_REFUSED = "refused"

Case = dict[str, str]


def table(name: str) -> list[Case]:
    """Read a table of questions."""
    with (FOLDER / name).open(encoding="utf-8", newline="") as stream:
        rows = csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE)
        return [{key: value or "" for key, value in row.items()} for row in rows]


def problem(case: Case) -> str:
    """Say what is wrong with how a question is understood; nothing where all is right."""
    try:
        found = understanding.understand(case["wording"], asked.graph().names)
    except UnknownNameError as error:
        if MAY_BE_REFUSED in case["form"].split("|"):
            return ""
        is_suggested = case["suggested"] and all(drug in error.remedy for drug in _cells(case["drugs"]))
        return "" if is_suggested else str(error)
    except NotUnderstoodError as error:
        return "" if MAY_BE_REFUSED in case["form"].split("|") else str(error)
    wanted_forms, name = case["form"].split("|"), found.form.name
    drugs, wanted = [drug.label for drug in found.drugs], [_label_of_drug(cell) for cell in _cells(case["drugs"])]
    things = [_all_names(thing) for thing in found.things]
    is_pair = {name, *wanted_forms} >= OF_A_PAIR and len(drugs) + len(things) == len(wanted) == 2
    right = {
        "form": name in wanted_forms or is_pair,
        "drugs": (is_pair and set(wanted) <= {*drugs, *(label for one in things for label in one)})
        or ((sorted(drugs) == sorted(wanted)) if name in MUTUAL else drugs == wanted),
        "things": is_pair or _are_right(case, found),
        "and/or": len(things) < 2 or found.either == (" or " in case["things"]),
        "without": _same(_cells(case["without"]), map(_all_names, found.without)),
        "suggested": not case["suggested"] or bool(found.corrected),
    }
    return "; ".join(f"{key} is wrong: {found.to_dict()}" for key, is_right in right.items() if not is_right)


def _are_right(case: Case, found: understanding.Understood) -> bool:
    """Tell whether the things are right: what a form says by itself counts, and so does what is told beside."""
    wanted, name = _cells(case["things"]), found.form.name
    own = frozenset(form.fixed["thing"] for form in forms.load().forms if form.name == name and "thing" in form.fixed)
    own |= OWN_FOOD if name == "administration" else set()
    things = [_all_names(thing) for thing in found.things]
    things += [own] if "thing" in found.form.fixed else []
    if _same(wanted, things) or _same(wanted, [*things, *map(_all_names, found.beside)]):
        return True
    if name in OF_TARGETS:  # what is done to a target asks for the target
        return len(things) == len(wanted) == 1 and any(_is_within(thing, wanted[0]) for thing in things[0])
    if not wanted:
        return all(thing & own for thing in things)
    return not found.things and ("|" in case["form"] or name in OWN_THING)


def _is_within(label: str, cell: str) -> bool:
    """Tell whether a cell has the words of a label."""
    return set(tokens.words(label)) <= set(tokens.words(cell))


def is_refused(wording: str) -> bool:
    """Tell whether a question is refused."""
    try:
        understanding.understand(wording, asked.graph().names)
    except (NotUnderstoodError, UnknownNameError):
        return True
    return False


def form(wording: str) -> str:
    """Return the form that a question is understood as; nothing where it is refused."""
    try:
        return understanding.understand(wording, asked.graph().names).form.name
    except (NotUnderstoodError, UnknownNameError):
        return ""


def totals(name: str, *, every: int = 1) -> Counter[bool]:
    """Count how many questions of a table are understood rightly (of refused ones: are refused), and never which."""
    rows = table(name)[::every]
    return Counter(not problem(case) if "form" in case else is_refused(case["wording"]) for case in rows)


def _cells(cell: str) -> list[str]:
    return [part for part in cell.replace(" or ", "; ").split("; ") if part]


def _label_of_drug(label: str) -> str:
    """Return the preferred label of what a cell names."""
    found = {named.label for named in asked.graph().names.find(label)}
    return label if label in found or len(found) != 1 else found.pop()


def _all_names(thing: understanding.Thing) -> frozenset[str]:
    """Return the IRIs of what was found, and its labels."""
    return thing.labels | {named.iri for named in thing.named}


def _names_of(cell: str) -> set[str]:
    """Return the labels in a cell, and the IRIs of the concepts that are called so."""
    labels = cell.split("|")
    return {*labels, *(named.iri for label in labels for named in asked.graph().names.find(label))}


def _same(wanted: list[str], found: Iterable[frozenset[str]]) -> bool:
    left = list(found)
    for label in wanted:
        hit = next((labels for labels in left if labels & _names_of(label)), None)
        if hit is None:
            return False
        left.remove(hit)
    return not left
