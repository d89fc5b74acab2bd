"""What a run came to, in words: no name is left unfilled, and nothing is claimed that its figures do not say."""

from __future__ import annotations

from itertools import product

import pytest
from playwright.sync_api import Page

from demos.lab.words import described, lab_words
from tests.browser.scripts import evaluated


@pytest.mark.parametrize("client", ["naive", "again", "right"])
def test_a_silent_cut_is_told_as_who_noticed_it_saw_it(page: Page, client: str) -> None:
    told = evaluated(
        page,
        """const [client] = given;
        const downs = client === "naive" ? [] : [{ from: 4600, to: 4700 }];
        const figures = { model_runs: 1, new_token_ms: null };
        const panes = both((id) => counted(id, { lost: 50 }, { downs, figures }));
        return told("drop", staged(panes, { reader: "eventsource", client, ending: "silence" }));""",
        client,
    )
    assert "{" not in told["sentence"] + described("drop", lab_words("drop"), **told["how"])
    assert "Cut after" not in told["sentence"]
    assert ("4.6 s" in told["sentence"]) == (client != "naive")


def test_a_name_that_nobody_fills_is_a_dash_and_is_heard(page: Page, expected_errors: list[str]) -> None:
    expected_errors.append("nothing to fill in for {at_s}")
    assert evaluated(page, 'return fill("Cut after {at_s} s, {n}.", { n: null });') == "Cut after – s, –."


FIRST = [(None, None, None), (None, 400, "websocket"), (300, None, "sse"), (400, 410, "same"), (400, 460, "sse")]


def test_a_pane_without_a_token_was_not_the_sooner(page: Page) -> None:
    found = evaluated(
        page,
        """return given[0].map((first) => {
          const panes = both((id, n) => counted(id, { first_token_ms: first[n] }));
          return SCENARIOS.plain.outcome(staged(panes, { mode: "one" })).came;
        });""",
        FIRST,
    )
    assert found == [came for *_, came in FIRST]


PLAIN = [
    ("one", (60, 0), (60, 0), "plain"),
    ("two", (60, 0), (71, 0), "each"),
    ("one", (60, 0), (20, 40), "each"),
    ("one", (0, 0), (0, 0), "nothing"),
]


def test_the_same_answer_is_said_only_of_one_that_both_have(page: Page) -> None:
    all_told = evaluated(
        page,
        """return given[0].map(([mode, ...each]) => {
          const panes = both((id, n) => counted(id, { tokens: each[n][0], lost: each[n][1] }));
          return told("plain", staged(panes, { mode }));
        });""",
        PLAIN,
    )
    assert [told["key"] for told in all_told] == [key for *_, key in PLAIN]
    assert ["same answer" in told["sentence"] for told in all_told] == [key == "plain" for *_, key in PLAIN]


def test_a_pane_that_was_over_before_stop_has_no_time_from_stop_to_its_end(page: Page) -> None:
    figures = evaluated(
        page,
        """const panes = both((id, n) => bare(id, { endedAt: [900, 1060][n], tokens: 9, hadAtStop: 9 }));
        const nothing = async () => {};
        const does = { thread: nothing, open: nothing, start: nothing, settled: nothing };
        await SCENARIOS.plain.play(staged(panes, {}, { ...does, stopAt: 1000 }));
        return panes.map(({ figures }) => figures.stop_ms);""",
    )
    assert figures == [None, 60]


RESPONSES = {
    "stopped before anybody answered": ("you", [], True, None, "stop"),
    "you answered though a device was to": ("device", ["sse"], False, "once", "you"),
    "both, one of them twice": ("both", ["websocket", "sse", "device", "device"], False, "once", "both"),
}


@pytest.mark.parametrize("case", RESPONSES)
def test_responses_are_counted_and_not_claimed(page: Page, case: str) -> None:
    mode, by, stopped, came, key = RESPONSES[case]
    told = evaluated(
        page,
        """const [mode, by, stopped] = given;
        const counts = { asked: 1, accepted: 1, repeated_responses: 1, refused: 0, answer_ms: 5 };
        const panes = both((id) => counted(id, {}, { figures: { ...counts, model_runs: stopped ? 0 : 1 } }));
        const more = { responses: by.map((by) => ({ by })), stopAt: stopped ? 900 : null };
        return told("approve", staged(panes, { mode, line: "dropped" }, more));""",
        mode,
        by,
        stopped,
    )
    assert (told["came"], told["key"]) == (came, key)
    how = described("approve", lab_words("approve"), **told["how"])
    assert how.endswith("The connections stayed.")  # nobody had dropped them yet
    if key == "both":
        assert told["sentence"].startswith("Responses: 4.")


def test_which_clients_came_back_is_what_was_expected_or_nothing(page: Page) -> None:
    found = evaluated(
        page,
        """return given[0].map((reconnects) => {
          const ids = ["eventsource", "fetch", "websocket"];
          const panes = ids.map((id, n) => counted(id, { reconnects: reconnects[n] }));
          return SCENARIOS.clients.outcome(staged(panes, { code: "none" })).came;
        });""",
        [[1, 0, 0], [0, 0, 0], [1, 1, 1], [0, 1, 0], [1, 0, 1]],
    )
    assert found == ["eventsource", "none", "all", None, None]


def test_a_check_of_origin_is_judged_by_its_figures(page: Page) -> None:
    cases = [*product(["unchecked", "checked"], [0, 1], [0, 20])]
    keys = evaluated(
        page,
        """return given[0].map(([server, model_runs, read]) => {
          const panes = both((id, n) => counted(id, {}, { figures: { readable: n * read, model_runs } }));
          return SCENARIOS.origin.outcome(staged(panes, { server })).sentence;
        });""",
        cases,
    )
    usual = {("unchecked", 1, 20), ("checked", 0, 0)}
    assert keys == [case[0] if case in usual else "counted" for case in cases]


def test_what_is_shown_of_a_silence_keeps_the_order_of_its_times(page: Page) -> None:
    """However long they are: a heartbeat that the server takes, below the limit, within a short show."""
    cases = [
        {"silence": silence, "limit": limit, "heartbeat": beat}
        for silence in (None, 14, 15, 60, 300, 3600)
        for limit, beat in ((None, None), (None, 15), (10, 5), (30, 15), (60, 15), (350, 15), (3600, 15))
        if limit is None or (silence or 0) >= limit
    ]
    shown = evaluated(page, "return given[0].map((numbers) => scaled(numbers));", cases)
    for numbers, one in zip(cases, shown, strict=True):
        assert one["limit"] == numbers["limit"] or numbers["limit"] is None, (numbers, one)
        assert one["beat"] == (numbers["heartbeat"] or 15), "the recommended heartbeat, or the usual one"
        assert 50 <= one["beat_ms"] < one["limit_ms"] <= one["silence_ms"] < 20_000, (numbers, one)
    told = evaluated(page, "return given[0].map((numbers) => spoken(scaled(numbers)));", cases)
    assert not [value for one in told for value in one.values() if len(str(value)) > 7]


def test_a_run_that_failed_is_no_result(page: Page) -> None:
    found = evaluated(
        page,
        """const all = [];
        for (const failed of [null, "cancelled", "cancelled: nobody was reading for 0 ms", "APIError: no such model"]) {
          const { run, heard } = real(both((id) => bare(id, { failed })));
          const said = await run.play({ play: async () => {}, outcome: () => ({ came: "same" }) });
          all.push([said !== null, ...heard]);
        }
        return all;""",
    )
    assert found == [[True], [True], [True], [False, "failed The run failed: APIError: no such model"]]
