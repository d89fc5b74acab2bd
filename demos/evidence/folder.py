"""Keeps evidence in a folder of this machine, so that a link still shows it after a restart of the server.

One SQLite file: Python brings it along, a statement bounds it, a crash leaves it whole, and two servers may share it.
A key lies beside it, and every piece is marked with it: what was changed by hand is not shown. Who may read the folder
can make such marks too; against them it helps nothing.

Whatever is wrong with the folder is logged, and evidence is then kept in memory only.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
import os
import re
import secrets
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from guide.model import Evidence

VARIABLE = "STREAMWISE_EVIDENCE_FOLDER"
OFF = "off"
PROJECT = Path(__file__).parents[2]
DEFAULT = ".streamwise"
WRITE_WAIT_S, READ_WAIT_S = 5.0, 0.2
"""How long another process may hold the file. A reader is a page that waits."""
KEY_BYTES = 32
_ID = re.compile(r"[0-9a-f]{12}")
NO_LINK = getattr(os, "O_NOFOLLOW", 0)
"""Windows has no such flag, and lets few users make links."""
_TABLE = """CREATE TABLE IF NOT EXISTS evidence
    (number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, body BLOB NOT NULL, mark BLOB NOT NULL)"""
_TOO_MANY = "DELETE FROM evidence WHERE number NOT IN (SELECT number FROM evidence ORDER BY number DESC LIMIT ?)"
_TOO_LARGE = """DELETE FROM evidence WHERE number IN (SELECT number FROM
    (SELECT number, SUM(LENGTH(body)) OVER (ORDER BY number DESC) AS bytes FROM evidence) WHERE bytes > ?)"""
logger = logging.getLogger(__name__)
Found = TypeVar("Found")


def evidence_folder(environment: Mapping[str, str] = os.environ) -> Path | None:
    """Where evidence is kept, by the environment; None: in memory only.

    Raises:
        ValueError: something else than a folder is there.
    """
    given = environment.get(VARIABLE, "").strip()
    if given.lower() == OFF:
        return None
    where = Path(given).expanduser() if given else PROJECT / DEFAULT
    if where.exists() and not where.is_dir():
        raise ValueError(f"{VARIABLE} is {given!r:.200}, which is no folder. Allowed: a folder, or {OFF}")
    return where


class Folder:
    """Evidence by id, at most so much; the oldest makes room. No call raises: what goes wrong is logged."""

    def __init__(self, where: Path, most: int, most_bytes: int) -> None:
        self._where, self._file = where, where / "evidence.sqlite"
        self._most, self._most_bytes = most, most_bytes
        self._told = ""
        # Writing waits for the disk, and streams must not wait with it.
        self._writer = ThreadPoolExecutor(max_workers=1, thread_name_prefix="evidence")

    def look(self, id: str) -> tuple[Evidence | None, bool]:
        """(what is kept, whether the folder could be read). None: not kept here, no longer, or not as it was kept."""
        if not _ID.fullmatch(id):
            return None, True
        read = self._tried("read", lambda: (self._get(id),))
        return (None, False) if read is None else (*read, True)

    def get(self, id: str) -> Evidence | None:
        """What is kept; None as well where the folder could not be read."""
        return self.look(id)[0]

    def keep(self, evidence: Evidence) -> None:
        """Keep a piece; it is on the disk a little later."""
        with suppress(RuntimeError):  # it was closed
            self._writer.submit(self._tried, "written", lambda: self._keep(evidence))

    def close(self) -> None:
        """Wait until everything is on the disk."""
        self._writer.shutdown(wait=True)

    def _tried(self, what: str, call: Callable[[], Found]) -> Found | None:
        try:
            return call()
        except (OSError, sqlite3.Error, ValueError) as error:
            why = " ".join(str(error).split())[:200]
            self._tell(f"Evidence could not be {what} ({self._file}): {why}. A restart loses what is in memory only.")
            return None

    def _tell(self, said: str) -> None:
        if said != self._told:  # a page asks again with every click
            self._told = said
            logger.warning("%s", said)

    def _get(self, id: str) -> Evidence | None:
        if not self._file.exists():
            return None
        key = self._key()
        with self._connected(READ_WAIT_S) as file:
            asked = "SELECT body, mark FROM evidence WHERE id = ? AND LENGTH(body) <= ?"
            row = file.execute(asked, (id, self._most_bytes)).fetchone()
        if row is None:
            return None
        body, mark = row
        if not (isinstance(body, bytes) and isinstance(mark, bytes) and hmac.compare_digest(_mark(key, body), mark)):
            self._tell(f"Evidence {id} in {self._file} was changed, or is marked with another key. It is not shown.")
            return None
        try:
            found = Evidence.model_validate_json(body)
        except ValidationError:
            found = None
        if found is None or found.id != id:
            self._tell(f"Evidence {id} in {self._file} is of another version of this app. It is not shown.")
            return None
        return found

    def _keep(self, evidence: Evidence) -> None:
        self._where.mkdir(mode=0o700, parents=True, exist_ok=True)
        key, body = self._key(), evidence.model_dump_json().encode()
        # A link in its place was made by somebody else: nothing is written where it leads.
        os.close(os.open(self._file, os.O_RDWR | os.O_CREAT | NO_LINK, 0o600))
        self._file.chmod(0o600)
        with self._connected(WRITE_WAIT_S) as file, file:
            file.execute(_TABLE)
            row = (evidence.id, body, _mark(key, body))
            file.execute("INSERT OR REPLACE INTO evidence (id, body, mark) VALUES (?, ?, ?)", row)
            file.execute(_TOO_MANY, (self._most,))
            file.execute(_TOO_LARGE, (self._most_bytes,))

    def _key(self) -> bytes:
        return _key(self._where / "key")

    @contextmanager
    def _connected(self, wait_s: float) -> Iterator[sqlite3.Connection]:
        """A connection for one call: calls come from several threads."""
        with closing(sqlite3.connect(self._file, timeout=wait_s)) as file:
            file.execute("PRAGMA trusted_schema = OFF")
            yield file


def _mark(key: bytes, body: bytes) -> bytes:
    return hmac.new(key, body, hashlib.sha256).digest()


def _key(file: Path) -> bytes:
    """Read the key, or make one. Of two processes that make one, the first has made it for both.

    Raises:
        ValueError: what is there is no key.
    """
    if not file.exists() and not file.is_symlink():
        mine = file.with_name(f"{file.name}.{secrets.token_hex(8)}")
        with open(os.open(mine, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            out.write(secrets.token_bytes(KEY_BYTES))
        try:
            with suppress(FileExistsError):
                os.link(mine, file)
        finally:
            mine.unlink()
    with open(os.open(file, os.O_RDONLY | NO_LINK), "rb") as kept:
        file.chmod(0o600)
        found = kept.read()
    if len(found) != KEY_BYTES:
        raise ValueError(f"{file.name} has {len(found)} bytes, a key {KEY_BYTES}")
    return found
