"""Writing files so that a failure costs nothing: beside the target first, then one rename."""

from __future__ import annotations

import contextlib
import ctypes
import glob
import os
import re
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from kg.errors import GraphError

_ASIDE, _LOCK = ".aside", ".lock"
_HERE = -100  # AT_FDCWD: names are those of the current folder, unless they are whole paths
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


def write_all(contents: Mapping[Path, bytes | Iterable[bytes]], mode: int = 0o666) -> None:
    """Write files that belong together: no target changes before all of them are on the disk beside their targets.

    A content may come in pieces, of which one is in memory at a time. `mode` is who may read and write them, as far as
    the process lets them.

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
                stream.writelines((content,) if isinstance(content, bytes) else content)
        mask = os.umask(0)
        os.umask(mask)
        for target, fresh in waiting.items():
            fresh.chmod(mode & ~mask)
            fresh.replace(target)
    except BaseException as error:
        for fresh in waiting.values():
            with contextlib.suppress(OSError):
                fresh.unlink()
        if not isinstance(error, OSError):
            raise
        reason = error.strerror or "cannot be written"
        raise GraphError(
            str(target), f"cannot be written ({reason})", "name a file in a folder you may write"
        ) from None


def write_new(target: Path, content: bytes) -> None:
    """Write a file in a folder that nobody reads yet, as `beside` gives it.

    A file that is there already may be shared with another folder, and is left alone there.

    Raises
    ------
    OSError
        When it cannot be written.
    """
    target.unlink(missing_ok=True)
    target.write_bytes(content)


@contextlib.contextmanager
def beside(target: Path) -> Iterator[Path]:
    """Give a folder beside the target to make something in, and take it away at the end.

    What a process that was killed left there goes first: it is locked for as long as its maker lives.

    Raises
    ------
    OSError
        When the folder cannot be made.
    """
    prefix = f".{target.name[:100]}."
    for lock in target.parent.glob(f"{glob.escape(prefix)}*{_LOCK}"):
        _clear_away(lock)
    descriptor, name = tempfile.mkstemp(prefix=prefix, suffix=_LOCK, dir=target.parent)
    aside = Path(name).with_suffix(_ASIDE)
    try:
        _locked(descriptor)
        aside.mkdir(mode=0o700)
        yield aside
    finally:
        shutil.rmtree(aside, ignore_errors=True)
        Path(name).unlink(missing_ok=True)
        os.close(descriptor)


def temporary(name: str) -> contextlib.AbstractContextManager[Path]:
    """Give a folder in the system's place for temporary files; what was left there under this name goes first.

    Raises
    ------
    OSError
        When it cannot be made.
    """
    return beside(Path(tempfile.gettempdir()) / name)


def exchange(target: Path, fresh: Path, old: Path) -> None:
    """Put the folder `fresh` in the place of `target`, which goes to `old`; if that fails, put the old one back.

    Where the system can exchange two names at once there is no moment without a target; elsewhere there is a short one.

    Raises
    ------
    OSError
        When a folder cannot be renamed; the target is as it was then.
    """
    if not target.exists():
        fresh.rename(target)
        return
    fresh.chmod(target.stat().st_mode & 0o7777)
    if _exchanged(fresh, target):
        return
    target.rename(old)
    try:
        fresh.rename(target)
    except OSError:
        old.rename(target)
        raise


def share(source: Path, target: Path) -> None:
    """Put a file that nobody will write again into another folder: by a second name, or where that fails by a copy."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def _exchanged(one: Path, other: Path) -> bool:
    """Exchange two names at once, if the system offers it (Linux since 3.15, macOS since 10.12)."""
    library = ctypes.CDLL(None, use_errno=True) if os.name == "posix" else None
    names = os.fsencode(one), os.fsencode(other)
    for function, arguments in (
        ("renameat2", (_HERE, names[0], _HERE, names[1], 2)),  # RENAME_EXCHANGE
        ("renamex_np", (*names, 2)),  # RENAME_SWAP
    ):
        call = getattr(library, function, None)
        if call is not None and call(*arguments) == 0:
            return True
    return False


def _clear_away(lock: Path) -> None:
    """Take away what a maker left, unless it still lives and so holds its lock."""
    try:
        descriptor = os.open(lock, os.O_RDWR)
    except OSError:
        return
    try:
        if _locked(descriptor):
            shutil.rmtree(lock.with_suffix(_ASIDE), ignore_errors=True)
            lock.unlink(missing_ok=True)
    finally:
        os.close(descriptor)


def _locked(lock: int) -> bool:
    """Lock an open file for this process; tell whether that could be done."""
    try:
        import fcntl
    except ImportError:
        return False  # what is left is for the user to see there
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


@contextlib.contextmanager
def new_folder(target: Path) -> Iterator[Path]:
    """Fill a folder beside the target, and give it the target's name only when all of it is there.

    Raises
    ------
    GraphError
        When the target exists and is not empty, or cannot be written; nothing is left behind then.
    """
    place = target.resolve()
    try:
        if place.exists() and (not place.is_dir() or any(place.iterdir())):
            raise GraphError(str(target), "exists already", "name a new folder")
        with beside(place) as aside:
            fresh = aside / "new"
            fresh.mkdir()
            yield fresh
            exchange(place, fresh, aside / "old")
    except OSError as error:
        reason = error.strerror or "cannot be written"
        raise GraphError(str(target), f"cannot be written ({reason})", "name a folder you may write") from None
