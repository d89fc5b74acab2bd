"""What the project's saver for Redis keeps, in whatever order the graph hands it over."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.browser.starters import redis
from tests.guide.starter.servers import axes_of, write

ORDERS = ("checkpoint, writes", "writes, checkpoint")
SCRIPT = """
import asyncio, os, sys
from langgraph.checkpoint.base import empty_checkpoint
from redis.asyncio import Redis
from app.checkpoints import Saver

async def main(first):
    saver = Saver(Redis.from_url(os.environ["REDIS_URL"]))
    config = {"configurable": {"thread_id": first, "checkpoint_ns": ""}}
    earlier, later = empty_checkpoint(), empty_checkpoint()
    before = await saver.aput(config, earlier, {}, {})
    await saver.aput_writes(before, [("old", 1)], "task")
    config = {"configurable": {**config["configurable"], "checkpoint_id": later["id"]}}
    steps = [lambda: saver.aput(before, later, {}, {}), lambda: saver.aput_writes(config, [("question", 2)], "task")]
    for step in steps if first == "checkpoint" else reversed(steps):
        await step()
    found = await saver.aget_tuple({"configurable": {"thread_id": first, "checkpoint_ns": ""}})
    print([tuple(write) for write in found.pending_writes], found.checkpoint["id"] == later["id"])

asyncio.run(main(sys.argv[1]))
"""


@pytest.mark.parametrize("order", ORDERS)
def test_a_question_is_kept_whatever_comes_first(tmp_path: Path, order: str) -> None:
    """The graph saves in the background. A question that was lost ended the run as if nothing had been asked."""
    folder = write(axes_of(transport="fetch", who="cookie", log="redis", proxy="none"), tmp_path)
    with redis() as url:
        ran = subprocess.run(
            [sys.executable, "-c", SCRIPT, order.partition(",")[0]],
            cwd=folder, env={"REDIS_URL": url, "PATH": ""}, capture_output=True, text=True,
        )  # fmt: skip
    assert ran.stdout.strip() == "[('task', 'question', 2)] True", ran.stderr
