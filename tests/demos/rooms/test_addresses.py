from __future__ import annotations

import re
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from demos.__main__ import main
from demos.rooms import addresses
from tests.demos.toys import until

ROOT = Path(__file__).parents[3]
WIFI, CABLE = "192.168.178.23", "10.0.0.5"


def routes(**ways: str) -> addresses.Route:
    """A machine with an address on the way to each of these; `way_10` for 10.255.255.254."""
    by_prefix = {name.removeprefix("way_"): own for name, own in ways.items()}
    return lambda family, towards: by_prefix.get(re.split("[.:]", towards)[0])


def test_each_address_is_listed_once_and_the_way_out_comes_first() -> None:
    machine = routes(way_192=WIFI, way_10=CABLE, way_172=WIFI, way_2001="fd00::7")
    assert addresses.addresses(machine, ["127.0.0.1", CABLE]) == [WIFI, CABLE, "fd00::7"]


@pytest.mark.parametrize("useless", ["127.0.0.1", "127.0.1.1", "0.0.0.0", "::1", "::", "169.254.3.4", "fe80::1", "x"])
def test_what_no_phone_can_open_is_no_address(useless: str) -> None:
    assert not addresses.is_usable(useless)
    assert addresses.addresses(routes(way_192=useless), [useless]) == []


@pytest.mark.parametrize(
    ("host", "found"),
    [
        ("127.0.0.1", []),
        ("localhost", []),
        ("::1", []),
        ("0.0.0.0", [WIFI, CABLE]),
        ("", [WIFI, CABLE]),
        ("::", [WIFI, CABLE, "fd00::7"]),
        (CABLE, [CABLE]),
    ],
)
def test_only_what_the_server_listens_on_can_be_reached(host: str, found: list[str]) -> None:
    machine = routes(way_192=WIFI, way_10=CABLE, way_2001="fd00::7")
    assert addresses.reachable(host, machine, ()) == found
    assert addresses.is_beyond_loopback(host) is bool(found)


@pytest.mark.parametrize(
    ("address", "port", "written"),
    [
        (WIFI, 8501, f"http://{WIFI}:8501/r/A"),
        (WIFI, 80, f"http://{WIFI}/r/A"),
        ("fd00::7", 8, "http://[fd00::7]:8/r/A"),
    ],
)
def test_an_address_is_written_as_a_browser_takes_it(address: str, port: int, written: str) -> None:
    assert addresses.url(address, port, "/r/A") == written


def test_a_machine_without_any_way_has_no_address(monkeypatch: pytest.MonkeyPatch) -> None:
    def lost(*given: object, **more: object) -> socket.socket:
        raise OSError("Network is unreachable")

    monkeypatch.setattr(socket, "socket", lost)
    monkeypatch.setattr(socket, "getaddrinfo", lost)
    monkeypatch.setattr(addresses, "interfaces", addresses._named)
    assert addresses.addresses() == []


def test_addresses_are_looked_for_again_after_a_while_and_nobody_waits() -> None:
    now, found, looked = [0.0], [WIFI], threading.Event()

    def look(host: str) -> list[str]:
        looked.set()
        return [*found]

    reachable = addresses.Reachable("0.0.0.0", 8501, "base", look, lambda: now[0])
    assert reachable() == [f"http://{WIFI}:8501/base"]
    looked.clear()
    found[:] = [CABLE]
    now[0] = addresses.AGAIN_S
    assert reachable() == [f"http://{WIFI}:8501/base"]
    assert not looked.is_set()
    now[0] += 1
    until(lambda: reachable() == [f"http://{CABLE}:8501/base"])
    assert reachable.beyond_loopback


def test_a_server_on_loopback_has_the_address_of_this_machine() -> None:
    reachable = addresses.Reachable("127.0.0.1", 8501)
    assert reachable() == ["http://127.0.0.1:8501"]
    assert not reachable.beyond_loopback


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="asks Linux")
def test_interfaces_name_loopback_too_which_is_left_out() -> None:
    assert "127.0.0.1" in addresses.interfaces()
    assert "127.0.0.1" not in addresses.addresses()


def test_this_machine_can_listen_on_each_address_that_it_names() -> None:
    for one in addresses.addresses():
        family = socket.AF_INET6 if ":" in one else socket.AF_INET
        with socket.socket(family, socket.SOCK_STREAM) as listener:
            listener.bind((one, 0))


def test_the_command_prints_an_address_and_its_code(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(addresses, "reachable", lambda host: [WIFI, CABLE])
    main(["addresses", "--port", "8501"])
    said = capsys.readouterr().out
    assert "▄" in said
    assert f"Streamwise on http://{WIFI}:8501/\nOr, in another network: http://{CABLE}:8501/" in said
    monkeypatch.setattr(addresses, "reachable", lambda host: [])
    main(["addresses", "--host", "0.0.0.0", "--port", "8501"])
    assert capsys.readouterr().out.startswith("Streamwise on http://127.0.0.1:8501/. Other devices cannot")


@pytest.mark.parametrize(("host", "asks"), [("127.0.0.1", False), ("localhost", False), ("0.0.0.0", True)])
def test_make_run_asks_for_addresses_where_it_listens_beyond_this_machine(host: str, asks: bool) -> None:
    made = subprocess.run(
        ["make", "--dry-run", "run", f"HOST={host}"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    recipe = made.stdout[made.stdout.index("case ") : made.stdout.index("esac")] + "esac"
    script = recipe.replace("\\\n", " ").replace(".venv/bin/python", "echo asked:")
    said = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True).stdout
    assert said.startswith("asked: -m demos addresses" if asks else f"Streamwise on http://{host}:8501")


def test_asking_for_addresses_sends_nothing_and_needs_no_network() -> None:
    """The module opens UDP sockets only, and writes to none."""
    code = (ROOT / "demos/rooms/addresses.py").read_text(encoding="utf-8")
    assert "SOCK_STREAM" not in code
    assert not re.search(r"\.send(to|all|msg)?\(", code)
    ran = subprocess.run(
        [sys.executable, "-c", "import sys, demos.rooms.addresses; print('segno' in sys.modules)"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert ran.stdout.strip() == "False"
