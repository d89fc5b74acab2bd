"""Draws the arrival times of tokens as SVG: through the proxy above, direct below, on one axis. Pure function."""

from __future__ import annotations

from html import escape

from demos.proxies.trials import Reading
from guide.book import book

WIDTH, LEFT, RIGHT = 480.0, 58.0, 472.0
ROWS = {"through": (4.0, 20.0), "direct": (26.0, 42.0)}
"""Where the marks of each begin and end."""
AXIS_Y, TEXT_Y = 46.0, 59.0


def strip(reading: Reading) -> str:
    """The drawing as SVG, named by the same numbers as text; '' where nothing was read."""
    at = {"through": reading.at_ms, "direct": reading.direct_at_ms}
    end_ms = max((*reading.at_ms, *reading.direct_at_ms, *(cut.at_s * 1000 for cut in reading.cuts)), default=0.0)
    if not end_ms:
        return ""
    words = book().words
    parts = [_marks(name, [_x(one, end_ms) for one in at[name]]) for name in ROWS]
    parts += [
        f'<text x="0" y="{bottom - 4:g}">{escape(words[f"proxies.strip.{name}"])}</text>'
        for name, (_, bottom) in ROWS.items()
    ]
    parts += [_line("cut", _x(cut.at_s * 1000, end_ms), 0, AXIS_Y) for cut in reading.cuts]
    parts.append(f'<path class="axis" d="M{LEFT:g} {AXIS_Y:g}H{RIGHT:g}"/>')
    parts.append(f'<text x="{LEFT:g}" y="{TEXT_Y:g}">0</text>')
    parts.append(f'<text x="{RIGHT:g}" y="{TEXT_Y:g}" text-anchor="end">{end_ms / 1000:.1f} s</text>')
    name = escape(said(reading, end_ms), quote=True)
    return f'<svg viewBox="0 0 {WIDTH:g} 64" role="img" aria-label="{name}">{"".join(parts)}</svg>'


def said(reading: Reading, end_ms: float) -> str:
    """What the drawing shows, for those who cannot see it."""
    words = book().words
    cuts = ", ".join(f"{cut.at_s:g} s" for cut in reading.cuts)
    told = words["proxies.strip.said"].format(
        end=f"{end_ms / 1000:.1f}",
        n=len(reading.at_ms),
        pieces=reading.bursts,
        direct=len(reading.direct_at_ms),
        direct_pieces=reading.direct_bursts,
    )
    return f"{told} {words['proxies.strip.cuts'].format(at=cuts)}" if cuts else told


def _x(at_ms: float, end_ms: float) -> float:
    return LEFT + (RIGHT - LEFT) * max(at_ms, 0) / end_ms


def _marks(name: str, xs: list[float]) -> str:
    top, bottom = ROWS[name]
    return f'<path class="{name}" d="{"".join(f"M{x:.1f} {top:g}V{bottom:g}" for x in xs)}"/>'


def _line(name: str, x: float, top: float, bottom: float) -> str:
    return f'<path class="{name}" d="M{x:.1f} {top:g}V{bottom:g}"/>'
