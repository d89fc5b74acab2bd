"""Proofs: complete where everything can be listed, and a broken law is shown by its smallest pair."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path
from time import perf_counter

from hypothesis import given, settings

from guide import book as books
from guide.book import Book, load_book
from guide.decision.engine import asked_questions, choose, decide
from guide.decision.plan import plan
from guide.decision.proof import _Space, prove
from guide.model import Law
from tests.guide import toy
from tests.guide.worlds import Given, every_partial, partial
from tests.patience import seconds

OURS = books.book()


def test_our_laws_hold_over_the_whole_space() -> None:
    start = perf_counter()
    proof = prove(OURS)
    assert perf_counter() - start < seconds(60)
    assert [str(b) for b in proof.broken] == []
    assert proof.unreasoned == ()
    assert proof.silent == (), "effects that no combination of answers lets apply"
    assert proof.combinations > 10**12
    assert len(OURS.laws) >= 2
    assert 0 < proof.share("level") < 0.1


def complete(book: Book, answers: Given) -> bool:
    return set(asked_questions(book, answers)) == set(answers)


def test_counts_agree_with_trying_every_combination(teahouse: Book) -> None:
    listed = Counter(choose(teahouse, a)[0] for a in every_partial(teahouse) if complete(teahouse, a))
    proof = prove(teahouse)
    assert proof.choices == listed
    assert proof.combinations == sum(listed.values())


@settings(max_examples=200, deadline=None)
@given(partial(OURS))
def test_what_a_component_does_not_see_does_not_matter_to_it(answers: Given) -> None:
    """Factoring is right: the sum of the components' parts is the verdict on the whole."""
    space = _Space(plan(OURS))
    total = None
    for component in space.components:
        part = space.part({qid: chosen for qid, chosen in answers.items() if qid in component})
        total = part if total is None else total + part
    assert total is not None
    assert space.choice(total) == decide(OURS, answers).choice


@settings(max_examples=200, deadline=None)
@given(partial(OURS))
def test_a_path_is_the_union_of_its_parts(answers: Given) -> None:
    ready = plan(OURS)
    path = tuple(aid for aid in answers.get(ready.path or "", ()) if aid != "unknown")
    numbers = ready.numbers(answers)
    parts = {flag for aid in path for flag in ready.flags((aid,), numbers)}
    assert set(ready.flags(path, numbers)) == parts


def test_a_broken_law_is_shown_by_the_smallest_pair(teahouse: Book) -> None:
    law = Law(sentence="Evening is no tea time.", question="time", chain=("noon", "evening"), never_towards="tea")
    (broken,) = prove(replace(teahouse, laws={"law": law})).broken
    assert (broken.before, broken.after) == ({"time": ("noon",)}, {"time": ("evening",)})
    assert (broken.said, broken.says) == ("level", "tea")
    assert str(broken) == "Evening is no tea time. Broken: time=noon gives level, time=evening gives tea"


def test_the_smallest_pair_may_need_company(tmp_path: Path) -> None:
    """Being tired counts in the evening only: the pair holds just that much besides."""
    files = toy.folder()
    files["questions/mood.yaml"]["answers"]["tired"]["effects"][0]["force"] = "strongly-favours"
    law = {"sentence": "Coffee never.", "question": "mood", "chain": ["fresh", "tired"], "never_towards": "coffee"}
    files["laws.yaml"] = {"law": law}
    (broken,) = prove(load_book(toy.write(files, tmp_path))).broken
    assert broken.before == {"time": ("evening",), "mood": ("fresh",)}
    assert broken.after == {"time": ("evening",), "mood": ("tired",)}
    assert (broken.said, broken.says) == ("tea", "level")


def test_a_law_that_holds_and_one_on_a_question_without_weight(teahouse: Book) -> None:
    laws = {
        "a": Law(sentence="A.", question="time", chain=("noon", "evening"), never_towards="coffee"),
        "b": Law(sentence="B.", question="time", chain=("evening", "noon", "morning"), never_towards="tea"),
    }
    assert prove(replace(teahouse, laws=laws)).broken == ()


def test_an_effect_that_can_never_apply_is_named(tmp_path: Path) -> None:
    files = toy.folder()
    files["questions/sugar.yaml"]["answers"]["yes"]["effects"] = [toy.effect("tea", "favours", taste=["bitter"])]
    assert prove(load_book(toy.write(files, tmp_path))).silent == ()  # sweet and bitter may both be chosen
    files["questions/taste.yaml"].pop("multiple")
    assert prove(load_book(toy.write(files, tmp_path))).silent == ("sugar.yes.0",)
