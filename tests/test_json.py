"""The JSON of the command line: every command keeps to the one schema, and what does not keep to it is refused."""

from __future__ import annotations

import copy
import inspect
import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import jsonschema
import pytest

from kg import cli, schema
from kg.cli import app, screen
from kg.results import closed
from kg.vocabulary import schema as ontology
from tests import servers, test_evaluation, test_evaluation_of_labels, written

ROOT = Path(__file__).resolve().parents[1]
PAGES = ROOT / "tests" / "documents" / "development"
SCHEMA = schema.load()
DEFINITIONS: dict[str, Any] = SCHEMA["$defs"]
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)


class Case(NamedTuple):
    """A command line whose output must fit, the definition that it must fit, and its exit codes."""

    name: str
    arguments: str
    definition: str
    codes: tuple[int, ...] = (0,)


EITHER = (0, 1)

CASES = (
    Case("an answer", "ask what conditions warrant caution with warfarin? --graph my.kg", "ask"),
    Case("an answer with quotes", "ask what interacts with ibuprofen? --graph my.kg --documents pages", "ask"),
    Case("nothing stated", "ask does warfarin cause hiccups? --graph my.kg", "ask", EITHER),
    Case("a question of the catalogue", "query cautions --drug warfarin --graph my.kg", "query"),
    Case("an own question", "query own.rq --graph my.kg", "query"),
    Case("the catalogue", "query --list", "query-list"),
    Case("a sound graph", "check my.kg", "check"),
    Case("a broken graph", "check broken.kg", "check", (1,)),
    Case("mentions", "evaluate gold --errors 2 --vocabulary none", "evaluate-mentions"),
    Case("labels", "evaluate gold.jsonl --labels labels --errors 2 --vocabulary none", "evaluate-labels"),
    Case("labels without errors", "evaluate gold.jsonl --labels labels --vocabulary none", "evaluate-labels"),
    Case("a build", "build pages --out built.kg --vocabulary none", "build"),
    Case("a folder as it was built", "verify my.kg", "verify"),
    Case("a damaged folder", "verify broken.kg", "verify", (1,)),
    Case("two builds", "diff my.kg earlier.kg", "diff", (1,)),
    Case("a lexicon", "vocabulary list --out my.lexicon", "vocabulary-list"),
    Case("paths", "explain warfarin ibuprofen --graph my.kg", "explain", EITHER),
    Case("shared risks", "drugs shared warfarin ibuprofen --graph my.kg", "drugs-shared", EITHER),
    Case("drugs together", "drugs interactions warfarin ibuprofen --graph my.kg", "drugs-interactions", EITHER),
    Case("alternatives", "drugs alternatives ibuprofen --graph my.kg", "drugs-alternatives", EITHER),
    Case("likeness", "drugs alike ibuprofen --graph my.kg", "drugs-alike", EITHER),
    Case("a class", "drugs class NSAID --share 0.5 --graph my.kg", "drugs-class", EITHER),
    Case("a patient", "fit warfarin ibuprofen --patient pregnancy --patient alcohol --graph my.kg", "fit", EITHER),
    Case("two drugs", "compare warfarin ibuprofen --graph my.kg", "compare", EITHER),
    Case("contradictions", "contradictions --graph my.kg", "contradictions", EITHER),
)
KNOWN = {name for name, _ in app._COMMANDS} | {str(group.name) for group in app.app.registered_groups}
PRINTED = [
    pytest.param(
        case,
        id=case.name,
        marks=pytest.mark.skipif(case.arguments.split()[0] not in KNOWN, reason="no such command is here"),
    )
    for case in CASES
]


