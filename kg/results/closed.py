"""Closed lists in the hands of people: their values as types, and errors that name the list and the closest value.

The literal types are for type checkers, which cannot read `ontology/drugs.ttl`; a test holds the two together.
"""

from __future__ import annotations

import difflib
import functools
import inspect
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Literal, ParamSpec, TypeVar, cast

from kg.errors import UnknownNameError
from kg.vocabulary import schema
from kg.vocabulary.schema import Qualifier, Value

Kind = Literal[
    "brand_name",
    "drug_class",
    "mechanism",
    "pharmacologic_effect",
    "indication",
    "adverse_effect",
    "withdrawal_effect",
    "contraindication",
    "caution",
    "interaction",
    "dosage",
    "pharmacokinetics",
    "pregnancy_category",
    "alternative",
    "advice",
]
Level = Literal[
    "contraindicated", "avoid", "not_recommended", "caution", "monitor", "adjust_dose", "no_data", "stated_safe"
]
Polarity = Literal["affirmed", "denied"]
Frequency = Literal["very_common", "common", "uncommon", "rare", "very_rare", "unknown"]
Severity = Literal["life_threatening", "serious", "severe", "moderate", "mild"]
Approval = Literal["labelled", "off_label"]
Use = Literal["treatment", "prevention", "adjunct", "diagnosis"]
Stage = Literal["initial", "maintenance", "maximum", "single"]
Topic = Literal["administration", "monitoring", "stopping", "emergency", "storage"]

P = ParamSpec("P")
R = TypeVar("R")

_NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")
_PERCENT = re.compile(r"%|per ?cent")
_OF = re.compile(r"(\d[\d,]*)\s*(?:/|in|of|out of)\s*(\d[\d,]*)")


def value(word: str, what: str, listed: Iterable[str]) -> str:
    """Return the value of a closed list that a word means, however its case and spaces are.

    Raises
    ------
    UnknownNameError
        When the list has no such value; the error lists them and names the closest.

    >>> value("Not recommended", "level of care", schema.load().levels)
    'not_recommended'
    """
    known = {name.casefold(): name for name in listed}
    wanted = "_".join(word.casefold().replace("-", " ").split())
    if wanted not in known:
        raise unknown(word, f"no such {what}", known.values())
    return known[wanted]


def unknown(word: str, problem: str, listed: Iterable[str]) -> UnknownNameError:
    """Make the error for a word that is not on a list: it says what is, and what is spelt nearly so."""
    names = list(listed)
    close = difflib.get_close_matches(word.casefold(), names, n=1)
    hint = f" (did you mean {close[0]}?)" if close else ""
    return UnknownNameError(word, problem, f"use {' '.join(names)}{hint}")


def kind(word: str) -> Kind:
    """Return a kind of fact; see `value`.

    >>> kind("Adverse effect")
    'adverse_effect'
    """
    return cast(Kind, value(word, "kind of fact", schema.load().kinds))


def level(word: str | None) -> str | None:
    """Return a level of care; see `value`."""
    return None if word is None else value(word, "level of care", schema.load().levels)


def rank(word: str | None) -> int:
    """Return the place of a level on the scale of care, 0 where none is said.

    >>> rank("contraindicated") > rank("avoid") > rank(None)
    True
    """
    found = schema.load().levels.get(word or "")
    return (found.rank or 0) if found else 0


@functools.cache
def qualifiers() -> Mapping[str, tuple[Qualifier, ...]]:
    """Return the qualifiers by their name in statements; several may share one.

    >>> [qualifier.is_text for qualifier in qualifiers()["population"]]
    [False]
    """
    found: dict[str, tuple[Qualifier, ...]] = {}
    for qualifier in schema.load().qualifiers.values():
        found[qualifier.name] = (*found.get(qualifier.name, ()), qualifier)
    return dict(sorted(found.items()))


def values(qualifier: str) -> Mapping[str, Value]:
    """Return the listed values of a qualifier, none where its values are free.

    >>> list(values("approval"))
    ['labelled', 'off_label']
    """
    return next((found.values for found in qualifiers().get(qualifier, ()) if found.values), {})


def is_frequent(said: str | None, least: str) -> bool:
    """Tell whether a frequency, a listed one or a figure, is at least so high; one that is not said never is.

    >>> is_frequent("12 %", "very_common"), is_frequent("1 in 200", "common"), is_frequent("rare", "common")
    (True, False, False)
    """
    listed = values("frequency")
    if said is not None and said in listed:
        return (listed[said].rank or 0) >= (listed[least].rank or 0)
    figure, bound = share(said or ""), listed[least].at_least
    return figure is not None and bound is not None and figure >= bound


def share(figure: str) -> float | None:
    """Return the share that a printed figure means, the highest where it is a range; None where it is none.

    A figure that is only a bound from above ("<1%") counts as less than that.

    >>> share("2 to 5%"), share("1 in 1,000"), share("often")
    (0.05, 0.001, None)
    """
    below = 1 - 1e-9 if re.search(r"<|less than|fewer than|below", figure) else 1
    part = _OF.search(figure)
    if part:
        whole = float(part[2].replace(",", ""))
        return below * float(part[1].replace(",", "")) / whole if whole else None
    numbers = [float(number.replace(",", "")) for number in _NUMBER.findall(figure)]
    return below * max(numbers) / 100 if numbers and _PERCENT.search(figure) else None


def suggesting(method: Callable[P, R]) -> Callable[P, R]:
    """Make a misspelt keyword an error that lists the right ones."""
    signature = inspect.signature(method)
    names = [
        name for name, one in signature.parameters.items() if one.kind is not one.POSITIONAL_ONLY and name != "self"
    ]

    @functools.wraps(method)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        for name in kwargs:
            if name not in names:
                raise unknown(name, f"{method.__name__} takes no such keyword", names)
        return method(*args, **kwargs)

    return call
