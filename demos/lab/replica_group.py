"""Three servers behind one address, for a scenario that kills the one that writes.

All connections go to the first server that is up, so whoever reads and the one that writes are together until it is
killed, by SIGUSR1 to this process. With DEMO_GROUP=shared they share their threads over an engine of
their own; with DEMO_GROUP=apart each knows its own alone.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import sys
from collections.abc import Sequence
from contextlib import ExitStack, suppress

from demos.processes.demo_server import Child, NotStarted, served
from demos.processes.engine_server import NoEngine, engine
from demos.processes.ports import NoFreePort, free_port
from demos.replicas.settings import LEASE, NAME, URL

GROUP = "DEMO_GROUP"
"""`shared` or `apart`."""
SERVERS = 3
LEASE_MS = 1500
CHUNK = 65_536


class Front:
    """Passes every connection on to the first server that is up, byte by byte."""

    def __init__(self, ports: Sequence[int]) -> None:
        self._ports = ports

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for port in self._ports:
            with suppress(OSError):
                there, back = await asyncio.open_connection("127.0.0.1", port)
                await asyncio.gather(_pass(reader, back), _pass(there, writer))
                return
        writer.transport.abort()


async def _pass(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """What comes here goes there; a connection that is lost here is lost there."""
    try:
        while chunk := await reader.read(CHUNK):
            writer.write(chunk)
            await writer.drain()
        writer.close()
    except OSError:
        writer.transport.abort()


def start(group: str, stack: ExitStack) -> list[Child]:
    """Start the servers, and the engine if they share one.

    Raises:
        NoEngine, NoFreePort, NotStarted: one of them is not up.
    """
    variables: dict[str, str] = {}
    if group == "shared":
        variables = {URL: stack.enter_context(engine(free_port())), LEASE: str(LEASE_MS)}
    return [stack.enter_context(served({**variables, NAME: f"server{n}"})) for n in range(1, SERVERS + 1)]


async def run(port: int, servers: list[Child]) -> None:
    """Serve until SIGTERM or SIGINT; SIGUSR1 kills the first server that is up."""
    loop, over = asyncio.get_running_loop(), asyncio.Event()
    left = list(servers)

    def kill_first() -> None:
        if len(left) > 1:
            os.kill(left.pop(0).pid, signal.SIGKILL)

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, over.set)
    loop.add_signal_handler(signal.SIGUSR1, kill_first)
    front = await asyncio.start_server(Front([each.port for each in servers]).serve, "127.0.0.1", port)
    print(
        f"Demo endpoints on http://127.0.0.1:{front.sockets[0].getsockname()[1]}/api, process {os.getpid()}", flush=True
    )
    await over.wait()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    port = parser.parse_args().port
    with ExitStack() as stack:
        try:
            servers = start(os.environ.get(GROUP, "apart"), stack)
        except (NoEngine, NoFreePort, NotStarted) as error:
            sys.exit(str(error))
        asyncio.run(run(port, servers))


if __name__ == "__main__":
    main()
