"""requirements/install.sh: uv where it asks what pip would ask, and pip wherever uv does not do it."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[1] / "requirements" / "install.sh"
PYTHON = """#!/bin/sh
# -m pip config list | -m pip install ...
if [ "$3" = config ]; then cat "$(dirname "$0")/settings"; exit; fi
echo "pip $*" >> "$(dirname "$0")/calls"
case "$*" in *uv.txt*) {uv} ;; esac
"""
UV = """#!/bin/sh
echo "uv index=${UV_DEFAULT_INDEX:-} authorities=${SSL_CERT_FILE:-} $*" >> "$(dirname "$0")/calls"
exit CODE
"""


def executable(path: Path, text: str) -> None:
    path.write_text(text)
    path.chmod(0o755)


def calls(
    folder: Path, settings: str = "", uv_code: int = 0, has_uv: bool = True, gets_uv: str = "exit 1"
) -> list[str]:
    """What is called where pip has these settings. `gets_uv`: what happens where pip is to install uv."""
    (folder / "bin").mkdir(parents=True)
    (folder / "bin" / "settings").write_text(settings)
    executable(folder / "bin" / "python", PYTHON.replace("{uv}", gets_uv))
    if has_uv:
        executable(folder / "bin" / "uv", UV.replace("CODE", str(uv_code)))
    environment = {"PATH": "/usr/bin:/bin"}
    done = subprocess.run(["sh", SCRIPT, folder, "a lock.txt"], env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    found = (folder / "bin" / "calls").read_text().splitlines()
    assert ("so pip does" in done.stdout) is any(call.startswith("pip") and "a lock.txt" in call for call in found)
    return found


def test_uv_installs_with_hashes(tmp_path: Path) -> None:
    [call] = calls(tmp_path / "a folder" / "env")
    assert call.startswith("uv index= authorities= pip install")
    assert "--require-hashes -r a lock.txt" in call


@pytest.mark.parametrize(
    ("settings", "index"),
    [
        ("global.index-url='https://one.example/simple'\n", "https://one.example/simple"),
        ("global.index-url='https://one.example'\ninstall.index-url='https://two.example'\n", "https://two.example"),
        (":env:.index-url='https://me:p@three.example'\nglobal.index-url='x'\n", "https://me:p@three.example"),
    ],
)
def test_uv_asks_the_index_that_pip_would_ask(tmp_path: Path, settings: str, index: str) -> None:
    [call] = calls(tmp_path / "env", settings)
    assert f"uv index={index} " in call


def test_uv_trusts_whom_pip_trusts(tmp_path: Path) -> None:
    [call] = calls(tmp_path / "env", ":env:.cert='/etc/ours.pem'\n")
    assert " authorities=/etc/ours.pem " in call


@pytest.mark.parametrize("setting", ["global.no-index='1'", ":env:.proxy='http://proxy.example'"])
def test_pip_does_what_uv_would_do_otherwise(tmp_path: Path, setting: str) -> None:
    [call] = calls(tmp_path / "env", f"{setting}\n")
    assert call.startswith("pip")
    assert "--require-hashes -r a lock.txt" in call


def test_pip_has_its_turn_where_uv_fails(tmp_path: Path) -> None:
    first, second = calls(tmp_path / "env", uv_code=2)
    assert first.startswith("uv")
    assert second.startswith("pip")
    assert "-r a lock.txt" in second


def test_uv_is_had_from_the_lock_of_the_tests_and_only_as_it_is(tmp_path: Path) -> None:
    first, second = calls(tmp_path / "env", has_uv=False)
    assert "--require-hashes --only-binary :all: -r" in first
    assert "-r a lock.txt" in second
    wanted = (tmp_path / "env" / "uv.txt").read_text().splitlines()
    assert wanted[0].startswith("uv==")
    assert all(line.strip().startswith(("--hash=", "# via", "#")) for line in wanted[1:]), wanted


def with_a_package_that_is_not_had(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """A lock of two packages, of which pip finds one only; the whole fails with uv and with pip."""
    (folder / "bin").mkdir(parents=True)
    executable(folder / "bin" / "uv", UV.replace("CODE", "1"))
    finds = 'for last; do :; done\n[ "$3" = config ] || { ! grep -q "^two==" "$last" && cat "$last" >> had; }'
    executable(folder / "bin" / "python", f"#!/bin/sh\n{finds}\n")
    (folder / "lock.txt").write_text("one==1 \\\n    --hash=sha256:1\ntwo==2 \\\n    --hash=sha256:2\n")
    command = ["sh", str(SCRIPT), str(folder), "lock.txt", *words]
    return subprocess.run(command, cwd=folder, env={"PATH": "/usr/bin:/bin"}, capture_output=True, text=True)


def test_packages_that_cannot_be_had_are_named_and_left_out(tmp_path: Path) -> None:
    done = with_a_package_that_is_not_had(tmp_path / "env", "--each")
    assert done.returncode == 0, done.stderr
    assert [line for line in done.stdout.splitlines() if "could not" in line] == [
        "pip could not install two; its tests will be left out, and counted"
    ]
    assert (tmp_path / "env" / "had").read_text() == "one==1 \\\n    --hash=sha256:1\n"


def test_a_lock_that_cannot_be_installed_is_a_failure(tmp_path: Path) -> None:
    assert with_a_package_that_is_not_had(tmp_path / "env").returncode != 0
