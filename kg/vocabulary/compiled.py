"""The compiled lexicon as it is read: names and concepts stay in their files until a text mentions them."""

from __future__ import annotations

import json
import mmap
import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from kg.errors import VocabularyError
from kg.records import Concept
from kg.vocabulary import Vocabulary
from kg.vocabulary.lexicon import MARKS, normalise
from kg.vocabulary.local import CAPITALS, CONCEPTS, EXACT, LAST, MEANINGS, OFFSETS, SHORT, TRIE, manifest

LONGEST = 120
"""No surface has more letters: rules drop longer names."""

_REMEMBERED = 2_048
"""Concepts that are kept ready; beyond that they are read anew."""

_WORD = re.compile(r"[^\W_]+")


class Compiled:
    """A compiled lexicon, opened in place.

    Parameters
    ----------
    folder : Path
        What `kg vocabulary add` wrote.
    embedded : Vocabulary
        The vocabulary that it is read beside; its concepts are given as they are.

    Raises
    ------
    VocabularyError
        When the folder is no lexicon, was written by another version, or is not whole.
    """

    def __init__(self, folder: Path, embedded: Vocabulary) -> None:
        import marisa_trie

        self.folder = folder
        self.manifest: dict[str, Any] = manifest(folder)
        self.embedded = embedded
        try:
            self._trie = marisa_trie.Trie().mmap(str(folder / TRIE))
            self._lines = _mapped(folder / CONCEPTS)
            self._offsets = memoryview(_mapped(folder / OFFSETS)).cast("Q")
            self._starts, self._owners, self._flags = _meanings(folder / MEANINGS)
            self._short = frozenset((folder / SHORT).read_text(encoding="utf-8").splitlines())
            if self._offsets[-1] != len(self._lines) or len(self._trie) != len(self._flags):
                raise ValueError("its files do not fit each other")
        except (OSError, RuntimeError, ValueError, TypeError, IndexError) as error:
            raise self._damaged(error) from None
        self._read: dict[int, Concept | None] = {}

    def __len__(self) -> int:
        """Return the number of names."""
        return len(self._flags)

    def find(self, normal: str, text: str, places: Sequence[int]) -> Iterator[tuple[int, int, int]]:
        """Find the longest name that begins at each word of a folded text; give start, end and number of each.

        `places` maps the offsets of `normal`, in which all is counted, to those of the text as written.
        """
        prefixes = self._trie.iter_prefixes_with_ids
        end_of_text = len(normal)
        for word in _WORD.finditer(normal):
            start = word.start()
            best = None
            for name, number in prefixes(normal[start : start + LONGEST]):
                end = start + len(name)
                if end < end_of_text and normal[end].isalnum():
                    continue
                flags = self._flags[number]
                if flags and not self._stands(number, normal, end, text[places[start] : places[end - 1] + 1]):
                    continue
                best = end, number
            if best is not None:
                yield start, *best

    def meaning(self, number: int) -> tuple[Concept, ...]:
        """Return the concepts of a name."""
        owners = self._owners[self._starts[number] : self._starts[number + 1]]
        return tuple(concept for owner in owners if (concept := self._concept(owner)) is not None)

    def named(self, normal: str) -> tuple[Concept, ...]:
        """Return the concepts that bear exactly this name, which must be folded already."""
        number = self._trie.get(normal)
        return () if number is None else self.meaning(number)

    def concept(self, iri: str) -> Concept | None:
        """Return the concept of an IRI, if it is a local one."""
        number = bisect_right(_Keys(self), iri) - 1
        if number < 0 or self._line(number)[0] != iri:
            return None
        return self._concept(number)

    def __iter__(self) -> Iterator[str]:
        """Give the IRIs of the local concepts, sorted."""
        lines = map(self._line, range(len(self._offsets) - 1))
        return (iri for iri, said in lines if said)

    def _stands(self, number: int, normal: str, end: int, written: str) -> bool:
        """Tell whether a name stands in the text as its flags want it."""
        flags = self._flags[number]
        if flags & CAPITALS and written.islower():
            return False
        if flags & EXACT and written not in self._short:
            return False
        return not flags & LAST or end == len(normal) or normal[end] in MARKS

    def _damaged(self, error: Exception) -> VocabularyError:
        reason = " ".join(str(error).split("/")[-1].split())
        if isinstance(error, FileNotFoundError) and error.filename:
            reason = f"{Path(error.filename).name} is missing"
        return VocabularyError(str(self.folder), f"is damaged ({reason})", "compile it again with `kg vocabulary add`")

    def _line(self, number: int) -> tuple[str, str]:
        try:
            line = self._lines[self._offsets[number] : self._offsets[number + 1] - 1].decode()
        except UnicodeDecodeError as error:
            raise self._damaged(error) from None
        iri, _, said = line.partition("\t")
        return iri, said

    def _concept(self, number: int) -> Concept | None:
        if number not in self._read:
            iri, said = self._line(number)
            try:
                found = _made(iri, said) if said else self.embedded.concepts.get(iri)
            except (ValueError, TypeError) as error:
                raise self._damaged(error) from None
            if len(self._read) >= _REMEMBERED:
                self._read.clear()
            self._read[number] = found
        return self._read[number]


