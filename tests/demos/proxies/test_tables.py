from __future__ import annotations

import json

import pytest

from demos.proxies.buffering.nginx import CASES, Row
from demos.proxies.matrix import Matrix
from demos.proxies.tables import aligned, as_json, as_text, buffering_json, buffering_text
from demos.proxies.trials import Reading
from tests.demos.proxies.toy_results import passage, toy

REFUSED = {"plain": Reading("websocket", 2.4, "HTTP 426")}


def matrix(monkeypatch: pytest.MonkeyPatch) -> Matrix:
    found = toy(monkeypatch, passage(), passage(transport="websocket"))
    found.passages[1].readings.clear()
    found.passages[1].readings.update(REFUSED)
    return found


def test_text_has_a_line_a_passage_the_cuts_and_what_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = as_text(matrix(monkeypatch), ["It changed."]).splitlines()
    assert lines[0] == "Toy 2.0.0"
    assert [line.split()[:3] for line in lines[3:5]] == [
        ["recommended", "SSE", "yes"],
        ["recommended", "WebSocket", "HTTP"],
    ]
    assert "cut: recommended, SSE, silence: at 5 s: reset" in lines
    assert lines[-1] == "It changed."


def test_json_has_the_readings_the_words_and_what_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    (found,) = json.loads(as_json([(matrix(monkeypatch), ["It changed."])]))
    assert found["passages"][0]["outcome"]["tokens"] == "one by one"
    assert found["passages"][0]["readings"]["long"]["measurement"]["tokens"] == 40
    assert found["passages"][1]["readings"]["plain"]["measurement"] is None
    assert (found["changes"], found["shortcomings"][0][:10]) == (["It changed."], "Toy 2.0.0,")


def test_columns_are_as_wide_as_their_widest_cell() -> None:
    assert aligned([("a", "b"), ("long", "c")]) == ["a     b", "long  c"]


def test_buffering_is_a_line_a_set_up_under_what_the_machine_does() -> None:
    direct = Row(CASES[0], "none", 51.0, 1500.0, 30, 30, compressed=False)
    held = Row(CASES[0], "1.31.3", 1500.0, 1500.0, 1, 30, compressed=False)
    lines = buffering_text("nginx", [held], direct).splitlines()
    assert lines[1].split()[-1] == "streamed"
    assert lines[2].split()[-1] == "held"
    assert lines[-1] == "nginx 1.31.3, /bare/asked: held, expected streamed"
    assert [row["word"] for row in json.loads(buffering_json("nginx", [held], direct))["rows"]] == ["streamed", "held"]
