"""Draws a Report as one SVG diagram of the recommended design. Used by the page and by every export.

Colours are CSS variables with fallbacks, so that one drawing serves light, dark and print. All text is escaped.
"""

from __future__ import annotations

from html import escape

from guide.model import Lane
from guide.report.report import Report

WIDTH = 720
LANE = 64
TOP = 20
BOX = 150
LOG_X, RUN_X = 470, 600


def svg(report: Report) -> str:
    """The drawing; '' where there is nothing to draw (what lies outside has no lanes)."""
    if not report.lanes:
        return ""
    height = TOP * 2 + LANE * len(report.lanes)
    lanes = "".join(_lane(lane, TOP + LANE * n + LANE // 2) for n, lane in enumerate(report.lanes))
    title = escape(f"{report.pattern_name}: {'; '.join(lane.label for lane in report.lanes)}")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{title}" '
        f'font-family="Inter, sans-serif" style="width:100%;height:auto;display:block">'
        f"<title>{title}</title>{_STYLE}"
        + _box(8, TOP, 116, height - 2 * TOP, "Client", "position n")
        + _box(392, TOP, 100, height - 2 * TOP, "Endpoint", "reads from n")
        + _box(516, TOP, 90, height - 2 * TOP, "Event log", "1 … n")
        + _box(630, TOP, 82, height - 2 * TOP, "Agent run", "one task")
        + _arrow(630, 606, height // 2, "append")
        + _arrow(516, 492, height // 2, "read")
        + lanes
        + "</svg>"
    )


_STYLE = (
    "<style>.b{fill:var(--sw-card,#fff);stroke:var(--sw-line,#c9c4b8)}.t{fill:var(--sw-ink,#1c1917);font-size:14px;"
    "font-weight:600}.d{fill:var(--sw-soft,#57534e);font-size:12px}.a{stroke:var(--sw-accent,#0f766e);stroke-width:2;"
    "fill:none}.h{fill:var(--sw-accent,#0f766e)}</style>"
)


def _box(x: int, y: int, w: int, h: int, title: str, detail: str) -> str:
    middle, half = x + w // 2, y + h // 2
    return (
        f'<rect class="b" x="{x}" y="{y}" width="{w}" height="{h}" rx="10"/>'
        f'<text class="t" x="{middle}" y="{half - 2}" text-anchor="middle">{escape(title)}</text>'
        f'<text class="d" x="{middle}" y="{half + 16}" text-anchor="middle">{escape(detail)}</text>'
    )


def _lane(lane: Lane, y: int) -> str:
    left, right = 128, 388
    heads = {"up": (right,), "down": (left,), "both": (left, right)}[lane.way]
    tips = "".join(_head(x, y, 1 if x == right else -1) for x in heads)
    return (
        f'<line class="a" x1="{left}" y1="{y}" x2="{right}" y2="{y}"/>{tips}'
        f'<text class="t" x="258" y="{y - 8}" text-anchor="middle" font-size="13">{escape(lane.label)}</text>'
        f'<text class="d" x="258" y="{y + 18}" text-anchor="middle">{escape(lane.detail)}</text>'
    )


def _arrow(start: int, end: int, y: int, title: str) -> str:
    return f'<line class="a" x1="{start}" y1="{y}" x2="{end}" y2="{y}"><title>{title}</title></line>' + _head(
        end, y, -1
    )


def _head(x: int, y: int, way: int) -> str:
    return f'<path class="h" d="M{x} {y} l{-9 * way} -5 v10 z"/>'