@pytest.fixture(scope="module", autouse=True)
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with a graph, a broken one, documents, gold and a lexicon."""
    place = tmp_path_factory.mktemp("json")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(place)
        patch.delenv("KG_DOCUMENTS", raising=False)
        Path("pages").mkdir()
        for name in ("warfarin.txt", "ibuprofen.txt", "naproxen.txt"):
            shutil.copy(PAGES / name, "pages")
        for name, advice in (
            ("one.txt", "Do not use metoprolol in asthma."),
            ("two.txt", "Use with caution in asthma."),
        ):
            Path("pages", name).write_text(f"Metoprolol\n\n{advice}\n", "utf-8")
        assert cli.main(["build", "pages/two.txt", "pages/naproxen.txt", "--out", "earlier.kg"]) == 0
        assert cli.main(["build", "pages", "--out", "my.kg"]) == 0
        shutil.copytree("my.kg", "broken.kg")
        page = Path("broken.kg", "statements", "warfarin.txt.ttl")
        kept = [line for line in page.read_text("utf-8").splitlines() if "drugs:polarity" not in line]
        page.write_text("\n".join(kept), "utf-8")
        Path("own.rq").write_text("SELECT ?level { ?fact drugs:level ?level } LIMIT 2\n", "utf-8")
        test_evaluation.gold_folder(place)
        Path("labels").mkdir()
        labels = {"results": [test_evaluation_of_labels.OTHERS, test_evaluation_of_labels.LABEL]}
        Path("labels", "one.json").write_text(json.dumps(labels), "utf-8")
        gold = (test_evaluation_of_labels.gold_line(*found) for found in test_evaluation_of_labels.FOUND)
        Path("gold.jsonl").write_text(written.lines(gold), "utf-8")
        Path("hp.obo").write_text("[Term]\nid: HP:0000118\nname: Something odd\n", "utf-8")
        assert cli.main(["vocabulary", "add", "hp.obo", "--out", "my.lexicon"]) == 0
        yield place


def printed(case: Case, capsys: pytest.CaptureFixture[str]) -> Any:
    """What a command prints as JSON."""
    code = cli.main([*case.arguments.split(), "--format", "json"])
    out, err = capsys.readouterr()
    assert code in case.codes, err
    return json.loads(out)


def problems(document: object, definition: str | None = None) -> list[str]:
    """What the schema says against a document; of one definition, the messages name what is wrong."""
    if definition is None:
        return [error.message for error in VALIDATOR.iter_errors(document)]
    part = SCHEMA | {"oneOf": [{"$ref": f"#/$defs/{definition}"}]}
    return [e.message for error in jsonschema.Draft202012Validator(part).iter_errors(document) for e in error.context]


@pytest.mark.parametrize("case", PRINTED)
def test_what_a_command_prints_fits_the_schema(case: Case, capsys: pytest.CaptureFixture[str]) -> None:
    document = printed(case, capsys)
    assert problems(document, f"command-{case.definition}") == []
    assert problems(document) == []
    if case.name != "nothing stated":
        emptied = [key for key in ("rows", "questions", "sources") if document.get(key) == []]
        assert emptied == [], "a case that shows nothing proves nothing"


@pytest.mark.parametrize("case", PRINTED)
def test_what_does_not_fit_is_refused(case: Case, capsys: pytest.CaptureFixture[str]) -> None:
    document = printed(case, capsys)
    seen = 0
    for place, mutant in mutants(document):
        seen += 1
        assert not VALIDATOR.is_valid(mutant), f"{place} was changed and nobody objects"
    assert seen > 5


OPEN = ("parameters", "options", "dropped", "kinds")
"""Objects whose keys are names that the schema cannot know."""

LISTED = ("level", "kind", "polarity", "severity", "verdict")
"""Fields whose values are those of a closed list."""


def mutants(document: Any) -> Iterator[tuple[str, Any]]:
    """Documents that say something else than the schema allows: a key too many, a value off its list, another type."""
    document = shortened(document)
    shapes: set[tuple[str | int, ...]] = set()
    for path in paths(document):
        value = at(document, path)
        if path[-2:] in shapes:  # facts are alike wherever they are
            continue
        shapes.add(path[-2:])
        name = ".".join(map(str, path)) or "the whole"
        if path:
            yield f"{name} as a list in a list", changed(document, path, [[value]])
        if isinstance(value, dict) and (not path or path[-1] not in OPEN):
            yield f"{name} with a number too many", changed(document, path, {**value, "surplus": 1})
        # columns of one's own queries can be called as they like, and so can the verdicts of walks
        free = "columns" in document or (path[-1:] == ("verdict",) and "rows" in path)
        if path and path[-1] in LISTED and isinstance(value, str) and not free:
            yield f"{name} off its list", changed(document, path, "dangerous")
        if isinstance(value, int) and not isinstance(value, bool):
            yield f"{name} as a text", changed(document, path, str(value))
    for key in ("format", "command", "notice"):
        yield f"another {key}", document | {key: "another"}
        yield f"no {key}", {name: value for name, value in document.items() if name != key}


def paths(value: Any, above: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Every place in a document."""
    yield above
    if isinstance(value, dict):
        for key in value:
            yield from paths(value[key], (*above, key))
    elif isinstance(value, list):
        for number in range(len(value)):
            yield from paths(value[number], (*above, number))


def shortened(value: Any) -> Any:
    """A document with one entry in each of its lists."""
    if isinstance(value, dict):
        return {key: shortened(item) for key, item in value.items()}
    return [shortened(item) for item in value[:1]] if isinstance(value, list) else value


def at(value: Any, path: tuple[str | int, ...]) -> Any:
    """What is at a place."""
    for step in path:
        value = value[step]
    return value


