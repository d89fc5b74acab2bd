"""Shows how sure the recommendation is: in words, as a share of weightings, and with the weight of each reason."""

from __future__ import annotations

from html import escape

import streamlit as st

from guide.book import book
from guide.decision.engine import DECIDED
from guide.decision.plan import POINTS
from guide.decision.robustness import BAND
from guide.pages.frame import fold, html, word
from guide.report import report as reports
from guide.report.report import Report, ReportReason


def strength(report: Report) -> str:
    """How sure the recommendation is, in words."""
    verdict = report.verdict
    out = [s.option for s in verdict.standings if s.ruled_out]
    if verdict.kind == "option" and out:
        return word("verdict.ruled_out", name=reports.name(book(), out[0]))
    tie = "level_strength" if verdict.reasons else "open_strength"
    key = tie if verdict.kind == "level" else verdict.strength
    return word(f"verdict.{key}", margin=verdict.margin)


def percent(share: float) -> str:
    """A share as people say it; never 100 % or 0 % where it is not quite that."""
    if share > 0.99 and share < 1:
        return word("share.more")
    if 0 < share < 0.01:
        return word("share.less")
    return word("share.percent", n=round(100 * share))


def show(report: Report) -> None:
    """Strength and share, for the answer's card."""
    html('<p class="sw-strength">{text}</p>', text=strength(report))
    if not weighed(report):
        return
    sides = {option: book().options[option].short for option in report.shares}
    html('<p class="sw-share">{text}</p>', text=_sentence(report, sides))
    parts = "".join(
        f'<span class="{"sw-lead" if option == report.verdict.choice else ""}" style="width:{100 * share:.1f}%"></span>'
        for option, share in report.shares.items()
        if share
    )
    ends = "".join(f"<span>{escape(sides[o])} {percent(share)}</span>" for o, share in report.shares.items())
    # The sentence says it already: the picture is for the eyes only.
    st.html(f'<div aria-hidden="true"><div class="sw-shares">{parts}</div><p class="sw-ends">{ends}</p></div>')


def weighed(report: Report) -> bool:
    """Whether the weights had a say: something was weighed, and no side was ruled out."""
    ruled_out = any(standing.ruled_out for standing in report.verdict.standings)
    return bool(report.shares and report.verdict.reasons and not ruled_out)


def _sentence(report: Report, sides: dict[str, str]) -> str:
    if report.verdict.choice not in report.shares:
        (one, share), (other, rest) = report.shares.items()
        return word("share.level", one=sides[one], share=percent(share), other=sides[other], rest=percent(rest))
    share = report.shares[report.verdict.choice]
    return word("share.all") if share == 1 else word("share.some", share=percent(share))


def method(report: Report) -> str:
    """How the strength came about, folded, as HTML: each reason with its weight and its file."""
    forces = ", ".join(f"{word(f'force.{force.value}')} {_signed(points)}" for force, points in POINTS.items())
    paragraphs = [word("share.method_1", decided=DECIDED), word("share.method_2"), word("share.points", forces=forces)]
    reasons = (*report.reasons, *report.against)
    head = "".join(f'<th scope="col">{word(f"share.{column}")}</th>' for column in _COLUMNS)
    table = (
        f'<table class="sw-table"><caption>{word("share.reasons")}</caption><thead><tr>{head}</tr></thead>'
        f"<tbody>{''.join(map(_row, reasons))}</tbody></table>"
        if reasons
        else ""
    )
    end = word("share.challenge" if reasons else "share.none")
    text = "".join(f"<p>{escape(paragraph)}</p>" for paragraph in paragraphs)
    return fold("section-method", word("share.method"), f"{text}{table}<p>{escape(end)}</p>")


_COLUMNS = ("answer", "effect", "weight", "range", "file")


def _row(reason: ReportReason) -> str:
    points = POINTS.get(reason.force)
    low, high = sorted(((points or 0) * float(1 - BAND), (points or 0) * float(1 + BAND)))
    cells = (
        f"{word(f'force.{reason.force.value}')} {reason.option_name}",
        _signed(points) if points else "–",
        word("share.between", low=_signed(low), high=_signed(high)) if points else "–",
    )
    names = [word(f"share.{column}") for column in _COLUMNS[1:]]
    file = f"<code>{escape(book().files[f'questions/{reason.question}'])}</code>"
    body = "".join(
        f'<td data-name="{name}">{cell}</td>' for name, cell in zip(names, (*map(escape, cells), file), strict=True)
    )
    return f'<tr><th scope="row">{escape(reason.said[:1].upper() + reason.said[1:])}</th>{body}</tr>'


def _signed(points: float) -> str:
    return f"{points:+g}".replace("-", "−")
