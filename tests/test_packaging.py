"""The wheel holds what it needs: built, installed elsewhere, asked from another folder."""

from __future__ import annotations

import os
import site
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
QUESTION = "What conditions warrant caution with Klonopin?"
DATA = ("ontology", "facts", "queries")
IN_WHEEL = (
    "kg/_data/ontology/drugs.ttl",
    "kg/_data/ontology/LICENSE",
    "kg/_data/ontology/phrases/caution.toml",
    "kg/_data/ontology/concepts/drugs.ttl",
    "kg/_data/ontology/shapes/caution.ttl",
    "kg/_data/facts/documents.ttl",
    "kg/_data/facts/LICENSE",
    "kg/_data/queries/questions/cautions.rq",
    "kg/py.typed",
    "kg/schema/output.json",
)


def run(*command: str | Path, folder: Path) -> str:
    """Run a command in a folder with an environment that points nowhere near the checkout; return its stdout."""
    outside = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "KG_", "COVERAGE", "PIP_"))}
    done = subprocess.run(list(map(str, command)), cwd=folder, env=outside, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from the checkout with the build tools of the test environment."""
    pytest.importorskip("hatchling", reason="the build backend is not installed; install drug-facts[test]")
    folder = tmp_path_factory.mktemp("dist")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    run(*build, folder=folder)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh virtual environment with the wheel in it; the libraries are borrowed from this one, so no network."""
    folder = tmp_path_factory.mktemp("elsewhere")
    run(sys.executable, "-m", "venv", "--without-pip", folder / "venv", folder=folder)
    python = folder / "venv" / "bin" / "python"
    run(
        sys.executable,
        "-m",
        "pip",
        "--python",
        python,
        "install",
        "--quiet",
        "--no-deps",
        "--no-index",
        wheel,
        folder=folder,
    )
    packages = Path(run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", folder=folder).strip())
    # A plain path entry: it finds the libraries, but not the editable install of this project beside them.
    borrowed = dict.fromkeys([sysconfig.get_path("purelib"), sysconfig.get_path("platlib"), *site.getsitepackages()])
    (packages / "borrowed.pth").write_text("\n".join(borrowed) + "\n", "utf-8")
    return folder


def test_the_wheel_holds_code_data_and_licences(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    assert [name for name in IN_WHEEL if name not in names] == []
    assert [name for name in names if "/texts/" in name or name.startswith(("tests/", "benchmarks/"))] == []
    shipped = {name.removeprefix("kg/_data/") for name in names if name.startswith("kg/_data/")}
    ours = {
        path.relative_to(ROOT).as_posix()
        for folder in DATA
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and not path.name.startswith(".")
    }
    assert shipped == ours


@pytest.mark.slow
def test_an_installed_wheel_answers_from_another_folder(installed: Path) -> None:
    venv = installed / "venv" / "bin"
    where = run(venv / "python", "-c", "import kg; print(kg.__file__)", folder=installed).strip()
    assert Path(where).is_relative_to(installed)
    answer = run(venv / "kg", "ask", QUESTION, folder=installed)
    assert "clonazepam" in answer.casefold()
    assert "not medical advice" in answer
    assert run(venv / "kg", "--version", folder=installed).startswith("drug-facts ")


@pytest.mark.slow
def test_an_installed_wheel_builds_from_another_folder(installed: Path) -> None:
    venv = installed / "venv" / "bin"
    (installed / "page.txt").write_text("Sertraline is used to treat panic disorder.\n", "utf-8")
    run(venv / "kg", "build", "page.txt", "--out", "my.kg", folder=installed)
    assert "panic disorder" in run(
        venv / "kg", "ask", "what is sertraline used for?", "--graph", "my.kg", folder=installed
    )
