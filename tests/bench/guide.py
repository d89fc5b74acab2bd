"""The guide without a page: one decision, the proof over the whole space, a report and each file made of it.

Process time, so that what else the machine does is not charged; the best of several rounds, since a disturbance only
ever makes one longer. A decision has every question answered and five things in the path: the most that anybody asks.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial

from guide import book as books
from guide.book import Book
from guide.decision.engine import decide
from guide.decision.proof import prove
from guide.model import UNKNOWN
from guide.record.exports import html_file as page
from guide.record.exports import markdown, pdf
from guide.report.report import build
from tests.bench.scale import Scale
from tests.guide.records import record_of


def best(work: Callable[[], object], times: int, rounds: int) -> float:
    """Seconds of process time that one call takes, in the best of the rounds."""
    work()
    took = []
    for _ in range(rounds):
        start = time.process_time()
        for _ in range(times):
            work()
        took.append((time.process_time() - start) / times)
    return min(took)


def everything(book: Book) -> dict[str, tuple[str, ...]]:
    """Every question answered, five things in the path."""
    answers: dict[str, tuple[str, ...]] = {
        key: (next(aid for aid in question.answers if aid != UNKNOWN),)
        for key, question in book.questions.items()
        if not question.derived
    }
    for key, question in book.questions.items():
        if question.places:
            answers[key] = tuple(aid for aid, answer in question.answers.items() if answer.place)[:5]
    return answers


def main(scale: Scale) -> None:
    rounds = scale.rounds
    book = books.book()
    answers = everything(book)

    def line(name: str, seconds: float, unit: str, times: int) -> str:
        return f"{name}: {seconds * {'us': 1e6, 'ms': 1e3}[unit]:.0f} {unit}, best of {rounds} x {times}"

    print(line("decide, everything answered", best(lambda: decide(book, answers), 200, rounds), "us", 200))
    cases = [case.answers for case in book.cases.values()]
    each = best(lambda: [decide(book, given) for given in cases], 20, rounds) / len(cases)
    print(line(f"decide, mean of {len(cases)} published cases", each, "us", 20))
    start = time.process_time()
    proof = prove(book)
    print(f"proof over {proof.combinations:.3g} combinations: {time.process_time() - start:.2f} s, once")
    report = build(book, dict(cases[0]))
    record = record_of(report)
    print(line("report", best(lambda: build(book, dict(cases[0])), 3, rounds), "ms", 3))
    for name, render in (("Markdown", markdown.render), ("HTML", page.render), ("PDF", pdf.render)):
        print(line(name, best(partial(render, report, record), 3, rounds), "ms", 3))
