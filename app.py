"""Start here: one process, one port, the guide's pages and the demos' streams.

`streamlit run app.py`, or `python app.py`.
"""

import streamlit as st

from demos.routes import lifespan, routes

app = st.App("ui.py", routes=routes(), lifespan=lifespan)

if __name__ == "__main__":
    app.run()
