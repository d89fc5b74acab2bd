"""Evidence outlives its server, within bounds, for its owner only, and only as it was measured."""

from __future__ import annotations

import logging
import os
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from demos.evidence import Store, known, make
from demos.evidence.folder import Folder, evidence_folder
from guide.model import Evidence
from tests.demos.measurements import ONE
from tests.patience import seconds

ROOT = Path(__file__).parents[3]
MOST, BYTES = 20, 1_000_000


def one(how: str = "by hand") -> Evidence:
    return make("drop", "Drop", how, [ONE], seed=1)


def kept(where: Path, *pieces: Evidence, most: int = MOST, most_bytes: int = BYTES) -> None:
    """Keep them in a process that then ends."""
    folder = Folder(where, most, most_bytes)
    for piece in pieces:
        folder.keep(piece)
    folder.close()


def found(where: Path, *pieces: Evidence) -> list[bool]:
    """Which of them another process finds, and finds as they were."""
    folder = Folder(where, MOST, BYTES)
    return [folder.get(piece.id) == piece for piece in pieces]


def changed(where: Path, statement: str, *values: object) -> None:
    with closing(sqlite3.connect(where / "evidence.sqlite")) as file, file:
        file.execute(statement, values)


def test_another_process_finds_it_as_it_was(tmp_path: Path) -> None:
    piece = one()
    kept(tmp_path / "new" / "folder", piece)
    assert found(tmp_path / "new" / "folder", piece, one()) == [True, False]


def test_a_store_looks_in_its_folder_for_what_it_does_not_hold(tmp_path: Path) -> None:
    piece = one()
    first, second = Store(5), Store(5)
    first.keep_in(Folder(tmp_path, MOST, BYTES))
    first.keep(piece)
    first.close()
    second.keep_in(Folder(tmp_path, MOST, BYTES))
    assert second.get(piece.id) == piece
    assert len(second) == 0, "it is on nobody's account"


