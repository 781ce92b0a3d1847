"""The README tells the truth: its commands run, its Python runs, its links lead somewhere."""

from __future__ import annotations

import contextlib
import io
import re
import shlex
from pathlib import Path

import pytest

from kg import cli

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text("utf-8")
COMMANDS = re.findall(r"(?m)^\$ kg (.*?)(?:\s+#.*)?$", README)
BLOCKS = re.findall(r"(?ms)^```python\n(.*?)^```", README)
LINKS = re.findall(r"\]\((?!https?:)([^)#]+)", README)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder like the checkout, with the files that the README takes for granted."""
    place = tmp_path_factory.mktemp("readme")
    (place / "tests").symlink_to(ROOT / "tests")
    (place / "path" / "to").mkdir(parents=True)
    (place / "path" / "to" / "pages").symlink_to(ROOT / "tests" / "documents")
    (place / "my-own.rq").write_text(
        '# title: What the drug treats\n# parameter: drug Drug "clonazepam"\n'
        "PREFIX drugs: <https://w3id.org/drug-facts/ontology/>\n"
        "SELECT ?drug ?object { ?drug drugs:treats ?object } ORDER BY ?object\n",
        "utf-8",
    )
    (place / "hp.obo").write_text("[Term]\nid: HP:0000118\nname: Something odd\n", "utf-8")
    (place / "mondo.tsv").write_text("id\tname\tsynonyms\txrefs\tparents\nMONDO:1\talpha fever\t\t\t\n", "utf-8")
    (place / "mine.csv").write_text("code,name,others\nA1,beta fever,betitis\n", "utf-8")
    with contextlib.redirect_stderr(io.StringIO()):
        assert (
            cli.main(
                [
                    "vocabulary",
                    "add",
                    *(str(place / n) for n in ("hp.obo", "mondo.tsv")),
                    "--out",
                    str(place / "my.lexicon"),
                ]
            )
            == 0
        )
    page = str(ROOT / "tests" / "documents" / "development" / "amlodipine.txt")
    with contextlib.redirect_stderr(io.StringIO()):
        assert cli.main(["build", page, "--out", str(place / "yesterday.kg")]) == 0
    return place


def test_there_is_something_to_run() -> None:
    assert len(COMMANDS) >= 9
    assert len(BLOCKS) == 1
    assert LINKS


@pytest.mark.parametrize("command", COMMANDS)
def test_commands_run(
    command: str, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(folder)
    monkeypatch.delenv("KG_DOCUMENTS", raising=False)
    if "my.kg" in command and "--out my.kg" not in command and not (folder / "my.kg").exists():
        with contextlib.redirect_stderr(io.StringIO()):
            assert cli.main(["build", "tests/documents/development", "--out", "my.kg"]) == 0
    expected = cli.PROBLEMS if command.startswith("diff") else cli.DONE
    assert cli.main(shlex.split(command)) == expected, capsys.readouterr().err


def test_python_runs(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(folder)
    exec(compile(BLOCKS[0], "README.md", "exec"), {})  # noqa: S102
    assert capsys.readouterr().out
    assert (folder / "out.ttl").is_file()


@pytest.mark.parametrize("link", LINKS)
def test_links_lead_somewhere(link: str) -> None:
    assert (ROOT / link).exists()
