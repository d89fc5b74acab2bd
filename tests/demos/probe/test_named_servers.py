"""The probe on servers that people run: those of Python bare, and development servers of JavaScript between."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from importlib.util import find_spec
from pathlib import Path

import pytest

from demos.probe.result import Result
from demos.processes.ports import free_port
from guide.book import KNOWLEDGE
from tests.demos.probe.probing import advice, bad, probed, running
from tests.patience import at_once

PACKAGES = Path(sys.prefix) / "javascript"
HOP = Path(__file__).parent / "javascript_hop.js"
HAS_NODE = shutil.which("node") is not None and (PACKAGES / "node_modules" / "vite").is_dir()

HERE = "127.0.0.1:{port}"
SERVERS: dict[str, tuple[str, ...]] = {
    "gunicorn-sync": ("gunicorn", "target_wsgi:app", "--bind", HERE, "--timeout", "6"),
    "gunicorn-threads": ("gunicorn", "target_wsgi:app", "--bind", HERE, "--threads", "16"),
    "gunicorn-asgi": ("gunicorn", "target_starlette:app", "--bind", HERE, "-k", "asgi"),
    "hypercorn": ("hypercorn", "target_starlette:app", "--bind", HERE),
    "granian": ("granian", "--interface", "asgi", "--host", "127.0.0.1", "--port", "{port}", "target_starlette:app"),
}
"""name -> the module that is run, and its arguments."""
HOPS = ("express", "express-compressed", "vite")
"""Names for javascript_hop.js."""
APACHE = {"apache": "", "apache-upgrade": " upgrade=websocket"}
"""name -> what stands behind the address in its ProxyPass."""
UNPACKED = Path(sys.prefix) / "debian" / "usr"
"""Debian's packages, as .ci/run unpacks them: installed, the package would start a server."""
MODULES = ("mpm_event", "authz_core", "proxy", "proxy_http", "proxy_wstunnel")
LATE_HEAD = {"first-head-held"}
"""With WSGI, gunicorn's asgi worker and these development servers the head leaves with the first piece of the body."""

EXPECTED: dict[str, tuple[set[str], str]] = {
    "gunicorn-sync": ({"streams-wait"} | LATE_HEAD, "-k asgi"),
    "gunicorn-threads": (LATE_HEAD, "at once"),
    "gunicorn-asgi": (LATE_HEAD, "at once"),
    "hypercorn": (set(), ""),
    "granian": (set(), ""),
    "apache": ({"upgrade-refused"}, "upgrade=websocket"),
    "apache-upgrade": (set(), ""),
    "express": (LATE_HEAD, "at once"),
    "express-compressed": ({"compressed", "held-by-compression"}, "no-transform"),
    "vite": (LATE_HEAD, "at once"),
}
"""name -> what the probe calls bad, and a piece of the cure."""


def installed(name: str) -> bool:
    if name in APACHE:
        return (UNPACKED / "sbin" / "apache2").is_file()
    return HAS_NODE if name in HOPS else find_spec(SERVERS[name][0]) is not None


def apache(folder: Path, port: int, upstream: int, more: str) -> str:
    """The least that Apache runs with, and what one writes first to pass everything on."""
    modules = [f"LoadModule {one}_module {UNPACKED}/lib/apache2/modules/mod_{one}.so" for one in MODULES]
    lines = [f"ServerRoot {folder}", "ServerName localhost", f"Listen 127.0.0.1:{port}", f"PidFile {folder}/pid"]
    lines += [f"ErrorLog {folder}/log", f'ProxyPass "/" "http://127.0.0.1:{upstream}/"{more}']
    return "\n".join([*modules, *lines, ""])


@pytest.fixture(scope="module")
def on_servers(
    targets: Callable[[str], int], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Future[Result]]]:
    """name -> what the probe finds there; a few at once, since they mostly wait."""
    with ExitStack() as stack, ThreadPoolExecutor(at_once(4)) as threads:
        found: dict[str, Future[Result]] = {}
        for name in EXPECTED:
            if not installed(name):
                continue
            port, environment = free_port(), dict[str, str]()
            if name in APACHE:
                folder = tmp_path_factory.mktemp(name)
                (folder / "httpd.conf").write_text(apache(folder, port, targets("starlette"), APACHE[name]))
                command = [UNPACKED / "sbin" / "apache2", "-f", folder / "httpd.conf", "-DFOREGROUND"]
                environment["LD_LIBRARY_PATH"] = ":".join(map(str, (UNPACKED / "lib").glob("*-linux-*")))
            elif name in HOPS:
                script = PACKAGES / HOP.name
                shutil.copyfile(HOP, script)
                command = [shutil.which("node") or "", script, name, port, targets("starlette")]
            else:
                command = [sys.executable, "-m", *(part.format(port=port) for part in SERVERS[name])]
            stack.enter_context(running(port, *command, folder=KNOWLEDGE / "probe", environment=environment))
            found[name] = threads.submit(probed, port)
        yield found


@pytest.mark.proxy
@pytest.mark.parametrize("name", EXPECTED)
def test_a_named_server_gets_its_verdict_and_its_cure(on_servers: dict[str, Future[Result]], name: str) -> None:
    if name not in on_servers:
        pytest.skip("it is not installed: requirements/proxies.txt, npm for development servers, .ci/run for Apache")
    outcomes, cure = EXPECTED[name]
    result = on_servers[name].result()
    assert bad(result) == outcomes
    assert cure in " ".join(advice(result, outcome) for outcome in outcomes)
