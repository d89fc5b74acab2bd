"""Traps are enabled_routes where the environment says so, and nowhere else."""

from __future__ import annotations

import httpx
import pytest

from demos.broken_servers.enabled import VARIABLE, enabled_routes, named
from demos.processes.demo_server import served
from tests.demos.toys import Served, backend


def test_none_unless_named() -> None:
    assert named({}) == []
    assert enabled_routes(backend(), []) == []
    assert named({VARIABLE: " stop ,"}) == ["stop"]


def test_a_name_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="Allowed: heads, unchecked, stop"):
        named({VARIABLE: "stopp"})


def test_the_app_has_none_whatever_its_environment_says(site: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "stop")
    assert site.http.post("/traps/stop/blocking", json={}).status_code == 404


def test_a_child_that_has_them_says_so() -> None:
    with served({VARIABLE: "stop"}) as child:
        made = httpx.post(f"http://127.0.0.1:{child.port}/api/traps/stop/deaf", json={}, trust_env=False)
        assert made.status_code == 200
        assert "wrong on purpose (stop)" in child.said()
