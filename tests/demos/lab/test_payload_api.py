from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from demos.agent.script import answer, pieces
from demos.lab.payload_api import LONG, MOST_TOKENS, QUESTION
from demos.protocol import sse
from demos.protocol.payload_forms import FORMS
from tests.demos.toys import Served, backend, served, shared_scripted, until


@pytest.fixture(scope="module")
def site() -> Iterator[Served]:
    with served(backend(shared_scripted())) as found:
        yield found


def read(site: Served, **asked: Any) -> list[tuple[str, Any]]:
    answer = site.http.get("/payload", params={"tokens": 20, **asked})
    assert answer.headers["content-type"].startswith("text/event-stream")
    return [(one.event, json.loads(one.data)) for one in sse.Decoder().feed(answer.content) if one.event != "message"]


def test_four_forms_one_after_another_and_then_what_they_are_worth(site: Served) -> None:
    heard = read(site)
    assert [said["form"] for name, said in heard if name == "form"] == list(FORMS)
    assert {said["tokens"] for name, said in heard if name == "form"} == {20}
    totals = [said["bytes"]["sse"] for name, said in heard if name == "piece" and said["form"] == "tokens"]
    assert totals == sorted(totals)
    assert len(totals) == 20
    name, said = heard[-1]
    assert (name, said["largest"], set(said["shares"])) == ("done", "form", set(FORMS))
    assert all(
        len(said["text"]) <= 220 <= said["size"]
        for name, said in heard
        if said.get("form") == "v2_events" and name == "piece"
    )


def test_one_form_alone_and_the_same_seed_the_same_bytes(site: Served) -> None:
    assert read(site, forms="tokens")[-2:] == read(site, forms="tokens")[-2:]


@pytest.mark.parametrize(
    "asked", ["forms=x", "forms=tokens,tokens", "forms=", "tokens=0", "tokens=9999", "rate=-1", "rate=99999", "seed=x"]
)
def test_what_means_nothing_is_refused(site: Served, asked: str) -> None:
    answer = site.http.get(f"/payload?{asked}")
    assert (answer.status_code, "Allowed" in answer.json()["message"]) == (400, True)


def test_too_many_at_once_are_refused_and_leaving_makes_room() -> None:
    with served(backend(shared_scripted(), payloads=1)) as site:
        with site.http.stream("GET", "/payload?rate=5") as first:
            chunks = first.iter_raw()  # held, as its end would close the stream
            next(chunks)
            until(lambda: site.http.get("/payload").status_code == 503)
        until(lambda: site.http.get("/payload?tokens=1").status_code == 200)


def test_the_answer_says_nothing_twice() -> None:
    """Repeated text would flatter compression; and there is more of it than a WebSocket's window of 4 KiB."""
    from demos.agent.facts import from_book

    knowledge = from_book()
    found = knowledge.look_up(QUESTION, {}, sorted(knowledge.facts)[:LONG])
    words = pieces(answer(knowledge.facts, found, []))
    assert len(found) == LONG
    assert len(words) >= MOST_TOKENS
    assert len("".join(words[:900]).encode()) > 4096
