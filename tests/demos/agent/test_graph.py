"""The real graph, with toy facts and no waiting."""

from __future__ import annotations

import asyncio
import warnings
from dataclasses import replace
from typing import Any

import pytest
from pydantic import TypeAdapter

from demos.agent.script import approval
from demos.agent.scripted_model import ModelFailed
from demos.agent.steering import Mailbox
from demos.protocol.events import TOKEN_MARK, Draft, Event
from demos.protocol.run_options import Pace, Settings
from tests.demos.stub_model import KEY, QUESTION, Stub, read, served_on
from tests.demos.toys import scripted, shared_scripted, until, words
from tests.patience import seconds

AT_ONCE = Pace(rate=0, first_token_ms=0)


def run(settings: Settings, thread: str, question: str = "Does EventSource reconnect?") -> list[Draft]:
    async def scene() -> list[Draft]:
        return [draft async for draft in shared_scripted().start(thread, question, settings)]

    return asyncio.run(scene())


def text(drafts: list[Draft]) -> str:
    return "".join(draft.text or "" for draft in drafts if draft.is_token)


def test_it_plans_looks_up_and_answers_with_sources() -> None:
    drafts = run(Settings(pace=AT_ONCE, answers={"uplink": ("controls",)}), "t1")
    nodes = [draft.data["node"] for draft in drafts if draft.method == "updates"]
    assert nodes == ["plan", "look_up", "ask", "answer"]
    tools = [draft.data["event"] for draft in drafts if draft.method == "tools"]
    assert tools == ["tool-started", "tool-finished"]
    assert "EventSource reconnects by itself" in text(drafts)
    assert "You told the guide that the client sends a few controls" in text(drafts)
    assert "(checked 2026-11-01)" in text(drafts)
    assert not [draft for draft in drafts if draft.method == "input.requested"]
    marks = [Event.number(draft, 1, "boot", 1).frame.count(TOKEN_MARK) for draft in drafts]
    assert marks == [draft.is_token for draft in drafts]


def test_it_asks_a_human_and_goes_on_with_what_was_said() -> None:
    async def scene() -> tuple[list[Draft], list[Draft]]:
        agent, settings = shared_scripted(), Settings(pace=AT_ONCE, approve=True, n_tokens=12)
        asked = [draft async for draft in agent.start("t2", "Does EventSource reconnect?", settings)]
        interrupt = asked[-1].data["interrupt_id"]
        return asked, [draft async for draft in agent.resume("t2", {interrupt: "mind the gaps"}, settings)]

    asked, answered = asyncio.run(scene())
    assert asked[-1].method == "input.requested"
    assert asked[-1].data["value"] == approval()
    assert text(asked) == ""
    assert "said: mind the gaps" in text(answered)
    assert sum(draft.is_token for draft in answered) == 12


def test_a_blob_comes_in_mid_answer_and_not_before_a_human_was_asked() -> None:
    settings = Settings(pace=Pace(rate=0, first_token_ms=0), n_tokens=20, blob_bytes=1000, blob_part_bytes=400)
    drafts = run(settings, "blob")
    parts = [draft.data["payload"]["part"] for draft in drafts if draft.data.get("name") == "blob"]
    assert parts == [1, 2, 3]
    assert not [one for one in run(replace(settings, approve=True), "asked") if one.data.get("name") == "blob"]


def test_the_classic_stream_is_the_answer_alone() -> None:
    async def scene() -> str:
        settings = Settings(pace=AT_ONCE)
        return "".join(
            [token async for token in shared_scripted().tokens("t3", "Does EventSource reconnect?", settings)]
        )

    assert asyncio.run(scene()) == text(run(Settings(pace=AT_ONCE), "t4"))


def test_events_are_what_the_protocol_says() -> None:
    import langchain_protocol as protocol

    kinds: dict[str, Any] = {
        "messages": protocol.MessagesData, "tools": protocol.ToolsData, "updates": protocol.UpdatesData,
        "checkpoints": protocol.Checkpoint,
    }  # fmt: skip
    for draft in run(Settings(pace=AT_ONCE), "t5"):
        if draft.method in kinds:
            TypeAdapter(kinds[draft.method]).validate_python(draft.data)


def test_every_node_has_its_turn_and_the_turn_an_end() -> None:
    drafts = [draft.data for draft in run(Settings(pace=AT_ONCE), "t9") if draft.method == "tasks"]
    begun = [(task["id"], task["name"]) for task in drafts if "input" in task]
    assert [name for _, name in begun] == ["plan", "look_up", "ask", "answer"]
    assert [(task["id"], task["name"]) for task in drafts if "result" in task] == begun


def test_the_tool_can_be_silent_and_a_silent_tool_can_be_stopped() -> None:
    async def scene() -> tuple[list[Draft], float]:
        drafts: list[Draft] = []
        loop = asyncio.get_running_loop()
        settings = Settings(pace=AT_ONCE, silence_ms=600_000)

        async def read() -> None:
            async for draft in shared_scripted().start("t7", "Does EventSource reconnect?", settings):
                drafts.append(draft)

        task = asyncio.create_task(read())
        while not any(draft.method == "tools" for draft in drafts):
            await asyncio.sleep(0.001)
        started = loop.time()
        task.cancel()
        await asyncio.wait([task])
        return drafts, loop.time() - started

    drafts, took = asyncio.run(scene())
    assert [draft.data["event"] for draft in drafts if draft.method == "tools"] == ["tool-started"]
    assert took < seconds(1)


