from __future__ import annotations

import uuid
from typing import Any

import httpx
import pytest
from starlette.requests import Request

from demos.agent.model_settings import ModelAddress
from demos.lab.endpoints import near
from demos.server.backend import Backend
from demos.server.browser_modules import modules_path
from tests.demos.toys import Served, ToyAgent, backend, events, never, served, until


def receipt(**changes: object) -> dict[str, Any]:
    given = {
        "transport": "sse",
        "client": "EventSource",
        "at": [100, 120],
        "seq": [3, 4],
        "token": [True, True],
        "started": 90,
    }
    return given | changes


def finished(site: Served, **settings: Any) -> str:
    thread = site.thread()
    site.start(thread, n_tokens=4, **settings)
    list(events(site.socket(f"/threads/{thread}/stream/events?channels=lifecycle&since=0")))
    return thread


def test_health_names_the_model_that_answers(site: Served) -> None:
    health = site.http.get("/health").json()
    assert health == {"status": "ok", "model": "scripted", "modules": modules_path()}
    assert site.http.get(f"/{health['modules']}/words.js").status_code == 200
    real = Backend(make_agent=ToyAgent, model=ModelAddress("http://127.0.0.1:9/v1", "small", "not-shown"))
    with served(real) as other:
        assert other.http.get("/health").json() == {**health, "model": "small"}


def test_a_thread_is_made_told_about_and_kept_by_its_id(site: Served) -> None:
    id = str(uuid.uuid4())
    assert site.http.post("/threads", json={"thread_id": id}).json()["thread_id"] == id
    assert site.http.get(f"/threads/{id}").json()["status"] == "idle"
    assert site.http.get(f"/threads/{id}/state").json()["values"] == {}
    assert site.http.post("/threads", content="").status_code == 200


def test_stopping_over_http() -> None:
    with served(backend(ToyAgent(never))) as site:
        thread = site.thread()
        run = site.start(thread)["result"]["run_id"]
        assert site.http.post(f"/threads/{thread}/runs/{run}/cancel?wait=0&action=interrupt").status_code == 204
        until(lambda: site.http.get(f"/threads/{thread}").json()["status"] == "idle")
        assert site.http.post(f"/threads/{thread}/runs/nosuch/cancel").status_code == 404


def test_protocol_errors_are_status_200(site: Served) -> None:
    answer = site.http.post(f"/threads/{site.thread()}/commands", json={"id": 3, "method": "nosuch"})
    assert (answer.status_code, answer.json()["error"]) == (200, "unknown_command")


@pytest.mark.parametrize(
    ("path", "content", "status"),
    [
        ("/threads/{t}/commands", "{", 400),
        ("/threads/{t}/commands", "[1]", 400),
        ("/threads/{t}/commands", "x" * 100_000, 413),
        ("/threads/{t}/drop", '{"how": "nosuch"}', 400),
        ("/threads/nosuch/drop", "{}", 404),
        ("/threads", '{"thread_id": "x"}', 400),
        ("/threads", "x" * 100_000, 413),
        ("/measure", "{}", 400),
        ("/measure", "x" * 5_000_000, 413),
        ("/threads/{t}/stream/events", "[]", 400),
    ],
)
def test_bodies_that_are_refused(site: Served, path: str, content: str, status: int) -> None:
    answer = site.http.post(path.format(t=site.thread()), content=content)
    assert answer.status_code == status
    assert set(answer.json()) == {"error", "message"}


def test_receipts_are_counted_against_the_run(site: Served) -> None:
    thread = finished(site)
    posted = {"thread_id": thread, "receipts": [receipt(), receipt(seq=[4, 4], transport="websocket")]}
    first, second = site.http.post("/measure", json=posted).json()["measurements"]
    assert (first["tokens"], first["lost"], first["repeated"], first["first_token_ms"]) == (2, 2, 0, 10)
    assert (second["tokens"], second["lost"], second["repeated"]) == (1, 3, 1)


def test_each_receipt_may_name_its_own_thread(site: Served) -> None:
    posted = {"receipts": [receipt(thread_id=finished(site)), receipt(thread_id=finished(site))]}
    assert [one["lost"] for one in site.http.post("/measure", json=posted).json()["measurements"]] == [2, 2]


@pytest.mark.parametrize(
    ("change", "said"),
    [({"at": [1]}, "differ in length"), ({"clientt": "x"}, "clientt"), ({"at": ["x", "y"]}, "receipts.0.at")],
)
def test_receipts_that_cannot_be_counted(site: Served, change: dict[str, Any], said: str) -> None:
    answer = site.http.post("/measure", json={"thread_id": site.thread(), "receipts": [receipt(**change)]})
    assert answer.status_code == 400
    assert said in answer.json()["message"]


def test_receipts_without_a_run(site: Served) -> None:
    assert site.http.post("/measure", json={"receipts": [receipt()]}).status_code == 400
    assert site.http.post("/measure", json={"thread_id": site.thread(), "receipts": [receipt()]}).status_code == 404


