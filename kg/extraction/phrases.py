"""The tables of `ontology/phrases`: how things are worded, compiled once.

`macros.toml` names pieces of patterns; every other file may use them as `<name>`. A pattern may be written as a list of
alternatives, one a line; a blank in it stands for any run of blanks and Markdown emphasis. Patterns are matched against
text that `kg.vocabulary.lexicon.normalise` has folded: lower case, plain quotes, blanks for hyphens inside words.
"""

from __future__ import annotations

import functools
import operator
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kg import memory, resources
from kg.errors import OntologyError
from kg.extraction.macros import Macros, compile_pattern, read_macros
from kg.extraction.patterns import Index, Pattern

_AGENTS = ("", "before", "after", "inside", "beside")
_PLACES = (
    "after", "before", "beside", "clause", "around", "both", "group", "title", "item", "whole", "named", "earlier",
    "apposed", "heading", "asked",
)  # fmt: skip
_RULE_KEYS = {
    "id", "cue", "objects", "types", "open", "sections", "not_sections", "not_sources", "label_sections", "qualifiers",
    "polarity", "priority", "negation", "concept", "previous", "until", "kind", "requires", "weak", "agent",
}  # fmt: skip

_TABLE_KEYS = {
    "kind", "types", "priority", "not_sections", "not_sources", "label_sections", "negation", "rule", "accept",
    "refuse",
}  # fmt: skip
"""What a table may say at its head, for all of its rules, and what it holds."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One wording of one kind of statement.

    Attributes
    ----------
    name : str
        File and id, for instance "caution/use-with-caution": the explanation that every statement carries.
    kind : str
        The kind of statement that it makes.
    cue : Pattern
        What must stand in the sentence; a group named `object` holds the object where `objects` is "group".
    objects : str
        Where the objects are: after or before the cue, right in front of it ("beside"), right in front of the name of
        a drug ("apposed": "the statin simvastatin"), anywhere before the cue in its clause, around it (before, else
        after), on both sides, in the group, in an item's title, in a bare item, anywhere in the sentence ("whole"
        without its title, "named" with it), among the patients of an "earlier" sentence ("... should be avoided in
        these patients"), in the question that the sentence answers ("asked"), or all that a "heading" names.
    types : frozenset of str
        The semantic types that an object may have.
    open : str
        Which list members that the vocabulary lacks are taken: none, those shaped as a "name", a "finding" of patients
        ("patients with ..."), or a "list" of findings from the cue on.
    sections, not_sections : frozenset of str
        Section kinds under which alone it holds, or never.
    never : frozenset of str
        Section kinds under which nothing of its kind is stated, whatever else their heading announces.
    not_sources : frozenset of str
        Kinds of source in which it never holds: a label's warnings are headed by harms, a page's by conditions.
    label_sections : frozenset of str
        Section kinds under which alone it holds in a label, where its headings announce any.
    qualifiers : mapping
        What the wording itself says, for instance the level of care.
    polarity : str
        "affirmed", or "denied" where the cue itself denies.
    priority : int
        Which of several readings of one mention wins.
    negation : str
        "flip" where a negation before the cue denies the statement, "drop" where it makes it void, "ignore".
    concept : str or None
        The label of the concept that the object is, where the wording fixes it.
    previous : Pattern or None
        What the sentence before must hold.
    requires : Pattern or None
        What the sentence must hold beside the cue.
    until : Pattern or None
        Where its list of objects ends, beside the usual places.
    weak : bool
        Whether it says nothing of a condition that the document's drug treats.
    agent : str
        Where a drug, or a word for one, must stand: "before" the cue as its subject, right "after" it, "inside" it;
        "beside" each object, another than the object itself; empty where it matters not.
    """

    name: str
    kind: str
    cue: Pattern
    objects: str = "after"
    types: frozenset[str] = frozenset()
    open: str = ""
    sections: frozenset[str] = frozenset()
    not_sections: frozenset[str] = frozenset()
    never: frozenset[str] = frozenset()
    not_sources: frozenset[str] = frozenset()
    label_sections: frozenset[str] = frozenset()
    qualifiers: Mapping[str, str] = field(default_factory=dict)
    polarity: str = "affirmed"
    priority: int = 50
    negation: str = "flip"
    concept: str | None = None
    previous: Pattern | None = None
    requires: Pattern | None = None
    until: Pattern | None = None
    weak: bool = False
    agent: str = ""


@dataclass(frozen=True, slots=True)
class Cue:
    """A pattern with the value it stands for, and the kinds of statement that it may qualify or must never state."""

    name: str
    value: str
    pattern: Pattern
    kinds: frozenset[str] = frozenset()
    headings: bool = False


