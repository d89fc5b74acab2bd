"""Which Chromium the browser tests use, and how: as the demos do."""

from demos.clients.chromium import FLAGS, find

__all__ = ["FLAGS", "find"]
