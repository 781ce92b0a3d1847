"""Statistical tagging: where rules end, a small learned model says which names a section is about.

Rules stay the explanation: what a rule found and the model confirms keeps the rule's name; what only the model finds
names the model. The models are trained by `training/train.py` on annotated labels alone and stand in
`ontology/models`, with their provenance. Nothing is random here, and sums are of whole numbers where they can be.
"""

from __future__ import annotations

import functools
import gzip
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from kg import memory, resources
from kg.errors import OntologyError
from kg.extraction.candidate import Candidate
from kg.extraction.tagging import around, spans
from kg.extraction.tagging.forest import Forest
from kg.extraction.tagging.sequence import SequenceModel
from kg.extraction.tagging.tokens import Tokens

FORMAT = 3


@dataclass(frozen=True)
class Tagger:
    """A trained model for one kind of statement.

    Attributes
    ----------
    kind : str
        The kind of statement that it finds.
    sections : frozenset of str
        The section kinds in which it was trained and is used.
    sequence : SequenceModel
        Finds stretches of tokens.
    forest : Forest
        Judges each distinct name of a document.
    priors : mapping
        Name, or first or last word → in how many training documents it was right, and in how many it stood.
    threshold : float
        The probability from which on a name counts.
    name : str
        What statements name as their maker.
    alone : bool or None
        Whether it is for sections of one sentence only (True), for longer ones (False), or for all (None).
    wide : bool
        Whether the forest also looks at what stands around a name.
    whole : mapping
        Feature of `whole.features` → its weight, in thousandths: tells a section that is one sentence, and is left to
        the model for longer ones, from a sentence of a section. Without weights, none is.
    """

    kind: str
    sections: frozenset[str]
    sequence: SequenceModel
    forest: Forest
    priors: Mapping[str, Sequence[int]]
    threshold: float
    name: str
    alone: bool | None = None
    wide: bool = False
    whole: Mapping[str, int] = field(default_factory=dict)

    def find(self, sentences: Sequence[tuple[Tokens, Sequence[Candidate]]]) -> list[spans.Occurrence]:
        """Return the occurrences of the names that one document states, of its sentences in the model's sections."""
        by_name = spans.names(self.occurrences(sentences))
        chances = self.forest.probabilities(table(by_name, self._prior, self.wide))
        return spans.stated(by_name, chances, self.threshold)

    def occurrences(self, sentences: Sequence[tuple[Tokens, Sequence[Candidate]]]) -> list[spans.Occurrence]:
        """Return every span that the sequence model holds possible."""
        lattices = self.sequence.lattices([tokens for tokens, _ in sentences])
        return [
            own
            for (tokens, candidates), lattice in zip(sentences, lattices, strict=True)
            for own in spans.occurrences(tokens, lattice, candidates, self.kind)
        ]

    def _prior(self, key: str) -> tuple[int, int]:
        right, seen = self.priors.get(key, (0, 0))
        return right, seen


def table(
    by_name: Mapping[spans.Words, Sequence[spans.Occurrence]], prior: spans.Prior, wide: bool
) -> list[list[float]]:
    """Describe every name of a document in numbers, as the forest was taught to see it."""
    rows = spans.rows(by_name, prior)
    if not wide:
        return rows
    return [[*own, *beside] for own, beside in zip(rows, around.rows(by_name), strict=True)]


def by_task(taggers: Iterable[Tagger]) -> dict[tuple[str, frozenset[str]], list[Tagger]]:
    """Put the models together that find the same kind in the same sections."""
    result: dict[tuple[str, frozenset[str]], list[Tagger]] = {}
    for tagger in taggers:
        result.setdefault((tagger.kind, tagger.sections), []).append(tagger)
    return result


def encode(tagger: Tagger, provenance: Mapping[str, object]) -> bytes:
    """Write a model as canonical gzipped JSON: the same model, the same bytes."""
    sequence, forest = tagger.sequence, tagger.forest
    content = {
        "format": FORMAT,
        "kind": tagger.kind,
        "name": tagger.name,
        "alone": tagger.alone,
        "wide": tagger.wide,
        "sections": sorted(tagger.sections),
        "threshold": tagger.threshold,
        "provenance": provenance,
        "labels": sequence.labels,
        "transitions": sequence.transitions,
        "weights": {name: sequence.weights[name] for name in sorted(sequence.weights)},
        "forest": {
            "roots": forest.roots, "feature": forest.feature, "threshold": forest.threshold,
            "left": forest.left, "right": forest.right, "value": forest.value, "depth": forest.depth,
        },
        "priors": {key: tagger.priors[key] for key in sorted(tagger.priors)},
    }  # fmt: skip
    if tagger.whole:
        content["whole"] = {name: tagger.whole[name] for name in sorted(tagger.whole)}
    return gzip.compress(json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode(), mtime=0)


def decode(content: bytes, place: str) -> Tagger:
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
        return Tagger(
            found["kind"],
            frozenset(found["sections"]),
            SequenceModel(tuple(found["labels"]), found["weights"], found["transitions"]),
            Forest(**found["forest"]),
            found["priors"],
            found["threshold"],
            found["name"],
            found["alone"],
            found["wide"],
            found.get("whole", {}),
        )
    except (OSError, EOFError, ValueError, KeyError, TypeError) as error:
        raise OntologyError(place, f"not a model ({error})", "train it again") from None


@functools.cache
@memory.uncollected()
def load(folder: Path | None = None) -> tuple[Tagger, ...]:
    """Load the models of a folder, by default those of the package.

    Raises
    ------
    OntologyError
        When a file is no model.
    """
    paths = sorted((folder or resources.folder("ontology") / "models").glob("*.json.gz"))
    return tuple(decode(path.read_bytes(), str(path)) for path in paths)
