"""Writing files so that a failure costs nothing: beside the target first, then one rename."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from kg.errors import GraphError

_LONGEST_NAME = 255
_OUTSIDE = re.compile(r'[/\\:*?"<>|\x00-\x1f\x7f\ud800-\udfff]|[. ]$')
DEVICE = re.compile(r"(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(?=\.|$)", re.IGNORECASE)
"""How a name begins that means a device on some systems."""


def check_name(name: str) -> None:
    """Refuse a name that would lead out of its folder, or that is no file's name on some system.

    Raises
    ------
    GraphError
        When it does, or is none.
    """
    if not name or _OUTSIDE.search(name) or DEVICE.match(name):
        shown = name.encode("unicode_escape").decode()[:100] or "(empty)"
        raise GraphError(shown, "is no name of a file on every system", "name it in letters, digits, - _ and .")
    if len(name.encode()) > _LONGEST_NAME:
        raise GraphError(f"{name[:60]}…", "is too long for the name of a file", "give it a shorter name")


def write_bytes(target: Path, content: bytes) -> None:
    """Write `content` to `target` whole or not at all.

    Raises
    ------
    GraphError
        When the folder is missing or the target cannot be written; the old file is untouched then.
    """
    write_all({target: content})


def write_all(contents: Mapping[Path, bytes]) -> None:
    """Write files that belong together: no target changes before all of them are on the disk beside their targets.

    Raises
    ------
    GraphError
        When a folder is missing or a target cannot be written; the old files are untouched then.
    """
    waiting: dict[Path, Path] = {}
    target = Path()
    try:
        for target, content in contents.items():
            if target.is_dir():
                raise IsADirectoryError(21, "is a folder")
            descriptor, name = tempfile.mkstemp(prefix=f".{target.name[:100]}.", dir=target.parent)
            waiting[target] = Path(name)
            with os.fdopen(descriptor, "wb") as stream:
                stream.write(content)
        mask = os.umask(0)
        os.umask(mask)
        for target, fresh in waiting.items():
            fresh.chmod(0o666 & ~mask)
            fresh.replace(target)
    except OSError as error:
        for fresh in waiting.values():
            with contextlib.suppress(OSError):
                fresh.unlink()
        reason = error.strerror or "cannot be written"
        raise GraphError(
            str(target), f"cannot be written ({reason})", "name a file in a folder you may write"
        ) from None


def exchange(target: Path, fresh: Path, old: Path) -> None:
    """Put the folder `fresh` in the place of `target`, which goes to `old`; if that fails, put the old one back.

    Raises
    ------
    OSError
        When a folder cannot be renamed; the target is as it was then.
    """
    if not target.exists():
        fresh.rename(target)
        return
    fresh.chmod(target.stat().st_mode & 0o7777)
    target.rename(old)
    try:
        fresh.rename(target)
    except OSError:
        old.rename(target)
        raise


@contextlib.contextmanager
def new_folder(target: Path) -> Iterator[Path]:
    """Fill a folder beside the target, and give it the target's name only when all of it is there.

    Raises
    ------
    GraphError
        When the target exists and is not empty, or cannot be written; nothing is left behind then.
    """
    place = target.resolve()
    aside = None
    try:
        if place.exists() and (not place.is_dir() or any(place.iterdir())):
            raise GraphError(str(target), "exists already", "name a new folder")
        aside = Path(tempfile.mkdtemp(prefix=f".{place.name[:100]}.", dir=place.parent))
        fresh = aside / "new"
        fresh.mkdir()
        yield fresh
        exchange(place, fresh, aside / "old")
    except OSError as error:
        reason = error.strerror or "cannot be written"
        raise GraphError(str(target), f"cannot be written ({reason})", "name a folder you may write") from None
    finally:
        if aside is not None:
            shutil.rmtree(aside, ignore_errors=True)
