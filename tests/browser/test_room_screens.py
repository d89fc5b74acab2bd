"""The wall and the lead's page of a room, in every phase: what stands there, for whom, and what a press does."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from tests.browser.led_room import LATER
from tests.browser.room_people import BEYOND, visitors
from tests.browser.room_server import RoomServer, room_server
from tests.browser.room_states import CODE, answers, counts, few, reveal, state, tied, words
from tests.browser.screen import axe
from tests.patience import seconds

HD: ViewportSize = {"width": 1920, "height": 1080}
SMALL: ViewportSize = {"width": 1280, "height": 720}
CLICKER: ViewportSize = {"width": 390, "height": 844}
CUT = reveal()
WALL: dict[str, tuple[dict[str, Any], str]] = {
    "lobby": (state("lobby"), "Join the Wi-Fi Blue room."),
    "predict": (state("predict"), "31 of 41 have said what they expect."),
    "arming": (state("arming", live=None), "31 of 41 are connected."),
    "running": (state("running"), "tokens so far"),
    "collecting": (state("collecting"), "38 of 41"),
    "reveal": (
        state("reveal", counts=counts(simulated=20), result=reveal(blocked=7)),
        "7 of 41 cannot open a WebSocket",
    ),
    "even": (state("reveal", step=1, result=reveal(cut=False)), "First token"),
    "few": (state("reveal", people=3, result=few()), "What came: All that come after the cut"),
    "ask": (state("ask", step=5), "12 of 41"),
    "answers": (state("answers", step=5, result=answers()), "Discuss these two"),
    "tie": (state("answers", step=5, result=tied()), "Discuss this one"),
    "talk": (state("talk", step=4), "Look at the screen."),
    "failed": (state("failed", failed="The server takes no more runs."), "The server takes no more runs."),
    "ended": (state("ended"), "take the report for half an hour"),
    "paused": (state("predict", paused=True), "The presenter has paused the room."),
    "away": (state("running", presenter="away"), "The presenter is away."),
}
"""Phase, or what is special about it -> state, and words that stand there."""
ALSO = {
    "few": ("There are too few people (3)",),
    "reveal": ("Lost, all together", "2,952", "half of you lost 72 or more", "half of you had 41 or more twice"),
    "tie": ("So: no answer has most.",),
}
"""More words that stand there."""
_SMALLEST = """() => {
  const scale = (node) => {
    const drawn = node.closest("svg[viewBox]");
    return drawn ? drawn.getBoundingClientRect().width / drawn.viewBox.baseVal.width : 1;
  };
  const says = (one) => [...one.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim());
  const seen = (one) => one.getClientRects().length && !one.closest(".unseen, dialog, script");
  const texts = [...document.querySelectorAll("body *")].filter((one) => says(one) && seen(one));
  return Math.min(...texts.map((one) => parseFloat(getComputedStyle(one).fontSize) * scale(one)));
}"""
_HEIGHTS = """(paths) => paths.map((path) =>
  path.getAttribute("d").slice(1).split("L").map((point) => Number(point.split(" ")[1])))"""


@pytest.fixture(scope="module")
def room() -> Iterator[RoomServer]:
    with room_server() as server:
        yield server


def opened(page: Page, room: RoomServer, name: str, behind: str) -> None:
    page.emulate_media(reduced_motion="reduce")  # pages of the wall do not turn while a test looks at them
    page.goto(f"{room.url}/r/{CODE}/{name}#{behind}")


def turned(page: Page) -> int:
    """How many pages there are to turn."""
    return max(1, page.locator(".turn [aria-current]").count())


def test_the_wall_shows_each_phase_to_the_last_row_and_to_everybody(page: Page, room: RoomServer) -> None:
    page.set_viewport_size(HD)
    room.show(WALL["lobby"][0])
    opened(page, room, "wall", "VIEW?wifi=Blue%20room")
    expect(page.locator("#code .unseen")).to_have_text("7, K, 3, Q, X, P")
    problems: list[tuple[object, ...]] = []
    for name, (told, says) in WALL.items():
        room.show(told)
        for one in (says, *ALSO.get(name, ())):
            expect(page.locator("body"), name).to_contain_text(one)
        # Of the room's address, and big enough to be scanned, whatever is shown beside it.
        qr = page.get_by_role("img", name=words()["room.wall.qr"])
        assert (qr.bounding_box() or {"width": 0})["width"] > (500 if name == "lobby" else 200)
        expect(page.locator("#address")).to_contain_text(f"192.168.178.23:8501/r/{CODE}")
        for n in range(turned(page)):
            if n:
                page.keyboard.press("ArrowRight")
            for size in (SMALL, HD):
                page.set_viewport_size(size)
                problems += [(name, n, size, found) for found in page.evaluate(BEYOND) if found]
            problems += [(name, n, "small text", size)] if (size := page.evaluate(_SMALLEST)) < 23.9 else []
            for scheme in ("light", "dark"):
                page.emulate_media(color_scheme=scheme)
                problems += [(name, n, scheme, found) for found in axe(page)]
    assert problems == []


def test_the_wall_says_a_phase_once_and_marks_what_is_simulated(page: Page, room: RoomServer) -> None:
    room.show(state("predict"))
    opened(page, room, "wall", "VIEW")
    status = page.get_by_role("status")
    expect(status).to_have_text(words()["room.round.drop.predict"])
    room.show(state("predict", counts=counts(predicted=32, here=40, simulated=1)))
    expect(page.locator("#stage")).to_contain_text("32 of 41")
    expect(page.locator("#rail")).to_contain_text("1 of these is simulated")
    expect(status).to_have_text(words()["room.round.drop.predict"])
    room.show(state("collecting"))
    expect(status).to_have_text(words()["room.wall.collecting"])
    room.show(state("answers", step=5, result=tied()))
    page.keyboard.press("ArrowRight")
    expect(page.locator(".few-answered")).to_have_text("Who has answered this?Too few people have answered.")
    room.show(state("collecting"))
    # A page loaded anew is level with its first message, and knows its key.
    page.goto(f"{room.url}/r/{CODE}/wall")
    expect(page.locator("#stage")).to_contain_text("38 of 41")


def test_the_wall_says_that_its_server_is_gone_and_keeps_what_it_shows(page: Page, expected_errors: list[str]) -> None:
    expected_errors.append("net::ERR_")
    with room_server() as room:
        room.show(state("predict"))
        opened(page, room, "wall", "VIEW")
        expect(page.locator("#stage")).to_contain_text("31 of 41")
    expect(page.locator("#trouble")).to_contain_text("has not answered for")
    expect(page.locator("#stage")).to_contain_text("31 of 41")


def cells(page: Page, figure: str) -> list[list[str]]:
    """The rows of a figure's table, as they are read."""
    found = page.locator(figure)
    found.get_by_role("button", name=re.compile("^As a table")).click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    rows: list[list[str]] = dialog.locator("tbody tr").evaluate_all(
        "(rows) => rows.map((row) => [...row.cells].map((cell) => cell.textContent))"
    )
    assert axe(page) == []
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    return rows


