from __future__ import annotations

import sys
from contextlib import AbstractContextManager
from typing import Any

from demos.lab.queue import Measurements
from demos.lab.state import Lab
from tests.demos.lab.reports import PRINT
from tests.demos.toys import Served, backend, served, until


def site_with(code: str) -> AbstractContextManager[Served]:
    lab = Lab(backend())
    lab.measurements = Measurements(lab.backend.limits, lab.store, lambda *_: [sys.executable, "-c", code])
    return served(lab)


def test_over_http() -> None:
    with site_with(PRINT) as site:
        asked = site.http.post("/experiments", json={"scenario": "drop", "runs": 1, "seed": 4})
        assert asked.status_code == 202
        path = f"/experiments/{asked.json()['id']}"
        until(lambda: site.http.get(path).json()["state"] == "done")
        kept = site.http.get(f"/evidence/{site.http.get(path).json()['evidence_id']}").json()
        assert (kept["seed"], kept["title"]) == (4, "Drop")
        assert site.http.get("/experiments/nosuch").status_code == 404
        wrong: dict[str, Any]
        for wrong in (
            {"scenario": "nosuch"},
            {"scenario": []},
            {},
            {"scenario": "drop", "runs": "3"},
            {"scenario": "drop", "seed": True},
        ):
            answer = site.http.post("/experiments", json=wrong)
            assert (answer.status_code, "Allowed" in answer.json()["message"]) == (400, True)
