"""What each replica reports of a thread: who reads it there, and how far. None of it is in the log."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass

from demos.threads.runs import Thread


@dataclass(frozen=True)
class Report:
    """One thread, as one replica sees it."""

    readers: int
    """Open streams."""
    sent: int
    """The furthest position sent to any of them."""
    delivered: str
    """The newest run, if its end was sent to anybody; else empty."""
    owed: int
    """Readers of that run that were lost before its end and have not come back."""

    @classmethod
    def of(cls, thread: Thread, readers: int) -> Report:
        run = thread.run
        delivered = run.id if run is not None and run.end_delivered else ""
        return cls(readers, thread.sent, delivered, run.owed if run is not None else 0)

    def text(self) -> str:
        return json.dumps(asdict(self))


def readers(reports: Mapping[str, str], alive: Iterable[str]) -> int:
    """Open streams, on replicas that are there."""
    here = set(alive)
    return sum(Report(**json.loads(text)).readers for name, text in reports.items() if name in here)


def learn(thread: Thread, reports: Mapping[str, str], me: str, alive: Iterable[str]) -> None:
    """Take in what other replicas report. What was sent stays sent; readers of a replica that is gone are gone."""
    read = {name: Report(**json.loads(text)) for name, text in reports.items() if name != me}
    here = set(alive)
    thread.readers_elsewhere = sum(report.readers for name, report in read.items() if name in here)
    thread.sent = max([thread.sent, *(report.sent for report in read.values())])
    if (run := thread.run) is not None:
        run.end_delivered = run.end_delivered or any(report.delivered == run.id for report in read.values())
        run.owed_elsewhere = sum(report.owed for report in read.values())
