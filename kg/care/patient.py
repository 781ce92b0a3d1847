"""What is known of a patient, as people say it: "takes an opioid" names the opioid."""

from __future__ import annotations

import functools
import tomllib

from kg import resources
from kg.care.answers import things_of
from kg.care.gather import Graph
from kg.errors import UnknownNameError

FILE = "patient.toml"


def name_of(graph: Graph, said: str) -> str:
    """Return the name of a condition, person, activity, food or drug in what is said of a patient.

    Words of the table that stand before it are left out, where the whole is not a name itself.

    Raises
    ------
    UnknownNameError
        When nothing is called so.
    """
    words = said.split()
    for start in range(len(words) or 1):
        name = " ".join(words[start:])
        try:
            things_of(graph, name)
        except UnknownNameError:
            if start + 1 >= len(words) or words[start].casefold() not in before():
                raise
        else:
            return name
    raise UnknownNameError(said, "says nothing of a patient", "name a condition, a person, an activity or a drug")


@functools.cache
def before() -> frozenset[str]:
    """Return the words that may stand before a name, from `queries/patient.toml`."""
    table = tomllib.loads((resources.folder("queries") / FILE).read_text(encoding="utf-8"))
    return frozenset(str(table["before"]).split())
