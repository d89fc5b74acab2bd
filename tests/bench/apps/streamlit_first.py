"""The app as it would be with Streamlit's own first page; only `tests.bench.first_text` runs it."""

from pathlib import Path

import streamlit as st
from streamlit.file_util import get_static_dir

from demos.connections.first_pages import Pages
from demos.routes import door, lifespan, routes

index = Path(get_static_dir(), "index.html").read_text(encoding="utf-8")
pages = Pages({"": index, "verdict": index})
app = st.App(Path(__file__).parents[3] / "ui.py", routes=routes(), middleware=door(pages=pages), lifespan=lifespan)
