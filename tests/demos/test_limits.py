from __future__ import annotations

import pytest

from demos.limits import Limits


def test_the_environment_overrides_one_by_one() -> None:
    limits = Limits.from_environment({"STREAMWISE_MAX_THREADS": "5", "PATH": "/bin"})
    assert (limits.threads, limits.runs) == (5, Limits().runs)


@pytest.mark.parametrize(("variable", "value"), [("THREADS", "0"), ("THREADS", "many"), ("THREDS", "5")])
def test_mistakes_are_named_with_what_is_allowed(variable: str, value: str) -> None:
    with pytest.raises(ValueError, match=rf"STREAMWISE_MAX_{variable}.*Allowed"):
        Limits.from_environment({f"STREAMWISE_MAX_{variable}": value})
