"""One measurement, for tests that need any."""

from __future__ import annotations

from guide.model import Measurement

ONE = Measurement(transport="sse", client="c", tokens=1, events=1, lost=0, repeated=0, reconnects=0, finished=True)
