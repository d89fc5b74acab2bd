"""The demo server as it is, and one more address that tells what its process holds: GET /held."""

from __future__ import annotations

import asyncio
import gc
import os
from collections import Counter
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from demos.protocol.events import Event
from demos.serve import serve
from demos.server.backend import shared_backend
from demos.threads.reader import Reader
from demos.threads.runs import Run, Thread

OURS = (Event, Reader, Run, Thread)
"""What grows with use: nothing of it may outlive the threads."""


async def held(request: Request) -> JSONResponse:
    here = shared_backend()
    agent: Any = await here.agent()
    memory = agent._graph.checkpointer
    gc.collect()
    return JSONResponse(
        {
            "tasks": Counter(getattr(task.get_coro(), "__qualname__", "?") for task in asyncio.all_tasks()),
            "files": len(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else None,
            "streams": len(here.streams),
            "writing": sum(thread.run is not None and thread.run.active for thread in here.threads),
            "threads": len(here.threads),
            "objects": sum(isinstance(each, OURS) for each in gc.get_objects()),
            "checkpoints": len(memory.storage) + len(memory.writes) + len(memory.blobs) + len(here.threads.forgotten),
        }
    )


if __name__ == "__main__":
    serve("127.0.0.1", 0, beside=[Route("/held", held)])
