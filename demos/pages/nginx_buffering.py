"""Shows whether nginx buffers an event stream: one row per set-up, with the expected and the measured result."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import streamlit as st

from demos.pages import job_progress as trying
from demos.processes.jobs import Job
from demos.proxies.buffering.nginx import CASES, NAME, Case, Row
from demos.proxies.catalog import binaries
from demos.proxies.expected import expectation, held
from demos.proxies.json_lines import lines, rows
from guide.book import book

COLUMNS = ("asks", "answers", "buffering", "gzip", "accel")
MEASURED = ("first", "last", "pieces")


def show(kind: str) -> None:
    """The story, its button, its table."""
    words = book().words
    st.markdown(words["proxies.held_lead"])
    here = binaries(NAME)
    if here:
        trying.start(kind, words["proxies.held_start"], "proxy", NAME, "--buffering", "--format", "lines")
    else:
        st.caption(words["proxies.held_missing"])
    attempt = trying.follow(kind, lambda _: True, _draw, lambda _: words["proxies.held_runs"])
    if attempt is None:
        st.caption(words["proxies.held_earlier"])
        for version in expectation(NAME).held:
            told = [(case, None, "held" if held(NAME, version, case) else "streamed") for case in CASES]
            _table(f"{NAME} {version}", told)


def _draw(attempt: Job) -> None:
    found = rows(lines(attempt.output))
    for row in found:
        if row.version == "none":
            st.write(book().words["proxies.held_direct"].format(first=f"{row.first_ms:.0f}", last=f"{row.last_ms:.0f}"))
    for version in dict.fromkeys(row.version for row in found if row.version != "none"):
        _table(f"{NAME} {version}", [(row.case, row, row.word) for row in found if row.version == version])


def _table(caption: str, told: Sequence[tuple[Case, Row | None, str]]) -> None:
    words = book().words
    measured = MEASURED if any(row for _, row, _ in told) else ()
    names = [words[f"proxies.column.{column}"] for column in (*COLUMNS, *measured, "became")]
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in names)
    body = "".join(_row(names, *one) for one in told)
    st.html(
        f'<table class="sw-table sw-held"><caption>{escape(caption)}</caption><thead><tr>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table>"
    )


def _row(names: list[str], case: Case, row: Row | None, word: str) -> str:
    words = book().words
    switch = {True: words["proxies.on"], False: words["proxies.off"]}
    cells = [
        words["proxies.asks.default"] if case.http_version == "default" else f"HTTP/{case.http_version}",
        words[f"proxies.answers.{case.framing}"],
        switch[case.buffering],
        switch[case.gzip],
        "no" if case.accel_no else "–",
        *([f"{row.first_ms:.0f} ms", f"{row.last_ms:.0f} ms", str(row.pieces)] if row else []),
        _became(word, row),
    ]
    first, *rest = (escape(cell) for cell in cells)
    further = "".join(f'<td data-name="{escape(n)}">{cell}</td>' for n, cell in zip(names[1:], rest, strict=True))
    return f'<tr data-held="{word}"><th scope="row">{first}</th>{further}</tr>'


def _became(word: str, row: Row | None) -> str:
    """With what was expected, where that is something else."""
    words = book().words
    wanted = held(NAME, row.version, row.case) if row else None
    said = words[f"proxies.became.{word}"]
    if row is None:
        return said
    if wanted is None:
        return f"{said} ({words['proxies.unexpected']})"
    other = "held" if wanted else "streamed"
    return said if other == word else f"{said} ({words['proxies.held_changed'].format(wanted=other)})"
