"""The shelf: what is put on it is read again, in any order, and the same texts are the same."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from kg.building.shelf import Shelf

TEXTS = ("one", "", "two\nlines\t\u00e9\U0001f48a", "one")


def test_texts_are_read_again_in_any_order() -> None:
    with closing(Shelf()) as shelf:
        put = [shelf.put(text) for text in TEXTS]
        assert [one.read() for one in reversed(put)] == [*reversed(TEXTS)]
        put.append(shelf.put("late"))
        assert [one.read() for one in put] == [*TEXTS, "late"]
        assert put[0] == put[3] != put[1]


def test_a_file_that_is_put_up_is_read_line_by_line(tmp_path: Path) -> None:
    path = tmp_path / "kept"
    path.write_bytes("".join(f"{text.splitlines()}\n" for text in TEXTS).encode())
    with closing(Shelf(path.open("rb"))) as shelf:
        found = [shelf.at(line[1:], start + 1) for line, start in shelf.lines()]
        assert [one.read() for one in found] == [str(text.splitlines())[1:] for text in TEXTS]
