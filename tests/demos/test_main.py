import pytest

import demos.__main__
from demos.__main__ import main


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
