import socket

import pytest

import demos.__main__
from demos import server
from demos.__main__ import main, serve


def test_list_names_every_scenario(capsys):
    main(["list"])
    assert {"drop", "plain"} <= {line.split()[0] for line in capsys.readouterr().out.splitlines()}


@pytest.mark.parametrize(
    "arguments", [[], ["measure", "nosuch"], ["measure", "drop", "--runs", "0"], ["proxy", "nosuch"]]
)
def test_mistakes_end_with_status_2(arguments, capsys):
    with pytest.raises(SystemExit, match="2"):
        main(arguments)
    assert "usage" in capsys.readouterr().err


def test_a_proxy_that_is_not_here_is_named_with_how_to_have_it(monkeypatch, capsys):
    monkeypatch.setattr(demos.__main__, "binaries", lambda name: ())
    for arguments in (["proxy", "all"], ["proxy", "nginx", "--buffering"]):
        with pytest.raises(SystemExit, match="1"):
            main(arguments)
        said = capsys.readouterr()
        assert said.out == ""
        assert "nginx is not on this machine" in said.err
        assert "requirements-proxies.txt" in said.err


def test_an_emulation_that_is_not_there_is_answered_with_those_that_are(capsys):
    with pytest.raises(SystemExit, match="2"):
        main(["emulate", "nosuch"])
    assert "'nosuch'. Allowed: aws-alb" in capsys.readouterr().err


def test_what_cannot_be_served_is_one_sentence(monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(SystemExit, match=rf"^Cannot listen on 127\.0\.0\.1, port {port}: Address already in use\."):
            serve("127.0.0.1", port)
    with pytest.raises(SystemExit, match=r"^Cannot listen on nowhere\.invalid, port 0: "):
        serve("nowhere.invalid", 0)
    monkeypatch.setenv("STREAMWISE_MAX_RUNS", "no")
    monkeypatch.setattr(server, "backend", server.backend.__wrapped__)
    with pytest.raises(SystemExit, match=r"^STREAMWISE_MAX_RUNS is 'no'"):
        serve("127.0.0.1", 0)
