"""The project to start from, on the recommendation and on the record: one button, and what is in it."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

import pytest

from guide.book import book
from guide.book.link import encode
from guide.pages.sections import project as section
from guide.record.exports import markdown
from guide.report.report import build
from tests.guide.pages.screens import html, one
from tests.guide.records import record_of

LEVEL = dict(book().cases["local-task-board"].answers)
LABEL = book().words["project.download"]


def buttons(test: Any) -> list[str]:
    return [each.proto.label for each in test.get("download_button")]


@pytest.mark.parametrize("page", ["verdict", "record"])
def test_there_is_one_button_and_every_file_is_told(page: str) -> None:
    answers = {"uplink": ("controls",), "path": ("nginx",)}
    test = one(page, a=encode(answers))
    assert buttons(test).count(LABEL) == 1
    [project] = build(book(), answers).projects
    told = html(test)
    assert [file.path for file in project.files if f"<code>{file.path}</code>" not in told] == []
    assert [tab.label for tab in test.tabs] == [file.path for file in project.files if file.shown]


@pytest.mark.parametrize(
    ("page", "answers"),
    [
        ("verdict", {"media": ("voice",)}),
        ("record", {"media": ("voice",)}),
        ("verdict", {"uplink": ("unknown",)}),
        ("record", LEVEL),
    ],
)
def test_there_is_none_where_no_transport_is_chosen(page: str, answers: dict[str, tuple[str, ...]]) -> None:
    assert LABEL not in buttons(one(page, a=encode(answers)))


def test_a_level_verdict_is_settled_beside_the_button() -> None:
    test = one("verdict", a=encode(LEVEL))
    assert buttons(test).count(LABEL) == 1
    radio = test.radio(key="transport_steps")
    assert radio.label == book().words["project.transport"]
    assert "app/websocket.py" not in html(test)
    radio.set_value("websocket").run()
    assert "app/websocket.py" in html(test)


def test_the_zip_holds_the_record_as_it_was_written() -> None:
    report = build(book(), {"uplink": ("nothing",)})
    record = record_of(report, title="Our very own title")
    archive = zipfile.ZipFile(io.BytesIO(section.zip_file(report, "sse", record)))
    assert archive.read("streamwise-sse/docs/decision.md") == markdown.render(report, record, short=True)


def test_the_zip_of_a_level_verdict_is_of_the_side_that_is_picked() -> None:
    report = build(book(), LEVEL)
    archive = zipfile.ZipFile(io.BytesIO(section.zip_file(report, "websocket", None)))
    [kept] = [name for name in archive.namelist() if name.endswith("streamwise.json")]
    assert json.loads(archive.read(kept))["transport"] == "websocket"
