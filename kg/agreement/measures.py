"""Measures: doses, frequencies and durations in the words of facts become ranges that can be compared.

What cannot be read whole is not compared: a wrong figure would be worse than none. The units, the words for numbers
and the meaning of "common" or "rare" are data (`ontology/measures.toml`).
"""

from __future__ import annotations

import functools
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from kg import resources

ENDLESS = float("inf")
DAILY = "by day"
_SHARE = "share"


@dataclass(frozen=True, slots=True)
class Amount:
    """A range, both ends in it, and what it measures: "mass", or "mass" and "by day"."""

    low: float
    high: float
    measures: tuple[str, ...]

    def overlaps(self, other: Amount) -> bool:
        """Tell whether both can be true; what measures something else contradicts nothing."""
        slack = 1e-9 * max(1.0, *(abs(end) for end in (self.low, other.low)))
        return self.measures != other.measures or (self.low <= other.high + slack and other.low <= self.high + slack)

    def hull(self, other: Amount) -> Amount:
        """Return the least range that holds both."""
        return Amount(min(self.low, other.low), max(self.high, other.high), self.measures)


@dataclass(frozen=True)
class Table:
    """What `ontology/measures.toml` says, made ready for reading."""

    units: Mapping[str, tuple[str, float]]
    per: Mapping[str, tuple[str, float]]
    periods: Mapping[str, float]
    divided: tuple[str, ...]
    at_most: tuple[str, ...]
    at_least: tuple[str, ...]
    words: Mapping[str, tuple[float, float]]
    numbers: Mapping[str, float]
    properties: tuple[tuple[str, str, str], ...]
    changed: frozenset[str]
    patterns: Mapping[str, re.Pattern[str]] = field(repr=False)


@functools.cache
def table() -> Table:
    """Read the table of measures, once."""
    said: dict[str, Any] = tomllib.loads((resources.folder("ontology") / "measures.toml").read_text("utf-8"))
    units = {name: (u["measures"], float(u["worth"])) for u in said["unit"] for name in u["names"]}
    per = {name: (f"by {p['by']}", float(p["worth"])) for p in said["per"] for name in p["names"]}
    periods = {name: float(p["days"]) for p in said["period"] for name in p["names"]}
    numbers = {name: float(value) for name, value in said["numbers"].items()}
    number = rf"(?:\d[\d,]*(?:\.\d+)?|\.\d+|(?:{_any(numbers)})\b)"
    span = rf"({number})(?:\s*(?:-|–|to|or|and)\s*({number}))?"
    bound = rf"(?:({_any(said['at_most'])})|({_any(said['at_least'])}))?\s*(?:about|approximately)?\s*"
    unit = rf"({_any(units)})(?![\w%])"
    joint = r"(?:/|\bper\b|\ba\b|\beach\b|\bevery\b)\s*"
    by = rf"((?:\s*{joint}(?:{_any(per)})\b)*)"
    patterns = {
        "amount": rf"{bound}({number})\s*(?:{unit}{by})?(?:\s*(-|–|to|or|and)\s*({number}))?\s*{unit}{by}",
        "per": rf"{joint}({_any(per)})\b",
        "fraction": rf"({number})\s*(?:/|in|of|out of)\s*({number})",
        "every": rf"every\s+(other\s+)?(?:{span}\s*)?({_any(periods)})\b",
        "times": rf"(?:{span})(?:\s+times?)?\s+(?:a\s+|per\s+|each\s+|every\s+)?({_any(periods)})\b",
        "once": rf"(?:at\s+|every\s+|in\s+the\s+|each\s+|per\s+)?({_any(periods)})\b",
    }
    return Table(
        units,
        per,
        periods,
        tuple(said["divided"]),
        tuple(said["at_most"]),
        tuple(said["at_least"]),
        {name: (float(low), float(high)) for name, (low, high) in said["frequency_words"].items()},
        numbers,
        tuple((p["name"], name, p["measures"]) for p in said["property"] for name in p["names"]),
        frozenset(said["changed"]["words"]),
        {name: re.compile(pattern) for name, pattern in patterns.items()},
    )


def dose(amount: str, frequency: str = "") -> Amount | None:
    """Read a dose; with its frequency, what it makes a day.

    >>> dose("0.25 mg", "twice daily"), dose("10 to 15 mg"), dose("a small dose")
    (Amount(low=0.5, high=0.5, measures=('mass', 'by day')), Amount(low=10.0, high=15.0, measures=('mass',)), None)
    """
    read = _amount(_plain(amount))
    if read is None or DAILY in read.measures:
        return read
    daily = (*read.measures, DAILY)
    folded = _plain(frequency)
    if any(word in folded for word in table().divided):
        return Amount(read.low, read.high, daily)
    times = times_a_day(frequency)
    if times is None:
        return read if not folded else None
    return Amount(read.low * times[0], read.high * times[1], daily)


