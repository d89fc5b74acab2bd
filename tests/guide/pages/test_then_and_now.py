"""The record page says of a record that was opened what the command `watch` says of it, as plain text."""

from __future__ import annotations

import json
from typing import Any

from streamlit.testing.v1 import AppTest

from guide.book import book
from guide.book.link import encode
from guide.pages.frame import word
from guide.record.exports import json_file
from guide.record.saved_record import load
from guide.report.report import build
from guide.watch.comparison import compare
from tests.guide.pages.screens import fine
from tests.guide.records import record_of
from tests.patience import seconds

OURS = book()
ANSWERS = {"uplink": ("controls",), "path": ("nginx",)}


def opened(**changes: Any) -> AppTest:
    """The page after such a record was opened. `changes`: what the file says otherwise of its first source."""
    report = build(OURS, ANSWERS)
    document = json.loads(json_file.render(report, record_of(report)))
    document["sources"][0] |= changes
    found = tuple(compare(OURS, load(json.dumps(document).encode(), OURS)))
    code = "from guide.pages import record\nrecord.page()"
    test = AppTest.from_string(code, default_timeout=seconds(20))
    test.session_state["pages"] = {}
    test.session_state["page"] = "record"  # the file was opened here
    test.session_state["opened"] = (True, "Opened.")
    test.session_state["since"] = ("Then", report.headline, found)
    test.query_params["a"] = encode(ANSWERS)
    return fine(test.run())


def told(test: AppTest) -> str:
    return "\n".join(element.value for element in test.markdown)


def test_nothing_has_changed() -> None:
    text = told(opened())
    assert word("record.since_same") in text
    assert word("record.since_facts") not in text


def test_a_figure_that_moved_is_shown_with_then_and_now() -> None:
    fact = build(OURS, ANSWERS).sources[0]
    text = told(opened(figure="12 of 12"))
    assert f"**{word('record.since_facts')}**" in text
    assert "12 of 12" in text
    assert fact.id.split("-")[0] in text


def test_a_fact_that_is_gone_is_named_and_its_text_is_no_markup() -> None:
    text = told(opened(fact="long-gone", claim="**Loud** <b>claim</b>"))
    assert f"**{word('record.since_unknown')}**" in text
    assert "**Loud**" not in text
    assert "<b>" not in text.replace("\\<b", "")
