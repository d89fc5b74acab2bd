"""How a run ends when something else does: a stream that never opened, a page that was left, an outcome untold."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.browser.scripts import evaluated

STATES = [
    ("closed", False, True),  # a proxy that does not know the upgrade: close code 1006, before any open
    ("gone", False, True),
    ("refused", False, True),
    ("closed", True, False),
    ("gone", True, False),
]


@pytest.mark.parametrize("begun", [False, True])
def test_a_stream_that_never_opened_ends_the_wait_for_it(page: Page, begun: bool) -> None:
    found = evaluated(
        page,
        """const [begun, states] = given;
        const rejected = [];
        for (const [end, opens] of states) {
          KINDS.standIn = class {
            constructor(url, hooks) { this.hooks = hooks; }
            open() { if (opens) this.hooks.state("open"); this.hooks.state(end, { code: 1006 }); }
            close() {}
          };
          const panes = both((id) => bare(id));
          const { run } = real(panes);
          if (begun) run.begin();
          const settled = run.open(panes[0], { kind: "standIn", thread: "t" }).then(() => false, () => true);
          rejected.push(await Promise.race([settled, new Promise((over) => setTimeout(() => over(null), 300))]));
          run.leave();
        }
        return rejected;""",
        begun,
        [[end, opens] for end, opens, _ in STATES],
    )
    assert found == [rejected for *_, rejected in STATES]


def test_a_page_that_comes_back_ends_what_it_cannot_take_up_again(page: Page) -> None:
    found = evaluated(
        page,
        """const all = [];
        for (const before of ["nothing", "begun", "held", "child"]) {
          const { run, heard } = real(both((id) => bare(id, { stream: { close() {}, revive() {} } })));
          if (before !== "nothing") run.begin();
          if (before === "held") run.hold(() => {});
          if (before === "child") run.children.ends.push(() => {});
          run.suspend();
          run.reopen();
          all.push([run.over, heard.at(-1)]);
          run.leave();
        }
        return all;""",
    )
    words = "failed The page was left meanwhile, and what this run had open was closed. Press Start for a new one."
    assert found == [[True, words], [False, "running"], [True, words], [True, words]]


def test_an_outcome_that_cannot_be_told_fails_and_does_not_hang(page: Page) -> None:
    found = evaluated(
        page,
        """const { run, heard } = real(both((id) => bare(id)));
        const outcome = () => { throw new Error("nothing to tell"); };
        return [await run.play({ play: async () => {}, outcome }), ...heard];""",
    )
    assert found == [None, "failed nothing to tell"]


def test_a_server_that_ended_after_the_answer_has_cut_nobody(page: Page) -> None:
    found = evaluated(
        page,
        """const scenario = SCENARIOS.restart;
        const panes = scenario.panes.map(({ id }) => counted(id, {}, { reconnects: 0, tries: 0, kind: "ended" }));
        for (const pane of panes) { scenario.judge(pane); pane.figure("never_came", 0); pane.figure("twice", 0); }
        return told("restart", staged(panes, { down: "quick", server: "loud" }));""",
    )
    assert found["sentence"].startswith("The server was away for – s")
    assert found["sentence"].count("not cut, the answer was complete") == 4


def test_seven_that_are_closed_while_they_open_open_no_more(page: Page) -> None:
    found = evaluated(
        page,
        """let asked = 0;
        SLOT.standIn = () => { asked += 1; return () => {}; };
        const seven = new Seven("standIn", "x?", 3000);
        const over = seven.run();
        while (asked < 2) await pause(5);
        seven.close();
        const [then, began] = [asked, performance.now()];
        await over;
        return [asked - then, performance.now() - began < 1000];""",
    )
    assert found == [0, True]
