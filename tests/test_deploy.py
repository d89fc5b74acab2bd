"""What stands in deploy/ is run, or at least read: the Procfile for real, and one of its servers is killed."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
import yaml

from demos.processes.demo_server import Child
from demos.processes.demo_server import served as served_demos
from demos.proxies import catalog, front
from demos.proxies.running import proxied
from demos.replicas.settings import URL
from tests.browser.running import running_app, wait_until_answered
from tests.demos.replicas.engines import RunningEngine, program, running_engine
from tests.demos.toys import until
from tests.generate_docs import nginx
from tests.make_targets import make
from tests.patience import seconds
from tests.replicas.stage import Server, Stage
from tests.replicas.trials import run, undisturbed

ROOT = Path(__file__).parents[1]
DEPLOY = ROOT / "deploy"
ENGINE_PORT, FRONT_PORT = 6390, 8080
FRONTS = ("nginx", "caddy", "haproxy")
BASE = "/streamwise"


@pytest.mark.engine
@pytest.mark.proxy
def test_make_replicas_serves_and_loses_nothing_when_a_server_is_killed(tmp_path: Path) -> None:
    if program() is None or not catalog.binaries("nginx"):
        pytest.skip("no engine or no nginx on this machine")
    log = tmp_path / "log"
    with log.open("wb") as out:
        started = subprocess.Popen(make("replicas"), stdout=out, stderr=subprocess.STDOUT, process_group=0)
    try:
        wait_until_answered(started, f"http://127.0.0.1:{FRONT_PORT}/_stcore/health", log)
        until(lambda: len(served(log)) == 3)
        engine = RunningEngine(tmp_path, is_kept=False)
        engine.port = ENGINE_PORT
        servers = [Server(name, 0, {}, child=Child(started, log, pid=pid)) for name, pid in served(log).items()]
        stage = Stage(engine, servers, f"http://127.0.0.1:{FRONT_PORT}/api")
        said = undisturbed(stage)
        found = run(stage, lambda stage, owner: owner.signal(signal.SIGKILL))
        assert found.is_right, found
        assert found.text == said
        until(lambda: len(re.findall(r"Demo endpoints on", log.read_text())) == 4)  # and is started again
    finally:
        os.killpg(started.pid, signal.SIGINT)
        assert started.wait(seconds(60)) is not None
    until(lambda: not any(is_up(pid) for pid in served(log).values()))


def served(log: Path) -> dict[str, int]:
    """Process id by the name of the server; the newest."""
    lines = re.findall(r"(server\d)\S* +\S* *.*?Demo endpoints on \S+, process (\d+)", log.read_text())
    return {name: int(pid) for name, pid in lines}


def is_up(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.fixture(scope="module")
def below(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, list[str]]]:
    """Port of a server of pages below a path, and two servers of threads."""
    if program() is None:
        pytest.skip("no engine on this machine")
    with running_engine() as engine, ExitStack() as up:
        variables = {URL: engine.url}
        servers = [f"127.0.0.1:{up.enter_context(served_demos(variables)).port}" for _ in range(2)]
        app = running_app(tmp_path_factory.mktemp("below") / "log", variables, base=BASE.strip("/"))
        yield urlsplit(up.enter_context(app)).port or 0, servers


@pytest.mark.engine
@pytest.mark.proxy
@pytest.mark.parametrize("name", FRONTS)
def test_all_of_it_is_served_below_a_path(below: tuple[int, list[str]], name: str) -> None:
    """Pages by their server, threads by two others."""
    if not catalog.binaries(name):
        pytest.skip(f"{name} is not on this machine")
    port, servers = below
    front = proxied(
        catalog.binaries(name)[0], catalog.REPLICAS, port, servers=servers, base=BASE, asks=f"{BASE}/api/health"
    )
    with front as proxy, httpx.Client(base_url=proxy.api) as asked:
        thread = asked.post("/threads", json={}).json()["thread_id"]
        params = {"input": {"messages": [{"role": "user", "content": "hi"}]}}
        command = {"id": 1, "method": "run.start", "params": params}
        assert asked.post(f"/threads/{thread}/commands", json=command).json()["type"] == "success"
        with asked.stream("GET", f"/threads/{thread}/stream/events") as stream:
            assert any('"completed"' in line for line in stream.iter_lines())
        assert httpx.get(f"http://127.0.0.1:{proxy.site.port}{BASE}/_stcore/health").text == "ok"


def test_what_the_containers_mount_is_the_configuration_that_is_run() -> None:
    assert (DEPLOY / "nginx.conf").read_text(encoding="utf-8") == nginx()


@pytest.mark.parametrize("name", FRONTS)
def test_a_front_can_be_printed_and_wrong_addresses_are_refused(name: str) -> None:
    told = front.text(front.Front(name, 8080, "pages:8501", ("a:9001", "b:9002")))
    assert "{{" not in told
    assert told.count("a:9001") == told.count("b:9002") == told.count("pages:8501") == 1
    lower = front.text(front.Front(name, 8080, "pages:8501", ("a:9001",), BASE))
    assert "{{" not in lower
    assert f"{BASE}/api/threads" in lower
    assert f"{BASE}/api" not in told
    command = [sys.executable, "-m", "demos", "front", name, "--server", "a b:1"]
    refused = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert (refused.returncode, refused.stderr) == (2, "'a b:1' is no address. Allowed: HOST:PORT\n")
    mistake = front.Front(name, 8080, "pages:8501", ("a:9001",), "/a;b").mistake()
    assert mistake == "'/a;b' is no path. Allowed: /NAME, also /NAME/NAME"


def test_the_containerfile_is_clean_and_names_what_is_there() -> None:
    linter = Path(sys.executable).parent / "hadolint"
    linted = subprocess.run([linter, DEPLOY / "Containerfile"], capture_output=True, text=True)
    assert (linted.returncode, linted.stdout) == (0, "")
    text = (DEPLOY / "Containerfile").read_text()
    (lock,) = re.findall(r"-r (\S+)", text)
    assert (ROOT / lock).is_file()


def test_the_compose_file_starts_what_the_procfile_starts() -> None:
    told = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
    lines = re.findall(r"(?m)^(\w+):", (DEPLOY / "Procfile").read_text())
    assert set(told["services"]) == set(lines)
    for name, service in told["services"].items():
        assert ("build" in service) != ("image" in service), name
        assert {*service.get("depends_on", [])} <= set(lines)
        if "build" in service:
            assert service["environment"]["STREAMWISE_REDIS_URL"] == "redis://engine:6379/0"
            assert (DEPLOY / service["build"]["context"] / service["build"]["dockerfile"]).is_file()


def test_the_unit_is_one_that_systemd_takes(tmp_path: Path) -> None:
    if (verify := shutil.which("systemd-analyze")) is None:
        pytest.skip("no systemd on this machine")
    text = (DEPLOY / "streamwise@.service").read_text().replace("/srv/streamwise/.venv/bin/python", sys.executable)
    unit = tmp_path / "streamwise@9001.service"
    unit.write_text(text)
    told = subprocess.run([verify, "verify", unit], capture_output=True, text=True)
    assert "streamwise" not in told.stdout + told.stderr
