"""The action and the hook for other projects: their own lines are run, on records that turned and on hostile input."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from guide.book import book
from guide.record.exports import json_file
from guide.report.report import build
from tests.guide.records import record_of

ROOT = Path(__file__).parents[2]
ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
[HOOK] = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Somebody's project with two records, of which one turned, and the command on its path."""
    report = build(book(), {"uplink": ("controls",)})
    document = json.loads(json_file.render(report, record_of(report)))
    (tmp_path / "docs" / "decisions").mkdir(parents=True)
    (tmp_path / "docs" / "decisions" / "0001-kept.json").write_text(json.dumps(document))
    document["verdict"]["choice"] = "websocket"
    (tmp_path / "docs" / "decisions" / "0002-turned.json").write_text(json.dumps(document))
    (tmp_path / "package.json").write_text("{}")
    (tmp_path / "streamwise" / "bin").mkdir(parents=True)
    command = tmp_path / "streamwise" / "bin" / "streamwise"
    command.write_text(f'#!/bin/sh\nPYTHONPATH={shlex.quote(str(ROOT))} exec {sys.executable} -m streamwise "$@"\n')
    command.chmod(0o755)
    return tmp_path


def run(project: Path, script: str, **inputs: str) -> subprocess.CompletedProcess[str]:
    path = f"{project / 'streamwise' / 'bin'}:{os.environ['PATH']}"
    environment = {**os.environ, **inputs, "PATH": path, "RUNNER_TEMP": str(project)}
    return subprocess.run(
        ["bash", "-eo", "pipefail", "-c", script], cwd=project, env=environment, capture_output=True, text=True
    )


def step() -> dict[str, Any]:
    found: dict[str, Any] = ACTION["runs"]["steps"][-1]
    return found


def defaults() -> dict[str, str]:
    given = {name: str(one["default"]) for name, one in ACTION["inputs"].items()}
    assert {value: f"${{{{ inputs.{value.lower()} }}}}" for value in step()["env"]} == step()["env"]
    return {name.upper(): value for name, value in given.items()}


def test_the_action_marks_what_turned_and_fails(project: Path) -> None:
    ran = run(project, step()["run"], **defaults())
    assert ran.returncode == 1, ran.stderr
    [mark, last] = ran.stdout.splitlines()
    assert mark.startswith("::error file=docs/decisions/0002-turned.json,")
    assert last.startswith("2 records under rules ")


def test_records_may_stand_in_lines(project: Path) -> None:
    ran = run(project, step()["run"], **defaults() | {"RECORDS": "docs/decisions/0001-kept.json\ndocs/decisions\n"})
    assert ran.stdout.splitlines()[-1].startswith("3 records under rules ")


def test_inputs_are_no_commands(project: Path) -> None:
    hostile = {
        **defaults(),
        "RECORDS": "docs/decisions; touch pwned $(touch pwned) `touch pwned`",
        "WARN": "true; touch pwned",
    }
    assert run(project, step()["run"], **hostile).returncode != 0
    assert not (project / "pwned").exists()
    assert "${{" not in step()["run"]


def test_the_hook_takes_all_json_files_and_finds_the_records(project: Path) -> None:
    files = ["package.json", "docs/decisions/0001-kept.json"]
    assert run(project, shlex.join([*shlex.split(HOOK["entry"]), *files])).returncode == 0
    files.append("docs/decisions/0002-turned.json")
    ran = run(project, shlex.join([*shlex.split(HOOK["entry"]), *files]))
    assert ran.returncode == 1
    assert "0002-turned.json: turned:" in ran.stdout
