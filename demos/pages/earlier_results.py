"""Shows earlier results for a proxy, by version, to compare with the next run."""

from __future__ import annotations

from html import escape

import streamlit as st

from demos.proxies.catalog import proxies
from demos.proxies.expected import NAMES, TOLD, expectation
from guide.book import book


def show(name: str) -> None:
    """A table a version, folded; equal ones are one."""
    words, title = book().words, proxies()[name].title
    tables: dict[str, list[str]] = {}
    for version, configs in expectation(name).versions.items():
        rows = []
        for config, found in configs.items():
            for way, told in NAMES.items():
                outcome = getattr(found, way).model_dump()
                cells = "".join(f"<td data-name='{escape(TOLD[k])}'>{escape(outcome[k] or '–')}</td>" for k in TOLD)
                where = f"{told}, {words[f'proxies.config.{config}']}"
                rows.append(f'<tr><th scope="row">{escape(where)}</th>{cells}</tr>')
        tables.setdefault("".join(rows), []).append(f"{title} {version}")
    with st.expander(words["proxies.earlier"].format(title=title), icon=":material/history:"):
        st.write(words["proxies.earlier_lead"])
        head = "".join(f'<th scope="col">{escape(told)}</th>' for told in TOLD.values())
        for body, versions in tables.items():
            caption = escape(f" {words['verdict.and']} ".join(versions))
            st.html(
                f'<table class="sw-table"><caption>{caption}</caption><thead><tr><td></td>{head}</tr></thead>'
                f"<tbody>{body}</tbody></table>"
            )
