import json

from demos.matrix import Matrix
from demos.tables import aligned, as_json, as_text
from demos.trials import Reading
from tests.demos.test_expected import passage, toy

REFUSED = {"plain": Reading("websocket", 2.4, "HTTP 426")}


def matrix(monkeypatch) -> Matrix:
    found = toy(monkeypatch, passage(), passage(transport="websocket"))
    found.passages[1].readings.clear()
    found.passages[1].readings.update(REFUSED)
    return found


def test_text_has_a_line_a_passage_the_cuts_and_what_changed(monkeypatch):
    lines = as_text(matrix(monkeypatch)).splitlines()
    assert lines[0] == "Toy 2.0.0"
    assert [line.split()[:3] for line in lines[3:5]] == [
        ["recommended", "SSE", "yes"],
        ["recommended", "WebSocket", "HTTP"],
    ]
    assert "cut: recommended, SSE, silence: at 5 s: reset" in lines
    assert lines[-1] == "Toy 2.0.0, recommended, WebSocket: opens: HTTP 426, expected HTTP 404"


def test_json_has_the_readings_the_words_and_what_changed(monkeypatch):
    (found,) = json.loads(as_json([matrix(monkeypatch)]))
    assert found["passages"][0]["fate"]["tokens"] == "one by one"
    assert found["passages"][0]["readings"]["long"]["measurement"]["tokens"] == 40
    assert found["passages"][1]["readings"]["plain"]["measurement"] is None
    assert (len(found["changes"]), found["shortcomings"][0][:10]) == (1, "Toy 2.0.0,")


def test_columns_are_as_wide_as_their_widest_cell():
    assert aligned([("a", "b"), ("long", "c")]) == ["a     b", "long  c"]
