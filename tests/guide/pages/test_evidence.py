"""Measurements and the address: what is known is shown again, what is not is said, and a file proves nothing."""

from __future__ import annotations

import json
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from guide import book as books
from guide.book.link import encode
from guide.model import Evidence
from guide.pages.frame import word
from guide.pages.state import MOST_EVIDENCE
from guide.record.exports import formats
from guide.report.report import build
from tests.guide.pages.screens import address, fine
from tests.guide.records import record_of
from tests.patience import seconds

OURS = books.book()
ANSWERS = OURS.cases[next(iter(OURS.cases))].answers
TOKEN = encode(ANSWERS)


def record(known: dict[str, Evidence], unread: bool = False, **query: str) -> AppTest:
    """The record's page, with what the server still knows, and whether it could not look."""
    test = AppTest.from_string("from guide.pages import record\nrecord.page()", default_timeout=seconds(20))
    test.session_state["pages"] = {}
    test.session_state["evidence_known"], test.session_state["evidence_unread"] = known, unread
    for key, value in {"a": TOKEN, **query}.items():
        test.query_params[key] = value
    return fine(test.run())


def named(evidence: Evidence, **more: Any) -> Evidence:
    return evidence.model_copy(update={"title": "What we saw", **more})


def included(test: AppTest) -> list[str]:
    return [box.label for box in test.checkbox if box.label.startswith("Include")]


def test_an_address_brings_back_what_it_names(evidence: Evidence) -> None:
    known = {id: named(evidence, id=id, scenario=id) for id in ("e1", "e2")}
    test = record(known, e="e1.e2")
    assert len(included(test)) == 2
    assert address(test) == {"a": TOKEN, "e": "e1.e2"}
    assert not test.warning


def test_what_could_not_be_read_is_not_told_as_gone(evidence: Evidence) -> None:
    assert [one.value for one in record({}, unread=True, e="e1").warning] == [word("record.evidence_unread")]
    assert not record({"e1": named(evidence, id="e1")}, unread=True, e="e1").warning


def test_a_spoiled_run_is_not_ticked_until_somebody_does(evidence: Evidence) -> None:
    broken = tuple(m.model_copy(update={"finished": False}) for m in evidence.measurements)
    known = {"e1": named(evidence, id="e1"), "e2": named(evidence, id="e2", measurements=broken)}
    test = record(known, e="e1.e2")
    assert [test.checkbox(key=f"e_{id}").value for id in ("e1", "e2")] == [True, False]
    assert [word("record.evidence_spoiled") in label for label in included(test)] == [False, True]
    fine(test.checkbox(key="e_e2").check().run())
    assert test.checkbox(key="e_e2").value


def test_a_record_is_proposed_and_numbered_and_may_go_without_its_appendix() -> None:
    test = record({})
    assert (test.selectbox(key="r_status").value, test.number_input(key="r_number").value) == ("proposed", 1)
    assert "## Appendix" in test.code[0].value
    fine(test.checkbox(key="r_short").check().run())
    assert "## Appendix" not in test.code[0].value
    assert "## Decision Outcome" in test.code[0].value


def test_what_has_expired_is_said_for_as_long_as_the_address_names_it(evidence: Evidence) -> None:
    test = record({"e1": named(evidence, id="e1")}, e="e1.gone")
    for _ in range(2):
        assert word("record.evidence_expired") in [one.value for one in test.warning]
        assert len(included(test)) == 1
        assert address(test)["e"] == "e1.gone"
        fine(test.run())


@pytest.mark.parametrize("bad", ["<script>alert(1)</script>", "x" * 100_000, ".", "e1..e1", "a." * 500])
def test_a_bad_address_harms_nothing(bad: str, evidence: Evidence) -> None:
    test = record({"e1": named(evidence, id="e1")}, e=bad)
    assert len(included(test)) == ("e1" in bad.split("."))
    assert len(test.session_state["evidence_ids"]) <= MOST_EVIDENCE


def test_a_file_stays_unverified_whatever_the_address_names(evidence: Evidence) -> None:
    """Its ids may be those of real measurements, and its numbers others."""
    real = named(evidence, id="e1")
    forged = named(evidence, id="e1", title="A miracle")
    test = record({"e1": real})
    test.session_state["evidence"] = {"e1": forged.model_copy(update={"verified": False})}
    test.query_params["e"] = "e1"
    fine(test.run())
    (label,) = included(test)
    assert "A miracle" in label
    assert word("record.evidence_all_unverified") in [one.value for one in test.caption]
    assert not test.session_state["evidence"]["e1"].verified
    test.session_state["evidence"] |= {"e2": named(evidence, id="e2")}
    fine(test.run())
    assert [word("record.evidence_unverified") in label for label in included(test)] == [True, False]


def test_the_record_is_seen_and_markdown_is_the_file_to_take() -> None:
    test = record({})
    first, *others = [one for one in test.get("download_button") if one.proto.id.rpartition("-")[2].startswith("get_")]
    assert (first.proto.label, first.proto.type) == ("Markdown (MADR 4)", "primary")
    assert [one.proto.type for one in others] == ["secondary"] * (len(formats()) - 1)
    fine(test.text_area(key="r_title").set_value("One line\nand another").run())
    assert "# One line and another" in test.code[0].value


def test_opening_a_file_puts_its_evidence_in_place_of_what_the_address_named(evidence: Evidence) -> None:
    test = record({"e1": named(evidence, id="e1")}, e="e1")
    report = build(OURS, dict(ANSWERS))
    render = next(form.render for form in formats() if form.suffix == "json")
    content = render(report, record_of(report, evidence=(named(evidence, id="e9", title="From a file"),)))
    assert json.loads(content)["record"]["evidence"][0]["id"] == "e9"
    test.file_uploader(key="r_file").set_value(("record.json", content, "application/json"))
    fine(test.run())
    assert [label for label in included(test) if "From a file" in label] == included(test)
    assert "e" not in address(test)


def keeping(*kept: Evidence) -> AppTest:
    code = "from guide.pages import state\nimport streamlit as st\nstate.sync('record')\n"
    test = AppTest.from_string(f"{code}for one in st.session_state.pop('new', ()):\n    state.keep(one)")
    test.session_state["new"] = kept
    return fine(test.run())


def test_a_new_measurement_stands_in_the_address_and_replaces_the_one_before(evidence: Evidence) -> None:
    browser, without = {"browser": "Chromium 156"}, {"python": "3"}
    first, second = (named(evidence, id=id, versions=browser) for id in ("a1", "a2"))
    headless = named(evidence, id="b1", versions=without)
    test = keeping(first, headless, second)
    assert address(test) == {"e": "b1.a2"}
    assert list(test.session_state["evidence"]) == ["b1", "a2"]
    fine(test.run())
    assert address(test) == {"e": "b1.a2"}


def test_the_oldest_makes_room(evidence: Evidence) -> None:
    test = keeping(*(named(evidence, id=f"e{n}", scenario=f"s{n}") for n in range(MOST_EVIDENCE + 3)))
    assert address(test)["e"].split(".") == [f"e{n}" for n in range(3, MOST_EVIDENCE + 3)]
