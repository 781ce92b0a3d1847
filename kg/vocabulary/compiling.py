"""Compiling: what vocabulary files hold becomes a local lexicon, a folder that loads in a moment and is read in place.

`manifest.json` says what it was made of; `names.trie` holds the surfaces, `names.bin` what each of them means,
`abbreviations.txt` how the short ones are written; `concepts.tsv` holds a concept a line, sorted by IRI, and
`concepts.bin` where each line begins; `sources/` keeps the entries of each file, so that one more can be added or one
removed. The same files give the same bytes.
"""

from __future__ import annotations

import gzip
import json
import shutil
import sys
import tempfile
from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kg import files, memory
from kg import vocabulary as vocabularies
from kg.errors import VocabularyError
from kg.vocabulary import local, names, surfaces
from kg.vocabulary.lexicon import Lexicon
from kg.vocabulary.merge import Merged, merge
from kg.vocabulary.sources import Source
from kg.vocabulary.sources.entry import Entry
from kg.vocabulary.surfaces import Surfaces

Dropped = tuple[str, str, str, str]
"""A dropped name as it is listed: the rule, the name, the concept's identifier and label."""


@dataclass(frozen=True, slots=True)
class Summary:
    """What was compiled: how many concepts and surfaces, which rules dropped how many names, which circles were cut."""

    concepts: int
    surfaces: int
    dropped: Mapping[str, int]
    circles: tuple[tuple[str, str], ...]
    sources: tuple[Mapping[str, Any], ...]


def add(sources: Iterable[Source], target: Path, listener: Callable[[Dropped], None] | None = None) -> Summary:
    """Compile sources together with those that the lexicon at `target` has; a file of the same name is replaced.

    Raises
    ------
    VocabularyError
        When two of the sources have one name, the target is something else, or it cannot be written.
    """
    fresh: dict[str, Source] = {}
    for source in sources:
        if fresh.setdefault(source.name, source).sha256 != source.sha256:
            raise VocabularyError(source.name, "another file has the same name", "rename one of them")
    kept = {source.name: source for source in read_sources(target)} if (target / local.MANIFEST).is_file() else {}
    return write([*{**kept, **fresh}.values()], target, listener)


def remove(name: str, target: Path) -> Summary:
    """Compile the lexicon again without one of its files.

    Raises
    ------
    VocabularyError
        When there is no such file, or it is the last one.
    """
    sources = read_sources(target)
    left = [source for source in sources if source.name != name]
    if len(left) == len(sources):
        known = ", ".join(source.name for source in sources)
        raise VocabularyError(name, "no file of that name is in the lexicon", f"it holds {known}")
    if not left:
        raise VocabularyError(name, "is the only file of the lexicon", f"delete the folder {target} instead")
    return write(left, target)


def write(sources: Sequence[Source], target: Path, listener: Callable[[Dropped], None] | None = None) -> Summary:
    """Compile sources and put the result in the place of what is at `target`, whole or not at all.

    Raises
    ------
    VocabularyError
        When there is too much, the target is something else, or it cannot be written.
    """
    if target.exists() and not (target / local.MANIFEST).is_file() and not _is_empty(target):
        raise VocabularyError(str(target), "exists and is no compiled lexicon", "name a new folder with --out")
    with memory.uncollected():
        return _compiled(sorted(sources, key=lambda source: (source.name, source.sha256)), target, listener)


def _compiled(ordered: Sequence[Source], target: Path, listener: Callable[[Dropped], None] | None) -> Summary:
    rules = names.load()
    embedded = vocabularies.load()
    merged = merge(embedded.concepts.values(), ordered, rules)
    unused = _report(merged, listener)
    found = surfaces.collect(merged, Lexicon(embedded), rules, _hearing(listener))
    found.dropped.update(unused)
    aside = None
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        aside = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))
        folder = aside / "new"
        folder.mkdir()
        concepts = _write_lexicon(merged, found, folder)
        summary = Summary(
            concepts, len(found.found), dict(sorted(found.dropped.items())), tuple(sorted(merged.circles)),
            tuple(map(_described, ordered)),
        )  # fmt: skip
        _write_sources(ordered, folder / local.SOURCES)
        (folder / local.MANIFEST).write_bytes(_manifest(summary))
        files.exchange(target, folder, aside / "old")
    except OSError as error:
        reason = error.strerror or "cannot be written"
        raise VocabularyError(str(target), f"cannot be written ({reason})", "name a folder with --out") from None
    finally:
        if aside is not None:
            shutil.rmtree(aside, ignore_errors=True)
    return summary


def read_sources(folder: Path) -> list[Source]:
    """Read the entries that a lexicon keeps of its files.

    Raises
    ------
    VocabularyError
        When it is no lexicon, or not whole.
    """
    found = []
    for said in local.manifest(folder)["sources"]:
        path = folder / local.SOURCES / f"{said['sha256']}.jsonl.gz"
        try:
            with gzip.open(path, "rt", encoding="utf-8") as stream:
                entries = tuple(_entry(json.loads(line)) for line in stream)
        except (OSError, EOFError, ValueError, TypeError) as error:
            reason = getattr(error, "strerror", None) or "damaged"
            raise VocabularyError(str(path), f"cannot be read ({reason})", "compile the lexicon anew") from None
        found.append(
            Source(said["file"], said["vocabulary"], said["version"], said["sha256"], said["options"], entries)
        )
    return found


