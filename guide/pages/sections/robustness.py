"""Shows how sure the recommendation is, what that rests on, and the weight of each reason."""

from __future__ import annotations

from html import escape

from guide.book import book
from guide.decision.engine import DECIDED
from guide.decision.plan import POINTS
from guide.decision.robustness import BAND
from guide.pages.frame import fold, html, word
from guide.report.report import Report, ReportReason


def show(report: Report) -> None:
    """How sure, and what that rests on, for the answer's card."""
    html('<p class="sw-strength">{text}</p>', text=report.strength)
    if report.basis:
        html('<p class="sw-share">{text}</p>', text=" ".join(report.basis))


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
