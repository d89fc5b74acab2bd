"""The guide's pages without a browser: presets, empty states, bad links, and agreement with `decide`.

What only a browser can show (address, back, panel, look) is in tests/browser.
"""

from __future__ import annotations

from html import escape

import pytest

from guide import book as books
from guide.book.link import encode
from guide.decision.engine import asked_questions, cards, decide
from guide.model import Case
from guide.pages.frame import word
from guide.pages.start.start_page import card_counts
from guide.report.report import build
from tests.guide.pages.screens import address, app, fine, html, one

OURS = books.book()
PRESETS = [key for key, case in OURS.cases.items() if case.preset]


@pytest.mark.parametrize("preset", PRESETS)
def test_a_preset_fills_in_its_answers(preset: str) -> None:
    test = app()
    fine(test.button(key=f"use_{preset}").click().run())
    assert address(test) == {"a": encode(OURS.cases[preset].answers), "at": "check"}
    rows = [key for key in asked_questions(OURS, OURS.cases[preset].answers) if test.button(key=f"change_{key}")]
    assert rows == asked_questions(OURS, OURS.cases[preset].answers)


@pytest.mark.parametrize("preset", PRESETS)
def test_the_verdict_page_says_what_decide_says(preset: str) -> None:
    answers = OURS.cases[preset].answers
    report = build(OURS, answers)
    test = one("verdict", a=encode(answers))
    level = decide(OURS, answers).kind == "level"
    assert [title.value for title in test.title] == [word("verdict.level_long") if level else report.headline]
    shown = html(test)
    assert all(f'id="source-{cited.number}"' in shown for cited in report.sources)


@pytest.mark.parametrize(("page", "title"), [("verdict", "verdict.empty_title"), ("record", "record.empty_title")])
def test_a_page_without_answers_leads_to_the_first_question(page: str, title: str) -> None:
    test = one(page)
    assert [found.value for found in test.title] == [word(title)]
    assert test.button(key="empty_go").label == word("start.button")


@pytest.mark.parametrize(
    "token", ["9~uplink.nothing", "1~colour.red", "<script>alert(1)</script>", "x" * 100_000, "1~uplink.loud"]
)
@pytest.mark.parametrize("page", ["ask", "verdict"])
def test_a_bad_link_is_explained_and_harms_nothing(page: str, token: str) -> None:
    test = one(page, a=token)
    assert any(word("link.problems") in warning.value for warning in test.warning)
    assert all(len(warning.value) < 1000 for warning in test.warning)
    assert "<script" not in html(test).replace("<style", "")


def test_what_is_good_in_a_bad_link_is_kept() -> None:
    test = one("ask", a="1~uplink.nothing~colour.red", at="check")
    assert any("colour" in warning.value for warning in test.warning)
    assert test.button(key="show").disabled is False


@pytest.mark.parametrize("qid", [qid for qid, question in OURS.questions.items() if not question.derived])
def test_every_question_can_be_opened_by_its_address(qid: str) -> None:
    # A question with a condition is opened with answers that make it asked.
    answers = {key: (allowed[0],) for key, allowed in OURS.questions[qid].only_if.items()}
    test = one("ask", a=encode(answers), at=qid)
    lead = OURS.questions[qid].card or qid
    shown = html(test)
    assert escape(OURS.questions[qid].ask) in shown
    assert f"{escape(OURS.questions[lead].ask)}</h1>" in shown, "one card, by its first question"
    assert shown.count("<h1>") == 1
    if test.button(key="next").label != word("check.show"):  # that one leads to another page
        fine(test.button(key="next").click().run())


def test_nothing_is_said_to_be_kept_where_nothing_was() -> None:
    assert word("link.nothing_kept") in one("ask", a="9~uplink.nothing").warning[0].value
    assert word("link.kept") in one("ask", a="1~uplink.nothing~colour.red").warning[0].value


def test_the_start_counts_the_cards_that_everybody_is_shown() -> None:
    deciding, shaping = card_counts(OURS)
    assert (deciding, shaping) == (7, 4)
    text = html(app())
    assert f"Answer {deciding} questions" in text
    assert f"{shaping} more questions" in text
    assert all(len(cards(OURS, case.answers)) == deciding + shaping for case in OURS.cases.values() if browsers(case))


def browsers(case: Case) -> bool:
    return "browsers" in case.answers.get("clients", ("browsers",))


def test_the_recommendation_comes_after_the_cards_that_decide() -> None:
    *_, last = (lead for lead in cards(OURS, {}) if OURS.questions[lead].chapter not in OURS.after)
    assert one("ask", at=last).button(key="next").label == word("check.show")
    *_, last = cards(OURS, {})
    assert one("ask", at=last).button(key="next").label == word("check.show")
    assert word("verdict.after_go") in [button.label for button in one("verdict", a="1~uplink.nothing").button]


def test_an_unknown_step_is_the_start() -> None:
    test = one("ask", at="nonsense")
    assert [title.value for title in test.title] == [word("start.title")]


def test_not_sure_and_an_answer_exclude_each_other() -> None:
    test = one("ask", a="1~clients.browsers", at="clients")
    fine(test.checkbox(key="w_clients_unknown").check().run())
    assert address(test)["a"] == "1~clients.unknown"
    fine(test.checkbox(key="w_clients_programs").check().run())
    assert address(test)["a"] == "1~clients.programs"
    fine(test.checkbox(key="w_clients_programs").uncheck().run())
    assert "a" not in address(test)


def test_the_record_asks_for_a_reason_against_the_guide() -> None:
    test = one("record", a="1~uplink.nothing~media.text")
    assert not test.warning
    fine(test.radio(key="r_chosen").set_value("websocket").run())
    assert word("record.problem.override") in test.warning[0].value
    fine(test.text_area(key="r_reason").set_value("We have one.").run())
    assert not test.warning


def test_a_level_verdict_asks_to_be_settled() -> None:
    test = one("record", a=encode(OURS.cases["local-task-board"].answers))
    assert test.radio(key="r_chosen").value is None
    assert word("record.problem.choice") in test.warning[0].value
    fine(test.radio(key="r_chosen").set_value("sse").run())
    assert word("record.problem.settle") in test.warning[0].value


def test_a_record_without_a_title_waits() -> None:
    test = one("record", a="1~uplink.nothing")
    fine(test.text_area(key="r_title").set_value(" \n ").run())
    assert word("record.problem.title") in test.warning[0].value


HOSTILE = "[click here](http://evil.example/x)\n# Big ![x](http://evil.example/i.png)"


def test_text_from_an_address_is_no_markdown() -> None:
    """Neither a link nor a heading nor a picture: whoever sends a link must not write on the page."""
    older = one("verdict", a=f"1.{HOSTILE}~uplink.controls").info[0].value
    unknown = one("library", fact=HOSTILE).warning[0].value
    for said in (older, unknown):
        assert r"\[click here\]\(http\:" in said
        assert "\n#" not in said
        assert "![" not in said.replace(r"\!\[", "")
