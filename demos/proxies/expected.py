"""Converts measurements behind a proxy to words, and compares them with the expected results. Runs nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeVar

from demos.proxies import catalog as proxies
from demos.proxies.buffering.nginx import Case, Row
from demos.proxies.matrix import Matrix, TransportResult
from demos.proxies.trials import TRIALS, Reading
from guide.book import read_yaml
from guide.model import ProxyConfig, ProxyExpectation, ProxyOutcome, Through

T = TypeVar("T")
ONE_BY_ONE = 0.7
"""This share of the pieces that came without the proxy is one by one: on a busy machine some arrive together. A
burst has several tokens each."""
HELD = 0.5
"""If the first token comes later than this share of the answer's length, the answer was held, not sent in bursts."""
NAMES = {"sse": "SSE", "websocket": "WebSocket"}
TOLD = {
    "opens": "opens",
    "tokens": "tokens",
    "silence": "silence without a heartbeat",
    "heartbeat": "silence with a heartbeat",
    "long": "a long answer",
    "restart": "the proxy restarted",
    "http2": "over TLS and HTTP/2",
}


def expectation(name: str) -> ProxyExpectation:
    """Return the expected results of a proxy.

    Raises:
        OSError, yaml.YAMLError, pydantic.ValidationError: the file is missing, or has a mistake.
    """
    text = (proxies.folder(name) / "expected.yaml").read_text(encoding="utf-8")
    return ProxyExpectation.model_validate(read_yaml(text))


def expected(name: str, version: str, config: str) -> ProxyConfig | None:
    """Expected results of a configuration and version, from the newest measured version that is not newer than it.

    None: this version is older than every one measured.
    """
    configs = _newest(expectation(name).versions, version) or {}
    return {str(key): value for key, value in configs.items()}.get(config)


def _newest(by_version: Mapping[str, T], version: str) -> T | None:
    known = [measured for measured in by_version if _order(measured) <= _order(version)]
    return by_version[newest(known)] if known else None


def newest(versions: Iterable[str]) -> str:
    """Return the newest of these versions."""
    return max(versions, key=_order)


def _order(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


def outcome(passage: TransportResult) -> ProxyOutcome:
    """Convert the result of one transport to words."""
    readings = passage.readings
    plain = readings["plain"]
    if plain.refused:
        return ProxyOutcome(opens=plain.refused)
    became: dict[str, str] = {name: _became(one) for name, one in readings.items() if name not in ("plain", "http2")}
    if over := readings.get("http2"):
        became["http2"] = _over_http2(over)
    return ProxyOutcome(opens="yes", tokens=_tokens(plain), **became)  # type: ignore[arg-type]


def _tokens(plain: Reading) -> str:
    found, direct = plain.measurement, plain.direct_first_token_ms
    if found is None or found.first_token_ms is None or direct is None:
        return "held"
    if _became(plain) != "survives":
        return "cut"
    if plain.bursts >= ONE_BY_ONE * plain.direct_bursts:
        return "one by one"
    length_ms = plain.direct_bursts * plain.apart_ms * 2
    return "held" if found.first_token_ms - direct > HELD * length_ms else "in bursts"


def _over_http2(reading: Reading) -> str:
    return reading.refused or f"{'shared' if reading.shared else 'own connection'}, {_tokens(reading)}"


def _became(reading: Reading) -> Through:
    found = reading.measurement
    whole = found is not None and found.finished and not found.lost and not found.repeated
    if not whole:
        return "cut, lost"
    return "cut, resumed" if reading.cuts else "survives"


def changes(matrix: Matrix) -> list[str]:
    """Return one sentence for each unexpected result; [] if there is none."""
    return [*_changes(matrix)]


def _changes(matrix: Matrix) -> Iterator[str]:
    for passage in matrix.passages:
        where = f"{matrix.title}, {passage.config}"
        wanted = expected(matrix.name, matrix.version, passage.config)
        if wanted is None:
            yield f"{where}: nothing is expected of this version; expected.yaml begins later"
            continue
        page = passage.page_refused or "yes"
        if page != wanted.page:
            yield f"{where}: a page's command: {page}, expected {wanted.page}"
        found, hoped = outcome(passage), getattr(wanted, passage.transport)
        for field, told in TOLD.items():
            if field in TRIALS and field not in matrix.tried:
                continue
            is_, was = getattr(found, field), getattr(hoped, field)
            if is_ != was:
                yield f"{where}, {NAMES[passage.transport]}: {told}: {is_ or 'not tried'}, expected {was or 'nothing'}"


def shortcomings(matrix: Matrix) -> list[str]:
    """Return one sentence for each requirement of a recommended configuration that fails, whatever was expected."""
    wanted = {"opens": "yes", "tokens": "one by one", "heartbeat": "survives", "long": "survives"}
    wanted["restart"] = "cut, resumed"
    wanted = {field: word for field, word in wanted.items() if field not in TRIALS or field in matrix.tried}
    out = []
    for passage in matrix.passages:
        if passage.config != "recommended":
            continue
        where = f"{matrix.title}, {passage.config}, {NAMES[passage.transport]}"
        found = outcome(passage)
        out += [
            f"{where}: {TOLD[field]}: {getattr(found, field)}"
            for field in wanted
            if getattr(found, field) != wanted[field]
        ]
        if found.http2 and not found.http2.endswith("one by one"):
            out.append(f"{where}: {TOLD['http2']}: {found.http2}")
        out += [f"{where}: a page's command: {passage.page_refused}"] if passage.page_refused else []
    return out


def held(name: str, version: str, case: Case) -> bool | None:
    """Whether this set-up is expected to buffer an event stream; None: no expectation for this version."""
    found = _newest(expectation(name).held, version)
    return None if found is None else case.path in found


def buffering_changes(name: str, rows: Sequence[Row]) -> list[str]:
    """Return one sentence for each set-up of `demos.proxies.buffering.nginx` with an unexpected result."""
    out = []
    for row in rows:
        found = held(name, row.version, row.case)
        wanted = "nothing" if found is None else "held" if found else "streamed"
        if row.word != wanted:
            out.append(f"{name} {row.version}, {row.case.path}: {row.word}, expected {wanted}")
    return out
