"""Set-up: what it installs, what it says, and that it does nothing twice."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from tools import bootstrap, system

SCRIPT = Path(__file__).parents[2] / "tools" / "bootstrap.sh"

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="the shell script of Linux")


def test_nothing_is_missing_where_everything_loads() -> None:
    assert system.missing_packages(loads=lambda name: True, has_font=lambda: True) == []


def test_what_does_not_load_is_named_by_its_package() -> None:
    def loads(name: str) -> bool:
        return name not in {"libEGL.so.1", "libxcb-cursor.so.0"}

    missing = system.missing_packages(loads=loads, has_font=lambda: False)
    assert missing == ["libegl1", "libxcb-cursor0", "fonts-wqy-microhei"]


def test_a_library_that_is_not_there_does_not_load() -> None:
    assert not system.loads("libgreenline-surely-not-there.so.7")


def test_one_unknown_package_does_not_hold_back_the_others() -> None:
    installed: list[str] = []

    def apt(command: Sequence[str]) -> int:
        if "install" in command:
            packages = command[command.index("--no-install-recommends") + 1 :]
            if "nobody-knows" in packages:
                return 100
            installed.extend(packages)
        return 0

    system.install(["libgl1", "nobody-knows", "libegl1"], ["sudo"], run=apt)
    assert installed == ["libgl1", "libegl1"]


def test_without_rights_the_line_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(bootstrap, "lacking", lambda: ["libgl1", "libegl1"])
    monkeypatch.setattr(system, "privilege", lambda interactive: None)
    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")
    bootstrap.prepare_system("")
    said = capsys.readouterr().out.splitlines()
    assert len(said) == 1
    assert said[0].endswith("apt-get install libgl1 libegl1")


@linux_only
@pytest.mark.parametrize("rights", [None, []], ids=["declined", "apt failed"])
def test_what_could_not_be_installed_is_not_tried_again(
    rights: list[str] | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[bool] = []

    def privilege(interactive: bool) -> list[str] | None:
        asked.append(interactive)
        return rights

    lacking = ["libgl1"]
    monkeypatch.setattr(bootstrap, "lacking", lambda: lacking)
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
    monkeypatch.setattr(system, "privilege", privilege)
    monkeypatch.setattr(system, "install", lambda packages, prefix: None)
    tried = bootstrap.prepare_system("")
    assert bootstrap.prepare_system(tried) == tried
    assert len(asked) == 1
    lacking.append("libegl1")
    bootstrap.prepare_system(tried)
    assert len(asked) == 2


@linux_only
def test_rights_that_come_later_are_used(monkeypatch: pytest.MonkeyPatch) -> None:
    lacking = ["libgl1"]
    monkeypatch.setattr(bootstrap, "lacking", lambda: lacking)
    monkeypatch.setattr(sys.stdin, "isatty", lambda: False, raising=False)
    monkeypatch.setattr(system, "privilege", lambda interactive: None)
    monkeypatch.setattr(system, "install", lambda packages, prefix: lacking.clear())
    tried = bootstrap.prepare_system("")
    assert lacking == ["libgl1"]
    monkeypatch.setattr(system, "privilege", lambda interactive: [])
    bootstrap.prepare_system(tried)
    assert lacking == []


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("  Downloading numpy-2.5.5-cp313.whl (18.1 MB)\n", "    18.1 MB  numpy-2.5.5-cp313.whl"),
        ("  Downloading mirror.example/a/b-1.0.whl (2.0 MB)\n", "     2.0 MB  b-1.0.whl"),
        ("  Building wheel for opcua (pyproject.toml): started\n", "  building   opcua"),
        ("Installing collected packages: a, b, c\n", "  installing 3 packages"),
        ("Installing collected packages: a\n", "  installing 1 package"),
        ("Collecting click==8.5.1 (from -r requirements/run.txt (line 85))\n", None),
        ("  Downloading six.whl.metadata (1.2 kB)\n", None),
    ],
)
def test_progress_tells_what_takes_time(line: str, told: str | None) -> None:
    assert bootstrap.progress(line) == told


def test_an_unchanged_step_is_not_repeated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    runs: list[str] = []
    lock = tmp_path / "run.txt"
    lock.write_text("a==1\n")
    monkeypatch.setattr(bootstrap, "ROOT", tmp_path)
    monkeypatch.setattr(bootstrap, "LOCKS", {"run": lock})
    monkeypatch.setattr(bootstrap, "RECORD", tmp_path / "record.json")
    monkeypatch.setattr(bootstrap, "install", lambda pip, arguments, house: runs.append(arguments))
    for _ in range(2):
        bootstrap.install_locks(["run"], ["pip"], bootstrap.read_record(), None)
    assert len(runs) == 1
    lock.write_text("a==2\n")
    bootstrap.install_locks(["run"], ["pip"], bootstrap.read_record(), None)
    assert len(runs) == 2


@pytest.mark.parametrize("text", ["", "{", "[]", "\x00"])
def test_a_damaged_record_means_nothing_is_done_yet(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bootstrap, "RECORD", tmp_path / "record.json")
    bootstrap.RECORD.write_text(text)
    assert bootstrap.read_record() == {}


# --- which Python -------------------------------------------------------------------------------


def fake_python(folder: Path, name: str, version: str, whole: bool = True) -> None:
    """A stand-in that answers the script's questions as a Python of this version would."""
    inside = f"(3, 11) <= ({version.replace('.', ', ')}) <= (3, 13)"
    stand_in = folder / name
    stand_in.write_text(
        "#!/bin/sh\n"
        f'case "$1 $2" in\n'
        f'"--version "*) echo "Python {version}" ;;\n'
        f'"-m "*) echo "chosen {name}" ;;\n'
        + ("" if whole else "*ensurepip*) exit 1 ;;\n")
        + f"*) exec {sys.executable} -c 'import sys; sys.exit(not {inside})' ;;\n"
        "esac\n"
    )
    stand_in.chmod(0o755)


