"""Which stretches of words are names in public vocabularies, whatever vocabulary the user has: a list of fingerprints.

A name is folded (letters and digits, lower case, without a plural s), hashed to 32 bits, and kept with the
vocabularies that have it. The list holds no name in clear, so it says only whether given words are one; about one
stretch of words in twenty thousand is taken for a name by chance. `training/names.py` makes it.
"""

from __future__ import annotations

import functools
import gzip
import hashlib
import json
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from kg import resources
from kg.errors import OntologyError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

LONGEST = 8
"""Words of the longest name that is kept."""
SHORTEST = 3
"""Letters and digits of the shortest."""
UNKNOWN = 0
FORMAT = 1

_STEP = 0x9E3779B97F4A7C15
_MIX = 0xD6E8FEB86659FD93
_ALL = 2**64 - 1
_PLURAL = 5
_REST = 10
"""Bits of a hash behind its beginning: there are several times as many beginnings as names."""


class Fingerprints(NamedTuple):
    """The hashes of the names, sorted; beside each the vocabularies that have it, one bit for each of `sources`.

    `begun` tells of each beginning of a hash whether a name has it.
    """

    hashes: NDArray[np.uint32]
    masks: NDArray[np.uint8]
    sources: tuple[str, ...]
    begun: NDArray[np.bool_]


class Numbers(dict[str, int]):
    """Numbers words in the order in which they come."""

    def __missing__(self, word: str) -> int:
        """Give the next number to a new word."""
        number = self[word] = len(self)
        return number


@functools.lru_cache(maxsize=16_384)
def hash_of_word(word: str) -> int:
    """Return 64 bits that stand for a word, the same for its plural in -s.

    >>> hash_of_word("ulcers") == hash_of_word("ulcer")
    True
    """
    if len(word) >= _PLURAL and word.endswith("s") and not word.endswith("ss"):
        word = word[:-1]
    return int.from_bytes(hashlib.blake2b(word.encode(), digest_size=8).digest(), "little")


def hash_of(words: Iterable[str]) -> int:
    """Return the 32 bits that stand for a name."""
    total = 0
    for word in words:
        total = (total * _STEP + hash_of_word(word)) & _ALL
    return ((total * _MIX) & _ALL) >> 32


def is_kept(words: Sequence[str]) -> bool:
    """Tell whether a name is short enough, and long enough, to be in the list."""
    return 0 < len(words) <= LONGEST and sum(map(len, words)) >= SHORTEST


def encode(names: dict[int, int], sources: Sequence[str]) -> bytes:
    """Write fingerprints: a line of JSON, the hashes as 32-bit little-endian numbers in order, a byte for each mask."""
    import numpy as np

    order = sorted(names)
    head = json.dumps({"format": FORMAT, "names": len(order), "sources": list(sources)}).encode() + b"\n"
    hashes = np.asarray(order, dtype="<u4").tobytes()
    return gzip.compress(head + hashes + bytes(names[own] for own in order), mtime=0)


def decode(content: bytes, place: str) -> Fingerprints:
    """Read fingerprints.

    Raises
    ------
    OntologyError
        When the bytes are no list of this format.
    """
    import numpy as np

    try:
        head, _, body = gzip.decompress(content).partition(b"\n")
        found = json.loads(head)
        count, sources = int(found["names"]), tuple(found["sources"])
        if found["format"] != FORMAT or len(body) != 5 * count:
            raise ValueError("another format or length")
    except (OSError, EOFError, ValueError, KeyError, TypeError) as error:
        raise OntologyError(place, f"no list of known names ({error})", "make it again") from None
    hashes = np.frombuffer(body, dtype="<u4", count=count).astype(np.uint32)
    begun = np.zeros(2 ** (32 - _REST), dtype=np.bool_)
    begun[hashes >> _REST] = True
    return Fingerprints(hashes, np.frombuffer(body, dtype=np.uint8, offset=4 * count), sources, begun)


@functools.cache
def load() -> Fingerprints:
    """Load the package's list.

    Raises
    ------
    OntologyError
        When the file is no such list.
    """
    path = resources.folder("ontology") / "models" / "names.bin.gz"
    return decode(path.read_bytes(), str(path))


def masks(names: Sequence[Sequence[str]]) -> list[int]:
    """Return, for each name, the vocabularies that have it, as bits; `UNKNOWN` where none has."""
    import numpy as np

    if not names:
        return []
    kept = [is_kept(words) for words in names]
    own = np.asarray([hash_of(words) if own else 0 for words, own in zip(names, kept, strict=True)], dtype=np.uint32)
    found: list[int] = np.where(kept, _masks(own), UNKNOWN).tolist()
    return found


def longest(words: Sequence[str], stops: frozenset[str] = frozenset({""})) -> list[tuple[int, int, int]]:
    """Find the names in a run of words, from the left, the longest first: start, end and mask of each.

    `stops` are marks that no name goes across.
    """
    import numpy as np

    size = len(words)
    if not size:
        return []
    numbers = Numbers()
    own = np.array(list(map(numbers.__getitem__, words)), dtype=np.int64)
    single = np.array([hash_of_word(word) for word in numbers], dtype=np.uint64).take(own)
    barred = np.array([word in stops for word in numbers]).take(own)
    letters = np.array([len(word) for word in numbers]).take(own)
    total, length, closed = np.zeros(size, np.uint64), np.zeros(size, np.int64), np.zeros(size, bool)
    best, masks_of_best = np.zeros(size, np.int64), np.zeros(size, np.uint8)
    for count in range(1, min(LONGEST, size) + 1):
        reach = size - count + 1
        total[:reach] = total[:reach] * np.uint64(_STEP) + single[count - 1 :]
        length[:reach] += letters[count - 1 :]
        closed[:reach] |= barred[count - 1 :]
        found = _masks(((total[:reach] * np.uint64(_MIX)) >> np.uint64(32)).astype(np.uint32))
        known = (found != UNKNOWN) & ~closed[:reach] & (length[:reach] >= SHORTEST)
        best[:reach][known] = count
        masks_of_best[:reach][known] = found[known]
    result, after = [], 0
    for start in np.flatnonzero(best).tolist():
        if start >= after:
            after = start + int(best[start])
            result.append((start, after, int(masks_of_best[start])))
    return result


def _masks(hashes: NDArray[np.uint32]) -> NDArray[np.uint8]:
    import numpy as np

    known, found = load(), np.full(len(hashes), UNKNOWN, dtype=np.uint8)
    where = np.flatnonzero(known.begun[hashes >> _REST])  # most words end here
    wanted = hashes[where]
    place = np.minimum(np.searchsorted(known.hashes, wanted), len(known.hashes) - 1)
    found[where] = np.where(known.hashes[place] == wanted, known.masks[place], UNKNOWN)
    return found
