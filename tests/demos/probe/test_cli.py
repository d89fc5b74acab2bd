"""The command as somebody types it: behind every real proxy, and where there is nothing to probe."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from demos.probe.budget import MOST_REQUESTS
from demos.probe.cli import target
from demos.processes.ports import free_port
from demos.proxies import catalog as proxies
from demos.proxies.running import proxied
from guide.book import book, read_yaml
from guide.book.link import decode
from tests.demos.probe import servers
from tests.demos.probe.servers import certificate, http, mute, plain
from tests.patience import at_once, seconds

ROOT = Path(__file__).parents[3]
CASES = read_yaml(Path(__file__).with_name("expected.yaml").read_text(encoding="utf-8"))
TARGETS = ("fastapi", "starlette")
AT_ONCE = 3
"""Probes that run at the same time: they mostly wait, but one of them should not delay another's pieces."""
Running = dict[str, Future[tuple[int, Any]]]


def probe(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "demos", "probe", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=seconds(90), check=False)


@pytest.fixture(scope="session")
def results(request: pytest.FixtureRequest, targets: Callable[[str], int]) -> Iterator[Running]:
    """case -> exit code and JSON; only what a selected test wants is run."""
    tests = [item for item in request.session.items if isinstance(item, pytest.Function)]
    wanted = [str(item.callspec.params["case"]) for item in tests if "results" in item.fixturenames]
    here = [name for name in dict.fromkeys(wanted) if proxies.binaries(CASES[name]["run"]["proxy"])]
    ports = [targets(name) for name in TARGETS]
    with ThreadPoolExecutor(at_once(AT_ONCE)) as threads:
        longest = sorted(here, key=lambda name: -max(float(CASES[name]["run"][part]) for part in ("silence", "long")))
        running: Running = {
            name: threads.submit(tried, ports[n % 2], CASES[name]["run"]) for n, name in enumerate(longest)
        }
        yield running
        for future in running.values():
            future.cancel()


def tried(port: int, run: dict[str, Any]) -> tuple[int, Any]:
    binary, under = proxies.binaries(run["proxy"])[0], run.get("under", "")
    idle_s = int(run["idle"]) if "idle" in run else None
    with proxied(binary, run["config"], port, idle_s, asks=f"{under}/probe/about") as proxy:
        told = ["--behind", run["behind"]] if "behind" in run else []
        url = f"http://127.0.0.1:{proxy.site.port}{under}"
        ran = probe(url, "--silence", run["silence"], "--long", run["long"], "--first", "1", "--format", "json", *told)
    assert ran.stderr == ""
    return ran.returncode, json.loads(ran.stdout)


@pytest.mark.proxy
@pytest.mark.parametrize("case", CASES)
def test_behind_each_proxy_the_right_problem_and_the_right_fix_are_named(results: Running, case: str) -> None:
    wanted = CASES[case]
    if case not in results:
        pytest.skip(f"{wanted['run']['proxy']} is not on this machine")
    code, found = results[case].result()
    assert [one["means"] for one in found["named"]] == wanted["named"]
    for way, bad in wanted["bad"].items():
        own = [one for one in found["findings"] if one["transport"] == way]
        assert [one["outcome"] for one in own if one["verdict"] == "bad"] == bad, own
        assert set(wanted["good"][way]) <= {one["outcome"] for one in own if one["verdict"] == "good"}, own
        for outcome, setting in wanted.get("fixes", {}).get(way, {}).items():
            fixes = next(one["fixes"] for one in own if one["outcome"] == outcome)
            files = [fix["file"] for fix in fixes if setting in fix["setting"]]
            assert files == [wanted["file"]], fixes
            sure = {fix["sure"] for fix in fixes}
            assert sure == {wanted["run"]["proxy"] in wanted["named"]}
    bad = [one for one in found["findings"] if one["verdict"] == "bad"]
    assert code == found["code"] == (1 if bad else 0)
    assert found["requests"] <= MOST_REQUESTS
    opened = decode(found["link"].removeprefix("/?a="), book())
    assert (opened.problems, {qid: [*chosen] for qid, chosen in opened.answers.items()}) == ((), found["answers"])


