from __future__ import annotations

import pytest

from demos.evidence import Store, make, versions
from demos.protocol.errors import Refusal
from tests.demos.measurements import ONE


def test_the_oldest_makes_room_and_that_is_said() -> None:
    store = Store(2)
    ids = [store.keep(make("drop", "Drop", "by hand", [ONE], seed=1)).id for _ in range(3)]
    assert len(store) == 2
    assert store.get(ids[0]) is None
    assert store.get(ids[2]) is not None
    with pytest.raises(Refusal, match="made room"):
        store.find(ids[0])


def test_versions_are_on_record() -> None:
    assert {"python", "uvicorn", "langgraph", "httpx"} <= set(versions())
    assert make("drop", "Drop", "by hand", [ONE], seed=1, client={"browser": "x"}).versions["browser"] == "x"
