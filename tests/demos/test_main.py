from __future__ import annotations

import json
import os
import signal
import socket
from collections.abc import Sequence

import pytest

import demos.__main__
from demos.__main__ import main
from demos.proxies import cli
from demos.proxies.catalog import Binary, proxies
from demos.proxies.matrix import FIRST, Matrix, Watch
from demos.proxies.running import ProxyFailed
from demos.serve import serve
from demos.server.backend import shared_backend
from tests.demos.proxies.toy_results import passage


def test_list_names_every_scenario(capsys: pytest.CaptureFixture[str]) -> None:
    main(["list"])
    assert {"drop", "plain"} <= {line.split()[0] for line in capsys.readouterr().out.splitlines()}


@pytest.mark.parametrize(
    "arguments", [[], ["measure", "nosuch"], ["measure", "drop", "--runs", "0"], ["proxy", "nosuch"]]
)
def test_mistakes_end_with_status_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(arguments)
    assert "usage" in capsys.readouterr().err


def test_a_proxy_that_is_not_here_is_named_with_how_to_have_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(cli, "binaries", lambda name: ())
    for arguments in (["proxy", "all"], ["proxy", "nginx", "--buffering"]):
        with pytest.raises(SystemExit, match="1"):
            main(arguments)
        said = capsys.readouterr()
        assert said.out == ""
        assert "nginx is not on this machine" in said.err
        assert "requirements/proxies.txt" in said.err


def test_lines_come_as_readings_do(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def matrix(binary: Binary, configs: Sequence[str], watch: Watch, tried: tuple[str, ...]) -> Matrix:
        found = Matrix(binary.name, binary.title, binary.version, (passage(),), tried)
        watch(found.passages[0], FIRST)
        return found

    binary = Binary("nginx", proxies()["nginx"], "/nowhere", "1.31.3")
    monkeypatch.setattr(cli, "binaries", lambda name: (binary,))
    monkeypatch.setattr(cli, "matrix", matrix)
    monkeypatch.setattr(demos.__main__, "ended_in_order", lambda: None)
    with pytest.raises(SystemExit, match="0"):
        main(["proxy", "nginx", "--short", "--format", "lines"])
    (line,) = capsys.readouterr().out.splitlines()
    told = json.loads(line)
    assert (told["config"], told["trial"], told["reading"]["bursts"]) == ("recommended", "plain", 40)


def test_a_proxy_that_does_not_start_leaves_the_others_theirs(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def matrix(binary: Binary, configs: Sequence[str], watch: Watch, tried: tuple[str, ...]) -> Matrix:
        if binary.name == "caddy":
            raise ProxyFailed("Caddy 2.6.2 did not start. It said: unrecognized subdirective")
        return Matrix(binary.name, binary.title, binary.version, (passage(),), tried)

    here = {name: Binary(name, proxies()[name], "/nowhere", "9.9.9") for name in ("caddy", "nginx")}
    monkeypatch.setattr(cli, "binaries", lambda name: (here[name],) if name in here else ())
    monkeypatch.setattr(cli, "matrix", matrix)
    monkeypatch.setattr(demos.__main__, "ended_in_order", lambda: None)
    with pytest.raises(SystemExit, match="1"):
        main(["proxy", "all", "--short", "--format", "json"])
    said = capsys.readouterr()
    assert [one["name"] for one in json.loads(said.out)] == ["nginx"]
    assert "unrecognized subdirective" in said.err


def test_sigterm_ends_a_trial_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    before = signal.getsignal(signal.SIGTERM)
    try:
        demos.__main__.ended_in_order()
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGTERM)
    finally:
        signal.signal(signal.SIGTERM, before)


def test_what_cannot_be_served_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(SystemExit, match=rf"^Cannot listen on 127\.0\.0\.1, port {port}: Address already in use\."):
            serve("127.0.0.1", port)
    with pytest.raises(SystemExit, match=r"^Cannot listen on nowhere\.invalid, port 0: "):
        serve("nowhere.invalid", 0)
    monkeypatch.setenv("STREAMWISE_MAX_RUNS", "no")
    shared_backend.cache_clear()
    with pytest.raises(SystemExit, match=r"^STREAMWISE_MAX_RUNS is 'no'"):
        serve("127.0.0.1", 0)
