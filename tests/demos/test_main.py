import json

import pytest

import demos.__main__
from demos.__main__ import as_json, as_text, main
from demos.experiment import Report, Result
from tests.demos.test_evidence import ONE

REPORT = Report("drop", "Drop", "Watch.", 1, 1, "here", "by hand", {"python": "3"}, (Result(1, ONE),))


def test_list_names_every_scenario(capsys):
    main(["list"])
    assert {"drop", "plain"} <= {line.split()[0] for line in capsys.readouterr().out.splitlines()}


def test_json_has_one_flat_object_per_result():
    found = json.loads(as_json(REPORT))
    assert (found["scenario"], found["seed"], found["versions"]) == ("drop", 1, {"python": "3"})
    assert found["results"] == [{"run": 1, **ONE.model_dump()}]


def test_text_calls_a_single_run_a_single_run():
    assert "a single run per client" in as_text(REPORT)
    assert "sse" in as_text(REPORT)


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
