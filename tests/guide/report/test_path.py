"""The path in words: the cuts, the settings in order, what stays, the heartbeat - on paths that people have."""

from __future__ import annotations

from guide import book as books
from guide.report.report import Report, build
from tests.guide.worlds import Given

OURS = books.book()


def report(chosen: str | None = None, **answers: str) -> Report:
    given: Given = {qid: tuple(said.split()) for qid, said in answers.items()}
    return build(OURS, given, chosen)


def test_an_alb_and_envoy() -> None:
    found = report(uplink="controls", silence="minutes", duration="minutes", path="envoy aws-alb").path
    sse, websocket = found.cuts
    assert found.limits[0].tier.startswith("AWS"), "the balancer comes before the proxy"
    assert sse.silence is not None
    assert sse.silence.after == 60
    assert sse.length is not None
    assert sse.length.after == 15
    assert websocket.length is None, "Envoy's route timeout is over once the socket is open"
    assert found.heartbeat == 15
    settings = " ".join(limit.setting for limit in found.settings)
    assert "idle_timeout.timeout_seconds" in settings
    assert "timeout: 0s" in settings
    assert not any(limit.option == "websocket" for limit in found.settings), "settings are for what is chosen"
    assert found.left == ()


def test_what_cannot_be_cured_there_is_left() -> None:
    found = report(uplink="nothing", duration="hours", path="railway").path
    assert [limit.after for limit in found.left if limit.trouble == "length"] == [900]
    other = report("websocket", uplink="nothing", duration="hours", path="railway").path
    assert not any(limit.trouble == "length" for limit in other.left)


def test_a_path_that_nobody_knows() -> None:
    for answers in ({"uplink": "nothing"}, {"uplink": "nothing", "path": "unknown"}):
        found = report(**answers).path
        assert not found.known
        assert found.limits == found.settings == ()
        assert found.heartbeat == 15


def test_a_limit_without_a_figure_to_meet_it_is_shown_as_open() -> None:
    found = report(uplink="nothing", path="nginx").path
    silence = next(limit for limit in found.limits if limit.trouble == "silence")
    assert silence.bites is None
    assert silence in found.settings


def test_cloudfront_is_told_to_pass_on_what_a_command_and_a_resumed_stream_need() -> None:
    found = report(uplink="controls", path="cloudfront").path
    [requests] = [limit for limit in found.settings if limit.trouble == "requests"]
    assert all(word in requests.setting for word in ("`POST`", "`CachingDisabled`", "`AllViewer`"))
    refuses = found.cuts[1].refuses
    assert refuses is not None
    assert refuses.only.startswith("if the origin request policy"), "it carries WebSockets otherwise"


def test_a_reason_from_the_path_names_what_it_follows_from() -> None:
    found = report(uplink="controls", path="azure-front-door")
    said = [r.said for r in (*found.reasons, *found.against)]
    assert any("(Azure Front Door" in text for text in said), said