@dataclass(frozen=True, slots=True)
class Form:
    """What has a form rather than a name: its semantic type, its pattern, and what a match must not hold."""

    name: str
    type: str
    pattern: Pattern
    refuse: Pattern | None = None


@dataclass(frozen=True, eq=False)
class Phrases:
    """All tables of a folder; `index` knows where the patterns that are tried on every sentence may match."""

    rules: tuple[Rule, ...]
    sections: tuple[Cue, ...]
    roles: Mapping[str, Pattern]
    qualifiers: tuple[Cue, ...]
    modifiers: Mapping[str, str]
    dosage: Mapping[str, Any]
    words: Mapping[str, Pattern]
    index: Index = field(default_factory=lambda: Index(()))
    forms: tuple[Form, ...] = ()

    @functools.cached_property
    def role_bits(self) -> int:
        """The mask of the roles that a mention may play beside a statement's object."""
        return sum(pattern.bit for pattern in self.roles.values())

    @functools.cached_property
    def dose_bits(self) -> int:
        """The mask of what a dose is told by: an amount, a vague word for one, or that something is taken."""
        return sum(self.dosage[name].bit for name in ("amount", "vague", "taken"))

    @functools.cached_property
    def form_bits(self) -> int:
        """The mask of what has a form rather than a name."""
        return functools.reduce(operator.or_, (form.pattern.bit for form in self.forms), 0)

    @functools.cached_property
    def shape_bits(self) -> int:
        """The mask of what names something by its shape alone: a threshold, an age, a reaction to something."""
        return sum(self.words[name].bit for name in ("threshold", "age_group", "reaction_to"))

    @functools.cached_property
    def qualifiers_of(self) -> Mapping[str, tuple[Cue, ...]]:
        """The qualifiers that a kind of statement may have."""
        kinds = {kind for cue in self.qualifiers for kind in cue.kinds}
        return {kind: tuple(cue for cue in self.qualifiers if kind in cue.kinds) for kind in kinds}

    @functools.cached_property
    def weak(self) -> frozenset[str]:
        """The names of the weak rules."""
        return frozenset(rule.name for rule in self.rules if rule.weak)

    @functools.cached_property
    def asked(self) -> frozenset[str]:
        """The names of the rules whose objects stand in a question."""
        return frozenset(rule.name for rule in self.rules if rule.objects == "asked")

    def patterns(self) -> Iterator[Pattern]:
        """Give every pattern of the tables."""
        yield from _patterns_of(self.rules, "cue", "previous", "requires", "until")
        yield from _patterns_of((*self.sections, *self.qualifiers, *self.forms), "pattern", "refuse")
        for table in (self.roles, self.words, self.dosage):
            yield from (pattern for pattern in table.values() if isinstance(pattern, Pattern))


def _patterns_of(entries: Iterable[object], *names: str) -> Iterator[Pattern]:
    for entry in entries:
        yield from (own for name in names if isinstance(own := getattr(entry, name, None), Pattern))


@functools.cache
@memory.uncollected()
def load(folder: Path | None = None) -> Phrases:
    """Read and compile the tables, by default those of the package.

    Raises
    ------
    OntologyError
        When a file is not TOML, a pattern does not compile, or a rule has a key or value that nobody reads.
    """
    folder = folder or resources.folder("ontology") / "phrases"
    macros = read_macros(_read(folder / "macros.toml"), folder / "macros.toml")
    rules: list[Rule] = []
    special = {name: _read(folder / name) for name in SPECIAL}
    sections = tuple(_cues(special["sections.toml"]["section"], macros, folder / "sections.toml"))
    for path in sorted(folder.glob("*.toml")):
        if path.name not in SPECIAL:
            rules += _rules(path, macros, sections)
    if not rules:
        raise OntologyError(str(folder), "no rule in any file", "add a file with [[rule]] tables")

    def compiled(name: str, key: str) -> dict[str, Pattern]:
        own = read_macros(special[name], folder / name, macros) if "macro" in special[name] else macros
        return {k: compile_pattern(v, own, folder / name) for k, v in special[name][key].items()}

    roles, words, *beside = (compiled(*place) for place in _WORDS)
    qualifiers = tuple(_cues(special["qualifiers.toml"]["qualifier"], macros, folder / "qualifiers.toml"))
    dosage = {
        k: compile_pattern(v, macros, folder / "dosage.toml") if isinstance(v, str | list) else v
        for k, v in special["dosage.toml"].items()
    }
    found_forms = tuple(_forms(special["forms.toml"], macros, folder / "forms.toml"))
    index = Index(
        [  # numbers of the first ones are small: those that are asked for most
            *words.values(),
            *(pattern for pattern in dosage.values() if isinstance(pattern, Pattern)),
            *(form.pattern for form in found_forms),
            *roles.values(),
            *(qualifier.pattern for qualifier in qualifiers),
            *(rule.cue for rule in rules),
            *(rule.requires for rule in rules if rule.requires),
        ]
    )
    return Phrases(
        rules=tuple(rules),
        sections=sections,
        roles=roles,
        qualifiers=qualifiers,
        modifiers={w: value for value, words in special["modifiers.toml"]["severity"].items() for w in words}
        | dict.fromkeys(special["modifiers.toml"]["plain"], ""),
        dosage=dosage,
        # those beside a name are tried on a few words: to look for them first would take longer
        words=functools.reduce(operator.or_, beside, words),
        index=index,
        forms=found_forms,
    )


