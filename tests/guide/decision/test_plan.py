"""The plan says what the book says, only faster."""

from __future__ import annotations

import gc
import weakref
from pathlib import Path

from hypothesis import given, settings

from guide import book as books
from guide.book import Book, load_book
from guide.decision.plan import compiled, fits, fits_wholly, plan, refutes
from guide.model import UNKNOWN
from tests.guide import toy
from tests.guide.worlds import Given, partial

OURS = books.book()


def test_conditions() -> None:
    when = compiled({"time": ("noon", "evening"), "taste": ("sweet",)})
    sweet = {"time": ("noon",), "taste": ("sweet", "bitter")}
    assert fits(when, sweet)
    assert not fits_wholly(when, sweet)
    assert fits_wholly(when, {**sweet, "taste": ("sweet",)})
    assert not fits(when, {"time": ("noon",)})
    assert not refutes(when, {"time": ("noon",)})
    assert refutes(when, {"time": ("morning",)})
    assert fits(compiled({}), {})
    assert not refutes(compiled({}), sweet)


def test_a_plan_is_made_once_and_goes_with_its_book(tmp_path: Path) -> None:
    book: Book | None = toy.book(tmp_path)
    assert book is not None
    assert plan(book) is plan(book)
    assert plan(load_book(tmp_path)) is not plan(book)
    gone = weakref.ref(book)
    book = None
    gc.collect()
    assert gone() is None


def test_answers_behind_an_answer_that_hides_them_are_left_aside(teahouse: Book) -> None:
    order, live = plan(teahouse).visible({"taste": ("bitter",), "sugar": ("yes",), "mood": ("tired",)})
    assert order == ["time", "taste", "heart", "mood"]
    assert live == {"taste": ("bitter",), "mood": ("tired",)}


@settings(max_examples=150)
@given(partial(OURS))
def test_effects_are_those_of_the_book(answers: Given) -> None:
    ready = plan(OURS)
    live = ready.visible(answers)[1]
    slow = [
        (qid, aid, effect)
        for qid, chosen in live.items()
        for aid in chosen
        if aid != UNKNOWN
        for effect in OURS.questions[qid].answers[aid].effects
        if all(set(live.get(q, ())) & set(allowed) for q, allowed in effect.only_if.items())
        and not any(set(live.get(q, ())) & set(allowed) for q, allowed in effect.unless.items())
    ]
    assert [(p.reason.question, p.reason.answer, p.reason.effect) for p in ready.effects(live)] == slow


@given(partial(OURS))
def test_the_largest_of_several_figures_counts(answers: Given) -> None:
    ready = plan(OURS)
    live = ready.visible(answers)[1]
    for name, value in ready.numbers(live).items():
        given_ = [
            quantity.value
            for qid, chosen in live.items()
            for aid in chosen
            if aid in OURS.questions[qid].answers
            for key, quantity in OURS.questions[qid].answers[aid].quantities.items()
            if key == name
        ]
        assert value == max(given_)
