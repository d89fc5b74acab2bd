"""The addresses of the app's pages. The server knows them from here: an address that is not named is no page."""

from __future__ import annotations

PLACES = {
    "ask": "nav.ask",
    "verdict": "nav.verdict",
    "lab": "nav.lab",
    "proxies": "nav.proxies",
    "probe": "nav.probe",
    "workshop": "nav.workshop",
    "record": "nav.record",
    "library": "nav.library",
    "compare": "compare.title",
}
"""Name in the address -> word for the page. The first one is also the page without a name."""
START = next(iter(PLACES))
HIDDEN = "compare"
"""Not in the menu: without a recommendation there is nothing to compare."""
