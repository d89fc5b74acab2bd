"""The commands that hold the guide to account: what they print, and when they fail."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from guide.__main__ import main
from tests.guide import toy


def test_score_as_text_and_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["score"]) == 0
    assert "61 cases: " in capsys.readouterr().out
    assert main(["score", "--format", "json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["cases"] == found["right"] + found["level"] + found["wrong"] == 61
    assert {"accuracy", "families", "misses", "baselines"} <= set(found)


def test_score_of_a_file_that_is_none(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "cases.yaml"
    file.write_text("[{id: a, choice: pigeons}]", encoding="utf-8")
    assert main(["score", str(file)]) == 1
    assert "found 'pigeons'" in capsys.readouterr().err
    assert main(["score", str(tmp_path / "nothing.yaml")]) == 1


def test_prove(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["prove"]) == 0
    out = capsys.readouterr().out
    assert "holds: Sending more while output streams never" in out
    assert "BROKEN" not in out


def test_prove_fails_on_a_broken_law(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = toy.folder()
    law = {"sentence": "No tea.", "question": "time", "chain": ["noon", "evening"], "never_towards": "tea"}
    files["laws.yaml"] = {"law": law}
    assert main(["--knowledge", str(toy.write(files, tmp_path)), "prove"]) == 1
    out = capsys.readouterr().out
    assert "BROKEN: No tea." in out
    assert "time=noon gives level, time=evening gives tea" in out


def test_stale(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["stale", "--older-than", "30", "--today", "2026-11-24"]) == 0
    assert "Nothing is stale" in capsys.readouterr().out
    assert main(["stale", "--older-than", "30", "--today", "2028-01-01", "--format", "json"]) == 1
    assert len(json.loads(capsys.readouterr().out)) > 150


@pytest.mark.parametrize("days", ["-1", "1.5", "x", ""])
def test_stale_asks_for_whole_days(days: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["stale", "--older-than", days])
    assert "a whole number of days" in capsys.readouterr().err
