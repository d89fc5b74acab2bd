"""The prose is true: commands run, examples print what they say, links lead somewhere."""

from __future__ import annotations

import functools
import json
import re
import shlex
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from starlette.routing import BaseRoute, Route, Router, WebSocketRoute

from demos.faults import faults
from demos.limits import PREFIX, Limits
from demos.routes import routes
from tests.generate_docs import OTHERS
from tests.generate_docs import commands as commands_page
from tests.generate_docs import settings as settings_page

ROOT = Path(__file__).parents[1]
RECIPES = sorted(
    str(path.relative_to(ROOT)) for half in ("guide", "demos") for path in (ROOT / half).rglob("README.md")
)
PAGES = ["README.md", "CONTRIBUTING.md", "DECISIONS.md", "CHANGELOG.md", "SECURITY.md"]
PAGES += [*sorted(f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md")), *RECIPES]
MOST_WORDS = {"README.md": 700, "CONTRIBUTING.md": 700, "DECISIONS.md": 2000} | dict.fromkeys(RECIPES, 250)


def text(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def blocks(page: str, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", text(page), re.DOTALL)


def commands() -> list[tuple[str, str]]:
    """Every line of every sh block, with the page that shows it. Those of the skill are run by its own test."""
    told = [page for page in PAGES if page != "docs/skill.md"]
    return [(page, line) for page in told for block in blocks(page, "sh") for line in block.splitlines() if line]


def run(command: str, seconds: float = 60) -> subprocess.CompletedProcess[str]:
    """As in a shell, with this Python in place of the reader's .venv."""
    here = command.replace(".venv/bin/python", shlex.quote(sys.executable))
    return subprocess.run(here, shell=True, cwd=ROOT, capture_output=True, text=True, timeout=seconds, check=False)


@functools.cache
def help_of(half: str, verb: str) -> subprocess.CompletedProcess[str]:
    return run(f".venv/bin/python -m {half} {verb} --help")


def exists(command: str) -> str:
    """What is wrong with a command; '' where there is nothing."""
    words = shlex.split(command)
    while words and re.match(r"STREAMWISE_\w+=", words[0]):
        words = words[1:]
    match words:
        case ["make", target, *_]:
            return "" if re.search(rf"(?m)^{target}:", text("Makefile")) else f"no target {target}"
        case ["python3", "-m", "venv", ".venv"]:
            return ""
        case [".venv/bin/python", "-m", "pip", "install", "-r", file]:
            return "" if (ROOT / file).is_file() else f"no file {file}"
        case [".venv/bin/python", "-m", "pip", "install", ".[mcp]"]:
            return "" if (ROOT / "pyproject.toml").is_file() else "no package"
        case [".venv/bin/python", "-m", "streamlit", "run", script, *_]:
            return "" if (ROOT / script).is_file() else f"no file {script}"
        case [".venv/bin/python", "-m", "pytest", *arguments]:
            gone = [a for a in arguments if a.startswith("tests/") and not (ROOT / a).exists()]
            return f"no {gone}" if gone else ""
        case [".venv/bin/python", "-m", ("guide" | "demos") as half, verb, *options]:
            usage = help_of(half, verb)
            gone = [o for o in options if o.startswith("--") and o not in usage.stdout]
            return usage.stderr or (f"no option {gone}" if gone else "")
        case ["curl", "-N", url]:
            return "" if re.fullmatch(r"http://127\.0\.0\.1:8501/api/stream\?query=\S+", url) else "unknown address"
        case ["printf", _, "|", *rest]:
            return exists(shlex.join(rest))
    return "a kind of command that this test does not know"


@pytest.mark.parametrize(("page", "command"), commands())
def test_a_command_exists(page: str, command: str) -> None:
    assert exists(command) == ""


def test_the_readme_decides_as_it_says() -> None:
    example = next(line for page, line in commands() if page == "README.md" and "guide decide" in line)
    ran = run(example)
    assert ran.returncode == 0, ran.stderr
    shown = json.loads(blocks("README.md", "json")[0])
    verdict = json.loads(ran.stdout)
    assert shown == {key: verdict[key] for key in shown}


def test_check_and_list_run_as_shown() -> None:
    for command in (".venv/bin/python -m guide check", ".venv/bin/python -m demos list"):
        ran = run(command)
        assert ran.returncode == 0, ran.stderr
    assert "drop" in ran.stdout


def test_what_check_says_is_what_it_says() -> None:
    """CONTRIBUTING shows two mistakes; the sentences are those of the program."""
    shown = re.search(r"```\n(needs\.yaml.*?)```", text("CONTRIBUTING.md"), re.DOTALL)
    assert shown
    code = text("guide/book/checks.py")
    for line in shown[1].splitlines():
        place, found, allowed = re.fullmatch(r"(\S+: \S+): (.+)\. Allowed: (.+)", line).groups()  # type: ignore[union-attr]
        assert (ROOT / "guide/knowledge" / place.split(":")[0]).is_file()
        assert re.sub(r"'.*'", "", found).strip() in code
        assert allowed in code or allowed == "sse, websocket"


@pytest.mark.parametrize("page", PAGES)
def test_links_and_pictures_lead_somewhere(page: str) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", text(page)):
        if not target.startswith(("https://", "http://", "#")):
            assert (ROOT / page).parent.joinpath(target.split("#")[0]).is_file(), target


@pytest.mark.parametrize("page", PAGES)
def test_paths_that_are_named_exist(page: str) -> None:
    """Everything in backticks that looks like a path of ours. NAME stands for what the reader chooses."""
    named = set(re.findall(r"`((?:guide|demos|tests|static|docs|requirements|\.streamlit|\.ci)/[\w./-]*)`", text(page)))
    named |= {
        name for line in blocks(page, "") for name in re.findall(r"(?m)(?:^|  )((?:guide|demos|tests)/[\w./]*)", line)
    }
    for name in named:
        assert "NAME" in name or (ROOT / name).exists(), name


def test_names_of_the_code_that_are_quoted_exist() -> None:
    assert re.search(r"(?m)^POINTS\b", text("guide/decision/plan.py"))
    assert "SCENARIO" in text("demos/scenarios/drop.py")
    for force in ("rules-out", "strongly-favours", "favours", "weakens"):
        assert f'"{force}"' in text("guide/model.py")
        assert f"`{force}`" in text("guide/knowledge/questions/README.md")


@pytest.mark.parametrize(("page", "most"), MOST_WORDS.items())
def test_a_page_stays_short(page: str, most: int) -> None:
    assert len(text(page).split()) < most


def test_contributing_names_every_recipe() -> None:
    assert set(re.findall(r"`([\w/]+/README\.md)`", text("CONTRIBUTING.md"))) == set(RECIPES)


@pytest.mark.parametrize(("page", "written"), [("commands.md", commands_page), ("settings.md", settings_page)])
def test_a_generated_page_is_what_the_code_says(page: str, written: Callable[[], str]) -> None:
    """But for spaces: each version of Python breaks the lines of --help in its own way."""
    assert text(f"docs/{page}").split() == written().split(), "make docs"


def test_settings_are_those_that_the_code_reads() -> None:
    code = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "demos").rglob("*.py"))
    read = set(re.findall(r"\bSTREAMWISE_(?!MAX_)[A-Z_]*[A-Z]\b", code))
    assert read == set(OTHERS)
    for name in ("HEARTBEAT_SECONDS", "COALESCE_MS"):
        default = re.search(rf'STREAMWISE_{name}", (\d+),', code)
        assert default
        assert default[1] == OTHERS[f"STREAMWISE_{name}"][0]


def test_settings_that_pages_name_exist() -> None:
    known = set(OTHERS) | {f"{PREFIX}{field.name.upper()}" for field in fields(Limits)}
    for page in PAGES:
        assert set(re.findall(r"STREAMWISE_[A-Z_]*[A-Z]\b", text(page))) <= known, page


def served() -> set[tuple[str, str]]:
    """Method and path of everything that the app's own port serves below /api."""
    seen: list[BaseRoute] = []
    made = Router.__init__

    def noting(self: Router, routes: Sequence[BaseRoute] | None = None, *rest: Any, **more: Any) -> None:
        made(self, routes, *rest, **more)
        seen.extend(routes or ())

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Router, "__init__", noting)
        routes()
    found = {("WebSocket", f"/api{route.path}") for route in seen if isinstance(route, WebSocketRoute)}
    for route in seen:
        if isinstance(route, Route):
            found |= {(method, f"/api{route.path}") for method in route.methods or () if method != "HEAD"}
    others = ("/api/traps/", "/api/{path:path}")  # the second takes what no route does
    return {(method, path) for method, path in found if not path.startswith(others)}


def test_endpoints_are_those_that_are_served() -> None:
    rows = re.findall(r"(?m)^\| (GET|POST|WebSocket) \| `(\S+)` \| .+ \|$", text("docs/endpoints.md"))
    assert len(rows) == len(set(rows))
    assert set(rows) == served()


def test_every_fault_stands_with_its_endpoint() -> None:
    row = re.search(r"(?m)^\| POST \| `/api/threads/\{thread_id\}/faults` \| (.+) \|$", text("docs/endpoints.md"))
    assert row
    assert set(re.findall(r"`(\w+)`", row[1])) == {*faults()} - {"nothing"}


@pytest.mark.parametrize(
    ("pattern", "files"),
    [
        (r"About ([\d,]+) lines of Python", "guide,demos/*.py"),
        (r" ([\d,]+) of tests", "tests/*.py"),
        (r"and ([\d,]+) of knowledge", "guide/*.yaml"),
    ],
)
def test_the_size_that_is_stated_is_about_right(pattern: str, files: str) -> None:
    found = re.search(pattern, text("README.md"))
    assert found
    folders, names = files.split("/")
    stated = int(found[1].replace(",", ""))
    lines = sum(
        len(p.read_text(encoding="utf-8").splitlines())
        for half in folders.split(",")
        for p in (ROOT / half).rglob(names)
    )
    assert 0.8 < lines / stated < 1.25, f"{lines} lines now: say so in the README"


def test_measured_settings_are_the_settings() -> None:
    config = text(".streamlit/config.toml")
    for name, value in re.findall(r"`(?:\w+\.)?(\w+) = ([^`]+)`", text("DECISIONS.md")):
        assert re.search(rf"(?m)^{name} = {re.escape(value)}(\s|$)", config), f"{name} = {value}"


def test_what_runs_in_ci_is_make_test() -> None:
    script = text(".ci/run")
    assert script.rstrip().endswith("make test")
    assert "set -euo pipefail" in script
    assert (ROOT / ".ci/run").stat().st_mode & 0o111
