"""Real servers behind real proxies: the one that writes is lost in mid-answer, and nobody loses a token."""

from __future__ import annotations

import signal
import uuid
from collections.abc import Iterator

import httpx
import pytest

from demos.proxies import catalog
from demos.proxies.trials import Transport
from tests.demos.sdk.clients import Job, asynchronous
from tests.demos.toys import until
from tests.patience import factor, seconds
from tests.replicas.stage import LEASE_MS, Server, Stage, stage
from tests.replicas.trials import run, state, undisturbed

GAP_S = LEASE_MS / 1000 + seconds(0.5)
PROXIES = ("nginx", "caddy", "haproxy")


@pytest.fixture(scope="module", params=PROXIES)
def behind(request: pytest.FixtureRequest) -> Iterator[Stage]:
    if not catalog.binaries(request.param):
        pytest.skip(f"{request.param} is not on this machine")
    with stage(request.param) as up:
        yield up


@pytest.fixture(scope="module")
def behind_nginx() -> Iterator[Stage]:
    if not catalog.binaries("nginx"):
        pytest.skip("nginx is not on this machine")
    with stage("nginx") as up:
        yield up


def kill(stage: Stage, owner: Server) -> None:
    owner.kill()


@pytest.mark.proxy
def test_killed_in_mid_answer(behind: Stage) -> None:
    said = undisturbed(behind)
    found = run(behind, kill)
    assert found.is_right, found
    assert (found.readers, found.outcome, found.text) == (4, "completed", said)
    assert found.gap_s <= GAP_S


@pytest.mark.proxy
def test_frozen_and_woken_it_writes_nothing_more(behind_nginx: Stage) -> None:
    frozen = list[Server]()

    def freeze(stage: Stage, owner: Server) -> None:
        frozen.append(owner)
        owner.signal(signal.SIGSTOP)
        until(lambda: stage.owner_of_any() not in (None, owner))
        owner.signal(signal.SIGCONT)

    found = run(behind_nginx, freeze)
    assert found.is_right, found
    assert found.outcome == "completed"
    assert httpx.get(f"{frozen[0].api}/health").status_code == 200


@pytest.mark.proxy
def test_told_to_end_it_hands_over_at_once(behind_nginx: Stage) -> None:
    ended = list[Server]()

    def end(stage: Stage, owner: Server) -> None:
        ended.append(owner)
        owner.signal(signal.SIGTERM)

    found = run(behind_nginx, end)
    assert found.is_right, found
    assert found.outcome == "completed"
    assert found.gap_s < LEASE_MS / 1000, "no lease had to run out"
    ended[0].life.close()
    ended[0].start()


@pytest.mark.proxy
def test_a_human_is_asked_on_one_answers_on_a_second_and_reads_on_a_third(behind_nginx: Stage) -> None:
    one, two, three = behind_nginx.servers
    thread_id = str(uuid.uuid4())
    behind_nginx.start(thread_id, one.api, approve=True, rate=0, n_tokens=17)
    until(lambda: state(two.api, thread_id)["status"] == "interrupted")
    one.again()  # a run that waits for a human survives any server
    asked = state(two.api, thread_id)["tasks"][0]["id"]
    told = behind_nginx.obey(thread_id, "input.respond", two.api, interrupt_id=asked, response="yes")
    assert told["result"]["repeated"] is False
    until(lambda: state(three.api, thread_id)["status"] == "idle")
    answer = state(three.api, thread_id)["values"]["messages"][-1]["content"]
    text = answer if isinstance(answer, str) else "".join(block.get("text", "") for block in answer)
    assert len(text.split()) <= 17
    assert behind_nginx.start(thread_id, three.api, rate=0, n_tokens=3)["type"] == "success", "the second turn"


@pytest.mark.proxy
@pytest.mark.parametrize("transport", ["sse", "websocket"])
def test_an_official_client_reads_on_through_a_kill(behind_nginx: Stage, transport: Transport) -> None:
    def heard(count: int) -> None:
        if count == 60:
            owner = behind_nginx.owner_of_any()
            assert owner is not None
            owner.kill()
            killed.append(owner)

    killed = list[Server]()
    n_tokens = round(150 * factor())  # it must go on when a slow client has heard of 60
    seen = asynchronous(Job(behind_nginx.api, transport, {"rate": 50, "n_tokens": n_tokens, "seed": 3}, heard))
    killed[0].start()
    assert seen.error == ""
    assert len(seen.pieces) == n_tokens