def test_the_oldest_make_room_by_number_and_by_bytes(tmp_path: Path) -> None:
    pieces = [one() for _ in range(5)]
    kept(tmp_path / "number", *pieces, most=2)
    assert found(tmp_path / "number", *pieces) == [False, False, False, True, True]
    size = len(pieces[0].model_dump_json())
    kept(tmp_path / "bytes", *pieces, most_bytes=3 * size + size // 2)
    assert found(tmp_path / "bytes", *pieces) == [False, False, True, True, True]
    kept(tmp_path / "large", one("x" * 500), most_bytes=400)
    with closing(sqlite3.connect(tmp_path / "large" / "evidence.sqlite")) as file:
        assert file.execute("SELECT COUNT(*) FROM evidence").fetchone() == (0,)


def test_nobody_else_may_read_it(tmp_path: Path) -> None:
    where = tmp_path / "folder"
    before = os.umask(0)
    try:
        kept(where, one())
    finally:
        os.umask(before)
    assert stat.S_IMODE(where.stat().st_mode) == 0o700
    assert {path.name: stat.S_IMODE(path.stat().st_mode) for path in where.iterdir()} == {
        "evidence.sqlite": 0o600,
        "key": 0o600,
    }


@pytest.mark.parametrize(
    "change",
    [
        lambda where: changed(where, "UPDATE evidence SET body = REPLACE(body, '\"lost\":0', '\"lost\":9')"),
        lambda where: changed(where, "UPDATE evidence SET body = CAST(REPLACE(body, 'hand', 'foot') AS BLOB)"),
        lambda where: changed(where, "UPDATE evidence SET mark = 'x', body = 7"),
        lambda where: (where / "key").write_bytes(b"k" * 32),
        lambda where: (where / "key").write_bytes(b"short"),
        lambda where: (where / "evidence.sqlite").write_bytes(b"no database " * 100),
        lambda where: (where / "evidence.sqlite").write_bytes(b""),
        lambda where: changed(where, "ALTER TABLE evidence RENAME TO something_else"),
    ],
)
def test_what_was_changed_is_not_shown_and_that_is_said(
    tmp_path: Path, change: Callable[[Path], object], caplog: pytest.LogCaptureFixture
) -> None:
    piece = one()
    kept(tmp_path, piece)
    change(tmp_path)
    with caplog.at_level(logging.WARNING):
        assert found(tmp_path, piece) == [False]
    assert len(caplog.records) == 1
    assert str(tmp_path) in caplog.text


def test_one_piece_does_not_pass_for_another(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    good, other = one(), "0" * 12
    kept(tmp_path, good)
    changed(tmp_path, "UPDATE evidence SET id = ?", other)
    assert Folder(tmp_path, MOST, BYTES).get(other) is None
    assert "another version" in caplog.text


@pytest.mark.parametrize("id", ["", "../../etc", "0" * 11, "x" * 12, "0" * 13, "' OR 1=1 --"])
def test_what_is_no_id_is_not_looked_for(tmp_path: Path, id: str) -> None:
    (tmp_path / "evidence.sqlite").write_bytes(b"no database")
    assert Folder(tmp_path, MOST, BYTES).get(id) is None


def test_a_folder_that_takes_nothing_is_said_once_and_memory_goes_on(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_bytes(b"")
    store = Store(5)
    store.keep_in(Folder(tmp_path / "file" / "below", MOST, BYTES))
    pieces = [store.keep(one()) for _ in range(3)]
    store.close()
    assert [store.get(piece.id) for piece in pieces] == pieces
    assert len(caplog.records) == 1
    assert "could not be written" in caplog.text


def test_a_file_that_another_process_holds_makes_no_page_wait(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    piece = one()
    kept(tmp_path, piece)
    with closing(sqlite3.connect(tmp_path / "evidence.sqlite", isolation_level=None)) as holder:
        holder.execute("BEGIN EXCLUSIVE")
        store = Store(5)
        store.keep_in(Folder(tmp_path, MOST, BYTES))
        assert known(piece.id, store) == ({}, False), "not read is not gone"
        assert "locked" in caplog.text
        holder.execute("ROLLBACK")
        assert known(piece.id, store) == ({piece.id: piece}, True)
        assert known("0123456789ab", store) == ({}, True)
    assert found(tmp_path, piece) == [True]


def test_two_processes_that_begin_together_share_one_folder(tmp_path: Path) -> None:
    code = """
import sys
from pathlib import Path
from demos.evidence.folder import Folder
from tests.demos.evidence.test_folder import one
folder = Folder(Path(sys.argv[1]), 100, 1_000_000)
pieces = [one() for _ in range(10)]
sys.stdin.readline()
for piece in pieces:
    folder.keep(piece)
folder.close()
print(*(piece.id for piece in pieces))
"""
    begun = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(tmp_path / "both")],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    for process in begun:
        assert process.stdin
        process.stdin.write("now\n")
        process.stdin.flush()
    ids = [id for process in begun for id in process.communicate(timeout=seconds(60))[0].split()]
    assert len(set(ids)) == 20
    folder = Folder(tmp_path / "both", 100, BYTES)
    assert [id for id in ids if folder.get(id) is None] == []


def test_the_environment_names_a_folder_or_none(tmp_path: Path) -> None:
    assert evidence_folder({}) == ROOT / ".streamwise"
    assert evidence_folder({"STREAMWISE_EVIDENCE_FOLDER": "off"}) is None
    assert evidence_folder({"STREAMWISE_EVIDENCE_FOLDER": str(tmp_path / "new")}) == tmp_path / "new"
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(ValueError, match=r"no folder\. Allowed: a folder, or off"):
        evidence_folder({"STREAMWISE_EVIDENCE_FOLDER": str(tmp_path / "file")})


@pytest.mark.skipif(not hasattr(os, "O_NOFOLLOW"), reason="this system cannot refuse a link as it opens it")
@pytest.mark.parametrize("name", ["evidence.sqlite", "key"])
def test_nothing_is_written_or_read_where_a_link_leads(tmp_path: Path, name: str) -> None:
    where, elsewhere = tmp_path / "folder", tmp_path / "elsewhere"
    where.mkdir()
    elsewhere.write_bytes(b"k" * 32)
    elsewhere.chmod(0o644)
    (where / name).symlink_to(elsewhere)
    piece = one()
    kept(where, piece)
    assert (elsewhere.read_bytes(), stat.S_IMODE(elsewhere.stat().st_mode)) == (b"k" * 32, 0o644)
    assert found(where, piece) == [False]
