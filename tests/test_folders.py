"""Folders: what is found in them is read, or named with the reason why it is not."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from kg import reading
from kg.extraction import extract_files
from tests.test_streaming import PAGE, names, write


class Found(NamedTuple):
    """What a folder holds, and what comes of it: the names of documents, and errors as far as the first semicolon."""

    name: str
    files: dict[str, bytes]
    links: dict[str, str]
    found: tuple[str, ...]


FOLDERS = (
    Found("hidden files", {"a.txt": PAGE, ".b.txt": PAGE, ".c/d.txt": PAGE}, {}, ("a.txt",)),
    Found("a folder named like a document", {"x.pdf/a.txt": PAGE}, {}, ("a.txt",)),
    Found("links that lead back", {"a.txt": PAGE}, {"self": ".", "sub": ".."}, ("a.txt",)),
    Found(
        "links that lead nowhere",
        {"a.txt": PAGE},
        {"b.txt": "nowhere", "c.txt": "c.txt"},
        (
            "a.txt",
            "b.txt: cannot be read (No such file or directory)",
            "c.txt: cannot be read (Too many levels of symbolic links)",
        ),
    ),
    Found(
        "packed documents",
        {"a.txt": PAGE, "b.zip": b"PK\x03\x04", "c.docx": b"PK\x03\x04", "d.png": b"\x89PNG"},
        {},
        ("a.txt", "b.zip: is a compressed archive (zip)", "c.docx: no reader for .docx"),
    ),
)


@pytest.mark.parametrize("case", FOLDERS, ids=[case.name for case in FOLDERS])
def test_what_is_found_in_a_folder(case: Found, tmp_path: Path) -> None:
    write(tmp_path, case.files)
    for name, target in case.links.items():
        (tmp_path / name).symlink_to(target)
    said = [line.removeprefix(f"{tmp_path}/").partition(";")[0] for line in names(extract_files([tmp_path]))]
    assert tuple(said) == case.found


def test_a_folder_that_stays_shut_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, {"a.txt": PAGE, "shut/b.txt": PAGE})
    walk = os.walk

    def walked(folder: Path, onerror: Callable[[OSError], None]) -> Iterator[tuple[str, list[str], list[str]]]:
        for place, folders, files in walk(folder):
            if place.endswith("shut"):
                onerror(PermissionError(13, "Permission denied", place))
            else:
                yield place, folders, files

    monkeypatch.setattr(os, "walk", walked)
    assert names(extract_files([tmp_path])) == [
        "a.txt",
        f"{tmp_path}/shut: is a folder that cannot be opened; allow reading it, or leave it out",
    ]


def test_a_name_that_is_no_text_costs_its_own_file_only(tmp_path: Path) -> None:
    write(tmp_path, {"a.txt": PAGE, os.fsdecode(b"b\xff.txt"): PAGE})
    [read, error] = names(extract_files([tmp_path]))
    assert read == "a.txt"
    assert error.endswith("/b\udcff.txt: has signs in its name that are no text; rename it")


def test_a_file_over_the_limit_is_left_out_unread(tmp_path: Path) -> None:
    write(tmp_path, {"a.txt": PAGE})
    with (tmp_path / "b.txt").open("wb") as stream:
        stream.truncate(reading.MAXIMUM_BYTES + 1)  # takes no room on the disk
    [read, error] = names(extract_files([tmp_path]))
    assert read == "a.txt"
    assert error.endswith("/b.txt: larger than 50 MB; split it into documents")
