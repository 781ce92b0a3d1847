"""Where rules end, on pages: a small learned model reads names of which no rule has made a statement.

It never speaks against a rule, nor of a name that one has read; what a sentence denies, excepts or clears it leaves
alone (`guards`). Labels have models of their own (`kg.extraction.tagging`). What it adds is a candidate like those of
rules, so that subject, qualifiers and evidence are found as ever; the statement names the model.
"""

from __future__ import annotations

import functools
import gzip
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from kg import memory, resources
from kg.errors import OntologyError
from kg.extraction.candidate import Candidate, SentenceReading
from kg.extraction.patterns import Pattern
from kg.extraction.phrases import Rule
from kg.extraction.prose import features, guards
from kg.extraction.sentence import AGENTS, PROFESSIONAL
from kg.extraction.subject import Subjects
from kg.extraction.tagging.forest import Forest
from kg.records import Mention, Span

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

FORMAT = 1
NAME = "model/prose"
_PRIORITY = 40
_INTERACTANTS = AGENTS | {"Substance"}
TYPES: Mapping[str, frozenset[str]] = {
    "adverse_effect": frozenset({"Condition"}),
    "caution": frozenset({"Condition", "Population", "Activity"}),
    "contraindication": frozenset({"Condition", "Population"}) | _INTERACTANTS,
    "drug_class": frozenset({"DrugClass"}),
    "indication": frozenset({"Condition"}),
    "interaction": _INTERACTANTS,
    "withdrawal_effect": frozenset({"Condition"}),
}
"""The kinds of statement that may be learned, each with the types that its object may have."""
_CAUTION, _SAFE = "caution", "stated_safe"
_LEVELS = {_CAUTION: {"level": "caution"}}
"""What goes without saying, where no words of the sentence tell another level."""

RULES: Mapping[str, Rule] = {
    kind: Rule(NAME, kind, Pattern("(?!)"), "named", types, priority=_PRIORITY, qualifiers=_LEVELS.get(kind, {}))
    for kind, types in TYPES.items()
}
"""The rules that stand for the model."""


@dataclass(frozen=True)
class Part:
    """What the model knows of one kind: trees over the features, and the chance from which on it counts."""

    forest: Forest
    threshold: float


@dataclass(frozen=True)
class Model:
    """The names of its features in their order, classes of words, and a part for each kind that was adopted."""

    names: tuple[str, ...]
    classes: features.Classes
    parts: Mapping[str, Part]

    @functools.cached_property
    def _places(self) -> Mapping[str, int]:
        return {name: number for number, name in enumerate(self.names)}

    def table(self, described: Sequence[features.Row]) -> NDArray[np.float64]:
        """Put named numbers into the order of the model."""
        import numpy as np

        places, result = self._places, np.zeros((len(described), len(self.names)))
        for number, row in enumerate(described):
            for name in row.keys() & places.keys():
                result[number, places[name]] = row[name]
        return result


def open_names(item: SentenceReading, subjects: Subjects) -> list[Mention]:
    """Return the names of a sentence of which no rule has made anything, but for the drug's own."""
    sentence = item.sentence
    if not guards.is_open(sentence, item.lead):
        return []
    names = [m for m in sentence.mentions if m.span.start >= 0 and not (m.types & AGENTS and subjects.is_main(m))]
    groups = [g for g in sentence.groups if not any(g.span.overlaps(m.span) for m in sentence.mentions)]
    read = [c.object.span for c in item.candidates if not c.in_heading and c.sentence is sentence]
    return [m for m in (*names, *groups) if not any(m.span.overlaps(span) for span in read)]


def candidate(item: SentenceReading, mention: Mention, kind: str) -> Candidate:
    """Read a name as the object of a statement of a kind."""
    sentence = item.sentence
    return Candidate(RULES[kind], sentence, mention, Span(0, 0), sentence.whole, "affirmed", sentence)


