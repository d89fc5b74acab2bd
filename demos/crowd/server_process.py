"""Processor time and memory of the server, as Linux counts them; nothing where the process is unknown."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class ServerProcess:
    """A process on this machine. 0: not known, such as a server elsewhere."""

    pid: int = 0

    def cpu_s(self) -> float | None:
        """Seconds of processor time so far."""
        if (text := self._read("stat")) is None:
            return None
        user, system = text.rpartition(")")[2].split()[11:13]
        return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")

    def memory_mb(self) -> float | None:
        """Megabytes that it holds."""
        if (text := self._read("statm")) is None:
            return None
        return round(int(text.split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6, 1)

    def _read(self, name: str) -> str | None:
        try:
            return Path(f"/proc/{self.pid}/{name}").read_text(encoding="ascii", errors="replace") if self.pid else None
        except OSError:  # no /proc on this system, or the process is gone
            return None
