"""The record's sections on the path, on clashes and on code: what is not known is said, what is set stands in order."""

from __future__ import annotations

from guide import book as books
from guide.record import path_section as route
from guide.record.exports import formats
from guide.report.report import Report, build
from tests.guide.records import record_of
from tests.guide.worlds import Given

OURS = books.book()
MARKDOWN = next(f for f in formats() if f.suffix == "md")


def report(**answers: str) -> Report:
    given: Given = {qid: tuple(said.split()) for qid, said in answers.items()}
    return build(OURS, given)


def written(found: Report) -> str:
    return MARKDOWN.render(found, record_of(found)).decode()


def test_settings_stand_in_the_order_of_the_path() -> None:
    text = written(report(uplink="controls", silence="minutes", duration="minutes", path="envoy aws-alb"))
    part = text[text.index(f"### {route.PATH}") :]
    assert part.index("Application Load Balancer") < part.index("Envoy")
    assert "A heartbeat at least every 15 s." in part


def test_a_path_that_is_not_known_is_said() -> None:
    assert "We do not know yet what stands in the path." in written(report(uplink="controls"))


def test_what_no_setting_cures() -> None:
    text = written(report(uplink="nothing", duration="hours", path="railway"))
    assert "What no setting of ours can fix:" in text


def test_no_silence_no_heartbeat() -> None:
    assert "None of our silences needs a heartbeat." in written(
        report(uplink="nothing", silence="short", path="nothing")
    )


def test_clashes_are_written_down_and_nothing_is_where_there_are_none() -> None:
    clashing = report(uplink="controls", network="open", path="squid")
    assert clashing.clashes
    assert f"### {route.CLASHES}" in written(clashing)
    assert route.CLASHES not in written(report(uplink="controls"))


def test_code_follows_the_choice() -> None:
    assert "app/event_stream.py" in written(report(uplink="nothing")).replace("\\", "")
    text = written(report(uplink="steady")).replace("\\", "")
    assert f"### {route.STARTER}" in text
    assert "`app/websocket.py`" in text
    assert "app/event_stream.py" not in text
    assert f"### {route.STARTER}" not in written(report(media="voice"))
