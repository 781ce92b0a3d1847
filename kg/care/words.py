"""Graded care in words: one sentence for an answer, a reason for a cell, a reason why a fact concerns the drug."""

from __future__ import annotations

from kg.care import records, scale
from kg.care.records import CautionAnswer, Cell, FitTable, Item, NeedingAnswer, Saying, Step
from kg.records import Entity, Fact, Link

FIT_RULE = (
    "Ordered by each drug's cells, the worst first, as words in a dictionary; what is not stated counts as just worse "
    "than caution, what holds only under a limit half a step less than without it; a drug of which nothing is stated "
    "has no place. No score, no statement of safety."
)


def count(number: int, noun: str) -> str:
    """Return a number with its noun.

    >>> count(1, "document"), count(2, "document")
    ('1 document', '2 documents')
    """
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def level(name: str | None) -> str:
    """Return a level as words.

    >>> level("not_recommended"), level(None)
    ('not recommended', 'no level given')
    """
    return name.replace("_", " ") if name else "no level given"


def summary(answer: CautionAnswer) -> str:
    """Say how many of the documents that speak of a drug say it, and what the verdict is."""
    drug, documents = answer.drug.label, answer.documents
    thing = subject_of(answer)
    among = among_documents(answer)
    any_of = "in " if len(documents) == 1 else "in any of "
    if not documents and answer.verdict in (records.NOT_STATED, records.RELATED):
        return f"No document speaks of {drug}."
    if answer.verdict == records.NOT_STATED:
        return not_stated(answer)
    if answer.verdict == records.FOLLOWS:
        return f"Not stated of {thing} {any_of}{among}; it follows from what is stated."
    if answer.verdict == records.WIDER:
        wider = "a class that it belongs to" if _is_of_class(answer) else "something wider"
        return f"Not stated of {thing} itself {any_of}{among}; it is, of {wider}."
    if answer.verdict == records.RELATED:
        return f"Not stated of {thing} itself {any_of}{among}; something related is."
    stated = _stating((*answer.items, *answer.stated_safe))
    denied = _stating(answer.denied) if answer.things else set()
    parts = [f"stated in {len(stated)}"] if stated else []
    parts += [f"denied in {len(denied)}"] if denied else []
    parts = parts or [f"denied in {len(_stating(answer.denied))}"]
    if len(documents) == 1:
        verbs = " and ".join(part.split()[0] for part in parts)
        return f"{verbs.capitalize()} in {among}."
    return f"{', '.join(parts).capitalize()} of {among}."


def _is_of_class(answer: CautionAnswer) -> bool:
    return any(item.origin == scale.CLASS for item in (*answer.items, *answer.stated_safe, *answer.denied))


def among_documents(answer: CautionAnswer) -> str:
    """Name the documents that were asked."""
    number = len(answer.documents)
    return (
        f"the one document that speaks of {answer.drug.label}"
        if number == 1
        else (f"the {number:,} documents that speak of {answer.drug.label}")
    )


def not_stated(answer: CautionAnswer) -> str:
    """Say that no document says it, which means neither "no" nor "safe"."""
    in_any = "in" if len(answer.documents) == 1 else "in any of"
    return f"Not stated {in_any} {among_documents(answer)}."


def subject_of(answer: CautionAnswer) -> str:
    """Name what was asked about together with the drug."""
    if not answer.things:
        return "any condition"
    severity = f"{answer.severity.replace('_', ' ')} " if answer.severity else ""
    return severity + answer.things[0].label


def because(steps: tuple[Step, ...]) -> str:
    """Say by which steps a fact about something else concerns the drug or the thing; empty where there is none.

    >>> because((Link(Entity("gout"), Entity("arthritis")), Link(Entity("arthritis"), Entity("joint disease"))))
    'gout is a kind of arthritis, and that of joint disease'
    """
    said: list[str] = []
    above: Entity | None = None
    for step in steps:
        if not isinstance(step, Link):
            said.append(f"a document says that {step.subject.label} is of the class {step.object.label}")
            above = step.object
            continue
        is_next = above is not None and above == step.narrower
        what = "and that" if is_next else f"{step.narrower.label} is a kind"
        said.append(f"{what} of {step.broader.label}")
        above = step.broader
    return ", ".join(said)


