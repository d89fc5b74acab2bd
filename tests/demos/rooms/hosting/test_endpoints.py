"""A room over HTTP, with a real server and a real agent: who may do what, and what a round brings."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import websocket

from demos.rooms.hosting.registry import CODE_LENGTH, LETTERS
from demos.rooms.rounds import AGENDAS, TOKENS
from tests.demos.rooms.rooms import receipt
from tests.demos.toys import WAIT_S, Served, ToyAgent, backend, events, never, served, shared_scripted, until


@pytest.fixture(scope="module")
def site() -> Iterator[Served]:
    with served(backend(shared_scripted())) as found:
        yield found


class Opened:
    """A room as its lead has it."""

    def __init__(self, site: Served, agenda: str = "15min") -> None:
        answer = site.http.post("/rooms", json={"agenda": agenda})
        assert answer.status_code == 201, answer.text
        keys = answer.json()
        self.site, self.code = site, keys["code"]
        self.secret, self.view = keys["secret"], keys["view"]

    def ask(self, method: str, path: str, key: str | None = None, **more: Any) -> httpx.Response:
        headers = {} if key is None else {"Authorization": f"Bearer {key}"}
        return self.site.http.request(method, f"/rooms/{self.code}{path}", headers=headers, **more)

    def join(self, **more: Any) -> dict[str, Any]:
        joined: dict[str, Any] = self.ask("POST", "/join", json={"kind": "phone", **more}).json()
        return joined

    def state(self, key: str | None = None) -> dict[str, Any]:
        found: dict[str, Any] = self.ask("GET", "/state", key or self.secret).json()
        return found

    def say(self, key: str, **given: Any) -> httpx.Response:
        return self.ask("POST", "/say", key, json=given)

    def do(self, what: str, **more: Any) -> httpx.Response:
        return self.ask("POST", "/do", self.secret, json={"what": what, "turn": self.state()["turn"], **more})

    def until(self, phase: str) -> dict[str, Any]:
        until(lambda: self.state()["phase"] == phase)
        return self.state()

    def end(self) -> None:
        self.do("end")


@pytest.fixture
def room(site: Served) -> Iterator[Opened]:
    found = Opened(site)
    yield found
    found.end()
    assert "streamwise_rooms 0.0" in site.http.get("/metrics").text


def thread_ids(site: Served) -> list[str]:
    return [thread.id for thread in site.backend.threads]


def test_a_code_can_be_read_aloud(room: Opened) -> None:
    assert len(room.code) == CODE_LENGTH
    assert set(room.code) <= set(LETTERS)
    assert not set("0O1ILU") & set(LETTERS)
    assert room.ask("POST", "/join", json={}).status_code == 200
    assert room.site.http.post(f"/rooms/{room.code.lower()}/join", json={}).status_code == 200


def test_who_comes_back_is_the_same_person_and_who_was_removed_is_not_let_in(room: Opened) -> None:
    first = room.join()
    assert room.join(key=first["key"]) == first
    assert room.join()["number"] != first["number"]
    assert room.state()["people"] == 2
    assert room.do("remove", number=first["number"]).status_code == 200
    assert room.ask("POST", "/join", json={"key": first["key"]}).json()["error"] == "removed"
    assert room.ask("GET", "/state", first["key"]).status_code == 403


def test_strangers_attendees_and_the_wall_command_nothing(room: Opened) -> None:
    key = room.join()["key"]
    before = set(thread_ids(room.site))
    room.do("next")
    room.do("next")
    room.until("running")
    (thread,) = set(thread_ids(room.site)) - before
    for other in (None, key, room.view, room.secret, "wrong"):
        headers = {} if other is None else {"Authorization": f"Bearer {other}"}
        for path in ("drop", "faults", "runs/x/cancel"):
            answer = room.site.http.post(f"/threads/{thread}/{path}", json={"faults": []}, headers=headers)
            assert answer.status_code == 403, (path, other)
            assert thread not in answer.text
        frame: dict[str, Any] = {"id": 1, "method": "run.cancel", "params": {}}
        answer = room.site.http.post(f"/threads/{thread}/commands", json=frame, headers=headers)
        assert answer.json()["error"] == "not_your_thread"
        if other != room.secret:
            ending = {"what": "end", "turn": room.state()["turn"]}
            assert room.ask("POST", "/do", other, json=ending).status_code == 403
            assert room.ask("GET", "/report.json", other).status_code == 403
    assert room.state()["phase"] == "running"
    assert room.ask("GET", "/state", None).status_code == 403
    assert room.ask("POST", "/say", room.view, json={"what": "done", "on": True}).status_code == 403


def test_two_clicks_are_one(room: Opened) -> None:
    turn = room.state()["turn"]
    codes = [room.ask("POST", "/do", room.secret, json={"what": "next", "turn": turn}).status_code for _ in range(2)]
    assert codes == [200, 409]
    assert room.state()["step"]["number"] == 1


def read(room: Opened, key: str, transport: str, found: dict[str, list[dict[str, Any]]]) -> None:
    """All events of the round's run, over one transport."""
    path = f"/rooms/{room.code}/stream/events?as={key}&channels=messages,lifecycle&since=0"
    if transport == "websocket":
        found[transport] = list(events(room.site.socket(path)))
        return
    came = []
    with httpx.stream("GET", f"{room.site.api}{path}", timeout=WAIT_S) as answer:
        for line in answer.iter_lines():
            if line.startswith("data: {") and '"type"' in line:
                came.append(json.loads(line[6:]))
                if came[-1].get("method") == "lifecycle" and came[-1]["params"]["data"]["event"] == "completed":
                    break
    found[transport] = came