def choose(folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Runs a copy of the script, which stands beside no .venv, with these Pythons alone."""
    tools = folder / "project" / "tools"
    tools.mkdir(parents=True)
    shutil.copy(SCRIPT, tools)
    for needed in ("sh", "dirname", "head"):
        (folder / needed).symlink_to(shutil.which(needed) or needed)
    return subprocess.run(
        [str(tools / "bootstrap.sh")],
        env={"PATH": str(folder), **environment},
        capture_output=True,
        text=True,
        check=False,
    )


@linux_only
def test_the_newest_suitable_python_is_taken(tmp_path: Path) -> None:
    fake_python(tmp_path, "python3", "3.14")
    fake_python(tmp_path, "python3.11", "3.11")
    fake_python(tmp_path, "python3.12", "3.12")
    assert choose(tmp_path).stdout == "chosen python3.12\n"


@linux_only
def test_a_whole_python_is_better_than_a_newer_one_without_ensurepip(tmp_path: Path) -> None:
    fake_python(tmp_path, "python3.13", "3.13", whole=False)
    fake_python(tmp_path, "python3.11", "3.11")
    assert choose(tmp_path).stdout == "chosen python3.11\n"


@linux_only
def test_the_named_python_is_taken(tmp_path: Path) -> None:
    fake_python(tmp_path, "python3.12", "3.12")
    fake_python(tmp_path, "mine", "3.11")
    assert choose(tmp_path, PYTHON="mine").stdout == "chosen mine\n"


@linux_only
@pytest.mark.parametrize(
    ("environment", "words"),
    [({}, ["3.11, 3.12 or 3.13", "3.10"]), ({"PYTHON": "python3"}, ["PYTHON=python3", "3.10"])],
)
def test_no_suitable_python_is_one_clear_line(
    environment: dict[str, str], words: list[str], tmp_path: Path
) -> None:
    fake_python(tmp_path, "python3", "3.10")
    done = choose(tmp_path, **environment)
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert all(word in done.stderr for word in words)


def test_a_wheelhouse_that_is_not_there_is_one_clear_line(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tools.bootstrap", "--wheelhouse", str(tmp_path / "none")],
        cwd=bootstrap.ROOT,
        env=os.environ | {"PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr == f"setup: wheelhouse {tmp_path / 'none'}: no such folder\n"
