"""The one command: the verbs of both halves, and what it says where something is not installed."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from demos.__main__ import main as demos_main
from streamwise.__main__ import DEMOS, EXTRAS, USAGE, main

ROOT = Path(__file__).parents[2]


def run(*arguments: str, code: str = "") -> subprocess.CompletedProcess[str]:
    """The command in a process of its own. `code`: Python that runs before it."""
    program = f"{code}\nimport sys; from streamwise.__main__ import main; sys.exit(main({[*arguments]!r}))"
    return subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=120)


def test_its_verbs_are_those_of_the_demos(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        demos_main(["--help"])
    verbs = re.search(r"\{([a-z,]+)\}", capsys.readouterr().out)
    assert verbs
    assert {*verbs[1].split(",")} == {*DEMOS}


def test_help_names_every_verb(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    told = capsys.readouterr().out
    assert [verb for verb in ("decide", "watch", "mcp", *DEMOS) if f"    {verb} " not in told] == []
    assert main([]) == USAGE


def test_an_unknown_verb_is_told_with_all_that_there_are() -> None:
    ran = run("decice")
    assert ran.returncode == USAGE
    assert "no verb is called 'decice'. Nearest: decide" in ran.stderr
    assert "probe" in ran.stderr


@pytest.mark.parametrize(("arguments", "code"), [(["--version"], 0), (["list"], 0), (["search", "1011"], 0)])
def test_verbs_of_both_halves_run(arguments: list[str], code: int) -> None:
    ran = run(*arguments)
    assert ran.returncode == code, ran.stderr
    assert ran.stdout


@pytest.mark.parametrize(
    ("verb", "missing"), [("mcp", "mcp"), ("probe", "httpx"), ("serve", "starlette"), ("serve", "uvicorn")]
)
def test_what_is_not_installed_is_named_with_its_extra(verb: str, missing: str) -> None:
    hidden = f"import sys; sys.modules[{missing!r}] = None"
    ran = run(verb, *(["http://127.0.0.1:9"] if verb == "probe" else []), code=hidden)
    assert ran.returncode == USAGE
    wanted = f".[{EXTRAS[missing]}]" if EXTRAS[missing] else "."
    assert f"pip install '{wanted}'" in ran.stderr
    assert "Traceback" not in ran.stderr


def test_each_extra_that_is_named_exists_and_brings_the_package() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = {"": project["dependencies"], **project["optional-dependencies"]}
    for package, extra in EXTRAS.items():
        name = "websocket-client" if package == "websocket" else package.replace("_", "-")
        assert any(line.startswith(f"{name}>=") for line in extras[extra]), (package, extra)


def test_the_package_takes_the_versions_that_are_tested() -> None:
    """Each range of pyproject.toml holds the version of the lists in requirements/."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    ranges = [line for lines in (project["dependencies"], *project["optional-dependencies"].values()) for line in lines]
    pins = dict(
        line.split("==")
        for file in (ROOT / "requirements").glob("*.in")
        for line in file.read_text(encoding="utf-8").split()
        if "==" in line
    )
    for line in ranges:
        wanted = Requirement(line)
        assert pins[wanted.name] in wanted.specifier, line


def test_the_guide_needs_neither_streamlit_nor_a_server() -> None:
    """Nor LangGraph, nor MCP: by what is imported for a verdict, a record, a search and a comparison."""
    heavy = ("streamlit", "starlette", "uvicorn", "langgraph", "langchain_core", "mcp", "typst", "httpx", "demos")
    found = f"*(m for m in {heavy} if m in sys.modules)"
    script = f"import atexit, sys; atexit.register(lambda: print({found}, file=sys.stderr))"
    for arguments in (["search", "1011"], ["schema"], ["check"]):
        ran = run(*arguments, code=script)
        assert (ran.returncode, ran.stderr.split()) == (0, [])
