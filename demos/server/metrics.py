"""Exports the metrics of one process in Prometheus' text format. Sole user of prometheus_client; changes nothing.

Figures are collected on request only, so that no token waits for a counter.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from typing import Any

from prometheus_client import CollectorRegistry
from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector

from demos.server.backend import Backend

Counts = Mapping[Any, float]
"""Values of the labels, as a tuple -> the figure."""


class Figures(Collector):
    """Prometheus collector for a backend's figures, each with a sentence that explains it."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend

    def collect(self) -> Iterable[Metric]:
        yield from self._now()
        counters = self._backend.counters
        yield _counter("runs_started", "Runs that were started.", {(): counters.runs_started})
        yield _counter("runs_ended", "Runs that ended.", _keyed(counters.runs_ended), "outcome")
        yield _counter("events", "Events written to logs.", {(): counters.events})
        yield _counter("event_bytes", "Bytes of those events as JSON.", {(): counters.event_bytes})
        yield _counter("tokens", "Pieces of answers that the model made.", {(): counters.tokens})
        yield _counter("streams_opened", "Event streams that were let in.", _keyed(counters.opened), "transport")
        yield _counter("streams_closed", "Event streams that are over.", counters.closed, "transport", "reason")
        yield _counter("streams_refused", "Event streams that were not let in.", counters.refused, "transport", "code")
        yield _counter("sent_events", "Events handed to readers.", _keyed(counters.sent_events), "transport")
        yield _counter(
            "sent_bytes", "Their bytes, without chunks and headers.", _keyed(counters.sent_bytes), "transport"
        )
        yield _counter("replays", "Readers that began behind the newest event.", {(): counters.replays})
        yield _counter("replayed_events", "How far behind they were, in events.", {(): counters.replayed_events})
        yield _counter("gaps", "Readers told that events are missing.", {(): counters.gaps})

    def _now(self) -> Iterable[Metric]:
        """Gauges: what is open or stored at this moment."""
        threads, streams = self._backend.threads, self._backend.streams
        waiting = sum(bool(thread.pending) for thread in threads)
        yield _gauge("threads", "Threads kept.", {(): len(threads)})
        yield _gauge("runs_active", "Runs and answers being written.", {(): threads.active})
        yield _gauge("runs_waiting", "Runs that wait for a human.", {(): waiting})
        yield _gauge("streams", "Open event streams.", _keyed(streams.open_by_transport()), "transport")
        yield _gauge("log_events", "Events kept in logs.", {(): sum(thread.log.events for thread in threads)})
        yield _gauge("log_bytes", "Bytes kept in logs, as JSON.", {(): sum(thread.log.bytes for thread in threads)})
        for name, (about, value) in self._backend.gauges.items():
            yield _gauge(name, about, {(): value()})
        yield _gauge("tasks", "Tasks of the event loop, this scrape's among them.", {(): len(asyncio.all_tasks())})


def text(backend: Backend, accept: str = "") -> tuple[bytes, str]:
    """Encode the figures of a backend and its process: (content, content type). `accept`: the request's header."""
    registry = CollectorRegistry()
    registry.register(Figures(backend))
    ProcessCollector(registry=registry)
    encode, content_type = choose_encoder(accept)
    return encode(registry), content_type


def _keyed(counts: Mapping[Any, int]) -> Counts:
    return {(key,): count for key, count in counts.items()}


def _counter(name: str, about: str, counts: Counts, *labels: str) -> Metric:
    family = CounterMetricFamily(f"streamwise_{name}", about, labels=labels)
    for key, count in counts.items():
        family.add_metric(key, count)
    return family


def _gauge(name: str, about: str, values: Counts, *labels: str) -> Metric:
    family = GaugeMetricFamily(f"streamwise_{name}", about, labels=labels)
    for key, value in values.items():
        family.add_metric(key, value)
    return family
