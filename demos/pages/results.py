"""Shows the results behind a proxy: one part per trial, with both configurations and both transports.

It holds every trial against what is expected of this version, and says so beside it. Runs nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from pathlib import Path

import streamlit as st

from demos.pages.token_chart import strip
from demos.proxies.browser_view import sentence
from demos.proxies.expected import NAMES, outcome
from demos.proxies.matrix import FIRST, Matrix, TransportResult
from demos.proxies.trials import TRIALS, Reading
from guide.book import book
from guide.model import ProxyOutcome

# st.html would take the drawings out: it lets no SVG pass. What is shown here is made by us, with every text escaped.
_component = st.components.v2.component(
    "streamwise_outcome",
    html="<div class='outcome'>\n</div>",
    css=(Path(__file__).parents[1] / "browser" / "view" / "proxy_results.css").read_text(encoding="utf-8"),
    js="""
export default function ({ data, parentElement }) {
  const place = parentElement.querySelector(".outcome");
  if (place.told !== data[0]) place.innerHTML = place.told = data[0];
}
""",
)
GOOD = {"one by one", "survives", "shared, one by one", "own connection, one by one"}

NOISE_MS = 5.0
"""Two readers of the same run on one machine differ by this much by chance: a tenth of the time between two tokens."""

Wanted = Callable[[TransportResult], ProxyOutcome | None]
"""What is expected of a passage; None: nothing."""


def show(matrix: Matrix, wanted: Wanted, key: str) -> None:
    """As far as it has come."""
    parts = [f"<h3>{escape(matrix.title)}</h3>", _pages(matrix)]
    for trial in TRIALS:
        if any(trial in one.readings for one in matrix.passages):
            shown = [one for one in matrix.passages if trial in one.readings or not TRIALS[trial].http2]
            cells = [_cell(matrix, one, trial, wanted(one)) for one in shown]
            about = f"<h4>{_word(f'trial.{trial}')}</h4><p class='soft'>{_word(f'tried.{trial}')}</p>"
            parts.append(f'<section>{about}<div class="cells">{"".join(cells)}</div></section>')
    _component(key=key, data=("".join(parts),))


def _word(key: str, **values: object) -> str:
    """A word of this page with its values, as HTML."""
    return escape(book().words[f"proxies.{key}"].format(**values))


def _pages(matrix: Matrix) -> str:
    """Whether each configuration lets a page's own command pass."""
    said = {one.config: one.page_refused for one in matrix.passages}
    parts = [
        _word("page.refused", config=_config(config), why=why) if why else _word("page.passes", config=_config(config))
        for config, why in said.items()
    ]
    return f"<p class='soft'>{_word('page')} {'; '.join(parts)}.</p>"


def _config(name: str) -> str:
    return book().words[f"proxies.config.{name}"]


def _cell(matrix: Matrix, passage: TransportResult, trial: str, wanted: ProxyOutcome | None) -> str:
    where, head = f"{passage.config}-{passage.transport}-{trial}", _head(passage)
    reading = passage.readings.get(trial)
    if reading is None:
        why = "untried.refused" if passage.readings[FIRST].refused else "untried"
        return f"<article>{head}<p class='soft'>{_word(why)}</p></article>"
    became = _became(outcome(passage), trial)
    good = became in GOOD or (became == "cut, resumed" and trial == "restart")
    tone = "good" if good else "fair" if became == "cut, resumed" else "bad"
    judged, as_expected = _judged(matrix, became, _became(wanted, trial) if wanted else None)
    return (
        f'<article data-cell="{where}" data-tone="{tone}" data-expected="{str(as_expected).lower()}">'
        f'{head}<p class="became">{_outcome_in_words(became)}</p><p>{_told(reading, trial)}</p>{_seen(reading)}'
        f"{strip(reading)}{judged}</article>"
    )


def _seen(reading: Reading) -> str:
    told = sentence(reading)
    return f'<p class="soft">{escape(told)}</p>' if told else ""


def _head(passage: TransportResult) -> str:
    return f"<h5>{NAMES[passage.transport]}, {escape(_config(passage.config))}</h5>"


def _became(found: ProxyOutcome, trial: str) -> str:
    """The one word of a trial; how it was refused, where it did not open."""
    if found.opens != "yes":
        return found.opens
    return str((found.tokens if trial == FIRST else getattr(found, trial)) or "")


def _outcome_in_words(became: str) -> str:
    key = became.replace(", ", "-").replace(" ", "-")
    known = f"proxies.outcome.{key}" in book().words
    return _word(f"outcome.{key}") if known else _word("outcome.refused", why=became)


def _judged(matrix: Matrix, became: str, wanted: str | None) -> tuple[str, bool]:
    """(what is said of it, whether it is as expected)"""
    if not wanted:
        return f'<p class="judged">{_word("unexpected")}</p>', False
    if became == wanted:
        return f'<p class="judged same">✓ {_word("expected", version=matrix.title)}</p>', True
    changed = _word("changed", version=matrix.title, found=became, wanted=wanted)
    return f'<p class="judged other">{changed}</p>', False


def _told(reading: Reading, trial: str) -> str:
    found = reading.measurement
    if found is None and not reading.asked:
        return _word("said.unasked", why=reading.refused)
    if found is None:
        return _word("said.refused", opened=f"{reading.opened_ms:g}", why=reading.refused)
    counts = {"tokens": found.tokens, "lost": _n(found.lost), "repeated": _n(found.repeated)}
    if trial == FIRST or TRIALS[trial].http2:
        return _word(
            "said.plain",
            **counts,
            opened=f"{reading.opened_ms:g}",
            first=_n(found.first_token_ms),
            direct_first=_n(reading.direct_first_token_ms),
            pieces=reading.bursts,
            direct_pieces=reading.direct_bursts,
            later=delay(reading),
        )
    if not reading.cuts:
        return _word("said.whole" if found.finished else "said.unfinished", **counts)
    cuts = "; ".join(f"{cut.at_s:g} s ({cut.why})" for cut in reading.cuts)
    return _word("said.cut", **counts, cuts=cuts, n=found.reconnects)


def delay(reading: Reading) -> str:
    """By how much the proxy delays tokens; nothing is claimed of what may be chance."""
    words, half, most = book().words, reading.delay_p50_ms, reading.delay_max_ms
    if half is None or most is None:
        return ""
    if most < NOISE_MS:
        return words["proxies.later.none"]
    key = "some" if half < NOISE_MS else "all"
    return words[f"proxies.later.{key}"].format(p50=_n(half), most=_n(most))


def _n(value: float | None) -> str:
    return "–" if value is None else f"{value:g}" if value < 10 else f"{value:.0f}"