# ── what is written ─────────────────────────────────────────────────────────────────────────────────────────────────


def _write_lexicon(merged: Merged, found: Surfaces, folder: Path) -> int:
    """Write names and concepts; give the number of local concepts."""
    import marisa_trie

    wanted = _wanted(merged, surfaces.places_of(found.found))
    numbers = {place: number for number, place in enumerate(wanted)}
    keys = sorted(found.found)
    trie = marisa_trie.Trie(keys)
    trie.save(str(folder / local.TRIE))
    rows: list[tuple[int, ...]] = [()] * len(keys)
    for key in keys:
        rows[trie.key_id(key)] = found.found[key]
    starts, flags, owners = array("I", [0]), array("B"), array("I")
    for row in rows:
        owners.extend(sorted(numbers[place] for place in row[1:]))
        starts.append(len(owners))
        flags.append(row[0])
    (folder / local.MEANINGS).write_bytes(b"".join(map(_little, (array("I", [len(keys)]), starts, owners, flags))))
    (folder / local.SHORT).write_text("".join(f"{name}\n" for name in sorted(found.short)), encoding="utf-8")
    offsets = array("Q", [0])
    with (folder / local.CONCEPTS).open("wb") as stream:
        for place in wanted:
            offsets.append(offsets[-1] + stream.write(_line(merged, place, found.kept.get(place, []))))
    (folder / local.OFFSETS).write_bytes(_little(offsets))
    return sum(not merged.groups[place].embedded for place in wanted)


def _wanted(merged: Merged, named: Iterable[int]) -> list[int]:
    """Return the places of groups with a name, of all above them and of the drugs of brands, by IRI."""
    seen = set(named)
    waiting = list(seen)
    while waiting:
        group = merged.groups[waiting.pop()]
        drug = merged.places.get(group.drug)
        for place in (*group.broader, *([] if drug is None else [drug])):
            if place not in seen:
                seen.add(place)
                waiting.append(place)
    return sorted(seen, key=lambda place: merged.groups[place].iri)


def _line(merged: Merged, place: int, kept: Sequence[str]) -> bytes:
    """Write one concept: its IRI, a tab, and what is known of it; nothing where the package knows it."""
    group = merged.groups[place]
    if group.embedded:
        return f"{group.iri}\t\n".encode()
    said = [
        group.label,
        sorted({name for name in kept if name != group.label}),
        group.type,
        sorted(merged.groups[broader].iri for broader in group.broader),
        group.drug,
        sorted(member for member in group.members if member != group.iri),
    ]
    return f"{group.iri}\t{json.dumps(said, ensure_ascii=False, separators=(',', ':'))}\n".encode()


def _write_sources(sources: Iterable[Source], folder: Path) -> None:
    folder.mkdir()
    for source in sources:
        with (
            (folder / f"{source.sha256}.jsonl.gz").open("wb") as raw,
            gzip.GzipFile("", "wb", 6, raw, mtime=0) as packed,
        ):
            for entry in sorted(source.entries):
                packed.write(json.dumps(entry, ensure_ascii=False, separators=(",", ":")).encode() + b"\n")


def _manifest(summary: Summary) -> bytes:
    said = {
        "format": local.FORMAT,
        "beside": local.fingerprint(),
        "concepts": summary.concepts,
        "names": summary.surfaces,
        "dropped": summary.dropped,
        "circles": [list(edge) for edge in summary.circles],
        "sources": list(summary.sources),
    }
    return (json.dumps(said, ensure_ascii=False, indent=2) + "\n").encode()


def _described(source: Source) -> dict[str, Any]:
    return {
        "file": source.name,
        "vocabulary": source.vocabulary,
        "version": source.version,
        "sha256": source.sha256,
        "options": dict(source.options),
        "concepts": len(source.entries),
        "names": sum(1 + len(entry.names) for entry in source.entries),
    }


def _entry(said: list[Any]) -> Entry:
    return Entry._make(tuple(value) if isinstance(value, list) else value for value in said)


def _little(values: array[int]) -> bytes:
    """Return the bytes of an array in the order that every machine reads."""
    if sys.byteorder != "little":
        values = values[:]
        values.byteswap()
    return values.tobytes()


def _hearing(listener: Callable[[Dropped], None] | None) -> surfaces.Listener | None:
    if listener is None:
        return None
    return lambda rule, name, group: listener((rule, name, group.iri, group.label))


def _report(merged: Merged, listener: Callable[[Dropped], None] | None) -> dict[str, int]:
    """Count the names of entries that made no concept, and list them."""
    counts: dict[str, int] = {}
    for unused in merged.unused:
        entry = unused.entry
        for name in dict.fromkeys((entry.label, *entry.names)):
            counts[unused.rule] = counts.get(unused.rule, 0) + 1
            if listener is not None:
                listener((unused.rule, name, entry.id, entry.label))
    return counts


def _is_empty(folder: Path) -> bool:
    return folder.is_dir() and not any(folder.iterdir())
