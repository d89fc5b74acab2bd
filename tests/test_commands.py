"""Every target of the Makefile and every verb of both command lines, run for real in its short form."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import httpx
import pytest

from demos.processes.ports import free_port
from tests.browser.running import wait_until_answered
from tests.generate_docs import usage
from tests.make_targets import make
from tests.patience import seconds

ROOT = Path(__file__).parents[1]
GUIDE: Mapping[str, tuple[str, ...]] = {
    "check": (),
    "decide": ("ANSWERS",),
    "export": ("ANSWERS",),
    "schema": (),
    "score": (),
    "prove": (),
    "stale": ("--older-than", "3650"),
    "search": ("all", "at", "once"),
    "starter": ("ANSWERS", "--out", "FOLDER"),
    "watch": ("RECORDS", "--only-records"),
}
DEMOS: Mapping[str, tuple[str, ...]] = {
    "addresses": (),
    "front": ("nginx", "--print"),
    "list": (),
    "measure": ("plain",),
    "probe": ("--target", "fastapi"),
    "proxy": ("nginx", "--short"),
    "room": ("--people", "2", "--rounds", "1"),
    "serve": ("--port", "0"),
}
TARGETS = ("help", "run", "replicas", "test", "bench", "soak", "shots", "docs", "lock", "clean")
"""`test` is what runs these tests. Its checks come before them, so that nobody is here where one of them has failed."""
STARTER_LOCKS = "guide/knowledge/starter/locks"
LONG_S = seconds(150)


def python(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *words], cwd=ROOT, capture_output=True, text=True, timeout=LONG_S)


def ran(*words: str, folder: Path = ROOT) -> str:
    """What a target prints; it has to succeed."""
    done = subprocess.run(make(*words, folder=folder), capture_output=True, text=True, timeout=LONG_S)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_every_verb_and_every_target_is_here() -> None:
    for half, known in (("guide", GUIDE), ("demos", DEMOS)):
        named = re.search(r"\{([a-z,]+)\}", usage(half))
        assert named is not None
        assert {*named[1].split(",")} == {*known}
    targets = re.findall(r"(?m)^([a-z]+):.*##", (ROOT / "Makefile").read_text(encoding="utf-8"))
    assert {*targets} == {*TARGETS}


@pytest.mark.parametrize("verb", GUIDE)
def test_a_verb_of_the_guide_runs(verb: str, tmp_path: Path) -> None:
    answers = tmp_path / "answers.yaml"
    answers.write_text("uplink: nothing\n")
    places = {"ANSWERS": str(answers), "FOLDER": str(tmp_path / "new"), "RECORDS": str(tmp_path)}
    done = python("-m", "guide", verb, *(places.get(word, word) for word in GUIDE[verb]))
    assert done.returncode == 0, done.stderr
    assert done.stdout


@pytest.mark.parametrize(
    "verb",
    ["addresses", "front", "list", "measure", "probe", "room", pytest.param("proxy", marks=pytest.mark.proxy("nginx"))],
)
def test_a_verb_of_the_demos_runs(verb: str) -> None:
    done = python("-m", "demos", verb, *DEMOS[verb])
    assert done.returncode == 0, done.stderr
    assert done.stdout


def test_serve_serves_until_it_is_told_to_end() -> None:
    command = [sys.executable, "-m", "demos", "serve", *DEMOS["serve"]]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        address = re.search(r"http://\S+/api", server.stdout.readline())
        assert address is not None
        assert httpx.get(f"{address[0]}/health").json()["status"] == "ok"
        server.send_signal(signal.SIGTERM)
        assert server.wait(LONG_S) in (0, -signal.SIGTERM)


def test_make_help_names_every_target() -> None:
    told = ran("help")
    assert all(f"make {target}" in told for target in TARGETS if target != "help")


def test_make_run_serves_the_app_and_ends_with_ctrl_c(tmp_path: Path) -> None:
    port, log = free_port(), tmp_path / "log"
    with log.open("wb") as out, subprocess.Popen(make("run", f"PORT={port}"), stdout=out, process_group=0) as app:
        try:
            wait_until_answered(app, f"http://127.0.0.1:{port}/_stcore/health", log)
        finally:
            os.killpg(app.pid, signal.SIGINT)  # as a terminal does
        app.wait(LONG_S)


def test_make_docs_changes_nothing() -> None:
    pages = [*(ROOT / "docs").glob("*.md"), *(ROOT / "docs").glob("*.txt")]
    before = {page: page.read_text(encoding="utf-8") for page in pages}
    ran("docs")
    assert {page: page.read_text(encoding="utf-8") for page in pages} == before


def test_make_lock_changes_nothing_where_no_list_has_changed(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "requirements", tmp_path / "requirements")
    shutil.copytree(ROOT / STARTER_LOCKS, tmp_path / STARTER_LOCKS)
    for name in ("Makefile", "requirements.txt"):
        shutil.copy(ROOT / name, tmp_path / name)
    done = subprocess.run(make("lock", folder=tmp_path), capture_output=True, text=True, timeout=LONG_S)
    if done.returncode and re.search(r"No matching distribution|[Cc]onnection|resolve host|dns", done.stderr):
        pytest.skip("no package registry can be reached from here, and a lock is made from one")
    assert done.returncode == 0, done.stderr
    folders = (ROOT / "requirements", ROOT / STARTER_LOCKS)
    locks = [Path("requirements.txt"), *(file.relative_to(ROOT) for each in folders for file in each.glob("*.txt"))]
    changed = [lock for lock in locks if (tmp_path / lock).read_bytes() != (ROOT / lock).read_bytes()]
    assert changed == []


def test_make_clean_removes_what_was_installed(tmp_path: Path) -> None:
    shutil.copy(ROOT / "Makefile", tmp_path / "Makefile")
    for name in (".venv", ".mypy_cache", "kept"):
        (tmp_path / name).mkdir()
    subprocess.run(["make", "-C", str(tmp_path), "clean"], check=True, capture_output=True)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["Makefile", "kept"]


@pytest.mark.parametrize("part", ["guide --quick", "replicas --quick", "room --quick", "streams --quick"])
def test_make_bench_has_a_short_form(part: str) -> None:
    assert "quick: it shows that everything runs" in ran("bench", f"ARGS={part}")


@pytest.mark.browser
def test_make_bench_page_has_a_short_form() -> None:
    told = ran("bench", "ARGS=page --quick")
    for line in re.findall(r"p50 ([\d.]+), p95 ([\d.]+), p99 ([\d.]+), most ([\d.]+) ms", told):
        assert sorted(line, key=float) == list(line), "a percentile is a sample"
    assert told.count("p99") == 4


@pytest.mark.browser
def test_make_shots_has_a_short_form(tmp_path: Path) -> None:
    ran("shots", f"ARGS=--quick --to {tmp_path}")
    assert sorted(path.name for path in tmp_path.rglob("*.png")) == ["drop.png", "start-light-phone.png"]


def test_make_soak_has_a_short_form() -> None:
    """tests/test_soak.py runs one that is long enough to be judged."""
    short = "--seconds 8 --streams 4 --seed 1"
    (command,) = [line for line in ran("-n", "soak", f"ARGS={short}").splitlines() if "soak" in line]
    assert command.endswith(f"python -m tests.soak {short}")
