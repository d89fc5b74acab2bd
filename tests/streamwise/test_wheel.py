"""The wheel, alone in a fresh environment: small, whole, and at work without Streamlit and without a network."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

ROOT = Path(__file__).parents[2]
LARGEST = 3_000_000
"""Bytes of the wheel; a bound, so that nothing gets in by mistake."""
ANSWERS = "uplink: controls\nclients: browsers\npath: nginx\nresume: resume\n"
OFFLINE = {"HTTP_PROXY": "http://127.0.0.1:9", "HTTPS_PROXY": "http://127.0.0.1:9", "NO_PROXY": ""}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built from this folder."""
    out = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "uv", "build", "--wheel", "--no-build-isolation", "--python", sys.executable]
    subprocess.run([*build, "--out-dir", out, ROOT], check=True, capture_output=True)
    [found] = out.glob("*.whl")
    return found


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The command in an environment that holds the wheel and what it needs, and nothing else."""
    folder = tmp_path_factory.mktemp("environment") / "venv"
    uv = [sys.executable, "-m", "uv"]
    subprocess.run([*uv, "venv", "--quiet", "--python", sys.executable, folder], check=True)
    python = folder / "bin" / "python"
    constraints = ROOT / "requirements" / "tests.txt"
    install: list[str | Path] = [*uv, "pip", "install", "--quiet", "--python", python, "--constraints", constraints]
    subprocess.run([*install, f"{wheel}[mcp]"], check=True)
    return folder / "bin" / "streamwise"


def run(command: Path, *arguments: object, folder: Path, code: int = 0) -> str:
    environment = {**os.environ, **OFFLINE}
    ran = subprocess.run(
        [command, *map(str, arguments)], cwd=folder, env=environment, capture_output=True, text=True, timeout=120
    )
    assert ran.returncode == code, ran.stderr
    return ran.stdout


def test_it_holds_the_knowledge_and_no_test(wheel: Path) -> None:
    with ZipFile(wheel) as archive:
        names = archive.namelist()
    assert wheel.stat().st_size < LARGEST
    assert "guide/knowledge/traces.yaml" in names
    assert "guide/knowledge/starter/agent/agent.py" in names or any("starter/" in name for name in names)
    assert {name.partition("/")[0] for name in names} <= {"guide", "demos", "streamwise"} | {
        name.partition("/")[0] for name in names if ".dist-info" in name
    }
    here = {path.relative_to(ROOT).as_posix() for path in (ROOT / "guide" / "knowledge").rglob("*") if path.is_file()}
    assert {path for path in here if "__pycache__" not in path} <= {*names}, "every file of the knowledge"


def test_the_guide_works_alone_and_offline(installed: Path, tmp_path: Path) -> None:
    answers = tmp_path / "answers.yaml"
    answers.write_text(ANSWERS)
    assert json.loads(run(installed, "decide", answers, folder=tmp_path))["choice"] == "sse"
    run(installed, "export", answers, "--format", "json", "--out", tmp_path / "record.json", folder=tmp_path)
    assert "nothing differs" in run(installed, "watch", "record.json", folder=tmp_path)
    run(installed, "starter", answers, "--out", tmp_path / "project", folder=tmp_path)
    assert (tmp_path / "project" / "app" / "agent.py").is_file()
    assert "ping-timeout-1011" in run(installed, "search", "1011", folder=tmp_path)
    assert "usage" in run(installed, "probe", "--help", folder=tmp_path)
    import_all = "import importlib.util as u; print([m for m in ('streamlit', 'langgraph') if u.find_spec(m)])"
    assert run(installed.with_name("python"), "-c", import_all, folder=tmp_path).strip() == "[]"


def test_its_mcp_server_answers(installed: Path, tmp_path: Path) -> None:
    """By two messages of the protocol, as a client writes them."""
    hello = {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}}
    messages = [
        {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": hello},
        {"jsonrpc": "2.0", "method": "notifications/initialized"},
        {"jsonrpc": "2.0", "id": 2, "method": "tools/list", "params": {}},
    ]
    with subprocess.Popen(
        [installed, "mcp"],
        cwd=tmp_path,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | OFFLINE,
    ) as server:
        assert server.stdin
        assert server.stdout
        server.stdin.write("".join(json.dumps(message) + "\n" for message in messages))
        server.stdin.flush()
        replies = [json.loads(server.stdout.readline()) for _ in range(2)]
        server.stdin.close()
        assert server.wait(30) == 0
    assert [reply["id"] for reply in replies] == [1, 2]
    assert len(replies[1]["result"]["tools"]) == 5


def test_the_probe_reads_a_stream(installed: Path, tmp_path: Path) -> None:
    """Where nothing listens: it says so, and needs no further package."""
    ran = subprocess.run([installed, "probe", "http://127.0.0.1:9"], cwd=tmp_path, capture_output=True, text=True)
    assert ran.returncode in (1, 2)
    assert "Traceback" not in ran.stderr