@pytest.mark.parametrize("approve", [False, True])
def test_what_is_said_while_it_writes_becomes_a_token_of_the_answer(approve: bool) -> None:
    async def scene() -> list[Draft]:
        box, agent, settings = Mailbox(5), shared_scripted(), Settings(pace=AT_ONCE, n_tokens=6, approve=approve)
        thread = f"t10/{approve}"
        source = agent.start(thread, "Does EventSource reconnect?", settings, box.drain)
        if approve:
            [*_, asked] = [draft async for draft in source]
            source = agent.resume(thread, {asked.data["interrupt_id"]: "yes"}, settings, box.drain)
        box.put("shorter")
        box.put("in French")
        return [draft async for draft in source]

    tokens = [draft.text for draft in asyncio.run(scene()) if draft.is_token]
    assert len(tokens) == 7
    assert [token for token in tokens if "You said: shorter; in French;" in (token or "")] == tokens[:1]


def test_the_model_fails_in_the_middle_of_the_answer() -> None:
    with pytest.raises(ModelFailed):
        run(Settings(pace=AT_ONCE, fail_at=3), "t8")


def test_nothing_is_warned_about() -> None:
    with warnings.catch_warnings(record=True) as caught:
        run(Settings(pace=AT_ONCE, n_tokens=1), "t6")
    assert [str(one.message) for one in caught if "v3" in str(one.message)] == []


def test_what_a_real_model_is_told(stub: Stub, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_API_KEY", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID", "OPENAI_BASE_URL", "OPENAI_API_BASE"):
        monkeypatch.setenv(name, "http://127.0.0.1:9/of-another-vendor")
    with served_on(stub.url) as up:
        thread = up.thread()
        up.start(thread, QUESTION, n_tokens=3, answers={"uplink": ["controls"]}, seed=5, fail_at=0, stamp=True)
        first = read(up, thread)
        up.start(thread, "And a proxy?")
        until(lambda: up.http.get(f"/threads/{thread}/state").json()["status"] == "idle")
    task = stub.messages("system", 0)[0]
    assert "[1] EventSource reconnects by itself after a lost connection. Figure: 3 s. May not hold: elsewhere" in task
    assert "the client sends a few controls" in task
    assert stub.messages("user", 0) == [QUESTION]
    assert stub.requests[0]["max_tokens"] == 3
    assert stub.requests[0]["stream_options"] == {"include_usage": True}
    assert words(of for of in first if of["params"].get("node") == "answer").startswith("EventSource reconnects\n")
    assert stub.messages("user", 1) == [QUESTION, "And a proxy?"]
    assert stub.messages("assistant", 1)[0].startswith("EventSource reconnects\n")
    assert stub.headers[0]["authorization"] == f"Bearer {KEY}"
    assert "another-vendor" not in str(stub.headers)
    assert not {"openai-organization", "openai-project"} & set(stub.headers[0])


def test_the_conversation_that_a_real_model_is_told_is_bounded(stub: Stub) -> None:
    with served_on(stub.url) as up:
        thread = up.thread()
        for number in range(5):
            up.start(thread, f"Question {number} about a proxy?")
            until(lambda: up.http.get(f"/threads/{thread}/state").json()["status"] == "idle")
    assert stub.messages("user") == [f"Question {number} about a proxy?" for number in (2, 3, 4)]
    roles = [one["role"] for one in stub.requests[-1]["messages"]]
    assert roles == ["system", "user", "assistant", "user", "assistant", "user"]


def test_a_human_is_asked_before_a_real_model_is_and_the_remark_is_told(stub: Stub) -> None:
    with served_on(stub.url) as up:
        thread = up.thread()
        up.start(thread, QUESTION, approve=True)
        asked = read(up, thread)
        assert asked[-1]["params"]["data"]["event"] == "interrupted"
        assert stub.requests == []
        question = next(frame["params"]["data"] for frame in asked if frame["method"] == "input.requested")
        up.command(thread, "input.respond", interrupt_id=question["interrupt_id"], response="mind the gaps")
        until(lambda: up.http.get(f"/threads/{thread}/state").json()["status"] == "idle")
    assert stub.messages("user")[0].endswith("About the refund to Ana you said: mind the gaps.")


def test_a_question_whose_answer_was_stopped_is_told_together_with_the_next_one(stub: Stub) -> None:
    """Many models refuse two messages of a user in a row."""
    with served_on(stub.url, "paused") as up:
        thread = up.thread()
        up.start(thread, QUESTION)
        until(lambda: stub.requests != [])
        up.command(thread, "run.cancel")
        until(lambda: up.http.get(f"/threads/{thread}/state").json()["status"] == "idle")
        stub.go_on.set()
        up.start(thread, "And a proxy?")
        until(lambda: up.http.get(f"/threads/{thread}/state").json()["status"] == "idle")
    assert [one["role"] for one in stub.requests[-1]["messages"]] == ["system", "user"]
    assert stub.messages("user") == [f"{QUESTION}\nAnd a proxy?"]


def test_between_runs_only_the_newest_checkpoint_is_kept_and_the_conversation_goes_on() -> None:
    from demos.agent.graph import Agent as Graph

    async def scene() -> list[int]:
        agent, kept = scripted(), list[int]()
        assert isinstance(agent, Graph)
        for question in ("What about proxies?", "And heartbeats?", "And reconnecting?"):
            drafts = [draft async for draft in agent.start("t", question, Settings(pace=AT_ONCE, n_tokens=5))]
            assert drafts
            saver = agent._graph.checkpointer
            kept.append(len([one async for one in saver.alist({"configurable": {"thread_id": "t"}})]))
        state = await agent._graph.aget_state({"configurable": {"thread_id": "t"}})
        asked = [message.text for message in state.values["messages"] if message.type == "human"]
        assert asked == ["What about proxies?", "And heartbeats?", "And reconnecting?"]
        return kept

    first, second, third = asyncio.run(scene())
    assert second == third <= first + 1
