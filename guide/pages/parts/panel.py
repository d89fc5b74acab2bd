"""Panel beside the question with the recommendation so far. One component: a click moves bars and rebuilds nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import streamlit as st

from guide.book import book
from guide.decision import engine
from guide.decision.plan import POINTS, plan
from guide.pages import state
from guide.pages.frame import word
from guide.report.report import name

_HERE = Path(__file__).parent
_component = st.components.v2.component(
    "streamwise_panel",
    html=(_HERE / "panel.html").read_text(encoding="utf-8"),
    css=(_HERE / "panel.css").read_text(encoding="utf-8"),
    js=(_HERE / "panel.js").read_text(encoding="utf-8"),
)
LIKELY_MOST, LIKELY_LEAST = 8, -4
"""Points at which a bar is full. Presets stay within 6 and -2; what is beyond is cut off at the end of the bar."""


def show() -> None:
    # A list at the first level would import pandas; inside a tuple it does not.
    result = _component(key="panel", data=(payload(),), on_go_change=_jump, on_read_change=state.read)
    del result


def is_settled(verdict: engine.Verdict) -> bool:
    """Whether something has been said, questions are still open, and none of them can change the transport."""
    return bool(verdict.missing and (verdict.reasons or verdict.kind == "outside") and verdict.settled)


def card_answered(qids: tuple[str, ...]) -> bool:
    """Whether all questions of a card have an answer."""
    return all(qid in state.answers() for qid in qids)


def _jump() -> None:
    target = st.session_state["panel"].go
    if target in book().questions:
        state.go(state.lead(target))


def payload() -> dict[str, Any]:
    """What the panel draws, in plain words and numbers."""
    answers = state.answers()
    verdict = engine.decide(book(), answers)
    shown = engine.cards(book(), answers)
    settled = is_settled(verdict)
    return {
        "title": word("panel.title"),
        "headline": _headline(verdict),
        "settled": word("panel.settled") if settled else "",
        "read": word("panel.read"),
        "clashLabel": word("panel.clash"),
        "clashes": [book().clashes[key].sentence for key in verdict.clashes],
        "note": "" if settled else _note(verdict),
        "bars": [
            {
                "name": book().options[s.option].name,
                "label": word("panel.ruled_out") if s.ruled_out else _points(s.points),
                "from": _place(min(0, s.points if not s.ruled_out else 0)),
                "to": _place(max(0, s.points if not s.ruled_out else 0)),
                "lead": s.option == verdict.choice,
            }
            for s in verdict.standings
        ],
        "zero": _place(0),
        "scale": [word("panel.against"), "0", word("panel.for")],
        "open": [{"id": q, "text": book().questions[q].title} for q in verdict.open] if verdict.reasons else [],
        "because": _because(verdict),
        "becauseLabel": word("panel.because"),
        "becauseNone": word("panel.because_none"),
        "foot": word("ask.answered", n=sum(card_answered(qids) for qids in shown.values()), of=len(shown)),
        "goLabel": word("panel.go"),
    }


def _headline(verdict: engine.Verdict) -> str:
    if not verdict.reasons and verdict.kind != "outside":
        return word("panel.empty")
    if verdict.kind == "outside":
        return word("panel.outside", name=_short(verdict))
    if verdict.kind == "level":
        return word("verdict.level_long") if not verdict.missing else word("panel.level")
    if verdict.settled:
        return _short(verdict)
    return word("panel.leaning" if verdict.open else "panel.so_far", name=_short(verdict))


def _short(verdict: engine.Verdict) -> str:
    option = book().options.get(verdict.choice)
    return option.short if option else name(book(), verdict.choice)


def _place(points: int) -> float:
    """Where on a bar so many points are, in hundredths of its length."""
    within = max(LIKELY_LEAST, min(LIKELY_MOST, points))
    return round(100 * (within - LIKELY_LEAST) / (LIKELY_MOST - LIKELY_LEAST), 1)


def _points(points: int) -> str:
    return word("panel.point" if abs(points) == 1 else "panel.points", n=str(points).replace("-", "−"))


def _note(verdict: engine.Verdict) -> str:
    if verdict.kind == "outside":
        return book().outside[verdict.choice].sentence
    if not verdict.missing:
        return word("panel.complete")
    if not verdict.reasons:
        return word("panel.empty_hint")
    return word("panel.open" if verdict.open else "panel.weighing")


def _because(verdict: engine.Verdict) -> list[dict[str, str]]:
    """The answers that moved it, each once, the strongest first."""
    seen: dict[str, dict[str, str]] = {}
    for reason in sorted(verdict.reasons, key=lambda r: -abs(POINTS.get(r.effect.force, 1000))):
        helps = POINTS.get(reason.effect.force, -1) > 0
        option = book().options[reason.effect.option].short
        answer = book().questions[reason.question].answers[reason.answer]
        place = plan(book()).path if book().questions[reason.question].derived else reason.question
        # In the words of a sentence: "Nothing" or "Yes" says too little without its question.
        said = answer.said[:1].upper() + answer.said[1:]
        mark = f"{'+' if helps else '−'} {option}"
        entry = seen.setdefault(f"{reason.question}.{reason.answer}", {"id": place or "", "text": said, "mark": ""})
        entry["mark"] = "\n".join(dict.fromkeys([*entry["mark"].split("\n"), mark])).strip()
    return list(seen.values())
