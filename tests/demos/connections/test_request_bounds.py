"""What pages upload is bounded in all, since Streamlit keeps it."""

from __future__ import annotations

import pytest

from demos.connections.request_bounds import UPLOAD_PERIOD_S, Uploaded
from demos.limits import Limits
from demos.protocol.errors import Refusal


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_one_address_may_upload_so_much_in_a_while_and_others_go_on() -> None:
    clock = Clock()
    uploaded = Uploaded(Limits(client_upload_bytes=100, upload_bytes=150), clock)
    uploaded.add("crowd", 60)
    uploaded.check("crowd")
    uploaded.add("crowd", 60)
    with pytest.raises(Refusal, match="STREAMWISE_MAX_CLIENT_UPLOAD_BYTES") as refused:
        uploaded.check("crowd")
    assert (refused.value.status, refused.value.retry_s) == (429, 60)
    uploaded.check("victim")
    uploaded.add("victim", 50)
    with pytest.raises(Refusal, match="STREAMWISE_MAX_UPLOAD_BYTES") as refused:
        uploaded.check("third")
    assert refused.value.status == 503
    clock.now = UPLOAD_PERIOD_S + 1
    uploaded.check("crowd")
    assert not uploaded._lately, "what is long ago is forgotten"