def times_a_day(frequency: str) -> tuple[float, float] | None:
    """Read how often a dose is given: the least and the most times a day.

    >>> times_a_day("every 6 to 8 hours"), times_a_day("once weekly"), times_a_day("as needed")
    ((3.0, 4.0), (0.14285714285714285, 0.14285714285714285), None)
    """
    known, folded = table(), _plain(frequency)
    if match := known.patterns["every"].fullmatch(folded):
        low = _number(match[2]) if match[2] else 2.0 if match[1] else 1.0
        high = _number(match[3]) if match[3] else low
        days = known.periods[match[4]]
        return (1 / (high * days), 1 / (low * days)) if low > 0 and high > 0 else None
    if match := known.patterns["times"].fullmatch(folded):
        low = _number(match[1])
        high = _number(match[2]) if match[2] else low
        return low / known.periods[match[3]], high / known.periods[match[3]]
    if match := known.patterns["once"].fullmatch(folded):
        return 1 / known.periods[match[1]], 1 / known.periods[match[1]]
    return None


def share(text: str) -> Amount | None:
    """Read how often an effect occurs, in per cent: a figure with its rounding, or a word of the convention.

    >>> share("12%"), share("rare"), share("1 in 100")
    (Amount(low=11.5, high=12.5, measures=('share',)), Amount(low=0.0, high=0.1, measures=('share',)), \
Amount(low=1.0, high=1.0, measures=('share',)))
    """
    known, folded = table(), _plain(text)
    if text in known.words:
        return Amount(*known.words[text], (_SHARE,))
    if match := known.patterns["fraction"].fullmatch(folded):
        whole = _number(match[2])
        value = 100 * _number(match[1]) / whole if whole else 0.0
        return Amount(value, value, (_SHARE,)) if whole else None
    read = _amount(folded, rounded=True)
    return read if read is not None and read.measures == (_SHARE,) else None


def property_of(words: str) -> tuple[str, Amount] | None:
    """Read the figure of a property of the drug; what changed it, or by how much, is none.

    >>> property_of("elimination half-life of 30 to 40 hours")
    ('half-life', Amount(low=29.5, high=40.5, measures=('time',)))
    >>> property_of("half-life increased to 60 hours") is None
    True
    """
    known, folded = table(), _plain(words)
    if known.changed.intersection(re.findall(r"[a-z]+", folded)):
        return None
    for name, written, measures in known.properties:
        if _plain(written) in folded:
            read = _amount(folded, whole=False, rounded=True)
            if read is not None and read.measures == (measures,):
                return name, read
    return None


def written(amount: Amount) -> str:
    """Return a range as it is shown.

    >>> written(Amount(0.5, 1.0, ("mass", "by day")))
    '0.5 to 1 mg a day'
    """
    first = {"mass": "mg", "volume": "mL", "units": "units", "share": "%", "time": "hours"}
    unit = first.get(amount.measures[0], amount.measures[0])
    more = {DAILY: " a day", "by body weight": "/kg", "by body surface": "/m²", "by volume": "/mL"}
    low, high = f"{amount.low:.4g}", f"{amount.high:.4g}"
    if amount.high == ENDLESS:
        shown = f"at least {low}"
    elif amount.low == 0 and amount.high > 0:
        shown = f"up to {high}"
    else:
        shown = low if low == high else f"{low} to {high}"
    return f"{shown} {unit}{''.join(more.get(part, '') for part in amount.measures[1:])}"


def _amount(folded: str, *, whole: bool = True, rounded: bool = False) -> Amount | None:
    """Read a figure or a range with its unit: all the words, or the only one among them.

    `rounded` widens it by what its figures may be rounded by, half of the last digit that is written.
    """
    pattern = table().patterns["amount"]
    found = [pattern.fullmatch(folded)] if whole else list(pattern.finditer(folded))
    if len(found) != 1 or found[0] is None:
        return None
    at_most, at_least, first, unit, by, joined, second, last_unit, last_by = found[0].groups()
    measures, worth = _unit(last_unit, last_by)
    other, other_worth = _unit(unit, by) if second and unit else (measures, worth)
    low, high = _number(first) * other_worth, _number(second or first) * worth
    if other[0] != measures[0] or (low > high and joined != "or"):
        return None  # "60 mg to 40 mg" is a step down, no range
    if rounded:
        low, high = low - _half_a_digit(first) * other_worth, high + _half_a_digit(second or first) * worth
    low, high = max(0.0, min(low, high)), max(low, high)
    if at_most:
        return Amount(0.0, high, measures)
    return Amount(low, ENDLESS if at_least else high, measures)


def _half_a_digit(figure: str) -> float:
    return 0.5 * 10.0 ** -len(figure.partition(".")[2])


def _unit(unit: str, by: str | None) -> tuple[tuple[str, ...], float]:
    known = table()
    measures, worth = known.units[unit]
    parts = []
    for name in known.patterns["per"].findall(by or ""):
        part, factor = known.per[name]
        parts.append(part)
        worth *= factor
    return (measures, *sorted(parts)), worth


def _number(written: str) -> float:
    numbers = table().numbers
    return numbers[written] if written in numbers else float(written.replace(",", ""))


def _plain(text: str) -> str:
    folded = re.sub(r"(?<=[a-z])-(?=[a-z])", " ", text.casefold())
    folded = re.sub(r"(?<=\d)-(?=[a-z])", " ", folded)
    return " ".join(folded.split())


def _any(names: Iterable[str]) -> str:
    return "|".join(re.escape(name) for name in sorted(names, key=lambda n: (-len(n), n)))
