"""The command `watch`: what it prints in each form, what it exits with, and what it reads."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from guide.__main__ import main
from guide.book import book
from guide.record.exports import json_file
from guide.record.saved_record import LARGEST
from guide.report.report import build
from guide.watch import command
from tests.guide.records import record_of

OURS = book()
REPORT = build(OURS, {"uplink": ("controls",), "path": ("nginx",)})


def write(file: Path, turned: bool = False, figure: str = "", title: str = "Our transport") -> Path:
    document: dict[str, Any] = json.loads(json_file.render(REPORT, record_of(REPORT, title=title)))
    if turned:
        document["verdict"] |= {"choice": "websocket", "headline": "WebSocket both ways"}
    if figure:
        document["sources"][0]["figure"] = figure
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(document))
    return file


def test_nothing_differs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path / "0001.json")
    assert main(["watch", str(tmp_path)]) == 0
    assert capsys.readouterr().out == f"1 record under rules {OURS.version} ({OURS.hash}): nothing differs.\n"


@pytest.mark.parametrize(
    ("turned", "figure", "options", "code"),
    [
        (True, "", [], 1),
        (True, "", ["--warn"], 1),
        (False, "another", [], 1),
        (False, "another", ["--warn"], 0),
    ],
)
def test_exit_codes(tmp_path: Path, turned: bool, figure: str, options: list[str], code: int) -> None:
    assert main(["watch", str(write(tmp_path / "a.json", turned, figure)), *options]) == code


def test_text_names_file_level_then_and_now(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = write(tmp_path / "a.json", turned=True, figure="1 lost")
    main(["watch", str(file)])
    first, second, last = capsys.readouterr().out.splitlines()
    assert first.startswith(f'{file.as_posix()}: turned: verdict: was "websocket: WebSocket both ways", is "sse: ')
    assert f"{file.as_posix()}: moved: fact " in second
    assert 'was "1 lost"' in second
    assert last.endswith("1 turned, 1 moved.")


def test_json_holds_all_findings(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["watch", str(write(tmp_path / "a.json", figure="1 lost")), "--format", "json"])
    found = json.loads(capsys.readouterr().out)
    [record] = found["records"]
    [finding] = record["findings"]
    assert (record["title"], finding["level"], finding["then"]) == ("Our transport", "moved", "1 lost")


def test_annotations_of_github_are_safe(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A text of a record may hold what looks like a command: it stands in one line, and escaped."""
    file = write(tmp_path / "a,b:c%.json", turned=True, figure="50 %\n::error::planted\r")
    main(["watch", str(file), "--format", "github"])
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(" ")[0] for line in lines[:-1]] == ["::error", "::warning"]
    assert f"file={tmp_path.as_posix()}/a%2Cb%3Ac%25.json,title=Decision record%3A turned::" in lines[0]
    assert 'was "50 %25 ::error::planted ' in lines[1]


def test_markdown_holds_no_markup_of_the_record(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = write(
        tmp_path / "a.json", figure="<img src=x> | [a](https://evil.example) @team #1 `x`", title="**Loud** | <b>"
    )
    main(["watch", str(file), "--format", "markdown"])
    text = capsys.readouterr().out
    assert "| | what | then | now |" in text
    [row] = [line for line in text.splitlines() if line.startswith("| moved")]
    assert r"`<img src=x> \| [a](https://evil.example) @team #1 'x'`" in row, "as code, where nothing has a meaning"
    assert r"`**Loud** \| <b>`" in text


def test_a_folder_is_searched_and_what_is_no_record_left_aside(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path / "deep" / "er" / "0001.json")
    (tmp_path / "package.json").write_text('{"name": "app"}')
    (tmp_path / "notes.md").write_text("streamwise-record/1")
    assert main(["watch", str(tmp_path)]) == 0
    assert capsys.readouterr().out.startswith("1 record ")


def test_a_named_file_that_is_no_record_is_a_mistake(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "package.json").write_text('{"name": "app"}')
    assert main(["watch", str(tmp_path / "package.json")]) == command.WRONG
    assert "unreadable" in capsys.readouterr().out
    assert main(["watch", str(tmp_path / "package.json"), "--only-records"]) == 0


def test_a_path_that_is_not_there_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["watch", str(tmp_path / "nothing.json")]) == command.WRONG
    assert "No such file or directory. Allowed: a record" in capsys.readouterr().out


def test_a_folder_without_a_record_is_a_mistake(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "package.json").write_text("{}")
    assert main(["watch", str(tmp_path)]) == command.WRONG
    assert "there is no record in this folder" in capsys.readouterr().out
    assert main(["watch", str(tmp_path), "--only-records"]) == 0


def test_what_is_odd_in_a_folder_hides_no_verdict_that_turned(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path / "0002.json", turned=True)
    (tmp_path / "0000.json").mkdir()
    (tmp_path / "0001.json").symlink_to(tmp_path / "gone.json")
    os.mkfifo(tmp_path / "0003.json")
    (tmp_path / "record.schema.json").write_text(json_file.schema())
    (tmp_path / "deep.json").write_text("[" * 100_000)
    assert main(["watch", str(tmp_path)]) == 1
    assert "0002.json: turned:" in capsys.readouterr().out


def test_a_record_is_known_however_its_json_is_written(tmp_path: Path) -> None:
    file = write(tmp_path / "a.json", turned=True)
    file.write_text(file.read_text().replace('"streamwise-record/1"', r'"streamwise-record\/1"'))
    assert main(["watch", str(tmp_path)]) == 1


def test_no_line_of_text_is_a_command_of_a_pipeline(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = write(tmp_path / "a\n::stop-commands::x\n.json", figure="##[error]planted")
    main(["watch", str(file)])
    first, last = capsys.readouterr().out.splitlines()
    assert "##[" not in first
    assert last.startswith("1 record ")


def test_the_most_records_and_the_largest_one_are_bounded(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "large.json").write_text('{"format": "streamwise-record/1"}' + " " * LARGEST)
    assert main(["watch", str(tmp_path / "large.json")]) == command.WRONG
    monkeypatch.setattr(command, "MOST_RECORDS", 1)
    write(tmp_path / "many" / "a.json")
    write(tmp_path / "many" / "b.json")
    assert main(["watch", str(tmp_path / "many")]) == 1
    assert "more than 1 records" in capsys.readouterr().err