def test_a_round_from_prediction_to_reveal_over_both_transports(room: Opened) -> None:
    keys = [room.join()["key"] for _ in range(5)]
    before = set(thread_ids(room.site))
    room.do("next")
    for key in keys:
        assert room.say(key, what="predict", round=1, choice="same").status_code == 200
    assert "predictions" not in room.state(room.view)
    room.do("next")
    assert room.state(keys[0])["you"]["open"]
    found: dict[str, list[dict[str, Any]]] = {}
    reading = [threading.Thread(target=read, args=(room, keys[0], name, found)) for name in ("sse", "websocket")]
    for key in keys[1:]:  # who has opened no stream has nothing to tell
        with room.site.http.stream("GET", f"/rooms/{room.code}/stream/events?as={key}") as opened:
            assert opened.status_code == 200
    for each in reading:
        each.start()
    for key in keys:
        room.say(key, what="ready", round=1)
    for each in reading:
        each.join(WAIT_S)
    (thread,) = set(thread_ids(room.site)) - before
    assert thread not in json.dumps(found)
    tokens = [e for e in found["sse"] if e["params"].get("node") == "answer" and "delta" in e["params"]["data"]]
    assert len(tokens) == TOKENS
    given = {name: as_receipt(name, each) for name, each in found.items()}
    for key in keys:
        assert room.say(key, what="receipt", round=1, receipts=list(given.values())).status_code == 200
    state = room.until("reveal")
    assert state["result"]["lost"] == {name: {"tokens": 0, "people": 0} for name in found}
    assert state["result"]["predictions"]["same"] == 5
    mine = room.state(keys[0])["you"]
    assert mine["figures"]["websocket"]["tokens"] == TOKENS
    assert mine["right"] == (state["result"]["came"] == "same")
    report = room.ask("GET", "/report.json", room.secret).json()
    assert report["rounds"][0]["came"] == state["result"]["came"]
    assert thread not in json.dumps(report)


def as_receipt(transport: str, came: list[dict[str, Any]]) -> dict[str, Any]:
    """What a page would post. Its clock: the events' own, as if there were no network."""
    token = [e["params"].get("node") == "answer" and "delta" in e["params"]["data"] for e in came if "seq" in e]
    came = [e for e in came if "seq" in e]
    at = [float(e["params"]["timestamp"]) for e in came]
    return {
        "transport": transport, "client": "x", "at": at, "seq": [e["seq"] for e in came], "token": token,
        "finished": True,
    }  # fmt: skip


