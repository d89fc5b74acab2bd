"""Shows the code for a choice, one file after the other, with a download button for each."""

from __future__ import annotations

import streamlit as st

from guide.pages.frame import download, html, word
from guide.report.report import Report


def show(report: Report) -> None:
    """A fold with a button for each file; nothing where the choice has no code."""
    if not report.snippets:
        return
    with st.expander(word("record.starter", n=len(report.snippets))):
        st.write(word("record.starter_lead"))
        for snippet in report.snippets:
            html("<h3 class='sw-h'>{title}</h3><p>{what}</p>", title=snippet.title, what=snippet.what)
            download(snippet.file, snippet.code, snippet.file, f"code_{snippet.id}")
