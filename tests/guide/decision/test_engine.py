"""The decision. The rules are tested on tea and coffee, their consequences on our own book."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from guide import book as books
from guide.book import Book
from guide.decision.engine import DECIDED, LEVEL, asked_questions, changed, decide, needs, next_question, pattern
from guide.model import UNKNOWN, Force
from tests.guide.worlds import Given, live, partial, put

OURS = books.book()


def said(**answers: str) -> Given:
    """said(time='noon', taste='sweet bitter')"""
    return {qid: tuple(chosen.split()) for qid, chosen in answers.items()}


def lead(answers: Given, option: str = "websocket") -> float:
    """How far one option is ahead of the other in our book; what is ruled out is infinitely behind, of both neither."""
    standings = {s.option: s for s in decide(OURS, answers).standings}
    mine, other = standings.pop(option), next(iter(standings.values()))
    gone = other.ruled_out - mine.ruled_out
    return 1000 * gone if gone or mine.ruled_out else mine.points - other.points


@pytest.mark.parametrize(
    ("answers", "choice", "strength", "margin"),
    [
        (said(), LEVEL, "level", 0),
        (said(time="noon"), LEVEL, "level", 0),
        (said(time="morning"), "coffee", "decided", 3),
        (said(time="evening"), "tea", "decided", 3),
        (said(taste="sweet"), "tea", "leaning", 1),
        (said(taste="sweet bitter"), LEVEL, "level", 0),
        (said(time="evening", mood="tired"), "tea", "decided", 2),
        (said(mood="tired"), LEVEL, "level", 0),  # only in the evening
        (said(time="morning", mood="tired"), "coffee", "decided", 3),
        (said(taste="sweet", sugar="yes"), "tea", "decided", 2),
        (said(taste="sweet", sugar="no"), LEVEL, "level", 0),
        (said(taste="bitter", sugar="yes"), "coffee", "leaning", 1),  # sugar is not asked: left aside
        (said(time="morning", heart="bad"), "tea", "decided", DECIDED),
        (said(time="evening", heart="bad"), "tea", "decided", 3),
        (said(heart="bad hot"), "nothing", "outside", 0),
        (said(time="morning", taste="salty"), "water", "outside", 0),
        (said(taste="salty", heart="bad hot"), "water", "outside", 0),
        (said(time="morning", taste="salty sweet"), "coffee", "decided", 2),  # not only salty: a choice remains
        (said(time=UNKNOWN, taste=UNKNOWN), LEVEL, "level", 0),
    ],
)
def test_choice(teahouse: Book, answers: Given, choice: str, strength: str, margin: int) -> None:
    verdict = decide(teahouse, answers)
    assert (verdict.choice, verdict.margin) == (choice, margin)
    sure = "leaning" if strength == "decided" and verdict.turnable else strength
    assert verdict.strength == sure, "decided is earned: no open question can turn it"
    assert verdict.kind == ("level" if choice == LEVEL else "option" if choice in teahouse.options else "outside")


def test_decided_is_said_only_once_no_open_question_can_turn_it(teahouse: Book) -> None:
    answers = said(time="evening", taste="bitter", mood="fresh", heart=UNKNOWN)
    open_ = decide(teahouse, answers)
    assert (open_.choice, open_.margin, open_.strength, open_.turnable) == ("tea", 2, "leaning", ("heart",))
    closed = decide(teahouse, {**answers, "heart": ("good",)})
    assert (closed.choice, closed.margin, closed.strength, closed.turnable) == ("tea", 2, "decided", ())


def test_reasons_are_the_effects_that_applied(teahouse: Book) -> None:
    verdict = decide(teahouse, said(time="evening", taste="bitter", heart="bad", mood="tired"))
    assert [(r.question, r.answer, r.effect.option, r.effect.force) for r in verdict.reasons] == [
        ("time", "evening", "tea", Force.STRONGLY_FAVOURS),
        ("taste", "bitter", "coffee", Force.FAVOURS),
        ("heart", "bad", "coffee", Force.RULES_OUT),
        ("mood", "tired", "coffee", Force.FAVOURS),
    ]
    assert [(s.option, s.points, s.ruled_out) for s in verdict.standings] == [("tea", 3, False), ("coffee", 2, True)]


def test_the_first_pattern_that_holds(teahouse: Book) -> None:
    assert decide(teahouse, said(time="noon", taste="sweet")).pattern == "tea-iced"
    assert decide(teahouse, said(taste="sweet")).pattern == "tea-plain"
    assert decide(teahouse, said()).pattern == "level-either"
    assert decide(teahouse, said(taste="salty")).pattern is None


def test_needs_and_rows(teahouse: Book) -> None:
    assert decide(teahouse, said()).needs == ("kettle",)
    assert decide(teahouse, said(taste="sweet")).needs == ("kettle", "spoon")
    assert decide(teahouse, said(time="morning")).needs == ("kettle", "filter")
    assert decide(teahouse, said()).rows == ("heat",)
    assert decide(teahouse, said(time="morning")).rows == ("heat", "milk")


def test_of_several_quantities_the_largest_counts(teahouse: Book) -> None:
    assert decide(teahouse, said(taste="sweet bitter")).quantities == {"litres": 2.5}
    assert decide(teahouse, said(taste="salty")).quantities == {}


def test_which_questions_are_asked(teahouse: Book) -> None:
    everything = ["time", "taste", "sugar", "heart", "mood"]
    assert asked_questions(teahouse, {}) == everything  # an open question speaks against nothing
    assert asked_questions(teahouse, said(taste="sweet")) == everything
    assert asked_questions(teahouse, said(taste="bitter")) == ["time", "taste", "heart", "mood"]
    assert asked_questions(teahouse, said(taste=UNKNOWN)) == ["time", "taste", "heart", "mood"]


def test_next_question_walks_to_the_end(teahouse: Book) -> None:
    answers: Given = {}
    walked = []
    while qid := next_question(teahouse, answers):
        walked.append(qid)
        answers[qid] = (next(iter(teahouse.questions[qid].answers)),)
    assert walked == ["time", "taste", "sugar", "heart", "mood"]
    assert decide(teahouse, answers).missing == ()


def test_missing_open_and_unknowns(teahouse: Book) -> None:
    verdict = decide(teahouse, said(time="morning", taste=UNKNOWN))
    assert verdict.missing == ("heart", "mood")
    assert verdict.open == ("heart",)
    assert verdict.unknowns == ("taste",)
    assert decide(teahouse, said(time="morning", mood=UNKNOWN)).unknowns == ()  # it bears on evenings only


def test_unknown_ids_are_left_aside(teahouse: Book) -> None:
    plain = decide(teahouse, said(time="morning"))
    assert decide(teahouse, said(time="morning", weather="hot")) == plain
    assert decide(teahouse, said(time="morning", heart="purple")).choice == plain.choice


def test_saying_one_thing_more(teahouse: Book) -> None:
    assert changed(teahouse, said(time="noon"), "time", "morning") == said(time="morning")
    assert changed(teahouse, said(taste="sweet"), "taste", "bitter") == said(taste="sweet bitter")
    assert changed(teahouse, said(taste=UNKNOWN), "taste", "bitter") == said(taste="bitter")


@settings(max_examples=200)
@given(partial(OURS))
def test_open_questions_are_those_that_could_turn_it_alone(answers: Given) -> None:
    verdict = decide(OURS, answers)
    now = live(OURS, answers)
    for qid in verdict.missing:
        turned = {decide(OURS, {**now, qid: (aid,)}).choice for aid in OURS.questions[qid].answers} - {verdict.choice}
        assert bool(turned) == (qid in verdict.open), qid
    assert not (verdict.settled and verdict.open)


@given(partial(OURS))
def test_the_order_of_saying_does_not_matter(answers: Given) -> None:
    backwards = {qid: tuple(reversed(chosen)) for qid, chosen in reversed(answers.items())}
    one, other = decide(OURS, answers), decide(OURS, backwards)
    assert (one.choice, one.margin, one.standings, one.needs) == (
        other.choice,
        other.margin,
        other.standings,
        other.needs,
    )
    assert set(map(repr, one.reasons)) == set(map(repr, other.reasons))


@given(partial(OURS))
def test_not_sure_counts_for_neither_side(answers: Given) -> None:
    unsure = {**dict.fromkeys(put(OURS), (UNKNOWN,)), **answers}
    only = {qid: chosen for qid, chosen in answers.items() if qid in asked_questions(OURS, unsure)}
    assert decide(OURS, unsure).standings == decide(OURS, live(OURS, only) | unsure).standings


@given(partial(OURS))
def test_a_blocked_upgrade_never_moves_towards_websocket(answers: Given) -> None:
    opened, some, blocked = ({**answers, "network": (aid,)} for aid in ("open", "some", "blocked"))
    assert lead(blocked) <= lead(some) <= lead(opened)
    assert decide(OURS, blocked).choice != "websocket"


@given(partial(OURS))
def test_steady_input_never_moves_towards_sse(answers: Given) -> None:
    steady = {**answers, "uplink": ("steady",)}
    for other in ("nothing", "controls", "approvals", UNKNOWN):
        assert lead(steady) >= lead({**answers, "uplink": (other,)})


@given(partial(OURS))
def test_an_option_that_is_ruled_out_is_never_recommended(answers: Given) -> None:
    verdict = decide(OURS, answers)
    out = {r.effect.option for r in verdict.reasons if r.effect.force is Force.RULES_OUT}
    assert verdict.choice not in out
    assert out == {s.option for s in verdict.standings if s.ruled_out}


@pytest.mark.parametrize(
    ("uplink", "shape"),
    [
        ("nothing", "websocket-one-way"),
        ("controls remarks", "websocket-one-way"),
        ("steady controls", "websocket-plain"),
        ("chains approvals", "websocket-plain"),
    ],
)
def test_commands_go_by_post_beside_a_socket_only_where_input_is_rare(uplink: str, shape: str) -> None:
    assert pattern(OURS, said(uplink=uplink, tabs="many_h1"), "websocket") == shape


def test_a_socket_is_not_told_to_share_one_event_stream() -> None:
    answers = said(uplink="controls", tabs="many_h1")
    told = {choice: "shared-stream" in needs(OURS, answers, choice) for choice in ("sse", "websocket", LEVEL)}
    assert told == {"sse": True, "websocket": False, LEVEL: True}