def test_the_control_stream_carries_whole_states_and_a_join_wakes_no_attendee(room: Opened) -> None:
    key = room.join()["key"]
    headers = {"Authorization": f"Bearer {key}"}
    with httpx.stream("GET", f"{room.site.api}/rooms/{room.code}/events", headers=headers, timeout=WAIT_S) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        told = (json.loads(line[6:]) for line in answer.iter_lines() if line.startswith('data: {"version'))
        first = next(told)
        assert (first["phase"], first["role"]) == ("lobby", "attendee")
        room.join()
        room.do("next")
        state = next(told)
        while state["phase"] == "lobby":  # the lead has come, or was not seen for a while
            assert state["presenter"] != first["presenter"], "nothing else was told in between"
            first, state = state, next(told)
        assert state["phase"] == "predict"
        assert state["version"] > first["version"]
        assert len(json.dumps(state)) < 1_000
        assert room.state()["list"][0]["away"] is False


def test_a_person_has_three_streams_and_may_send_no_command(room: Opened) -> None:
    key = room.join()["key"]
    path = f"/rooms/{room.code}/stream/events?as={key}"
    closed = room.site.socket(f"{path}&channels=messages")
    opcode, said = closed.recv_data()
    assert (opcode, int.from_bytes(said[:2])) == (websocket.ABNF.OPCODE_CLOSE, 4409), "there is nothing to read yet"
    room.do("next")
    room.do("next")
    sockets = [room.site.socket(path) for _ in range(3)]
    until(lambda: room.site.backend.streams.of_client(f"room {room.code} person 1") == 3)
    assert room.ask("GET", f"/stream/events?as={key}").status_code == 429
    sockets[0].send(json.dumps({"id": 1, "method": "run.cancel", "params": {}}))
    reply = json.loads(sockets[0].recv())
    assert reply["error"] == "not_your_thread"
    assert not any(id in json.dumps(reply) for id in thread_ids(room.site))
    for other in (room.view, "wrong", ""):
        assert room.ask("GET", f"/stream/events?as={other}").status_code == 403


def test_the_checks_of_a_phone(room: Opened) -> None:
    key = room.join()["key"]
    hello = room.site.socket(f"/rooms/{room.code}/hello?as={key}")
    assert hello.recv() == "hello"
    assert room.ask("GET", f"/ticks?as={key}").text.count("event: tick") == 5
    given = {"what": "checks", "websocket": False, "streaming": True, "round_trip_ms": 14.0, "worst_ms": 120.0}
    assert room.ask("POST", "/say", key, json=given).status_code == 200
    assert room.state()["counts"]["blocked"] == 1


def test_the_address_for_phones_is_drawn_as_a_qr_code() -> None:
    with served(backend(ToyAgent())) as site:
        room = Opened(site)
        assert room.ask("GET", "/qr.svg").status_code == 400, "nobody has said where phones find this server"
        assert site.rooms is not None
        site.rooms.addresses = lambda: ["http://192.0.2.7:8501"]
        answer = room.ask("GET", "/qr.svg")
        assert answer.headers["content-type"].startswith("image/svg+xml")
        assert answer.text.startswith("<svg")
        assert room.state()["address"] == f"http://192.0.2.7:8501/r/{room.code}"
        assert room.ask("GET", "/qr.svg?address=1").status_code == 400


def test_a_room_that_is_full_of_nobody_lets_people_in() -> None:
    with served(backend(ToyAgent(), room_people=3)) as site:
        room, now = Opened(site), 0.0
        assert site.rooms is not None
        people = site.rooms.all()[0].room.people
        for _ in range(3):
            room.join()
        assert room.ask("POST", "/join", json={}).json()["error"] == "room_full"
        for number in (1, 2):
            people[number].seen = now - 1e9  # joined long ago
        people[2].was_seen = True
        assert room.join()["number"] == 4
        assert set(people) == {2, 3, 4}
        assert room.ask("POST", "/join", json={}).json()["error"] == "room_full"
        assert room.do("remove_away").status_code == 200
        assert 2 not in people


