"""A run that is cut anywhere and gone on with elsewhere says what it would have said, once."""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import aclosing
from dataclasses import replace

import pytest
from langgraph.checkpoint.memory import InMemorySaver

from demos.agent.graph import Agent
from demos.agent.lost_run import LostRun
from demos.agent.retelling import WHY, Said, retold
from demos.agent.scripted_model import ScriptedModel
from demos.agent.steering import Mailbox
from demos.protocol.events import Draft
from demos.protocol.run_options import Pace, Settings
from tests.demos.toys import KNOWLEDGE

ASKED = "Does EventSource reconnect?"
AT_ONCE = Pace(rate=0, first_token_ms=0)
PLAIN = Settings(pace=AT_ONCE, n_tokens=12)
ALL = 10_000


def agent() -> Agent:
    return Agent(KNOWLEDGE, ScriptedModel(), saver=InMemorySaver())


def text(drafts: list[Draft]) -> str:
    return "".join(draft.text or "" for draft in drafts if draft.is_token)


async def begun(graph: Agent, settings: Settings, most: int, box: Mailbox) -> list[Draft]:
    """The first events of a run, which then goes no further."""
    found = list[Draft]()
    async with aclosing(graph.start("t", ASKED, settings, box.drain, "run-1")) as drafts:
        async for draft in drafts:
            found.append(draft)
            if len(found) == most:
                return found
    return found


async def recovered(graph: Agent, settings: Settings, log: list[Draft], box: Mailbox, **answered: str) -> list[Draft]:
    """What a successor adds to the log."""
    said = sum(draft.pieces for draft in log if draft.is_token)
    box.rewind(said)
    lost = LostRun("run-1", ASKED, answered, settings, box.drain, said)
    return [draft async for draft in retold(graph.recover("t", lost), Said(log))]


def check_whole(drafts: list[Draft], whole: list[Draft]) -> None:
    assert text(drafts) == text(whole)
    starts, ends = Counter[str](), Counter[str]()
    for draft in drafts:
        if draft.method == "messages":
            starts[draft.data["id"]] += draft.data["event"] == "message-start"
            ends[draft.data["id"]] += draft.data["event"] in ("message-finish", "error")
    assert set(starts.values()) == set(ends.values()) == {1}, "every message begins once and ends once"
    assert len(starts) == 2, "the plan and the answer"
    tools = [draft.data["event"] for draft in drafts if draft.method == "tools"]
    assert tools == ["tool-started", "tool-finished"]


def test_wherever_it_is_cut_the_answer_is_the_same() -> None:
    async def scene() -> None:
        whole = await begun(agent(), PLAIN, ALL, Mailbox(5))
        for cut in range(1, len(whole) + 1):
            graph, box = agent(), Mailbox(5)
            log = await begun(graph, PLAIN, cut, box)
            check_whole([*log, *await recovered(graph, PLAIN, log, box)], whole)

    asyncio.run(scene())


@pytest.mark.parametrize("lag", [1, 3, 9])
def test_what_the_graph_had_done_beyond_the_log_is_said_too(lag: int) -> None:
    async def scene() -> None:
        whole = await begun(agent(), PLAIN, ALL, Mailbox(5))
        for cut in range(lag + 1, len(whole) + 1, 2):
            graph, box = agent(), Mailbox(5)
            log = (await begun(graph, PLAIN, cut, box))[:-lag]
            check_whole([*log, *await recovered(graph, PLAIN, log, box)], whole)

    asyncio.run(scene())


def test_a_question_is_asked_once_and_an_answer_is_not_lost() -> None:
    settings = replace(PLAIN, approve=True)

    async def scene() -> None:
        graph, box = agent(), Mailbox(5)
        log = await begun(graph, settings, ALL, box)
        interrupt = log[-1].data["interrupt_id"]
        assert await recovered(graph, settings, log, box) == [], "it waits, as it did before"
        unasked = await recovered(graph, settings, log[:-1], box)
        assert [draft.data["interrupt_id"] for draft in unasked] == [interrupt]
        rest = await recovered(graph, settings, log, box, **{interrupt: "yes"})
        assert "Approved" in text(rest) or len(text(rest)) > 0
        assert not [draft for draft in rest if draft.method == "input.requested"]

    asyncio.run(scene())


def test_what_was_injected_is_said_again_at_its_place() -> None:
    settings = Settings(pace=Pace(rate=500, first_token_ms=0), n_tokens=30)

    async def scene() -> None:
        graph, box = agent(), Mailbox(5)
        log = list[Draft]()
        async with aclosing(graph.start("t", ASKED, settings, box.drain, "run-1")) as drafts:
            async for draft in drafts:
                log.append(draft)
                if text(log).count(" ") == 5 and box.count == 0:
                    box.put("mind the gaps")
                if text(log).count(" ") >= 20:
                    break
        assert "mind the gaps" in text(log)
        box.put("and the end")
        rest = await recovered(graph, settings, log, box)
        assert not [draft for draft in rest if draft.data.get("event") == "error"]
        assert text(rest).count("and the end") == 1
        assert text(log + rest).count("mind the gaps") == 1

    asyncio.run(scene())


def test_another_answer_is_another_message() -> None:
    """A real model does not say the same again: the old message gets its error, and nothing is mixed."""

    async def scene() -> None:
        graph, box = agent(), Mailbox(5)
        stamped = replace(PLAIN, stamp=True)  # each token is the time, so no answer is like another
        log = await begun(graph, stamped, ALL, box)
        cut = next(n for n, draft in enumerate(log) if draft.is_token) + 4
        graph = agent()
        log = (await begun(graph, stamped, cut, Mailbox(5)))[:cut]
        rest = await recovered(graph, stamped, log, box)
        errors = [draft.data for draft in rest if draft.method == "messages" and draft.data["event"] == "error"]
        old = next(draft.data["id"] for draft in log if draft.is_token)
        assert errors == [{"event": "error", "id": old, "message": WHY}]
        again = [draft for draft in rest if draft.is_token]
        assert {draft.data["id"] for draft in again} & {old} == set()
        assert len(text(rest).split()) == 12

    asyncio.run(scene())