def test_tables_have_the_figures_that_are_drawn(page: Page, room: RoomServer) -> None:
    page.set_viewport_size(HD)
    room.show(state("reveal", result=CUT))
    opened(page, room, "wall", "VIEW")
    strips = "figure.strips >> nth=0"
    expect(page.locator(strips)).to_be_visible()
    dots = page.locator(f"{strips} >> .dots").evaluate_all(
        """(rows) => rows.map((row) => Object.entries([...row.children].reduce((found, { dataset: { bin } }) =>
          ({ ...found, [bin]: (found[bin] ?? 0) + 1 }), {})).map(([bin, people]) => [Number(bin), people]))"""
    )
    told, median, *bins = cells(page, strips)
    assert told[1:] == [str(sum(people for _, people in row)) for row in dots] == ["41", "41"]
    assert median[1:] == page.locator(f"{strips} >> text.value").evaluate_all(
        "(texts) => texts.map((text) => text.textContent.replace('median ', ''))"
    )
    used = sorted({bin for row in dots for bin, _ in row})
    assert [row[1:] for row in bins] == [[str(dict(row).get(bin, 0)) for row in dots] for bin in used]

    rows = cells(page, "figure.timeline")
    lines = page.locator("figure.timeline path.line").evaluate_all(_HEIGHTS)
    for column, heights in enumerate(lines, 1):
        top, bottom = min(heights), max(heights)
        for row in rows[:-1]:
            drawn = (bottom - heights[round(10 * float(row[0].split()[0]))]) / (bottom - top)
            assert abs(int(row[column].split()[0]) - 100 * drawn) <= 1, row
    assert rows[-1] == [words()["room.chart.cut"], "3.4 s", "3.4 s"]

    widths = page.locator("figure.predictions .part").evaluate_all(
        "(bars) => bars.map((bar) => bar.width.baseVal.value)"
    )
    counted = cells(page, "figure.predictions")
    assert [int(row[1]) for row in counted] == [3, 9, 29] == [round(width * 41 / 100) for width in widths]
    assert [row[2] for row in counted] == ["", "", words()["room.chart.came"]]
    expect(page.locator(".bars li.right")).to_contain_text("✓ this came")


