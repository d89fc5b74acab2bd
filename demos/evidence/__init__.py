"""Store of measurements, by id and bounded: in memory, and in a folder if there is one. Records keep a copy."""

from __future__ import annotations

import datetime
import importlib.metadata
import platform
import uuid
from collections.abc import Iterable, Mapping, Sequence

from demos.evidence.folder import Folder
from demos.protocol.errors import Refusal
from demos.protocol.kept import Kept
from guide.book import book
from guide.model import Evidence, Measurement

PACKAGES = ("streamlit", "starlette", "uvicorn", "websockets", "langgraph", "httpx", "websocket-client")

MOST_NAMED = 50
"""Ids in one address that are looked for. A page names fewer."""


class Store:
    """Evidence by id; when full, the oldest of whoever has most makes room."""

    def __init__(self, limit: int, client_limit: int | None = None) -> None:
        """`client_limit`: how much one address may keep; None: all."""
        self._kept: Kept[str, Evidence] = Kept(limit, client_limit)
        self._found: Kept[str, Evidence] = Kept(limit)
        self._folder: Folder | None = None

    def __len__(self) -> int:
        return len(self._kept)

    def keep_in(self, folder: Folder) -> None:
        """From now on, keep in a folder as well, and look there for what is no longer in memory."""
        self._folder = folder

    def look(self, id: str) -> tuple[Evidence | None, bool]:
        """(what is kept, whether it could be looked for). None: never kept here, or no longer."""
        found, read = self._kept.get(id) or self._found.get(id), True
        if found is None and self._folder is not None:
            found, read = self._folder.look(id)
            if found is not None:
                self._found.keep(id, found, "")  # a page asks again with every click
        return found, read

    def get(self, id: str) -> Evidence | None:
        """What is kept; None as well where it could not be looked for."""
        return self.look(id)[0]

    def find(self, id: str) -> Evidence:
        """Raises Refusal (404), which says that evidence expires, or (503) where it could not be looked for."""
        found, read = self.look(id)
        if not read:
            raise Refusal(503, "evidence_unread", "The file with earlier evidence could not be read now. Try again.")
        if found is None:
            raise Refusal(404, "no_such_evidence", f"There is no evidence {id!r:.60} here. It has made room for newer.")
        return found

    def keep(self, evidence: Evidence, client: str = "") -> Evidence:
        """Keep evidence of this address; empty: the app's own."""
        self._kept.keep(evidence.id, evidence, client)
        if self._folder is not None:
            self._folder.keep(evidence)
        return evidence

    def close(self) -> None:
        """Wait until everything is in the folder."""
        if self._folder is not None:
            self._folder.close()


def known(named: str, store: Store) -> tuple[dict[str, Evidence], bool]:
    """Of the ids in an address, `id1.id2`: those that are still here, and whether all could be looked for."""
    looked = {id: store.look(id) for id in named.split(".")[:MOST_NAMED]}
    return {id: one for id, (one, _) in looked.items() if one is not None}, all(read for _, read in looked.values())


def make(
    scenario: str,
    title: str,
    how: str,
    measurements: Sequence[Measurement],
    seed: int,
    runs: int = 1,
    client: Mapping[str, str] | None = None,
    where: str = "",
) -> Evidence:
    """Put measurements on record, with where and by which versions they were made.

    Args:
        client: further versions, such as the browser's.
        where: the machines and the network, in words; one machine unless given.
    """
    return Evidence(
        id=uuid.uuid4().hex[:12],
        scenario=scenario,
        title=title,
        taken=datetime.datetime.now(datetime.UTC).replace(microsecond=0),
        runs=runs,
        seed=seed,
        where=where or f"{platform.system()} {platform.machine()}, loopback, one machine",
        how=how,
        versions=versions() | dict(client or {}),
        measurements=tuple(measurements),
        labels={name: book().words[f"figure.{name}"] for measured in measurements for name in measured.figures},
    )


def unknown_figures(names: Iterable[str]) -> list[str]:
    """Return the names that no scenario measures; they have no label on screen."""
    return [name for name in names if f"figure.{name}" not in book().words]


def versions() -> dict[str, str]:
    """What served and measured here. Several results flip with a version."""
    found = {"python": platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found
