from __future__ import annotations

import dataclasses
import json

from demos.lab.report import as_json, as_text
from demos.lab.runner import Report, Result
from tests.demos.measurements import ONE

MORE = ONE.model_copy(update={"figures": {"stop_ms": 3.25}})
REPORT = Report("drop", "Drop", "Watch.", 1, 1, "here", "by hand", {"python": "3"}, (Result(1, MORE),))
TWO = dataclasses.replace(REPORT, runs=2, results=(Result(1, MORE), Result(2, MORE)))


def test_json_has_one_flat_object_per_result() -> None:
    found = json.loads(as_json(REPORT))
    assert (found["scenario"], found["seed"], found["versions"]) == ("drop", 1, {"python": "3"})
    about = {key: value for key, value in MORE.model_dump().items() if key not in ("figures", "spread")}
    assert found["results"] == [{"run": 1, **about, "stop_ms": 3.25}]
    assert {"figure": "stop_ms", "median": 3.25}.items() <= found["spreads"][-1].items()


def test_text_calls_a_single_run_a_single_run_and_shows_what_was_measured() -> None:
    said = as_text(REPORT)
    assert "a single run per client" in said
    head = next(line for line in said.splitlines() if line.startswith("run"))
    assert head.split() == ["run", "transport", "client", "tokens", "lost", "repeated", "reconnects", "stop_ms"]
    assert "Median" not in said


def test_several_runs_end_with_their_spread() -> None:
    assert "stop_ms     3.25 [3.25..3.25]" in as_text(TWO)