def test_the_wall_turns_its_pages_by_itself_until_somebody_holds_them(browser: Browser, room: RoomServer) -> None:
    room.show(state("reveal", result=CUT))
    with visitors(browser, [HD], moving=True) as (page,):
        page.clock.install()
        page.goto(f"{room.url}/r/{CODE}/wall#VIEW")
        current, hold = (
            page.locator(".turn [aria-current=page]"),
            page.get_by_role("button", name=words()["room.wall.hold"]),
        )
        expect(current).to_have_text("1")
        page.clock.fast_forward(20_100)
        expect(current).to_have_text("2")
        hold.click()
        page.clock.fast_forward(20_100)
        expect(hold).to_have_attribute("aria-pressed", "true")
        expect(current).to_have_text("2")


def test_a_wrong_key_is_said_on_the_wall(page: Page, room: RoomServer, expected_errors: list[str]) -> None:
    expected_errors.append("403")
    opened(page, room, "wall", "WRONG")
    expect(page.get_by_role("heading", level=1)).to_have_text(words()["room.wall.end.refused"])


@pytest.fixture
def leading(page: Page, room: RoomServer) -> Page:
    """A lead's page in mid-agenda, that may drop."""
    room.done.clear()
    room.refusal = None
    room.show(state("running", "lead"))
    page.set_viewport_size(SMALL)
    opened(page, room, "lead", "SECRET.VIEW")
    expect(page.locator("#status")).to_have_text(words()["room.lead.phase.running"])
    return page


def asked(room: RoomServer, count: int) -> list[dict[str, Any]]:
    """What was asked of the server, once it is so much."""
    with room.changed:
        assert room.changed.wait_for(lambda: len(room.done) >= count, seconds(20)), room.done
        return list(room.done)


def test_two_clicks_are_one_and_a_clicker_is_enough(
    leading: Page, room: RoomServer, expected_errors: list[str]
) -> None:
    turn = room.state["turn"]
    leading.locator("#next").dblclick()
    leading.locator("#steps button").nth(3).click()
    leading.get_by_role("button", name="Go to step 4").click()
    assert asked(room, 2) == [{"what": "next", "turn": turn}, {"what": "skip", "step": 4, "turn": turn}]
    leading.evaluate("() => document.activeElement.blur()")
    for count, (key, what) in enumerate(
        (("d", "drop"), ("PageDown", "next"), (" ", "next"), ("ArrowRight", "next")), 3
    ):
        leading.evaluate(LATER)
        leading.keyboard.press(key)
        assert asked(room, count)[-1]["what"] == what

    # A press that came too late is nobody's concern; any other refusal is.
    expected_errors.append("409")
    room.refusal = (409, "stale_turn")
    leading.get_by_role("button", name=words()["room.lead.pause"]).click()
    asked(room, 7)
    expect(leading.locator("#status")).to_have_text(words()["room.lead.phase.running"])
    room.refusal = (409, "not_now")
    leading.get_by_role("button", name=words()["room.lead.pause"]).click()
    expect(leading.locator("#status")).to_have_text("That does not go now.")
    room.refusal = None
    leading.get_by_role("button", name=words()["room.lead.remove_away"]).click()
    leading.locator("#yes").click()
    assert asked(room, 9)[-1]["what"] == "remove_away"
    # What somebody writes is no command.
    leading.get_by_label(words()["room.lead.wifi"]).press_sequentially("d d")
    assert len(room.done) == 9
    assert leading.get_by_role("link", name=words()["room.lead.wall"]).get_attribute("href") == "wall#VIEW?wifi=d%20d"


