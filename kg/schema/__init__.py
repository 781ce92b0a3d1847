"""The schema of what the command line prints as JSON, `output.json`, and the page that is generated from it.

A new command needs an entry `command-NAME` under `$defs` and in `oneOf`; `screen.as_json("NAME", …)` prints it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

FORMAT = "drug-facts/1"
"""The name and version that every document carries; raised when a field changes its meaning or goes away."""

NOTICE = "Information about documents, not medical advice."
"""What every result has to say about itself."""

PAGE = Path("docs") / "json.md"
COMMAND = "python -m kg.schema"

_COMMAND = "command-"


def load() -> dict[str, Any]:
    """Read the schema (JSON Schema 2020-12).

    >>> load()["$id"]
    'https://w3id.org/drug-facts/schema/output/1'
    """
    found: dict[str, Any] = json.loads((Path(__file__).parent / "output.json").read_text("utf-8"))
    return found


def enveloped(command: str, said: Mapping[str, object]) -> dict[str, object]:
    """Put what a command says into the envelope.

    >>> enveloped("query --list", {"questions": []})["format"]
    'drug-facts/1'
    """
    return {"format": FORMAT, "command": command, "notice": NOTICE} | {k: v for k, v in said.items() if k != "notice"}


def page() -> str:
    """Return the page that documents the schema."""
    schema = load()
    parts = ["# JSON", "", schema["description"], "", *_introduction(schema["$id"]), "## Commands", ""]
    for name, definition in schema["$defs"].items():
        if name.startswith(_COMMAND):
            parts += _section(name, definition)
    parts += ["## Parts", ""]
    for name, definition in schema["$defs"].items():
        if not name.startswith(_COMMAND):
            parts += _section(name, definition)
    return "\n".join(parts).rstrip() + "\n"


def fields(definition: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, Mapping[str, Any], bool]]:
    """Go through the fields of a definition and of the objects inside it: the name, the schema, whether it is required.

    >>> [name for name, _, _ in fields(load()["$defs"]["parameter"])]
    ['name', 'type', 'example']
    """
    for name, about in definition.get("properties", {}).items():
        yield above + name, about, name in definition.get("required", ())
        yield from fields(about, f"{above}{name}.")
        if isinstance(about.get("items"), dict):
            yield from fields(about["items"], f"{above}{name}[].")


def _introduction(iri: str) -> Iterator[str]:
    yield f"The schema is [kg/schema/output.json](../kg/schema/output.json) (`{iri}`, JSON Schema 2020-12);"
    yield f"this page is generated from it by `{COMMAND}`. Fields that are not named here are not there. A field that"
    yield f"comes to mean something else, or goes away, raises the number in `{FORMAT}`; new fields do not."
    yield "Each document has the fields of the [envelope](#envelope) as well, which say what printed it."
    yield ""


def _section(name: str, definition: Mapping[str, Any]) -> Iterator[str]:
    yield f"### {name.removeprefix(_COMMAND) if name.startswith(_COMMAND) else name}"
    yield ""
    yield definition["description"]
    yield ""
    if "enum" in definition:
        yield f"One of {_values(definition['enum'])}."
        yield ""
    if "anyOf" in definition:
        yield f"It is {_type(definition)}."
        yield ""
    if definition.get("properties"):
        yield "| field | is | means |"
        yield "| --- | --- | --- |"
        for field, about, is_required in fields(definition):
            if field == "command" and name.startswith(_COMMAND):
                continue  # one of the envelope, as are `format` and `notice`
            optional = "" if is_required else " (may be absent)"
            yield f"| `{field}`{optional} | {_type(about)} | {about['description']} |"
        yield ""


def _type(about: Mapping[str, Any]) -> str:
    """Say in words what a value is."""
    if "$ref" in about:
        name = about["$ref"].rsplit("/", 1)[1]
        return f"[{name}](#{name})"
    if "const" in about:
        return _values([about["const"]])
    if "enum" in about:
        return _values(about["enum"])
    if "anyOf" in about:
        return " or ".join(_type(one) for one in about["anyOf"])
    if about["type"] == "array":
        return f"list of {_type(about['items'])}"
    if about["type"] == "object" and isinstance(about.get("additionalProperties"), dict):
        return f"object of {_type(about['additionalProperties'])}"
    return str(about["type"])


def _values(values: list[object]) -> str:
    return ", ".join(f"`{json.dumps(value, ensure_ascii=False)}`" for value in values)
