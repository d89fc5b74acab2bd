"""One test for many small cases: each is tried, and each that fails is named.

`@every("key", KEYS)` stands where `@pytest.mark.parametrize("key", KEYS)` would, for cases by the hundred that take no
time and share nothing: a test of its own would cost more than the case. Not for cases that need a fresh fixture.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterable

Test = Callable[..., None]
Cases = Iterable[object] | Callable[[], Iterable[object]]


def every(
    names: str | tuple[str, ...], cases: Iterable[object] | Callable[[], Iterable[object]]
) -> Callable[[Test], Test]:
    """The same test for every case. Cases that cost something to find are given as a function, and found by the run.

    Raises (from the test):
        ExceptionGroup: what each case that failed has raised, with a note that names the case.
        AssertionError: there are no cases, so that nothing would be proven.
    """
    told = (names,) if isinstance(names, str) else names

    def merge(test: Test) -> Test:
        @functools.wraps(test)
        def tried(**fixtures: object) -> None:
            failed: list[Exception] = []
            found = list(cases() if callable(cases) else cases)
            assert found, f"no {' and '.join(told)} to try"
            for case in found:
                given = dict(zip(told, (case,) if isinstance(names, str) else _several(case), strict=True))
                try:
                    test(**fixtures, **given)
                except Exception as error:
                    error.add_note("With " + ", ".join(f"{name} = {value!r:.300}" for name, value in given.items()))
                    failed.append(error)
            if failed:
                offenders = "; ".join(error.__notes__[-1].removeprefix("With ") for error in failed)
                raise ExceptionGroup(f"{len(failed)} of {len(found)} fail: {offenders}", failed)

        known = inspect.signature(test)
        rest = [value for name, value in known.parameters.items() if name not in told]
        tried.__signature__ = known.replace(parameters=rest)  # type: ignore[attr-defined] # what pytest looks at
        del tried.__wrapped__
        return tried

    return merge


def _several(case: object) -> tuple[object, ...]:
    assert isinstance(case, tuple | list), case
    return tuple(case)
