"""A browser on another machine than the server is not told of one machine and loopback."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from demos.lab.words import lab_words
from demos.pages import lab
from demos.scenarios import scenarios

REACHABLE = [name for name, scenario in scenarios().items() if scenario.child is None]
"""The others need a browser on the server's machine."""
SAID = ("lab.note", "lab.how.base", "lab.scope")


@pytest.mark.parametrize("name", REACHABLE)
def test_two_machines_are_not_called_one(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    def words(address: str | None) -> str:
        monkeypatch.setattr("demos.pages.lab.st.context", SimpleNamespace(ip_address=address))
        found = lab_words(name, None, lab._apart())
        return " ".join(found[key] for key in (*SAID, f"scenario.{name}.how.base") if key in found)

    assert "two machines" in words("192.0.2.1")
    assert "loopback" not in words("192.0.2.1")
    for here in (words("127.0.0.1"), words(None)):
        assert "two machines" not in here
        assert "loopback" in here
