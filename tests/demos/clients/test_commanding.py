"""Clients that speak while they listen, against a real server, through the relay that counts."""

from __future__ import annotations

import asyncio
import functools
import queue
import threading
from typing import Any

import pytest

from demos.clients.commanding import CommandingClient, PostVoice, SocketVoice
from demos.harness.relay import Relay
from tests.demos.toys import Served, ToyAgent, backend, served

Frames = list[dict[str, Any]]


class Steered(ToyAgent):
    """Writes its second word once it was told to."""

    def __init__(self) -> None:
        self.go = threading.Event()
        super().__init__(self.wait)

    async def wait(self, n: int) -> None:
        if n == 1:
            await asyncio.to_thread(self.go.wait, 10)


def talk(build: Any, inputs: int) -> tuple[Frames, Frames, list[int], list[int]]:
    """Say inputs while a run waits in mid-answer: (replies, events, bytes up of each, connections after each)."""
    agent, frames = Steered(), Frames()

    async def scene(site: Served) -> tuple[Frames, Frames, list[int], list[int]]:
        thread = site.thread()
        async with Relay("127.0.0.1", site.port) as relay:
            listen = lambda frame, at: frames.append(frame)  # noqa: E731
            voice: CommandingClient = build(f"http://127.0.0.1:{relay.port}/api", thread, "a client", listen)
            await asyncio.to_thread(voice.open)
            site.start(thread, n_tokens=2)
            reading = asyncio.create_task(asyncio.to_thread(voice.reader.receive, 0.0))
            replies, sizes, connections = Frames(), list[int](), list[int]()
            for n in range(inputs):
                before = sum(one.up for one in relay.passed)
                message = {"role": "user", "content": f"topic {n}"}
                said = await asyncio.to_thread(voice.say, "input.inject", message=message)
                assert said.sent <= said.replied
                replies.append(said.reply)
                sizes.append(sum(one.up for one in relay.passed) - before)
                connections.append(len(relay.passed))
            agent.go.set()
            assert (await reading).finished
            await asyncio.to_thread(voice.close)
        return replies, frames, sizes, connections

    with served(backend(agent)) as site:
        return asyncio.run(scene(site))


@pytest.mark.parametrize("keep", [True, False])
def test_a_post_is_a_request_of_the_size_that_the_server_says(keep: bool) -> None:
    replies, frames, sizes, connections = talk(functools.partial(PostVoice, keep=keep), 3)
    assert [reply["type"] for reply in replies] == ["success"] * 3
    assert [reply["meta"]["request_bytes"] for reply in replies] == sizes
    assert connections == ([2, 2, 2] if keep else [3, 4, 5])
    assert "topic 0" in str(frames)


def test_in_band_an_input_is_a_frame_with_a_mask_and_no_request() -> None:
    replies, frames, sizes, connections = talk(SocketVoice, 3)
    assert [reply["type"] for reply in replies] == ["success"] * 3
    said = '{"id":1,"method":"input.inject","params":{"message":{"role":"user","content":"topic 0"}}}'
    assert sizes == [len(said) + 6] * 3  # RFC 6455, section 5.2: two bytes, and four of the mask
    assert connections == [1, 1, 1]
    assert "topic 0" in str(frames)
    assert all(frame["type"] == "event" for frame in frames), "replies are not for whoever listens to events"


def test_a_reply_that_never_comes_is_not_waited_for_forever(site: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("demos.clients.commanding.PATIENCE_S", 0.05)
    voice = SocketVoice(site.api, site.thread(), "a client", lambda frame, at: None)
    voice.open()
    with pytest.raises(queue.Empty):  # nobody receives
        voice.say("state.get")
    voice.close()
