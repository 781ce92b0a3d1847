"""`kg export`."""

from __future__ import annotations


def command() -> int:
    """Wait for its part."""
    return 2
