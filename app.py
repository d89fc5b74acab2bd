"""Start here: one process, one port, the guide's pages, the demos' streams and the workshop's rooms.

`streamlit run app.py`, or `python app.py`.
"""

import datetime
import functools
from collections.abc import Mapping

import streamlit as st

from demos.connections.first_pages import Pages
from demos.evidence import versions
from demos.lab.state import keep_evidence_in_folder
from demos.rooms.addresses import Reachable
from demos.rooms.hosting.registry import shared_rooms
from demos.routes import door, lifespan, routes
from guide.book import book
from guide.decision.choice_names import choice_name
from guide.pages.shell.first_page import first_pages, missing_page
from guide.pages.shell.places import START
from guide.record.room_file import room_file
from guide.record.room_summary import room_report
from streamwise.doors import Doors

base = st.get_option("server.baseUrlPath").strip("/")


def report(told: Mapping[str, object], form: str) -> tuple[bytes, str]:
    """The report of a room as a file, and its type."""
    return room_file(room_report(told, book(), datetime.datetime.now(datetime.UTC), versions()), form)


keep_evidence_in_folder()
# The rooms know no guide: they are handed what judges answers and what writes a report.
rooms = shared_rooms()
rooms.judge, rooms.render = functools.partial(choice_name, book()), report
rooms.addresses = Reachable(st.get_option("server.address") or "", st.get_option("server.port"), base)
doors = Doors(base)
pages = Pages(first_pages(base), missing_page, base, START)
app = st.App(
    "ui.py", routes=[*doors.routes(), *routes(base=base)], middleware=door(pages=pages), lifespan=doors.around(lifespan)
)

if __name__ == "__main__":
    app.run()
