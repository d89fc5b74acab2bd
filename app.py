"""Start here: one process, one port, the guide's pages and the demos' streams.

`streamlit run app.py`, or `python app.py`.
"""

import streamlit as st

from demos.pages.component_parts import page_scripts
from demos.routes import door, lifespan, routes

app = st.App("ui.py", routes=routes(), middleware=door(scripts=page_scripts()), lifespan=lifespan)

if __name__ == "__main__":
    app.run()