_WORDS = (("roles.toml", "role"), ("roles.toml", "word"), ("qualified.toml", "word"), ("labels_more3.toml", "word"))

SPECIAL = (
    "macros.toml", "sections.toml", "roles.toml", "qualifiers.toml", "qualified.toml", "modifiers.toml", "dosage.toml",
    "forms.toml", "labels_more3.toml",
)  # fmt: skip
"""The tables that hold no rules of a kind."""


def read_examples(path: Path) -> dict[str, list[dict[str, Any]]]:
    """Return what a table must accept and must refuse: lists of {text, says}."""
    table = _read(path)
    return {edge: table.get(edge, []) for edge in ("accept", "refuse")}


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise OntologyError(str(path), f"cannot be read ({error.strerror})", "restore the table") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise OntologyError(str(path), f"not TOML ({error})", "mend the line it names") from None


def _cues(tables: Iterable[Mapping[str, Any]], macros: Macros, path: Path) -> Iterable[Cue]:
    for table in tables:
        yield Cue(
            name=table["name"],
            value=table.get("value", ""),
            pattern=compile_pattern(table["cue"], macros, path),
            kinds=frozenset(table.get("kinds", table.get("never", ()))),
            headings=table.get("headings", False),
        )


def _forms(table: Mapping[str, Any], macros: Macros, path: Path) -> Iterable[Form]:
    """Read the forms of a table, which may have macros of its own."""
    macros = read_macros(table, path, macros)
    for entry in table["form"]:
        refuse = compile_pattern(entry["refuse"], macros, path) if "refuse" in entry else None
        yield Form(entry["name"], entry["type"], compile_pattern(entry["cue"], macros, path), refuse)


def _rules(path: Path, macros: Macros, sections: Iterable[Cue]) -> Iterable[Rule]:
    table = _read(path)
    for key in sorted(set(table) - _TABLE_KEYS):
        raise OntologyError(str(path), f"unknown key {key!r}", f"use {sorted(_TABLE_KEYS)}")
    for entry in table.get("rule", []):
        kind = entry.get("kind", table.get("kind", ""))
        name = f"{path.stem}/{entry.get('id', '?')}"
        unknown = set(entry) - _RULE_KEYS
        if unknown:
            raise OntologyError(f"{path}: {name}", f"unknown key {sorted(unknown)[0]!r}", f"use {sorted(_RULE_KEYS)}")
        if "id" not in entry or "cue" not in entry:
            raise OntologyError(f"{path}: {name}", "a rule needs an id and a cue", "add them")
        if entry.get("agent", "") not in _AGENTS:
            raise OntologyError(f"{path}: {name}", f"agent = {entry['agent']!r}", f"use one of {_AGENTS}")
        if entry.get("objects", "after") not in _PLACES:
            raise OntologyError(f"{path}: {name}", f"objects = {entry['objects']!r}", f"use one of {_PLACES}")
        yield Rule(
            name=name,
            kind=kind,
            cue=compile_pattern(entry["cue"], macros, path),
            objects=entry.get("objects", "after"),
            types=frozenset(entry.get("types", table.get("types", ()))),
            open={True: "name", False: ""}.get(entry.get("open", False), entry.get("open", "")),
            sections=frozenset(entry.get("sections", ())),
            not_sections=frozenset(entry.get("not_sections", table.get("not_sections", ()))),
            never=frozenset(section.name for section in sections if kind in section.kinds),
            not_sources=frozenset(entry.get("not_sources", table.get("not_sources", ()))),
            label_sections=frozenset(entry.get("label_sections", table.get("label_sections", ()))),
            qualifiers=dict(entry.get("qualifiers", {})),
            polarity=entry.get("polarity", "affirmed"),
            priority=entry.get("priority", table.get("priority", 50)),
            negation=entry.get("negation", table.get("negation", "flip")),
            concept=entry.get("concept"),
            previous=compile_pattern(entry["previous"], macros, path) if "previous" in entry else None,
            requires=compile_pattern(entry["requires"], macros, path) if "requires" in entry else None,
            until=compile_pattern(entry["until"], macros, path) if "until" in entry else None,
            weak=entry.get("weak", False),
            agent=entry.get("agent", ""),
        )
