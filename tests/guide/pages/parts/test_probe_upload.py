"""The record page opens a probe's result as well: answers join, evidence is added, a bad file changes nothing."""

from __future__ import annotations

import json
from typing import Any

from guide.model import Evidence
from guide.pages.frame import word
from guide.record.probe_file import FORMAT
from tests.guide.pages.screens import address, fine, one


def written(**changes: Any) -> bytes:
    given = {"format": FORMAT, "url": "https://a_b.example", "answers": {"path": ["nginx", "uvicorn"]}}
    return json.dumps(given | changes).encode()


def unescaped(markdown: str) -> str:
    """What a reader sees: nothing of it is markup."""
    return markdown.replace("\\", "")


def test_answers_and_evidence_of_a_probe_are_added(evidence: Evidence) -> None:
    test = one("record", a="1~uplink.nothing~path.cloudflare")
    text = written(evidence=[evidence.model_dump(mode="json")])
    fine(test.file_uploader(key="r_file").set_value(("probe.json", text, "application/json")).run())
    assert address(test)["a"] == "1~uplink.nothing~path.cloudflare.nginx.uvicorn"
    said = unescaped(test.success[0].value)
    assert evidence.title in said
    assert "nginx" in said
    assert "a_b.example" in said
    assert r"a\_b\.example" in test.success[0].value, "an address from a file is no markup"
    assert test.checkbox(key=f"e_{evidence.id}").value
    assert word("record.evidence_all_unverified") in [one.value for one in test.caption]


def test_a_probe_starts_a_record_where_nothing_was_answered() -> None:
    test = one("record")
    fine(test.file_uploader(key="r_file").set_value(("probe.json", written(), "application/json")).run())
    assert address(test)["a"] == "1~path.nginx.uvicorn"
    assert word("record.probe_no_evidence") in unescaped(test.success[0].value)


def test_a_probe_that_answers_nothing_says_so() -> None:
    test = one("record", a="1~uplink.nothing")
    fine(test.file_uploader(key="r_file").set_value(("probe.json", written(answers={}), "application/json")).run())
    assert "answers no question" in unescaped(test.success[0].value)
    assert address(test)["a"] == "1~uplink.nothing"


def test_a_damaged_probe_changes_nothing() -> None:
    test = one("record", a="1~uplink.nothing")
    bad = written(answers={"path": ["nosuch"]})
    fine(test.file_uploader(key="r_file").set_value(("probe.json", bad, "application/json")).run())
    assert word("record.not_opened") in unescaped(test.error[0].value)
    assert "nosuch" in unescaped(test.error[0].value)
    assert address(test)["a"] == "1~uplink.nothing"
