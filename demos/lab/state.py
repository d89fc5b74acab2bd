"""The lab's state on top of a server: evidence, queued measurements and trials, child servers, faults."""

from __future__ import annotations

import functools
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from demos.connections.open_streams import CutReason
from demos.evidence import Store
from demos.evidence.folder import Folder, evidence_folder
from demos.lab.child_servers import Children
from demos.lab.endpoint_faults import EndpointFaults
from demos.lab.queue import Measurements
from demos.processes.jobs import Jobs, QueueLimits
from demos.server.backend import Backend, shared_backend


class Lab:
    """State of the lab: one backend, and everything that only the lab and its pages need."""

    def __init__(self, backend: Backend) -> None:
        limits = backend.limits
        self.backend = backend
        self.store = Store(limits.evidence, limits.client_evidence)
        self.measurements = Measurements(limits, self.store)
        self.trials = Jobs(
            "trial of a proxy",
            QueueLimits(limits.attempts_waiting + 1, limits.client_attempts, limits.attempt_seconds, limits.attempts),
        )
        self.children = Children(limits)
        self.faults = EndpointFaults(limits.threads)
        self.ends: list[Callable[[], Awaitable[None]]] = []
        """What others have on this lab, and must be ended with it."""
        backend.gauges["evidence"] = "Pieces of evidence kept.", lambda: len(self.store)
        backend.streams.when_opened = self.faults.meet
        backend.sharing.when_told["drop"] = lambda told: backend.streams.drop(told["thread"], CutReason(told["how"]))

    @asynccontextmanager
    async def lifespan(self) -> AsyncIterator[None]:
        """Run the backend. On exit, end all processes that were started here."""
        async with self.backend.lifespan():
            try:
                yield
            finally:
                self.backend.streams.shut_down()
                for end in self.ends:
                    await end()
                await self.measurements.close()
                await self.trials.close()
                await self.children.end_all()
                self.store.close()


@functools.cache
def shared_lab() -> Lab:
    """Return the one lab of this process, on the shared backend."""
    return Lab(shared_backend())


def keep_evidence_in_folder() -> None:
    """Let the one lab of this process keep evidence on the disk, where the environment says.

    Raises:
        SystemExit: the environment names something that is no folder.
    """
    lab = shared_lab()
    try:
        where = evidence_folder()
    except ValueError as error:
        sys.exit(str(error))
    if where is not None:
        lab.store.keep_in(Folder(where, lab.backend.limits.evidence, lab.backend.limits.evidence_bytes))
