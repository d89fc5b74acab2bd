"""How a page of a room hears of its state, and how a stream of a round is noted: the modules, without a server."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.scripts import evaluated

_STAND_INS = (Path(__file__).parent / "room_stand_ins.js").read_text(encoding="utf-8")


def told(page: Page, body: str) -> Any:
    return evaluated(page, f"{_STAND_INS}\n{body}")


def test_the_newest_state_counts_and_the_key_stays_in_a_header(page: Page) -> None:
    found = told(
        page,
        """const news = [state(3), state(2), state(3), state(4, { presenter: "away" })].map(said);
        server({ events: [() => stream(news)] });
        return listen(({ states }) => states.includes(4));""",
    )
    assert found["states"] == [3, 4]
    assert found["links"] == ["connecting", "connected", "presenter"]
    assert found["asked"] == [["events", "Bearer k"]]


def test_a_stream_that_ends_is_opened_again_and_a_refused_connection_is_the_servers_fault(page: Page) -> None:
    found = told(
        page,
        """const first = () => stream([said(state(1))], true);
        server({ events: [first, refused, () => stream([said(state(2))])] });
        return listen(({ states }) => states.includes(2));""",
    )
    assert found["states"] == [1, 2]
    assert found["links"] == ["connecting", "connected", "connecting", "server", "connected"]


def test_where_a_stream_is_held_back_the_page_asks(page: Page) -> None:
    found = told(
        page,
        """server({ events: [() => stream([": held"])], state: [() => json(state(7)), () => json(state(8))] });
        return listen(({ states }) => states.includes(8));""",
    )
    assert found["states"] == [7, 8]
    assert found["links"] == ["connecting", "polling"]
    assert [path for path, _ in found["asked"]] == ["events", "state", "state"]


@pytest.mark.parametrize(
    ("status", "code", "why"),
    [(404, "no_such_room", "gone"), (403, "removed", "removed"), (403, "not_your_room", "refused")],
)
def test_what_there_is_no_way_back_from_is_told_once(page: Page, status: int, code: str, why: str) -> None:
    found = told(
        page,
        f"""const no = () => json({{ error: "{code}", message: "No." }}, {status});
        server({{ events: [() => stream([said(state(1))], true), no] }});
        return listen(({{ ends }}) => ends.length);""",
    )
    assert found["ends"] == [why]
    assert len(found["asked"]) == 2


def test_what_is_refused_is_told_to_whoever_said_it(page: Page) -> None:
    found = told(
        page,
        """server({ say: [() => json({ error: "too_late", message: "Too late." }, 409), refused] });
        const control = new Control({ api: "/api", code: "ABCDEF", key: "k", words: WORDS });
        const found = [];
        const note = ({ code, status, message }) => found.push([code, status, message]);
        for (const on of [true, false]) await control.say({ what: "done", on }).catch(note);
        return found;""",
    )
    assert found[0] == ["too_late", 409, "Too late."]
    assert found[1][:2] == ["unreachable", 0]


def test_a_cut_is_counted_and_its_end_is_the_first_token_after_it(page: Page) -> None:
    found = told(
        page,
        """const { lane, did, hooks } = made("sse");
        lane.open();
        hooks.state("open");
        hooks.event(life(1, "running"));
        hooks.event(token(2, "one "));
        hooks.state("reconnecting", {});
        hooks.state("connecting");
        await pause();
        hooks.back();
        hooks.state("open");
        const before = lane.backMs;
        hooks.event(token(3, "two "));
        hooks.event(life(4, "completed"));
        hooks.event(token(5, "late "));
        const { backMs: back, said: text, over, kind } = lane;
        return { before, did, back, text, over, kind, ...lane.receipt };""",
    )
    assert found["before"] is None
    assert found["back"] + 0.2 > found["downs"][0][1] - found["downs"][0][0] > 0  # they are rounded
    assert (found["seq"], found["token"]) == ([1, 2, 3, 4], [False, True, True, False])
    assert found["at"] == sorted(found["at"])
    assert found["started"] <= found["at"][0]
    assert (found["text"], found["reconnects"]) == (["one ", "two "], 1)
    assert (found["finished"], found["over"], found["kind"]) == (True, True, "ended")
    assert found["did"] == ["open", "close"]


@pytest.mark.parametrize("resume", [True, False])
def test_what_fails_three_times_is_blocked_and_may_still_open_before(page: Page, resume: bool) -> None:
    lost = "reconnecting" if resume else "closed"
    found = told(
        page,
        f"""const tried = made("websocket", {{ resume: {str(resume).lower()} }});
        tried.lane.open();
        const kinds = [1, 2, 3].map(() => (tried.hooks.state("{lost}", {{ code: 1006 }}), tried.lane.ready));
        const late = made("websocket");
        late.lane.open();
        late.hooks.state("reconnecting", {{}});
        late.hooks.state("open");
        const {{ kind, over }} = tried.lane;
        return {{ kinds, late: late.lane.receipt, ...tried.lane.receipt, kind, over }};""",
    )
    assert found["kinds"] == [False, False, True]
    assert (found["kind"], found["over"], found["blocked"], found["downs"]) == ("blocked", True, True, [])
    assert (found["late"]["blocked"], found["late"]["downs"]) == (False, [])


def test_a_naive_stream_that_is_cut_stays_away(page: Page) -> None:
    found = told(
        page,
        """const { lane, hooks, did } = made("websocket", { resume: false });
        lane.open();
        hooks.state("open");
        const open = lane.over;
        hooks.state("closed", { code: 1006 });
        lane.revive();
        return { open, over: lane.over, cuts: lane.cuts, did, downs: lane.receipt.downs };""",
    )
    assert (found["open"], found["over"], found["cuts"], found["did"]) == (False, True, 1, ["open"])
    assert found["downs"][0][1] is None


def test_a_slow_page_takes_one_event_after_the_other_and_hears_what_was_said(page: Page) -> None:
    found = told(
        page,
        """const { lane, hooks } = made("sse", { pause: 5 });
        hooks.state("open");
        lane.expects("shorter");
        for (const [n, text] of ["one ", "[You said: shorter;] ", "two "].entries()) hooks.event(token(n + 1, text));
        hooks.event(token(3, "two "));
        const first = lane.tokens;
        await lane.taking;
        return { first, at: lane.at, tokens: lane.tokens, twice: lane.twice, heard: lane.heardMs };""",
    )
    assert (found["first"], found["tokens"], found["twice"]) == (0, 3, 1)  # each token counts once
    assert len(found["at"]) == 4
    assert found["at"] == sorted(set(found["at"]))
    assert found["heard"] > 0


def test_who_looks_away_during_a_round_says_so(page: Page) -> None:
    found = told(
        page,
        """const done = Promise.withResolvers();
        const about = { url: `${location.origin}/stream`, round: 3, resume: true };
        const player = new Player({ ...about, done: (receipt) => done.resolve(receipt) });
        const away = player.away;
        Object.defineProperty(document, "hidden", { value: true });
        document.dispatchEvent(new Event("visibilitychange"));
        player.collect(0);
        return { before: away, ...(await done.promise) };""",
    )
    assert (found["before"], found["away"], found["what"], found["round"]) == (False, True, "receipt", 3)
    assert [one["transport"] for one in found["receipts"]] == ["sse", "websocket"]
    assert "heard_ms" not in found


def test_a_page_that_asks_tries_the_stream_again_once_answers_come_back(page: Page) -> None:
    found = told(
        page,
        """const never = () => new Promise(() => {});
        server({ events: [never, () => stream([said(state(9))])], state: [refused, () => json(state(8))] });
        return listen(({ states }) => states.includes(9));""",
    )
    assert found["links"] == ["connecting", "server", "polling", "connected"]
    assert found["states"] == [8, 9]