def changed(document: Any, path: tuple[str | int, ...], value: Any) -> Any:
    """A copy with another value at a place."""
    if not path:
        return value
    copied = copy.deepcopy(document)
    at(copied, path[:-1])[path[-1]] = value
    return copied


REQUIRED = {case.definition: case for case in reversed(CASES)}


@pytest.mark.parametrize("definition", [name for name, case in REQUIRED.items() if case.arguments.split()[0] in KNOWN])
def test_nothing_that_is_promised_may_be_left_out(definition: str, capsys: pytest.CaptureFixture[str]) -> None:
    document = printed(REQUIRED[definition], capsys)
    for key in DEFINITIONS[f"command-{definition}"]["required"]:
        assert not VALIDATOR.is_valid({name: value for name, value in document.items() if name != key}), key


def test_lines_of_extract_fit(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["extract", "pages", "--vocabulary", "none"]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    validator = jsonschema.Draft202012Validator(SCHEMA | {"oneOf": [{"$ref": "#/$defs/statement"}]})
    assert len(lines) > 20
    for line in lines:
        assert validator.is_valid(line), line
        assert not validator.is_valid(line | {"polarity": "perhaps"})
        assert not validator.is_valid(line | {"surplus": 1})


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    named = [entry["$ref"].removeprefix("#/$defs/") for entry in SCHEMA["oneOf"]]
    assert named == [name for name in DEFINITIONS if name.startswith("command-")]
    assert DEFINITIONS["envelope"]["properties"]["format"]["const"] == schema.FORMAT
    assert DEFINITIONS["envelope"]["properties"]["notice"]["const"] == schema.NOTICE
    commands = {name.removeprefix("command-") for name in named}
    elsewhere = {"push"}  # it needs a server
    told = {name for name in commands if not name.startswith("page-")}
    assert {case.definition for case in CASES} == told - elsewhere


def test_what_a_push_says_fits(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with servers.running("oxigraph", tmp_path) as server:
        assert cli.main(["push", "my.kg", server.address, "--format", "json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert not problems(said)
    assert said["sent"] == said["graphs"] > 0
    for name in DEFINITIONS["command-push"]["required"]:
        assert problems({key: value for key, value in said.items() if key != name})


@pytest.mark.parametrize("name", DEFINITIONS)
def test_every_field_is_described_and_no_other_is_allowed(name: str) -> None:
    definition = DEFINITIONS[name]
    assert definition["description"].endswith(".")
    for field, about, _ in schema.fields(definition):
        assert about["description"].endswith("."), field
        assert not about.get("properties") or about["additionalProperties"] is False, field
    if definition.get("properties"):
        rest = definition.get("unevaluatedProperties", definition.get("additionalProperties"))
        assert name == "envelope" or rest is False or rest == {"type": "string"}


def test_the_lists_are_those_of_the_ontology() -> None:
    language = ontology.load()
    assert DEFINITIONS["level"]["enum"] == list(language.levels)
    assert DEFINITIONS["kind"]["enum"] == list(language.kinds)
    assert DEFINITIONS["polarity"]["enum"] == list(language.polarities)
    qualifiers = DEFINITIONS["qualifiers"]["properties"]
    assert list(qualifiers) == list(closed.qualifiers())
    for name, about in qualifiers.items():
        known = closed.qualifiers()[name]
        if all(qualifier.values is not None for qualifier in known):
            listed = DEFINITIONS["level"]["enum"] if "$ref" in about else about["enum"]
            assert listed == list(closed.values(name))
        else:
            assert about["type"] == "string"


def test_every_command_that_prints_json_has_an_entry() -> None:
    named = {
        DEFINITIONS[entry["$ref"].rsplit("/", 1)[1]]["properties"]["command"]["const"] for entry in SCHEMA["oneOf"]
    }
    commands: dict[str, Callable[..., int]] = dict(app._COMMANDS)
    printing = {name for name, command in commands.items() if "screen.as_json" in inspect.getsource(module_of(command))}
    assert printing <= {name.split()[0] for name in named}
    assert {"ask", "query", "check", "evaluate", "build"} <= printing


def module_of(command: Callable[..., int]) -> Any:
    """The module that a command is in."""
    return inspect.getmodule(command)


def test_the_page_is_current() -> None:
    assert (ROOT / schema.PAGE).read_text("utf-8") == schema.page(), f"run `{schema.COMMAND}`"


def test_the_envelope_says_which_command() -> None:
    assert json.loads(screen.as_json("check", {"ok": True})) == {
        "format": "drug-facts/1",
        "command": "check",
        "notice": "Information about documents, not medical advice.",
        "ok": True,
    }