def test_what_is_said_to_no_run_names_no_thread(room: Opened) -> None:
    key = room.join()["key"]
    room.do("next")
    before = set(thread_ids(room.site))
    room.do("next")
    (thread,) = set(thread_ids(room.site)) - before
    for given in ({"act": "steer", "choice": "shorter"}, {"act": "approve"}):
        answer = room.say(key, what="act", round=1, **given)
        assert (answer.status_code, answer.json()["error"]) == (409, "not_now")
        assert thread not in answer.text


def test_the_end_forgets_people_and_keeps_the_report(room: Opened) -> None:
    key = room.join(browser="Firefox")["key"]
    room.say(key, what="stuck", on=True, reason="network")
    report = room.ask("GET", "/report.json", room.secret).json()
    room.do("end")
    state = room.state()
    assert (state["phase"], state["list"][0]["browser"], state["list"][0]["stuck"]) == ("ended", "", None)
    assert room.state(key)["you"]["number"] == 1
    after = room.ask("GET", "/report.json", room.secret).json()
    assert after["people"] == report["people"] == 1
    assert after == room.ask("GET", "/report.json", room.secret).json(), "it does not change any more"


def test_strange_values_are_refused_and_break_nothing(room: Opened) -> None:
    assert room.ask("GET", f"/qr.svg?address={'9' * 5_000}").status_code == 400
    assert room.ask("POST", "/join", json={"browser": "<b>typed</b>"}).status_code == 400
    for answers in ({"uplink": [["nothing"]]}, {"uplink": [1]}, [1], "x"):
        assert room.site.http.post("/rooms", json={"answers": answers}).status_code == 400


def test_wrong_codes_are_bounded_and_a_right_one_still_opens(room: Opened) -> None:
    codes = [room.site.http.post(f"/rooms/WRONG{n % 10}/join", json={}).status_code for n in range(25)]
    assert codes.count(404) <= 20
    assert codes[-1] == 429
    assert room.join()["number"] == 1


def test_a_run_that_cannot_start_is_a_state_with_a_sentence() -> None:
    with served(backend(ToyAgent(never), runs=1)) as site:
        site.start(site.thread())
        room = Opened(site)
        room.do("next")
        room.do("next")
        state = room.until("failed")
        assert "STREAMWISE_MAX_RUNS" in state["failed"]
        assert "again" in state["can"]


def test_rooms_are_bounded_and_an_agenda_is_one_of_ours() -> None:
    with served(backend(ToyAgent(), rooms=1)) as site:
        assert "Allowed: " + ", ".join(AGENDAS) in site.http.post("/rooms", json={"agenda": "x"}).json()["message"]
        Opened(site)
        answer = site.http.post("/rooms", json={})
        assert (answer.status_code, answer.json()["error"]) == (503, "too_many_rooms")


def test_what_is_too_large_or_too_much_is_refused(room: Opened) -> None:
    key = room.join()["key"]
    huge = receipt(at=[1.0] * 20_000)
    assert room.say(key, what="receipt", round=1, receipts=[huge]).status_code == 413
    codes = [room.say(key, what="done", on=True).status_code for _ in range(40)]
    assert 429 in codes


def test_people_with_runs_to_themselves_each_read_their_own() -> None:
    with served(backend(shared_scripted(), room_runs=2)) as site:
        room = Opened(site, "all")
        keys = [room.join()["key"] for _ in range(3)]
        names = [step["name"] for step in room.state()["steps"]]
        before = set(thread_ids(site))
        room.do("skip", step=names.index("approve") + 1)
        room.do("next")
        for key in keys:
            room.say(key, what="ready", round=1)
        room.until("running")
        assert len(set(thread_ids(site)) - before) == 2
        until(lambda: all(site.backend.threads.get(id).pending for id in set(thread_ids(site)) - before))
        for key in [*keys, *keys]:
            assert room.say(key, what="act", round=1, act="approve").status_code == 200
        room.until("collecting")
        assert all(site.backend.threads.get(id).status == "idle" for id in set(thread_ids(site)) - before)
