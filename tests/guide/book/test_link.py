"""Answers in a link: what went in comes out; what was tampered with is named, never guessed."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote, unquote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guide import book as books
from guide.book import Book
from guide.book.link import LONGEST, decode, encode, read_answers
from guide.model import UNKNOWN
from tests.every import every
from tests.guide.worlds import Given, longest, partial

OURS = books.book()


@every("case", OURS.cases)
def test_every_case_survives_the_journey(case: str) -> None:
    answers = dict(OURS.cases[case].answers)
    opened = decode(encode(answers), OURS)
    assert opened.answers == answers
    assert opened.problems == ()


@given(partial(OURS))
def test_everything_that_can_be_said_survives_the_journey(answers: Given) -> None:
    token = encode(answers)
    assert decode(token, OURS).answers == answers
    assert decode(unquote_plus(token), OURS).answers == answers, "an address line may not change it"
    assert quote(token) == token
    assert len(token) <= LONGEST


def test_the_longest_token_of_ours_is_far_from_the_limit() -> None:
    assert len(encode(longest(OURS))) < LONGEST / 2


def test_no_answers_no_token() -> None:
    assert encode({}) == encode({"uplink": ()}) == ""
    assert decode("", OURS) == decode(encode({}), OURS)


@pytest.mark.parametrize(
    ("token", "answers", "problems"),
    [
        ("1", {}, ()),
        ("9~time.noon", {}, ("version '9'",)),
        ("time.noon", {}, ("version 'time.noon'",)),
        ("1~time.noon~weather.hot", {"time": ("noon",)}, ("question 'weather'",)),
        ("1~time.midnight~mood.fresh", {"mood": ("fresh",)}, ("answer 'midnight' to 'time'",)),
        ("1~time.noon.evening", {"time": ("noon",)}, ("second answer 'evening' to 'time'",)),
        ("1~time.noon~time.evening", {"time": ("noon",)}, ("repeated question 'time'",)),
        ("1~taste.sweet.sweet.bitter", {"taste": ("sweet", "bitter")}, ()),
        ("1~taste.sweet.unknown", {"taste": (UNKNOWN,)}, ()),
        ("1~taste.unknown", {"taste": (UNKNOWN,)}, ()),
        ("1~time", {}, ("answer '' to 'time'",)),
        ("1~time.", {}, ("answer '' to 'time'",)),
        ("1~~", {}, ("question ''", "question ''")),
        ("1~TIME.noon", {}, ("question 'TIME'",)),
    ],
)
def test_what_is_unknown_is_named_and_the_rest_kept(
    teahouse: Book, token: str, answers: Given, problems: tuple[str, ...]
) -> None:
    opened = decode(token, teahouse)
    assert opened.answers == answers
    assert opened.problems == problems


def test_a_token_of_100_kb_is_refused_in_one_short_line(teahouse: Book) -> None:
    opened = decode("1~time.noon" * 10_000, teahouse)
    assert opened.answers == {}
    assert opened.problems == (f"link of 110000 characters (at most {LONGEST})",)


@pytest.mark.parametrize(
    "evil", ["<script>alert(1)</script>", "../../etc/passwd", "'; drop--", "\x00\x1b[2J", "a" * 1900, "💥"]
)
def test_what_is_not_ours_is_quoted_and_cut(teahouse: Book, evil: str) -> None:
    for token in (evil, f"1~{evil}.noon", f"1~time.{evil}"):
        opened = decode(token, teahouse)
        assert opened.answers == {}
        assert opened.problems
        assert all(len(problem) < 80 and problem.isprintable() for problem in opened.problems)


@given(st.text(max_size=300))
def test_any_text_is_an_answer_or_a_problem(text: str) -> None:
    for token in (text, f"1~{text}", f"1~uplink.{text}", f"1~uplink.nothing~{text}"):
        opened = decode(token, OURS)
        assert all(qid in OURS.questions for qid in opened.answers)
        assert all(
            aid in (*OURS.questions[qid].answers, UNKNOWN) for qid, chosen in opened.answers.items() for aid in chosen
        )
        assert opened.answers or opened.problems or token in ("", "1")


@pytest.mark.parametrize(
    ("given_", "answers"),
    [
        ({}, {}),
        ({"time": "noon"}, {"time": ("noon",)}),
        ({"time": ["noon"]}, {"time": ("noon",)}),
        ({"taste": ["sweet", "bitter"]}, {"taste": ("sweet", "bitter")}),
        ({"time": "unknown"}, {"time": (UNKNOWN,)}),
    ],
)
def test_answers_from_a_file(teahouse: Book, given_: Any, answers: Given) -> None:
    assert read_answers(given_, teahouse) == answers


@pytest.mark.parametrize(
    ("given_", "said"),
    [
        (["time"], "found list. Allowed: a mapping"),
        ("time", "found str. Allowed: a mapping"),
        (None, "found NoneType. Allowed: a mapping"),
        ({"weather": "hot"}, "weather: no such question. Allowed: time, taste, sugar, heart, mood"),
        ({"time": "midnight"}, "time: found ['midnight']. Allowed: morning, noon, evening, unknown"),
        ({"time": []}, "time: found nothing. Allowed: morning"),
        ({"time": ["noon", "evening"]}, "time: found 2 answers. Allowed: one"),
        ({"taste": ["sweet", "sweet"]}, "taste: found 'sweet' twice. Allowed: each answer once"),
        ({"taste": ["sweet", "unknown"]}, "taste: found 2 answers. Allowed: one"),
        ({"time": {"noon": "yes"}}, "time: found [{'noon': 'yes'}]. Allowed: morning"),
        ({"time": None}, "time: found [None]. Allowed: morning"),
    ],
)
def test_a_mistake_in_a_file_is_named(teahouse: Book, given_: Any, said: str) -> None:
    with pytest.raises(ValueError, match=re.escape(said)):
        read_answers(given_, teahouse)


def test_all_mistakes_in_a_file_at_once(teahouse: Book) -> None:
    with pytest.raises(ValueError, match="weather") as caught:
        read_answers({"weather": "hot", "time": "midnight", "mood": "fresh", "taste": []}, teahouse)
    assert len(str(caught.value).splitlines()) == 3


def test_what_older_rules_asked_is_carried_over_and_said() -> None:
    """Tool round trips became an answer of the first question; one kind of host stands in the path."""
    opened = decode("1.2026.12~uplink.approvals~turns.many~path.nothing~hosting.no_upgrade", OURS)
    assert opened.answers == {"uplink": ("approvals", "chains"), "path": ("host-no-upgrade",)}
    assert opened.problems == ()
    assert opened.moved == ("turns.many → uplink.chains", "hosting.no_upgrade → path.host-no-upgrade")
    assert decode("1~uplink.nothing~turns.many", OURS).answers == {"uplink": ("chains",)}, "what was named counts"


def test_an_answer_that_stands_for_nothing_today_is_said_to_be_gone() -> None:
    opened = decode("1.2026.12~uplink.controls~turns.few", OURS)
    assert opened.answers == {"uplink": ("controls",)}
    assert opened.moved == ("turns.few → (nothing of today)",)
