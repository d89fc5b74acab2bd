"""One verdict whichever way it is asked for: command line, MCP, JSON and the page, for 200 random sets of answers."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import Iterator

import httpx
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from mcp import Client
from mcp_types import TextContent

from guide.__main__ import main
from guide.book import book
from guide.book.link import encode
from guide.decision.engine import decide
from guide.pages.frame import word
from guide.report.report import build
from tests.browser.running import running_app
from tests.guide.pages.screens import one
from tests.guide.worlds import Given, partial

OURS = book()
MANY = 200
SHOWN = 25
"""Of them, those that are also opened as a page; a page takes a hundred times as long as a verdict."""
Said = tuple[str, str, int]
"""choice, strength, margin"""


def drawn() -> list[Given]:
    """The same random sets of answers on every run."""
    found: list[Given] = []

    @settings(max_examples=MANY, phases=[Phase.generate], suppress_health_check=[*HealthCheck], database=None)
    @given(partial(OURS))
    def draw(answers: Given) -> None:
        found.append(answers)

    draw()
    return found[:MANY]


ANSWERS = drawn()
EXPECTED: list[Said] = [(v.choice, v.strength, v.margin) for v in (decide(OURS, answers) for answers in ANSWERS)]


@pytest.fixture(scope="module")
def app_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running_app(tmp_path_factory.mktemp("app") / "log") as url:
        yield url


def test_the_answers_are_many_and_lead_everywhere() -> None:
    assert len(ANSWERS) == MANY
    assert {choice for choice, _, _ in EXPECTED} >= {*OURS.options, "level"}


def test_the_command_line_says_so(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("guide.__main__.load_book", lambda folder: OURS)
    for answers, expected in zip(ANSWERS, EXPECTED, strict=True):
        monkeypatch.setattr("sys.stdin", io.StringIO(json.dumps(answers)))
        assert main(["decide", "-"]) == 0
        said = json.loads(capsys.readouterr().out)
        assert (said["choice"], said["strength"], said["margin"]) == expected


def test_json_and_mcp_say_so(app_url: str) -> None:
    async def run() -> None:
        async with Client(f"{app_url}/mcp") as client, httpx.AsyncClient(base_url=app_url) as http:
            for answers, (choice, strength, margin) in zip(ANSWERS, EXPECTED, strict=True):
                said = (await http.post("api/guide/decide", json={"answers": answers})).json()
                assert (said["choice"], said["strength"], said["margin"]) == (choice, strength, margin)
                [content] = (await client.call_tool("decide", {"answers": answers})).content
                assert isinstance(content, TextContent)
                assert content.text.startswith(f"choice: {choice}, {strength}, margin {margin}. ")

    asyncio.run(run())


def test_the_page_says_so() -> None:
    """By its heading, which names the recommendation or calls it level."""
    for answers in [each for each in ANSWERS if each][:SHOWN]:
        report = build(OURS, answers)
        level = report.verdict.kind == "level"
        expected = word("verdict.level_long") if level and report.verdict.reasons else report.headline
        assert [title.value for title in one("verdict", a=encode(answers)).title] == [expected]