def of_whom(saying: Saying, drug: Entity) -> str:
    """Say of whom documents say it where that is not the drug itself: "said of benzodiazepine".

    Where a document about another medicine names a class of the drug, it is said with that class.
    """
    if saying.origin == scale.STATED:
        return ""
    classes = {step.broader if isinstance(step, Link) else step.object for step in saying.steps}
    subjects = dict.fromkeys(f.subject.label for f in saying.facts if f.subject in classes)
    objects = dict.fromkeys(f.object.label for f in saying.facts if f.object in classes and f.subject != drug)
    told = (f"said of {', '.join(subjects)}" if subjects else "", f"said with {', '.join(objects)}" if objects else "")
    return "; ".join(filter(None, told))


def reason(cell: Cell) -> str:
    """Say in a few words what decides a cell, and what no document says."""
    answer, item = cell.answer, cell.item
    if item is None:
        return " ".join(filter(None, (_unstated(answer), _denied(answer), _only_for(answer))))
    said = [level(cell.level)]
    if item.when:
        said.append(item.when)
    if item.origin == scale.DERIVED:
        said[0] = f"not stated; {said[0]} follows"
        said.append(item.derived[0].why)
    elif item.origin != scale.STATED or item.object not in answer.things:
        said.append(_said_of(item, answer))
    return "; ".join(filter(None, (*said, _denied(answer))))


def _said_of(item: Item, answer: CautionAnswer) -> str:
    of = next((text for s in item.sayings if (text := of_whom(s, answer.drug))), "")
    name = "" if item.object in answer.things else f"said of {item.object.label}"
    return "; ".join(filter(None, (of, name if not of else f"with {item.object.label}" if name else "")))


def _unstated(answer: CautionAnswer) -> str:
    if not answer.documents:
        return f"no document speaks of {answer.drug.label}"
    documents = count(len(answer.documents), "document")
    return f"not stated in any of {documents}" if len(answer.documents) != 1 else "not stated in the one document"


def _denied(answer: CautionAnswer) -> str:
    levels = dict.fromkeys(level(s.level) if s.level else s.facts[0].kind for i in answer.denied for s in i.sayings)
    return f"denied: {', '.join(levels)}" if levels else ""


def _only_for(answer: CautionAnswer) -> str:
    names = dict.fromkeys(item.object.label for item in (*answer.only_for, *answer.near))
    shown = ", ".join(list(names)[:2]) + (f" and {len(names) - 2} more" if len(names) > 2 else "")
    return f"(only for: {shown})" if names else ""


def needing(answer: NeedingAnswer) -> str:
    """Say how many drugs need care, and how many of them are shown."""
    names = f" {answer.combine} ".join(things[0].label for things in answer.things if things)
    among = count(len(answer.documents), "document")
    beside = f" Of {count(answer.only_for_total, 'drug')}{' more' if answer.total else ''} it is said only of something"
    beside = f"{beside} narrower." if answer.only_for_total else ""
    if not answer.total:
        return f"Not stated of any drug in any of {among}: care with {names}.{beside}"
    shown = f"; the first {len(answer.drugs):,} are shown" if answer.truncated else ""
    verb = "needs" if answer.total == 1 else "need"
    return f"{count(answer.total, 'drug')} {verb} care with {names}, by {among}{shown}.{beside}"


def fitting(table: FitTable) -> str:
    """Say how many drugs are compared, and in how many cells nothing is stated."""
    cells = sum(len(row.cells) for row in table.rows)
    unknown = sum(row.not_stated for row in table.rows)
    return (
        f"{count(len(table.rows), 'drug')} compared for a patient with {', '.join(table.patient)}; "
        f'not stated in {unknown} of {count(cells, "cell")}, which is never "safe".'
    )


def _stating(items: tuple[Item, ...]) -> set[str]:
    """Return the documents that state it of the drug and the thing themselves."""
    stated = (s for item in items for s in item.sayings if s.origin == scale.STATED)
    return {name for saying in stated for name in saying.documents}


def rests_on(fact: Fact) -> str:
    """Say a fact in a line: subject, kind, object, and what limits it."""
    more = [f"{key}: {value.replace('_', ' ')}" for key, value in fact.qualifiers.items()]
    limits = f" ({'; '.join(more)})" if more else ""
    kind = fact.kind.replace("_", " ")
    return f"{fact.subject.label}: {kind}: {fact.object.label}{limits}"