class _Keys(Sequence[str]):
    """The IRIs of a lexicon as a sorted sequence, each read where it is looked at."""

    def __init__(self, lexicon: Compiled) -> None:
        self._lexicon = lexicon

    def __len__(self) -> int:
        return len(self._lexicon._offsets) - 1

    def __getitem__(self, number: Any) -> Any:
        return self._lexicon._line(number)[0]


class Beside(Mapping[str, Concept]):
    """Concepts by IRI: the embedded ones, and those of a lexicon, read where they are asked for."""

    def __init__(self, first: Mapping[str, Concept], lexicon: Compiled) -> None:
        self._first = first
        self._lexicon = lexicon

    def __getitem__(self, iri: str) -> Concept:
        """Return a concept."""
        found = self._first.get(iri) or self._lexicon.concept(iri)
        if found is None:
            raise KeyError(iri)
        return found

    def __iter__(self) -> Iterator[str]:
        """Give all IRIs, the embedded ones first."""
        yield from self._first
        yield from self._lexicon

    def __len__(self) -> int:
        """Return the number of concepts."""
        return len(self._first) + int(self._lexicon.manifest["concepts"])


class Labels(Mapping[str, tuple[Concept, ...]]):
    """Labels in small letters → concepts: those of the embedded vocabulary, else those of a lexicon.

    Only embedded labels are counted and listed: a lexicon knows names in their folded form.
    """

    def __init__(self, first: Mapping[str, tuple[Concept, ...]], lexicon: Compiled) -> None:
        self._first = first
        self._lexicon = lexicon

    def __getitem__(self, label: str) -> tuple[Concept, ...]:
        """Return the concepts of a label."""
        found = self._first.get(label) or self._lexicon.named(normalise(label))
        if not found:
            raise KeyError(label)
        return found

    def __iter__(self) -> Iterator[str]:
        """Give the embedded labels."""
        return iter(self._first)

    def __len__(self) -> int:
        """Return the number of embedded labels."""
        return len(self._first)


def open_beside(folder: Path, embedded: Vocabulary) -> Vocabulary:
    """Return the embedded vocabulary with a compiled lexicon beside it.

    Raises
    ------
    VocabularyError
        When the folder is no lexicon, was written by another version, or is not whole.
    """
    lexicon = Compiled(folder, embedded)
    return Vocabulary(Beside(embedded.concepts, lexicon), Labels(embedded.by_label, lexicon), lexicon)


def _made(iri: str, said: str) -> Concept:
    label, names, type_, broader, drug, matches = json.loads(said)
    return Concept(
        iri=iri,
        label=label,
        labels=tuple(names),
        types=frozenset({type_}),
        broader=tuple(broader),
        drug=drug or None,
        matches=tuple(matches),
    )


def _mapped(path: Path) -> mmap.mmap | bytes:
    with path.open("rb") as stream:
        return mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)


def _meanings(path: Path) -> tuple[Sequence[int], Sequence[int], Sequence[int]]:
    """Read starts, owners and flags."""
    content = memoryview(_mapped(path))
    (count,) = content[:4].cast("I")
    starts = content[4 : 4 * (count + 2)].cast("I")
    end = 4 * (count + 2) + 4 * starts[count]
    owners, flags = content[4 * (count + 2) : end].cast("I"), content[end:]
    if len(flags) != count:
        raise ValueError("names.bin is cut short")
    return starts, owners, flags
