"""Start here: one process, one port, the guide's pages and the demos' streams.

`streamlit run app.py`, or `python app.py`.
"""

import streamlit as st

from demos.connections.first_pages import Pages
from demos.lab.state import keep_evidence_in_folder
from demos.routes import door, lifespan, routes
from guide.pages.shell.first_page import first_pages, missing_page
from guide.pages.shell.places import START

base = st.get_option("server.baseUrlPath").strip("/")
keep_evidence_in_folder()
pages = Pages(first_pages(base), missing_page, base, START)
app = st.App("ui.py", routes=routes(base=base), middleware=door(pages=pages), lifespan=lifespan)

if __name__ == "__main__":
    app.run()
