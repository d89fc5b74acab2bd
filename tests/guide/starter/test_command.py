"""The command `starter`: in a process of its own, as people type it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from guide.starter import packages
from tests.guide.starter.projects import DAY

ROOT = Path(__file__).parents[3]


def run(answers: Path, out: Path, *more: str, given: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "guide", "starter", str(answers), "--out", str(out), *more],
        cwd=ROOT,
        env=os.environ,
        input=given,
        capture_output=True,
        text=True,
        timeout=120,
    )


def asked(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "answers.yaml"
    file.write_text(text, encoding="utf-8")
    return file


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_it_writes_the_project_and_says_what_to_do_next(tmp_path: Path) -> None:
    out = tmp_path / "new" / "project"
    ran = run(asked(tmp_path, "uplink: controls\npath: [nginx]\n"), out)
    assert (ran.returncode, ran.stderr) == (0, "")
    made = files(out)
    assert f"{len(made)} files in {out}" in ran.stdout
    assert f"cd {out}\n" in ran.stdout
    assert ".venv/bin/python -m app" in ran.stdout
    assert str(out / "app" / "agent.py") in ran.stdout
    assert {"README.md", "deploy/nginx.conf", packages.LOCK} <= set(made)


def test_a_project_is_made_again_from_its_own_answers(tmp_path: Path) -> None:
    """Also where it was level: what was taken then is taken again."""
    first, second = tmp_path / "first", tmp_path / "second"
    level = asked(tmp_path, "clients: browsers\n")
    assert run(level, first, "--transport", "websocket").returncode == 0
    assert run(first / "streamwise.json", second).returncode == 0
    made, again = files(first), files(second)
    assert made.keys() == again.keys()
    dated = {"streamwise.json", "docs/decision.md"}
    assert {path: text for path, text in made.items() if path not in dated} == {
        path: text for path, text in again.items() if path not in dated
    }
    assert json.loads(again["streamwise.json"])["made"] >= DAY.isoformat()


@pytest.mark.parametrize(
    ("answers", "more", "said"),
    [
        ("uplink: sometimes\n", (), "uplink: found ['sometimes']. Allowed: nothing, controls"),
        ("colour: red\n", (), "colour: no such question. Allowed: uplink, media"),
        ("- uplink\n", (), "found list. Allowed: a mapping of question ids to answer ids"),
        ('{"format": "streamwise-starter/1", "answers": 1}', (), "found str. Allowed: a mapping of question ids"),
        ("media: voice\n", (), "the recommendation is WebRTC. There is a project for each of sse, websocket"),
        (
            "clients: browsers\n",
            (),
            "the verdict is level; you settle it. Add --transport sse or --transport websocket",
        ),
        ("clients: browsers\n", ("--transport", "tea"), "--transport: 'tea'. Allowed: sse, websocket"),
        ("uplink: nothing\n", ("--transport", "websocket"), "--transport: the guide recommends 'sse'."),
    ],
)
def test_what_cannot_be_made_is_refused_in_a_sentence(
    tmp_path: Path, answers: str, more: tuple[str, ...], said: str
) -> None:
    ran = run(asked(tmp_path, answers), tmp_path / "out", *more)
    assert ran.returncode == 1
    assert said in ran.stderr
    assert "Traceback" not in ran.stderr
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("there", ["mine.txt", "."])
def test_a_folder_that_is_not_empty_is_left_alone(tmp_path: Path, there: str) -> None:
    out = tmp_path / "out"
    if there == ".":
        out.write_text("a file", encoding="utf-8")
    else:
        out.mkdir()
        (out / there).write_text("mine", encoding="utf-8")
    ran = run(asked(tmp_path, "uplink: nothing\n"), out)
    assert ran.returncode == 1
    assert f"--out: {out} is not empty. Allowed: a new or an empty folder" in ran.stderr
    assert list(tmp_path.rglob("app")) == []


def test_answers_come_from_standard_input_into_an_empty_folder(tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    ran = run(Path("-"), out, given="uplink: nothing\n")
    assert (ran.returncode, ran.stderr) == (0, "")
    assert (out / "app" / "agent.py").exists()
