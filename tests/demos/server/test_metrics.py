"""Read with Prometheus' own parser: what it cannot read is no metric."""

from __future__ import annotations

from prometheus_client.parser import text_string_to_metric_families

from tests.demos.toys import Served, events, until


def figures(site: Served) -> dict[tuple[str, ...], float]:
    """Every sample: its name and the values of its labels, in the order of the labels' names -> its value."""
    answer = site.http.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain")
    families = text_string_to_metric_families(answer.text)
    samples = (sample for family in families for sample in family.samples)
    return {(one.name, *(one.labels[key] for key in sorted(one.labels))): one.value for one in samples}


def risen(site: Served, before: dict[tuple[str, ...], float], *key: str) -> float:
    return figures(site).get(key, 0) - before.get(key, 0)


def test_one_run_over_both_transports_is_counted(site: Served) -> None:
    before, thread = figures(site), site.thread()
    site.start(thread, n_tokens=5)
    seen = list(events(site.socket(f"/threads/{thread}/stream?channels=messages,lifecycle&since=0")))
    with site.http.stream("GET", f"/threads/{thread}/stream/events?channels=lifecycle&since=0") as response:
        lines = response.iter_lines()
        assert any('"completed"' in line for line in lines)
        now = figures(site)
        assert now["streamwise_streams", "sse"] == 1
        assert now["streamwise_log_events",] >= len(seen)
    until(lambda: figures(site).get(("streamwise_streams", "sse"), 0) == 0)
    assert risen(site, before, "streamwise_runs_started_total") == 1
    assert risen(site, before, "streamwise_runs_ended_total", "completed") == 1
    assert risen(site, before, "streamwise_tokens_total") == 5
    assert risen(site, before, "streamwise_sent_events_total", "websocket") == len(seen)
    assert risen(site, before, "streamwise_sent_events_total", "sse") == 2
    assert risen(site, before, "streamwise_streams_closed_total", "gone", "sse") == 1
    assert risen(site, before, "streamwise_replays_total") >= 1
    sent = risen(site, before, "streamwise_sent_bytes_total", "websocket")
    assert 0 < sent <= risen(site, before, "streamwise_event_bytes_total")


def test_why_streams_end_is_told_apart(site: Served) -> None:
    before, thread = figures(site), site.thread()
    site.start(thread, approve=True)
    socket = site.socket(f"/threads/{thread}/stream?channels=lifecycle&since=0")
    list(events(socket))
    assert figures(site)["streamwise_runs_waiting",] == 1
    site.http.post(f"/threads/{thread}/drop", json={"how": "clean"})
    until(lambda: risen(site, before, "streamwise_streams_closed_total", "clean", "websocket") == 1)
    site.command(thread, "run.cancel")
    assert risen(site, before, "streamwise_runs_ended_total", "cancelled") == 1


def test_the_process_is_there_too(site: Served) -> None:
    now = figures(site)
    assert now["process_resident_memory_bytes",] > 1e6
    assert now["streamwise_tasks",] >= 1


def test_only_readers_that_were_let_in_are_replayed_to(site: Served) -> None:
    thread = site.thread()
    site.start(thread)
    until(lambda: site.http.get(f"/threads/{thread}").json()["status"] == "idle")
    before, path = figures(site), f"/threads/{thread}/stream/events?channels=lifecycle&since=0"
    assert site.http.head(path).status_code == 200
    assert risen(site, before, "streamwise_replays_total") == 0
    assert len(list(events(site.socket(path)))) == 2
    assert risen(site, before, "streamwise_replays_total") == 1
