"""Files that somebody brings as runs: what is no run is named; what a run holds is text, bounded, and shown once."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, expect

from tests.browser.labs import choose
from tests.browser.run_files import delta, offer, small
from tests.browser.scripts import evaluated


def failed(error: object) -> dict[str, Any]:
    params = {"namespace": [], "data": {"event": "failed", "error": error}}
    return {"type": "event", "seq": 9, "method": "lifecycle", "params": params}


def edited(change: Callable[[dict[str, Any]], object]) -> str:
    file = small()
    change(file)
    return json.dumps(file)


def broken(*path: str | int, value: object) -> str:
    """A small run with one thing in it replaced."""
    file: Any = small()
    place = file
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    return json.dumps(file)


HTML = "<img src=x onerror=alert(1)>"
BAD: dict[str, tuple[str | bytes, str]] = {
    "no JSON": ("{", "not JSON"),
    "bytes": (b"\xff\xfe\x00", "not JSON"),
    "another format": ('{"format": "something"}', "no run that was saved here"),
    "a list": ("[]", "no run that was saved here"),
    "a newer version": (broken("version", value=2), "version 2 of the format"),
    "too large": ("[" + " " * 5_000_001, "Allowed: 5 MB"),
    "another scenario": (broken("scenario", value="drop"), "another scenario: Dropped connection"),
    "an unknown scenario": (broken("scenario", value=HTML), "another scenario: ?"),
    "no event": (broken("panes", 0, "heard", 2, "event", value={"type": "event"}), "panes.0.heard.2"),
    "a text that is none": (
        broken("panes", 0, "heard", 2, "event", "params", "data", "delta", "text", value=7),
        "panes.0.heard.2",
    ),
    "an error that is none": (
        broken("panes", 0, "heard", 2, "event", value=failed({"toString": 1})),
        "panes.0.heard.2",
    ),
    "no time": (broken("panes", 1, "heard", 1, "t", value="now"), "panes.1.heard.1"),
    "an unknown state": (broken("panes", 1, "heard", 1, "state", value=HTML), "panes.1.heard.1"),
    "an unknown mark": (broken("panes", 0, "marks", value=[{"t": 1, "kind": HTML}]), "panes.0.marks.0"),
    "figures with markup": (broken("panes", 0, "figures", value={HTML: 1}), "panes.0.figures"),
    "a measurement that is none": (broken("panes", 0, "measured", "lost", value=HTML), "panes.0.measured"),
    "one pane": (edited(lambda file: file["panes"].pop()), "panes"),
    "a date that is none": (broken("taken", value=HTML), "taken"),
    "for ever": (broken("lasted", value=1e300), "lasted"),
}


def test_a_file_that_is_no_run_is_named_and_changes_nothing(app_url: str, page: Page) -> None:
    choose(page, app_url, "plain")
    for content, said in BAD.values():
        offer(page, content)
        expect(page.get_by_test_id("lab-unread")).to_contain_text(said)
        expect(page.get_by_test_id("lab-status")).to_contain_text("This file was not opened.")
        expect(page.get_by_test_id("lab-start")).to_be_enabled()
        expect(page.get_by_test_id("lab-replayed")).to_be_hidden()
    offer(page, json.dumps(small()))
    expect(page.get_by_test_id("lab-status")).to_contain_text("The replay is over")
    expect(page.get_by_test_id("lab-unread")).to_have_text("")


def test_what_cannot_be_fed_is_fed_once(page: Page, expected_errors: list[str]) -> None:
    expected_errors.append("cannot be shown")
    fed = evaluated(
        page,
        """const [run] = given;
        let fed = 0;
        const panes = both((id) => bare(id, { ask: document.createElement("p"), count() {} }));
        let over;
        const ended = new Promise((resolve) => (over = resolve));
        panes[0].hear = panes[1].hear = () => {
          if (++fed > 10) over(); // it would go on for ever
          throw new Error("cannot be shown");
        };
        const replay = new Replay(run, panes, over);
        replay.play();
        await ended;
        replay.leave();
        return fed;""",
        small(),
    )
    assert fed == 4  # two events in each of two panes


def test_a_file_of_any_times_draws_no_more_than_the_picture_holds(page: Page) -> None:
    strokes, lines = evaluated(
        page,
        """document.body.innerHTML = '<canvas style="width:800px;height:200px"></canvas><p></p>';
        const legend = document.querySelector("p");
        for (const ink of ["sse", "websocket", "bad"]) {
          legend.append(Object.assign(document.createElement("i"), { textContent: ink }));
          legend.lastChild.dataset.ink = ink;
        }
        let strokes = 0;
        const { stroke } = CanvasRenderingContext2D.prototype;
        CanvasRenderingContext2D.prototype.stroke = function () {
          if (++strokes > 10_000) throw new Error("draws for ever"); // rather than hang
          stroke.call(this);
        };
        const timeline = new Timeline(document.querySelector("canvas"), legend, WORDS);
        Object.assign(timeline, { started: 0, ended: 1, expected: 1 });
        timeline.draw(both((id) => bare(id, { downs: [{ from: -3600000, to: 3600000 }] })));
        CanvasRenderingContext2D.prototype.stroke = stroke;
        const root = document.createElement("section");
        root.innerHTML = '<button data-testid="lab-whole"></button><div class="sums"></div><div class="rows"></div>';
        const passed = { count: 1, payload: 1, framing: 1 };
        const wire = [{ t: 0, way: "in", text: "\\n".repeat(2_000_000), around: 1 }];
        new Wire(root, [bare("sse", { wire, passed, tokens: 1 })], WORDS);
        return [strokes, root.querySelectorAll(".rows p").length];""",
    )
    assert 100 < strokes < 600
    assert lines == 51


def test_markup_in_a_file_is_text(app_url: str, page: Page) -> None:
    file = small()
    file["panes"][0]["heard"][2]["event"] = delta(HTML)
    file["panes"][0]["wire"] = [{"t": 50, "way": "in", "text": f"event: messages\ndata: {HTML}", "around": 20}]
    file["panes"][1]["client"] = HTML
    file["said"]["values"] = {"made": HTML}
    choose(page, app_url, "plain")
    page.get_by_test_id("lab-wire").click()
    offer(page, json.dumps(file))
    expect(page.get_by_test_id("lab-status")).to_contain_text("The replay is over")
    for place in ("sse-text", "lab-wire-rows", "lab-sentence"):
        expect(page.get_by_test_id(place)).to_contain_text(HTML)
        expect(page.get_by_test_id(place).locator("img")).to_have_count(0)
