"""Section of the library page: published decisions, with the guide's result for each."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from html import escape

import streamlit as st

from guide.book import book
from guide.book.link import encode
from guide.decision.score import RESULTS, Outcome, Published, Score, Scoring
from guide.decision.what_if import Step, Turn
from guide.pages.frame import html, outward, word
from guide.report import published as decisions
from guide.report.published import Decision


@functools.cache
def _scored() -> tuple[Score, Scoring]:
    return decisions.published(book())


@functools.cache
def _shelf() -> tuple[Decision, ...]:
    return decisions.shelf(book(), _scored()[0].outcomes)


def show(words: str, result: str, family: str) -> None:
    """Every decision that the words and the filters let through; those that the guide misses come first."""
    found = decisions.search(_shelf(), words, result, family)
    html('<p class="sw-count" role="status">{n}</p>', n=word("library.count_decisions", n=len(found), of=len(_shelf())))
    if not found:
        st.write(word("library.none"))
    for outcome in reversed(RESULTS):
        group = [decision for decision in found if decision.outcome.result == outcome]
        if group:
            st.header(word(f"library.result_n.{outcome}", n=len(group)), anchor=False)
            st.html(f'<ul class="sw-facts sw-decisions">{"".join(_item(decision) for decision in group)}</ul>')


def lead() -> None:
    """The score and what it is worth, then how to run it."""
    score, mapping = _scored()
    days = sorted(outcome.case.read for outcome in score.outcomes if outcome.case.read)
    read = ""
    if days:
        read = word("library.read" if days[0] == days[-1] else "library.read_between", since=days[0], until=days[-1])
    baselines = "; ".join(
        word("library.baseline", rule=_rule(mapping.baselines[name], mapping), accuracy=_share(value))
        for name, value in score.baselines.items()
    )
    counts = {result: score.count(result) for result in RESULTS}
    html(
        '<div class="sw-score"><p>{score}</p><p>{baselines}</p><p class="sw-soft">{read} {caveat}</p>'
        '<p class="sw-soft">{run} <code>python -m guide score</code></p></div>',
        score=word("library.score", n=len(score.outcomes), accuracy=_share(score.accuracy), **counts),
        baselines=word("library.baselines", rules=baselines),
        read=read,
        caveat=word("library.score_caveat", n=len(score.skipped)),
        run=word("library.score_run"),
    )


def _share(value: float) -> str:
    return f"{100 * value:.1f} %"


def _rule(keys: Iterable[str], mapping: Scoring) -> str:
    """A simpler rule in words: the questions that it asks, or what it always says."""
    asked = {qid: None for key in keys for answers in mapping.keys[key].values() for qid in answers}
    if not asked:
        return word("library.baseline_always", option=next(iter(book().options.values())).short)
    return word("library.baseline_only", questions=", ".join(book().questions[qid].title for qid in asked))


def _item(decision: Decision) -> str:
    outcome, case = decision.outcome, decision.outcome.case
    summary = word("library.decision", chose=_choice(case), says=_says(outcome))
    return (
        f'<li><details><summary><span class="sw-verdict" data-result="{outcome.result}">'
        f"{escape(word(f'library.result.{outcome.result}'))}</span>"
        f'<span class="sw-fact-claim">{escape(case.system or case.id)} <span class="sw-soft">{escape(case.year)}</span>'
        f'<span class="sw-chose">{escape(summary)}</span></span></summary>{_body(decision)}</details></li>'
    )


def _choice(case: Published) -> str:
    """What its authors chose, in words; where they offer both, with the side that comes by default."""
    side = f".{case.primary}" if case.choice == "both" else ""
    return word(f"library.choice.{case.choice.replace('+', '-')}{side}")


def _says(outcome: Outcome) -> str:
    verdict = outcome.verdict
    if verdict.kind == "option":
        return book().options[verdict.choice].short
    return word("library.says_level") if verdict.kind == "level" else book().outside[verdict.choice].name


def _body(decision: Decision) -> str:
    outcome, case = decision.outcome, decision.outcome.case
    parts = [(word("library.answers"), _list(f"{title}: {texts}" for title, texts in decision.answers))]
    if outcome.result != "right":
        parts.append((word("library.weighed"), _list(_reasons(outcome)) or escape(word("verdict.reasons_none"))))
        if outcome.turns:
            parts.append((word("library.turns"), _list(_change(turn) for turn in outcome.turns)))
    source = outward(case.source, case.source) if case.source.startswith("https://") else escape(case.source)
    stated = word("library.reason_stated" if case.reason_stated == "yes" else "library.reason_missing")
    parts.append((word("library.source"), "<br>".join(filter(None, (source, escape(stated))))))
    lines = "".join(f"<dt>{escape(dt)}</dt><dd>{dd}</dd>" for dt, dd in parts)
    # A new tab: the page that is left keeps its session, with a lab run or a half-written record in it.
    href = escape(f"./?a={encode(outcome.answers)}&at=check")
    return (
        f'<dl class="sw-fact">{lines}<dd><a href="{href}" target="_blank">{word("library.try_answers")}</a></dd></dl>'
    )


def _reasons(outcome: Outcome) -> Iterable[str]:
    for reason in outcome.verdict.reasons:
        option = book().options[reason.effect.option].short
        force = word(f"force.{reason.effect.force.value}")
        yield word("library.reason", answer=_step((reason.question, reason.answer)), force=force, option=option)


def _change(turn: Turn) -> str:
    return functools.reduce(lambda first, more: word("library.and", first=first, more=more), map(_step, turn.changes))


def _step(step: Step) -> str:
    ((title, text),) = decisions.answers_in_words(book(), {step[0]: (step[1],)})
    return word("library.answered", question=title, answer=text)


def _list(texts: Iterable[str]) -> str:
    lines = "".join(f"<li>{escape(text)}</li>" for text in texts)
    return f"<ul>{lines}</ul>" if lines else ""