@pytest.mark.parametrize("name", TARGETS)
def test_without_anything_in_front_all_is_good(targets: Callable[[str], int], name: str) -> None:
    ran = probe(f"http://127.0.0.1:{targets(name)}", "--silence", "1", "--long", "1", "--first", "1")
    assert (ran.returncode, ran.stderr) == (0, "")
    assert "\nbad" not in ran.stdout
    assert name in ran.stdout
    assert "names itself in a header" in ran.stdout
    assert "requests in" in ran.stdout


@pytest.mark.parametrize("name", TARGETS)
def test_a_server_without_websockets_is_not_blamed_on_the_path(name: str) -> None:
    with servers.target(name, "--ws", "none") as port:
        ran = probe(f"http://127.0.0.1:{port}", "--silence", "1", "--long", "1", "--first", "1", "--format", "json")
    assert ran.returncode == 1
    bad = [one for one in json.loads(ran.stdout)["findings"] if one["verdict"] == "bad"]
    assert [(one["outcome"], one["fixes"]) for one in bad] == [("upgrade-unserved", [])]


def said(*arguments: object) -> str:
    """What the command says where there is nothing to probe: on one line, without a traceback."""
    ran = probe(*arguments)
    assert (ran.returncode, ran.stderr) == (2, "")
    assert ran.stdout.count("\n") == 1
    return ran.stdout


def test_a_closed_port_and_a_wrong_address_are_said() -> None:
    assert "Nothing listens" in said(f"http://127.0.0.1:{free_port()}")
    assert "cannot be probed" in said("nowhere")


def test_a_port_that_never_answers_is_said() -> None:
    with mute() as port:
        assert "then sends nothing for 4 s" in said(f"http://127.0.0.1:{port}")


def test_a_page_is_said_and_untrusted_text_cannot_move_the_cursor() -> None:
    with plain(lambda path: http("200 OK", b"<html>", Content_Type="text/html\x1b[2J")) as port:
        told = said(f"http://127.0.0.1:{port}")
    assert "\x1b" not in told
    with plain(lambda path: http("200 OK", b"<html>", Content_Type="text/html")) as port:
        assert "A web page answers" in said(f"http://127.0.0.1:{port}")


def test_a_circle_and_a_bad_certificate_are_said(tmp_path: Path) -> None:
    with plain(lambda path: http("302 Found", Location=path)) as port:
        assert "in a circle" in said(f"http://127.0.0.1:{port}")
    context, _ = certificate(tmp_path)
    with plain(lambda path: http("200 OK"), context) as port:
        assert "self-signed certificate" in said(f"https://127.0.0.1:{port}")


def test_as_json_a_problem_has_a_name() -> None:
    ran = probe(f"http://127.0.0.1:{free_port()}", "--format", "json")
    assert ran.returncode == 2
    assert json.loads(ran.stdout)["problem"] == "closed"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "nothing to probe. Allowed: a URL, or --target"),
        (("http://127.0.0.1", "--behind", "nosuch"), "nothing in the path is called 'nosuch'. Allowed: "),
        (("http://127.0.0.1", "--ca", "/nosuch.pem"), "/nosuch.pem: "),
        (("http://127.0.0.1", "--silence", "0"), "'0'. Allowed: seconds from 1 to 300"),
        (("http://127.0.0.1", "--long", "nan"), "'nan'. Allowed: seconds from 1 to 300"),
    ],
)
def test_a_wrong_command_says_what_is_allowed(arguments: tuple[str, ...], said: str) -> None:
    ran = probe(*arguments)
    assert ran.returncode == 2
    assert said in ran.stderr
    assert "Traceback" not in ran.stderr


@pytest.mark.parametrize("name", [*TARGETS, "wsgi"])
def test_a_target_is_printed_as_it_is_run(name: str) -> None:
    ran = probe("--target", name)
    assert (ran.returncode, ran.stdout) == (0, target(name))
    assert ast.parse(ran.stdout)