def applied(
    found: Sequence[SentenceReading], subjects: Subjects, cues: features.Cues, model: Model
) -> list[SentenceReading]:
    """Add to the readings of a document what the model makes of names that no rule has read."""
    if not found or found[0].sentence.source in PROFESSIONAL:
        return list(found)
    describer = features.Describer(found, cues, subjects, model.classes)
    rows: list[features.Row] = []
    tried: dict[str, list[tuple[int, int, Candidate]]] = {kind: [] for kind in model.parts}
    for number, item in enumerate(found):
        for mention in open_names(item, subjects):
            possible = [candidate(item, mention, kind) for kind in model.parts if mention.types & TYPES[kind]]
            possible = [c for c in possible if not guards.refuses(c, item.lead)]
            for reading in possible:
                tried[reading.rule.kind].append((number, len(rows), reading))
            if possible:
                rows.append(describer.row(number, mention))
    if not rows:
        return list(found)
    table = model.table(rows)
    added: dict[tuple[int, Span], tuple[float, Candidate]] = {}
    for kind, part in model.parts.items():
        chances = part.forest.probabilities(table[[row for _, row, _ in tried[kind]]])
        together = shared([number for number, _, _ in tried[kind]], chances)
        for chance, (number, row, reading) in zip(together, tried[kind], strict=True):
            place, over = (number, reading.object.span), chance - part.threshold
            if over < 0 or (place in added and added[place][0] >= over):
                continue
            if not guards.adds_nothing(reading, found[number].candidates):
                added[place] = over, graded(reading, rows[row])
    result = list(found)
    for (number, _), (_, reading) in added.items():
        candidates = [*result[number].candidates, reading]
        candidates.sort(key=lambda c: (c.object.span, c.rule.kind))
        result[number] = result[number]._replace(candidates=candidates)
    return result


def graded(reading: Candidate, row: features.Row) -> Candidate:
    """Give a caution the level of the nearest wording of one, where there is any: its own words may tell another."""
    if reading.rule.kind != _CAUTION:
        return reading
    near = {name.split("/")[1][:-2]: weight for name, weight in row.items() if name.startswith(f"cue:{_CAUTION}/")}
    levels = sorted((-weight, level) for level, weight in near.items() if level not in ("", _SAFE))
    return replace(reading, rule=_rule(levels[0][1])) if levels else reading


@functools.lru_cache
def _rule(level: str) -> Rule:
    return replace(RULES[_CAUTION], qualifiers={"level": level})


def shared(places: Sequence[object], chances: Sequence[float]) -> list[float]:
    """Let the names of one sentence speak for each other: half of a chance is the mean of its sentence.

    >>> shared([1, 1, 2], [0.9, 0.5, 0.4])
    [0.8, 0.6, 0.4]
    """
    by_place: dict[object, list[float]] = {}
    for place, chance in zip(places, chances, strict=True):
        by_place.setdefault(place, []).append(chance)
    means = {place: sum(own) / len(own) for place, own in by_place.items()}
    return [round((chance + means[place]) / 2, 6) for place, chance in zip(places, chances, strict=True)]


def encode(model: Model, provenance: Mapping[str, object]) -> bytes:
    """Write a model as canonical gzipped JSON: the same model, the same bytes."""
    content = {
        "format": FORMAT,
        "provenance": provenance,
        "features": model.names,
        "classes": {word: list(model.classes[word]) for word in sorted(model.classes)},
        "parts": {
            kind: {"threshold": part.threshold, "forest": vars_of(part.forest)} for kind, part in model.parts.items()
        },
    }
    return gzip.compress(json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode(), mtime=0)


def vars_of(forest: Forest) -> dict[str, object]:
    """Return the lists of a forest by their names."""
    return {name: getattr(forest, name) for name in Forest.__dataclass_fields__}


def decode(content: bytes, place: str) -> Model:
    """Read a model.

    Raises
    ------
    OntologyError
        When the bytes are no model of this format.
    """
    try:
        found = json.loads(gzip.decompress(content))
        if found["format"] != FORMAT:
            raise OntologyError(place, f"a model of format {found['format']}", f"train one of format {FORMAT}")
        parts = {kind: Part(Forest(**own["forest"]), own["threshold"]) for kind, own in found["parts"].items()}
        return Model(
            tuple(found["features"]), found["classes"], {kind: parts[kind] for kind in sorted(parts) if kind in TYPES}
        )
    except (OSError, EOFError, ValueError, KeyError, TypeError) as error:
        raise OntologyError(place, f"not a model ({error})", "train it again") from None


@functools.cache
@memory.uncollected()
def load(path: Path | None = None) -> Model:
    """Load the model of the package, or another one.

    Raises
    ------
    OntologyError
        When the file is no model.
    """
    path = path or resources.folder("ontology") / "models" / "prose" / "prose.json.gz"
    try:
        return decode(path.read_bytes(), str(path))
    except OSError as error:
        raise OntologyError(str(path), f"cannot be read ({error.strerror})", "train it again") from None
