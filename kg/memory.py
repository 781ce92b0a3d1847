"""Memory: what Python need not do among millions of objects, and what it need not keep."""

from __future__ import annotations

import contextlib
import ctypes
import functools
import gc
import sys
from collections.abc import Iterator


@contextlib.contextmanager
def uncollected() -> Iterator[None]:
    """Let Python not look for circles among millions of objects that make none: a fifth of the time."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def forget(*packages: str) -> None:
    """Give back what functions of packages remember, to the system where it can be told; it is made again if wanted.

    For long work of which one part needs much that the next one does not.
    """
    for name, module in list(sys.modules.items()):
        if name.startswith(packages):
            for value in vars(module).values():
                if isinstance(value, functools._lru_cache_wrapper):
                    value.cache_clear()
    gc.collect()
    give_back()


def give_back() -> None:
    """Give what is free to the system, where it can be told: what is freed in between others is kept otherwise."""
    with contextlib.suppress(OSError, AttributeError):  # glibc alone has it
        ctypes.CDLL(None).malloc_trim(0)
