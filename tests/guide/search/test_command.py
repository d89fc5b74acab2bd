"""The command `search`."""

from __future__ import annotations

import json

import pytest

from guide.__main__ import main


def test_the_best_is_printed_first_with_causes_and_cures(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["search", "1011", "keepalive ping timeout"]) == 0
    said = capsys.readouterr().out
    assert said.startswith("SYMPTOM  The WebSocket closes with 1011")
    for part in (
        "[ping-timeout-1011]",
        "1. One side was busy",
        "How to tell: ",
        "What to do: ",
        "--ws-ping-timeout 60",
    ):
        assert part in said
    assert max(map(len, said.splitlines())) <= 110


def test_json_has_what_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["search", "--json", "--most", "2", "proxy_buffering"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["words"], len(found["entries"]), found["found"] > 2) == ("proxy_buffering", 2, True)
    first = found["entries"][0]
    assert first["id"] == "all-at-the-end"
    assert first["causes"][0]["facts"]
    assert first["reports"][0].startswith("https://")


def test_more_is_told_and_can_be_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["search", "nginx", "--most", "1"]) == 0
    assert "more: --most" in capsys.readouterr().out


def test_only_one_kind(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["search", "--kind", "need", "heartbeat"]) == 0
    said = capsys.readouterr().out
    assert "SYMPTOM" not in said
    assert "NEED  " in said


def test_nothing_found_is_said_and_ends_with_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["search", "zzzz"]) == 1
    assert "Nothing found for 'zzzz'" in capsys.readouterr().out


@pytest.mark.parametrize("most", ["0", "51", "many", "-1"])
def test_a_wrong_number_is_refused(most: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(["search", "x", f"--most={most}"])
    assert end.value.code == 2
    assert "Allowed: a whole number from 1 to 50" in capsys.readouterr().err
