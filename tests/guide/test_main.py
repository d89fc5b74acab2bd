"""`python -m guide`: what it prints, what it answers to a mistake, and its exit codes."""

from __future__ import annotations

import datetime
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from guide import book as books
from guide.__main__ import main
from guide.record.saved_record import load
from tests.guide import toy
from tests.patience import seconds

OURS = books.book()
ROOT = Path(__file__).parents[2]
ANSWERS = {"uplink": "nothing", "clients": ["browsers", "programs"]}


@pytest.fixture(autouse=True)
def read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Our book is read once, not for every call; other folders are read as ever."""
    load = books.load_book
    monkeypatch.setattr("guide.__main__.load_book", lambda folder: OURS if folder == books.KNOWLEDGE else load(folder))


@pytest.fixture
def answers(tmp_path: Path) -> Path:
    file = tmp_path / "answers.json"
    file.write_text(json.dumps(ANSWERS), encoding="utf-8")
    return file


def test_check_counts_and_finds_no_mistakes(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check"]) == 0
    said = capsys.readouterr().out
    assert f"{len(OURS.questions)} questions, {len(OURS.facts)} facts" in said
    assert "no mistakes" in said
    assert OURS.hash in said


def test_check_names_every_mistake_at_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = toy.folder()
    files["questions/time.yaml"]["chapter"] = "night"
    files["needs.yaml"]["kettle"]["facts"] = ["root"]
    assert main(["--knowledge", str(toy.write(files, tmp_path)), "check"]) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "questions/time.yaml: chapter: 'night'. Allowed: day, self" in captured.err
    assert "needs.yaml: kettle.facts: no fact is called 'root'" in captured.err
    assert f"2 mistakes in {tmp_path}" in captured.err


def test_check_of_a_folder_that_is_not_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--knowledge", str(tmp_path / "nowhere"), "check"]) == 1
    assert "guide.yaml" in capsys.readouterr().err


@pytest.mark.parametrize(
    "text",
    [
        '{"uplink": "nothing", "network": "blocked"}',
        "uplink: nothing\nnetwork: [blocked]\n",
        "# a comment\n'uplink': \"nothing\"\nnetwork:\n  - blocked\n",
    ],
)
@pytest.mark.parametrize("by", ["file", "standard input"])
def test_decide_reads_yaml_and_json(
    text: str, by: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "answers.yaml"
    file.write_text(text, encoding="utf-8")
    monkeypatch.setattr(sys, "stdin", io.StringIO(text))
    assert main(["decide", str(file) if by == "file" else "-"]) == 0
    verdict = json.loads(capsys.readouterr().out)
    assert (verdict["choice"], verdict["kind"]) == ("sse", "option")
    assert {s["option"]: s["ruled_out"] for s in verdict["standings"]} == {"sse": False, "websocket": True}
    assert verdict["rules"] == {"version": OURS.version, "hash": OURS.hash}


@pytest.mark.parametrize("case", OURS.cases)
def test_decide_agrees_with_every_case(case: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "case.json"
    file.write_text(json.dumps(OURS.cases[case].model_dump()["answers"]), encoding="utf-8")
    assert main(["decide", str(file)]) == 0
    told = OURS.cases[case]
    assert (json.loads(capsys.readouterr().out)["choice"] == told.expect) == (told.differs is None)


@pytest.mark.parametrize("text", ["", "{}", "# nothing yet\n"])
def test_no_answers_are_level(text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "answers.yaml"
    file.write_text(text, encoding="utf-8")
    assert main(["decide", str(file)]) == 0
    assert json.loads(capsys.readouterr().out)["choice"] == "level"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"colour: red\nuplink: loud", "colour: no such question"),
        (
            b"colour: red\nuplink: loud",
            "uplink: found ['loud']. Allowed: nothing, controls, approvals, remarks, chains, steady, unknown",
        ),
        (b"uplink: [nothing, steady]", "uplink: found 2 answers. Allowed: one"),
        (b"uplink: nothing\nuplink: steady", "the key 'uplink' is given twice"),
        (b"uplink: [", "while parsing"),
        (b"- uplink", "found list. Allowed: a mapping"),
        (b"[]", "found list. Allowed: a mapping"),
        (b"[" * 5000, "nested too deeply"),
        (b"0", "found str. Allowed: a mapping"),
        (b"\xff\xfe\x00", "decode"),
        (b"a: \x07", "special characters are not allowed"),
    ],
)
@pytest.mark.parametrize("command", ["decide", "export"])
def test_a_mistake_in_the_file_is_named(
    command: str, text: bytes, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "answers.yaml"
    file.write_bytes(text)
    assert main([command, str(file)]) == 1
    captured = capsys.readouterr()
    assert said in captured.err
    assert str(file) in captured.err
    assert captured.out == ""


def test_a_file_that_is_not_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["decide", str(tmp_path / "nowhere.yaml")]) == 1
    assert "No such file" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [[], ["guess"], ["decide"], ["export", "x", "--format", "docx"]])
def test_a_wrong_command_is_told_what_is_allowed(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2
    assert "usage: python -m guide" in capsys.readouterr().err


def test_export_as_markdown_and_as_json(answers: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    assert main(["export", str(answers), "--title", "How it travels"]) == 0
    text = capfdbinary.readouterr().out.decode()
    assert "status: proposed" in text
    assert "# How it travels" in text
    assert main(["export", str(answers), "--format", "json"]) == 0
    record = load(capfdbinary.readouterr().out, OURS).record
    assert record.chosen == "sse"
    assert record.answers == {"uplink": ("nothing",), "clients": ("browsers", "programs")}


@pytest.mark.parametrize(
    ("suffix", "begins"), [("html", b"<!doctype html>"), ("pdf", b"%PDF-"), ("md", b"---\nstatus")]
)
def test_export_into_a_file(suffix: str, begins: bytes, answers: Path, tmp_path: Path) -> None:
    out = tmp_path / f"record.{suffix}"
    assert main(["export", str(answers), "--format", suffix, "--out", str(out)]) == 0
    assert out.read_bytes().startswith(begins)


class Terminal(io.TextIOWrapper):
    """Standard output as a person's terminal has it."""

    def isatty(self) -> bool:
        return True