def test_evidence_is_kept_and_found(site: Served) -> None:
    posted = {
        "thread_id": finished(site, seed=9),
        "receipts": [receipt()],
        "scenario": "drop",
        "browser": "Chromium 156",
    }
    kept = site.http.post("/evidence", json=posted).json()
    assert kept["evidence"]["seed"] == 9
    assert kept["evidence"]["versions"]["browser"] == "Chromium 156"
    assert kept["evidence"]["versions"]["model"] == "scripted"
    assert site.http.get(f"/evidence/{kept['id']}").json() == kept["evidence"]
    assert site.lab is not None
    assert site.lab.store.find(kept["id"]).scenario == "drop"
    assert site.http.get("/evidence/nosuch").status_code == 404


@pytest.mark.parametrize("change", [{}, {"scenario": "lab"}, {"scenario": "Ours is best"}, {"title": "Ours is best"}])
def test_evidence_is_of_a_scenario_and_has_its_title(site: Served, change: dict[str, Any]) -> None:
    uncounted = receipt(counted=False, figures={"stop_ms": 1})
    answer = site.http.post("/evidence", json={"receipts": [uncounted], **change})
    assert answer.status_code == 400


def test_what_the_server_has_not_counted_is_marked_as_told_by_the_page(site: Served) -> None:
    def how(one: dict[str, Any]) -> str:
        how = {"variants": ["one"], "values": {"rate": "50", "seed": "7"}}
        posted = {"thread_id": thread, "receipts": [one], "scenario": "plain", "how": how}
        kept = site.http.post("/evidence", json=posted).json()["evidence"]
        assert kept["title"] == "Side by side"
        said: str = kept["how"]
        return said

    thread = finished(site)
    counted = "Watched in a browser at 50 tokens a second, seed 7. One run fed both panes."
    assert how(receipt()) == counted
    assert how(receipt(counted=False)).startswith(f"{counted} As the page told it")


def test_evidence_says_what_the_run_has_shown_and_a_run_that_did_not_is_refused(site: Served) -> None:
    def kept(*so: str) -> httpx.Response:
        posted = {"thread_id": thread, "receipts": [receipt()], "scenario": "drop", "how": {"so": so}}
        return site.http.post("/evidence", json=posted)

    thread = finished(site)
    twice = "So: EventSource came back by itself, but said the same words twice. WebSocket did not come back at all. "
    assert kept("eventsource_twice", "websocket_lost").json()["evidence"]["how"].startswith(f"{twice}Watched")
    assert site.lab is not None
    before = len(site.lab.store)
    for so in (("not_early",), ("eventsource_twice", "not_late")):
        refused = kept(*so)
        assert (refused.status_code, refused.json()["error"]) == (400, "invalid_argument")
        assert "did not show its point" in refused.json()["message"]
    assert len(site.lab.store) == before


@pytest.mark.parametrize(
    "how",
    [
        {"so": ["nosuch"]},
        "Measured without a browser, median of 10 runs, in a separate process beside the app.",
        {"variants": ["nosuch"]},
        {"variants": ["one"], "values": {"rate": "Measured without a browser"}},
        {"variants": ["one"], "values": {"rate": "<b>1</b>"}},
        {"values": {"rate": 1}},
        {"words": "x"},
    ],
)
def test_a_page_cannot_choose_the_words_of_its_evidence(site: Served, how: Any) -> None:
    posted = {"thread_id": finished(site), "receipts": [receipt()], "scenario": "plain", "how": how}
    answer = site.http.post("/evidence", json=posted)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_argument")


def test_times_longer_than_the_run_has_lived_are_refused(site: Served) -> None:
    thread = finished(site)
    for at in ([0.0, 1e9], [-1e9, 0.0]):
        forged = receipt(at=at, seq=[1, 2], token=[True, True])
        for path in ("/measure", "/evidence"):
            answer = site.http.post(path, json={"thread_id": thread, "receipts": [forged], "scenario": "plain"})
            assert answer.status_code == 400
            assert "its first run began" in answer.json()["message"]


def test_one_address_does_not_push_out_the_evidence_of_others(site: Served) -> None:
    assert site.lab is not None
    store, most = site.lab.store, site.backend.limits.evidence
    posted = {"thread_id": finished(site), "receipts": [receipt()], "scenario": "plain"}
    kept = site.http.post("/evidence", json=posted).json()
    theirs = store.find(kept["id"])
    for n in range(2 * most):
        store.keep(theirs.model_copy(update={"id": f"crowd{n}"}), "192.0.2.9")
    assert store.find(kept["id"]) is theirs
    assert len(store) <= most


@pytest.mark.parametrize(
    ("client", "server", "here"),
    [("127.0.0.1", "127.0.0.1", True), ("192.0.2.1", "127.0.0.1", False)],
)
def test_a_browser_that_calls_its_own_address_is_on_this_machine(client: str, server: str, here: bool) -> None:
    assert near(Request({"type": "http", "client": (client, 5), "server": (server, 80)})) == here


def test_a_blob_apart_from_every_stream(site: Served) -> None:
    answer = site.http.get("/blob?bytes=500000")
    assert (answer.status_code, len(answer.content), answer.headers["cache-control"]) == (200, 500_000, "no-store")


@pytest.mark.parametrize("query", ["", "bytes=", "bytes=x", "bytes=-1", "bytes=1000001", "bytes=9999999999"])
def test_a_blob_out_of_bounds_is_refused(site: Served, query: str) -> None:
    answer = site.http.get(f"/blob?{query}")
    assert answer.status_code == 400
    assert "Allowed: a whole number from 0 to 1000000" in answer.json()["message"]
