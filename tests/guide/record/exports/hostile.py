"""What no format may take for markup."""

from __future__ import annotations

from typing import Any

from guide.model import Evidence, Record
from guide.report.report import Report

Made = tuple[Report, Record, bytes]


HOSTILE = (
    "</style></title><script>alert(1)</script> <img src=x onerror=alert(1)> &amp; ]]> --> "
    '#sys.inputs #read("/etc/passwd") $x$ `code` *b* _i_ @label <label> \\ // /* '
    "\u202eturned\u2066 💥 你好 \x07\x00 www.evil.example http://evil.example 'single' \"double\" {} %s"
)
"""What no format may take for markup. Its last words end inside two changes of direction."""


def hostile_fields(evidence: Evidence) -> dict[str, Any]:
    """Fields of a record in which everything that can be typed or loaded is hostile."""
    rows = tuple(m.model_copy(update={"client": HOSTILE}) for m in evidence.measurements)
    fields = dict.fromkeys(("title", "how", "where"), HOSTILE)
    evil = evidence.model_copy(update={**fields, "versions": {HOSTILE: HOSTILE}, "measurements": rows})
    context = f"{HOSTILE}\n# {HOSTILE}\n\n= {HOSTILE}\r\n{'w' * 2000}"
    return {
        "title": HOSTILE[:200],
        "context": context,
        "deciders": HOSTILE,
        "reason": f"{HOSTILE}\n{HOSTILE}",
        "evidence": (evil,),
    }