def test_a_terminal_is_not_sent_a_pdf(
    answers: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    screen = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", Terminal(screen, write_through=True))
    assert main(["export", str(answers), "--format", "pdf"]) == 1
    assert screen.getvalue() == b""
    assert "a terminal cannot show PDF. Allowed: --out FILE" in capsys.readouterr().err
    assert main(["export", str(answers), "--format", "html"]) == 0
    assert screen.getvalue().startswith(b"<!doctype html>")


def test_a_place_that_cannot_be_written(answers: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "nowhere" / "record.md"
    assert main(["export", str(answers), "--out", str(out)]) == 1
    assert f"No such file or directory: '{out}'" in capsys.readouterr().err


def test_schema_prints_what_is_published(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema"]) == 0
    assert capsys.readouterr().out == (ROOT / "guide/record/exports/record.schema.json").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("given", "options", "said"),
    [
        (
            "uplink: unknown",
            [],
            "you settle it. Add --choose sse or --choose websocket, and --because",
        ),
        ("uplink: unknown", ["--choose", "sse"], "the verdict is level and you choose 'sse'. Add --because TEXT"),
        ("uplink: unknown", ["--choose", "level", "--because", "So."], "--choose: 'level'. Allowed: sse, websocket"),
        (
            "uplink: nothing",
            ["--choose", "websocket"],
            "recommends 'sse' and you choose 'websocket'. Add --because",
        ),
        ("uplink: nothing", ["--choose", "websocket", "--because", " "], "Add --because TEXT with your reason"),
        ("uplink: nothing", ["--choose", "ws"], "--choose: 'ws'. Allowed: sse, websocket"),
        ("uplink: nothing", ["--because", "x" * 2001], "--because: String should have at most"),
        ("uplink: nothing", ["--number", "0"], "--number: Input should be greater"),
    ],
)
def test_a_choice_that_lacks_its_reason_or_cannot_be_is_named(
    given: str, options: list[str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "answers.yaml"
    file.write_text(given, encoding="utf-8")
    assert main(["export", str(file), *options]) == 1
    captured = capsys.readouterr()
    assert said in captured.err
    assert captured.out == ""


@pytest.mark.parametrize("given", ["uplink: unknown", "uplink: nothing"])
def test_a_choice_of_the_deciders_own_is_exported_with_its_reason(
    given: str, tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    file = tmp_path / "answers.yaml"
    file.write_text(given, encoding="utf-8")
    options = ["--choose", "websocket", "--because", "We run one already.", "--number", "7"]
    assert main(["export", str(file), "--format", "json", *options]) == 0
    record = load(capfdbinary.readouterr().out, OURS).record
    assert (record.chosen, record.reason, record.number) == ("websocket", "We run one already.", 7)
    assert main(["export", str(file), *options]) == 0
    assert "because We run one already." in capfdbinary.readouterr().out.decode()


def test_a_short_record_has_no_appendix_and_a_folder_gets_a_numbered_name(answers: Path, tmp_path: Path) -> None:
    command = ["export", str(answers), "--out", str(tmp_path), "--title", "How it travels", "--number", "12"]
    assert main(command) == 0
    file = tmp_path / "0012-how-it-travels.md"
    whole = file.read_text(encoding="utf-8")
    assert main([*command, "--short"]) == 0
    short = file.read_text(encoding="utf-8")
    assert ("## Appendix" in whole, "## Appendix" in short) == (True, False)


@pytest.mark.parametrize("title", ["", " ", "x" * 201])
def test_a_title_that_no_record_may_have(title: str, answers: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["export", str(answers), "--title", title]) == 1
    said = capsys.readouterr().err
    assert "--title: String should have at" in said
    assert len(said.splitlines()) == 1


def test_from_a_shell(answers: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "guide", "decide", str(answers)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr
    assert json.loads(ran.stdout)["choice"] == "sse"
    assert ran.stderr == ""


def test_it_ends_quietly_when_nobody_reads_any_more(answers: Path) -> None:
    reads, writes = os.pipe()
    os.close(reads)
    command = [sys.executable, "-m", "guide", "decide", str(answers)]
    try:
        ran = subprocess.run(command, cwd=ROOT, stdout=writes, stderr=subprocess.PIPE, text=True, check=False)
    finally:
        os.close(writes)
    assert (ran.returncode, ran.stderr) == (1, "")


@pytest.mark.parametrize(
    "answers",
    [
        "a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\n"
        "d: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c]\ne: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d]\nuplink: [*e,*e,*e,*e,*e,*e,*e]\n",
        f"uplink: {'9' * 100_000}\n",
        f"{'q' * 100_000}: x\n",
        "".join(f"question{n}: x\n" for n in range(20_000)),
        f"uplink: [{', '.join(f'a{n}' for n in range(50_000))}]\n",
    ],
)
def test_an_error_is_short_however_large_the_mistake(answers: str, tmp_path: Path) -> None:
    file = tmp_path / "answers.yaml"
    file.write_text(answers)
    command = [sys.executable, "-m", "guide", "decide", str(file)]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=seconds(60))
    assert ran.returncode == 1
    assert 0 < len(ran.stderr) < 6_000
    assert "Traceback" not in ran.stderr


def test_stale_lists_what_is_too_old_and_exits_with_1(capsys: pytest.CaptureFixture[str]) -> None:
    oldest = min(fact.checked for fact in OURS.facts.values())
    after = (max(fact.checked for fact in OURS.facts.values()) + datetime.timedelta(31)).isoformat()
    assert main(["stale", "--older-than", "30", "--today", after]) == 1
    said = capsys.readouterr().out
    assert said.startswith(oldest.isoformat())
    assert f"{len(OURS.facts)} of {len(OURS.facts)} facts" in said
    assert all(fact in said and OURS.files[f"facts/{fact}"] in said for fact in OURS.facts)
    assert all(source.url in said for fact in OURS.facts.values() for source in fact.source)


def test_stale_says_when_nothing_is(capsys: pytest.CaptureFixture[str]) -> None:
    newest = max(fact.checked for fact in OURS.facts.values()).isoformat()
    assert main(["stale", "--older-than", "100000", "--today", newest]) == 0
    assert "Nothing is stale" in capsys.readouterr().out


def test_stale_counts_from_today_unless_told_otherwise(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    toy.write(toy.folder(), tmp_path)  # its one fact was checked on 2 January 2026
    assert main(["--knowledge", str(tmp_path), "stale", "--older-than", "0"]) == 1
    assert "2026-01-02 leaf (facts/plants.yaml" in capsys.readouterr().out


def test_stale_as_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    toy.write(toy.folder(), tmp_path)
    line = ["--knowledge", str(tmp_path), "stale", "--today", "2026-01-12", "--format", "json", "--older-than"]
    assert main([*line, "9"]) == 1
    (leaf,) = json.loads(capsys.readouterr().out)
    assert leaf.pop("uses") > 5
    assert leaf == {
        "id": "leaf",
        "checked": "2026-01-02",
        "days": 10,
        "file": "facts/plants.yaml",
        "source": toy.FACT["source"],
    }
    assert main([*line, "10"]) == 0
    assert json.loads(capsys.readouterr().out) == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "--older-than"),
        (["--older-than", "-1"], "Allowed: a whole number of days, 0 or more"),
        (["--older-than", "1.5"], "found '1.5'"),
        (["--older-than", "1_000"], "found '1_000'"),
        (["--older-than", "soon"], "found 'soon'"),
        (["--older-than", "٣"], "Allowed: a whole number"),
        (["--older-than", "9" * 5000], "Allowed: a whole number"),
        (["--older-than", "3", "--today", "2026-02-30"], "found '2026-02-30'. Allowed: a day"),
        (["--older-than", "3", "--today", "yesterday"], "Allowed: a day"),
    ],
)
def test_stale_names_a_mistake_in_its_arguments(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["stale", *arguments])
    assert caught.value.code == 2
    assert said in capsys.readouterr().err


def test_a_file_of_answers_for_older_rules_is_carried_over(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "answers.yaml"
    file.write_text("uplink: approvals\nturns: many\nhosting: no_upgrade\n", encoding="utf-8")
    assert main(["decide", str(file)]) == 0
    out, err = capsys.readouterr()
    assert json.loads(out)["choice"] == "sse"
    assert "turns.many → uplink.chains" in err
    assert "hosting.no_upgrade → path.host-no-upgrade" in err
