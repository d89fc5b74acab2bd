"""Files that others read, such as forges and editors, say what the project does."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from guide import __version__
from guide.book import read_yaml

ROOT = Path(__file__).parents[1]
FORMS = sorted((ROOT / ".github/ISSUE_TEMPLATE").glob("*.yml"))


def parsed(path: str | Path) -> Any:
    return read_yaml((ROOT / path).read_text(encoding="utf-8"))


def first_commands() -> list[str]:
    """What `make test` runs before the tests themselves, as somebody would type it."""
    recipe = re.search(r"(?m)^test:.*\n((?:\t.*\n)+)", (ROOT / "Makefile").read_text(encoding="utf-8"))
    assert recipe
    commands = [line.strip().replace("$(BIN)", ".venv/bin") for line in recipe[1].splitlines()]
    return [command for command in commands if "pytest" not in command]


def test_before_a_commit_runs_what_make_test_runs_first() -> None:
    repos = parsed(".pre-commit-config.yaml")["repos"]
    assert [repo["repo"] for repo in repos] == ["local"]
    hooks = repos[0]["hooks"]
    assert [hook["entry"] for hook in hooks] == first_commands()
    assert {(hook["language"], hook["pass_filenames"]) for hook in hooks} == {("system", "false")}


def test_the_workflow_runs_what_ci_runs_and_may_only_read() -> None:
    workflow = parsed(".github/workflows/check.yml")
    assert set(workflow["on"]) == {"push", "pull_request"}
    assert workflow["permissions"] == {"contents": "read"}
    steps = workflow["jobs"]["check"]["steps"]
    assert [step["run"] for step in steps if "run" in step] == [".ci/run"]
    assert all(re.fullmatch(r"actions/[a-z-]+@v\d+", step["uses"]) for step in steps if "uses" in step)


def test_there_are_forms_for_a_fact_and_for_a_path() -> None:
    assert {parsed(form)["name"] for form in FORMS} == {"A fact is wrong", "A path is missing"}


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.stem)
def test_a_form_asks_for_source_and_date(form: Path) -> None:
    body = parsed(form)["body"]
    fields = {field["id"]: field for field in body}
    assert len(fields) == len(body)
    assert all(field["attributes"]["label"] for field in body)
    for name in ("source", "checked"):
        assert fields[name]["validations"]["required"] == "true"


def test_the_newest_release_is_this_version() -> None:
    headings = re.findall(r"(?m)^## (.+)$", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"))
    assert headings[0] == "Unreleased"
    releases = [re.fullmatch(r"(\d+\.\d+\.\d+) \((\d{4}-\d\d-\d\d)\)", heading) for heading in headings[1:]]
    assert all(releases)
    assert releases[0]
    assert releases[0][1] == __version__


@pytest.mark.parametrize("half", ["guide", "demos"])
def test_each_half_says_the_version(half: str, capsys: pytest.CaptureFixture[str]) -> None:
    import importlib

    main = importlib.import_module(f"{half}.__main__").main
    with pytest.raises(SystemExit) as ended:
        main(["--version"])
    assert ended.value.code == 0
    assert capsys.readouterr().out == f"Streamwise {__version__}\n"
