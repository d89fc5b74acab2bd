"""What to do after a decision: the steps, their order, and the checklist that is copied."""

from __future__ import annotations

import pytest

from guide import book as books
from guide.decision.plan import plan
from guide.model import Answers
from guide.report.checklist import checklist
from guide.report.next_steps import Step, next_steps
from guide.report.report import build
from guide.report.turn_groups import turn_groups
from tests.every import every
from tests.guide.report.step_problems import step_problems

OURS = books.book()
APPROVED: Answers = {
    "uplink": ("controls", "approvals"), "clients": ("browsers",), "auth": ("cookie",), "silence": ("minutes",),
    "resume": ("resume",), "path": ("cloudfront", "aws-alb", "nginx"), "hosting": ("stateless",),
}  # fmt: skip


def steps(answers: Answers) -> tuple[Step, ...]:
    return next_steps(OURS.words, build(OURS, answers), plan(OURS).path)


def found(answers: Answers) -> dict[str, Step]:
    return {step.id: step for step in steps(answers)}


@every("case", OURS.cases)
def test_every_case_has_a_list_of_steps_that_names_each_need_and_each_file_once(case: str) -> None:
    answers = OURS.cases[case].answers
    assert list(step_problems(answers, build(OURS, answers))) == []


def test_the_steps_come_in_the_order_of_the_work() -> None:
    told = steps(APPROVED)
    assert [step.id for step in told] == ["settings", "server", "client", "heartbeat", "commands", "resume", "test"]
    assert [step.title for step in told if not step.title or step.title.endswith(".")] == []
    server = told[1]
    assert "authorize-commands" in {need.id for need in server.needs}, "with seven others, rights go to the server"


def test_a_path_that_is_not_known_is_asked_for_first() -> None:
    first = steps({"uplink": ("controls",)})[0]
    assert (first.id, first.ask, first.settings) == ("settings", "path", ())
    assert found({"uplink": ("controls",), "path": ("nothing",)}).keys() & {"settings"} == set()


def test_the_settings_are_those_of_the_path_and_its_parts_stand_in_the_title() -> None:
    step, report = found(APPROVED)["settings"], build(OURS, APPROVED)
    assert step.settings == report.path.settings != ()
    for limit in report.path.settings:
        assert limit.tier in step.title


def test_the_heartbeat_is_the_one_of_the_path() -> None:
    told = found({**APPROVED, "path": ("cloudfront",)})["heartbeat"]
    assert told.title == "Send a heartbeat every 15 s"
    assert "heartbeat" not in found({**APPROVED, "silence": ("short",)})


@pytest.mark.parametrize(
    ("more", "title"),
    [
        ({}, "steps.commands.title_approval"),
        ({"uplink": ("controls",)}, "steps.commands.title"),
        ({"uplink": ("controls",), "disconnect": ("stop",), "resume": ("restart",)}, "steps.commands.title_client"),
    ],
)
def test_what_the_client_may_say_names_the_step(more: Answers, title: str) -> None:
    assert found({**APPROVED, **more})["commands"].title == OURS.words[title]


def test_a_reader_that_resumes_is_not_told_to_give_up() -> None:
    """Nothing was said of resuming: the files resume, so the step does."""
    told = found({"uplink": ("controls",), "clients": ("browsers",), "auth": ("header",)})["resume"]
    assert "fetch-resume" in {need.id for need in told.needs}
    assert told.title == OURS.words["steps.resume.title"]


def test_without_a_log_nothing_is_resumed() -> None:
    assert found(APPROVED)["resume"].title == OURS.words["steps.resume.title"]
    assert found({**APPROVED, "resume": ("restart",)})["resume"].title == OURS.words["steps.resume.title_again"]


def test_nothing_is_to_be_done_before_anything_is_decided_or_where_neither_is_the_answer() -> None:
    assert steps({"uplink": ("unknown",)}) == ()
    assert steps(OURS.cases["voice-agent"].answers) == ()


def test_a_level_verdict_leaves_the_side_open() -> None:
    """The file has the same name whichever is taken."""
    told = found(OURS.cases["local-task-board"].answers)
    assert told["server"].title == "Pick one side, and start the server from app/server.py"
    assert told["client"].title == "Start the client from web/stream.js or client/terminal.py"


def test_the_checklist_has_a_box_for_each_step_setting_and_need() -> None:
    report = build(OURS, APPROVED)
    told = next_steps(OURS.words, report, "path")
    text = checklist(OURS.words, report, told, "http://somewhere/verdict?a=1")
    boxes = [line for line in text.splitlines() if "- [ ]" in line]
    assert len(boxes) == len(told) + len(report.path.settings) + len(report.needs)
    assert text.startswith(f"# To do: {report.headline}\n")
    assert f"rules {report.version}" in text
    assert "http://somewhere/verdict?a=1" in text


def test_turns_that_share_an_answer_stand_together_and_none_is_lost() -> None:
    report = build(OURS, OURS.cases["coding-agent"].answers)
    groups = turn_groups(report.turns)
    assert sorted(turn.when for group in groups for _, turn in group.turns) == sorted(t.when for t in report.turns)
    for group in groups:
        for differs, turn in group.turns:
            assert turn.becomes_name == group.becomes_name
            assert {group.common, differs} - {""} == set(turn.parts)
    pairs = [turn for turn in report.turns if turn.size > 1]
    assert len([group for group in groups if group.common]) < max(len(pairs), 1) or not pairs
