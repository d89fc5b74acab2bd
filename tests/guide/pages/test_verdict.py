"""The recommendation page: its order, its figures, what it links to. How it looks is for tests/browser."""

from __future__ import annotations

import dataclasses
from html import unescape

import pytest
from streamlit.testing.v1 import AppTest

from guide import book as books
from guide.book.link import encode
from guide.decision.agreement import MOST_MARGIN, agreements
from guide.decision.plan import POINTS
from guide.decision.robustness import shares
from guide.model import Answers, Clash, Force
from guide.pages import verdict
from guide.pages.frame import duration, word
from guide.pages.sections import robustness as sureness
from guide.report.report import build
from tests.guide.pages.screens import fine, html, one
from tests.patience import seconds

OURS = books.book()
CLOSE: Answers = {"uplink": ("controls",), "network": ("some",), "stack": ("socket",)}
DISPUTED: Answers = {"uplink": ("steady",), "network": ("some",), "hosting": ("stateless",)}
"""Reasons on both sides: which one leads hangs on the weights."""
LONG: Answers = {"uplink": ("controls",), "silence": ("minutes",), "duration": ("hours",)}


def shown(answers: Answers, *pages: str) -> AppTest:
    """The page, in an app that has these pages beside it."""
    code = "from guide.pages import verdict\nverdict.page()"
    test = AppTest.from_string(code, default_timeout=seconds(20))
    test.session_state["pages"] = dict.fromkeys(pages)
    test.query_params["a"] = encode(answers)
    return fine(test.run())


@pytest.mark.parametrize(
    ("seconds", "said"), [(15, "15 s"), (60, "60 s"), (300, "5 min"), (900, "15 min"), (14400, "4 h"), (350, "350 s")]
)
def test_a_limit_reads_as_people_say_it(seconds: float, said: str) -> None:
    assert duration(seconds) == said


def test_what_the_recommendation_rests_on_is_said_in_words() -> None:
    report = build(OURS, DISPUTED)
    assert 0.01 < shares(report.verdict)[report.verdict.choice] < 0.99
    found = agreements(OURS)[min(report.verdict.margin, MOST_MARGIN)]
    text = html(shown(DISPUTED))
    assert word("share.tips") in text
    assert f"{found.right} chose the same side" in text
    assert "100 %" not in text, "no share that is read as certainty"


def test_an_answer_that_speaks_for_one_side_and_against_the_other_is_one_reason() -> None:
    text = unescape(html(shown(CLOSE)))
    said = OURS.questions["network"].answers["some"].said
    assert text.count(f"<b>{said[:1].upper()}{said[1:]}.</b>") == 1
    for effect in OURS.questions["network"].answers["some"].effects:
        assert effect.because[1:] in text


def test_a_leaning_that_no_weight_can_change_says_what_can() -> None:
    report = build(OURS, {"uplink": ("controls",)})
    assert report.verdict.strength == "leaning"
    assert shares(report.verdict)[report.verdict.choice] == 1
    assert report.basis[0] == word("share.holds_leaning")


def test_every_reason_stands_with_its_weight_and_its_file() -> None:
    text = sureness.method(build(OURS, CLOSE))
    for qid in CLOSE:
        assert f"<code>questions/{qid}.yaml</code>" in text
    for force, points in POINTS.items():
        assert f"{word(f'force.{force.value}')} {points:+d}".replace("-", "−") in text
    assert "+0.5 to +1.5" in text
    assert "CONTRIBUTING.md" in text
    assert Force.RULES_OUT not in POINTS


def test_nothing_is_said_of_weights_where_none_had_a_say() -> None:
    for answers in ({"network": ("blocked",)}, {"media": ("text",)}, {"uplink": ("unknown",)}):
        assert build(OURS, answers).basis == (), answers
        assert "sw-share" not in html(shown(answers))


def test_a_clash_stands_right_under_the_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    clash = Clash(sentence="Few & <many>.", when=({"uplink": ("controls",)},), facts=(next(iter(OURS.facts)),))
    monkeypatch.setattr(verdict, "book", lambda: dataclasses.replace(OURS, clashes={"loud": clash}))
    text = html(shown(CLOSE))
    assert "Few &amp; &lt;many&gt;." in text
    assert text.index("sw-sentence") < text.index("sw-clash") < text.index("sw-reasons")


def test_an_unknown_path_leads_to_the_question_about_it() -> None:
    assert shown(LONG).button(key="to_path").label == word("path.ask")
    known = shown({**LONG, "path": ("nothing",)})
    assert not [button for button in known.button if button.key == "to_path"]
    assert word("path.clear") in [text.value for text in known.markdown]


def test_what_cannot_be_set_is_told_apart_from_what_can() -> None:
    text = html(shown({**LONG, "path": ("nginx", "railway")}))
    report = build(OURS, {**LONG, "path": ("nginx", "railway")})
    assert report.path.settings
    assert {limit.tier for limit in report.path.left} == {"Railway"}
    assert (
        "nginx holds the response back</b>, unless the response has the header <code>X-Accel-Buffering: no</code>"
        in text
    )
    assert "ends it after 15 min" in text
    assert word("path.not_cured") in text


def test_outside_the_choice_there_is_no_path_and_no_share() -> None:
    text = shown(OURS.cases["voice-agent"].answers)
    assert word("path.title") not in [header.value for header in text.header]
    assert "sw-share" not in html(text)


def test_what_is_worth_finding_out_says_what_it_leads_to_and_counts_the_rest() -> None:
    answers = {**CLOSE, "clients": ("unknown",), "resume": ("unknown",)}
    report = build(OURS, answers)
    assert [unknown.question for unknown in report.worth] == ["clients"]
    test = shown(answers)
    assert word("verdict.worth") in [header.value for header in test.header]
    assert report.worth[0].turns[0].when[1:] in html(test), "with a capital at its head"
    rest = len(report.unknowns) - len(report.worth)
    said = [caption.value for caption in test.caption]
    assert (word("verdict.worth_rest", n=rest) in said) is (rest > 0)


def test_comparing_is_offered_where_there_is_a_page_for_it() -> None:
    alone, beside = shown(CLOSE), shown(CLOSE, "compare")
    assert "compare?a=" not in html(alone)
    assert not [button for button in alone.button if button.key == "to_compare"]
    assert beside.button(key="to_compare").label == word("verdict.compare_change")
    turn = build(OURS, CLOSE).turns[0]
    assert f"compare?a={encode(CLOSE)}&amp;b={encode(turn.answers)}" in html(beside)


def test_sources_lead_to_the_library_where_there_is_one() -> None:
    fact = build(OURS, CLOSE).sources[0].id
    assert f'href="library?fact={fact}&amp;a={encode(CLOSE)}"' in html(shown(CLOSE, "library"))
    assert "library?fact=" not in html(one("verdict", a=encode(CLOSE)))


def test_whatever_stands_in_the_path_can_be_shown() -> None:
    """Ten at a time: a page takes a while, and what a limit needs of words is the same beside others."""
    together = [aid for aid, answer in OURS.questions["path"].answers.items() if not answer.alone]
    for begin in range(0, len(together), 10):
        answers = {**CLOSE, "path": tuple(together[begin : begin + 10])}
        fine(shown(answers))
