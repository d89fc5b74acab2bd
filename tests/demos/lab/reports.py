"""What a small program prints in place of a measurement."""

from demos.lab.report import as_json
from demos.lab.runner import Report, Result
from tests.demos.measurements import ONE

REPORT = as_json(Report("drop", "Drop", "Watch.", 4, 1, "here", "by hand", {"python": "3"}, (Result(1, ONE),)))
PRINT = f"print({REPORT!r})"