def test_the_lead_works_on_a_phone_after_a_reload_and_for_everybody(leading: Page, room: RoomServer) -> None:
    assert leading.url.endswith(f"/r/{CODE}/lead")  # the secret is in no address bar, which may be on the projector
    leading.reload()
    for size in (CLICKER, SMALL):
        leading.set_viewport_size(size)
        for scheme in ("light", "dark"):
            leading.emulate_media(color_scheme=scheme)
            expect(leading.locator("#next")).to_be_in_viewport(ratio=1)
            expect(leading.locator("#drop")).to_be_in_viewport(ratio=1)
            assert axe(leading) == []
        assert leading.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
    heights = leading.locator("button:visible, summary:visible, .button:visible").evaluate_all(
        "(all) => all.map((one) => one.getBoundingClientRect().height)"
    )
    assert min(heights) >= 48
    stuck = leading.locator("#stuck-list li")
    assert [row.inner_text().split("\n")[0] for row in stuck.all()] == ["Number 7", "Number 23"]
    assert all(len(row.locator("span").inner_text()) < 80 for row in stuck.all()), "a browser's name is cut"
    expect(leading.locator("#steps li").nth(1)).to_have_text(f"2. {words()['room.round.drop.title']} (now) 6 min")
    address = leading.locator("#lead-address")
    expect(address).to_be_hidden()
    leading.get_by_text(words()["room.lead.elsewhere"]).click()
    expect(address).to_have_text(f"http://192.168.178.23:8501/r/{CODE}/lead#SECRET.VIEW")
    leading.get_by_role("button", name="Remove number 7").click()
    dialog = leading.get_by_role("dialog")
    assert axe(leading) == []
    dialog.get_by_role("button", name=words()["room.lead.no"]).click()
    assert room.done == []
    with leading.expect_download() as download:
        leading.get_by_role("button", name="Markdown").click()
    assert download.value.suggested_filename == f"room-{CODE}.md"
    assert download.value.path().read_text() == "the report"


def test_the_lead_reads_what_came_and_whether_it_is_early(leading: Page, room: RoomServer) -> None:
    found = leading.locator("#found")
    expect(found).to_be_hidden()
    room.show(state("predict", "lead", counts=counts(predicted=20)))
    expect(found).to_have_text(words()["room.lead.early"])
    room.show(state("predict", "lead", counts=counts(predicted=21)))
    expect(found).to_be_hidden()
    room.show(state("reveal", "lead", result=reveal()))
    expect(found).to_contain_text("A WebSocket without resume code lost 72 tokens.")
    expect(found).to_contain_text("29 of 41 were right.")
    room.show(state("reveal", "lead", result=few()))
    expect(found).to_contain_text("What came: All that come after the cut")
    expect(found).to_contain_text("There are too few people (3)")
    room.show(state("reveal", "lead", result=few() | {"so": {"key": "room.so.few", "values": {}}, "came": "lost"}))
    expect(found).not_to_contain_text("What came")


def test_without_its_key_the_leads_page_asks_for_it(page: Page, room: RoomServer, expected_errors: list[str]) -> None:
    expected_errors.append("403")
    room.show(state("lobby", "lead", step=1))
    page.goto(f"{room.url}/r/{CODE}/lead")
    field = page.get_by_label(words()["room.lead.key"])
    assert axe(page) == []
    field.fill("WRONG")
    field.press("Enter")
    expect(page.locator("#key-why")).to_have_text(words()["room.lead.key_wrong"])
    field.fill(f"{room.url}/r/{CODE}/lead#SECRET.VIEW")
    field.press("Enter")
    expect(page.locator("#status")).to_have_text(words()["room.lead.phase.lobby"])


def test_a_real_room_is_led_from_the_lobby_to_its_end(app_url: str, page: Page) -> None:
    """The same pages before the server that they are made for, with its own policy, states and refusals."""
    keys = httpx.post(f"{app_url}/api/rooms", json={"agenda": "15min"}, timeout=seconds(20)).raise_for_status().json()
    page.goto(f"{app_url}/r/{keys['code']}/lead#{keys['secret']}.{keys['view']}")
    expect(page.locator("#next")).to_have_text(words()["room.next.begin"])
    with page.expect_popup() as popup:
        page.get_by_role("link", name=words()["room.lead.wall"]).click()
    wall = popup.value
    expect(wall.locator("#address")).to_contain_text(f"/r/{keys['code']}")
    expect(wall.locator("#here")).to_have_text("0 people are here")
    page.locator("#next").dblclick()
    expect(wall.locator("#stage")).to_contain_text(words()["room.round.plain.predict"])
    expect(wall.locator("#place")).to_have_text("Step 1 of 3")
    page.locator("#steps button").nth(2).click()
    page.get_by_role("button", name="Go to step 3").click()
    expect(wall.get_by_role("heading", level=1)).to_have_text(words()["room.round.resume.title"])
    page.get_by_role("button", name=words()["room.lead.pause"]).click()
    expect(wall.locator("#trouble")).to_have_text(words()["room.wall.paused"])
    wall.reload()
    expect(wall.locator("#trouble")).to_have_text(words()["room.wall.paused"])
    page.get_by_role("button", name=words()["room.lead.end"]).click()
    page.get_by_role("dialog").get_by_role("button", name=words()["room.lead.end"]).click()
    expect(wall.get_by_role("heading", level=1)).to_have_text(words()["room.wall.ended"])
    expect(page.locator("#status")).to_have_text(words()["room.lead.phase.ended"])
