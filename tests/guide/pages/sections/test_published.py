"""The library's published decisions without a browser: what they say, what finds them, what a bad address does."""

from __future__ import annotations

import time
from html import escape

import pytest

from guide import book as books
from guide.book.link import decode, encode
from guide.decision.score import RESULTS, Outcome, Published, read_cases, score
from guide.pages.frame import word
from guide.pages.sections import published as page
from guide.report import published as decisions
from tests.every import every
from tests.guide.pages.screens import address, fine, html, one
from tests.patience import seconds

OURS = books.book()
SCORE, MAPPING = decisions.published(OURS)
MISSES = [outcome for outcome in SCORE.outcomes if outcome.result != "right"]


def shown(text: str) -> list[str]:
    """Ids of the cases in the list."""
    return [o.case.id for o in SCORE.outcomes if f'sw-fact-claim">{escape(o.case.system)} <' in text]


def card(outcome: Outcome, text: str) -> str:
    """What is said of one case."""
    return text.split(f'sw-fact-claim">{escape(outcome.case.system)} <')[1].split("</details>")[0]


EVERYTHING = html(one("library", show="decisions"))


def test_every_decision_is_listed_and_the_score_is_said() -> None:
    assert len(shown(EVERYTHING)) == len(SCORE.outcomes) == EVERYTHING.count("<details>")
    counts = {result: SCORE.count(result) for result in RESULTS}
    accuracy = f"{SCORE.accuracy:.1%}".replace("%", " %")
    assert word("library.score", n=len(SCORE.outcomes), accuracy=accuracy, **counts) in EVERYTHING
    for value in SCORE.baselines.values():
        assert f"{value:.1%}".replace("%", " %") in EVERYTHING
    assert OURS.questions["uplink"].title in EVERYTHING.split("sw-count")[0]
    assert {str(outcome.case.read) for outcome in SCORE.outcomes} == {"2026-11-23"}
    assert word("library.read", since="2026-11-23") in EVERYTHING
    assert "<code>python -m guide score</code>" in EVERYTHING


@every("outcome", SCORE.outcomes)
def test_a_decision_tells_its_source_and_opens_its_answers(outcome: Outcome) -> None:
    said = card(outcome, EVERYTHING)
    token = encode(outcome.answers)
    assert decode(token, OURS).answers == outcome.answers
    assert f'href="./?a={token}&amp;at=check" target="_blank"' in said
    assert escape(outcome.case.source) in said
    linked = f'<a href="{escape(outcome.case.source)}" target="_blank" rel="noopener noreferrer">' in said
    assert linked == outcome.case.source.startswith("https://")
    assert str(outcome.case.year) in said
    assert (word("library.weighed") in said) == (outcome.result != "right")


@every("outcome", MISSES)
def test_a_miss_is_explained_in_words_a_reader_knows(outcome: Outcome) -> None:
    said = card(outcome, EVERYTHING)
    for reason in outcome.verdict.reasons:
        question = OURS.questions[reason.question]
        assert f"{escape(question.title)}: {escape(question.answers[reason.answer].text)}" in said
        assert word(f"force.{reason.effect.force.value}") in said
        assert f"{reason.question}.{reason.answer} " not in said, "an id is no word"
    assert (word("library.turns") in said) == bool(outcome.turns)
    for turn in outcome.turns:
        assert all(escape(OURS.questions[qid].answers[aid].text) in said for qid, aid in turn.changes)


def test_some_misses_turn_with_one_answer_and_some_with_two() -> None:
    assert {len(turn.changes) for outcome in MISSES for turn in outcome.turns} == {1, 2}
    assert ", and " in card(next(o for o in MISSES if any(len(t.changes) == 2 for t in o.turns)), EVERYTHING)


def test_search_and_filters_go_into_the_address_and_come_from_it() -> None:
    test = one("library", a="1~uplink.nothing")
    fine(test.segmented_control(key="library_show").set_value("decisions").run())
    assert address(test) == {"a": "1~uplink.nothing", "show": "decisions"}
    fine(test.selectbox(key="library_result").set_value("level").run())
    fine(test.selectbox(key="library_family").set_value("sse").run())
    assert address(test) == {"a": "1~uplink.nothing", "show": "decisions", "result": "level", "family": "sse"}
    level = [o.case.id for o in SCORE.outcomes if o.result == "level" and "sse" in o.expected]
    assert shown(html(test)) == level != []
    fine(test.text_input(key="library_q").set_value("NASA").run())
    assert address(test)["q"] == "NASA"
    assert shown(html(test)) == ["ait-gui"]
    again = one("library", show="decisions", result="level", family="sse", q="NASA")
    assert shown(html(again)) == ["ait-gui"]
    assert (again.selectbox(key="library_result").value, again.selectbox(key="library_family").value) == (
        "level",
        "sse",
    )
    fine(test.button(key="library_clear").click().run())
    assert address(test) == {"a": "1~uplink.nothing", "show": "decisions"}
    assert len(shown(html(test))) == len(SCORE.outcomes)


def test_filters_of_the_decisions_do_not_touch_the_facts() -> None:
    test = one("library", show="facts", result="wrong", family="sse")
    assert f"?fact={[*OURS.facts][-1]}" in html(test)
    assert not [button for button in test.button if button.key == "library_clear"], "nothing of the facts is filtered"


def test_nothing_found_says_what_to_do() -> None:
    test = one("library", show="decisions", q="zzzz")
    assert shown(html(test)) == []
    assert word("library.none") in [text.value for text in test.markdown]


@pytest.mark.parametrize(("field", "value"), [("result", "fine"), ("family", "<b>pigeons</b>"), ("family", "x" * 9999)])
def test_an_unknown_filter_is_named_and_left_aside(field: str, value: str) -> None:
    test = one("library", show="decisions", **{field: value})
    (warning,) = test.warning
    assert f"{field} {value[:40]!r}" in warning.value
    assert len(shown(html(test))) == len(SCORE.outcomes)


@every("choice", MAPPING.families)
def test_every_choice_has_a_name(choice: str) -> None:
    assert page._choice(Published(id="one", choice=choice, primary="http"))


@every("side", MAPPING.primary)
def test_every_side_of_both_has_a_name(side: str) -> None:
    assert page._choice(Published(id="one", choice="both", primary=side))


def test_a_case_cannot_become_markup(monkeypatch: pytest.MonkeyPatch) -> None:
    told = (
        "[{id: a, system: '<img src=x>', year: '<b>1</b>', choice: sse, keys: {uplink: none},"
        " source: 'https://x\"onclick=\"y'}, {id: b, choice: sse, source: 'javascript:alert(1)'}]"
    )
    found = score(OURS, read_cases(told), MAPPING)
    monkeypatch.setattr("guide.pages.sections.published._scored", lambda: (found, MAPPING))
    monkeypatch.setattr("guide.pages.sections.published._shelf", lambda: decisions.shelf(OURS, found.outcomes))
    text = html(one("library", show="decisions"))
    assert "<img" not in text
    assert "<b>1" not in text
    assert 'x"onclick' not in text
    assert 'href="javascript' not in text
    assert "javascript:alert(1)" in text
    assert word("library.says_level") in text


def test_a_rerun_is_quick() -> None:
    test = one("library", show="decisions")
    began = time.perf_counter()
    fine(test.text_input(key="library_q").set_value("stream").run())
    assert time.perf_counter() - began < seconds(0.5), "about 10 ms on an idle machine; the limit allows for a busy one"
